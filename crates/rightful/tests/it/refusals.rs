//! What is wrong is said once, clearly, with what to do about it; the exit status is 1 and nothing has changed.

use std::{fs, os::unix::fs::PermissionsExt as _};

use crate::place::Place;

#[tokio::test]
async fn a_missing_master_key_is_named_and_none_is_made_in_its_place() {
    let place = Place::new().await;
    place.answer("provider account create --name Acme").await;
    let key = place.data().join("master.key");
    fs::remove_file(&key).unwrap();
    for words in ["provider account list", "provider serve --listen 127.0.0.1:0"] {
        let ended = place.refusal(words).await;
        ended.says(&["the master key is missing", "master.key", "hint: put the key back"]);
        assert!(!key.exists());
    }
}

#[tokio::test]
async fn a_foreign_master_key_is_refused_with_both_key_ids() {
    let (place, other) = (Place::new().await, Place::new().await);
    place.answer("provider account create --name Acme").await;
    other.answer("provider account create --name Other").await;
    let own = fs::read(place.data().join("master.key")).unwrap();
    fs::copy(other.data().join("master.key"), place.data().join("master.key")).unwrap();
    let ended = place.refusal("provider account list").await;
    ended.says(&[
        "sealed with another master key",
        "key id",
        "hint: database and master key belong together",
    ]);
    fs::write(place.data().join("master.key"), own).unwrap();
    assert_eq!(
        place
            .rightful("provider account list --json")
            .run()
            .await
            .answers()
            .len(),
        1
    );
}

#[tokio::test]
async fn a_damaged_or_open_master_key_is_refused_without_a_word_of_it() {
    let place = Place::new().await;
    place.answer("provider account create --name Acme").await;
    let path = place.data().join("master.key");
    let key = fs::read_to_string(&path).unwrap();
    fs::write(&path, key.replace("v1:", "v1:0")).unwrap();
    let ended = place.refusal("provider account list").await;
    ended.says(&["master.key is malformed", "line 1"]);
    assert!(!ended.stderr.contains(key.trim().rsplit(':').next().unwrap()));

    fs::write(&path, &key).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let ended = place.refusal("provider account list").await;
    ended.says(&["open to others than its owner (mode 644)", "hint: chmod 600"]);
}

