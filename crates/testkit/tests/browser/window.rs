//! A browser's window, and what a person does there: look, click what is labelled, type, press keys.

use std::{fmt::Display, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use store::{Clock as _, SystemClock};
use tokio::time::timeout;

use crate::driver::Driver;

/// Nothing takes as long; what did not come by then does not come.
const PATIENCE: Duration = Duration::from_secs(45);
/// Between two looks.
const PAUSE: SignedDuration = SignedDuration::from_millis(40);
/// The standard's name of an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// The keys of the standard.
pub(crate) const TAB: &str = "\u{e004}";
pub(crate) const ENTER: &str = "\u{e007}";
pub(crate) const SPACE: &str = " ";
pub(crate) const RIGHT: &str = "\u{e014}";

/// A window of a browser that has no cookies but its own.
pub(crate) struct Window {
    driver: Arc<Driver>,
    session: String,
}

/// How the page is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theme {
    Light,
    Dark,
}

/// Asks again and again until there is an answer.
pub(crate) async fn until<T>(what: impl Display, mut attempt: impl AsyncFnMut() -> Result<T>) -> Result<T> {
    let mut last = None;
    let tried = timeout(PATIENCE, async {
        loop {
            match attempt().await {
                Ok(value) => return value,
                Err(error) => last = Some(error),
            }
            SystemClock.sleep_until(SystemClock.now() + PAUSE).await;
        }
    });
    match tried.await {
        Ok(value) => Ok(value),
        Err(_) => Err(last
            .context("there was no answer")?
            .context(format!("waited for {what}"))),
    }
}

impl Window {
    pub(crate) async fn open(driver: &Arc<Driver>, url: impl Display) -> Result<Self> {
        let window = Self {
            session: driver.begin().await?,
            driver: Arc::clone(driver),
        };
        window.go(url).await?;
        Ok(window)
    }

    /// Opens an address.
    pub(crate) async fn go(&self, url: impl Display) -> Result<()> {
        self.post("/url", json!({"url": url.to_string()})).await?;
        Ok(())
    }

    /// Reads the page again.
    pub(crate) async fn reload(&self) -> Result<()> {
        self.post("/refresh", json!({})).await?;
        Ok(())
    }

    /// The address of the page.
    pub(crate) async fn url(&self) -> Result<String> {
        Ok(self.get("/url").await?.as_str().unwrap_or_default().to_owned())
    }

