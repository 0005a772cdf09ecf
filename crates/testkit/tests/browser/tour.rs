//! Every page of both services is looked at: wide and narrow, light and dark. With `RIGHTFUL_SCREENS=DIR` (`just screens`)
//! a picture is taken of each.

use std::{cell::RefCell, fmt::Display, path::PathBuf};

use anyhow::{Result, ensure};
use tokio::try_join;

use crate::{
    services::{CUSTOMER, PASSWORD, STAFF, Services},
    town,
    window::{Theme, Window},
};

const WIDTHS: [u32; 2] = [1280, 390];
const FIRST: (u32, Theme) = (WIDTHS[0], Theme::Light);
/// Of very long pages the beginning tells enough.
const HIGHEST: [u32; 2] = [900, 1100];

#[tokio::test]
async fn no_page_has_a_grave_fault_for_people_who_see_hear_or_move_otherwise() {
    tour().await.unwrap();
}

/// Somebody who looks at pages and notes what is wrong.
struct Looker {
    pictures: Option<PathBuf>,
    looked: RefCell<usize>,
    faults: RefCell<Vec<String>>,
}

impl Looker {
    fn new() -> Self {
        Self {
            pictures: std::env::var_os("RIGHTFUL_SCREENS").map(PathBuf::from),
            looked: RefCell::default(),
            faults: RefCell::default(),
        }
    }

    /// Opens an address and looks at it. `name` is `service/page`.
    async fn visit(&self, window: &Window, name: &str, url: impl Display) -> Result<()> {
        window.go(url).await?;
        self.look(window, name).await
    }

    /// Looks at the page that is open.
    async fn look(&self, window: &Window, name: &str) -> Result<()> {
        window.bring_rules().await?;
        for (width, highest) in WIDTHS.into_iter().zip(HIGHEST) {
            for theme in [Theme::Light, Theme::Dark] {
                window.look(width, theme).await?;
                let faults = window.faults(width, theme, (width, theme) == FIRST).await?;
                self.faults
                    .borrow_mut()
                    .extend(faults.into_iter().map(|fault| format!("{name} {fault}")));
                if let Some(folder) = &self.pictures {
                    let word = if theme == Theme::Dark { "dark" } else { "light" };
                    let file = folder.join(format!("{name}-{width}-{word}.webp"));
                    std::fs::create_dir_all(file.parent().unwrap_or(folder))?;
                    std::fs::write(file, window.picture(width, highest).await?)?;
                }
            }
        }
        *self.looked.borrow_mut() += 1;
        window.look(WIDTHS[0], Theme::Light).await
    }
}

async fn tour() -> Result<()> {
    let services = Services::start().await?;
    let driver = services.driver().await?;
    let looker = Looker::new();

    let guest = Window::open(&driver, services.set_up_link().await?).await?;
    looker.look(&guest, "manager/set-up").await?;
    services.employ(STAFF, "super_admin").await?;
    let staff = services.staff(&driver).await?;
    for (name, path) in [
        ("first-steps", "/"),
        ("requests-none", "/requests"),
        ("connections-none", "/connections"),
    ] {
        looker
            .visit(&staff, &format!("manager/{name}"), services.manager(path))
            .await?;
    }

    let webhook = webhooks(&services, &looker, &staff).await?;

    let town = Box::pin(town::build(&services)).await?;
    let outside = async {
        public(&services, &looker, &guest).await?;
        vendor(&services, &looker, &guest).await
    };
    try_join!(Box::pin(portal(&services, &looker, &staff, &town)), Box::pin(outside))?;
    // What the town has brought could not be delivered.
    looker.visit(&staff, "manager/settings-webhook-busy", webhook).await?;
    staff.close().await?;
    guest.close().await?;
    let (pages, faults) = (looker.looked.take(), looker.faults.take());
    ensure!(
        faults.is_empty(),
        "{} faults on {pages} pages:\n{}",
        faults.len(),
        faults.join("\n")
    );
    ensure!(pages > 80, "only {pages} pages were looked at");
    Ok(())
}

