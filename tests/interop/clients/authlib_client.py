"""Authlib, over requests: PKCE, introspection and revocation."""

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.common.security import generate_token
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url
from talk import ask, given, refused_at_the_api, same, say, url, use
import requests

use("Authlib")
document = requests.get(get_well_known_url(given["issuer"], external=True), timeout=30).json()
metadata = AuthorizationServerMetadata(document)
metadata.validate()
say(discovered=True)

public = given["client_secret"] is None
method = "none" if public else "client_secret_basic" if given["basic"] else "client_secret_post"
session = OAuth2Session(
    given["client_id"], given["client_secret"], scope="all", redirect_uri=given["callback"],
    token_endpoint_auth_method=method, revocation_endpoint_auth_method=method, code_challenge_method="S256",
)
verifier = generate_token(64)
address, state = session.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier)
answer = ask(authorize=address)
say(pkce=True)

token = session.fetch_token(
    metadata["token_endpoint"], authorization_response=answer, state=state, code_verifier=verifier
)
same((token["token_type"], token["expires_in"]), ("bearer", 7200))
say(exchanged=True)
say(me=session.get(url("/v2/me")).json()["profile"]["email"] == "ada@example.com")

renewed = session.refresh_token(metadata["token_endpoint"])
same(renewed["refresh_token"] != token["refresh_token"], public)
say(refreshed=session.get(url("/v2/me")).status_code == 200 and renewed["access_token"] != token["access_token"])

if not public:
    told = session.introspect_token(metadata["introspection_endpoint"], token=renewed["access_token"]).json()
    say(introspected=told["active"] and told["client_id"] == given["client_id"])

revoked = session.revoke_token(metadata["revocation_endpoint"], token=renewed["refresh_token"], token_type_hint="refresh_token")
say(revoked=revoked.status_code == 200)
try:
    session.refresh_token(metadata["token_endpoint"], refresh_token=renewed["refresh_token"])
    say(refused=False)
except OAuthError as error:
    say(refused=error.error == "invalid_grant" and refused_at_the_api(renewed["access_token"]))
