"""requests-oauthlib: no revocation of its own, so the user revokes."""

from oauthlib.oauth2 import OAuth2Error
from requests_oauthlib import OAuth2Session
from talk import ask, given, refused_at_the_api, same, say, url, use

use("requests-oauthlib")
session = OAuth2Session(given["client_id"], redirect_uri=given["callback"], scope=["all"], pkce="S256")
address, state = session.authorization_url(url("/oauth2/authorize"))
answer = ask(authorize=address)
say(pkce=True)

secret = given["client_secret"]
proof = {"auth": (given["client_id"], secret)} if given["basic"] else {"client_secret": secret, "include_client_id": True}
token = session.fetch_token(url("/oauth2/token"), authorization_response=answer, **proof)
same((token["token_type"], token["expires_in"]), ("bearer", 7200))
say(exchanged=True)
me = session.get(url("/v2/me"))
say(me=me.json()["profile"]["email"] == "ada@example.com")

proof = {"auth": (given["client_id"], secret)} if given["basic"] else {"client_id": given["client_id"], "client_secret": secret}
renewed = session.refresh_token(url("/oauth2/token"), **proof)
same(renewed["refresh_token"], token["refresh_token"])
say(refreshed=session.get(url("/v2/me")).status_code == 200 and renewed["access_token"] != token["access_token"])

ask(please="revoke")
say(revoked="by the user")
try:
    session.refresh_token(url("/oauth2/token"), **proof)
    say(refused=False)
except OAuth2Error as error:
    say(refused=error.error == "invalid_grant" and refused_at_the_api(renewed["access_token"]))
