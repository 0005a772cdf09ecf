use std::os::unix::fs::PermissionsExt as _;

use super::*;

fn now() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

fn hosts() -> Vec<String> {
    vec!["localhost".to_owned(), "127.0.0.1".to_owned()]
}

#[test]
fn the_setting_has_three_forms() {
    let dir = Path::new("/data");
    let auto = Tls::Auto {
        dir: dir.to_owned(),
        hosts: hosts(),
    };
    assert_eq!(Tls::parse("auto", dir, &hosts()).unwrap(), auto);
    assert_eq!(Tls::parse("off", dir, &hosts()).unwrap(), Tls::Off);
    let files = Tls::Files {
        certificate: "a.pem".into(),
        key: "b.pem".into(),
    };
    assert_eq!(Tls::parse("a.pem,b.pem", dir, &hosts()).unwrap(), files);
    for wrong in ["", "on", "a.pem", "a.pem,", ",b.pem"] {
        assert!(
            matches!(Tls::parse(wrong, dir, &hosts()), Err(TlsError::Setting)),
            "{wrong}"
        );
    }
}

#[test]
fn the_key_of_the_local_ca_is_for_its_owner_only_and_no_draft_stays() {
    let dir = tempfile::tempdir().unwrap();
    LocalCa::load_or_create(dir.path(), now()).unwrap();

    let mode = std::fs::metadata(dir.path().join("ca.key"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut names: Vec<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["ca.key", "ca.pem"]);
}

#[test]
fn many_starting_at_once_share_one_ca() {
    let dir = tempfile::tempdir().unwrap();
    let pems: Vec<String> = std::thread::scope(|scope| {
        let start = || LocalCa::load_or_create(dir.path(), now()).unwrap().pem().to_owned();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(pems.iter().all(|pem| pem == &pems[0]));
}

#[test]
fn a_ca_whose_key_is_gone_is_not_replaced() {
    let dir = tempfile::tempdir().unwrap();
    LocalCa::load_or_create(dir.path(), now()).unwrap();
    std::fs::remove_file(dir.path().join("ca.key")).unwrap();
    assert!(matches!(
        LocalCa::load_or_create(dir.path(), now()),
        Err(LocalCaError::KeyMissing { .. })
    ));
}

#[test]
fn files_that_do_not_serve_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let ca = LocalCa::load_or_create(&at("one"), now()).unwrap();
    LocalCa::load_or_create(&at("two"), now()).unwrap();
    std::fs::write(at("text"), "hello").unwrap();
    assert!(ca.pem().contains("BEGIN CERTIFICATE"));

    let served = |certificate: PathBuf, key: PathBuf| {
        let tls = Tls::Files { certificate, key };
        tls.server_config(now())
            .map(|_| ())
            .map_err(|error| error.to_string().replace(dir.path().to_str().unwrap(), "D"))
    };
    assert_eq!(served(at("one/ca.pem"), at("one/ca.key")), Ok(()));
    let refusals = [
        served(at("none"), at("one/ca.key")),
        served(at("one/ca.pem"), at("none")),
        served(at("text"), at("one/ca.key")),
        served(at("one/ca.pem"), at("text")),
        served(at("one/ca.pem"), at("two/ca.key")),
    ];
    let expected = [
        "could not read D/none",
        "could not read D/none",
        "D/text holds no usable PEM certificate",
        "D/text holds no PEM private key",
        "the private key D/two/ca.key does not belong to the certificate D/one/ca.pem",
    ];
    assert_eq!(refusals, expected.map(|message| Err(message.to_owned())));
}

#[test]
fn a_certificate_needs_hosts_that_it_can_carry() {
    let dir = tempfile::tempdir().unwrap();
    let ca = LocalCa::load_or_create(dir.path(), now()).unwrap();
    assert!(matches!(ca.issue(&[], now()), Err(LocalCaError::NoHosts)));
    assert!(matches!(
        ca.issue(&["bücher.example".to_owned()], now()),
        Err(LocalCaError::BadHost)
    ));
    assert_eq!(
        ca.issue(&["::1".to_owned(), "a.test".to_owned()], now())
            .unwrap()
            .0
            .len(),
        1
    );
}
