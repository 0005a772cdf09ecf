use jiff::SignedDuration;
use mail::{Cause, Filter, Language, Mail, MailAddress, Mailer, MailerSettings, State};
use oauth::Secret;
use serde_json::json;

use crate::{
    sink::Sink,
    world::{World, mail, mailer},
};

/// Longer than any wait between two attempts.
const LONG: SignedDuration = SignedDuration::from_hours(3);

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    let mut world = World::new().await;
    let mut sink = Sink::starttls(world.database.folder());
    let url = format!("smtp://localhost:{}", sink.port);
    world.mailer = mailer(&url, Vec::new());
    let listed = world.post_and_send(mail()).await;
    assert_eq!((listed.state, listed.cause), (State::Queued, Some(Cause::Certificate)));
    assert!(sink.mails().is_empty());

    world.send_by_starttls(&sink);
    world.after(LONG).await;
    assert_eq!(world.listed(listed.id).await.state, State::Sent);
    sink.only_mail();
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let mut world = World::new().await;
    let mut sink = Sink::start(world.database.folder(), json!({"tls": "implicit"}));
    world.send_to(&sink, "smtps://127.0.0.1:", "");
    assert_eq!(world.post_and_send(mail()).await.cause, Some(Cause::Certificate));
    assert!(sink.mails().is_empty());
}

#[tokio::test]
async fn a_mail_servers_certificate_that_ran_out_is_refused() {
    // SEC-30
    let mut world = World::new().await;
    let mut sink = Sink::expired(world.database.folder());
    world.send_by_starttls(&sink);
    let listed = world.post_and_send(mail()).await;
    assert_eq!((listed.state, listed.cause), (State::Queued, Some(Cause::Certificate)));
    assert!(sink.mails().is_empty());
}

#[tokio::test]
async fn a_server_without_encryption_gets_nothing() {
    let mut world = World::new().await;
    let options = json!({"tls": "none", "user": "acme", "password": "secret"});
    let mut sink = Sink::start(world.database.folder(), options);
    world.send_to(&sink, "smtp://acme:secret@localhost:", "");
    let listed = world.post_and_send(mail()).await;
    assert_eq!((listed.state, listed.cause), (State::Queued, Some(Cause::NoEncryption)));
    assert!(sink.mails().is_empty());

    world.send_to(&sink, "smtps://localhost:", "");
    let listed = world.post_and_send(mail()).await;
    assert_eq!((listed.state, listed.cause), (State::Queued, Some(Cause::NoEncryption)));
}

#[tokio::test]
async fn a_wrong_password_waits_to_be_put_right() {
    let mut world = World::new().await;
    let options = json!({"tls": "starttls", "user": "acme", "password": "right"});
    let mut sink = Sink::start(world.database.folder(), options);
    world.send_to(&sink, "smtp://acme:wrong@localhost:", "");
    let listed = world.post_and_send(mail()).await;
    assert_eq!((listed.state, listed.cause), (State::Queued, Some(Cause::Credentials)));
    assert!(listed.status.unwrap().starts_with("535"));

    world.send_by_starttls(&sink);
    let listed = world.post_and_send(mail()).await;
    assert_eq!(
        listed.cause,
        Some(Cause::Credentials),
        "it wants a password and gets none"
    );

    world.send_to(&sink, "smtp://acme:right@localhost:", "");
    world.after(LONG).await;
    assert_eq!(sink.mails().len(), 2);
}

#[tokio::test]
async fn a_passing_refusal_is_tried_again_with_growing_waits() {
    let mut world = World::new().await;
    let answers = json!({
        "MAIL": ["451 4.3.0 not now"],
        "RCPT": ["450 4.7.1 greylisted"],
        "DATA": ["452 4.3.1 full"],
    });
    let mut sink = Sink::start(world.database.folder(), json!({"tls": "starttls", "answers": answers}));
    world.send_by_starttls(&sink);
    let mut listed = world.post_and_send(mail()).await;
    for (attempts, status) in [(1, "451 4.3.0"), (2, "450 4.7.1"), (3, "452 4.3.1")] {
        assert_eq!((listed.state, listed.cause), (State::Queued, Some(Cause::Deferred)));
        assert_eq!((listed.attempts, listed.status.as_deref()), (attempts, Some(status)));
        let wait = listed
            .next_attempt_at
            .unwrap()
            .duration_since(world.store.now())
            .as_secs();
        let most = 120 << (attempts - 1);
        assert!((most / 10..=most).contains(&wait), "{wait} of {most}");
        assert_eq!(world.run_jobs().await, 0, "not before its time");
        world.after(SignedDuration::from_secs(most)).await;
        listed = world.listed(listed.id).await;
    }
    assert_eq!((listed.state, listed.attempts, listed.cause), (State::Sent, 4, None));
    sink.only_mail();
}

