//! A row of MySQL or MariaDB as JSON, from the binary protocol's values
//! (<https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_binary_resultset.html>).

use sqlx::{Column as _, Row as _, TypeInfo as _, ValueRef as _, mysql::MySqlRow};

use super::record_json::RecordJson;

pub(super) fn line(row: &MySqlRow) -> Result<Vec<u8>, sqlx::Error> {
    let mut json = RecordJson::new();
    for (index, column) in row.columns().iter().enumerate() {
        json.name(column.name());
        let value = row.try_get_raw(index)?;
        if value.is_null() {
            json.value(&());
            continue;
        }
        let bytes: &[u8] = row.try_get_unchecked(index)?;
        let kind = column.type_info().name();
        match kind {
            "FLOAT" => json.real(f64::from(f32::from_le_bytes(padded(bytes)))),
            "DOUBLE" => json.real(f64::from_le_bytes(padded(bytes))),
            "DECIMAL" | "JSON" => json.json(str::from_utf8(bytes).unwrap_or("null")),
            "DATE" | "DATETIME" | "TIMESTAMP" => json.value(&moment(bytes, kind == "DATE")),
            "TIME" => json.value(&span(bytes)),
            "BIT" => json.value(&bytes.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte))),
            "GEOMETRY" => json.bytes(bytes),
            "YEAR" => json.value(&u64::from_le_bytes(padded(bytes))),
            _ if kind.ends_with("UNSIGNED") => json.value(&u64::from_le_bytes(padded(bytes))),
            _ if kind.ends_with("INT") || kind == "BOOLEAN" => json.value(&signed(bytes)),
            // Columns of text with a binary collation are announced as bytes.
            _ => json.text(bytes),
        }
    }
    Ok(json.finish())
}

/// Little-endian bytes, with zeros behind them.
fn padded<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut whole = [0; N];
    for (to, from) in whole.iter_mut().zip(bytes) {
        *to = *from;
    }
    whole
}

fn signed(bytes: &[u8]) -> i64 {
    let unused = 64 - 8 * bytes.len().min(8);
    i64::from_le_bytes(padded(bytes)).wrapping_shl(u32::try_from(unused).unwrap_or(0)) >> unused
}

/// Length, year, month, day, hour, minute, second, microseconds; zeros at the end are left out.
fn moment(bytes: &[u8], date_only: bool) -> String {
    let [_, y0, y1, month, day, hour, minute, second, micros @ ..] = padded::<12>(bytes);
    let date = format!("{:04}-{month:02}-{day:02}", u16::from_le_bytes([y0, y1]));
    if date_only {
        return date;
    }
    let fraction = fraction(micros);
    format!("{date}T{hour:02}:{minute:02}:{second:02}{fraction}")
}

/// Length, sign, days, hours, minutes, seconds, microseconds.
fn span(bytes: &[u8]) -> String {
    let [_, negative, d0, d1, d2, d3, hours, minutes, seconds, micros @ ..] = padded::<13>(bytes);
    let sign = if negative == 1 { "-" } else { "" };
    let hours = u64::from(u32::from_le_bytes([d0, d1, d2, d3])) * 24 + u64::from(hours);
    let fraction = fraction(micros);
    format!("{sign}{hours:02}:{minutes:02}:{seconds:02}{fraction}")
}

fn fraction(micros: [u8; 4]) -> String {
    match u32::from_le_bytes(micros) {
        0 => String::new(),
        micros => format!(".{micros:06}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_the_binary_protocol_are_read() {
        // The protocol's own examples.
        let full = [0x0b, 0xda, 0x07, 0x0a, 0x11, 0x13, 0x1b, 0x1e, 0x01, 0, 0, 0];
        assert_eq!(moment(&full, false), "2010-10-17T19:27:30.000001");
        assert_eq!(moment(&[0x04, 0xda, 0x07, 0x0a, 0x11], false), "2010-10-17T00:00:00");
        assert_eq!(moment(&[0x04, 0xda, 0x07, 0x0a, 0x11], true), "2010-10-17");
        assert_eq!(moment(&[0], true), "0000-00-00");
        let minus = [0x0c, 0x01, 0x78, 0, 0, 0, 0x13, 0x1b, 0x1e, 0x01, 0, 0, 0];
        assert_eq!(span(&minus), "-2899:27:30.000001");
        assert_eq!(span(&[0]), "00:00:00");
        assert_eq!(signed(&(-7_i8).to_le_bytes()), -7);
        assert_eq!(signed(&(-70_000_i32).to_le_bytes()), -70_000);
        assert_eq!(signed(&i64::MIN.to_le_bytes()), i64::MIN);
    }
}
