//! However much there is about a person, an export takes the same memory.
//!
//! Five million records, and what they take:
//! `RIGHTFUL_TEST_RECORDS=5000000 cargo test -p provider --test it -- export_memory::measured --exact --nocapture`

use std::{fmt::Write as _, process::Command, time::Instant};

use provider::ObjectSettings;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{
    subjects::{about, at_any_pace},
    vendor_database::{Server, VendorDatabase},
    world::World,
};

const RECORDS: &str = "RIGHTFUL_TEST_RECORDS";

#[test]
fn ten_times_the_records_take_no_more_memory() {
    let few = peak_kib(30_000);
    let many = peak_kib(300_000);
    assert!(many < few + 16 * 1024, "30,000 records: {few} KiB, 300,000: {many} KiB");
}

/// The most memory that a process held which exported `records`: this very test, as a process of its own.
fn peak_kib(records: u64) -> u64 {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["export_memory::measured", "--exact", "--nocapture"])
        .env(RECORDS, records.to_string())
        .env_remove("RIGHTFUL_TEST_DATABASE")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let (_, rest) = said.split_once("peak memory ").unwrap_or_else(|| panic!("{said}"));
    rest.split(' ').next().unwrap().parse().unwrap()
}

/// Does nothing unless it is told how many records: then it exports them, checks the export and says what that took.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::disallowed_methods, reason = "tests have no configuration but this")]
async fn measured() {
    let Ok(records) = std::env::var(RECORDS) else { return };
    let records: u64 = records.parse().unwrap();
    let database = VendorDatabase::new(Server::Sqlite).await;
    let mut described = database.described();
    described.objects = vec![ObjectSettings {
        name: "events".to_owned(),
        data_types: None,
        identifier_types: vec!["email".parse().unwrap()],
        access: format!(
            "WITH RECURSIVE n(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM n WHERE number < {records}) \
             SELECT number, :identifier AS email, :account_id AS account, hex(randomblob(40)) AS visit FROM n"
        ),
        delete: "DELETE FROM contact WHERE email = :identifier AND account_id = :account_id".to_owned(),
    }];
    let world = World::start_with(|settings| {
        at_any_pace(settings);
        settings.data_sources = vec![described];
    })
    .await;
    let account = world.acme().await;
    let token = world.token("ada@example.test", account).await;
    let begun = Instant::now();
    let sar = world.carry_out(&token, &about("access", "grace@example.test")).await;
    let (took, peak) = (begun.elapsed(), peak());

    let (bytes, counted, hash, manifest) = read_as_it_is_stored(&world, &sar).await;
    let listed = &manifest["members"][0];
    assert_eq!((listed["records"].as_u64(), counted), (Some(records), records));
    assert_eq!(listed["sha256"], hash);
    println!(
        "{records} records in {} ms, an export of {} KiB, peak memory {peak} KiB",
        took.as_millis(),
        bytes / 1024
    );
}

/// The export's length, how many lines its first member has, that member's hash, and the manifest.
async fn read_as_it_is_stored(world: &World, sar: &Value) -> (u64, u64, String, Value) {
    let (_, _, zip) = world.fetch(sar["export_location"].as_str().unwrap()).await;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&zip)).unwrap();
    let manifest = serde_json::from_reader(archive.by_name("manifest.json").unwrap()).unwrap();
    let mut member = archive.by_name("marketing/events.ndjson").unwrap();
    let (mut lines, mut hash, mut buffer) = (0, Sha256::new(), vec![0; 1 << 16]);
    loop {
        let read = std::io::Read::read(&mut member, &mut buffer).unwrap();
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        lines += buffer[..read].split(|byte| *byte == b'\n').count() as u64 - 1;
    }
    let hex = hash.finalize().iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    (zip.len() as u64, lines, hex, manifest)
}

/// The most memory that this process ever held, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
