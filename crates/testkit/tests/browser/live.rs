//! The page of a request keeps itself up to date and disturbs nobody who is at it: what is typed stays, and so does the
//! focus.

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::services::{ADA, Services};

const NOTE: &str = "She called, and asked for the letters too.";

/// What has the focus and what stands in the note, and whether this is the page that was opened at first.
const HOW_IT_IS: &str = "return {focus: document.activeElement.id, note: document.getElementById('text').value, \
                         same: window.opened === true}";

#[tokio::test]
async fn a_request_moves_on_while_somebody_writes_a_note_on_its_page() {
    story().await.unwrap();
}

async fn story() -> Result<()> {
    let services = Services::connected().await?;
    let driver = services.driver().await?;
    let staff = services.staff(&driver).await?;
    let create = format!("manager request create --type access --email {ADA}");
    let made = services.company.tell(&create, "").await?;
    let id = made["id"].as_str().context("no id")?;
    staff.go(services.manager(&format!("/requests/{id}"))).await?;
    staff.see("somebody to start it").await?;
    staff.run("window.opened = true", json!([])).await?;
    staff.unfold("Add a note").await?;
    staff.fill("New note", NOTE).await?;

    // State, what it waits for and what can be done come by themselves.
    services
        .company
        .tell(&format!("manager request start {id}"), "")
        .await?;
    staff.see("Review and approve").await?;
    assert_eq!(staff.read("//*[@id='state']").await?, "Review");
    staff.miss("somebody to start it").await?;
    let written = json!({"focus": "text", "note": NOTE, "same": true});
    assert_eq!(staff.run(HOW_IT_IS, json!([])).await?, written);

    // A form that somebody has opened stays open, although others have changed.
    staff.unfold("Pause").await?;
    staff
        .run("document.querySelector('#actions a').focus()", json!([]))
        .await?;
    services
        .company
        .tell(&format!("manager request approve {id}"), "")
        .await?;
    staff.see("Download the package").await?;
    let open = "return document.querySelector('#other details[open] summary').textContent";
    assert_eq!(staff.run(open, json!([])).await?, "Pause");
    // What had the focus is gone: the keyboard goes on beside it.
    let written = json!({"focus": "actions", "note": NOTE, "same": true});
    assert_eq!(staff.run(HOW_IT_IS, json!([])).await?, written);

    // And a button that is still there keeps it, while others change around it.
    staff
        .run(
            "[...document.querySelectorAll('#actions button')].at(-1).focus()",
            json!([]),
        )
        .await?;
    let focused = staff.focused().await?;
    staff
        .run("document.querySelector('#actions').append('x')", json!([]))
        .await?;
    crate::window::until("the actions as they are", async || {
        let text = staff.read("//*[@id='actions']").await?;
        anyhow::ensure!(!text.ends_with('x'), "{text}");
        Ok(())
    })
    .await?;
    assert_eq!(staff.focused().await?, focused);
    staff.close().await
}
