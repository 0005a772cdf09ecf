//! The main job, from a fresh installation to the copy on the subject's phone.

use anyhow::Result;
use serde_json::Value;

use crate::{
    package::{says, unpacked},
    services::{ADA, CUSTOMER, PASSWORD, STAFF, Services},
    window::{Theme, Window},
};

#[tokio::test]
async fn from_a_fresh_installation_to_a_package_that_holds_what_was_approved() {
    story().await.unwrap();
}

async fn story() -> Result<()> {
    let services = Services::start().await?;
    let driver = services.driver().await?;

    // First run.
    let staff = Window::open(&driver, services.set_up_link().await?).await?;
    staff.fill("Your e-mail address", STAFF).await?;
    staff.fill("New password", PASSWORD).await?;
    staff.press("Set up and log in").await?;
    connect(&services, &staff).await?;

    // Somebody asks from a phone.
    let subject = Window::open(&driver, services.manager("/privacy")).await?;
    subject.look(390, Theme::Light).await?;
    subject.choose("A copy of my data").await?;
    subject.fill("Your e-mail address", ADA).await?;
    subject.press("Send request").await?;
    subject.see("Please check your e-mail").await?;
    subject.go(services.link_mailed_to(ADA, "verification").await?).await?;
    subject.press("Yes, I made this request").await?;
    subject.see("We are working on it").await?;

    // The company looks at it and begins.
    staff.follow("Requests").await?;
    staff.click("the request", "//tbody//th//a").await?;
    staff.press("Start").await?;
    staff.reload_until("Review and approve").await?;
    staff.press("Review and approve").await?;
    staff.choose("Leave out card").await?;
    staff.choose("Hide the value of ip").await?;
    staff.press("Save the choice").await?;
    staff.see("Your choice was saved").await?;
    staff.press("Save and approve").await?;

    // And the copy comes, once.
    subject.go(services.link_mailed_to(ADA, "delivery").await?).await?;
    subject.press("Download my data").await?;
    let (_, zip) = subject.downloaded().await?;
    let files = unpacked(&zip)?;
    assert!(!says(&files, "4111") && !says(&files, "192.0.2.1") && !says(&files, "Grace"));
    let dossier: Value = serde_json::from_slice(&files["dossier.json"])?;
    let names = dossier["objects"].as_array().into_iter().flatten();
    let names: Vec<&str> = names.filter_map(|object| object["name"].as_str()).collect();
    assert_eq!(names, ["profile", "visit"]);
    for words in [
        "Ada Lovelace",
        "London",
        "prefers letters",
        "/pricing",
        "/signup",
        "[redacted]",
    ] {
        assert!(says(&files, words), "{words} is missing");
    }
    staff.reload_until("Closed: downloaded").await?;
    subject.close().await?;
    staff.close().await
}

/// The manager is registered at the vendor, and connected by somebody who may.
async fn connect(services: &Services, staff: &Window) -> Result<()> {
    staff.press("Connect a system").await?;
    staff.press("Set up Optimizely").await?;
    let redirect_uri = staff.read("//code[contains(@class, 'value')]").await?;
    let form = staff.url().await?;

    staff.go(services.vendor("/accountsettings/apps/developers")).await?;
    staff.fill("E-mail address", CUSTOMER).await?;
    staff.fill("Password", PASSWORD).await?;
    staff.press("Log in").await?;
    staff.fill("Name", "Request manager").await?;
    staff.fill("Redirect URIs", &redirect_uri).await?;
    staff.press("Register").await?;
    staff.see("Copy it now").await?;
    let client_id = staff.read("//*[@id='client_id']").await?;
    let client_secret = staff.read("//*[@id='client_secret']").await?;

    staff.go(form).await?;
    staff.fill("Name", "Sample Vendor").await?;
    staff.fill("Client ID", &client_id).await?;
    staff.fill("Client secret", &client_secret).await?;
    staff.unfold("Addresses and pace").await?;
    staff.fill("Address of the application", &services.vendor("")).await?;
    staff.fill("Address of the API", &services.vendor("/v2")).await?;
    staff.fill("First look after", "100ms").await?;
    staff.fill("Longest pause between two looks", "500ms").await?;
    staff.press("Save and go on").await?;
    staff.press("Connect").await?;
    staff.see("Allow Request manager to act for you?").await?;
    staff.press("Accept").await?;
    staff.see("The connection works for account").await?;
    staff.press("Go to the connection").await?;
    staff.see("Connected").await
}