async fn portal(services: &Services, looker: &Looker, staff: &Window, town: &town::Town) -> Result<()> {
    let review = format!("/requests/{}/review", town.request("access", "pending_review")?);
    for (name, path) in [
        ("home", "/".to_owned()),
        ("requests", "/requests".to_owned()),
        ("requests-review", "/requests?state=pending_review".to_owned()),
        ("requests-nothing-fits", "/requests?state=paused".to_owned()),
        ("request-new", "/requests/new".to_owned()),
        (
            "request-triage",
            format!("/requests/{}", town.request("deletion", "triage")?),
        ),
        (
            "request-edit",
            format!("/requests/{}/edit", town.request("access", "triage")?),
        ),
        (
            "request-collecting",
            format!("/requests/{}", town.request("access", "collecting")?),
        ),
        (
            "request-to-review",
            format!("/requests/{}", town.request("access", "pending_review")?),
        ),
        (
            "request-delivering",
            format!("/requests/{}", town.request("access", "delivering")?),
        ),
        (
            "request-deletion",
            format!("/requests/{}", town.request("deletion", "pending_review")?),
        ),
        (
            "request-closed",
            format!("/requests/{}", town.request("deletion", "closed")?),
        ),
        ("review", review.clone()),
        ("review-preview", format!("{review}/preview")),
        (
            "review-deletion",
            format!("/requests/{}/review", town.request("deletion", "pending_review")?),
        ),
        ("connections", "/connections".to_owned()),
        ("connection", format!("/connections/{}", town.connection)),
        ("connection-edit", format!("/connections/{}/edit", town.connection)),
        ("connection-remove", format!("/connections/{}/remove", town.connection)),
        (
            "connection-waiting",
            format!("/connections/{}", town.waiting_connection),
        ),
        ("connection-catalog", "/connections/new".to_owned()),
        ("connection-new", "/connections/new/optimizely".to_owned()),
        ("contact", format!("/connections/{}", town.contact)),
        ("contact-edit", format!("/connections/{}/edit", town.contact)),
        ("contact-new", "/connections/new/direct-contact".to_owned()),
        ("settings-frameworks", "/settings/frameworks".to_owned()),
        ("settings-framework", "/settings/frameworks/law/gdpr".to_owned()),
        ("settings-framework-new", "/settings/frameworks/new".to_owned()),
        ("settings-automation", "/settings/automation".to_owned()),
        ("settings-approvals", "/settings/approvals".to_owned()),
        ("settings-retention", "/settings/retention".to_owned()),
        ("settings-brand", "/settings/brand".to_owned()),
        ("settings-privacy-centre", "/settings/privacy-centre".to_owned()),
        ("settings-templates", "/settings/templates".to_owned()),
        ("settings-template", "/settings/templates/verification/en".to_owned()),
        ("settings-mailbox", "/settings/mailbox".to_owned()),
        ("settings-users", "/settings/users".to_owned()),
        ("settings-user-invite", "/settings/users/invite".to_owned()),
        ("settings-api-keys", "/settings/api-keys".to_owned()),
        ("settings-api-key-new", "/settings/api-keys/new".to_owned()),
        ("profile", "/profile".to_owned()),
        ("profile-authenticator", "/profile/authenticator".to_owned()),
        ("profile-email", "/profile/email".to_owned()),
        ("audit", "/audit".to_owned()),
        ("audit-nothing-fits", "/audit?about=nobody".to_owned()),
        ("not-found", "/requests/nothing".to_owned()),
        ("api", "/api/docs".to_owned()),
        ("problems", "/problems".to_owned()),
    ] {
        looker
            .visit(staff, &format!("manager/{name}"), services.manager(&path))
            .await?;
    }
    staff.go(services.manager(&review)).await?;
    staff.follow("See the records").await?;
    looker.look(staff, "manager/review-records").await?;
    staff.follow("Change").await?;
    looker.look(staff, "manager/review-record").await?;
    staff.go(services.manager("/settings/users")).await?;
    staff.follow("jonas.weber@acme.example").await?;
    looker.look(staff, "manager/settings-user").await?;
    staff.go(services.manager("/requests/new")).await?;
    staff.unchecked().await?;
    staff.press("Create request").await?;
    staff.see("There is a problem").await?;
    looker.look(staff, "manager/request-new-wrong").await?;
    records(services, looker, staff, &review).await?;
    approvers(services, looker, staff, town).await
}

/// The pages of an object of many records.
async fn records(services: &Services, looker: &Looker, staff: &Window, review: &str) -> Result<()> {
    staff.go(services.manager(review)).await?;
    let link = "//section[.//label[.='page_view']]//a[.='See the records']";
    staff.click("the records of page_view", link).await?;
    staff.fill("Go to record", "11").await?;
    staff.press("Go").await?;
    staff.see("Records 11 to 60 of ").await?;
    looker.look(staff, "manager/review-records-many").await?;
    staff.fill("Go to record", "1000").await?;
    staff.press("Go").await?;
    staff.see("Enter a number from 1 to ").await?;
    looker.look(staff, "manager/review-records-wrong").await
}

