use jiff::SignedDuration;
use mail::{Cause, ReadError, State};
use store::args;

use crate::world::{World, mail, mailer};

const DAY: SignedDuration = SignedDuration::from_hours(24);

async fn is_readable(world: &World, id: mail::MailId) -> bool {
    let mut read = world.store.read().await.unwrap();
    match mail::read(&mut read, &world.vault, id).await {
        Ok(_) => true,
        Err(ReadError::NotFound) => false,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn what_a_mail_said_is_shredded_after_thirty_days_and_that_it_was_stays() {
    let mut world = World::new().await;
    world.keep_mails();
    let first = world.post(mail().once("the first")).await.unwrap();
    world.after(DAY * 10).await;
    let second = world.post(mail()).await.unwrap();
    world.after(DAY * 19).await;
    assert!(is_readable(&world, first).await);
    world.after(DAY).await;
    assert!(!is_readable(&world, first).await);
    assert!(is_readable(&world, second).await);
    let listed = world.listed(first).await;
    assert!(listed.is_shredded && listed.state == State::Kept);
    assert_eq!(
        world.post(mail().once("the first")).await.unwrap(),
        first,
        "it is still the one"
    );
    world.after(DAY * 10).await;
    assert!(!is_readable(&world, second).await);

    let mut read = world.store.read().await.unwrap();
    let left = read
        .fetch_one(
            "SELECT COUNT(*) AS left_over FROM mail \
             WHERE data_key IS NOT NULL OR contents IS NOT NULL OR answer IS NOT NULL",
            args![],
        )
        .await
        .unwrap();
    assert_eq!(left.get::<i64>("left_over").unwrap(), 0);
    drop(read);
    assert_eq!(world.after(DAY * 100).await, 0, "no sweep is left over");
}

#[tokio::test]
async fn many_mails_are_shredded_in_few_sweeps() {
    let mut world = World::new().await;
    world.keep_mails();
    for _ in 0..7 {
        world.post(mail()).await.unwrap();
        world.clock.advance(SignedDuration::from_mins(20));
    }
    let sweeps = world.after(DAY * 31).await;
    assert!(sweeps <= 3, "{sweeps}");
    let listed = world.list(mail::Filter::default()).await;
    assert!(listed.iter().all(|mail| mail.is_shredded));
}

#[tokio::test]
async fn what_is_still_to_be_sent_is_not_shredded() {
    let mut world = World::new().await;
    world.mailer = mailer("smtp://localhost:1?tls=none", Vec::new());
    let id = world.post(mail()).await.unwrap();
    let mut tx = world.store.write().await.unwrap();
    tx.execute("UPDATE mail SET shred_at = 0", args![]).await.unwrap();
    tx.execute("UPDATE job SET run_at = 0 WHERE kind = 'mail.shred'", args![])
        .await
        .unwrap();
    tx.execute("UPDATE lane SET due_at = 0 WHERE key = 'mail.shred'", args![])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    world.run_jobs().await;
    let listed = world.listed(id).await;
    assert!(listed.state == State::Queued && !listed.is_shredded);
    world.keep_mails();
    world.after(SignedDuration::from_hours(3)).await;
    world.after(SignedDuration::from_hours(1)).await;
    assert!(world.listed(id).await.is_shredded);
}

#[tokio::test]
async fn all_mails_about_a_request_can_be_forgotten_at_once() {
    let mut world = World::new().await;
    world.keep_mails();
    let kept = world.post(mail().about("request:1")).await.unwrap();
    let other = world.post(mail().about("request:2")).await.unwrap();
    world.mailer = mailer("smtp://localhost:1?tls=none", Vec::new());
    let waiting = world.post(mail().about("request:1")).await.unwrap();
    let mut tx = world.store.write().await.unwrap();
    assert_eq!(mail::forget(&mut tx, "request:1").await.unwrap(), 2);
    tx.commit().await.unwrap();
    world.run_jobs().await;
    assert!(!is_readable(&world, kept).await && !is_readable(&world, waiting).await);
    assert!(is_readable(&world, other).await);
    let listed = world.listed(waiting).await;
    assert_eq!((listed.state, listed.attempts), (State::Failed, 0));
    assert_eq!(listed.cause, Some(Cause::Forgotten));
    assert_eq!(world.listed(kept).await.state, State::Kept);
    let mut tx = world.store.write().await.unwrap();
    assert!(!mail::send_again(&mut tx, waiting).await.unwrap());
}
