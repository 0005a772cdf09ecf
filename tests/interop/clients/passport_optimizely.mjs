// passport-optimizely: a log-in with the vendor. Its profile address is written into its code, so an agent, which it lets
// one set, leads that host here; the certificate is the provider's own, with the vendor's name (tls_hosts).
import { createServer } from 'node:http';
import { Agent } from 'node:https';
import passport from 'passport';
import Strategy from 'passport-optimizely';
import { ask, done, given, refusedAtTheApi, say, url, use } from './talk.mjs';

use('passport-optimizely');
class Here extends Agent {
  createConnection(options, callback) {
    return super.createConnection({ ...options, host: '127.0.0.1', port: given.api_port }, callback);
  }
}
let held;
const strategy = new Strategy(
  {
    clientID: given.client_id,
    clientSecret: given.client_secret,
    callbackURL: given.callback,
    authorizationURL: url('/oauth2/authorize'),
    tokenURL: url('/oauth2/token'),
  },
  (accessToken, refreshToken, profile, verified) => {
    held = { accessToken, refreshToken };
    verified(null, profile);
  },
);
strategy._oauth2.setAgent(new Here());
passport.use(strategy);

// Without a state, as it is by default.
const site = createServer((request, response) => {
  request.query = Object.fromEntries(new URL(request.url, given.callback).searchParams);
  passport.authenticate('optimizely', { session: false })(request, response, (error) => {
    response.statusCode = error ? 500 : 200;
    response.end(error ? String(error.stack) : JSON.stringify(request.user));
  });
}).listen(0, '127.0.0.1');
await new Promise((listening) => site.once('listening', listening));
const visit = (path) => fetch(`http://127.0.0.1:${site.address().port}${path}`, { redirect: 'manual' });

const address = (await visit('/log-in')).headers.get('location');
const answer = new URL(await ask({ authorize: address }));
const loggedIn = await visit(answer.pathname + answer.search);
const text = await loggedIn.text();
if (!loggedIn.ok) throw new Error(text);
const user = JSON.parse(text);
say({ exchanged: Boolean(held.accessToken && held.refreshToken) });
say({ me: user.email === 'ada@example.com' && Number.isInteger(user.current_account.id) });

const refresh = () =>
  new Promise((resolve) =>
    strategy._oauth2.getOAuthAccessToken(held.refreshToken, { grant_type: 'refresh_token' }, (error, accessToken) =>
      resolve({ error, accessToken }),
    ),
  );
const renewed = await refresh();
say({ refreshed: Boolean(renewed.accessToken) && renewed.accessToken !== held.accessToken });
await ask({ please: 'revoke' });
say({ revoked: 'by the user' });
const refusal = (await refresh()).error;
say({ refused: JSON.parse(refusal.data).error === 'invalid_grant' && (await refusedAtTheApi(renewed.accessToken)) });
done();
