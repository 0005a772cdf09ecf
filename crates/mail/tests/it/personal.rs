//! Nothing personal lies about.

use std::{
    io,
    sync::{Arc, Mutex},
};

use mail::{Language, Letter, MailAddress, Right, State};
use oauth::Secret;
use serde_json::json;
use store::args;
use tracing_subscriber::fmt::MakeWriter;

use crate::{sink::Sink, world::World};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Words that stand in the mail, in what the server says, or in the URL of the server.
const PERSONAL: &[&str] = &[
    "ada",
    "lovelace",
    "example.com",
    "s3cr3t-token",
    "hunter2",
    "quux notes",
];

#[tokio::test]
async fn nothing_personal_is_logged_or_lies_open_in_the_database() {
    // For the whole process: what other tests cause to be logged is as bound to be clean.
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let mut world = World::new().await;
    let answers = json!({
        "RCPT": ["450 4.7.1 <ada@example.com> is greylisted", "550 5.1.1 <ada@example.com>: no such user"],
    });
    let options = json!({"tls": "starttls", "user": "u", "password": "hunter2", "answers": answers});
    let mut sink = Sink::start(world.database.folder(), options);
    world.send_to(&sink, "smtp://u:hunter2@localhost:", "");
    let letter = || {
        let to = MailAddress::parse("to", "ada@example.com").unwrap();
        Letter::DirectContact {
            reference: "R-1".to_owned(),
            right: Right::Access,
            connection: "CRM".to_owned(),
            account: None,
            notes: Some(Secret::new("quux notes".to_owned())),
            link: Secret::new("https://localhost:8443/c/s3cr3t-token".to_owned()),
            deadline: world.store.now(),
        }
        .compose(Language::English, "Acme", to.named("to", "Ada Lovelace").unwrap())
        .unwrap()
        .about("task:1")
        .once("task:1 asked")
    };
    let id = world.post(letter()).await.unwrap();
    tracing::trace!(mail = ?letter(), mailer = ?world.mailer, "shown as carelessly as can be");
    world.run_jobs().await;
    assert_eq!(world.listed(id).await.state, State::Queued);
    world.after(jiff::SignedDuration::from_hours(3)).await;
    assert_eq!(world.listed(id).await.state, State::Failed);
    let mut tx = world.store.write().await.unwrap();
    mail::send_again(&mut tx, id).await.unwrap();
    tx.commit().await.unwrap();
    world.run_jobs().await;
    assert_eq!(world.listed(id).await.state, State::Sent);
    sink.only_mail();

    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(
        logged.contains("a mail could not be sent yet") && logged.contains("mail sent"),
        "{logged}"
    );
    for word in PERSONAL {
        assert!(!logged.to_lowercase().contains(word), "{word} in the log: {logged}");
    }
    for (place, bytes) in stored(&world).await {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        for word in PERSONAL {
            // The three letters may be anywhere by chance in what is sealed.
            assert!(*word == "ada" || !text.contains(word), "{word} in {place}");
        }
    }
}

/// All that is stored: the rows, and for SQLite the files.
async fn stored(world: &World) -> Vec<(String, Vec<u8>)> {
    let mut stored = Vec::new();
    let mut read = world.store.read().await.unwrap();
    if world.database.is_postgres() {
        let bytes = "CAST(row_to_json(t) AS TEXT) || encode(data_key, 'escape') || encode(contents, 'escape') || \
                     encode(answer, 'escape')";
        for (table, all) in [("mail", bytes), ("job", "CAST(row_to_json(t) AS TEXT)")] {
            let sql = format!("SELECT {all} AS line FROM {table} t");
            for row in read.fetch_all(store::AssertSqlSafe(sql), args![]).await.unwrap() {
                let line: String = row.get("line").unwrap();
                stored.push((table.to_owned(), line.into_bytes()));
            }
        }
    }
    for entry in std::fs::read_dir(world.database.folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("test.db") {
            stored.push((name, std::fs::read(path).unwrap()));
        }
    }
    let found = |(_, bytes): &(String, Vec<u8>)| String::from_utf8_lossy(bytes).contains("direct_contact_access");
    assert!(stored.iter().any(found), "what lies open is found");
    stored
}
