//! `kill -9` at any moment, and a new start with the same folder: it carries on, and no vendor job is lost or doubled.

use std::collections::BTreeSet;

use serde_json::Value;
use tokio::task::JoinSet;

use crate::{
    place::Place,
    serving::{get_json, trusting},
};

/// Kills the demo after so many lines have come, each start anew, until it comes to its end.
async fn killed_after(place: &Place, lines: usize) -> Value {
    let mut demo = place.demo("--once").start();
    for _ in 0..lines {
        if demo.line().await.is_none() {
            break;
        }
    }
    demo.kill().await;
    place.demo("--once --json").run().await.answer()
}

#[tokio::test]
async fn killed_after_any_chapter_it_carries_on_and_doubles_nothing() {
    // Start, set up, connect, access and its findings, deletion, access again, neighbour.
    for lines in [1, 4, 5, 7, 13, 14, 15] {
        let place = Place::new().await;
        let told = killed_after(&place, lines).await;
        assert_eq!(told["deleted"]["neighbour_records"], 8, "after {lines} lines");
        assert_eq!(
            jobs_at_the_vendor(&place).await,
            jobs_told(&told),
            "after {lines} lines"
        );
    }
}

#[tokio::test]
async fn killed_again_and_again_in_one_folder_it_still_comes_to_its_end() {
    let place = Place::new().await;
    for lines in 1..8 {
        let mut demo = place.demo("--once").start();
        for _ in 0..lines {
            if demo.line().await.is_none() {
                break;
            }
        }
        demo.kill().await;
    }
    let told = place.demo("--once --json").run().await.answer();
    assert_eq!(jobs_at_the_vendor(&place).await, jobs_told(&told));
}

#[tokio::test]
async fn killed_while_jobs_are_under_way_it_doubles_no_vendor_job() {
    for jobs in [1, 2, 3, 5, 8, 11] {
        let place = Place::new().await;
        let demo = place
            .demo("--once")
            .env("RUST_LOG", "store=debug")
            .start_hearing("job begins", jobs)
            .await;
        demo.kill().await;
        let told = place.demo("--once --json").run().await.answer();
        assert_eq!(jobs_at_the_vendor(&place).await, jobs_told(&told), "after {jobs} jobs");
    }
}

/// The ids of all jobs that the manager knows of.
fn jobs_told(told: &Value) -> BTreeSet<String> {
    let requests = told["requests"].as_object().unwrap().values();
    let jobs = requests.flat_map(|request| request["vendor_jobs"].as_array().unwrap());
    let jobs: BTreeSet<String> = jobs.map(|job| job.as_str().unwrap().to_owned()).collect();
    assert_eq!(jobs.len(), 8);
    jobs
}

/// The ids of all jobs that the vendor has.
async fn jobs_at_the_vendor(place: &Place) -> BTreeSet<String> {
    let token = place.answer("provider token create --email admin@vendor.example").await["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let server = place.rightful("provider serve --listen 127.0.0.1:0").serve().await;
    let transport = trusting(&place.data());
    let url = server.url.join("/v2/subject-access-requests?per_page=100").unwrap();
    let (status, jobs) = get_json(&transport, &url, &token).await;
    assert_eq!(status, 200, "{jobs}");
    let jobs = jobs.as_array().unwrap().iter();
    jobs.map(|job| job["id"].to_string()).collect()
}
