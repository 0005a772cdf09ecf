use oauth::Secret;

use super::{template::samples, *};
use crate::error::one_line;

const BRAND: &str = "Acme & Söhne";

fn reader() -> MailAddress {
    MailAddress::parse("to", "ada@example.com").unwrap()
}

fn every_letter() -> impl Iterator<Item = (Language, Letter, Mail)> {
    Language::ALL.iter().flat_map(|language| {
        Event::ALL.iter().flat_map(|event| samples(*event)).map(|letter| {
            let mail = letter.compose(*language, BRAND, reader()).unwrap();
            (*language, letter, mail)
        })
    })
}

#[test]
fn every_letter_of_every_language_says_who_writes_and_why() {
    for (language, letter, mail) in every_letter() {
        let event = letter.event();
        let (body, note) = mail.text.split_once("\n\n-- \n").unwrap();
        assert!(note.contains(BRAND), "{event} {language}: {note}");
        assert!(note.contains(reason_word(language)), "{event} {language}: {note}");
        assert!(body.contains("\n\n"), "{event} {language}");
        one_line("subject", &mail.subject).unwrap();
        assert!(
            mail.subject.chars().count() < 110,
            "{event} {language}: {}",
            mail.subject
        );
    }
}

const fn reason_word(language: Language) -> &'static str {
    match language {
        Language::English => "because",
        Language::German => "weil",
        Language::French => "parce qu",
        Language::Spanish => "porque",
    }
}

#[test]
fn every_template_can_be_used_and_leaves_no_marks() {
    for event in Event::ALL {
        for language in Language::ALL {
            check_template(*event, template(*event, *language)).unwrap();
        }
    }
    for (language, letter, mail) in every_letter() {
        for mark in ["{{", "{%", "undefined", "()", "\n\n\n", "  "] {
            let text = mail.text.replace("-- \n", "");
            assert!(!text.contains(mark), "{} {language}: {mark}: {text}", letter.event());
        }
    }
}

#[test]
fn links_stand_alone_on_a_line_and_are_links_in_html() {
    for (language, letter, mail) in every_letter() {
        let event = letter.event();
        let html = mail.html.unwrap();
        let has_link = template(event, language).contains("{{ link }}");
        let lines = mail.text.lines().filter(|line| line.starts_with("https://")).count();
        assert_eq!(lines, usize::from(has_link), "{event} {language}");
        assert_eq!(html.matches("<a href=\"https://").count(), lines, "{event} {language}");
        assert_eq!(html.matches("sample&amp;kind").count(), 2 * lines, "{event} {language}");
        assert!(html.contains(&format!("<html lang=\"{language}\">")));
        assert!(!html.contains("Acme & Söhne"), "unescaped");
        assert!(!html.contains("<img") && !html.contains("src="), "nothing is fetched");
    }
}

#[test]
fn what_people_have_written_is_text_and_no_link() {
    let letter = Letter::DirectContact {
        reference: "R-1".to_owned(),
        right: Right::Access,
        connection: "<b>CRM</b>".to_owned(),
        account: None,
        notes: Some(Secret::new("{{ link }}\n\nhttps://evil.example\n\n<script>".to_owned())),
        link: Secret::new("https://privacy.example.com/c/abc".to_owned()),
        deadline: "2026-12-06T00:00:00Z".parse().unwrap(),
    };
    let mail = letter.compose(Language::English, BRAND, reader()).unwrap();
    let html = mail.html.unwrap();
    assert!(html.contains("&lt;b&gt;CRM&lt;/b&gt;") && html.contains("&lt;script&gt;"));
    assert!(html.contains("{{ link }}"), "not rendered a second time");
    assert_eq!(html.matches("<a ").count(), 1);
}

#[test]
fn a_value_that_is_not_one_line_is_refused_by_its_name() {
    // SEC-34
    let letter = |connection: &str, link: &str| Letter::ConnectionAlert {
        connection: connection.to_owned(),
        since: Timestamp::UNIX_EPOCH,
        cause: Secret::new("refused".to_owned()),
        link: Secret::new(link.to_owned()),
    };
    let link = "https://localhost:8443/connections/1";
    for (letter, brand, field) in [
        (letter("CRM\r\nBcc: eve@example.com", link), "Acme", "connection"),
        (letter("CRM", link), "Acme\nBcc: eve@example.com", "brand"),
        (letter("CRM", "https://localhost/\r\nX: y"), "Acme", "link"),
        (letter("CRM", "javascript:alert(1)"), "Acme", "link"),
    ] {
        match letter.compose(Language::English, brand, reader()) {
            Err(TemplateError::Mail(error)) => assert_eq!(error.field, field),
            other => panic!("{field}: {other:?}"),
        }
    }
}

#[test]
fn a_customers_template_is_used_when_it_can_be() {
    let good = "Hello from {{ brand }}\n\n{{ brand }} asks you to confirm:\n\n{{ link }}\n\nUntil {{ until }}.";
    check_template(Event::Verification, good).unwrap();
    let [letter, ..] = &samples(Event::Verification)[..] else {
        panic!()
    };
    let mail = letter.compose_from(good, Language::German, "Acme", reader()).unwrap();
    assert_eq!(mail.subject, "Hello from Acme");
    assert!(
        mail.text.ends_with("Until 29. November 2026, 08:00 UTC.\n"),
        "{}",
        mail.text
    );

    for (event, template, reason) in [
        (
            Event::Verification,
            "Hello\n\n{{ brand }}: click {{ link }} now",
            "alone",
        ),
        (Event::Verification, "{{ brand }}\n\nNo link", "alone"),
        (Event::Verification, "{{ brand }}\n\n{{ link }}", "who writes"),
        (Event::Verification, "{{ brand }}", "first line"),
        (Event::Verification, "", "first line"),
        (
            Event::Verification,
            "{{ brand }}\n\n{{ link }}\n\n{{ account }}",
            "line 5",
        ),
        (Event::Verification, "{{ brand }}\n\n{{ link }}\n\n{% if %}", "line 5"),
        (
            Event::DirectContactAccess,
            "Hi\n\n{{ brand }}\n\n{{ link }}\n\n{{ notes }}",
            "line 7",
        ),
        (
            Event::Verification,
            "{{ brand }}\n\n{% include \"/etc/passwd\" %}",
            "line 3",
        ),
        (Event::Verification, "{{ brand }}\n\n{{ range(10) }}", "line 3"),
    ] {
        let error = check_template(event, template).unwrap_err().to_string();
        assert!(error.contains(reason), "{template:?}: {error}");
    }
}

#[test]
fn a_letter_reads_like_this() {
    let letter = Letter::Verification {
        reference: "R-2026-0042".to_owned(),
        right: Right::Deletion,
        link: Secret::new("https://localhost:8443/privacy/requests/abc".to_owned()),
        until: "2026-11-29T08:00:00Z".parse().unwrap(),
    };
    let mail = letter.compose(Language::English, "Acme", reader()).unwrap();
    assert_eq!(mail.subject, "Please confirm your privacy request R-2026-0042");
    assert_eq!(
        mail.text,
        "Hello,\n\n\
         Acme has received a request to delete the personal data that it holds about this e-mail address.\n\n\
         Before anything happens, we make sure that it was you who asked. Please open this page and confirm:\n\n\
         https://localhost:8443/privacy/requests/abc\n\n\
         The link works once, until 29 November 2026, 08:00 UTC.\n\n\
         If it wasn't you, you need not do anything: without your confirmation the request ends by itself.\n\n\
         -- \n\
         Acme sends you this mail because this address was given in privacy request R-2026-0042.\n"
    );
}
