//! Statements with named placeholders, rewritten into each database's own bound parameters.
//!
//! Quotes, comments and PostgreSQL's casts and dollar quotes are left as they are; everything else that could carry a
//! parameter without a name, or a second statement, is refused.

/// Whose SQL it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
    MySql,
}

/// What a placeholder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Identifier,
    IdentifierType,
    DataType,
    AccountId,
}

/// A statement with its parameters in the order in which they are bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    pub(super) text: String,
    pub(super) slots: Vec<Slot>,
}

/// Why a text is no template. To be read after the statement's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum TemplateError {
    #[error("is empty")]
    Empty,
    #[error("knows no :{0}, only :identifier, :identifier_type, :data_type and :account_id")]
    Unknown(String),
    #[error("must name its parameters, such as :identifier; found {0}")]
    Nameless(String),
    #[error("must be one statement, without a ; inside")]
    Several,
    #[error("has a quote or a comment that is not closed")]
    NotClosed,
}

impl Template {
    pub(super) fn parse(dialect: Dialect, sql: &str) -> Result<Self, TemplateError> {
        let mut rewriter = Rewriter {
            dialect,
            rest: sql.trim(),
            text: String::with_capacity(sql.len()),
            slots: Vec::new(),
        };
        while !rewriter.rest.is_empty() {
            rewriter.step()?;
        }
        if rewriter.text.trim().is_empty() {
            return Err(TemplateError::Empty);
        }
        Ok(Self {
            text: rewriter.text,
            slots: rewriter.slots,
        })
    }

    /// Whether the statement's first word is `verb`.
    pub(super) fn begins_with(&self, verb: &str) -> bool {
        let end = self.text.find(|c: char| !c.is_ascii_alphabetic());
        let word = self.text.get(..end.unwrap_or(self.text.len()));
        word.is_some_and(|word| word.eq_ignore_ascii_case(verb))
    }

    pub(super) fn uses(&self, slot: Slot) -> bool {
        self.slots.contains(&slot)
    }

    /// PostgreSQL turns its own rows into JSON, whatever their types; the line feed ends a comment at the query's end.
    pub(super) fn wrapped(self, dialect: Dialect) -> Self {
        match dialect {
            Dialect::Postgres => Self {
                text: format!(
                    "SELECT row_to_json(rightful_record)::text FROM (\n{}\n) AS rightful_record",
                    self.text
                ),
                ..self
            },
            Dialect::Sqlite | Dialect::MySql => self,
        }
    }
}

struct Rewriter<'a> {
    dialect: Dialect,
    rest: &'a str,
    text: String,
    slots: Vec<Slot>,
}

impl Rewriter<'_> {
    /// Copies or replaces whatever stands next.
    fn step(&mut self) -> Result<(), TemplateError> {
        let Some(first) = self.rest.chars().next() else {
            return Ok(());
        };
        let rest = self.rest;
        let mysql = self.dialect == Dialect::MySql;
        match first {
            '-' if rest.starts_with("--") => self.copy_line(),
            '#' if mysql => self.copy_line(),
            '/' if rest.starts_with("/*") => return self.copy_comment(),
            '\'' | '"' => {
                let escapes = mysql || (first == '\'' && self.is_escape_string());
                return self.copy_quoted(first, escapes);
            }
            '`' if self.dialect != Dialect::Postgres => return self.copy_quoted('`', false),
            '$' if self.dialect == Dialect::Postgres => return self.dollar(),
            '?' if self.dialect != Dialect::Postgres => return Err(TemplateError::Nameless("?".to_owned())),
            '$' | '@' if self.dialect == Dialect::Sqlite => return Err(TemplateError::Nameless(named(rest))),
            ':' if rest.starts_with("::") => self.copy(2),
            ':' if rest.get(1..).is_some_and(starts_name) => return self.placeholder(),
            ';' => {
                if !rest.trim_end_matches([';', ' ', '\t', '\r', '\n']).is_empty() {
                    return Err(TemplateError::Several);
                }
                self.rest = "";
            }
            other => self.copy(other.len_utf8()),
        }
        Ok(())
    }

    fn copy(&mut self, bytes: usize) {
        let (copied, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.text.push_str(copied);
        self.rest = rest;
    }

    fn copy_line(&mut self) {
        self.copy(self.rest.find('\n').map_or(self.rest.len(), |end| end + 1));
    }

    fn copy_comment(&mut self) -> Result<(), TemplateError> {
        let mut depth = 0_usize;
        let mut at = 0;
        // PostgreSQL's comments nest.
        while let Some(rest) = self.rest.get(at..).filter(|rest| !rest.is_empty()) {
            let step = if rest.starts_with("/*") && (depth == 0 || self.dialect == Dialect::Postgres) {
                depth += 1;
                2
            } else if rest.starts_with("*/") {
                depth -= 1;
                2
            } else {
                rest.chars().next().map_or(1, char::len_utf8)
            };
            at += step;
            if depth == 0 {
                self.copy(at);
                return Ok(());
            }
        }
        Err(TemplateError::NotClosed)
    }

    /// A doubled quote ends one string and begins the next, which comes to the same.
    fn copy_quoted(&mut self, quote: char, escapes: bool) -> Result<(), TemplateError> {
        let mut skip = false;
        for (at, c) in self.rest.char_indices().skip(1) {
            if std::mem::take(&mut skip) {
                continue;
            }
            if c == '\\' && escapes {
                skip = true;
            } else if c == quote {
                self.copy(at + 1);
                return Ok(());
            }
        }
        Err(TemplateError::NotClosed)
    }

    /// PostgreSQL's `E'…'`.
    fn is_escape_string(&self) -> bool {
        let mut before = self.text.chars().rev();
        self.dialect == Dialect::Postgres
            && before.next().is_some_and(|c| c.eq_ignore_ascii_case(&'e'))
            && !before.next().is_some_and(|c| c.is_alphanumeric() || c == '_')
    }

    /// PostgreSQL's `$tag$ … $tag$`, or a parameter without a name.
    fn dollar(&mut self) -> Result<(), TemplateError> {
        let after = self.rest.get(1..).unwrap_or_default();
        let tag_end = after.find(|c: char| !(c.is_alphanumeric() || c == '_'));
        let tag = tag_end
            .filter(|end| after.get(*end..).is_some_and(|rest| rest.starts_with('$')))
            .and_then(|end| self.rest.get(..end + 2))
            .filter(|tag| *tag == "$$" || tag.get(1..).is_some_and(starts_name));
        match tag {
            Some(tag) => {
                let body = self.rest.get(tag.len()..).unwrap_or_default();
                let end = body.find(tag).ok_or(TemplateError::NotClosed)?;
                self.copy(tag.len() + end + tag.len());
                Ok(())
            }
            None if after.starts_with(|c: char| c.is_ascii_digit()) => Err(TemplateError::Nameless(named(self.rest))),
            None => {
                self.copy(1);
                Ok(())
            }
        }
    }

    fn placeholder(&mut self) -> Result<(), TemplateError> {
        let name = named(self.rest);
        let slot = match name.as_str() {
            ":identifier" => Slot::Identifier,
            ":identifier_type" => Slot::IdentifierType,
            ":data_type" => Slot::DataType,
            ":account_id" => Slot::AccountId,
            other => return Err(TemplateError::Unknown(other.trim_start_matches(':').to_owned())),
        };
        let place = match self.slots.iter().position(|own| *own == slot) {
            Some(place) if self.dialect != Dialect::MySql => place,
            _ => {
                self.slots.push(slot);
                self.slots.len() - 1
            }
        };
        let number = place + 1;
        self.text.push_str(match self.dialect {
            Dialect::Postgres => "$",
            Dialect::Sqlite | Dialect::MySql => "?",
        });
        if self.dialect != Dialect::MySql {
            self.text.push_str(&number.to_string());
        }
        self.rest = self.rest.get(name.len()..).unwrap_or_default();
        Ok(())
    }
}

