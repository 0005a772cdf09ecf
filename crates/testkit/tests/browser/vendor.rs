//! The vendor's own pages: a request is made there, and its export fetched.

use anyhow::Result;

use crate::{
    package::{says, unpacked},
    services::{ADA, Services},
};

#[tokio::test]
async fn an_administrator_asks_at_the_vendor_and_downloads_the_export() {
    story().await.unwrap();
}

async fn story() -> Result<()> {
    let services = Services::start().await?;
    let driver = services.driver().await?;
    let customer = services.customer(&driver).await?;
    customer.follow("Privacy requests").await?;
    customer.see("No requests yet").await?;
    customer.choose("Access").await?;
    customer.choose("A visitor").await?;
    customer.pick("Known by", "E-mail address").await?;
    customer.fill("Identifier", ADA).await?;
    customer.press("Make the request").await?;
    customer.reload_until("Download").await?;
    customer.see("Completed").await?;
    customer.miss(ADA).await?;
    customer.follow("Download").await?;
    let (_, zip) = customer.downloaded().await?;
    let files = unpacked(&zip)?;
    assert!(
        says(&files, "Ada Lovelace") && !says(&files, "Grace"),
        "{:?}",
        files.keys()
    );
    customer.close().await
}
