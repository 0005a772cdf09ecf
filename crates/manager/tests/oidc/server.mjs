// A real OpenID Connect provider for the stories of single sign-on: node server.mjs REDIRECT_URI
// Prints its issuer. Whoever comes is logged in as the person last named at POST /person?sub=…&email=…&verified=….
import http from 'node:http';
import Provider from 'oidc-provider';

const [redirectUri] = process.argv.slice(2);
const server = http.createServer();
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const issuer = `http://127.0.0.1:${server.address().port}`;

let person = { sub: 'nobody' };
const people = new Map();

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'rightful',
    client_secret: 'marker-oidc-secret-7f31',
    redirect_uris: [redirectUri],
  }],
  pkce: { required: () => true },
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => people.get(sub) ?? { sub } }),
  cookies: { keys: ['only for tests'] },
  ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
});

provider.use(async (ctx, next) => {
  if (ctx.method === 'POST' && ctx.path === '/person') {
    const { sub, email, verified } = ctx.query;
    person = { sub };
    people.set(sub, { sub, email, email_verified: verified === 'true' });
    ctx.body = 'ok';
    return;
  }
  if (!ctx.path.startsWith('/interaction/')) {
    await next();
    return;
  }
  const details = await provider.interactionDetails(ctx.req, ctx.res);
  if (person.sub === 'refuses') {
    await provider.interactionFinished(ctx.req, ctx.res, { error: 'access_denied' });
  } else if (details.prompt.name === 'login') {
    await provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: person.sub } });
  } else {
    const grant = new provider.Grant({ accountId: details.session.accountId, clientId: details.params.client_id });
    grant.addOIDCScope('openid email');
    await provider.interactionFinished(ctx.req, ctx.res, { consent: { grantId: await grant.save() } });
  }
  ctx.respond = false;
});

server.on('request', provider.callback());
console.log(issuer);
