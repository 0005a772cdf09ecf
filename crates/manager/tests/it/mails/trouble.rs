//! Mail servers that are down, and such that refuse.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use jiff::SignedDuration;
use manager::Settings;
use serde_json::{Value, json};

use crate::app::TestApp;

/// Just enough of a mail server: takes mails, or refuses their readers with these words.
struct Server {
    port: u16,
    refuses: Arc<Mutex<Option<&'static str>>>,
    mails: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (refuses, mails) = (Arc::new(Mutex::new(None)), Arc::new(Mutex::new(Vec::new())));
        let (answer, kept) = (Arc::clone(&refuses), Arc::clone(&mails));
        std::thread::spawn(move || {
            for client in listener.incoming() {
                converse(&client.unwrap(), *answer.lock().unwrap(), &kept);
            }
        });
        Self { port, refuses, mails }
    }

    fn mails(&self) -> Vec<String> {
        self.mails.lock().unwrap().clone()
    }
}

fn converse(client: &TcpStream, refuses: Option<&str>, mails: &Mutex<Vec<String>>) {
    let say = |line: &str| {
        let mut writer = client;
        writer.write_all(format!("{line}\r\n").as_bytes()).ok();
    };
    say("220 test");
    let mut lines = BufReader::new(client).lines().map_while(Result::ok);
    while let Some(line) = lines.next() {
        match line.get(..4).unwrap_or_default() {
            "EHLO" => say("250 test"),
            "RCPT" => say(refuses.unwrap_or("250 ok")),
            "DATA" => {
                say("354 go on");
                let mail: Vec<String> = lines.by_ref().take_while(|line| line != ".").collect();
                mails.lock().unwrap().push(mail.join("\n"));
                say("250 2.0.0 taken");
            }
            "QUIT" => {
                say("221 bye");
                return;
            }
            _ => say("250 ok"),
        }
    }
}

async fn app_with_server(port: u16) -> TestApp {
    TestApp::with(Settings {
        smtp_url: Some(format!("smtp://127.0.0.1:{port}?tls=none")),
        mail_from: Some("Acme <privacy@acme.example>".to_owned()),
        ..Settings::default()
    })
    .await
}

async fn mails(app: &TestApp, request: &Value) -> Value {
    let path = format!("/api/v1/requests/{}/mails", request["id"].as_str().unwrap());
    app.get(&path).await.expect(200).json()["mails"].clone()
}

#[tokio::test]
async fn a_server_that_is_down_delays_a_mail_and_is_seen() {
    // SEC-46
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let app = app_with_server(port).await;
    let made = app.make_and_tell(json!({"verify": true})).await;
    app.run_jobs().await;
    let mail = mails(&app, &made).await[0].clone();
    assert_eq!(
        (&mail["state"], &mail["cause"]["code"]),
        (&json!("queued"), &json!("unreachable"))
    );
    assert!(mail["next_attempt_at"].is_string());
    assert_eq!(app.again(&made).await["state"], "pending_verification");

    for _ in 0..60 {
        app.after(SignedDuration::from_hours(1)).await;
    }
    let given_up = mails(&app, &made).await;
    let first = given_up.as_array().unwrap().last().unwrap();
    assert_eq!(first["state"], "failed");
    let request = app.again(&made).await;
    let codes: Vec<&Value> = request["notices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|notice| &notice["code"])
        .collect();
    assert!(codes.contains(&&json!("mail_failed")), "{codes:?}");
    assert!(app.history(&made).await.contains(&"mail.failed".to_owned()));
}

#[tokio::test]
async fn a_refused_address_is_seen_and_tried_again_on_demand_as_the_same_mail() {
    let server = Server::start();
    *server.refuses.lock().unwrap() = Some("550 5.1.1 nobody of that name");
    let app = app_with_server(server.port).await;
    let made = app.make_and_tell(json!({"verify": true})).await;
    app.run_jobs().await;
    let mail = mails(&app, &made).await[0].clone();
    assert_eq!(
        (&mail["state"], &mail["cause"]["code"]),
        (&json!("failed"), &json!("refused"))
    );
    assert_eq!(mail["cause"]["server_status"], "550 5.1.1");
    assert!(server.mails().is_empty());

    *server.refuses.lock().unwrap() = None;
    let again = format!("/api/v1/mails/{}/send-again", mail["id"].as_str().unwrap());
    app.post(&again, Value::Null).await.expect(204);
    app.run_jobs().await;
    assert_eq!(mails(&app, &made).await[0]["state"], "sent");
    assert_eq!(server.mails().len(), 1);
    app.post(&again, Value::Null).await.expect(409);
    assert!(
        app.again(&made).await["notices"]
            .as_array()
            .unwrap()
            .iter()
            .all(|notice| notice["code"] != "mail_failed")
    );
}
