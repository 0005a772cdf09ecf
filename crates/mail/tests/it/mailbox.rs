use mail::{Filter, MailAddress, Mailer, PostError, ReadError, State};

use crate::world::{World, mail};

#[tokio::test]
async fn without_a_mailer_posting_is_refused_and_says_why() {
    let world = World::new().await;
    assert!(!Mailer::none().is_configured());
    let error = world.post(mail()).await.unwrap_err();
    assert!(matches!(error, PostError::NoMailer));
    assert!(error.to_string().starts_with("no mailer is configured"), "{error}");
    assert!(world.list(Filter::default()).await.is_empty());
}

#[tokio::test]
async fn a_local_mailbox_keeps_mails_and_sends_none() {
    let mut world = World::new().await;
    world.keep_mails();
    let reply_to = MailAddress::parse("reply_to", "people@acme.example").unwrap();
    let mail = mail().html("<p>The words</p>").unwrap().reply_to(reply_to);
    let id = world.post(mail).await.unwrap();
    assert_eq!(world.run_jobs().await, 0, "nothing leaves");
    let listed = world.listed(id).await;
    assert_eq!((listed.state, listed.ended_at), (State::Kept, Some(world.store.now())));

    let mut read = world.store.read().await.unwrap();
    let mail = mail::read(&mut read, &world.vault, id).await.unwrap();
    assert_eq!(
        (mail.to.reveal(), mail.to.reveal_name()),
        ("ada@example.com", Some("Ada Lovelace"))
    );
    assert_eq!(mail.from.reveal(), "no-reply@localhost");
    assert_eq!(mail.reply_to.unwrap().reveal(), "people@acme.example");
    assert_eq!(
        (&**mail.subject.reveal(), &**mail.text.reveal()),
        ("The subject", "The words\n")
    );
    assert_eq!(mail.html.unwrap().reveal(), "<p>The words</p>");
    let nobody = mail::MailId::from(world.store.new_id());
    let error = mail::read(&mut read, &world.vault, nobody).await.unwrap_err();
    assert!(matches!(error, ReadError::NotFound));
}

#[tokio::test]
async fn what_waits_when_the_mailbox_is_turned_on_stays_in_it() {
    let mut world = World::new().await;
    world.mailer = crate::world::mailer("smtp://localhost:1?tls=none", Vec::new());
    let id = world.post(mail()).await.unwrap();
    world.keep_mails();
    world.run_jobs().await;
    assert_eq!(world.listed(id).await.state, State::Kept);
}

#[tokio::test]
async fn the_outbox_is_listed_in_pages_the_newest_first() {
    let mut world = World::new().await;
    world.keep_mails();
    let mut posted = Vec::new();
    for number in 0..5 {
        world.clock.advance(jiff::SignedDuration::from_secs(1));
        posted.push(
            world
                .post(mail().about(format!("request:{}", number % 2)))
                .await
                .unwrap(),
        );
    }
    posted.reverse();
    let mut seen = Vec::new();
    loop {
        let before = seen.last().copied();
        let page = world
            .list(Filter {
                before,
                limit: 2,
                ..Filter::default()
            })
            .await;
        if page.is_empty() {
            break;
        }
        seen.extend(page.iter().map(|mail| mail.id));
    }
    assert_eq!(seen, posted);
    let both = Filter {
        object: Some("request:1".to_owned()),
        state: Some(State::Kept),
        before: Some(posted[1]),
        limit: 9,
    };
    let ids: Vec<_> = world.list(both).await.iter().map(|mail| mail.id).collect();
    assert_eq!(ids, [posted[3]]);
}
