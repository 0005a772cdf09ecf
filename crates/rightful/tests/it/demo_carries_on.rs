//! `kill -9` at any moment, and a new start with the same folder: it carries on, and no vendor job is lost or doubled.

use std::collections::BTreeSet;

use serde_json::Value;
use tokio::task::JoinSet;

use crate::{
    place::Place,
    process::Running,
    serving::{get_json, trusting},
};

/// A moment to kill at.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// After so many lines of the telling.
    Lines(usize),
    /// When so many jobs have begun.
    Jobs(usize),
}

impl Moment {
    async fn come(self, place: &Place) -> Running {
        match self {
            Self::Lines(lines) => {
                let mut demo = place.demo("--once").start();
                for _ in 0..lines {
                    if demo.line().await.is_none() {
                        break;
                    }
                }
                demo
            }
            Self::Jobs(jobs) => {
                let demo = place.demo("--once").env("RUST_LOG", "store=debug");
                demo.start_hearing("job begins", jobs).await
            }
        }
    }
}

/// Kills a demo at each moment, starts it again, and compares what both sides know. All at once: on PostgreSQL each waits
/// until the dead process's leases have run out.
async fn killed_at(moments: Vec<Moment>) {
    let mut stories = JoinSet::new();
    for moment in moments {
        stories.spawn(async move {
            let place = Place::new().await;
            moment.come(&place).await.kill().await;
            let told = place.demo("--once --json").run().await.answer();
            assert_eq!(told["deleted"]["neighbour_records"], 8, "{moment:?}");
            assert_eq!(jobs_at_the_vendor(&place).await, jobs_told(&told), "{moment:?}");
        });
    }
    stories.join_all().await;
}

#[tokio::test]
async fn killed_after_any_chapter_it_carries_on_and_doubles_nothing() {
    // Start, set up, connect, access and its findings, deletion, access again, neighbour.
    killed_at([1, 4, 5, 7, 13, 14, 15].map(Moment::Lines).to_vec()).await;
}

#[tokio::test]
async fn killed_while_jobs_are_under_way_it_doubles_no_vendor_job() {
    killed_at([1, 2, 3, 5, 8, 11, 14, 20].map(Moment::Jobs).to_vec()).await;
}

#[tokio::test]
async fn killed_again_and_again_in_one_folder_it_still_comes_to_its_end() {
    let place = Place::new().await;
    for moment in (1..8).map(Moment::Lines).chain([1, 2, 3].map(Moment::Jobs)) {
        moment.come(&place).await.kill().await;
    }
    let told = place.demo("--once --json").run().await.answer();
    assert_eq!(jobs_at_the_vendor(&place).await, jobs_told(&told));
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
