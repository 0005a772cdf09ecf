//! A request's package, written to a file or standard output.

use std::{
    fs::{self, File, Permissions},
    io::{self, IsTerminal as _, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use anyhow::Context as _;
use manager::{By, Manager, RequestId};
use serde_json::json;

use crate::{Failure, commands::Call};

/// Writes it. A file is there whole or not at all, and its owner alone can read it.
pub(super) async fn write(call: &Call, manager: &Manager, id: RequestId, output: &Path) -> anyhow::Result<()> {
    if output == Path::new("-") {
        if io::stdout().is_terminal() {
            return Err(Failure::usage("the package is a ZIP, which no terminal can show")
                .hint("write it to a file with --output FILE")
                .into());
        }
        manager
            .write_package(id, &By::command_line(), &mut io::stdout())
            .await?;
        return Ok(());
    }
    let unwritable = || format!("could not write {}", output.display());
    let draft = output.with_extension("part");
    let mut file = File::create(&draft).with_context(unwritable)?;
    file.set_permissions(Permissions::from_mode(0o600))
        .with_context(unwritable)?;
    let written = manager.write_package(id, &By::command_line(), &mut file).await;
    if written.is_err() {
        fs::remove_file(&draft).ok();
    }
    written?;
    file.flush().and_then(|()| file.sync_all()).with_context(unwritable)?;
    let bytes = file.metadata().with_context(unwritable)?.len();
    fs::rename(&draft, output).with_context(unwritable)?;
    call.output
        .answer(&json!({"id": id, "file": output, "bytes": bytes}), || {
            format!("{} written, {bytes} bytes", output.display())
        })?;
    Ok(())
}
