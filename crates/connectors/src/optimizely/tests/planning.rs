use privacy::{Identities, Right};
use serde_json::{Value, json};

use super::{EMAIL, vendor};
use crate::job::Plan;

fn planned(settings: &Value, right: Right, identities: &[(&str, &str)]) -> Plan {
    vendor(settings).plan(right, &Identities::parse(identities.iter().copied()).unwrap())
}

fn words(plan: &Plan) -> Vec<String> {
    plan.jobs
        .iter()
        .map(|job| format!("{} {} {}", job.right, job.data_type, job.identifier_type))
        .collect()
}

// CL-33
#[test]
fn there_is_one_job_for_each_kind_of_data_and_identifier() {
    let both = [("email", EMAIL), ("fullstack_id", "f-1")];
    let plan = planned(&json!({}), Right::Access, &both);
    assert_eq!(
        words(&plan),
        [
            "access visitor email",
            "access visitor fullstack_id",
            "access user email"
        ]
    );
    assert_eq!(plan.jobs[0].identifier.reveal(), EMAIL);
    assert!(plan.left_out.is_empty());
    let plan = planned(&json!({"data_types": ["user"]}), Right::Deletion, &both);
    assert_eq!(words(&plan), ["deletion user email"]);
}

#[test]
fn what_is_left_out_is_told() {
    let plan = planned(&json!({}), Right::Access, &[("dcp_id", "d-1")]);
    assert_eq!(words(&plan), ["access visitor dcp_id"]);
    assert_eq!(plan.left_out.len(), 1);
    assert_eq!(plan.left_out[0].data_type.as_deref(), Some("user"));
    let plan = planned(
        &json!({"identifier_types": ["email"]}),
        Right::Access,
        &[("other", "x")],
    );
    assert!(plan.jobs.is_empty());
    let reasons: Vec<&str> = plan.left_out.iter().map(|left_out| left_out.reason).collect();
    assert_eq!(reasons.len(), 3, "{reasons:?}");
}
