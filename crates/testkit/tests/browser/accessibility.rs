//! What every page is held to, at every width and in both themes: the rules of axe-core, and no scrolling sideways.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::window::{Theme, Window};

/// What is wrong enough to fail.
const GRAVE: [&str; 2] = ["serious", "critical"];

/// What depends on width or theme; the rest is looked at once a page.
const SHOWN: [&str; 4] = [
    "color-contrast",
    "link-in-text-block",
    "scrollable-region-focusable",
    "target-size",
];

const RULES: &str = "const only = arguments[0].length ? {runOnly: arguments[0]} : {}; \
    return axe.run(document, {resultTypes: ['violations'], ...only}).then(found => found.violations.map(rule => \
    ({id: rule.id, impact: rule.impact, help: rule.help, at: rule.nodes.map(node => node.html).slice(0, 3)})))";

/// axe-core itself, by npm.
fn source() -> Result<&'static str> {
    static SOURCE: OnceLock<Result<String, String>> = OnceLock::new();
    let source = SOURCE.get_or_init(|| read().map_err(|error| format!("{error:#}")));
    source.as_deref().map_err(|error| anyhow::anyhow!("{error}"))
}

fn read() -> Result<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let file: PathBuf = folder.join("node_modules/axe-core/axe.min.js");
    if !file.exists() {
        let fetched = Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(folder)
            .output()
            .context("npm fetches axe-core: install nodejs and npm")?;
        ensure!(fetched.status.success(), "{}", String::from_utf8_lossy(&fetched.stderr));
    }
    Ok(std::fs::read_to_string(file)?)
}

impl Window {
    /// Makes the rules known to the page that is open.
    pub(crate) async fn bring_rules(&self) -> Result<()> {
        self.run(source()?, json!([])).await?;
        Ok(())
    }

    /// What is gravely wrong with the page as it is shown now, in sentences.
    pub(crate) async fn faults(&self, width: u32, theme: Theme, is_first: bool) -> Result<Vec<String>> {
        let only: &[&str] = if is_first { &[] } else { &SHOWN };
        let found = self.run(RULES, json!([only])).await?;
        let found = found.as_array().context("axe-core found no list")?.iter();
        let grave = found.filter(|rule| rule["impact"].as_str().is_some_and(|word| GRAVE.contains(&word)));
        let mut faults: Vec<String> = grave
            .map(|rule| format!("{width} {theme:?}: {} ({}): {}", rule["id"], rule["help"], rule["at"]))
            .collect();
        let widest = self
            .run("return document.scrollingElement.scrollWidth", json!([]))
            .await?;
        if widest.as_u64().is_none_or(|widest| widest > u64::from(width)) {
            let culprit = self.run(WIDEST, json!([])).await.unwrap_or(Value::Null);
            faults.push(format!("{width} {theme:?}: scrolls sideways to {widest}: {culprit}"));
        }
        Ok(faults)
    }
}

/// The innermost elements that reach beyond the right edge.
const WIDEST: &str = "return [...document.querySelectorAll('body *')].filter(one => \
    one.getBoundingClientRect().right > innerWidth + 1 && ![...one.children].some(child => \
    child.getBoundingClientRect().right > innerWidth + 1)).slice(0, 3).map(one => one.outerHTML.slice(0, 160))";
