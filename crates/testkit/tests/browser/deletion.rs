//! Deletion: time to think better of it, and the proof that nothing is left.

use anyhow::Result;

use crate::{
    services::{ADA, Services},
    window::{Theme, Window},
};

#[tokio::test]
async fn a_deletion_is_called_off_from_a_phone_without_script_and_later_carried_out_and_proved() {
    story().await.unwrap();
}

async fn story() -> Result<()> {
    let services = Services::connected().await?;
    let driver = services.driver().await?;
    let staff = services.staff(&driver).await?;
    grace(&services, &staff, "1h").await?;

    let subject = Window::open(&driver, "about:blank").await?;
    subject.without_script().await?;
    subject.look(390, Theme::Dark).await?;
    subject.go(services.manager("/privacy")).await?;
    subject.choose("Delete my data").await?;
    subject.fill("Your e-mail address", ADA).await?;
    subject.press("Send request").await?;
    subject.see("Please check your e-mail").await?;
    subject.go(services.link_mailed_to(ADA, "verification").await?).await?;
    subject.press("Yes, I made this request").await?;
    subject.see("We are working on it").await?;

    staff.follow("Requests").await?;
    staff.click("the request", "//tbody//th//a").await?;
    staff.press("Start").await?;
    approve(&staff).await?;
    staff.reload_until("Grace period").await?;

    subject.reload_until("Until then you can still cancel").await?;
    subject.unfold("Cancel this request").await?;
    subject.press("Cancel my request").await?;
    subject.see("It was cancelled").await?;
    subject.close().await?;
    staff.reload_until("Closed: cancelled").await?;

    grace(&services, &staff, "1s").await?;
    staff.enter_request("Deletion", ADA).await?;
    approve(&staff).await?;
    staff.reload_until("Closed: completed").await?;
    staff.see("verified: nothing is left").await?;
    staff.close().await
}

/// How long deletions wait, by the settings page.
async fn grace(services: &Services, staff: &Window, term: &str) -> Result<()> {
    staff.go(services.manager("/settings/automation")).await?;
    staff.fill("A deletion waits after its approval for", term).await?;
    staff.press("Save").await?;
    staff.see("saved").await
}

async fn approve(staff: &Window) -> Result<()> {
    staff.reload_until("Review and approve").await?;
    staff.press("Review and approve").await?;
    staff.see("What is deleted").await?;
    staff.press("Approve the deletion").await
}
