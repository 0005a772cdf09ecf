use vault::{MasterKeys, OpenError, Place, SeededEntropy, UnlockError, Vault, WrappedKey};

use crate::given::{EMAIL, OWNER, a_vault, entropy, every_cut, every_flip, master};

const SETTING: Place<'static> = Place {
    table: "setting",
    column: "value",
    row: "smtp",
};

#[test]
fn a_vault_unlocks_with_its_master_key() {
    let (vault, stored) = Vault::create(&master(1), entropy(2));
    let sealed = vault.seal(&SETTING, b"password");
    let again = Vault::unlock(&master(1), &stored, entropy(3)).unwrap();
    assert_eq!(*again.open(&SETTING, &sealed).unwrap(), b"password");
}

#[test]
fn another_master_key_is_named_together_with_the_one_needed() {
    let (_, stored) = Vault::create(&master(1), entropy(2));
    let others = master(5).with_new_current(&SeededEntropy::new(6));
    let error = Vault::unlock(&others, &stored, entropy(3)).unwrap_err();
    let ids: Vec<String> = others.ids().map(|id| id.to_string()).collect();
    assert_eq!(
        error.to_string(),
        format!(
            "this database was sealed with another master key (key id {}; the file has {}, {})",
            master(1).current_id(),
            ids[0],
            ids[1],
        )
    );
}

#[test]
fn a_damaged_root_key_is_told_apart_from_another_master_key() {
    let (_, stored) = Vault::create(&master(1), entropy(2));
    let id_and_kind = 5;
    for (at, flipped) in every_flip(stored.as_bytes()).enumerate() {
        let Ok(flipped) = WrappedKey::from_bytes(flipped) else {
            continue;
        };
        let error = Vault::unlock(&master(1), &flipped, entropy(3)).unwrap_err();
        if at >= id_and_kind {
            assert_eq!(error, UnlockError::Damaged);
        }
    }
    for cut in every_cut(stored.as_bytes()) {
        let Ok(cut) = WrappedKey::from_bytes(cut) else { continue };
        assert_eq!(
            Vault::unlock(&master(1), &cut, entropy(3)).unwrap_err(),
            UnlockError::Damaged
        );
    }
}

#[test]
fn a_wrapped_data_key_opens_for_its_owner() {
    let vault = a_vault();
    let (key, wrapped) = vault.new_data_key(&OWNER);
    let sealed = key.seal(&EMAIL, b"ada@example.test");
    let stored = WrappedKey::from_bytes(wrapped.into_bytes()).unwrap();
    let key = vault.unwrap(&OWNER, &stored).unwrap();
    assert_eq!(*key.open(&EMAIL, &sealed).unwrap(), b"ada@example.test");
}

#[test]
fn a_wrapped_data_key_opens_for_nobody_else() {
    let vault = a_vault();
    let (_, wrapped) = vault.new_data_key(&OWNER);
    let moved = vault.unwrap(&Place { row: "18", ..OWNER }, &wrapped);
    assert_eq!(moved.unwrap_err(), OpenError::Damaged);
}

#[test]
fn a_damaged_wrapped_key_is_a_clean_error() {
    // SEC-26
    let vault = a_vault();
    let (_, wrapped) = vault.new_data_key(&OWNER);
    let damaged = every_flip(wrapped.as_bytes()).chain(every_cut(wrapped.as_bytes()).map(<[u8]>::to_vec));
    for bytes in damaged {
        WrappedKey::from_bytes(bytes)
            .and_then(|wrapped| vault.unwrap(&OWNER, &wrapped))
            .unwrap_err();
    }
}

#[test]
fn the_root_key_is_no_data_key() {
    let (vault, stored) = Vault::create(&master(1), entropy(2));
    assert_eq!(vault.unwrap(&OWNER, &stored).unwrap_err(), OpenError::UnknownFormat);
    let (_, wrapped) = vault.new_data_key(&OWNER);
    assert_eq!(
        Vault::unlock(&master(1), &wrapped, entropy(3)).unwrap_err(),
        UnlockError::Damaged
    );
}

