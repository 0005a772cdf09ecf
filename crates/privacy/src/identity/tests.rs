use super::*;

fn problem(kind: IdentityType, value: &str) -> Option<IdentityProblem> {
    kind.accept(value).err().map(|error| error.problem)
}

#[test]
fn addresses_are_told_from_what_is_none() {
    for good in [
        "ada@example.com",
        " ada@example.com ",
        "o'brien+tag@mail.example.co.uk",
        "ada@localhost",
        "用户@例子.公司",
        "שלום@example.com",
        "\"ada lovelace\"@example.com",
        "\"a\\\"b@c\"@example.com",
    ] {
        assert_eq!(problem(IdentityType::Email, good), None, "{good}");
    }
    for bad in [
        "ada",
        "@example.com",
        "ada@",
        "ada@@example.com",
        "ada lovelace@example.com",
        ".ada@example.com",
        "ada..l@example.com",
        "ada@-example.com",
        "ada@example..com",
        "ada@exa mple.com",
        "ada@example.com\r\nBcc: eve@example.com",
        "ada\u{202e}@example.com",
        "\"ada\"l\"@example.com",
        "\"ada\\\"@example.com",
        "<ada@example.com>",
        "ada@example.com,eve@example.com",
    ] {
        assert_eq!(
            problem(IdentityType::Email, bad),
            Some(IdentityProblem::NotAnAddress),
            "{bad}"
        );
    }
}

// SEC-31
#[test]
fn identifiers_have_limits_of_length_and_content() {
    let local = "a".repeat(64);
    let labels = format!("{0}.{0}.{0}.{0}", "d".repeat(62));
    for (kind, value, expected) in [
        (IdentityType::Other, "x".repeat(355), None),
        (IdentityType::Other, "ü".repeat(355), None),
        (IdentityType::Other, "x".repeat(356), Some(IdentityProblem::TooLong)),
        (IdentityType::Email, format!("{local}@{labels}"), None),
        (
            IdentityType::Email,
            format!("{local}a@{labels}"),
            Some(IdentityProblem::NotAnAddress),
        ),
        (IdentityType::DcpId, String::new(), Some(IdentityProblem::Empty)),
        (IdentityType::DcpId, "  \t".into(), Some(IdentityProblem::Empty)),
        (IdentityType::DcpId, "a\0b".into(), Some(IdentityProblem::Nul)),
        (IdentityType::DcpId, "'; DROP TABLE \"x\" --".into(), None),
        (IdentityType::DcpId, "\u{202e}drows".into(), None),
    ] {
        assert_eq!(problem(kind, &value), expected, "{kind} {value}");
    }
}

#[test]
fn errors_name_the_field_and_not_the_value() {
    let error = Identities::parse([("email", "not an address")]).unwrap_err();
    assert_eq!(error.to_string(), "identities.email is not an e-mail address");
    let error = Identities::parse([("ada@example.com", "email")]).unwrap_err();
    assert_eq!(
        (error.field, error.problem),
        ("identities", IdentityProblem::UnknownType)
    );
    assert!(!error.to_string().contains("ada"));
    let none: [(&str, &str); 0] = [];
    assert_eq!(
        Identities::parse(none).unwrap_err().to_string(),
        "identities must not be empty"
    );
}

#[test]
fn the_blind_index_sees_one_spelling() {
    let normalized = |kind: IdentityType, value: &str| kind.normalize(value).into_revealed();
    assert_eq!(normalized(IdentityType::Email, " Ada@Example.COM\n"), "ada@example.com");
    assert_eq!(normalized(IdentityType::DcpId, " Ab1 "), "Ab1");
}

#[test]
fn identities_survive_sealing_and_show_masks() {
    let identities = Identities::parse([("email", " Ada@example.com"), ("dcp_id", "visitor \"7\"")]).unwrap();
    assert_eq!(
        Identities::from_json(identities.reveal_json().reveal()).unwrap(),
        identities
    );
    assert_eq!(
        serde_json::to_string(&identities.masked()).unwrap(),
        r#"{"email":"A•••@example.com","dcp_id":"v•••"}"#
    );
    assert!(!format!("{identities:?}").contains("example"));
    assert_eq!(
        Identities::from_json(b"{").unwrap_err().problem,
        IdentityProblem::Unreadable
    );
}
