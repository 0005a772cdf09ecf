//! Who is who, for people who read the history of something.

use std::collections::{BTreeMap, BTreeSet};

use privacy::Actor;
use store::{StoreError, Tx};

use crate::{Manager, rows};

impl Manager {
    /// What staff call these actors of audit events (`person:ID`, `automation` …): operators by their mail addresses,
    /// API keys by their names.
    pub async fn actor_names(&self, actors: BTreeSet<String>) -> Result<BTreeMap<String, String>, StoreError> {
        let mut names = BTreeMap::new();
        let mut tx = self.store().read().await?;
        for actor in actors {
            let name = self.actor_name(&mut tx, &actor).await?;
            names.insert(actor, name);
        }
        Ok(names)
    }

    /// What staff call the objects of audit events: people and keys as above, requests by their references, connections by
    /// their names. One that has no name is not among them.
    pub async fn object_names(&self, objects: BTreeSet<String>) -> Result<BTreeMap<String, String>, StoreError> {
        let mut names = BTreeMap::new();
        let mut tx = self.store().read().await?;
        for object in objects {
            let name = match object.split_once(':') {
                Some(("operator", id)) => Some(self.actor_name(&mut tx, &format!("person:{id}")).await?),
                Some(("person" | "api_key", _)) => Some(self.actor_name(&mut tx, &object).await?),
                Some(("request", id)) => match id.parse() {
                    Ok(id) => rows::request::brief(&mut tx, id)
                        .await?
                        .map(|brief| brief.reference.to_string()),
                    Err(_) => None,
                },
                Some(("connection", id)) => match id.parse() {
                    Ok(id) => rows::connection::name(&mut tx, id).await?,
                    Err(_) => None,
                },
                _ => None,
            };
            names.extend(name.map(|name| (object, name)));
        }
        Ok(names)
    }

    /// The same for one of the actors.
    pub(crate) async fn actor_name(&self, tx: &mut Tx, word: &str) -> Result<String, StoreError> {
        let Ok(actor) = word.parse() else {
            return Ok(word.to_owned());
        };
        let fixed = match actor {
            Actor::Person(id) => {
                let row = match id.as_str().parse() {
                    Ok(id) => rows::actor_name::operator(tx, id).await?,
                    Err(_) => None,
                };
                return row.map_or_else(|| Ok("a former user".to_owned()), |row| self.operator_email(&row));
            }
            Actor::ApiKey(id) => {
                let name = match id.as_str().parse() {
                    Ok(id) => rows::actor_name::api_key(tx, id).await?,
                    Err(_) => None,
                };
                return Ok(name.map_or_else(|| "an API key".to_owned(), |name| format!("the API key {name}")));
            }
            Actor::Subject => "the data subject",
            Actor::Processor => "the person who was asked",
            Actor::CommandLine => "the command line",
            Actor::Automation => "automation",
        };
        Ok(fixed.to_owned())
    }
}
