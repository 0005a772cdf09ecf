//! `rightful demo`: both services in one process, strangers that meet over HTTPS alone, and the main job from the
//! first account to the proof that nothing is left.

mod api;
mod connect;
mod folder;
mod narrator;
mod people;
mod record;
mod requests;
mod services;
mod story;
mod summary;
mod vendor;

use serde_json::json;

use crate::{
    command_line::Demo,
    configuration::{Environment, LogFormat},
    failure, logging,
    output::Output,
    serving::stop_signal,
};
use folder::DemoFolder;
use narrator::Narrator;
use record::Record;
use services::Services;

/// Runs the demo: to its end with `--once`, else until it is interrupted.
pub(crate) async fn run(options: &Demo, environment: &Environment) -> anyhow::Result<()> {
    let output = Output::new(options.json);
    logging::start("warn", LogFormat::Text)?;
    let stop = stop_signal()?;
    let folder = DemoFolder::open(options)?;
    let narrator = Narrator::new(output);
    let told = tokio::select! {
        told = tell(options, environment, &folder, &narrator) => told,
        () = stop.cancelled() => Err(failure::Failure::new("the demo was interrupted")
            .hint(folder.how_to_carry_on())
            .into()),
    };
    let ended = match told {
        Ok((services, record)) => {
            let summary = summary::summary(&record, &narrator.seconds());
            output.answer(&summary, || summary::text(&record))?;
            if options.once {
                services.end().await
            } else {
                output.remark(&summary::invitation(&record, &folder));
                services.until(stop).await
            }
        }
        Err(error) => {
            if output.is_json() {
                let reason = failure::one_line(&error);
                let failed = json!({"ok": false, "error": reason, "seconds": narrator.seconds()});
                output.answer(&failed, String::new)?;
            }
            Err(error)
        }
    };
    folder.end();
    ended
}

/// Starts the services and carries out whatever the folder's record does not show as done.
async fn tell(
    options: &Demo,
    environment: &Environment,
    folder: &DemoFolder,
    narrator: &Narrator,
) -> anyhow::Result<(Services, Record)> {
    let mut record = Record::load_or_begin(folder)?;
    let services = narrator
        .chapter(
            "start",
            "start both services",
            Services::start(options, environment, folder, &mut record),
        )
        .await?;
    // A service that dies must not leave the story waiting.
    let told = tokio::select! {
        told = story::tell(&services, folder, &mut record, narrator) => told,
        reason = services.failed() => Err(reason),
    };
    match told {
        Ok(()) => Ok((services, record)),
        Err(error) => {
            services.end().await.ok();
            Err(error)
        }
    }
}
