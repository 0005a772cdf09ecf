//! Authorization codes turned into tokens, one durable transaction each.

use anyhow::Result;

use crate::{
    load::{self, Throughput},
    process::Server,
    report::Report,
    vendor::Vendor,
};

/// Exchanges `count` codes, each of a consent of its own.
pub(crate) async fn measure(
    vendor: &Vendor,
    provider: &Server,
    (count, connections): (usize, usize),
    limit: Throughput,
    report: &mut Report,
) -> Result<()> {
    let forms = vendor.exchanges(count).await?;
    let requests = forms.iter().map(|form| crate::post("/oauth2/token", form)).collect();
    let got = load::run_once(provider, requests, connections).await?;
    report.beside("code exchange", got, limit, provider);
    Ok(())
}
