//! What holds at every route of a service: which there are, and what every answer carries.

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;
use http::{HeaderMap, header};

/// The methods and paths of a router, as it describes itself; `ANY` where it takes every method.
pub(crate) fn of(router: &Router) -> BTreeSet<(String, String)> {
    let told = format!("{router:?}");
    // What answers where there is no route is described behind the routes.
    let told = told.split("fallback_router").next().unwrap();
    let (mut paths, mut methods) = (BTreeMap::new(), BTreeMap::new());
    for entry in told.split("RouteId(").skip(1) {
        let Some((number, rest)) = entry.split_once("): ") else {
            continue;
        };
        if let Some(path) = rest.strip_prefix('"') {
            paths.insert(number, path.split('"').next().unwrap());
        } else if let Some((_, rest)) = rest.split_once("allow_header: Bytes(b\"") {
            methods.insert(number, rest.split('"').next().unwrap());
        } else if rest.contains("allow_header: Skip") {
            methods.insert(number, "ANY");
        }
    }
    let told = (paths.len(), methods.len());
    assert!(
        told.0 > 40 && paths.keys().eq(methods.keys()),
        "the router describes itself otherwise: {told:?}"
    );
    let mut all = BTreeSet::new();
    for (path, allowed) in paths.values().zip(methods.values()) {
        for method in allowed.split(',').filter(|method| *method != "HEAD") {
            all.insert((method.to_owned(), (*path).to_owned()));
        }
    }
    all
}

/// Asserts the headers that every answer has, whatever it is (SEC-13, SEC-14, SEC-15).
pub(crate) fn is_locked_down(headers: &HeaderMap, what: &str) {
    let said = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap());
    let policy = said("content-security-policy");
    for rule in [
        "default-src 'none'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(rule), "{what}: {policy}");
    }
    assert!(!policy.contains("unsafe"), "{what}: {policy}");
    for (name, value) in [
        ("strict-transport-security", "max-age=31536000; includeSubDomains"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(said(name), value, "{what}: {name}");
    }
    for name in [
        "access-control-allow-origin",
        "access-control-allow-credentials",
        "server",
    ] {
        assert_eq!(said(name), "", "{what}: {name}");
    }
    for cookie in headers.get_all(header::SET_COOKIE) {
        let cookie = cookie.to_str().unwrap();
        let is_ours = cookie.starts_with("__Host-") && !cookie.contains("Domain");
        for part in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
            assert!(is_ours && cookie.contains(part), "{what}: {cookie}");
        }
    }
}

/// Asserts that nobody keeps the answer (SEC-49).
pub(crate) fn is_not_kept(headers: &HeaderMap, what: &str) {
    assert_eq!(headers.get(header::CACHE_CONTROL).unwrap(), "no-store", "{what}");
}
