//! A company's own words for mails.

use jiff::Timestamp;
use mail::{Event, Language};
use store::{StoreError, Tx, args};

/// A template of the company's own.
#[derive(Debug, Clone)]
pub(crate) struct TemplateRow {
    pub(crate) event: Event,
    pub(crate) language: Language,
    pub(crate) template: String,
    pub(crate) changed_at: Timestamp,
}

/// The company's words for this mail, where there are any.
pub(crate) async fn find(tx: &mut Tx, event: Event, language: Language) -> Result<Option<TemplateRow>, StoreError> {
    let row = tx
        .fetch_optional(
            "SELECT template, changed_at FROM mail_template WHERE event = $1 AND language = $2",
            args![event.name(), language.name()],
        )
        .await?;
    row.map(|row| {
        Ok(TemplateRow {
            event,
            language,
            template: row.get("template")?,
            changed_at: row.get("changed_at")?,
        })
    })
    .transpose()
}

/// All of them.
pub(crate) async fn all(tx: &mut Tx) -> Result<Vec<TemplateRow>, StoreError> {
    let rows = tx
        .fetch_all("SELECT * FROM mail_template ORDER BY event, language", args![])
        .await?;
    rows.iter()
        .map(|row| {
            Ok(TemplateRow {
                event: row.parse("event")?,
                language: row.parse("language")?,
                template: row.get("template")?,
                changed_at: row.get("changed_at")?,
            })
        })
        .collect()
}

/// From now on these are the words.
pub(crate) async fn put(tx: &mut Tx, event: Event, language: Language, template: &str) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO mail_template (event, language, template, changed_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (event, language) DO UPDATE SET template = excluded.template, changed_at = excluded.changed_at",
        args![event.name(), language.name(), template, now],
    )
    .await?;
    Ok(())
}

/// From now on the words are ours again; false where they were.
pub(crate) async fn remove(tx: &mut Tx, event: Event, language: Language) -> Result<bool, StoreError> {
    let removed = tx
        .execute(
            "DELETE FROM mail_template WHERE event = $1 AND language = $2",
            args![event.name(), language.name()],
        )
        .await?;
    Ok(removed > 0)
}
