//! What is handed over of one object.

use std::collections::HashMap;

use super::{
    Change, ChangeAction, Field, FieldPath, FieldPattern, FieldPolicy, FieldValue, ObjectId, PolicyAction, Record,
    RecordId,
};
use crate::personal::Personal;

/// What stands in the place of a redacted value.
pub const REDACTED: &str = "[redacted]";

/// Policy and changes joined for one object, to be asked record by record.
///
/// Changes count in the order they were made. Each has a reach: all records or one, all fields or some. Excluding
/// and redacting hold for everything within reach until an *include* lifts them, and an include lifts only what was
/// set with the same or a wider reach: including the object again does not bring back a field that was excluded by
/// itself, including one field shows that field of an excluded object. So taking a coarse decision back never
/// uncovers what somebody hid on purpose.
#[derive(Debug, Clone)]
pub struct Selection<'a> {
    policy: Vec<Rule<'a>>,
    otherwise: PolicyAction,
    all_records: Vec<Rule<'a>>,
    one_record: HashMap<RecordId, Vec<Rule<'a>>>,
}

#[derive(Debug, Clone, Copy)]
struct Rule<'a> {
    order: usize,
    reach: Reach,
    field: Option<&'a FieldPattern>,
    verb: Verb<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Verb<'a> {
    Include,
    Exclude,
    Redact,
    Edit(&'a Personal<FieldValue>),
}

/// How narrow a rule is, in its two directions. They are not weighed against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reach {
    one_record: bool,
    narrowness: usize,
}

impl Reach {
    const fn lifts(self, other: Self) -> bool {
        (self.one_record || !other.one_record) && self.narrowness >= other.narrowness
    }
}

/// A record as its reviewer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewedRecord {
    /// Its number in the object.
    pub id: RecordId,
    /// All its fields, in the order they were found.
    pub fields: Vec<ReviewedField>,
}

/// A field as its reviewer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewedField {
    /// Where it lies.
    pub path: FieldPath,
    /// What was found.
    pub original: Personal<FieldValue>,
    /// Is it handed over?
    pub included: bool,
    /// Is its value hidden?
    pub redacted: bool,
    /// What is handed over instead.
    pub edited: Option<Personal<FieldValue>>,
}

impl ReviewedField {
    /// The value that is handed over, if any is.
    pub fn handed_over(&self) -> Option<Personal<FieldValue>> {
        if !self.included {
            return None;
        }
        if self.redacted {
            return Some(Personal::new(FieldValue::Text(REDACTED.to_owned())));
        }
        Some(self.edited.as_ref().unwrap_or(&self.original).clone())
    }
}

