//! What the binary is made of keeps to `deny.toml`, which `cargo deny` reads too (SEC-51).

use std::collections::BTreeSet;

use testkit::dependencies::{bill_of_materials, dependencies, is_allowed, workspace};

fn rules() -> toml::Table {
    let text = std::fs::read_to_string(workspace().join("deny.toml")).unwrap();
    text.parse().unwrap()
}

fn allowed() -> BTreeSet<String> {
    let rules = rules();
    let allowed = rules["licenses"]["allow"].as_array().unwrap();
    allowed
        .iter()
        .map(|licence| licence.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_dependency_is_licensed_locked_and_from_the_one_registry() {
    let (rules, allowed) = (rules(), allowed());
    let banned = rules["bans"]["deny"].as_array().unwrap();
    let banned: BTreeSet<_> = banned.iter().map(|ban| ban["crate"].as_str().unwrap()).collect();
    let all = dependencies().unwrap();
    assert!(all.iter().filter(|dependency| dependency.shipped).count() > 100);
    for dependency in all.iter().filter(|dependency| dependency.source.is_some()) {
        let what = dependency.purl();
        let source = dependency.source.as_deref().unwrap();
        assert_eq!(
            source, "registry+https://github.com/rust-lang/crates.io-index",
            "{what}"
        );
        assert_eq!(dependency.checksum.as_deref().map(str::len), Some(64), "{what}");
        assert!(
            is_allowed(&dependency.licence, &allowed),
            "{what}: {}",
            dependency.licence
        );
        assert!(!banned.contains(dependency.name.as_str()), "{what} is banned");
    }
}

#[test]
fn the_bill_of_materials_names_what_is_shipped_and_only_that() {
    let bill = bill_of_materials(&dependencies().unwrap());
    assert_eq!(bill["metadata"]["component"]["name"], "rightful");
    let components = bill["components"].as_array().unwrap();
    let named = |name: &str| components.iter().find(|component| component["name"] == name);
    for shipped in ["rustls", "axum", "manager", "provider", "htmx.org"] {
        assert!(named(shipped).is_some(), "{shipped}");
    }
    for tests_only in ["testkit", "proptest", "tempfile"] {
        assert!(named(tests_only).is_none(), "{tests_only}");
    }
    let purls: BTreeSet<_> = components
        .iter()
        .map(|component| &component["bom-ref"])
        .map(ToString::to_string)
        .collect();
    for dependency in bill["dependencies"].as_array().unwrap() {
        for on in dependency["dependsOn"].as_array().unwrap() {
            assert!(purls.contains(&on.to_string()), "{on} is no component");
        }
    }
    for component in components.iter().filter(|component| component["type"] == "library") {
        assert!(
            component["licenses"][0]["expression"]
                .as_str()
                .is_some_and(|licence| !licence.is_empty())
        );
    }
}

#[test]
fn a_licence_is_read_as_it_is_meant() {
    let allowed: BTreeSet<String> = ["MIT", "Apache-2.0 WITH LLVM-exception", "ISC"]
        .map(str::to_owned)
        .into();
    for (licence, expected) in [
        ("MIT", true),
        ("MIT OR GPL-3.0", true),
        ("GPL-3.0/MIT", true),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR GPL-3.0) AND ISC", true),
        ("(MIT AND GPL-3.0) OR AGPL-3.0", false),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("Apache-2.0", false),
        ("", false),
        ("MIT GPL-3.0", false),
        ("(MIT", false),
    ] {
        assert_eq!(is_allowed(licence, &allowed), expected, "{licence}");
    }
}
