//! A real receiver behind real TLS, with an independent implementation that checks what arrives.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
    routing::post,
};
use http::{HeaderMap, StatusCode};
use mail::Mailer;
use manager::{
    By, Manager, ManagerParts, Settings,
    app::webhooks::{DeliveryCause, DeliveryFilter, DeliveryState, DeliveryView, NewWebhook, Subscribed},
};
use rightful_http::{
    client::{ClientSettings, ExtraCa, GuardedClient},
    serve::{Limits, Server},
    settings::HumanDuration,
    tls::{LocalCa, Tls},
};
use standardwebhooks::Webhook;
use store::{MasterKeySource, SharedClock, SystemClock, scratch::ScratchDatabase};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use vault::SystemEntropy;

type Arrived = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

/// A manager that calls out for real, and a receiver.
struct World {
    manager: Manager,
    url: String,
    arrived: Arrived,
    _database: ScratchDatabase,
    _server: JoinSet<()>,
}

async fn take(State(arrived): State<Arrived>, headers: HeaderMap, body: Bytes) -> StatusCode {
    arrived.lock().unwrap().push((headers, body));
    StatusCode::NO_CONTENT
}

async fn elsewhere() -> Response {
    Redirect::temporary("/take").into_response()
}

async fn never() -> StatusCode {
    std::future::pending().await
}

async fn world(allow_private_hosts: &str) -> World {
    let database = ScratchDatabase::new().unwrap();
    let folder = database.folder().join("receiver");
    std::fs::create_dir_all(&folder).unwrap();
    let tls = Tls::parse("auto", &folder, &["localhost".to_owned()]).unwrap();
    let clock: SharedClock = Arc::new(SystemClock);
    let server = Server::bind("127.0.0.1:0", tls, clock.clone()).await.unwrap();
    let url = format!("https://localhost:{}", server.address().port());
    let ca = LocalCa::load_or_create(&folder, clock.now()).unwrap();
    let arrived = Arrived::default();
    let router = Router::new()
        .route("/take", post(take))
        .route("/elsewhere", post(elsewhere))
        .route("/never", post(never))
        .with_state(arrived.clone());
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        server
            .serve(router, Limits::default(), CancellationToken::new())
            .await
            .unwrap();
    });
    let settings = Settings {
        allow_private_hosts: allow_private_hosts.to_owned(),
        webhook_timeout: HumanDuration::from(Duration::from_millis(300)),
        ..Settings::default()
    };
    let transport = GuardedClient::new(&ClientSettings {
        allow_private_hosts: settings.private_hosts(),
        extra_ca: vec![ExtraCa::Pem(ca.pem().to_owned())],
        ..ClientSettings::default()
    });
    let store = database
        .open(manager::MIGRATIONS, clock, Arc::new(SystemEntropy), None)
        .await
        .unwrap();
    let key_file = database.folder().join("master.key");
    let manager = Manager::open(ManagerParts {
        vault: store.unlock_vault(MasterKeySource::File(&key_file)).await.unwrap(),
        mailer: Mailer::none(),
        data: database.folder().join("blobs"),
        transport: Arc::new(transport.unwrap()),
        settings,
        store,
    });
    World {
        manager,
        url,
        arrived,
        _database: database,
        _server: serving,
    }
}

impl World {
    /// Sends a test event to a path of the receiver: the webhook's secret, and what came of it.
    async fn try_out(&self, path: &str) -> (String, DeliveryView) {
        let new = NewWebhook {
            url: format!("{}{path}", self.url),
            description: String::new(),
            events: Subscribed::All,
            enabled: true,
        };
        let made = self.manager.create_webhook(new, &By::command_line()).await.unwrap();
        self.manager.test_webhook(made.id, &By::command_line()).await.unwrap();
        self.manager.runner().drain().await.unwrap();
        let filter = DeliveryFilter {
            state: None,
            before: None,
            limit: 10,
        };
        let page = self
            .manager
            .webhook_deliveries(made.id, &filter)
            .await
            .unwrap()
            .unwrap();
        let delivery = page.deliveries.into_iter().next().unwrap();
        (made.secret.reveal().clone(), delivery)
    }
}

#[tokio::test]
async fn an_independent_implementation_verifies_what_arrives_over_tls() {
    let world = world("localhost").await;
    let (secret, delivery) = world.try_out("/take").await;
    assert_eq!((delivery.state, delivery.status), (DeliveryState::Delivered, Some(204)));
    let arrived = world.arrived.lock().unwrap().clone();
    let (headers, body) = arrived.first().unwrap();
    let verifier = Webhook::new(&secret).unwrap();
    verifier.verify(body, headers).unwrap();
    assert_eq!(headers["webhook-id"], delivery.message_id());
    let mut changed = body.to_vec();
    *changed.last_mut().unwrap() = b' ';
    assert!(verifier.verify(&changed, headers).is_err());
    let other = Webhook::new("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").unwrap();
    assert!(other.verify(body, headers).is_err());
}

#[tokio::test]
async fn a_receiver_in_the_own_network_is_not_called_unless_it_is_named() {
    // SEC-33
    let world = world("").await;
    let (_, delivery) = world.try_out("/take").await;
    assert_eq!(
        (delivery.state, delivery.cause),
        (DeliveryState::Pending, Some(DeliveryCause::Forbidden))
    );
    let why = delivery.why().unwrap();
    assert!(why.contains("loopback") && why.contains("allow_private_hosts"), "{why}");
    assert!(world.arrived.lock().unwrap().is_empty());
}

#[tokio::test]
async fn redirects_are_not_followed_and_silence_is_not_waited_for() {
    // SEC-33
    let world = world("localhost").await;
    let (_, delivery) = world.try_out("/elsewhere").await;
    assert_eq!(
        (delivery.cause, delivery.status),
        (Some(DeliveryCause::Redirect), Some(307))
    );
    assert!(world.arrived.lock().unwrap().is_empty());
    let (_, delivery) = world.try_out("/never").await;
    assert_eq!(
        (delivery.state, delivery.cause),
        (DeliveryState::Pending, Some(DeliveryCause::TimedOut))
    );
}
