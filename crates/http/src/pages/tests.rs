use askama::Template;

use super::{accent::Colour, parts::*, *};

#[derive(Template)]
#[template(ext = "html", source = "<p>{{ text }}</p>{{ badge }}")]
struct Body<'a> {
    text: &'a str,
    badge: Badge<'a>,
}

const HOSTILE: &str = r#""><script>alert('1')</script>&"#;
const ESCAPED: &str = "&#34;&#62;&#60;script&#62;alert(&#39;1&#39;)&#60;/script&#62;&#38;";

#[test]
fn the_frame_escapes_what_it_is_given_and_leaves_a_rendered_body_alone() {
    let nav = [NavItem {
        label: HOSTILE,
        href: HOSTILE,
        current: true,
    }];
    let user = User {
        name: HOSTILE,
        role: HOSTILE,
        links: &[Link {
            label: HOSTILE,
            href: HOSTILE,
        }],
        logout: "/logout",
        csrf: Csrf::new("t0ken".to_owned()),
    };
    let toast = Toast::done(HOSTILE);
    let shell = Shell {
        nav: &nav,
        user: Some(user),
        side: Some(Side {
            label: HOSTILE,
            items: &nav,
        }),
        toast: Some(&toast),
        ..Shell::new(HOSTILE, HOSTILE)
    };
    let page = shell
        .render(&Body {
            text: HOSTILE,
            badge: Badge::new(Tone::Ok, "Done"),
        })
        .unwrap();

    assert!(!page.contains("<script") && !page.contains("alert('"), "{page}");
    assert!(
        page.contains(&format!("<p>{ESCAPED}</p><span class=\"badge ok\">Done</span>")),
        "{page}"
    );
    assert!(page.contains(r#"<input type="hidden" name="csrf" value="t0ken">"#));
    assert!(page.contains(&format!(r#"href="{}""#, assets::stylesheet_path())));
    assert!(!page.contains("style="), "the content policy forbids inline styles");
}

#[test]
fn parts_escape_what_they_are_given() {
    let printed = [
        Badge::new(Tone::Bad, HOSTILE).to_string(),
        Notice::new(Tone::Warn, HOSTILE).title(HOSTILE).to_string(),
        Empty::new(HOSTILE, HOSTILE).action(HOSTILE, HOSTILE).to_string(),
        PostButton::new(HOSTILE, HOSTILE, Csrf::new(String::new()))
            .about(HOSTILE)
            .value("a", HOSTILE)
            .to_string(),
        FormErrors::default().with("name", HOSTILE).to_string(),
        Toast::done(HOSTILE).to_string(),
        Confirm::new(HOSTILE, Csrf::new(String::new()), HOSTILE, HOSTILE, HOSTILE)
            .text(HOSTILE)
            .to_string(),
        Field::text("name", HOSTILE)
            .value(HOSTILE)
            .hint(HOSTILE)
            .error(Some(HOSTILE))
            .to_string(),
        Field::area("name", HOSTILE).value(HOSTILE).to_string(),
        Field::select("name", HOSTILE, vec![Choice::new(HOSTILE, HOSTILE)]).to_string(),
        Field::radios("name", HOSTILE, vec![Choice::new(HOSTILE, HOSTILE).hint(HOSTILE)]).to_string(),
    ];
    for html in printed {
        assert!(html.contains(ESCAPED) && !html.contains("<script"), "{html}");
    }
}

#[test]
fn a_field_ties_label_hint_and_error_to_its_control() {
    let field = Field::email("email", "E-mail")
        .value("a@b")
        .hint("Yours.")
        .error(Some("Enter an e-mail address"));
    assert_eq!(
        field.to_string(),
        r#"<div class="field bad">
<label for="email">E-mail</label>
<span class="hint" id="email-hint">Yours.</span>
<span class="error" id="email-error">Enter an e-mail address</span>
<input id="email" name="email" type="email" value="a@b" aria-describedby="email-hint email-error" aria-invalid="true" autocomplete="email" autocapitalize="none" spellcheck="false" required>
</div>"#
    );
    let optional = Field::text("note", "Note").optional().short().max_length(9).to_string();
    assert!(
        optional.contains("(optional)") && optional.contains(r#"maxlength="9" class="short""#),
        "{optional}"
    );
    assert!(!optional.contains("required"));
}

#[test]
fn only_a_live_page_has_a_script_and_it_is_forbidden_to_evaluate() {
    let body = Body {
        text: "",
        badge: Badge::new(Tone::Ok, "Done"),
    };
    let still = Shell::new("Rightful", "Still").render(&body).unwrap();
    assert!(!still.contains("<script") && !still.contains("htmx"), "{still}");
    let live = Shell {
        live: true,
        ..Shell::new("Rightful", "Live")
    };
    let live = live.render(&body).unwrap();
    let script = format!(r#"<script src="{}" defer></script>"#, assets::script_path());
    assert!(
        live.contains(&script) && live.contains(r#""allowEval":false"#),
        "{live}"
    );
    let attributes = parts::Live::every(5, "/requests?a=1&b=\"2", "tasks").to_string();
    assert!(
        attributes.contains(
            r##"hx-get="/requests?a=1&amp;b=&quot;2" hx-trigger="every 5s" hx-target="this" hx-select="#tasks""##
        ),
        "{attributes}"
    );
}

#[test]
fn a_password_is_never_printed_back() {
    assert!(
        !Field::password("password", "Password")
            .value("hush")
            .to_string()
            .contains("hush")
    );
}

#[test]
fn a_choice_that_was_made_is_made_again() {
    let choices = || {
        vec![
            Choice::new("a", "A"),
            Choice::new("b", "B").chosen(true),
            Choice::new("", "None"),
        ]
    };
    let select = Field::select("s", "S", vec![Choice::new("a", "A"), Choice::new("b", "B")])
        .value("b")
        .to_string();
    assert!(select.contains(r#"<option value="b" selected>"#) && !select.contains(r#"<option value="a" selected>"#));
    let checks = Field::checks("c", "C", choices()).value("a").to_string();
    assert_eq!(checks.matches(" checked").count(), 1, "{checks}");
    let areas = Field::area("t", "T").value("\n first line is empty").to_string();
    assert!(
        areas.contains(">\n\n first line"),
        "a browser drops the first line break: {areas}"
    );
}

#[test]
fn errors_are_summed_up_with_links_and_nothing_stands_where_there_are_none() {
    let mut errors = FormErrors::default().with("name", "Enter a name");
    errors.add_general("Try again later");
    let html = errors.to_string();
    assert!(
        html.contains(r##"<a href="#name">Enter a name</a>"##) && html.contains("Try again later"),
        "{html}"
    );
    assert_eq!((errors.of("name"), errors.of("other")), (Some("Enter a name"), None));
    assert_eq!(FormErrors::default().to_string(), "");
}

#[test]
fn an_instant_is_readable_by_people_and_programs() {
    let at: jiff::Timestamp = "2026-03-05T07:08:09Z".parse().unwrap();
    assert_eq!(
        When::at(at).to_string(),
        r#"<time datetime="2026-03-05T07:08:09Z">5 Mar 2026, 07:08 UTC</time>"#
    );
}

/// The colours of the stylesheet's light or dark half.
fn colour(half: &str, name: &str) -> Colour {
    let (_, after) = half
        .split_once(&format!("--{name}: "))
        .unwrap_or_else(|| panic!("no {name}"));
    Colour::read(after.split(';').next().unwrap()).unwrap_or_else(|| panic!("{name} is no colour"))
}

#[test]
fn text_contrasts_enough_in_light_and_dark() {
    let css = include_str!("../../assets/rightful.css");
    let (light, dark) = css.split_once("prefers-color-scheme: dark").unwrap();
    for half in [light, dark] {
        let pairs = [
            ("ink", "paper"),
            ("ink", "surface"),
            ("ink-soft", "paper"),
            ("ink-soft", "surface"),
            ("ink-soft", "sunken"),
            ("accent", "paper"),
            ("accent", "surface"),
            ("accent", "accent-soft"),
            ("on-accent", "accent"),
            ("on-accent", "accent-strong"),
            ("ok", "ok-soft"),
            ("info", "info-soft"),
            ("warn", "warn-soft"),
            ("bad", "bad-soft"),
            ("warn", "surface"),
            ("bad", "surface"),
            ("bad", "paper"),
        ];
        for (text, ground) in pairs {
            let contrast = colour(half, text).contrast(colour(half, ground));
            assert!(contrast >= 4.5, "{text} on {ground}: {contrast:.2}");
        }
        for ground in ["surface", "paper"] {
            let contrast = colour(half, "line-strong").contrast(colour(half, ground));
            assert!(contrast >= 3.0, "the edge of a field on {ground}: {contrast:.2}");
            assert!(colour(half, "focus").contrast(colour(half, ground)) >= 3.0);
        }
    }
}