#[test]
fn two_databases_under_one_master_key_share_nothing() {
    let (one, _) = Vault::create(&master(1), entropy(2));
    let (other, _) = Vault::create(&master(1), entropy(3));
    let (_, wrapped) = one.new_data_key(&OWNER);
    assert_eq!(
        other.unwrap(&OWNER, &wrapped).unwrap_err(),
        OpenError::OtherKey(wrapped.key_id())
    );
    assert_ne!(
        one.blind_index("email", "ada@example.test"),
        other.blind_index("email", "ada@example.test")
    );
    assert!(!other.mac("link").verify(b"17", &one.mac("link").sign(b"17")));
}

#[test]
fn one_flipped_byte_of_a_setting_is_a_clean_error() {
    // SEC-26
    let vault = a_vault();
    let sealed = vault.seal(&SETTING, b"password");
    for flipped in every_flip(&sealed) {
        vault.open(&SETTING, &flipped).unwrap_err();
    }
    vault.open(&EMAIL, &sealed).unwrap_err();
}

#[test]
fn a_blind_index_depends_on_purpose_and_value_alone() {
    let (vault, stored) = Vault::create(&master(1), entropy(2));
    let again = Vault::unlock(&master(1), &stored, entropy(99)).unwrap();
    let index = vault.blind_index("email", "ada@example.test");
    assert_eq!(index, again.blind_index("email", "ada@example.test"));
    assert_ne!(index, vault.blind_index("email", "eve@example.test"));
    assert_ne!(index, vault.blind_index("phone", "ada@example.test"));
    assert_ne!(index, vault.mac("email").sign(b"ada@example.test"));
}

#[test]
fn a_mac_accepts_its_own_message_and_purpose_alone() {
    let mac = a_vault().mac("link");
    let tag = mac.sign(b"17");
    assert!(mac.verify(b"17", &tag));
    assert!(!mac.verify(b"18", &tag));
    assert!(!a_vault().mac("session").verify(b"17", &tag));
    assert!(every_flip(&tag).all(|flipped| !mac.verify(b"17", &flipped)));
    assert!(every_cut(&tag).all(|cut| !mac.verify(b"17", cut)));
    assert!(!mac.verify(b"17", &[tag.as_slice(), &[0]].concat()));
}

#[test]
fn after_a_master_key_rotation_only_the_new_key_is_needed() {
    // SEC-29
    let (vault, before) = Vault::create(&master(1), entropy(2));
    let (key, wrapped) = vault.new_data_key(&OWNER);
    let sealed = key.seal(&EMAIL, b"ada@example.test");

    let keys = master(1).with_new_current(&SeededEntropy::new(4));
    let stored = vault.rewrap_root(&keys);

    let after = Vault::unlock(&keys.without_older(), &stored, entropy(5)).unwrap();
    let key = after.unwrap(&OWNER, &wrapped).unwrap();
    assert_eq!(*key.open(&EMAIL, &sealed).unwrap(), b"ada@example.test");
    assert!(!after.needs_rewrap(&wrapped));
    assert!(matches!(
        Vault::unlock(&master(1), &stored, entropy(5)),
        Err(UnlockError::OtherMasterKey { .. })
    ));
    Vault::unlock(&keys, &before, entropy(5)).unwrap(); // a crash between file and database leaves both usable
}

