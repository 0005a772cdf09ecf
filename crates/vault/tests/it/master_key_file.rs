use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::thread;

use tempfile::TempDir;
use vault::{MasterKeyFileError, MasterKeys, SeededEntropy, SystemEntropy};

use crate::given::master;

fn empty_folder() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("master.key");
    (folder, path)
}

fn names(folder: &TempDir) -> Vec<String> {
    fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn a_created_file_is_private_and_loads() {
    // SEC-29
    let (_folder, path) = empty_folder();
    let keys = MasterKeys::create_file(&path, &SystemEntropy).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(MasterKeys::load_file(&path).unwrap().to_text(), keys.to_text());
}

#[test]
fn creating_never_replaces_a_file() {
    let (_folder, path) = empty_folder();
    let keys = MasterKeys::create_file(&path, &SystemEntropy).unwrap();
    let error = MasterKeys::create_file(&path, &SystemEntropy).unwrap_err();
    assert!(matches!(error, MasterKeyFileError::Exists { .. }), "{error}");
    assert_eq!(MasterKeys::load_file(&path).unwrap().to_text(), keys.to_text());
}

#[test]
fn creating_makes_no_folders() {
    let (folder, _) = empty_folder();
    let error = MasterKeys::create_file(&folder.path().join("missing/master.key"), &SystemEntropy).unwrap_err();
    assert!(matches!(error, MasterKeyFileError::Unwritable { .. }), "{error}");
}

#[test]
fn a_missing_file_is_said_to_be_missing() {
    let (_folder, path) = empty_folder();
    let error = MasterKeys::load_file(&path).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("there is no master key file {}", path.display())
    );
}

#[test]
fn a_folder_in_its_place_is_unreadable() {
    let (folder, _) = empty_folder();
    let error = MasterKeys::load_file(folder.path()).unwrap_err();
    assert!(matches!(error, MasterKeyFileError::Unreadable { .. }), "{error}");
}

#[test]
fn a_file_open_to_others_is_refused_with_a_hint() {
    let (_folder, path) = empty_folder();
    MasterKeys::create_file(&path, &SystemEntropy).unwrap();
    for mode in [0o640, 0o604, 0o620, 0o602, 0o644, 0o660, 0o777] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let message = MasterKeys::load_file(&path).unwrap_err().to_string();
        assert!(
            message.ends_with(&format!("(mode {mode:o})\nhint: chmod 600 {}", path.display())),
            "{message}"
        );
    }
    for mode in [0o600, 0o400] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        MasterKeys::load_file(&path).unwrap();
    }
}

#[test]
fn a_malformed_file_is_refused_by_line_and_never_repeated() {
    // CL-27
    let (_folder, path) = empty_folder();
    MasterKeys::create_file(&path, &SystemEntropy).unwrap();
    let good = fs::read_to_string(&path).unwrap();
    for bad in [b"marker-4711\n".as_slice(), b"marker-4711\xff\n"] {
        fs::write(&path, [good.as_bytes(), bad].concat()).unwrap();
        let error = MasterKeys::load_file(&path).unwrap_err();
        let MasterKeyFileError::Malformed { source, .. } = &error else {
            panic!("{error}")
        };
        assert_eq!(source.to_string(), "line 2 is not a master key");
        assert!(!format!("{error} {error:?}").contains("marker-4711"));
    }
}

#[test]
fn saving_replaces_the_file_and_leaves_nothing_beside_it() {
    let (folder, path) = empty_folder();
    let old = MasterKeys::create_file(&path, &SystemEntropy).unwrap();
    let new = old.with_new_current(&SystemEntropy);
    new.save_file(&path).unwrap();
    assert_eq!(MasterKeys::load_file(&path).unwrap().to_text(), new.to_text());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(names(&folder), ["master.key"]);
}

#[test]
fn older_keys_can_be_left_out_when_saving() {
    let (_folder, path) = empty_folder();
    let keys = MasterKeys::create_file(&path, &SystemEntropy)
        .unwrap()
        .with_new_current(&SystemEntropy);
    keys.save_file(&path).unwrap();
    keys.without_older().save_file(&path).unwrap();
    assert_eq!(
        MasterKeys::load_file(&path).unwrap().ids().collect::<Vec<_>>(),
        [keys.current_id()]
    );
}

#[test]
fn of_two_rotations_at_once_the_later_is_refused() {
    let (_folder, path) = empty_folder();
    let loaded = MasterKeys::create_file(&path, &SystemEntropy).unwrap();
    let first = loaded.with_new_current(&SystemEntropy);
    let second = loaded.with_new_current(&SystemEntropy);
    first.save_file(&path).unwrap();
    let error = second.save_file(&path).unwrap_err();
    assert!(matches!(error, MasterKeyFileError::ChangedMeanwhile { current, .. } if current == first.current_id()));
    assert_eq!(MasterKeys::load_file(&path).unwrap().to_text(), first.to_text());
}

#[test]
fn of_many_rotations_at_the_same_moment_exactly_one_wins() {
    let (folder, path) = empty_folder();
    let loaded = MasterKeys::create_file(&path, &SystemEntropy).unwrap();
    let rivals: Vec<_> = (0..8)
        .map(|seed| loaded.with_new_current(&SeededEntropy::new(seed)))
        .collect();
    let saved: Vec<bool> = thread::scope(|scope| {
        let running: Vec<_> = rivals
            .iter()
            .map(|keys| scope.spawn(|| keys.save_file(&path).is_ok()))
            .collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let winner = saved.iter().position(|won| *won).unwrap();
    assert_eq!(saved.iter().filter(|won| **won).count(), 1);
    assert_eq!(
        MasterKeys::load_file(&path).unwrap().to_text(),
        rivals[winner].to_text()
    );
    assert_eq!(names(&folder), ["master.key"]);
}

#[test]
fn saving_follows_a_link_instead_of_replacing_it() {
    let (folder, path) = empty_folder();
    let link = folder.path().join("link");
    let keys = MasterKeys::create_file(&path, &SystemEntropy)
        .unwrap()
        .with_new_current(&SystemEntropy);
    symlink(&path, &link).unwrap();
    keys.save_file(&link).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(MasterKeys::load_file(&path).unwrap().to_text(), keys.to_text());
}

#[test]
fn saving_where_no_file_was_makes_one() {
    let (_folder, path) = empty_folder();
    master(1).save_file(&path).unwrap();
    assert_eq!(MasterKeys::load_file(&path).unwrap().to_text(), master(1).to_text());
}

#[test]
fn saving_over_something_else_is_refused() {
    let (_folder, path) = empty_folder();
    fs::write(&path, "not ours").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    master(1).save_file(&path).unwrap_err();
    assert_eq!(fs::read_to_string(&path).unwrap(), "not ours");
}
