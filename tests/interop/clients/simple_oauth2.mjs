// simple-oauth2: the secret in the body or by HTTP Basic, revocation by RFC 7009. It knows no PKCE of its own.
import { AuthorizationCode } from 'simple-oauth2';
import { ask, done, given, refusedAtTheApi, say, url, use } from './talk.mjs';

use('simple-oauth2');
const client = new AuthorizationCode({
  client: { id: given.client_id, secret: given.client_secret },
  auth: {
    tokenHost: given.issuer,
    tokenPath: '/oauth2/token',
    authorizePath: '/oauth2/authorize',
    revokePath: '/oauth2/revoke',
  },
  options: { authorizationMethod: given.basic ? 'header' : 'body' },
});
const state = 'a state & more=%2B';
const address = client.authorizeURL({ redirect_uri: given.callback, scope: 'all', state });
const answer = new URL(await ask({ authorize: address }));
if (answer.searchParams.get('state') !== state) throw new Error(`state: ${answer}`);

const code = answer.searchParams.get('code');
const token = await client.getToken({ code, redirect_uri: given.callback });
say({ exchanged: token.token.token_type === 'bearer' && !token.expired() });
const me = async (held) => {
  const response = await fetch(url('/v2/me'), { headers: { authorization: `Bearer ${held.token.access_token}` } });
  return (await response.json()).profile.email === 'ada@example.com';
};
say({ me: await me(token) });
const renewed = await token.refresh({ scope: 'all' });
say({ refreshed: await me(renewed) });
await token.revoke('refresh_token');
say({ revoked: true });
const refusal = await token.refresh().then(() => null, (error) => error);
say({
  refused: refusal?.data?.payload?.error === 'invalid_grant' && (await refusedAtTheApi(renewed.token.access_token)),
});
done();
