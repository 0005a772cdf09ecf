use jiff::SignedDuration;
use mail::{State, post};

use crate::{
    sink::Sink,
    world::{CrashAt, World, mail},
};

#[tokio::test]
async fn a_mail_whose_sending_was_not_recorded_goes_out_again_as_the_same_mail() {
    let mut world = World::new().await;
    let mut sink = Sink::starttls(world.database.folder());
    world.send_by_starttls(&sink);
    let id = world.post(mail().html("<p>The words</p>").unwrap()).await.unwrap();
    // The claim commits; the record of the sending does not.
    world.restart(Some(CrashAt::pass("before commit", 1))).await;
    world.runner().drain().await.unwrap_err();
    sink.only_mail();

    world.restart(None).await;
    assert_eq!(world.listed(id).await.state, State::Queued);
    world.after(SignedDuration::from_mins(1)).await;
    assert_eq!(world.listed(id).await.state, State::Sent);
    let mails = sink.mails();
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0].header("Message-ID"), mails[1].header("Message-ID"));
    assert_eq!(mails[0].get("raw"), mails[1].get("raw"), "every byte is the same");
    world.after(SignedDuration::from_hours(1)).await;
    assert_eq!(sink.mails().len(), 2);
}

#[tokio::test]
async fn a_crash_at_any_point_loses_no_mail() {
    for point in ["before commit", "after commit"] {
        for passes in 0..4 {
            let mut world = World::new().await;
            let mut sink = Sink::starttls(world.database.folder());
            world.send_by_starttls(&sink);
            world.restart(Some(CrashAt::pass(point, passes))).await;
            let mut tx = world.store.write().await.unwrap();
            post(&mut tx, &world.vault, &world.mailer, mail().once("the mail"))
                .await
                .unwrap();
            if tx.commit().await.is_ok() {
                world.runner().drain().await.ok();
            }

            world.restart(None).await;
            world.post(mail().once("the mail")).await.unwrap();
            world.after(SignedDuration::from_mins(1)).await;
            let mails = sink.mails();
            let ids: Vec<&str> = mails.iter().map(|mail| mail.header("Message-ID")).collect();
            assert!(
                !ids.is_empty() && ids.iter().all(|id| *id == ids[0]),
                "{point} {passes}: {ids:?}"
            );
        }
    }
}
