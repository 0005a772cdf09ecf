//! Pages of the manager with very many requests in the database.

mod fill;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use rightful::browser::{Browser, Page};
use url::Url;

use self::fill::Filled;
use crate::{
    process::{Server, answer},
    report::Report,
    vendor::Vendor,
};

const EMAIL: &str = "operator@company.example";
const PASSWORD: &str = "a long password for a bench";
/// How often each page is loaded.
const TIMES: usize = 40;

/// Fills a manager's database with `count` requests and loads its pages.
pub(crate) async fn measure(vendor: &Vendor, count: usize, report: &mut Report) -> Result<()> {
    let user = [
        "manager",
        "user",
        "create",
        "--email",
        EMAIL,
        "--role",
        "super_admin",
        "--password-stdin",
    ];
    answer(vendor.command()?, &user, PASSWORD).await?;
    let begun = Instant::now();
    let filled = fill::fill(vendor, count).await?;
    report.note(
        &format!("{count} requests stored in"),
        &format!("{:.0} s", begun.elapsed().as_secs_f64()),
    );

    let manager = vendor.serve_manager().await?;
    let base = Url::parse(&format!("https://localhost:{}", manager.address.port()))?;
    let browser = Browser::new(Arc::clone(&vendor.transport()?));
    log_in(&browser, &base).await?;
    for (name, path) in paths(&filled) {
        let url = base.join(&path)?;
        row(report, &manager, name, async || browser.open(&url).await).await?;
    }
    let queue = browser.open(&base.join("/requests")?).await?;
    for (name, sought) in [
        ("search by address", &filled.email),
        ("search by reference", &filled.reference),
    ] {
        let form = queue.form_with("q")?.set("q", sought)?;
        row(report, &manager, name, async || browser.submit(&queue, &form).await).await?;
    }
    Ok(())
}

fn paths(filled: &Filled) -> Vec<(&'static str, String)> {
    let middle = filled.middle;
    [
        ("no page at all: /healthz", "/healthz".to_owned()),
        ("start page", "/".to_owned()),
        ("queue", "/requests".to_owned()),
        ("queue, from its middle", format!("/requests?cursor={middle}")),
        ("queue, closed", "/requests?state=closed".to_owned()),
        (
            "queue, deletions being reviewed",
            "/requests?state=pending_review&type=deletion".to_owned(),
        ),
        ("queue, past due", "/requests?deadline=past_due".to_owned()),
        ("queue, due soon", "/requests?deadline=due_soon".to_owned()),
        ("queue, with failed tasks", "/requests?failed=true".to_owned()),
        ("request page", format!("/requests/{middle}")),
    ]
    .into()
}

async fn row(report: &mut Report, manager: &Server, name: &str, load: impl AsyncFn() -> Result<Page>) -> Result<()> {
    let once = async || {
        let begun = Instant::now();
        let page = load().await?;
        ensure!(page.status.is_success(), "{name} answered {}", page.status);
        Ok(begun.elapsed())
    };
    let cold = once().await?;
    let used = manager.processor_time().unwrap_or_default();
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..TIMES {
        times.push(once().await?);
    }
    let used = manager.processor_time().unwrap_or_default().saturating_sub(used);
    times.sort_unstable();
    let median = times.get(TIMES / 2).context("no load")?.as_secs_f64();
    let each = used / u32::try_from(TIMES)?;
    report.work(name, 1.0 / median, each, cold, &[manager]);
    Ok(())
}

async fn log_in(browser: &Browser, base: &Url) -> Result<()> {
    let page = browser.open(base).await?;
    let form = page
        .form_with("password")?
        .set("email", EMAIL)?
        .set("password", PASSWORD)?;
    let page = browser.submit(&page, &form).await?;
    ensure!(
        page.form_with("password").is_err(),
        "the log-in was refused: {}",
        page.heading()
    );
    Ok(())
}
