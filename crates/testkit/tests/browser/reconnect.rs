//! The vendor's customer takes the authorization back, and gives it again.

use anyhow::Result;

use crate::services::{ADA, Services};

#[tokio::test]
async fn a_request_waits_for_a_revoked_grant_and_goes_on_when_it_is_given_again() {
    story().await.unwrap();
}

async fn story() -> Result<()> {
    let services = Services::connected().await?;
    let driver = services.driver().await?;
    let customer = services.customer(&driver).await?;
    customer.go(services.vendor("/accountsettings/apps")).await?;
    customer.press("Revoke").await?;
    customer.see("No application acts for you").await?;
    customer.close().await?;

    let staff = services.staff(&driver).await?;
    staff.enter_request("Access", ADA).await?;
    let request = staff.url().await?;
    staff.reload_until("for the connection to be connected again").await?;
    staff.follow("Connections").await?;
    staff.follow("Sample Vendor").await?;
    staff.see("no longer accepts our authorization").await?;

    // Whoever is asked may say no, and think better of it.
    staff.press("Reconnect").await?;
    staff.log_in_at_the_vendor().await?;
    staff.press("Deny").await?;
    staff.see("Not connected").await?;
    staff.press("Go to the connection").await?;
    staff.press("Reconnect").await?;
    staff.press("Accept").await?;
    staff.see("The connection works for account").await?;

    staff.go(request).await?;
    staff.reload_until("Review and approve").await?;
    staff.close().await
}
