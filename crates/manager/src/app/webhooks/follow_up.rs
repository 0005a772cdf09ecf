//! What webhooks are told of a commit, in that commit.

use privacy::audit::{Detail, Event};
use serde_json::{Map, Value, json};
use store::{FollowUp, NewEvent, StoreError, Tx, jobs::NewJob};

use super::{event::told, lane};
use crate::{ConnectionId, DeliveryId, RequestId, WebhookId, rows, steps};

/// Makes the deliveries of the events of a commit.
pub(crate) struct Deliveries;

#[async_trait::async_trait]
impl FollowUp for Deliveries {
    async fn of(&self, tx: &mut Tx, events: &[NewEvent]) -> Result<(), StoreError> {
        let mut tellings = Vec::new();
        for event in events {
            let known: Result<Event, _> = event.action.parse();
            tellings.extend(
                known
                    .into_iter()
                    .flat_map(|known| told(known, &event.detail))
                    .map(|told| (told, event)),
            );
        }
        if tellings.is_empty() {
            return Ok(());
        }
        let subscriptions = rows::webhook::subscriptions(tx).await?;
        for (told, event) in tellings {
            let takers: Vec<WebhookId> = subscriptions
                .iter()
                .filter(|subscription| subscription.events.takes(told))
                .map(|subscription| subscription.webhook)
                .collect();
            if takers.is_empty() {
                continue;
            }
            let Some(data) = data(tx, event).await? else {
                continue;
            };
            for webhook in takers {
                send(tx, webhook, told.name(), &data).await?;
            }
        }
        Ok(())
    }
}

/// Puts an event on its way to a webhook: what is sent is fixed from here on.
pub(super) async fn send(tx: &mut Tx, webhook: WebhookId, event: &str, data: &Value) -> Result<DeliveryId, StoreError> {
    let id = DeliveryId::from(tx.new_id());
    let now = tx.now();
    let body = json!({ "type": event, "timestamp": now, "data": data }).to_string();
    rows::webhook_delivery::insert(tx, id, webhook, event, &body).await?;
    enqueue(tx, webhook, id);
    Ok(id)
}

/// Has a delivery sent.
pub(super) fn enqueue(tx: &mut Tx, webhook: WebhookId, id: DeliveryId) {
    let run_at = tx.now();
    tx.enqueue(NewJob {
        kind: steps::webhook::DELIVER,
        lane: lane(webhook),
        run_at,
        payload: json!({ "delivery": id }),
        key: Some(format!("{} {id}", steps::webhook::DELIVER)),
    });
}

/// Ids, reference and states: nothing that says who the subject is.
async fn data(tx: &mut Tx, event: &NewEvent) -> Result<Option<Value>, StoreError> {
    let fact = |detail: Detail| event.detail.get(detail.name()).filter(|fact| !fact.is_null()).cloned();
    let mut data = Map::new();
    let (kind, id) = event.object.split_once(':').unwrap_or_default();
    match kind {
        "request" => {
            let Ok(id) = id.parse::<RequestId>() else {
                return Ok(None);
            };
            let Some(request) = rows::request::brief(tx, id).await? else {
                return Ok(None);
            };
            data.insert("request_id".to_owned(), json!(id));
            data.insert("reference".to_owned(), json!(request.reference));
            data.insert("type".to_owned(), json!(request.right));
            let is_task = event.action.starts_with("task.");
            // Of several moves in one commit each says its own.
            let moved_to = fact(Detail::To).filter(|_| !is_task);
            data.insert("state".to_owned(), moved_to.unwrap_or_else(|| json!(request.state)));
            if is_task {
                for (name, detail) in [
                    ("task_id", Detail::Task),
                    ("kind", Detail::Kind),
                    ("status", Detail::Status),
                    ("connection_id", Detail::Connection),
                    ("connector", Detail::Connector),
                    ("cause", Detail::Cause),
                ] {
                    data.extend(fact(detail).map(|fact| (name.to_owned(), fact)));
                }
            } else {
                for (name, detail) in [
                    ("previous_state", Detail::From),
                    ("outcome", Detail::Outcome),
                    ("deadline", Detail::Deadline),
                ] {
                    data.extend(fact(detail).map(|fact| (name.to_owned(), fact)));
                }
            }
        }
        "connection" => {
            let Ok(id) = id.parse::<ConnectionId>() else {
                return Ok(None);
            };
            let Some(connection) = rows::connection::by_id(tx, id).await? else {
                return Ok(None);
            };
            data.insert("connection_id".to_owned(), json!(id));
            data.insert("connector".to_owned(), json!(connection.connector));
            data.insert("state".to_owned(), json!(connection.state.name()));
            data.extend(fact(Detail::Cause).map(|fact| ("cause".to_owned(), fact)));
        }
        _ => return Ok(None),
    }
    Ok(Some(Value::Object(data)))
}
