//! The store for exports.

use provider::{Exports, Settings};

use super::Findings;
use crate::opening::Opened;

/// What the check writes and deletes again.
const PROBE: &str = "rightful-doctor.txt";

pub(super) async fn look(findings: &mut Findings, opened: &Opened, settings: &Settings) {
    let exports = match Exports::open(settings, opened.folder.path(), &opened.store, &opened.vault) {
        Ok(exports) => exports,
        Err(error) => return findings.failed("export store", &error.into()),
    };
    let place = match &settings.s3_endpoint {
        Some(endpoint) => format!("{endpoint}, bucket {}", settings.s3_bucket),
        None => format!("embedded, bucket {}", settings.s3_bucket),
    };
    match write_and_delete(&exports).await {
        Ok(()) => findings.ok("export store", &format!("{place}: an object was written and deleted")),
        Err(error) => {
            let (detail, _) = super::words(&error.context(place));
            findings.bad(
                "export store",
                &detail,
                "do s3_endpoint, s3_bucket, s3_region and the keys fit, and may the key write and delete?",
            );
        }
    }
}

async fn write_and_delete(exports: &Exports) -> anyhow::Result<()> {
    let mut upload = exports.upload(PROBE);
    upload.push("written by `rightful provider doctor`\n".into()).await?;
    upload.finish().await?;
    exports.delete(PROBE).await?;
    Ok(())
}