    /// What can be read on the page.
    pub(crate) async fn text(&self) -> Result<String> {
        let body = self.all("//body").await?;
        let body = body.first().context("an empty page")?;
        let text = self.get(&format!("/element/{body}/text")).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the page says `words`.
    pub(crate) async fn see(&self, words: &str) -> Result<()> {
        let seen = until(format!("{words:?}"), async || {
            let text = self.text().await?;
            ensure!(text.contains(words), "the page says:\n{text}");
            Ok(())
        });
        self.where_it_is(seen.await).await
    }

    /// Reads the page again until it says `words`: for what happens meanwhile, without the page's script.
    pub(crate) async fn reload_until(&self, words: &str) -> Result<()> {
        let seen = until(format!("{words:?}"), async || {
            let text = self.text().await?;
            if !text.contains(words) {
                self.reload().await?;
                bail!("the page says:\n{text}");
            }
            Ok(())
        });
        self.where_it_is(seen.await).await
    }

    /// The page does not say `words`; it is there already.
    pub(crate) async fn miss(&self, words: &str) -> Result<()> {
        let text = self.text().await?;
        ensure!(!text.contains(words), "the page says {words:?}:\n{text}");
        Ok(())
    }

    /// Presses the button that reads `label`, or the link that looks like one.
    pub(crate) async fn press(&self, label: &str) -> Result<()> {
        let path = format!(
            "//button[{0}] | //a[contains(concat(' ', @class, ' '), ' button ')][{0}]",
            reads(label)
        );
        self.click(label, &path).await
    }

    /// Follows the link that reads `label`.
    pub(crate) async fn follow(&self, label: &str) -> Result<()> {
        self.click(label, &format!("//a[{}]", reads(label))).await
    }

    /// Unfolds or folds what is headed `label`.
    pub(crate) async fn unfold(&self, label: &str) -> Result<()> {
        self.click(label, &format!("//summary[{}]", reads(label))).await
    }

    /// Ticks or chooses what is labelled so.
    pub(crate) async fn choose(&self, label: &str) -> Result<()> {
        self.click(label, &control(label)).await
    }

    /// Replaces what stands in the field that is labelled so.
    pub(crate) async fn fill(&self, label: &str, text: &str) -> Result<()> {
        let filled = until(format!("the field {label:?}"), async || {
            let field = self.shown(&control(label)).await?;
            self.post(&format!("/element/{field}/clear"), json!({})).await?;
            self.post(&format!("/element/{field}/value"), json!({"text": text}))
                .await?;
            Ok(())
        });
        self.where_it_is(filled.await).await
    }

    /// Gives a file to the field that is labelled so.
    pub(crate) async fn attach(&self, label: &str, file: &std::path::Path) -> Result<()> {
        let attached = until(format!("the field {label:?}"), async || {
            let field = self.shown(&control(label)).await?;
            let path = json!({"text": file.display().to_string()});
            self.post(&format!("/element/{field}/value"), path).await?;
            Ok(())
        });
        self.where_it_is(attached.await).await
    }

    /// Picks an option of the list that is labelled so.
    pub(crate) async fn pick(&self, label: &str, option: &str) -> Result<()> {
        let path = format!("{}/option[{}]", control(label), reads(option));
        self.click(option, &path).await
    }

    /// What can be read in the only element that this path finds.
    pub(crate) async fn read(&self, path: &str) -> Result<String> {
        let element = self.shown(path).await?;
        let text = self.get(&format!("/element/{element}/text")).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Presses keys, one after the other, wherever the focus is.
    pub(crate) async fn keys(&self, keys: &str) -> Result<()> {
        let mut actions = Vec::new();
        for key in keys.chars() {
            actions.push(json!({"type": "keyDown", "value": key}));
            actions.push(json!({"type": "keyUp", "value": key}));
        }
        let keyboard = json!({"actions": [{"type": "key", "id": "keyboard", "actions": actions}]});
        self.post("/actions", keyboard).await?;
        Ok(())
    }

    /// Presses Tab until what has the focus is called `name`, as a screen reader says it.
    pub(crate) async fn tab_to(&self, name: &str) -> Result<()> {
        let mut passed = Vec::new();
        for _ in 0..80 {
            let focused = self.focused().await?;
            if focused == name {
                return Ok(());
            }
            passed.push(focused);
            self.keys(TAB).await?;
        }
        bail!("Tab leads to {passed:?}, never to {name:?}")
    }

    /// What has the focus is called so.
    pub(crate) async fn focused(&self) -> Result<String> {
        let active = self.get("/element/active").await?;
        let element = active[ELEMENT].as_str().context("nothing has the focus")?;
        let label = self.get(&format!("/element/{element}/computedlabel")).await?;
        Ok(label.as_str().unwrap_or_default().to_owned())
    }

    /// Runs a script in the page; it has the arguments as `arguments` and may return a promise.
    pub(crate) async fn run(&self, script: &str, arguments: Value) -> Result<Value> {
        self.post("/execute/sync", json!({"script": script, "args": arguments}))
            .await
    }

    /// The whole page as a picture (WebP), down to this height.
    pub(crate) async fn picture(&self, width: u32, highest: u32) -> Result<Vec<u8>> {
        // What sticks to the window would stand where the rules have scrolled it to.
        self.run("window.scrollTo(0, 0)", json!([])).await?;
        let layout = self.developer("Page.getLayoutMetrics", json!({})).await?;
        let height = layout["cssContentSize"]["height"].as_f64().context("no height")?;
        let clip = json!({"x": 0, "y": 0, "width": width, "height": height.min(f64::from(highest)), "scale": 1});
        let format = json!({"format": "webp", "quality": 25, "captureBeyondViewport": true, "clip": clip});
        let taken = self.developer("Page.captureScreenshot", format).await?;
        Ok(BASE64_STANDARD.decode(taken["data"].as_str().context("no picture")?)?)
    }

    /// Keeps the browser from checking the page's forms: what is wrong shall reach the server.
    pub(crate) async fn unchecked(&self) -> Result<()> {
        let script = "document.querySelectorAll('form').forEach(form => { form.noValidate = true })";
        self.run(script, json!([])).await?;
        Ok(())
    }

    /// Shows pages as wide as this, in this theme.
    pub(crate) async fn look(&self, width: u32, theme: Theme) -> Result<()> {
        let screen = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.developer("Emulation.setDeviceMetricsOverride", screen).await?;
        let theme = if theme == Theme::Dark { "dark" } else { "light" };
        // Without motion: colours on the way from one theme to the other are nobody's.
        let media = json!({"features": [
            {"name": "prefers-color-scheme", "value": theme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]});
        self.developer("Emulation.setEmulatedMedia", media).await?;
        Ok(())
    }

    /// From now on pages have no script.
    pub(crate) async fn without_script(&self) -> Result<()> {
        self.developer("Emulation.setScriptExecutionDisabled", json!({"value": true}))
            .await?;
        Ok(())
    }

    /// The only file that was downloaded so far, when it is there as a whole.
    pub(crate) async fn downloaded(&self) -> Result<(PathBuf, Vec<u8>)> {
        let folder = self.driver.downloads(&self.session);
        let loaded = until("a download", async || {
            let file = std::fs::read_dir(&folder)?.next().context("nothing yet")??.path();
            ensure!(
                file.extension().is_none_or(|word| word != "crdownload"),
                "still loading"
            );
            let bytes = std::fs::read(&file)?;
            Ok((file, bytes))
        });
        self.where_it_is(loaded.await).await
    }

    /// Ends the browser.
    pub(crate) async fn close(self) -> Result<()> {
        self.driver
            .call(Method::DELETE, &format!("/session/{}", self.session), None)
            .await?;
        Ok(())
    }

    /// Clicks the first element of this path that is shown, once it can be: a click at a disabled button does nothing.
    pub(crate) async fn click(&self, what: &str, path: &str) -> Result<()> {
        let clicked = until(format!("{what:?} to click at"), async || {
            let element = self.shown(path).await?;
            let enabled = self.get(&format!("/element/{element}/enabled")).await?;
            ensure!(enabled == Value::Bool(true), "{what:?} can't be clicked at yet");
            self.post(&format!("/element/{element}/click"), json!({})).await?;
            Ok(())
        });
        self.where_it_is(clicked.await).await
    }

    /// An error with the page that it happened on.
    async fn where_it_is<T>(&self, done: Result<T>) -> Result<T> {
        match done {
            Ok(value) => Ok(value),
            Err(error) => {
                let (url, text) = (self.url().await?, self.text().await.unwrap_or_default());
                Err(error.context(format!("at {url}, which says:\n{text}\n")))
            }
        }
    }

    async fn shown(&self, path: &str) -> Result<String> {
        for element in self.all(path).await? {
            if self.get(&format!("/element/{element}/displayed")).await? == Value::Bool(true) {
                return Ok(element);
            }
        }
        bail!("nothing that is shown is found by {path}")
    }

    async fn all(&self, path: &str) -> Result<Vec<String>> {
        let found = self.post("/elements", json!({"using": "xpath", "value": path})).await?;
        let found = found.as_array().context("no list")?.iter();
        Ok(found
            .filter_map(|one| one[ELEMENT].as_str().map(str::to_owned))
            .collect())
    }

    async fn get(&self, path: &str) -> Result<Value> {
        self.driver
            .call(Method::GET, &format!("/session/{}{path}", self.session), None)
            .await
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value> {
        self.driver
            .call(Method::POST, &format!("/session/{}{path}", self.session), Some(body))
            .await
    }

    async fn developer(&self, command: &str, parameters: Value) -> Result<Value> {
        self.driver.developer(&self.session, command, parameters).await
    }
}

/// What reads `label`, as a whole or before what only tells it from others.
fn reads(label: &str) -> String {
    format!("normalize-space(.)=\"{label}\" or normalize-space(text())=\"{label}\"")
}

/// The control that a label names, or that carries its label itself.
fn control(label: &str) -> String {
    format!(
        "//*[@id=//label[{}]/@for] | //*[@aria-label=\"{label}\"][not(self::section)]",
        reads(label)
    )
}