fn starts_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

/// A sign and the word behind it.
fn named(text: &str) -> String {
    let mut chars = text.chars();
    let sign = chars.next().into_iter();
    sign.chain(chars.take_while(|c| c.is_ascii_alphanumeric() || *c == '_'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Dialect::*, Slot::*, *};

    fn text(dialect: Dialect, sql: &str) -> String {
        Template::parse(dialect, sql).unwrap().text
    }

    #[test]
    fn placeholders_become_parameters_of_each_database() {
        let sql = "SELECT * FROM c WHERE a = :account_id AND (m = :identifier OR n = :identifier);";
        for (dialect, expected, slots) in [
            (
                Postgres,
                "SELECT * FROM c WHERE a = $1 AND (m = $2 OR n = $2)",
                vec![AccountId, Identifier],
            ),
            (
                Sqlite,
                "SELECT * FROM c WHERE a = ?1 AND (m = ?2 OR n = ?2)",
                vec![AccountId, Identifier],
            ),
            (
                MySql,
                "SELECT * FROM c WHERE a = ? AND (m = ? OR n = ?)",
                vec![AccountId, Identifier, Identifier],
            ),
        ] {
            let template = Template::parse(dialect, sql).unwrap();
            assert_eq!((template.text.as_str(), template.slots), (expected, slots));
        }
        assert_eq!(
            text(Postgres, "f(:data_type)::text, :identifier_type::x"),
            "f($1)::text, $2::x"
        );
    }

    #[test]
    fn what_stands_in_quotes_and_comments_is_left_alone() {
        for (dialect, sql) in [
            (Postgres, "a = ':identifier' AND b = 'it''s :x'"),
            (Postgres, "a = E'\\':x' || $tag$ :x ; $$ $tag$ || $$;:x$$"),
            (Postgres, "-- :x ;\n/* :x /* ; */ :x */ \"col:x\" ? 'b' @> c"),
            (MySql, "# :x ?\n `a:x` = 'it\\':x' AND \"a\\\":x?\" = @v := 1"),
            (Sqlite, "`a:x` = \"b?\" -- ?"),
            (Postgres, "Zeit = 'é:x'"),
        ] {
            assert_eq!(text(dialect, sql), sql);
        }
    }

    #[test]
    fn what_could_carry_anything_else_is_refused() {
        for (dialect, sql, error) in [
            (Sqlite, "SELECT 1; DELETE FROM c", TemplateError::Several),
            (Sqlite, " ; ", TemplateError::Empty),
            (MySql, "", TemplateError::Empty),
            (Sqlite, "a = ?1", TemplateError::Nameless("?".to_owned())),
            (Sqlite, "a = @x", TemplateError::Nameless("@x".to_owned())),
            (MySql, "a = ?", TemplateError::Nameless("?".to_owned())),
            (Postgres, "a = $1", TemplateError::Nameless("$1".to_owned())),
            (Postgres, "a = :identity", TemplateError::Unknown("identity".to_owned())),
            (Postgres, "a = 'open", TemplateError::NotClosed),
            (Postgres, "/* /* */", TemplateError::NotClosed),
            (Postgres, "$a$ x $b$", TemplateError::NotClosed),
        ] {
            assert_eq!(Template::parse(dialect, sql).unwrap_err(), error, "{sql}");
        }
    }
}
