// openid-client: discovery (RFC 8414), PKCE, `iss` (it refuses a missing or wrong one once announced), introspection,
// revocation.
import * as client from 'openid-client';
import { ask, done, given, refusedAtTheApi, say, url, use } from './talk.mjs';

use('openid-client');
const isPublic = given.client_secret === null;
const proof = isPublic ? client.None() : client.ClientSecretBasic(given.client_secret);
const config = await client.discovery(new URL(given.issuer), given.client_id, undefined, proof, { algorithm: 'oauth2' });
say({ discovered: config.serverMetadata().supportsPKCE() });

const verifier = client.randomPKCECodeVerifier();
const state = client.randomState();
const address = client.buildAuthorizationUrl(config, {
  redirect_uri: given.callback,
  scope: 'all',
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state,
});
const answer = new URL(await ask({ authorize: address.href }));

// A changed issuer is refused before the code is used.
const forged = new URL(answer);
forged.searchParams.set('iss', 'https://evil.test');
const checks = { pkceCodeVerifier: verifier, expectedState: state };
const issuerChecked = await client.authorizationCodeGrant(config, forged, checks).then(() => false, () => true);
const tokens = await client.authorizationCodeGrant(config, answer, checks);
say({ pkce: true, iss: issuerChecked, exchanged: tokens.token_type === 'bearer' && tokens.expires_in === 7200 });

const me = async (token) => {
  const response = await client.fetchProtectedResource(config, token, new URL(url('/v2/me')), 'GET');
  return (await response.json()).profile.email === 'ada@example.com';
};
say({ me: await me(tokens.access_token) });
const renewed = await client.refreshTokenGrant(config, tokens.refresh_token);
// A confidential application keeps its refresh token, a public one gets another.
say({ refreshed: (await me(renewed.access_token)) && (renewed.refresh_token !== undefined) === isPublic });
const current = renewed.refresh_token ?? tokens.refresh_token;

if (!isPublic) {
  const told = await client.tokenIntrospection(config, renewed.access_token);
  say({ introspected: told.active && told.client_id === given.client_id && told.iss === given.issuer });
}
await client.tokenRevocation(config, current);
say({ revoked: true });
const refusal = await client.refreshTokenGrant(config, current).then(() => null, (error) => error);
say({ refused: refusal?.error === 'invalid_grant' && (await refusedAtTheApi(renewed.access_token)) });
done();
