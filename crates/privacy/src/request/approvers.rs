//! Whose approval a connection asks for, and how that stands.

use crate::actor::Actor;

words! {
    /// Whether somebody whom a connection names could approve a request.
    pub enum Standing("standing") {
        /// They could.
        MayApprove = "may_approve",
        /// They made the request, and four eyes are asked for (SEC-20).
        MadeTheRequest = "made_the_request",
        /// Their role does not allow it any more.
        OtherRole = "other_role",
        /// They are invited and have not come yet.
        Invited = "invited",
        /// They may not log in any more.
        Deactivated = "deactivated",
    }
}

words! {
    /// How it stands with the approval that a connection asks for.
    pub enum Hearing("hearing") {
        /// One of those who are named has approved. What they may do since then does not matter.
        Given = "given",
        /// Somebody who is named could.
        Awaited = "awaited",
        /// Nobody who is named can: others must be named, or the request waits for ever.
        NobodyCan = "nobody_can",
    }
}

/// How it stands with the approval of a connection that names these people.
pub fn hearing(named: &[(Actor, Standing)], approvals: &[Actor]) -> Hearing {
    if named.iter().any(|(actor, _)| approvals.contains(actor)) {
        return Hearing::Given;
    }
    let can = |(_, standing): &(Actor, Standing)| match standing {
        // Whoever is invited is on the way; the invitation can be mailed again.
        Standing::MayApprove | Standing::Invited => true,
        Standing::MadeTheRequest | Standing::OtherRole | Standing::Deactivated => false,
    };
    if named.iter().any(can) {
        Hearing::Awaited
    } else {
        Hearing::NobodyCan
    }
}

/// Who of those who may approve is needed now: those whom connections name that have not been heard, or everybody who has
/// not approved yet where `needed` approvals take more people than that.
pub fn wanted(may_approve: &[Actor], groups: &[Vec<Actor>], approvals: &[Actor], needed: u8) -> Vec<Actor> {
    let heard = |group: &&Vec<Actor>| group.iter().any(|actor| approvals.contains(actor));
    let unheard: Vec<_> = groups.iter().filter(|group| !heard(group)).collect();
    let missing = usize::from(needed).saturating_sub(approvals.len());
    let is_wanted = |actor: &&Actor| {
        let is_named = unheard.iter().any(|group| group.contains(actor));
        !approvals.contains(actor) && (is_named || missing > unheard.len())
    };
    may_approve.iter().filter(is_wanted).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str) -> Actor {
        format!("person:{name}").parse().unwrap()
    }

    #[test]
    fn a_connection_is_heard_when_one_whom_it_names_has_approved() {
        use Hearing as H;
        use Standing as S;
        type Case<'a> = (&'a [(&'a str, S)], &'a [&'a str], H);
        let cases: [Case<'_>; 11] = [
            (&[("ben", S::MayApprove)], &[], H::Awaited),
            (&[("ben", S::MayApprove)], &["ada"], H::Awaited),
            (&[("ben", S::MayApprove)], &["ben"], H::Given),
            (&[("ben", S::MayApprove), ("eve", S::MayApprove)], &["eve"], H::Given),
            (&[("ben", S::Deactivated)], &[], H::NobodyCan),
            (&[("ben", S::Deactivated)], &["ada", "eve"], H::NobodyCan),
            // What was approved stays approved.
            (&[("ben", S::Deactivated)], &["ada", "ben"], H::Given),
            (&[("ben", S::OtherRole)], &[], H::NobodyCan),
            (&[("ben", S::MadeTheRequest), ("eve", S::OtherRole)], &[], H::NobodyCan),
            (&[("ben", S::Deactivated), ("eve", S::MayApprove)], &[], H::Awaited),
            (&[("ben", S::Invited)], &[], H::Awaited),
        ];
        for (named, approvals, expected) in cases {
            let people: Vec<_> = named.iter().map(|(name, standing)| (person(name), *standing)).collect();
            let given: Vec<_> = approvals.iter().map(|name| person(name)).collect();
            assert_eq!(hearing(&people, &given), expected, "{named:?} {approvals:?}");
        }
    }

    #[test]
    fn neither_a_program_nor_a_rule_speaks_for_a_person() {
        let named = [(person("ben"), Standing::MayApprove)];
        for other in ["api_key:ben", "command_line", "automation"] {
            assert_eq!(hearing(&named, &[other.parse().unwrap()]), Hearing::Awaited, "{other}");
        }
    }

    #[test]
    fn those_are_wanted_whose_approval_brings_the_request_on() {
        type Case<'a> = (&'a [&'a [&'a str]], &'a [&'a str], u8, &'a [&'a str]);
        let cases: [Case<'_>; 11] = [
            (&[], &[], 1, &["ada", "ben", "eve"]),
            (&[], &[], 2, &["ada", "ben", "eve"]),
            (&[], &["ada"], 2, &["ben", "eve"]),
            (&[], &["ada"], 1, &[]),
            // Whom a connection names, and nobody else where they are enough.
            (&[&["ben"]], &[], 1, &["ben"]),
            (&[&["ben"]], &["ada"], 1, &["ben"]),
            (&[&["ben"], &["eve", "ben"]], &[], 2, &["ben", "eve"]),
            (&[&["ben"], &["eve"]], &["ben"], 1, &["eve"]),
            // More people than those.
            (&[&["ben"]], &[], 2, &["ada", "ben", "eve"]),
            (&[&["ben"]], &["ben"], 2, &["ada", "eve"]),
            // Who is named and may not approve is not asked.
            (&[&["zoe"]], &[], 1, &[]),
        ];
        let people = |names: &[&str]| names.iter().map(|name| person(name)).collect::<Vec<_>>();
        for (groups, approvals, needed, expected) in cases {
            let may_approve = people(&["ada", "ben", "eve"]);
            let named: Vec<_> = groups.iter().map(|group| people(group)).collect();
            let found = wanted(&may_approve, &named, &people(approvals), needed);
            assert_eq!(found, people(expected), "{groups:?} {approvals:?} {needed}");
        }
    }
}
