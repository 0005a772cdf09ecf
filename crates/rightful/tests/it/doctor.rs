//! What `doctor` says about the way that mails take.

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
    task::JoinSet,
};

use crate::{
    place::Place,
    process::{Command, Ended},
};

/// A mail server that answers one word to each command; `refuses` is a command and what it says to it.
struct MailServer {
    port: u16,
    _tasks: JoinSet<()>,
}

impl MailServer {
    async fn start(refuses: Option<(&'static str, &'static str)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (read, mut write) = stream.into_split();
                let mut lines = BufReader::new(read).lines();
                write.write_all(b"220 mail.example\r\n").await.ok();
                while let Ok(Some(line)) = lines.next_line().await {
                    let answer = match refuses {
                        Some((command, answer)) if line.starts_with(command) => answer,
                        _ => "250 ok",
                    };
                    write.write_all(format!("{answer}\r\n").as_bytes()).await.ok();
                }
            }
        });
        Self { port, _tasks: tasks }
    }

    fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}?tls=none", self.port)
    }
}

async fn doctor(place: &Place, settings: &[(&str, &str)]) -> Ended {
    let mut command = place.rightful("manager doctor --listen 127.0.0.1:0");
    for (name, value) in settings {
        command = command.env(name, value);
    }
    command.run().await
}

/// What is said about mails: the line, and the one below it with what to do.
fn about_mails(ended: &Ended) -> String {
    let mut lines = ended.stdout.lines().skip_while(|line| !line.contains("  mail: "));
    let line = lines.next().unwrap_or_else(|| panic!("nothing: {}", ended.stdout));
    let hint = lines.next().filter(|line| line.starts_with("        hint: "));
    format!("{line}\n{}", hint.unwrap_or_default().trim_start())
}

#[tokio::test]
async fn doctor_says_whether_mails_would_go_out_and_what_to_do_about_it() {
    let place = Place::new().await;
    let fine = MailServer::start(None).await;
    let strict = MailServer::start(Some(("MAIL", "550 5.7.1 <acme> may not be privacy@acme.example"))).await;
    let (fine, strict) = (fine.url(), strict.url());
    let from = ("RIGHTFUL_MAIL_FROM", "Acme <privacy@acme.example>");
    for (settings, status, says, hint) in [
        (
            vec![],
            0,
            "note    mail: smtp_url is not set",
            "set smtp_url and mail_from",
        ),
        (
            vec![("RIGHTFUL_MAILBOX", "true")],
            0,
            "note    mail: the local mailbox is in use: mails stay here, none goes out",
            "`rightful manager mailbox list` shows them",
        ),
        (
            vec![("RIGHTFUL_SMTP_URL", &*fine), from],
            0,
            "takes mails from privacy@acme.example",
            "",
        ),
        (
            vec![("RIGHTFUL_SMTP_URL", &*strict), from],
            1,
            "the mail server refused the mail (550 5.7.1)",
            "may this user send as mail_from",
        ),
        (
            vec![("RIGHTFUL_SMTP_URL", "smtp://127.0.0.1:1"), from],
            1,
            "127.0.0.1:1: the mail server could not be reached",
            "is the server running",
        ),
        (
            vec![("RIGHTFUL_SMTP_URL", &*fine)],
            1,
            "smtp_url needs mail_from",
            "set mail_from to the sender's address",
        ),
        (
            vec![("RIGHTFUL_SMTP_URL", &*fine), ("RIGHTFUL_MAIL_FROM", "privacy")],
            1,
            "failed  mail: ",
            "set mail_from to the sender's address",
        ),
        (
            vec![("RIGHTFUL_SMTP_URL", &*fine), from, ("RIGHTFUL_MAILBOX", "true")],
            1,
            "smtp_url and mailbox are both set",
            "take mailbox away to send mails",
        ),
    ] {
        let ended = doctor(&place, &settings).await;
        let said = about_mails(&ended);
        assert!(said.contains(says) && said.contains(hint), "{settings:?}: {said}");
        assert_eq!(hint.is_empty(), !said.contains("hint: "), "{said}");
        assert_eq!(ended.status, Some(status), "{said}");
        assert!(
            !said.contains("<acme>"),
            "the server's own words are not repeated: {said}"
        );
    }
}

#[tokio::test]
async fn doctor_never_repeats_the_password_of_the_mail_server() {
    let place = Place::new().await;
    for service in ["manager", "provider"] {
        let ended = Command::new(&format!("{service} doctor --listen 127.0.0.1:0 --json"))
            .env("RIGHTFUL_DATA", &place.folder().join("other").display().to_string())
            .env("RIGHTFUL_SMTP_URL", "smtp://user:hidden@127.0.0.1:1")
            .env("RIGHTFUL_MAIL_FROM", "privacy@acme.example")
            .run()
            .await;
        assert_eq!(ended.status, Some(1));
        let found: Value = serde_json::from_str(&ended.stdout).unwrap();
        let mail = found["checks"].as_array().unwrap().iter();
        let mail: Vec<_> = mail.filter(|check| check["name"] == "mail").collect();
        assert_eq!((mail.len(), &mail[0]["status"]), (1, &"failed".into()), "{found}");
        assert!(mail[0]["hint"].as_str().unwrap().contains("host and port"), "{found}");
        assert!(!ended.stdout.contains("hidden") && !ended.stderr.contains("hidden"));
    }
}
