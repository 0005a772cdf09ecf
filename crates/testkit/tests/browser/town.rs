//! A company and a vendor in the middle of their work: people, connections and requests in many states, for pages to be
//! looked at.

use anyhow::{Context as _, Result, bail};
use jiff::ToSpan as _;
use serde_json::{Value, json};
use store::{Clock as _, SystemClock};

use crate::{
    services::{CUSTOMER, PASSWORD, Services},
    window::until,
};

/// The requests, by what is told about them.
pub(crate) struct Town {
    pub(crate) connection: String,
    pub(crate) waiting_connection: String,
    pub(crate) contact: String,
    requests: Vec<Value>,
}

impl Town {
    /// The id of a request of this kind in this state.
    pub(crate) fn request(&self, right: &str, state: &str) -> Result<&str> {
        let fits = |request: &&Value| request["type"] == right && request["state"] == state;
        let found = self.requests.iter().find(fits);
        let found = found.with_context(|| format!("no {right} request is {state}: {:?}", self.states()))?;
        found["id"].as_str().context("no id")
    }

    fn states(&self) -> Vec<String> {
        let state = |request: &Value| format!("{} {}", request["type"], request["state"]);
        self.requests.iter().map(state).collect()
    }
}

/// Fills both services with what a few weeks bring.
pub(crate) async fn build(services: &Services) -> Result<Town> {
    fill_vendor(services).await?;
    for (email, role) in [
        ("sofia.lindqvist@acme.example", "request_manager"),
        ("jonas.weber@acme.example", "approver"),
        ("marie.dubois@acme.example", "connections_manager"),
        ("tom.okafor@acme.example", "viewer"),
    ] {
        services.employ(email, role).await?;
    }
    let company = &services.company;
    company
        .tell(
            "manager user invite --email lena.koch@acme.example --role request_manager",
            "",
        )
        .await?;
    company
        .tell_words(
            &["manager", "api-key", "create", "--name", "Help desk", "--scope", "all"],
            "",
        )
        .await?;

    let connection = services.connect("Sample Vendor", json!({})).await?;
    let contact = [
        "manager",
        "connection",
        "add",
        "direct_contact",
        "--name",
        "Customer archive",
        "--setting",
        "processor_email=archive@acme.example",
        "--setting",
        "account_name=Acme Retail",
        "--setting",
        "notes=Please look in the scanned letters too.",
    ];
    let contact = company.tell_words(&contact, "").await?;
    let contact = contact["id"].as_str().context("no id")?.to_owned();

    // What is answered at once.
    import(
        services,
        &[
            request("ada", "access", 4, &[("start", "true"), ("connections", &connection)]),
            request(
                "grace",
                "deletion",
                3,
                &[("start", "true"), ("connections", &connection)],
            ),
            request(
                "hedy",
                "deletion",
                9,
                &[
                    ("start", "true"),
                    ("auto_approve", "true"),
                    ("connections", &connection),
                ],
            ),
            request(
                "barbara",
                "access",
                6,
                &[
                    ("start", "true"),
                    ("auto_approve", "true"),
                    ("connections", &connection),
                ],
            ),
            request(
                "annie",
                "access",
                11,
                &[("start", "true"), ("connections", &connection), ("framework", "cpra")],
            ),
        ],
    )
    .await?;
    settled(
        services,
        &[
            ("access", "pending_review"),
            ("deletion", "pending_review"),
            ("deletion", "closed"),
            ("access", "delivering"),
        ],
    )
    .await?;

    // From now on deletions wait, and a team of the vendor's has to report.
    let automation = services.company.data().join("automation.json");
    std::fs::write(
        &automation,
        r#"{"start": [], "approve": [], "duplicate_window": "30d", "grace": "2d"}"#,
    )?;
    company
        .tell(&format!("manager settings set automation {}", automation.display()), "")
        .await?;
    let team = [
        "provider",
        "token",
        "create",
        "--service",
        "Marketing",
        "--data-source",
        "marketing",
    ];
    services.vendor.tell_words(&team, "").await?;
    import(
        services,
        &[
            request(
                "alan",
                "access",
                47,
                &[("start", "true"), ("connections", &connection), ("framework", "cpra")],
            ),
            request("margaret", "access", 27, &[("start", "true")]),
            request("katherine", "access", 12, &[("connections", &connection)]),
            request("radia", "deletion", 0, &[]),
            request("frances", "access", 1, &[("start", "true"), ("connections", &contact)]),
        ],
    )
    .await?;
    settled(
        services,
        &[("access", "collecting"), ("access", "triage"), ("deletion", "triage")],
    )
    .await?;

    let add = [
        "manager",
        "connection",
        "add",
        "optimizely",
        "--name",
        "Sample Vendor, EU",
        "--client-id",
        "20000007",
        "--client-secret-stdin",
    ];
    let added = company.tell_words(&add, "another secret of theirs").await?;
    Ok(Town {
        connection,
        contact,
        waiting_connection: added["id"].as_str().context("no id")?.to_owned(),
        requests: requests(services).await?,
    })
}

