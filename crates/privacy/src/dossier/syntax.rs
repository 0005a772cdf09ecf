//! How paths and patterns are written: `a.b[0].c`, `["a.b"].c`, `orders[*].note`, `**.email`.

/// A piece of a path or a pattern.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Token {
    Key(String),
    Index(usize),
    AnyKey,
    AnyIndex,
    AnyDepth,
}

/// Not a path. The text is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Nothing was written.
    #[error("a path must not be empty, the whole record is written $")]
    Empty,
    /// The writing is broken.
    #[error("not a path, which looks like a.b[0].c or [\"a.b\"].c")]
    Syntax,
    /// Wildcards are for patterns.
    #[error("a path names one field, without wildcards")]
    Wildcard,
    /// Too deep, or too many `**`.
    #[error("a pattern must have at most 128 parts and at most two **")]
    TooLong,
}

const MAX_TOKENS: usize = 128;
const MAX_ANY_DEPTH: usize = 2;

/// Reads a path or pattern. The root is `$`.
pub(super) fn parse(text: &str) -> Result<Vec<Token>, PathError> {
    match text {
        "" => return Err(PathError::Empty),
        "$" => return Ok(Vec::new()),
        _ => {}
    }
    let mut tokens = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (token, remaining) = if let Some(bracketed) = rest.strip_prefix('[') {
            in_brackets(bracketed)?
        } else {
            let bare = if tokens.is_empty() {
                rest
            } else {
                rest.strip_prefix('.').ok_or(PathError::Syntax)?
            };
            let end = bare.find(['.', '[']).unwrap_or(bare.len());
            let (word, remaining) = bare.split_at(end);
            (bare_word(word)?, remaining)
        };
        tokens.push(token);
        rest = remaining;
    }
    let any_depth = tokens.iter().filter(|token| **token == Token::AnyDepth).count();
    if tokens.len() > MAX_TOKENS || any_depth > MAX_ANY_DEPTH {
        Err(PathError::TooLong)
    } else {
        Ok(tokens)
    }
}

fn in_brackets(text: &str) -> Result<(Token, &str), PathError> {
    if text.starts_with('"') {
        // The key is a JSON string, so that any key can be written; the stream tells where it ends.
        let mut strings = serde_json::Deserializer::from_str(text).into_iter::<String>();
        let key = strings.next().and_then(Result::ok).ok_or(PathError::Syntax)?;
        let rest = text
            .get(strings.byte_offset()..)
            .and_then(|rest| rest.strip_prefix(']'));
        return Ok((Token::Key(key), rest.ok_or(PathError::Syntax)?));
    }
    let (inside, rest) = text.split_once(']').ok_or(PathError::Syntax)?;
    let token = match inside {
        "*" => Token::AnyIndex,
        digits if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Token::Index(digits.parse().map_err(|_| PathError::Syntax)?)
        }
        _ => return Err(PathError::Syntax),
    };
    Ok((token, rest))
}

fn bare_word(word: &str) -> Result<Token, PathError> {
    match word {
        "*" => Ok(Token::AnyKey),
        "**" => Ok(Token::AnyDepth),
        word if is_bare(word) => Ok(Token::Key(word.to_owned())),
        _ => Err(PathError::Syntax),
    }
}

/// May this key stand without brackets and quotes?
fn is_bare(key: &str) -> bool {
    !key.is_empty() && key != "$" && !key.chars().any(|c| c.is_control() || ".[]\"*".contains(c))
}

/// Writes what [`parse`] reads.
pub(super) fn write(tokens: &[Token]) -> String {
    if tokens.is_empty() {
        return "$".to_owned();
    }
    let mut text = String::new();
    for token in tokens {
        let word = match token {
            Token::Index(index) => {
                text.extend(["[", &index.to_string(), "]"]);
                continue;
            }
            Token::AnyIndex => {
                text.push_str("[*]");
                continue;
            }
            Token::Key(key) if !is_bare(key) => {
                text.extend(["[", &serde_json::Value::from(key.as_str()).to_string(), "]"]);
                continue;
            }
            Token::Key(key) => key,
            Token::AnyKey => "*",
            Token::AnyDepth => "**",
        };
        if !text.is_empty() {
            text.push('.');
        }
        text.push_str(word);
    }
    text
}