#[tokio::test]
async fn a_lasting_refusal_fails_and_says_why_and_can_be_sent_again() {
    let mut world = World::new().await;
    let words = "550 5.1.1 <ada@example.com>: no such user";
    let options = json!({"tls": "starttls", "answers": {"RCPT": [words]}});
    let mut sink = Sink::start(world.database.folder(), options);
    world.send_by_starttls(&sink);
    let listed = world.post_and_send(mail()).await;
    assert_eq!((listed.state, listed.cause), (State::Failed, Some(Cause::Refused)));
    assert_eq!(listed.status.as_deref(), Some("550 5.1.1"));
    assert_eq!(listed.ended_at, Some(world.store.now()));
    assert_eq!(world.after(LONG).await, 0, "it is not tried again by itself");
    let failed = Filter {
        state: Some(State::Failed),
        ..Filter::default()
    };
    assert_eq!(world.list(failed).await.len(), 1);
    let mut read = world.store.read().await.unwrap();
    let answer = mail::read(&mut read, &world.vault, listed.id).await.unwrap().answer;
    assert_eq!(answer.unwrap().reveal(), "<ada@example.com>: no such user");
    drop(read);

    let mut tx = world.store.write().await.unwrap();
    assert!(mail::send_again(&mut tx, listed.id).await.unwrap());
    tx.commit().await.unwrap();
    world.run_jobs().await;
    assert_eq!(world.listed(listed.id).await.state, State::Sent);
    sink.only_mail();
    let mut tx = world.store.write().await.unwrap();
    assert!(
        !mail::send_again(&mut tx, listed.id).await.unwrap(),
        "what was sent is sent"
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_for_two_days() {
    let mut world = World::new().await;
    let sink = Sink::starttls(world.database.folder());
    world.send_by_starttls(&sink);
    drop(sink);
    let mut listed = world.post_and_send(mail()).await;
    assert_eq!((listed.state, listed.cause), (State::Queued, Some(Cause::Unreachable)));
    while listed.state == State::Queued {
        world.clock.set(listed.next_attempt_at.unwrap());
        world.run_jobs().await;
        listed = world.listed(listed.id).await;
    }
    assert_eq!((listed.state, listed.cause), (State::Failed, Some(Cause::Unreachable)));
    let tried = listed.ended_at.unwrap().duration_since(listed.created_at);
    assert!((48..=50).contains(&tried.as_hours()), "{tried}");
    assert!((24..200).contains(&listed.attempts), "{}", listed.attempts);
}

#[tokio::test]
async fn an_address_that_the_server_cannot_write_fails_at_once() {
    let mut world = World::new().await;
    let mut sink = Sink::starttls(world.database.folder());
    world.send_by_starttls(&sink);
    let international = || {
        let to = MailAddress::parse("to", "jürgen@bücher.example").unwrap();
        Mail::new("test", to, Language::German, "Guten Tag", "Text").unwrap()
    };
    let listed = world.post_and_send(international()).await;
    assert_eq!(
        (listed.state, listed.cause),
        (State::Failed, Some(Cause::AddressNotSupported))
    );
    assert!(sink.mails().is_empty());

    let mut sink = Sink::start(world.database.folder(), json!({"tls": "starttls", "smtputf8": true}));
    world.send_by_starttls(&sink);
    assert_eq!(world.post_and_send(international()).await.state, State::Sent);
    assert_eq!(sink.only_mail().recipients(), ["jürgen@xn--bcher-kva.example"]);
}

#[tokio::test]
async fn what_is_no_mail_server_is_told_apart() {
    let mut world = World::new().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
        stream
    };
    world.mailer = mailer(&format!("smtp://127.0.0.1:{port}?tls=none"), Vec::new());
    let (listed, _stream) = tokio::join!(world.post_and_send(mail()), answer);
    assert_eq!((listed.state, listed.cause), (State::Queued, Some(Cause::NotSmtp)));
}

#[tokio::test]
async fn a_server_that_never_answers_holds_a_mail_up_no_longer_than_the_time_out() {
    let mut world = World::new().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let settings = MailerSettings {
        smtp_url: Some(Secret::new(format!("smtp://127.0.0.1:{port}?tls=none"))),
        mail_from: Some("privacy@acme.example".to_owned()),
        timeout: std::time::Duration::from_millis(20),
        ..MailerSettings::default()
    };
    world.mailer = Mailer::open(&settings).unwrap();
    let listed = world.post_and_send(mail()).await;
    assert_eq!((listed.state, listed.cause), (State::Queued, Some(Cause::Broken)));
}

#[tokio::test]
async fn mails_wait_while_no_mailer_is_configured_any_more() {
    let mut world = World::new().await;
    let mut sink = Sink::starttls(world.database.folder());
    world.send_by_starttls(&sink);
    let id = world.post(mail()).await.unwrap();
    world.mailer = Mailer::open(&MailerSettings::default()).unwrap();
    world.run_jobs().await;
    let listed = world.listed(id).await;
    assert_eq!((listed.state, listed.cause), (State::Queued, Some(Cause::NoMailer)));
    world.send_by_starttls(&sink);
    world.after(LONG).await;
    sink.only_mail();
}

#[tokio::test]
async fn a_server_is_asked_whether_it_would_take_mails_and_gets_none() {
    let mut world = World::new().await;
    let options = json!({
        "tls": "starttls", "user": "acme", "password": "right", "answers": {"MAIL": ["550 5.7.1 not as that sender"]},
    });
    let mut sink = Sink::start(world.database.folder(), options);
    world.send_to(&sink, "smtp://acme:wrong@localhost:", "");
    assert_eq!(world.mailer.check().await.unwrap_err().cause, Cause::Credentials);
    world.send_to(&sink, "smtp://acme:right@localhost:", "");
    let refused = world.mailer.check().await.unwrap_err();
    assert_eq!(
        (refused.cause, refused.status.as_deref()),
        (Cause::Refused, Some("550 5.7.1"))
    );
    assert!(world.mailer.check().await.is_ok());
    world.mailer = mailer(&format!("smtp://localhost:{}", sink.port), Vec::new());
    assert_eq!(world.mailer.check().await.unwrap_err().cause, Cause::Certificate);
    assert!(sink.mails().is_empty());

    world.keep_mails();
    assert!(world.mailer.check().await.is_ok(), "there is nobody to ask");
}