/// The vendor's customer has a colleague, a token, applications, and records about everybody.
async fn fill_vendor(services: &Services) -> Result<()> {
    let (vendor, account) = (&services.vendor, services.account);
    let user = format!("provider user create --account {account} --email priya.nair@acme.example --role user");
    vendor.tell(&format!("{user} --password-stdin"), PASSWORD).await?;
    vendor
        .tell(&format!("provider token create --email {CUSTOMER}"), "")
        .await?;
    let app = format!(
        "provider app create --account {account} --type public --redirect-uri https://dashboard.acme.example/callback --name"
    );
    let mut app: Vec<&str> = app.split(' ').collect();
    app.push("Experiment dashboard");
    vendor.tell_words(&app, "").await?;
    let mut lines = Vec::new();
    for (name, full, city) in [
        ("grace", "Grace Hopper", "New York"),
        ("hedy", "Hedy Lamarr", "Vienna"),
        ("barbara", "Barbara Liskov", "Boston"),
        ("annie", "Annie Easley", "Cleveland"),
        ("alan", "Alan Turing", "Manchester"),
        ("margaret", "Margaret Hamilton", "Cambridge"),
        ("katherine", "Katherine Johnson", "Hampton"),
    ] {
        let mut add = |source: &str, object: &str, record: Value| {
            let line = json!({"data_source": source, "data_type": "visitor", "identifier_type": "email",
                "identifier": format!("{name}@example.com"), "object": object, "record": record});
            lines.push(line.to_string());
        };
        add(
            "app_backend",
            "profile",
            json!({"name": full, "city": city, "language": "en", "newsletter": true}),
        );
        // More than one page of records.
        let articles = (1..=60).map(|number| (format!("/articles/{number}"), 20 + number));
        let visited = [("/", 12), ("/pricing", 95), ("/signup", 41)].map(|(page, seconds)| (page.to_owned(), seconds));
        for (page, seconds) in visited.into_iter().chain(articles) {
            add(
                "data_platform",
                "page_view",
                json!({"page": page, "seconds": seconds, "browser": "Firefox"}),
            );
        }
        add(
            "marketing",
            "audience",
            json!({"audience": "Trial users", "since": "2026-01-15", "score": 0.82}),
        );
    }
    let file = vendor.data().join("people.ndjson");
    std::fs::write(&file, lines.join("\n"))?;
    let import = format!("provider subject import --account {account} {}", file.display());
    vendor.tell(&import, "").await?;
    Ok(())
}

/// A request that came in so many days ago.
fn request(name: &str, right: &str, days: i64, more: &[(&str, &str)]) -> Value {
    let received = SystemClock.now() - (days * 24).hours();
    let mut request =
        json!({"type": right, "email": format!("{name}@example.com"), "received_at": received.to_string()});
    for (name, value) in more {
        request[*name] = Value::from(*value);
    }
    request
}

async fn import(services: &Services, requests: &[Value]) -> Result<()> {
    let lines: Vec<String> = requests.iter().map(Value::to_string).collect();
    let file = services.company.data().join("requests.ndjson");
    std::fs::write(&file, lines.join("\n"))?;
    let import = format!("manager request import {}", file.display());
    services.company.tell(&import, "").await?;
    Ok(())
}

async fn requests(services: &Services) -> Result<Vec<Value>> {
    let listed = services.company.tell("manager request list", "").await?;
    Ok(listed.as_array().context("no list of requests")?.clone())
}

/// Waits until there are requests like these.
async fn settled(services: &Services, wanted: &[(&str, &str)]) -> Result<()> {
    let all = until(format!("{wanted:?}"), async || {
        let requests = requests(services).await?;
        for (right, state) in wanted {
            if !requests
                .iter()
                .any(|request| request["type"] == *right && request["state"] == *state)
            {
                bail!("no {right} request is {state}: {requests:?}");
            }
        }
        Ok(())
    });
    all.await
}
