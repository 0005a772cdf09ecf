//! A request is entered by somebody who uses no mouse: Tab, Enter, arrows and letters alone.

use anyhow::Result;

use crate::{
    services::{ADA, PASSWORD, STAFF, Services},
    window::{ENTER, RIGHT, SPACE, Window},
};

#[tokio::test]
async fn a_request_is_entered_with_the_keyboard_alone() {
    story().await.unwrap();
}

async fn story() -> Result<()> {
    let services = Services::connected().await?;
    let driver = services.driver().await?;
    let staff = Window::open(&driver, services.manager("/login")).await?;
    // The form has the focus by itself.
    assert_eq!(staff.focused().await?, "E-mail address");
    staff.keys(STAFF).await?;
    staff.tab_to("Password").await?;
    staff.keys(PASSWORD).await?;
    staff.keys(ENTER).await?;
    staff.see("Overview").await?;

    // The first Tab leads past the navigation.
    staff.tab_to("Skip to content").await?;
    staff.keys(ENTER).await?;
    staff.tab_to("New request").await?;
    staff.keys(ENTER).await?;
    staff.see("What does the person ask for?").await?;
    staff.tab_to("Access").await?;
    staff.keys(SPACE).await?;
    staff.tab_to("E-mail address of the data subject").await?;
    staff.keys(ADA).await?;
    staff.tab_to("Start at once").await?;
    staff.keys(SPACE).await?;
    staff.tab_to("Create request").await?;
    staff.keys(ENTER).await?;
    staff.reload_until("Review and approve").await?;
    staff.tab_to("Review and approve").await?;
    staff.keys(ENTER).await?;
    staff.tab_to("Hand over card").await?;
    staff.keys(&[RIGHT, RIGHT].concat()).await?;
    assert_eq!(staff.focused().await?, "Leave out card");
    staff.tab_to("Save and approve").await?;
    staff.keys(ENTER).await?;
    staff.see("Download the package").await?;
    staff.close().await
}
