//! The vendor's list of jobs: one page of it, and the search for a job whose submission got no clear answer.

use std::collections::BTreeMap;

use http::{HeaderMap, header::LINK};
use jiff::Timestamp;
use serde_json::Value;

use super::{
    answer::{Effect, unreadable},
    settings::Configured,
    wire,
};
use crate::{
    connector::{Call, Page, Vendor as _},
    error::ConnectorError,
    job::{JobRequest, VendorJob},
};

/// How many entries a page has: the vendor's most.
pub(super) const PER_PAGE: usize = 100;

/// How many entries a page has at a server that does not heed `per_page`.
const USUAL_PER_PAGE: usize = 25;

/// No list is longer than this many pages: a server that never ends its list must not hold us for ever.
const MOST_PAGES: u32 = 100_000;

/// Reads one page of the list.
pub(super) fn page(number: u32, headers: &HeaderMap, answer: Value) -> Result<Page, ConnectorError> {
    let Value::Array(entries) = answer else {
        return Err(unreadable(Effect::Read, "it is not a list"));
    };
    let length = entries.len();
    let jobs: Vec<VendorJob> = entries.into_iter().filter_map(wire::job).collect();
    let links = links(headers);
    let last = links.get("last").copied();
    let linked = links
        .get("next")
        .copied()
        .or(last)
        .filter(|linked| *linked > number)
        .map(|_| number + 1);
    // Without a link onward only a short page is surely the last.
    let next = linked.or_else(|| (length >= USUAL_PER_PAGE).then_some(number.saturating_add(1)));
    Ok(Page {
        unreadable: length - jobs.len(),
        jobs,
        next,
        last,
    })
}

/// Jobs like `job` requested at `since` or later, oldest first. The vendor documents no order of its list, so the
/// search stops early only where the page shows one, and goes through all pages otherwise.
pub(super) async fn find(
    vendor: &Configured,
    call: &Call<'_>,
    job: &JobRequest,
    since: Timestamp,
) -> Result<Vec<VendorJob>, ConnectorError> {
    let mut seen = BTreeMap::new();
    let first = vendor.list(call, 1).await?;
    let order = order(&first.jobs);
    let mut from_end = first.last.filter(|last| order == Order::OldestFirst && *last > 2);
    let mut next = first.next;
    let mut fresh = collect(&mut seen, first.jobs, since);
    for _ in 0..MOST_PAGES {
        let number = match (from_end, next) {
            // From the end backwards, down to the second page.
            (Some(number), _) if number > 1 => number,
            (None, Some(number)) if order != Order::NewestFirst || fresh.any_recent => number,
            _ => break,
        };
        let page = vendor.list(call, number).await?;
        next = page.next;
        let empty = page.jobs.is_empty() && page.unreadable == 0;
        fresh = collect(&mut seen, page.jobs, since);
        match &mut from_end {
            Some(number) if fresh.any_recent || empty => *number -= 1,
            Some(_) => break,
            // A server that gives the same page for ever has no more to say.
            None if empty || !fresh.any_new => break,
            None => {}
        }
    }
    let account = vendor.account(call);
    let recent = |found: &VendorJob| found.requested_at.is_none_or(|at| at >= since);
    let mut found: Vec<VendorJob> = seen
        .into_values()
        .filter(|found| recent(found) && found.disagreement(job, account).is_none())
        .collect();
    found.sort_by_key(|found| found.requested_at);
    Ok(found)
}

/// What a page brought.
struct Fresh {
    /// Whether a job was not seen before.
    any_new: bool,
    /// Whether a job was requested at `since` or later, or at a time that is not told.
    any_recent: bool,
}

fn collect(seen: &mut BTreeMap<String, VendorJob>, jobs: Vec<VendorJob>, since: Timestamp) -> Fresh {
    let mut fresh = Fresh {
        any_new: false,
        any_recent: false,
    };
    for job in jobs {
        fresh.any_recent |= job.requested_at.is_none_or(|at| at >= since);
        fresh.any_new |= seen.insert(job.id.clone(), job).is_none();
    }
    fresh
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    NewestFirst,
    OldestFirst,
    Unknown,
}

/// The order that a page shows, by the times at which the jobs were requested.
fn order(jobs: &[VendorJob]) -> Order {
    let Some(times) = jobs.iter().map(|job| job.requested_at).collect::<Option<Vec<_>>>() else {
        return Order::Unknown;
    };
    match (times.first(), times.last()) {
        (Some(first), Some(last)) if first > last && times.is_sorted_by(|a, b| a >= b) => Order::NewestFirst,
        (Some(first), Some(last)) if first < last && times.is_sorted() => Order::OldestFirst,
        _ => Order::Unknown,
    }
}

/// The page numbers in the `Link` header (RFC 8288) by relation; the vendor writes relations without quotes.
fn links(headers: &HeaderMap) -> BTreeMap<String, u32> {
    let values = headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).filter_map(link).collect()
}

fn link(text: &str) -> Option<(String, u32)> {
    let (target, parameters) = text.trim().strip_prefix('<')?.split_once('>')?;
    let (_, query) = target.split_once('?')?;
    let page = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("page="))?
        .parse()
        .ok()?;
    let relation = parameters
        .split(';')
        .find_map(|parameter| parameter.trim().strip_prefix("rel="))?;
    Some((relation.trim_matches('"').to_ascii_lowercase(), page))
}