/// Webhooks, from none to one with something to deliver: its address. Making one takes a log-in that is not long ago.
async fn webhooks(services: &Services, looker: &Looker, staff: &Window) -> Result<String> {
    let list = services.manager("/settings/webhooks");
    looker.visit(staff, "manager/settings-webhooks-none", &list).await?;
    staff.press("New webhook").await?;
    looker.look(staff, "manager/settings-webhook-new").await?;
    staff.unchecked().await?;
    staff.fill("URL", "http://hooks.acme.example/").await?;
    staff.press("Create the webhook").await?;
    staff.see("There is a problem").await?;
    looker.look(staff, "manager/settings-webhook-new-wrong").await?;
    staff
        .fill(
            "URL",
            "https://hooks.acme.example/rightful/events?source=privacy-requests",
        )
        .await?;
    staff
        .fill("Description", "Help desk: tells agents how far a request is")
        .await?;
    staff.press("Create the webhook").await?;
    staff.see("Copy the secret now").await?;
    looker.look(staff, "manager/settings-webhook-secret").await?;
    staff.press("I have kept it").await?;
    staff.press("Send a test event").await?;
    // There is nobody at that address: it says what went wrong, and when it tries again.
    staff.see("next ").await?;
    looker.look(staff, "manager/settings-webhook").await?;
    let webhook = staff.url().await?;
    staff.follow("webhook.test").await?;
    looker.look(staff, "manager/settings-webhook-delivery").await?;
    for (name, page) in [
        ("settings-webhook-delivered-none", "?state=delivered"),
        ("settings-webhook-edit", "/edit"),
        ("settings-webhook-secret-other", "/secret"),
        ("settings-webhook-remove", "/remove"),
    ] {
        looker
            .visit(staff, &format!("manager/{name}"), format!("{webhook}{page}"))
            .await?;
    }
    looker.visit(staff, "manager/settings-webhooks", &list).await?;
    Ok(webhook)
}

/// Who must approve for a connection, and what waits for them.
async fn approvers(services: &Services, looker: &Looker, staff: &Window, town: &town::Town) -> Result<()> {
    let connection = format!("/connections/{}", town.connection);
    let form = services.manager(&format!("{connection}/approvers"));
    looker.visit(staff, "manager/connection-approvers", form).await?;
    staff.choose("jonas.weber@acme.example").await?;
    staff.choose(STAFF).await?;
    staff.press("Save").await?;
    staff.see("Saved: one of these people").await?;
    looker.look(staff, "manager/connection-approvers-named").await?;
    let request = format!("/requests/{}", town.request("access", "pending_review")?);
    let deletion = format!("/requests/{}", town.request("deletion", "pending_review")?);
    for (name, path) in [
        ("home-approvals", "/".to_owned()),
        ("request-approvals", request.clone()),
        ("review-approvals", format!("{request}/review")),
        ("review-deletion-approvals", format!("{deletion}/review")),
    ] {
        looker
            .visit(staff, &format!("manager/{name}"), services.manager(&path))
            .await?;
    }
    // Whoever is named is gone.
    staff.go(services.manager(&format!("{connection}/approvers"))).await?;
    staff.choose(STAFF).await?;
    staff.press("Save").await?;
    staff.see("Saved: this person").await?;
    services
        .company
        .tell("manager user deactivate --email jonas.weber@acme.example", "")
        .await?;
    for (name, path) in [
        ("home-nobody-can-approve", "/".to_owned()),
        ("connection-nobody-can-approve", connection.clone()),
        ("connection-approvers-gone", format!("{connection}/approvers")),
        ("review-nobody-can-approve", format!("{request}/review")),
    ] {
        looker
            .visit(staff, &format!("manager/{name}"), services.manager(&path))
            .await?;
    }
    Ok(())
}

