//! Which fields records have; on the way, every text is checked to be JSON that anybody can read.

use std::{collections::HashSet, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// More different fields than this are not told apart: hostile records would fill the memory with names.
const MOST_FIELDS: usize = 10_000;

/// The different fields of one object's records: paths of leaves such as `address.city` or `events[*].name`. Keys may
/// be personal, so they are counted here and go no further.
#[derive(Default)]
pub(super) struct FieldNames(HashSet<String>);

impl FieldNames {
    /// Reads one record, for its fields alone. An error means that it is no JSON after all: half a surrogate pair, a
    /// number out of range, lists in lists in lists.
    pub(super) fn add(&mut self, text: &str) -> Result<(), serde_json::Error> {
        let mut path = String::new();
        let mut deserializer = serde_json::Deserializer::from_str(text);
        Leaves {
            path: &mut path,
            names: self,
        }
        .deserialize(&mut deserializer)?;
        deserializer.end()
    }

    pub(super) fn insert(&mut self, path: &str) {
        if self.0.len() < MOST_FIELDS && !self.0.contains(path) {
            self.0.insert(path.to_owned());
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.0.len() as u64
    }
}

/// Walks a value; `path` is where it lies.
struct Leaves<'a> {
    path: &'a mut String,
    names: &'a mut FieldNames,
}

impl Leaves<'_> {
    fn note(self) {
        // The root of a record that is a single value is a field like any other.
        self.names.insert(self.path);
    }

    fn below(&mut self) -> Leaves<'_> {
        Leaves {
            path: self.path,
            names: self.names,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Leaves<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Leaves<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let length = self.path.len();
        let mut empty = true;
        while let Some(key) = map.next_key::<String>()? {
            empty = false;
            if length > 0 {
                self.path.push('.');
            }
            self.path.push_str(&key);
            map.next_value_seed(self.below())?;
            self.path.truncate(length);
        }
        if empty {
            self.note();
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        let length = self.path.len();
        self.path.push_str("[*]");
        let mut empty = true;
        while list.next_element_seed(self.below())?.is_some() {
            empty = false;
        }
        self.path.truncate(length);
        if empty {
            self.note();
        }
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.note();
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.note();
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.note();
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.note();
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        self.note();
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.note();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_the_paths_of_leaves_whatever_the_position_in_a_list() {
        let mut names = FieldNames::default();
        names
            .add(r#"{"a": 1, "b": {"c": "x", "d": {}}, "e": [{"f": true}, {"f": null, "g": 2.5}], "h": []}"#)
            .unwrap();
        names.add(r#"{"a": 2, "i": -1}"#).unwrap();
        names.add("7").unwrap();
        let mut paths: Vec<String> = names.0.into_iter().collect();
        paths.sort();
        assert_eq!(paths, ["", "a", "b.c", "b.d", "e[*].f", "e[*].g", "h", "i"]);
    }

    #[test]
    fn what_nobody_could_read_later_is_no_record() {
        for text in [
            r#""\ud800""#,
            "1e999",
            &format!("{}{}", "[".repeat(200), "]".repeat(200)),
            "{",
            "{}x",
        ] {
            assert!(FieldNames::default().add(text).is_err(), "{text}");
        }
    }
}