#[test]
fn after_a_root_key_rotation_old_and_new_open_side_by_side() {
    let (old, _) = Vault::create(&master(1), entropy(2));
    let (key, wrapped) = old.new_data_key(&OWNER);
    let value = key.seal(&EMAIL, b"ada@example.test");
    let setting = old.seal(&SETTING, b"password");

    let (_, stored) = old.with_new_root(&master(1));
    let new = Vault::unlock(&master(1), &stored, entropy(3)).unwrap();

    assert!(new.needs_rewrap(&wrapped) && new.needs_reseal(&setting));
    assert_eq!(
        *new.unwrap(&OWNER, &wrapped).unwrap().open(&EMAIL, &value).unwrap(),
        b"ada@example.test"
    );
    assert_eq!(*new.open(&SETTING, &setting).unwrap(), b"password");

    let wrapped = new.rewrap(&OWNER, &wrapped).unwrap();
    let setting = new.reseal(&SETTING, &setting).unwrap();
    assert!(!new.needs_rewrap(&wrapped) && !new.needs_reseal(&setting));
    assert_eq!(
        *new.unwrap(&OWNER, &wrapped).unwrap().open(&EMAIL, &value).unwrap(),
        b"ada@example.test"
    );
    assert_eq!(*new.open(&SETTING, &setting).unwrap(), b"password");
}

#[test]
fn look_ups_and_signatures_survive_every_rotation() {
    let (first, _) = Vault::create(&master(1), entropy(2));
    let (second, _) = first.with_new_root(&master(1));
    let (_, stored) = second.with_new_root(&master(1));
    let third = Vault::unlock(&master(1), &stored, entropy(3)).unwrap();
    assert_eq!(
        third.blind_index("email", "ada@example.test"),
        first.blind_index("email", "ada@example.test")
    );
    assert!(third.mac("link").verify(b"17", &first.mac("link").sign(b"17")));
}

#[test]
fn a_running_process_takes_up_a_rotated_root_key() {
    let (running, _) = Vault::create(&master(1), entropy(2));
    let handle = running.clone();
    let (rotated, stored) = running.with_new_root(&master(1));
    let (key, wrapped) = rotated.new_data_key(&OWNER);
    let sealed = key.seal(&EMAIL, b"ada@example.test");

    assert_eq!(
        handle.unwrap(&OWNER, &wrapped).unwrap_err(),
        OpenError::OtherKey(wrapped.key_id())
    );
    running.reload(&master(1), &stored).unwrap();
    assert_eq!(
        *handle.unwrap(&OWNER, &wrapped).unwrap().open(&EMAIL, &sealed).unwrap(),
        b"ada@example.test"
    );
}

#[test]
fn a_running_process_refuses_another_databases_root_key() {
    let (running, _) = Vault::create(&master(1), entropy(2));
    let (_, other) = Vault::create(&master(1), entropy(3));
    let setting = running.seal(&SETTING, b"password");
    assert_eq!(
        running.reload(&master(1), &other).unwrap_err(),
        UnlockError::OtherDatabase
    );
    assert_eq!(*running.open(&SETTING, &setting).unwrap(), b"password");
}

#[test]
fn a_wrapped_key_tells_who_wrapped_it() {
    let keys: MasterKeys = master(1);
    let (_, stored) = Vault::create(&keys, entropy(2));
    assert_eq!(stored.key_id(), keys.current_id());
    assert_eq!(
        WrappedKey::from_bytes(b"hello, world".to_vec()).unwrap_err(),
        OpenError::UnknownFormat
    );
    assert_eq!(WrappedKey::from_bytes([]).unwrap_err(), OpenError::UnknownFormat);
}

#[test]
fn debug_shows_no_key() {
    // CL-27
    let (vault, stored) = Vault::create(&master(1), entropy(2));
    let (key, _) = vault.new_data_key(&OWNER);
    assert_eq!(format!("{vault:?} {:?}", vault.mac("link")), "Vault(..) MacKey(..)");
    assert_eq!(format!("{key:?}"), format!("DataKey({}, ..)", key.id()));
    assert_eq!(format!("{stored:?}"), format!("WrappedKey(by {})", stored.key_id()));
    assert_eq!(
        format!("{:?}", SeededEntropy::new(7)),
        "SeededEntropy { generator: MacKey(..), blocks: 0 }"
    );
}
