use mail::{Filter, Language, Letter, Mail, MailAddress, Right, State};
use oauth::Secret;
use serde_json::json;

use crate::{
    sink::Sink,
    world::{World, mail},
};

#[tokio::test]
async fn a_letter_arrives_by_starttls_as_it_was_written() {
    let mut world = World::new().await;
    let mut sink = Sink::starttls(world.database.folder());
    world.send_by_starttls(&sink);
    let letter = Letter::Verification {
        reference: "R-2026-0042".to_owned(),
        right: Right::Deletion,
        link: Secret::new(format!("https://privacy.acme.example/p/{}", "x".repeat(100))),
        until: "2026-11-29T08:00:00Z".parse().unwrap(),
    };
    let to = MailAddress::parse("to", "ada@example.com").unwrap();
    let mail = letter
        .compose(
            Language::German,
            "Bücher & Söhne",
            to.named("to", "Ada, Gräfin").unwrap(),
        )
        .unwrap()
        .reply_to(MailAddress::parse("reply_to", "people@acme.example").unwrap())
        .about("request:1");
    let listed = world.post_and_send(mail).await;
    assert_eq!((listed.state, listed.attempts, listed.cause), (State::Sent, 1, None));
    assert_eq!(listed.status.as_deref(), Some("250 2.0.0"));
    assert_eq!(listed.event, "verification");

    let mail = sink.only_mail();
    assert!(mail.is_encrypted());
    assert_eq!(mail.get("sender"), "privacy@acme.example");
    assert_eq!(mail.recipients(), ["ada@example.com"]);
    assert_eq!(mail.get("hello"), "privacy.acme.example");
    assert_eq!(mail.header("From"), "Acme Prüfung <privacy@acme.example>");
    assert_eq!(mail.header("To"), "\"Ada, Gräfin\" <ada@example.com>");
    assert_eq!(mail.header("Reply-To"), "people@acme.example");
    assert_eq!(
        mail.header("Subject"),
        "Bitte bestätigen Sie Ihre Datenschutzanfrage R-2026-0042"
    );
    assert_eq!(mail.header("Date"), "Sun, 22 Nov 2026 08:00:00 +0000");
    assert_eq!(mail.header("Content-Language"), "de");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert!(mail.header("Message-ID").ends_with("@acme.example>"));
    let text = mail.part("text/plain");
    assert!(
        text.contains("bei Bücher & Söhne ist eine Anfrage eingegangen"),
        "{text}"
    );
    let link = text.lines().find(|line| line.starts_with("https://")).unwrap();
    assert_eq!(link.len(), 31 + 100, "the link is whole, alone on its line");
    assert!(mail.part("text/html").contains("B\u{fc}cher &amp; S\u{f6}hne"));
    assert!(mail.get("raw").is_ascii(), "it needs no 8BITMIME on its way");
    assert!(mail.get("raw").lines().all(|line| line.len() < 998));
}

#[tokio::test]
async fn a_mail_arrives_by_implicit_tls_with_user_name_and_password() {
    let mut world = World::new().await;
    let options = json!({"tls": "implicit", "user": "acme@example.com", "password": "p:/ss"});
    let mut sink = Sink::start(world.database.folder(), options);
    world.send_to(&sink, "smtps://acme%40example.com:p%3A%2Fss@localhost:", "");
    assert_eq!(world.post_and_send(mail()).await.state, State::Sent);
    let mail = sink.only_mail();
    assert!(mail.is_encrypted());
    assert_eq!(mail.get("user"), "acme@example.com");
    assert_eq!(mail.part("text/plain"), "The words");
}

#[tokio::test]
async fn a_mail_arrives_by_starttls_with_user_name_and_password() {
    let mut world = World::new().await;
    let options = json!({"tls": "starttls", "user": "acme", "password": "secret"});
    let mut sink = Sink::start(world.database.folder(), options);
    world.send_to(&sink, "smtp://acme:secret@localhost:", "");
    assert_eq!(world.post_and_send(mail()).await.state, State::Sent);
    assert_eq!(sink.only_mail().get("user"), "acme");
}

#[tokio::test]
async fn a_mail_goes_unencrypted_to_this_machine_where_that_is_said() {
    let mut world = World::new().await;
    let mut sink = Sink::start(world.database.folder(), json!({"tls": "none"}));
    world.send_to(&sink, "smtp://127.0.0.1:", "?tls=none");
    assert_eq!(world.post_and_send(mail()).await.state, State::Sent);
    assert!(!sink.only_mail().is_encrypted());
}

#[tokio::test]
async fn there_is_one_mail_for_an_event_however_often_it_is_posted() {
    let mut world = World::new().await;
    let mut sink = Sink::starttls(world.database.folder());
    world.send_by_starttls(&sink);
    let once = || mail().once("verification 1").about("request:1");
    let first = world.post(once()).await.unwrap();
    assert_eq!(world.post(once()).await.unwrap(), first);
    world.run_jobs().await;
    assert_eq!(world.post(once()).await.unwrap(), first, "not after it was sent either");
    assert_ne!(world.post(mail().once("verification 2")).await.unwrap(), first);
    world.run_jobs().await;
    assert_eq!(sink.mails().len(), 2);
    let of_request = Filter {
        object: Some("request:1".to_owned()),
        ..Filter::default()
    };
    assert_eq!(world.list(of_request).await.len(), 1);
}

#[tokio::test]
async fn two_processes_that_post_the_same_event_post_one_mail() {
    let mut world = World::new().await;
    let mut sink = Sink::starttls(world.database.folder());
    world.send_by_starttls(&sink);
    let posts = (0..8).map(|_| world.post(mail().once("the only one")));
    let mut ids = Vec::new();
    for id in futures_util::future::join_all(posts).await {
        ids.push(id.unwrap());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    world.run_jobs().await;
    sink.only_mail();
}

#[tokio::test]
async fn what_was_posted_in_a_transaction_that_is_undone_is_not_sent() {
    let mut world = World::new().await;
    let mut sink = Sink::starttls(world.database.folder());
    world.send_by_starttls(&sink);
    let mut tx = world.store.write().await.unwrap();
    mail::post(&mut tx, &world.vault, &world.mailer, mail()).await.unwrap();
    drop(tx);
    assert_eq!(world.run_jobs().await, 0);
    assert!(sink.mails().is_empty());
}

#[tokio::test]
async fn no_name_or_subject_makes_a_header() {
    // SEC-34: what is let through arrives as a value, whatever it looks like.
    let mut world = World::new().await;
    let mut sink = Sink::starttls(world.database.folder());
    world.send_by_starttls(&sink);
    let to = MailAddress::parse("to", "ada@example.com").unwrap();
    let name = "=?utf-8?q?Ada=0D=0ABcc:_eve@example.com?=";
    let to = to.named("to", name).unwrap();
    let subject = "Hi =?utf-8?q?=0D=0AX-Evil:_1?= \\r\\nX-Evil: 2 %0d%0aX-Evil: 3";
    let text = "\nX-Evil: 4\n\n.\nRCPT TO:<eve@example.com>\n";
    let mail = Mail::new("test", to, Language::English, subject, text).unwrap();
    assert_eq!(world.post_and_send(mail).await.state, State::Sent);
    let mail = sink.only_mail();
    assert_eq!(mail.recipients(), ["ada@example.com"]);
    let names = mail.header_names();
    assert!(
        !names
            .iter()
            .any(|name| ["bcc", "x-evil"].contains(&&*name.to_lowercase())),
        "{names:?}"
    );
    assert_eq!(mail.part("text/plain"), text.trim_end());
}
