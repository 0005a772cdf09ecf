//! Members that are JSON: an array of records, one record, or records one after another.

use std::{
    borrow::Cow,
    fmt,
    io::{BufRead as _, BufReader, Read},
};

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{
    object::{Object, Unreadable},
    sink::Format,
    table::first_bytes,
};

/// Reads the records of a JSON member one by one into `object`; with `strict`, NDJSON is one record a line and nothing
/// else, so that its records can be counted without being read.
pub(super) fn read<R: Read>(
    reader: R,
    format: Format,
    strict: bool,
    object: &mut Object<'_>,
) -> Result<(), Unreadable> {
    let mut reader = BufReader::with_capacity(64 << 10, reader);
    let first = first_bytes(&mut reader)?
        .iter()
        .copied()
        .find(|byte| !byte.is_ascii_whitespace());
    if format == Format::Json && first == Some(b'[') {
        let mut deserializer = serde_json::Deserializer::from_reader(reader);
        Elements(object).deserialize(&mut deserializer)?;
        return Ok(deserializer.end()?);
    }
    if format == Format::Ndjson && (strict || begins_with_a_whole_line(reader.buffer())) {
        return lines(reader, object);
    }
    for record in serde_json::Deserializer::from_reader(reader).into_iter::<Box<RawValue>>() {
        object.record(&one_line(record?.get()))?;
    }
    // An empty text is no JSON, but it is a list of no records.
    if format == Format::Json && object.records() == 0 {
        Err(Unreadable)
    } else {
        Ok(())
    }
}

fn begins_with_a_whole_line(beginning: &[u8]) -> bool {
    let line = beginning
        .iter()
        .position(|byte| *byte == b'\n')
        .and_then(|end| beginning.get(..end));
    line.is_some_and(|line| serde_json::from_slice::<IgnoredAny>(line).is_ok())
}

/// Reads one record a line: what NDJSON nearly always is, and much faster than to look for the end of each.
fn lines<R: Read>(mut reader: BufReader<R>, object: &mut Object<'_>) -> Result<(), Unreadable> {
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        let record = std::str::from_utf8(&line).map_err(|_| Unreadable)?.trim_ascii();
        if !record.is_empty() {
            object.record(&one_line(record))?;
        }
        line.clear();
    }
    Ok(())
}

/// Takes the elements of an array as records.
struct Elements<'a, 'b>(&'a mut Object<'b>);

impl<'de> DeserializeSeed<'de> for Elements<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Elements<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(record) = elements.next_element::<Box<RawValue>>()? {
            self.0
                .record(&one_line(record.get()))
                .map_err(|Unreadable| A::Error::custom("no record"))?;
        }
        Ok(())
    }
}

/// `json` without the white space between its tokens.
fn one_line(json: &str) -> Cow<'_, str> {
    if !json.bytes().any(|byte| byte.is_ascii_whitespace()) {
        return json.into();
    }
    let (mut within, mut escaped) = (false, false);
    let kept = json.chars().filter(|c| {
        let keep = within || !c.is_ascii_whitespace();
        match c {
            '"' if !escaped => within = !within,
            '\\' if within && !escaped => {
                escaped = true;
                return keep;
            }
            _ => {}
        }
        escaped = false;
        keep
    });
    kept.collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_goes_between_tokens_and_stays_within_texts() {
        let table = [
            (
                "{\n  \"a b\" : [ 1,\t2 ],\r\n\"c\": \"x \\\" y\\\\\" , \"d\": \"\\\\ \\\" \"}",
                r#"{"a b":[1,2],"c":"x \" y\\","d":"\\ \" "}"#,
            ),
            ("12345678901234567890123.50", "12345678901234567890123.50"),
        ];
        for (json, line) in table {
            assert_eq!(one_line(json), line);
        }
    }
}
