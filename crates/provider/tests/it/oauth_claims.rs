//! What the server says of itself is tried, claim by claim; and what strangers' pages may not do.

use axum::body::Body;
use http::{Method, Request, StatusCode, header};
use oauth::ClientType;
use serde_json::Value;

use crate::{
    browser::authorize_path,
    oauth_clients::basic,
    oauth_codes::{PKCE, VERIFIER},
    world::{Answer, App, ISSUER, Tokens, World, form},
};

const METADATA: &str = "/.well-known/oauth-authorization-server";

/// The vendor with one application of each type, as its document describes it.
struct Claims {
    world: World,
    confidential: App,
    public: App,
    document: Value,
}

#[tokio::test]
async fn each_claim_of_the_metadata_works_when_tried() {
    // AS-12, AS-29, AS-70, AS-71
    let claims = Claims::read().await;
    let names: Vec<&str> = claims
        .document
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    for name in names {
        match name {
            "issuer" | "authorization_response_iss_parameter_supported" => claims.answers_name_the_issuer().await,
            "scopes_supported" => claims.each_scope_can_be_asked_for().await,
            "response_types_supported" => claims.each_response_type_answers().await,
            "grant_types_supported" => claims.each_grant_gives_a_token().await,
            "code_challenge_methods_supported" => claims.each_challenge_method_is_checked().await,
            "token_endpoint_auth_methods_supported" => claims.each_method_proves_a_client_at("token").await,
            "revocation_endpoint_auth_methods_supported" => claims.each_method_proves_a_client_at("revocation").await,
            "introspection_endpoint_auth_methods_supported" => {
                claims.each_method_proves_a_client_at("introspection").await;
            }
            // Used by all of the above.
            "authorization_endpoint" | "token_endpoint" | "revocation_endpoint" | "introspection_endpoint" => {}
            unknown => panic!("{unknown} is announced, and nothing here tries it"),
        }
    }
}

impl Claims {
    async fn read() -> Self {
        let world = World::start().await;
        let account = world.acme().await;
        Self {
            confidential: world.app(account, ClientType::Confidential).await,
            public: world.app(account, ClientType::Public).await,
            document: world.get(METADATA).await.json(),
            world,
        }
    }

    fn list(&self, name: &str) -> Vec<String> {
        let words = self.document[name].as_array().unwrap();
        words.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    }

    fn path(&self, endpoint: &str) -> &str {
        let url = self.document[format!("{endpoint}_endpoint")].as_str().unwrap();
        url.strip_prefix(ISSUER).unwrap()
    }

