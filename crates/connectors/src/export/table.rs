//! Members that are tables: CSV and TSV with the names of the columns in the first line.

use std::io::{BufRead, BufReader, Read};

use csv::{ReaderBuilder, StringRecord};
use serde_json::Value;

use super::{
    object::{Object, Unreadable},
    sink::Format,
};

/// Reads the lines of a table as records with typed fields into `object`.
pub(super) fn read<R: Read>(reader: R, format: Format, object: &mut Object<'_>) -> Result<(), Unreadable> {
    let mut reader = BufReader::with_capacity(64 << 10, reader);
    let delimiter = match format {
        Format::Tsv => b'\t',
        _ => delimiter(first_bytes(&mut reader)?),
    };
    let mut table = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(true)
        .flexible(false)
        .from_reader(reader);
    let columns = columns(table.headers()?)?;
    for column in &columns {
        object.column(column);
    }
    let mut line = StringRecord::new();
    while table.read_record(&mut line)? {
        object.record(&record(&columns, &line)?)?;
    }
    Ok(())
}

/// The beginning of a text, as much as one reading gives, without its byte order mark.
pub(super) fn first_bytes<R: Read>(reader: &mut BufReader<R>) -> std::io::Result<&[u8]> {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    if reader.fill_buf()?.starts_with(MARK) {
        reader.consume(MARK.len());
    }
    reader.fill_buf()
}

/// Spreadsheets of half the world write semicolons.
fn delimiter(beginning: &[u8]) -> u8 {
    let line = beginning.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |wanted: u8| line.split(|byte| *byte == wanted).count();
    if count(b';') > count(b',') { b';' } else { b',' }
}

/// The names of the columns, each once: nothing may be lost because two have the same name or one has none.
fn columns(line: &StringRecord) -> Result<Vec<String>, Unreadable> {
    let mut names: Vec<String> = Vec::with_capacity(line.len());
    let mut taken = std::collections::HashSet::with_capacity(line.len());
    for (position, name) in line.iter().enumerate() {
        let name = if name.trim().is_empty() {
            format!("column_{}", position + 1)
        } else {
            name.to_owned()
        };
        let unique = (1..=line.len() + 1)
            .map(|times| {
                if times == 1 {
                    name.clone()
                } else {
                    format!("{name}_{times}")
                }
            })
            .find(|name| !taken.contains(name))
            .ok_or(Unreadable)?;
        taken.insert(unique.clone());
        names.push(unique);
    }
    Ok(names)
}

/// One line as a JSON object, the columns in their order.
fn record(columns: &[String], line: &StringRecord) -> Result<String, Unreadable> {
    let mut text = String::from("{");
    for (column, cell) in columns.iter().zip(line) {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&serde_json::to_string(column)?);
        text.push(':');
        text.push_str(&serde_json::to_string(&typed(cell))?);
    }
    text.push('}');
    Ok(text)
}

/// A number or truth value where writing it again gives the same text: `007`, `1.50` and `+49…` stay texts.
fn typed(cell: &str) -> Value {
    let value = match cell {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ if cell.len() <= 20
            && cell
                .bytes()
                .next()
                .is_some_and(|byte| byte == b'-' || byte.is_ascii_digit()) =>
        {
            serde_json::from_str(cell)
                .ok()
                .filter(Value::is_number)
                .unwrap_or_default()
        }
        _ => Value::Null,
    };
    let written = value.to_string();
    if !value.is_null() && written == cell {
        value
    } else {
        Value::String(cell.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_can_be_written_back_is_a_number() {
        let table = [
            ("12", json!(12)),
            ("-12", json!(-12)),
            ("1.5", json!(1.5)),
            ("0", json!(0)),
            ("true", json!(true)),
            ("007", json!("007")),
            ("1.50", json!("1.50")),
            ("-0", json!("-0")),
            ("+491701234", json!("+491701234")),
            ("1e3", json!("1e3")),
            ("12345678901234567890", json!(12_345_678_901_234_567_890_u64)),
            ("99999999999999999999", json!("99999999999999999999")),
            ("True", json!("True")),
            (" 1", json!(" 1")),
            ("null", json!("null")),
            ("", json!("")),
            ("NaN", json!("NaN")),
        ];
        for (cell, value) in table {
            assert_eq!(typed(cell), value, "{cell}");
        }
    }

    #[test]
    fn columns_without_a_name_or_with_the_same_one_are_told_apart() {
        let names = columns(&StringRecord::from(vec!["id", "", "id", "id_2", " "])).unwrap();
        assert_eq!(names, ["id", "column_2", "id_2", "id_2_2", "column_5"]);
    }
}
