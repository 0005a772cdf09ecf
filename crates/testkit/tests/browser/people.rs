//! What people do again and again.

use std::sync::Arc;

use anyhow::Result;

use crate::{
    driver::Driver,
    services::{CUSTOMER, PASSWORD, STAFF, Services},
    window::Window,
};

impl Services {
    /// A window of somebody at the company, who is logged in.
    pub(crate) async fn staff(&self, driver: &Arc<Driver>) -> Result<Window> {
        let window = Window::open(driver, self.manager("/login")).await?;
        window.fill("E-mail address", STAFF).await?;
        window.fill("Password", PASSWORD).await?;
        window.press("Log in").await?;
        window.see("Overview").await?;
        Ok(window)
    }

    /// A window of the customer at the vendor, who is logged in.
    pub(crate) async fn customer(&self, driver: &Arc<Driver>) -> Result<Window> {
        let window = Window::open(driver, self.vendor("/login")).await?;
        window.log_in_at_the_vendor().await?;
        window.see("Welcome").await?;
        Ok(window)
    }
}

impl Window {
    /// Fills in the vendor's log-in form.
    pub(crate) async fn log_in_at_the_vendor(&self) -> Result<()> {
        self.fill("E-mail address", CUSTOMER).await?;
        self.fill("Password", PASSWORD).await?;
        self.press("Log in").await
    }

    /// Enters a request in the portal, which begins at once.
    pub(crate) async fn enter_request(&self, right: &str, email: &str) -> Result<()> {
        self.follow("Requests").await?;
        self.press("New request").await?;
        self.choose(right).await?;
        self.fill("E-mail address of the data subject", email).await?;
        self.choose("Start at once").await?;
        self.press("Create request").await?;
        self.see("request DSR-").await
    }
}
