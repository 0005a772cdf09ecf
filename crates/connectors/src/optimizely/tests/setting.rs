use std::time::Duration;

use privacy::IdentityType;
use serde_json::{Value, json};

use super::vendor;
use crate::{By, connector::Connector as _, optimizely::Optimizely};

fn refused(settings: &Value) -> String {
    Optimizely.configure(settings).unwrap_err().field
}

#[test]
fn nothing_at_all_means_the_real_vendor() {
    for settings in [json!({}), json!(null), json!({"app_url": null, "account_id": ""})] {
        let vendor = vendor(&settings);
        let common = vendor.settings();
        assert_eq!(common.poll_initial, Duration::from_mins(1));
        assert_eq!(common.poll_max, Duration::from_hours(1));
        assert_eq!(
            (common.rate_limit.to_string().as_str(), common.rate_burst),
            ("10/s", 10)
        );
        assert_eq!((common.access_by, common.deletion_by), (By::Api, By::Api));
        assert!(!common.discover && !common.verify_erasure && !common.access_before_delete);
        assert_eq!(common.export.limits.max_bytes, 5 << 30);
        assert_eq!(common.export.timeout, Duration::from_mins(30));
        let authorization = vendor.authorization();
        assert_eq!(
            authorization.authorize_url,
            "https://app.optimizely.com/oauth2/authorize"
        );
        assert_eq!(authorization.token_url, "https://app.optimizely.com/oauth2/token");
        assert_eq!(authorization.parameters, [("scopes", "all".to_owned())]);
        assert_eq!(
            vendor.organisation(Some("12345")),
            "optimizely api.optimizely.com 12345"
        );
    }
}

#[test]
fn a_sandbox_is_given_with_or_without_the_version() {
    for api in [
        "https://localhost:8444",
        "https://localhost:8444/",
        "https://localhost:8444/v2",
        "https://localhost:8444/v2/",
    ] {
        let vendor = vendor(&json!({"app_url": "https://localhost:8444/", "api_url": api, "account_id": 1}));
        let shown = vendor.shown_settings();
        assert_eq!(shown["api_url"], "https://localhost:8444/v2");
        assert_eq!(shown["app_url"], "https://localhost:8444");
        assert_eq!(shown["export_hosts"], json!(["*.amazonaws.com", "localhost"]));
        assert_eq!(shown["discover"], json!(true));
        assert_eq!(vendor.authorization().issuer, "https://localhost:8444");
        assert_eq!(vendor.authorization().parameters[1], ("account_id", "1".to_owned()));
        assert_eq!(vendor.organisation(None), "optimizely localhost:8444 1");
    }
    let behind_a_gateway = json!({"app_url": "https://gateway.test/login", "api_url": "https://gateway.test/api"});
    let vendor = vendor(&behind_a_gateway);
    assert_eq!(vendor.shown_settings()["api_url"], "https://gateway.test/api/v2");
    assert_eq!(
        vendor.authorization().token_url,
        "https://gateway.test/login/oauth2/token"
    );
}

#[test]
fn what_is_shown_can_be_given_back_and_holds_no_secret() {
    let settings = json!({
        "app_url": "https://a.test", "api_url": "https://b.test/v2", "account_id": "12345", "data_types": ["user"],
        "identifier_types": ["email", "dcp_id"], "access_by": "direct_contact", "deletion_by": "api",
        "direct_contact": {"processor_email": "privacy@b.test", "on_deadline": "skip"},
        "access_before_delete": true, "verify_erasure": true, "poll_initial": "100ms", "poll_max": "2m",
        "rate_limit": "600/m", "rate_burst": 3, "discover": false, "export_hosts": ["c.test:1"],
        "export_s3": {"endpoint": "https://s3.test", "access_key": "AK", "secret_key": "hidden"},
        "export_max_bytes": 1000, "export_max_entries": 10, "export_max_ratio": 5, "export_timeout": "90s",
    });
    let shown = vendor(&settings).shown_settings();
    assert!(!shown.to_string().contains("hidden"));
    let mut again = shown.clone();
    again["export_s3"]["secret_key"] = json!("hidden");
    assert_eq!(vendor(&again).shown_settings(), shown);
    for (name, value) in settings.as_object().unwrap() {
        match name.as_str() {
            "export_s3" | "direct_contact" => assert!(shown[name].is_object()),
            _ => assert_eq!(shown[name], *value, "{name}"),
        }
    }
    for pointer in Optimizely.secret_settings() {
        assert!(settings.pointer(pointer).is_some() && shown.pointer(pointer).is_none());
    }
}

#[test]
fn what_cannot_be_used_is_refused_by_its_name() {
    let sandbox = |more: Value| {
        let mut settings = json!({"app_url": "https://a.test", "api_url": "https://b.test"});
        settings
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        settings
    };
    let table = [
        (json!([]), "settings"),
        (json!({"api_urls": "https://x.test"}), "api_urls"),
        (json!({"app_url": "https://a.test"}), "api_url"),
        (json!({"api_url": "https://a.test"}), "app_url"),
        (
            json!({"app_url": "http://a.test", "api_url": "https://b.test"}),
            "app_url",
        ),
        (sandbox(json!({"api_url": "https://b.test/v3"})), "api_url"),
        (sandbox(json!({"api_url": "https://b.test/v2?x=1"})), "api_url"),
        (sandbox(json!({"api_url": "https://u:p@b.test/v2"})), "api_url"),
        (sandbox(json!({"api_url": "b.test"})), "api_url"),
        (json!({"account_id": "12a"}), "account_id"),
        (json!({"account_id": -1}), "account_id"),
        (json!({"account_id": true}), "account_id"),
        (json!({"data_types": ["visitors"]}), "data_types"),
        (json!({"data_types": []}), "data_types"),
        (json!({"data_types": [1]}), "data_types"),
        (json!({"identifier_types": ["phone"]}), "identifier_types"),
        (json!({"access_by": "mail"}), "access_by"),
        (json!({"access_by": "direct_contact"}), "direct_contact"),
        (
            json!({"direct_contact": {"processor_email": "x"}}),
            "direct_contact.processor_email",
        ),
        (json!({"verify_erasure": "yes"}), "verify_erasure"),
        (json!({"poll_initial": "soon"}), "poll_initial"),
        (json!({"poll_initial": "0s"}), "poll_initial"),
        (json!({"poll_initial": "2h", "poll_max": "1h"}), "poll_max"),
        (json!({"rate_limit": "fast"}), "rate_limit"),
        (json!({"rate_burst": 0}), "rate_burst"),
        (json!({"export_hosts": ["*"]}), "export_hosts"),
        (
            json!({"export_s3": {"endpoint": "https://s3.test", "access_key": "x"}}),
            "export_s3.secret_key",
        ),
        (json!({"export_max_bytes": "5 GiB"}), "export_max_bytes"),
        (json!({"export_timeout": 30}), "export_timeout"),
    ];
    for (settings, field) in table {
        assert_eq!(refused(&settings), field, "{settings}");
    }
}

#[test]
fn lists_are_taken_as_they_are_given() {
    let shown = vendor(&json!({"data_types": "user", "identifier_types": ["dcp_id", "dcp_id"]})).shown_settings();
    assert_eq!(shown["data_types"], json!(["user"]));
    assert_eq!(shown["identifier_types"], json!(["dcp_id"]));
    let shown = vendor(&json!({})).shown_settings();
    assert_eq!(
        shown["identifier_types"].as_array().unwrap().len(),
        IdentityType::ALL.len()
    );
}
