//! Patterns over field paths.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    FieldPath, PathError, Segment,
    syntax::{self, Token},
};

/// Which fields are meant: a path in which `*` stands for any key, `[*]` for any index and `**` for any number of
/// steps. It covers what it names and everything below: `address` covers `address.city`, `$` covers all.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPattern(Vec<Token>);

impl FieldPattern {
    pub(super) const fn of(tokens: Vec<Token>) -> Self {
        Self(tokens)
    }

    /// The pattern as it is written.
    pub fn text(&self) -> String {
        syntax::write(&self.0)
    }

    /// Is the field meant, itself or by something it is part of?
    pub fn covers(&self, path: &FieldPath) -> bool {
        matches(&self.0, path.segments(), true)
    }

    /// Is exactly this field meant?
    pub fn names(&self, path: &FieldPath) -> bool {
        matches(&self.0, path.segments(), false)
    }

    /// How narrowly it means: more steps and fewer wildcards count more.
    pub fn narrowness(&self) -> usize {
        let weight = |token: &Token| match token {
            Token::Key(_) | Token::Index(_) => 2,
            Token::AnyKey | Token::AnyIndex => 1,
            Token::AnyDepth => 0,
        };
        self.0.iter().map(weight).sum()
    }
}

fn matches(pattern: &[Token], path: &[Segment], or_below: bool) -> bool {
    let Some((token, pattern_rest)) = pattern.split_first() else {
        return or_below || path.is_empty();
    };
    if *token == Token::AnyDepth && matches(pattern_rest, path, or_below) {
        return true;
    }
    let Some((segment, path_rest)) = path.split_first() else {
        return false;
    };
    match (token, segment) {
        (Token::AnyDepth, _) => matches(pattern, path_rest, or_below),
        (Token::AnyKey, Segment::Key(_)) | (Token::AnyIndex, Segment::Index(_)) => {
            matches(pattern_rest, path_rest, or_below)
        }
        (Token::Key(wanted), Segment::Key(key)) => wanted == key && matches(pattern_rest, path_rest, or_below),
        (Token::Index(wanted), Segment::Index(index)) => wanted == index && matches(pattern_rest, path_rest, or_below),
        _ => false,
    }
}

impl From<&FieldPath> for FieldPattern {
    fn from(path: &FieldPath) -> Self {
        Self(path.segments().iter().cloned().map(Token::from).collect())
    }
}

impl FromStr for FieldPattern {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        syntax::parse(text).map(Self)
    }
}

impl fmt::Debug for FieldPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FieldPattern(..)")
    }
}

impl Serialize for FieldPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl<'de> Deserialize<'de> for FieldPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_cover_what_they_name_and_what_is_below() {
        for (pattern, path, covers, names) in [
            ("$", "a", true, false),
            ("$", "$", true, true),
            ("a", "a", true, true),
            ("a", "a.b[0].c", true, false),
            ("a", "ab", false, false),
            ("a.b", "a", false, false),
            ("a.*", "a.b", true, true),
            ("a.*", "a[0]", false, false),
            ("a[*]", "a[3].b", true, false),
            ("a[*]", "a.b", false, false),
            ("a[3]", "a[3]", true, true),
            ("a[3]", "a[4]", false, false),
            ("a[3]", "a[\"3\"]", false, false),
            ("**.email", "email", true, true),
            ("**.email", "a[0].b.email", true, true),
            ("**.email", "a.email.verified", true, false),
            ("**.email", "a.mail", false, false),
            ("a.**.b.**.c", "a.x.b.y.z.c", true, true),
            ("a.**", "a.b.c", true, true),
            ("[\"a.b\"]", "[\"a.b\"].c", true, false),
            ("[\"a.b\"]", "a.b", false, false),
            ("[\"*\"]", "a", false, false),
        ] {
            let (pattern_read, path_read): (FieldPattern, FieldPath) =
                (pattern.parse().unwrap(), path.parse().unwrap());
            assert_eq!(pattern_read.covers(&path_read), covers, "{pattern} covers {path}");
            assert_eq!(pattern_read.names(&path_read), names, "{pattern} names {path}");
            assert_eq!(pattern_read.text(), pattern);
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for (text, error) in [
            ("", PathError::Empty),
            (".", PathError::Syntax),
            ("a.", PathError::Syntax),
            ("a..b", PathError::Syntax),
            ("a[", PathError::Syntax),
            ("a[x]", PathError::Syntax),
            ("a[-1]", PathError::Syntax),
            ("a[99999999999999999999]", PathError::Syntax),
            ("a[0]b", PathError::Syntax),
            ("a[\"b]", PathError::Syntax),
            ("a[\"b\"", PathError::Syntax),
            ("a*", PathError::Syntax),
            ("a.$", PathError::Syntax),
            ("**.a.**.b.**", PathError::TooLong),
        ] {
            assert_eq!(text.parse::<FieldPattern>(), Err(error), "{text}");
        }
        assert_eq!("a.*".parse::<FieldPath>(), Err(PathError::Wildcard));
        assert_eq!(vec!["a"; 129].join(".").parse::<FieldPath>(), Err(PathError::TooLong));
    }
}