    async fn answer_to(&self, app: &App, more: &[(&str, &str)]) -> Answer {
        let mut ada = self.world.logged_in("ada@example.test").await;
        let asked = authorize_path(app, more);
        let (_, query) = asked.split_once('?').unwrap();
        let page = ada.get(&format!("{}?{query}", self.path("authorization"))).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.location());
        ada.decide(&page, "accept").await
    }

    async fn code_of(&self, app: &App) -> String {
        self.answer_to(app, &PKCE).await.answered("code").unwrap()
    }

    async fn tokens_of(&self, app: &App) -> Tokens {
        let code = self.code_of(app).await;
        let fields = [("code_verifier", VERIFIER)];
        self.world.exchange_with(app, &code, &fields).await.tokens()
    }

    async fn works(&self, token: &str) -> bool {
        self.world.api(token, "/v2/me").await.status == StatusCode::OK
    }

    async fn answers_name_the_issuer(&self) {
        let answer = self.answer_to(&self.confidential, &[]).await;
        assert_eq!(answer.answered("iss").as_deref(), self.document["issuer"].as_str());
    }

    async fn each_scope_can_be_asked_for(&self) {
        for scope in self.list("scopes_supported") {
            let more = [("scopes", ""), ("scope", scope.as_str())];
            assert!(
                self.answer_to(&self.confidential, &more)
                    .await
                    .answered("code")
                    .is_some()
            );
        }
    }

    async fn each_response_type_answers(&self) {
        for response_type in self.list("response_types_supported") {
            let more = [&PKCE[..], &[("response_type", response_type.as_str())]].concat();
            let answer = self.answer_to(&self.public, &more).await;
            let given = match response_type.as_str() {
                "code" => "code",
                "token" => "access_token",
                unknown => panic!("{unknown}"),
            };
            assert!(answer.answered(given).is_some(), "{}", answer.location());
        }
    }

    async fn each_grant_gives_a_token(&self) {
        for grant in self.list("grant_types_supported") {
            let token = match grant.as_str() {
                "authorization_code" => self.tokens_of(&self.public).await.access,
                "refresh_token" => {
                    let tokens = self.tokens_of(&self.confidential).await;
                    let renewed = self.world.refresh(&self.confidential, tokens.refresh()).await;
                    renewed.tokens().access
                }
                "implicit" => {
                    let answer = self.answer_to(&self.public, &[("response_type", "token")]).await;
                    answer.answered("access_token").unwrap()
                }
                unknown => panic!("{unknown}"),
            };
            assert!(self.works(&token).await, "{grant}");
        }
    }

    async fn each_challenge_method_is_checked(&self) {
        for method in self.list("code_challenge_methods_supported") {
            assert_eq!(PKCE[1], ("code_challenge_method", method.as_str()));
            let code = self.code_of(&self.public).await;
            assert_eq!(
                self.world.exchange(&self.public, &code).await.refusal().1,
                "invalid_grant"
            );
            self.tokens_of(&self.public).await;
        }
    }

    /// What the endpoint does is seen at a token that is refreshed, ended or told about.
    async fn each_method_proves_a_client_at(&self, endpoint: &str) {
        for method in self.list(&format!("{endpoint}_endpoint_auth_methods_supported")) {
            let app = if method == "none" {
                &self.public
            } else {
                &self.confidential
            };
            let tokens = self.tokens_of(app).await;
            let mut fields = match endpoint {
                "token" => vec![("grant_type", "refresh_token"), ("refresh_token", tokens.refresh())],
                "revocation" => vec![("token", tokens.refresh())],
                _ => vec![("token", tokens.access.as_str())],
            };
            let secret = app.secret.as_deref().unwrap_or_default();
            let authorization = basic(&app.id, secret);
            match method.as_str() {
                "client_secret_basic" => {}
                "client_secret_post" => fields.extend([("client_id", app.id.as_str()), ("client_secret", secret)]),
                "none" => fields.push(("client_id", app.id.as_str())),
                unknown => panic!("{unknown}"),
            }
            let mut request = form(self.path(endpoint), &fields);
            if method == "client_secret_basic" {
                request
                    .headers_mut()
                    .insert(header::AUTHORIZATION, authorization.parse().unwrap());
            }
            let answer = self.world.send(request).await;
            assert_eq!(answer.status, StatusCode::OK, "{endpoint} {method}: {}", answer.text);
            match endpoint {
                "token" => assert!(self.works(&answer.tokens().access).await, "{method}"),
                "revocation" => assert!(!self.works(&tokens.access).await, "{method}"),
                _ => assert_eq!(answer.json()["active"], true, "{method}"),
            }
        }
    }
}

#[tokio::test]
async fn consent_is_asked_each_time_also_of_who_has_given_it_before() {
    // AS-21
    let world = World::start().await;
    let account = world.acme().await;
    for client_type in [ClientType::Confidential, ClientType::Public] {
        let app = world.app(account, client_type).await;
        let mut ada = world.logged_in("ada@example.test").await;
        for _ in 0..2 {
            let page = ada.get(&authorize_path(&app, &PKCE)).await;
            assert_eq!((page.status, page.location()), (StatusCode::OK, ""));
            let code = ada.decide(&page, "accept").await.answered("code").unwrap();
            let fields = [("code_verifier", VERIFIER)];
            world.exchange_with(&app, &code, &fields).await.tokens();
        }
    }
}

#[tokio::test]
async fn no_other_site_reads_what_the_endpoints_answer() {
    // AS-19, AS-46
    let world = World::start().await;
    let app = world.app(world.acme().await, ClientType::Public).await;
    let authorize = authorize_path(&app, &PKCE);
    for path in [
        authorize.as_str(),
        "/oauth2/token",
        "/oauth2/revoke",
        "/oauth2/introspect",
        METADATA,
        "/v2/me",
    ] {
        for method in [Method::OPTIONS, Method::GET, Method::POST] {
            let request = Request::builder()
                .method(method.clone())
                .uri(path)
                .header(header::ORIGIN, "https://client.test")
                .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            let answer = world.send(request.body(Body::empty()).unwrap()).await;
            let allowed = answer
                .headers
                .keys()
                .find(|name| name.as_str().starts_with("access-control-"));
            assert_eq!(allowed, None, "{method} {path}");
        }
    }
}