/// What everybody sees who has no account.
async fn public(services: &Services, looker: &Looker, guest: &Window) -> Result<()> {
    for (name, path) in [
        ("log-in", "/login"),
        ("password", "/password"),
        ("privacy", "/privacy"),
        ("privacy-de", "/privacy?lang=de"),
        ("privacy-fr", "/privacy?lang=fr"),
        ("privacy-es", "/privacy?lang=es"),
        ("no-link", "/d/nothing"),
        ("no-link-de", "/d/nothing?lang=de"),
        ("not-found-fr", "/privacy/nowhere?lang=fr"),
        ("contact-no-link-es", "/c/nothing?lang=es"),
    ] {
        looker
            .visit(guest, &format!("public/{name}"), services.manager(path))
            .await?;
    }
    guest.go(services.manager("/privacy")).await?;
    guest.unchecked().await?;
    guest.press("Send request").await?;
    guest.see("Please check what you entered").await?;
    looker.look(guest, "public/privacy-wrong").await?;
    guest.go(services.manager("/privacy")).await?;
    guest.choose("Delete my data").await?;
    guest.fill("Your e-mail address", "linus@example.com").await?;
    guest.press("Send request").await?;
    guest.see("Please check your e-mail").await?;
    looker.look(guest, "public/privacy-sent").await?;
    guest
        .go(services.link_mailed_to("linus@example.com", "verification").await?)
        .await?;
    looker.look(guest, "public/verify").await?;
    guest.press("Yes, I made this request").await?;
    guest.see("We are working on it").await?;
    looker.look(guest, "public/status").await?;
    guest
        .go(services
            .link_mailed_to("archive@acme.example", "direct_contact_access")
            .await?)
        .await?;
    looker.look(guest, "public/contact").await?;
    guest.unchecked().await?;
    guest.press("Send the answer").await?;
    guest.see("There is a problem").await?;
    looker.look(guest, "public/contact-wrong").await
}

async fn vendor(services: &Services, looker: &Looker, customer: &Window) -> Result<()> {
    looker
        .visit(customer, "provider/log-in", services.vendor("/login"))
        .await?;
    looker
        .visit(customer, "provider/forgotten", services.vendor("/login/forgotten"))
        .await?;
    customer.go(services.vendor("/login")).await?;
    customer.fill("E-mail address", CUSTOMER).await?;
    customer.fill("Password", "wrong").await?;
    customer.press("Log in").await?;
    customer.see("There is a problem").await?;
    looker.look(customer, "provider/log-in-wrong").await?;
    customer.fill("Password", PASSWORD).await?;
    customer.press("Log in").await?;
    customer.see("Welcome").await?;
    for (name, path) in [
        ("home", "/"),
        ("developers", "/accountsettings/apps/developers"),
        ("button", "/accountsettings/apps/developers/button"),
        ("applications", "/accountsettings/apps"),
        ("users", "/accountsettings/users"),
        ("privacy-requests", "/accountsettings/privacy-requests"),
        (
            "privacy-requests-nothing-fits",
            "/accountsettings/privacy-requests?status=failure",
        ),
        ("team-requests", "/accountsettings/team-requests"),
        ("password", "/accountsettings/password"),
        ("two-step", "/accountsettings/two-step"),
        ("confirm", "/accountsettings/confirm"),
        ("docs", "/docs"),
        ("not-found", "/accountsettings/nothing"),
    ] {
        looker
            .visit(customer, &format!("provider/{name}"), services.vendor(path))
            .await?;
    }
    customer
        .go(services.vendor("/accountsettings/privacy-requests"))
        .await?;
    customer.click("the newest request", "//tbody//th//a").await?;
    looker.look(customer, "provider/privacy-request").await?;
    customer.go(services.vendor("/accountsettings/team-requests")).await?;
    customer.click("the oldest request", "//tbody//th//a").await?;
    looker.look(customer, "provider/team-request").await?;
    customer.go(services.vendor("/accountsettings/apps/developers")).await?;
    customer.follow("Experiment dashboard").await?;
    looker.look(customer, "provider/application").await?;
    customer.go(services.vendor("/accountsettings/apps/developers")).await?;
    let client_id = customer.read("//tbody/tr[th[.//a[.='Manager']]]//code").await?;
    let redirect_uri = services.manager("/oauth/callback");
    let ask = format!(
        "/oauth2/authorize?response_type=code&scopes=all&state=abc&client_id={client_id}&redirect_uri={redirect_uri}"
    );
    looker
        .visit(customer, "provider/consent", services.vendor(&ask))
        .await?;
    let ask = ask.replace(&redirect_uri, "https://elsewhere.example/");
    looker
        .visit(customer, "provider/refused", services.vendor(&ask))
        .await?;
    customer.go(services.vendor("/accountsettings/apps/developers")).await?;
    customer.fill("Name", "Help desk").await?;
    customer
        .fill("Redirect URIs", "https://help.acme.example/callback")
        .await?;
    customer.press("Register").await?;
    customer.see("Copy it now").await?;
    looker.look(customer, "provider/application-secret").await
}