#[tokio::test]
async fn a_newer_database_is_left_alone() {
    let place = Place::new().await;
    place.answer("provider account create --name Acme").await;
    let store = testkit::open_raw(&place.data(), place.database(), "provider")
        .await
        .unwrap();
    let mut tx = store.write().await.unwrap();
    tx.execute(
        "INSERT INTO migration (component, version, name, checksum, applied_at) VALUES ('provider', 9999, 'n', 'c', 0)",
        Vec::new(),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    let ended = place.refusal("provider account list").await;
    ended.says(&["newer version", "provider 9999", "hint: use the newer program"]);
}

#[tokio::test]
async fn a_database_that_is_not_there_is_named_without_its_password() {
    let place = Place::new().await;
    for (url, says) in [
        (
            "postgres://user:hidden@127.0.0.1:1/rightful",
            "127.0.0.1:1/rightful could not be opened",
        ),
        (
            "mysql://user:hidden@127.0.0.1/rightful",
            "expected sqlite:PATH or postgres://",
        ),
    ] {
        let ended = place
            .rightful("provider account list")
            .env("RIGHTFUL_DATABASE", url)
            .run()
            .await;
        ended.failed_with(1);
        ended.says(&[says, "hint: "]);
        assert!(!ended.stderr.contains("hidden"), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn a_configuration_that_cannot_be_used_is_refused_where_it_stands() {
    let place = Place::new().await;
    for (file, says) in [
        ("[provider]\ncolour = 1", "provider.colour is no setting"),
        ("rate_limit = \"often\"", "rate_limit: "),
        ("[provider", "config.toml line 1: "),
        (
            "[provider]\nauthorization_code_ttl = \"1h\"",
            "authorization_code_ttl: a code may last at most 10m",
        ),
        (
            "[provider]\npublic_url = \"http://vendor.example.com\"",
            "public_url: expected https://",
        ),
        ("tls = \"maybe\"", "tls must be"),
    ] {
        let path = place.file("config.toml", file);
        let ended = place
            .refusal(&format!("provider serve --listen 127.0.0.1:0 --config {path}"))
            .await;
        ended.says(&[says]);
    }
    let ended = place.refusal("provider account list --config /nowhere.toml").await;
    ended.says(&["could not read the configuration file /nowhere.toml"]);
    let ended = place
        .rightful("manager connection list")
        .env("RIGHTFUL_COLOUR", "red")
        .run()
        .await;
    ended.failed_with(1);
    ended.says(&["RIGHTFUL_COLOUR is no setting"]);
}

#[tokio::test]
async fn certificates_that_cannot_be_used_are_named() {
    let place = Place::new().await;
    let nothing = place.file("nothing.pem", "nothing");
    for (tls, says) in [
        ("/nowhere.pem,/nowhere.key".to_owned(), "could not read /nowhere.pem"),
        (format!("{nothing},{nothing}"), "holds no usable PEM certificate"),
        ("maybe".to_owned(), "hint: --tls auto"),
    ] {
        let ended = place
            .refusal(&format!("manager serve --listen 127.0.0.1:0 --tls {tls}"))
            .await;
        ended.says(&[says]);
    }
    let ended = place
        .refusal(&format!("manager serve --listen 127.0.0.1:0 --extra-ca {nothing}"))
        .await;
    ended.says(&["holds no PEM certificate to trust"]);
}

#[tokio::test]
async fn an_unreachable_vendor_is_said_and_the_connection_waits() {
    let place = Place::new().await;
    let add = "manager connection add --name Vendor --client-id 123 --client-secret-stdin \
               --setting app_url=https://localhost:1 --setting api_url=https://localhost:1/v2";
    let ended = place
        .rightful(add)
        .env("RIGHTFUL_ALLOW_PRIVATE_HOSTS", "localhost")
        .input("a secret")
        .run()
        .await;
    ended.failed_with(1);
    ended.says(&["localhost:1"]);
    // A private address that nobody allowed is not even called.
    let ended = place.rightful(add).input("a secret").run().await;
    ended.failed_with(1);
    ended.says(&["allow_private_hosts"]);
}

#[tokio::test]
async fn what_the_manager_cannot_do_is_refused_by_field() {
    let place = Place::new().await;
    for (words, input, says) in [
        ("manager request create --type access --email nobody", "", "email"),
        (
            "manager request create --type access --email a@example.com --framework roman",
            "",
            "framework",
        ),
        (
            "manager request show 00000000-0000-7000-8000-000000000000",
            "",
            "there is no request",
        ),
        (
            "manager connection check 00000000-0000-7000-8000-000000000000",
            "",
            "no such connection",
        ),
        (
            "manager connection add unknown --name N --client-id 1 --client-secret-stdin",
            "s",
            "connector",
        ),
        (
            "manager connection add --name N --client-id 1 --client-secret-stdin --setting colour=red",
            "s",
            "colour",
        ),
        (
            "manager user create --email nobody --role viewer --password-stdin",
            "a long password",
            "email",
        ),
        ("manager request import /nowhere.csv", "", "could not read /nowhere.csv"),
        (
            "manager audit verify /nowhere.ndjson",
            "",
            "could not read /nowhere.ndjson",
        ),
    ] {
        let ended = place.rightful(words).input(input).run().await;
        ended.failed_with(1);
        ended.says(&[says]);
    }
}

#[tokio::test]
async fn a_folder_that_others_can_enter_is_closed_when_empty_and_its_files_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let empty = folder.path().join("empty");
    let used = folder.path().join("used");
    for data in [&empty, &used] {
        std::fs::create_dir(data).unwrap();
        std::fs::set_permissions(data, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    std::fs::write(used.join("notes.txt"), "mine").unwrap();
    for data in [&empty, &used] {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_rightful"));
        command
            .args(["provider", "account", "create", "--name", "Acme", "--data"])
            .arg(data);
        assert!(command.output().await.unwrap().status.success());
        for file in ["master.key", "provider.db"] {
            let file = data.join(file);
            if file.exists() {
                assert_eq!(mode(&file), 0o600, "{}", file.display());
            }
        }
    }
    assert_eq!((mode(&empty), mode(&used)), (0o700, 0o755));
}
