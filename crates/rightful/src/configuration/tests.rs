use std::time::Duration;

use rightful_http::settings::{HumanDuration, Rate};

use super::*;

#[derive(Debug, Deserialize)]
#[serde(default)]
struct Manager {
    public_url: String,
    http_timeout: HumanDuration,
    task_max_attempts: u32,
    mailbox: bool,
    smtp_url: Option<String>,
}

impl Default for Manager {
    fn default() -> Self {
        Self {
            public_url: "https://localhost:8443".to_owned(),
            http_timeout: Duration::from_mins(1).into(),
            task_max_attempts: 12,
            mailbox: false,
            smtp_url: None,
        }
    }
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
struct Provider {
    public_url: String,
    rate_limit: Option<Rate>,
    s3_secret_key: Option<String>,
}

fn environment(variables: &[(&str, &str)]) -> Environment {
    variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn manager(file: &str, variables: &[(&str, &str)], flags: Vec<Flag>) -> Result<Configuration<Manager>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, file).unwrap();
    let keys = KnownKeys::of::<Manager, Provider>();
    load(Service::Manager, &keys, Some(&path), &environment(variables), flags)
        .map_err(|error| crate::failure::describe(&error).replace(&folder.path().display().to_string(), "DIR"))
}

#[test]
fn nothing_given_is_the_defaults() {
    let loaded = manager("", &[], Vec::new()).unwrap();
    assert_eq!(loaded.place.listen, "127.0.0.1:8443");
    assert_eq!(loaded.settings.task_max_attempts, 12);
    assert!(!loaded.public_url_given);
}

#[test]
fn a_flag_goes_before_the_environment_before_the_files_table_before_its_top() {
    let file = "task_max_attempts = 1\nhttp_timeout = \"1s\"\nlog = \"a\"\nlisten = \"a\"\n[manager]\nhttp_timeout = \"2s\"\nlog = \"b\"\nlisten = \"b\"";
    let flag = Flag {
        name: "--listen",
        key: "listen",
        value: "d".to_owned(),
    };
    let loaded = manager(file, &[("RIGHTFUL_LOG", "c"), ("RIGHTFUL_LISTEN", "c")], vec![flag]).unwrap();
    assert_eq!(loaded.settings.task_max_attempts, 1);
    assert_eq!(loaded.settings.http_timeout.to_string(), "2s");
    assert_eq!(loaded.place.log, "c");
    assert_eq!(loaded.place.listen, "d");
}

#[test]
fn the_environment_gives_values_of_every_type() {
    let variables = [
        ("RIGHTFUL_MAILBOX", "true"),
        ("RIGHTFUL_TASK_MAX_ATTEMPTS", "3"),
        ("RIGHTFUL_HTTP_TIMEOUT", "5s"),
        ("RIGHTFUL_SMTP_URL", "smtp://mail"),
        ("RIGHTFUL_LOG_FORMAT", "json"),
        ("RIGHTFUL_PUBLIC_URL", "https://example.com"),
    ];
    let loaded = manager("", &variables, Vec::new()).unwrap();
    assert!(loaded.settings.mailbox && loaded.public_url_given);
    assert_eq!(loaded.settings.task_max_attempts, 3);
    assert_eq!(loaded.settings.smtp_url.as_deref(), Some("smtp://mail"));
    assert_eq!(loaded.place.log_format, LogFormat::Json);
}

#[test]
fn one_file_and_one_environment_serve_both_services() {
    let file = "rate_limit = \"5/s\"\n[provider]\nrate_limit = \"9/s\"\n";
    manager(file, &[("RIGHTFUL_S3_SECRET_KEY", "x")], Vec::new()).unwrap();
}

#[test]
fn what_nobody_knows_is_refused_by_name_and_place() {
    for (file, variable, message) in [
        ("colour = 1", "", "error: DIR/config.toml: colour is no setting\n"),
        (
            "[manager]\nrate_limit = \"1/s\"",
            "",
            "error: DIR/config.toml: manager.rate_limit is no setting\n",
        ),
        (
            "[provider]\nmailbox = true",
            "",
            "error: DIR/config.toml: provider.mailbox is no setting\n",
        ),
        (
            "[portal]\nmailbox = true",
            "",
            "error: DIR/config.toml: portal is no setting\n",
        ),
        (
            "manager = 1",
            "",
            "error: DIR/config.toml: manager is a table: write settings below it\n",
        ),
        (
            "",
            "RIGHTFUL_COLOUR",
            "error: the environment variable RIGHTFUL_COLOUR is no setting\n",
        ),
    ] {
        let variables: &[_] = if variable.is_empty() { &[] } else { &[(variable, "1")] };
        let error = manager(file, variables, Vec::new()).unwrap_err();
        assert!(error.starts_with(message), "{error}");
        assert!(error.contains("hint: config.example.toml"), "{error}");
    }
}

