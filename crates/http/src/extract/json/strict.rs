//! JSON without second thoughts: well-formed, and no member twice.

use std::{cell::Cell, collections::HashSet, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::super::{Place, Refusal};

/// Refuses a body that is not JSON or in which an object has a member twice. Parsers disagree on which of the two
/// counts, and that disagreement is an attack (RFC 8259 section 4).
pub(super) fn check(body: &[u8]) -> Result<(), Refusal> {
    let twice = Cell::new(None);
    let mut source = serde_json::Deserializer::from_slice(body);
    let read = Walk { twice: &twice }
        .deserialize(&mut source)
        .and_then(|()| source.end());
    match (read, twice.into_inner()) {
        (Ok(()), _) => Ok(()),
        (Err(_), Some(name)) => Err(Refusal::new(Place::Body, "is given twice").field(name)),
        (Err(error), None) => {
            let place = format!(
                "the body is not JSON (line {}, column {})",
                error.line(),
                error.column()
            );
            Err(Refusal::new(Place::Body, place))
        }
    }
}

#[derive(Clone, Copy)]
struct Walk<'a> {
    twice: &'a Cell<Option<String>>,
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if names.contains(&name) {
                self.twice.set(Some(name));
                return Err(A::Error::custom("a member is given twice"));
            }
            names.insert(name);
            members.next_value_seed(self)?;
        }
        Ok(())
    }
}
