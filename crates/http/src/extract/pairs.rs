//! `application/x-www-form-urlencoded` text, read strictly.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use url::form_urlencoded;

use super::{Place, Refusal, serde_words};

/// The names and values in `text`, in order. Values that are not UTF-8 are refused, never mended.
pub(super) fn pairs(text: &[u8], place: Place) -> Result<Vec<(String, String)>, Refusal> {
    let mut pairs = Vec::new();
    for piece in text.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty()) {
        let split = piece.iter().position(|byte| *byte == b'=').unwrap_or(piece.len());
        let (name, value) = piece.split_at(split);
        let name = decoded(name).ok_or_else(|| Refusal::new(place, "a parameter's name is not UTF-8"))?;
        let value = value.strip_prefix(b"=").unwrap_or(value);
        let value = decoded(value).ok_or_else(|| Refusal::new(place, "is not UTF-8").field(name.clone()))?;
        pairs.push((name, value));
    }
    Ok(pairs)
}

fn decoded(text: &[u8]) -> Option<String> {
    let spaced: Vec<u8> = text
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    let bytes: Cow<'_, [u8]> = percent_encoding::percent_decode(&spaced).into();
    String::from_utf8(bytes.into_owned()).ok()
}

/// Reads `text` as `T`, refusing a name that comes twice.
pub(super) fn read<T: DeserializeOwned>(text: &[u8], place: Place) -> Result<T, Refusal> {
    let pairs = pairs(text, place)?;
    let mut names: Vec<_> = pairs.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    if let Some([twice, _]) = names.array_windows().find(|[one, next]| one == next) {
        return Err(Refusal::new(place, "is given twice").field((*twice).clone()));
    }
    let source = serde_urlencoded::Deserializer::new(form_urlencoded::parse(text));
    serde_path_to_error::deserialize(source).map_err(|error| serde_words::refusal(&error, place))
}
