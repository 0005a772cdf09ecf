//! Saving what was chosen, and taking it back.

use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::StatusCode;
use privacy::{
    Personal,
    dossier::{Change, WireChange},
};
use rightful_http::{
    extract::Path,
    pages::parts::{Notice, Tone},
};

use super::{
    super::decide::approved,
    DossierView, Manager, PageError, Permission, RequestId, SEEN, Submitted,
    choose::{self, Choice, field_name},
    seen,
};

/// Saves the choice: only what differs from how it is becomes a change. With `then=approve` that is approved as well.
pub(in super::super) async fn save(
    State(manager): State<Manager>,
    Path(id): Path<RequestId>,
    submitted: Submitted,
) -> Result<Response, PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::WorkRequests)?;
    let dossier = manager.dossier(id).await?;
    if submitted.field(SEEN)? != seen(Some(&dossier)).to_string() {
        let view = manager.request(id).await?.ok_or(PageError::NotFound)?;
        let notice = Notice::new(
            Tone::Warn,
            "Somebody else changed the choice while you were looking. This is how it is now; nothing of yours was saved.",
        );
        let page = choose::shown(&manager, operator, &view, None, vec![notice]).await?;
        return Ok((StatusCode::CONFLICT, page).into_response());
    }
    let changes = changes(&submitted, &dossier)?;
    let made = if changes.is_empty() {
        Vec::new()
    } else {
        manager
            .change_dossier(id, changes, Vec::new(), &operator.by)
            .await?
            .made
    };
    if submitted.field("then")? == "approve" {
        operator.require(Permission::ApproveRequests)?;
        return Ok(approved(&manager.approve_request(id, &operator.by).await?));
    }
    let made = range(&made).map_or_else(String::new, |made| format!("?made={made}"));
    Ok(Redirect::to(&format!("/requests/{id}/review{made}")).into_response())
}

/// Takes back what was just saved.
pub(in super::super) async fn undo(
    State(manager): State<Manager>,
    Path(id): Path<RequestId>,
    submitted: Submitted,
) -> Result<Redirect, PageError> {
    let operator = &submitted.operator;
    operator.require(Permission::WorkRequests)?;
    let made = numbers(submitted.field("made")?).ok_or_else(|| PageError::conflict("there is nothing to undo"))?;
    manager.change_dossier(id, Vec::new(), made, &operator.by).await?;
    Ok(Redirect::to(&format!("/requests/{id}/review")))
}

fn changes(submitted: &Submitted, dossier: &DossierView) -> Result<Vec<Change>, PageError> {
    let mut changes = Vec::new();
    for object in &dossier.objects {
        let ticked = submitted.fields.all("object").any(|id| id == object.id);
        if ticked != object.included {
            let action = if ticked { "include" } else { "exclude" };
            changes.push(change(&object.id, None, action)?);
        }
        for (index, field) in object.fields.iter().enumerate() {
            let chosen = Choice::read(submitted.field(&field_name(&object.id, index))?);
            let Some(chosen) = chosen.filter(|chosen| *chosen != Choice::of(field)) else {
                continue;
            };
            let actions: &[&str] = match chosen {
                Choice::Include => &["include"],
                // What was left out is handed over again, with its value hidden.
                Choice::Redact if !field.included => &["include", "redact"],
                Choice::Redact => &["redact"],
                Choice::Exclude => &["exclude"],
            };
            for action in actions {
                changes.push(change(&object.id, Some(&field.path), action)?);
            }
        }
    }
    Ok(changes)
}

fn change(object: &str, field: Option<&str>, action: &str) -> Result<Change, PageError> {
    let wire = WireChange {
        object: object.to_owned(),
        record: None,
        field: field.map(|field| Personal::new(field.to_owned())),
        action: action.to_owned(),
        value: None,
        reason: None,
    };
    Change::parse(wire).map_err(|error| PageError::conflict(format!("the {error}")))
}

/// Changes are numbered without gaps: first and last are enough.
fn range(made: &[u64]) -> Option<String> {
    Some(format!("{}-{}", made.first()?, made.last()?))
}

fn numbers(range: &str) -> Option<Vec<u64>> {
    let (first, last) = range.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    // What was saved in one go.
    (first <= last && last - first < 1000).then(|| (first..=last).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_saved_is_named_by_its_first_and_last_number() {
        assert_eq!(range(&[3, 4, 5]).as_deref(), Some("3-5"));
        assert_eq!(range(&[]), None);
        assert_eq!(numbers("3-5"), Some(vec![3, 4, 5]));
        for nonsense in ["", "3", "5-3", "1-999999", "a-b", "-"] {
            assert_eq!(numbers(nonsense), None, "{nonsense}");
        }
    }
}
