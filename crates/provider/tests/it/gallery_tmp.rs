use crate::{browser::authorize_path, world::*};
use oauth::ClientType;
use provider::*;

#[tokio::test]
async fn gallery() {
    let world = World::start_with(|s| s.brand_name = "Northwind".into()).await;
    let acme = world.account("Acme Retail").await;
    world.user(acme, "ada@example.test", Role::Administrator).await;
    world
        .user(acme, "bob.with.a.long.address@subsidiary.example.test", Role::User)
        .await;
    let dir = std::path::Path::new("/tmp/p1/pages");
    std::fs::create_dir_all(dir).unwrap();
    let save = |name: &str, answer: &Answer| {
        let mut html = answer.text.clone();
        while let Some(at) = html.find("href=\"/assets/rightful.") {
            let end = html[at + 6..].find('"').unwrap() + at + 6;
            html.replace_range(at..=end, "href=\"/work/main/crates/http/assets/rightful.css\"");
        }
        std::fs::write(dir.join(format!("{name}.html")), html).unwrap();
    };
    let app = world
        .register(
            acme,
            &NewApplication {
                name: "DataGuard Privacy Manager".into(),
                redirect_uris: vec![CALLBACK.into(), "https://manager.example.com/oauth/callback".into()],
                client_type: ClientType::Confidential,
                grants: None,
                pkce_required: false,
            },
        )
        .await;
    let public = world.app(acme, ClientType::Public).await;
    let old = world
        .register(
            acme,
            &NewApplication {
                name: "Old dashboard".into(),
                redirect_uris: vec!["http://old.test/cb".into()],
                client_type: ClientType::Public,
                grants: Some("implicit".parse().unwrap()),
                pkce_required: false,
            },
        )
        .await;
    let mut b = world.browser();
    save("login", &b.get(&authorize_path(&app, &[])).await);
    let wrong = b.try_log_in("ada@example.test", "x").await;
    save("login_wrong", &wrong);
    b.log_in("ada@example.test", PASSWORD).await;
    save("home_one", &b.get("/").await);
    save("empty_apps", &b.get("/accountsettings/apps").await);
    let consent = b.asked_by(&app).await;
    save("consent", &consent);
    let code = b.decide(&consent, "accept").await.answered("code").unwrap();
    let tokens = world.exchange(&app, &code).await.tokens();
    world.api(&tokens.access, "/v2/me").await;
    world.provider.settle().await;
    save(
        "consent_implicit",
        &b.get(&authorize_path(
            &old,
            &[("redirect_uri", "http://old.test/cb"), ("response_type", "token")],
        ))
        .await,
    );
    let code = b
        .authorize_with(
            &public,
            &[
                ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
                ("code_challenge_method", "S256"),
            ],
        )
        .await;
    world
        .exchange_with(
            &public,
            &code,
            &[("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")],
        )
        .await
        .tokens();
    world
        .provider
        .create_personal_token(
            &secret("bob.with.a.long.address@subsidiary.example.test"),
            None,
            "Nightly export",
        )
        .await
        .unwrap();
    save(
        "token",
        &b.fill_in(
            "/accountsettings/apps",
            "/accountsettings/tokens",
            &[("name", "Staging scripts")],
        )
        .await,
    );
    save("apps", &b.get("/accountsettings/apps").await);
    save("developers", &b.get("/accountsettings/apps/developers").await);
    let page = b
        .fill_in(
            "/accountsettings/apps/developers",
            "/accountsettings/apps/developers",
            &[
                ("name", "Orders"),
                ("redirect_uris", "https://client.test/cb"),
                ("client_type", "confidential"),
            ],
        )
        .await;
    save("secret", &page);
    save(
        "developers_wrong",
        &b.fill_in(
            "/accountsettings/apps/developers",
            "/accountsettings/apps/developers",
            &[
                ("name", ""),
                ("redirect_uris", "https://client.test/cb\nhttp://x.test/"),
                ("client_type", "confidential"),
                ("implicit", "on"),
            ],
        )
        .await,
    );
    save(
        "edit",
        &b.get(&format!("/accountsettings/apps/developers/{}", app.id)).await,
    );
    save(
        "edit_public",
        &b.get(&format!("/accountsettings/apps/developers/{}", public.id)).await,
    );
    let beta = world.account("Beta Logistics").await;
    world.user(beta, "ada@example.test", Role::User).await;
    save("picker", &b.asked_by(&app).await);
    save("home", &b.get("/").await);
    save(
        "untrusted",
        &b.get(&authorize_path(&app, &[("redirect_uri", "https://evil.test")]))
            .await,
    );
    save("forged", &b.post("/login", &[]).await);
    save("logout", &b.get("/logout").await);
    std::fs::write(dir.join("connect.svg"), b.get("/connect.svg").await.text).unwrap();
}
