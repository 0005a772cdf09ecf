//! Getting in: set-up, invitations, forgotten and changed passwords, the authenticator, sessions, users and keys.

mod authenticator;
mod coming_in;
mod guessing;
mod passwords;
mod programs;
mod staff;

use rightful_http::totp::TotpSecret;

use crate::{
    app::{Answer, TestApp},
    portal::Browser,
};

/// The path below the public URL of the link in `text` that begins with `path`.
pub(crate) fn link(text: &str, path: &str) -> String {
    let begin = format!("https://localhost:8443{path}");
    let (_, rest) = text
        .split_once(&begin)
        .unwrap_or_else(|| panic!("no link {path}: {text}"));
    let secret: String = rest
        .chars()
        .take_while(|letter| letter.is_ascii_alphanumeric() || "-_".contains(*letter))
        .collect();
    assert!(secret.len() >= 43, "256 random bits: {secret}"); // SEC-28
    format!("{path}{secret}")
}

/// What the newest mail says.
pub(crate) async fn newest_mail(app: &TestApp) -> String {
    app.run_jobs().await;
    app.mails().await.last().unwrap().text.reveal().clone()
}

/// The authenticator app, set up with what a page shows.
pub(crate) fn app_of(page: &Answer) -> TotpSecret {
    let (_, rest) = page.text.split_once("value secret\">").unwrap();
    let written: String = rest.split('<').next().unwrap().split_whitespace().collect();
    let bytes = data_encoding::BASE32_NOPAD.decode(written.as_bytes()).unwrap();
    TotpSecret::from_bytes(&bytes).unwrap()
}

/// Sets an authenticator up in `browser`: the app and the recovery codes.
pub(crate) async fn set_up_authenticator(browser: &mut Browser<'_>) -> (TotpSecret, Vec<String>) {
    let path = "/profile/authenticator";
    let page = browser.get(path).await.expect(200);
    browser.submit(&page, path, &[]).await.expect(303);
    let page = browser.get(path).await.expect(200);
    assert!(
        page.text.contains("<svg") && !page.text.contains("style="),
        "{}",
        page.text
    );
    let secret = app_of(&page);
    let code = secret.code_at(browser.app.manager.store().now());
    let action = "/profile/authenticator/confirm";
    let shown = browser.submit(&page, action, &[("totp", &code)]).await.expect(200);
    let (_, codes) = shown.text.split_once("<pre><code>").unwrap();
    let codes = codes.split("</code>").next().unwrap();
    (secret, codes.lines().map(str::to_owned).collect())
}