impl<'a> Selection<'a> {
    /// Joins the policy of the connection with the changes of the request, for the object of that id and name.
    /// Changes to other objects are left out.
    pub fn new(
        object: &ObjectId,
        name: &Personal,
        policy: &'a FieldPolicy,
        changes: impl IntoIterator<Item = &'a Change>,
    ) -> Self {
        let rules = policy
            .rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.object.matches(name.reveal()));
        let mut selection = Self {
            policy: rules
                .map(|(order, rule)| Rule::new(order, false, rule.field.as_ref(), Verb::of(rule.action)))
                .collect(),
            otherwise: policy.otherwise,
            all_records: Vec::new(),
            one_record: HashMap::new(),
        };
        for (order, change) in changes
            .into_iter()
            .enumerate()
            .filter(|(_, change)| change.target.object == *object)
        {
            let verb = match &change.action {
                ChangeAction::Include => Verb::Include,
                ChangeAction::Exclude => Verb::Exclude,
                ChangeAction::Redact => Verb::Redact,
                ChangeAction::Edit(value) => Verb::Edit(value),
            };
            let record = change.target.record;
            let rule = Rule::new(order, record.is_some(), change.target.field.as_ref(), verb);
            match record {
                None => selection.all_records.push(rule),
                Some(record) => selection.one_record.entry(record).or_default().push(rule),
            }
        }
        selection
    }

    /// Is the object as such handed over? Its files go by this; its fields are asked one by one.
    pub fn includes_object(&self) -> bool {
        self.standing(None, self.all_records.iter()).is_included()
    }

    /// Is a record as such handed over? Its fields are asked one by one.
    pub fn includes_record(&self, record: RecordId) -> bool {
        self.standing(None, self.rules_of(record).iter()).is_included()
    }

    /// The record with what was decided about each of its fields.
    pub fn review(&self, record: &Record) -> ReviewedRecord {
        let rules = self.rules_of(record.id);
        let fields = record.fields.iter().map(|field| {
            let standing = self.standing(Some(&field.path), rules.iter());
            ReviewedField {
                path: field.path.clone(),
                original: field.value.clone(),
                included: standing.is_included(),
                redacted: !standing.redactions.is_empty(),
                edited: standing.edit.map(|(_, value)| value.clone()),
            }
        });
        ReviewedRecord {
            id: record.id,
            fields: fields.collect(),
        }
    }

    /// The record as it is handed over; nothing if no field of it is.
    pub fn effective(&self, record: &Record) -> Option<Record> {
        self.review(record).effective()
    }

    fn rules_of(&self, record: RecordId) -> Vec<Rule<'a>> {
        let mut rules = self.all_records.clone();
        if let Some(own) = self.one_record.get(&record) {
            rules.extend(own);
            rules.sort_by_key(|rule| rule.order);
        }
        rules
    }

    /// What policy and rules together say about a field, or about the whole of an object or record.
    fn standing<'r>(&self, path: Option<&FieldPath>, rules: impl Iterator<Item = &'r Rule<'a>>) -> Standing<'a>
    where
        'a: 'r,
    {
        let mut standing = Standing::default();
        let fits = |rule: &&Rule<'_>| match (rule.field, path) {
            (None, _) => true,
            (Some(pattern), Some(path)) => pattern.covers(path),
            (Some(_), None) => false,
        };
        match self.policy.iter().rfind(fits) {
            Some(rule) => standing.take(rule, path),
            None => standing.take(&Rule::new(0, false, None, Verb::of(self.otherwise)), path),
        }
        for rule in rules.filter(fits) {
            standing.take(rule, path);
        }
        standing
    }
}

impl ReviewedRecord {
    /// The record as it is handed over; nothing if no field of it is.
    pub fn effective(&self) -> Option<Record> {
        let fields: Vec<Field> = self
            .fields
            .iter()
            .filter_map(|field| {
                Some(Field {
                    path: field.path.clone(),
                    value: field.handed_over()?,
                })
            })
            .collect();
        if fields.is_empty() {
            None
        } else {
            Some(Record { id: self.id, fields })
        }
    }
}

impl<'a> Rule<'a> {
    fn new(order: usize, one_record: bool, field: Option<&'a FieldPattern>, verb: Verb<'a>) -> Self {
        let narrowness = field.map_or(0, FieldPattern::narrowness);
        Self {
            order,
            reach: Reach { one_record, narrowness },
            field,
            verb,
        }
    }
}

impl Verb<'_> {
    const fn of(action: PolicyAction) -> Self {
        match action {
            PolicyAction::Include => Self::Include,
            PolicyAction::Exclude => Self::Exclude,
            PolicyAction::Redact => Self::Redact,
        }
    }
}

#[derive(Default)]
struct Standing<'a> {
    exclusions: Vec<Reach>,
    redactions: Vec<Reach>,
    edit: Option<(Reach, &'a Personal<FieldValue>)>,
}

impl<'a> Standing<'a> {
    fn is_included(&self) -> bool {
        self.exclusions.is_empty()
    }

    fn take(&mut self, rule: &Rule<'a>, path: Option<&FieldPath>) {
        let reach = rule.reach;
        match rule.verb {
            Verb::Exclude => self.exclusions.push(reach),
            Verb::Redact => self.redactions.push(reach),
            Verb::Include => {
                self.exclusions.retain(|excluded| !reach.lifts(*excluded));
                self.redactions.retain(|redacted| !reach.lifts(*redacted));
                self.edit = self.edit.filter(|(edited, _)| !reach.lifts(*edited));
            }
            Verb::Edit(value) => {
                // An edit is about one value; for what lies below the field it names there is nothing to write.
                if rule
                    .field
                    .is_some_and(|pattern| path.is_some_and(|path| pattern.names(path)))
                {
                    self.redactions.retain(|redacted| !reach.lifts(*redacted));
                    self.edit = Some((reach, value));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