#[test]
fn a_value_of_the_wrong_kind_is_refused_where_it_stands() {
    for (file, variable, message) in [
        (
            "http_timeout = \"soon\"",
            "",
            "DIR/config.toml: http_timeout: write a whole number and a unit",
        ),
        (
            "[manager]\ntask_max_attempts = \"x\"",
            "",
            "DIR/config.toml: manager.task_max_attempts: invalid type",
        ),
        (
            "",
            "RIGHTFUL_TASK_MAX_ATTEMPTS",
            "RIGHTFUL_TASK_MAX_ATTEMPTS: expected a number",
        ),
        ("", "RIGHTFUL_MAILBOX", "RIGHTFUL_MAILBOX: expected true or false"),
        ("listen = \"a\"\nlog = [", "", "DIR/config.toml line 2: "),
    ] {
        let variables: &[_] = if variable.is_empty() {
            &[]
        } else {
            &[(variable, "soon")]
        };
        let error = manager(file, variables, Vec::new()).unwrap_err();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn a_secret_can_stand_in_a_file_of_its_own_and_is_never_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("smtp");
    std::fs::write(&path, "smtp://user:hidden@mail\n").unwrap();
    let path = path.display().to_string();
    let loaded = manager(
        "smtp_url = \"smtp://other\"",
        &[("RIGHTFUL_SMTP_URL_FILE", &path)],
        Vec::new(),
    )
    .unwrap();
    assert_eq!(loaded.settings.smtp_url.as_deref(), Some("smtp://user:hidden@mail"));

    let error = manager("smtp_url = 4711", &[], Vec::new()).unwrap_err();
    assert!(
        error.contains("smtp_url: expected text") && !error.contains("4711"),
        "{error}"
    );
    let error = manager("smtp_url = \"hidden\ndatabase = hidden", &[], Vec::new()).unwrap_err();
    assert!(!error.contains("hidden"), "{error}");
}

/// The example with every setting that has a default, and with the others set too.
const EXAMPLE: &str = include_str!("../../../../config.example.toml");

fn example<S: DeserializeOwned + std::fmt::Debug>(service: Service, text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, text).unwrap();
    let keys = KnownKeys::of::<::manager::Settings, ::provider::Settings>();
    let loaded: Configuration<S> = load(service, &keys, Some(&path), &Environment::default(), Vec::new()).unwrap();
    format!("{:?} {:?}", loaded.place, loaded.settings)
}

#[test]
fn the_example_is_the_defaults() {
    assert_eq!(
        example::<::manager::Settings>(Service::Manager, EXAMPLE),
        example::<::manager::Settings>(Service::Manager, "")
    );
    assert_eq!(
        example::<::provider::Settings>(Service::Provider, EXAMPLE),
        example::<::provider::Settings>(Service::Provider, "")
    );
}

#[test]
fn the_example_names_every_setting_and_what_it_sets_without_default_can_be_set() {
    let whole = EXAMPLE.replace("\n#: ", "\n");
    let table: toml::Table = toml::from_str(&whole).unwrap();
    let keys = KnownKeys::of::<::manager::Settings, ::provider::Settings>();
    for (service, keys) in [("manager", keys.manager), ("provider", keys.provider)] {
        let own = table[service].as_table().unwrap();
        for key in keys {
            assert!(
                own.contains_key(*key),
                "{service}.{key} is missing in config.example.toml"
            );
        }
    }
    for key in keys.place {
        let anywhere = table.contains_key(*key) || table["manager"].as_table().unwrap().contains_key(*key);
        assert!(anywhere, "{key} is missing in config.example.toml");
    }
    example::<::manager::Settings>(Service::Manager, &whole);
    example::<::provider::Settings>(Service::Provider, &whole);
}
