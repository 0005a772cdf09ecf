//! A system without an interface: a person is asked by mail, answers by form, and adds a file.

use anyhow::Result;

use crate::{
    package::{says, unpacked},
    services::{ADA, STAFF, Services},
    window::Window,
};

const OWNER: &str = "owner@crm.example";
const TABLE: &str = "name,city\nAda Lovelace,London\n";
const LETTER: &str = "Dear Sir or Madam, please write to me in London.\n";

#[tokio::test]
async fn a_person_who_is_asked_by_mail_answers_with_a_file_that_reaches_the_subject() {
    story().await.unwrap();
}

async fn story() -> Result<()> {
    let services = Services::start().await?;
    services.employ(STAFF, "super_admin").await?;
    let driver = services.driver().await?;
    let staff = services.staff(&driver).await?;
    staff.follow("Connections").await?;
    staff.follow("Ask a person by mail").await?;
    staff.fill("Name", "Old CRM").await?;
    staff.fill("Who is asked (e-mail address)", OWNER).await?;
    staff.fill("Note to them", "Look in the archive too.").await?;
    staff.press("Save").await?;
    staff.see("Who is asked").await?;
    staff.enter_request("Access", ADA).await?;

    let link = services.link_mailed_to(OWNER, "direct_contact_access").await?;
    let owner = Window::open(&driver, link).await?;
    owner.see("Look in the archive too.").await?;
    owner.see(ADA).await?;
    let table = services.vendor.data().join("ada.csv");
    std::fs::write(&table, TABLE)?;
    let letter = services.vendor.data().join("letter.txt");
    std::fs::write(&letter, LETTER)?;
    owner.choose("We hold data, and the files are attached").await?;
    owner.attach("Files with the data", &table).await?;
    owner.see("ada.csv: added").await?;
    owner.miss("Add these files").await?;
    owner.click("the file to take back", "//li//button").await?;
    owner.see("ada.csv: removed").await?;
    owner.attach("Files with the data", &table).await?;
    owner.see("ada.csv: added").await?;
    owner.attach("Files with the data", &letter).await?;
    owner.see("letter.txt: added").await?;
    owner.fill("Your e-mail address", OWNER).await?;
    owner
        .choose("I have looked with care, and what I say here is true to the best of my knowledge.")
        .await?;
    owner.press("Send the answer").await?;
    owner.see("Thank you").await?;
    owner.close().await?;

    staff.reload_until("Review and approve").await?;
    staff.press("Review and approve").await?;
    staff.see("1 record, 2 fields, from Old CRM").await?;
    staff.see("letter.txt").await?;
    staff.press("Save and approve").await?;
    staff.press("Download the package").await?;
    let (_, zip) = staff.downloaded().await?;
    let files = unpacked(&zip)?;
    assert!(
        files.values().any(|bytes| bytes == LETTER.as_bytes()),
        "{:?}",
        files.keys()
    );
    assert!(says(&files, "Ada Lovelace"));
    staff.close().await
}
