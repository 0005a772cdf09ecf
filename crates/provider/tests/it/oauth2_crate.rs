//! A whole life with the crate `oauth2`, which nobody here wrote, as it comes. Clients in other languages:
//! `tests/interop`.

use std::convert::Infallible;

use axum::body::Body;
use oauth::ClientType;
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, IntrospectionUrl,
    PkceCodeChallenge, RedirectUrl, RequestTokenError, RevocationUrl, Scope, StandardRevocableToken,
    TokenIntrospectionResponse as _, TokenResponse as _, TokenUrl, basic::BasicClient, basic::BasicErrorResponseType,
};

use crate::world::{CALLBACK, ISSUER, World};

/// The way of its calls to the provider.
async fn carry(world: &World, call: HttpRequest) -> Result<HttpResponse, Infallible> {
    let answer = world.send(call.map(Body::from)).await;
    let mut response = HttpResponse::new(answer.text.into_bytes());
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    Ok(response)
}

#[tokio::test]
async fn the_crate_oauth2_leads_a_whole_life() {
    // AS-36, AS-60, AS-64
    for client_type in [ClientType::Confidential, ClientType::Public] {
        let world = World::start().await;
        let app = world.app(world.acme().await, client_type).await;
        let at = |path: &str| format!("{ISSUER}{path}");
        let mut client = BasicClient::new(ClientId::new(app.id.clone()))
            .set_auth_uri(AuthUrl::new(at("/oauth2/authorize")).unwrap())
            .set_token_uri(TokenUrl::new(at("/oauth2/token")).unwrap())
            .set_revocation_url(RevocationUrl::new(at("/oauth2/revoke")).unwrap())
            .set_introspection_url(IntrospectionUrl::new(at("/oauth2/introspect")).unwrap())
            .set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned()).unwrap());
        if let Some(secret) = &app.secret {
            client = client.set_client_secret(ClientSecret::new(secret.clone()));
        }
        let http = |call| carry(&world, call);

        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (address, state) = client
            .authorize_url(CsrfToken::new_random)
            .add_scope(Scope::new("all".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        let mut ada = world.logged_in("ada@example.test").await;
        let page = ada.get(address.as_str().strip_prefix(ISSUER).unwrap()).await;
        let answer = ada.decide(&page, "accept").await;
        assert_eq!(answer.answered("state").as_ref(), Some(state.secret()));
        assert_eq!(answer.answered("iss").as_deref(), Some(ISSUER));
        let code = AuthorizationCode::new(answer.answered("code").unwrap());

        let exchange = client.exchange_code(code).set_pkce_verifier(verifier);
        let tokens = exchange.request_async(&http).await.unwrap();
        let works = async |token: &oauth2::AccessToken| world.api(token.secret(), "/v2/me").await.status == 200;
        assert!(works(tokens.access_token()).await);
        assert_eq!(tokens.expires_in().unwrap().as_secs(), 7200);

        let refresh = tokens.refresh_token().unwrap();
        let renewed = client
            .exchange_refresh_token(refresh)
            .request_async(&http)
            .await
            .unwrap();
        assert!(works(renewed.access_token()).await);
        assert_eq!(renewed.refresh_token().is_some(), client_type == ClientType::Public);
        let current = renewed.refresh_token().unwrap_or(refresh).clone();

        if client_type == ClientType::Confidential {
            let told = client.introspect(renewed.access_token()).request_async(&http).await;
            assert!(told.unwrap().active());
        }
        let gone = StandardRevocableToken::RefreshToken(current.clone());
        client.revoke_token(gone).unwrap().request_async(&http).await.unwrap();
        assert!(!works(renewed.access_token()).await);
        let refused = client.exchange_refresh_token(&current).request_async(&http).await;
        let Err(RequestTokenError::ServerResponse(refusal)) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(refusal.error(), &BasicErrorResponseType::InvalidGrant);
    }
}
