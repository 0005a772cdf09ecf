//! Where a field lies in its record.

use std::{fmt, str::FromStr};

use super::{
    FieldPattern, PathError,
    syntax::{self, Token},
};

/// Where a field lies in its record: `a.b[0].c`. Keys that contain other characters than a name's are quoted,
/// `["a.b"].c`; the root of a record that is a single value is `$`. A key may itself be personal (a map by e-mail
/// address), so a path has no `Display` and its `Debug` hides it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPath(pub(super) Vec<Segment>);

/// One step of a path.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// Into an object, by key.
    Key(String),
    /// Into a list, counted from zero.
    Index(usize),
}

impl FieldPath {
    /// The path of these steps.
    pub const fn new(segments: Vec<Segment>) -> Self {
        Self(segments)
    }

    /// The path of one key: a column of a table.
    pub fn column(name: impl Into<String>) -> Self {
        Self(vec![Segment::Key(name.into())])
    }

    /// The steps.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// The path as it is written.
    pub fn text(&self) -> String {
        let tokens: Vec<Token> = self.0.iter().cloned().map(Token::from).collect();
        syntax::write(&tokens)
    }

    /// The pattern that this path shares with its likes in other records: every index becomes `[*]`.
    pub fn general(&self) -> FieldPattern {
        FieldPattern::of(
            self.0
                .iter()
                .map(|segment| match segment {
                    Segment::Key(key) => Token::Key(key.clone()),
                    Segment::Index(_) => Token::AnyIndex,
                })
                .collect(),
        )
    }
}

impl From<Segment> for Token {
    fn from(segment: Segment) -> Self {
        match segment {
            Segment::Key(key) => Self::Key(key),
            Segment::Index(index) => Self::Index(index),
        }
    }
}

impl FromStr for FieldPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let segments = syntax::parse(text)?.into_iter().map(|token| match token {
            Token::Key(key) => Ok(Segment::Key(key)),
            Token::Index(index) => Ok(Segment::Index(index)),
            Token::AnyKey | Token::AnyIndex | Token::AnyDepth => Err(PathError::Wildcard),
        });
        segments.collect::<Result<_, _>>().map(Self)
    }
}

impl fmt::Debug for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FieldPath(..)")
    }
}

impl fmt::Debug for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Segment(..)")
    }
}
