// No secret leaves its place: each is looked for in everything that a browser can see and in the
// relay's log, in every spelling it could have there.
import { expect, test } from './servers.js';
import { fillIn, says } from './pages.js';
import { tap } from './tap.js';

const PASSWORD = 'sandbox-password';
const CLIENT_SECRET = 'sandbox-client-secret';
const SIGNING_SECRET = 'demo-secret-that-is-at-least-32-bytes-long';

/** What a page saw: `{where, text}` of every address, header, body, console line and store. */
class Sightings {
  #pending = [];
  #all = [];

  constructor(page) {
    page.on('request', (request) => this.note(`address ${request.url()}`, request.url()));
    page.on('response', (response) => this.#pending.push(this.#response(response)));
    page.on('console', (message) => this.note('console', message.text()));
    page.on('pageerror', (error) => this.note('page error', `${error.message} ${error.stack}`));
  }

  note(where, text) {
    this.#all.push({ where, text });
  }

  async #response(response) {
    const name = `${response.request().method()} ${response.url()}`;
    const headers = await response.allHeaders();
    this.note(`headers of ${name}`, JSON.stringify(headers));
    // A stream has no end to wait for; it is read below.
    if (headers['content-type']?.startsWith('text/event-stream')) return;
    if (response.status() === 204 || response.status() === 304) return;
    // As bytes: what is looked for is ASCII, and the module is no text.
    this.note(`body of ${name}`, (await this.#body(response)).toString('latin1'));
  }

  /** The body; of a file that the page was left without reading to its end, the file as it is served. */
  async #body(response) {
    try {
      return await response.body();
    } catch (error) {
      const isFile = response.request().method() === 'GET' && !/\/v1\//.test(response.url());
      if (!isFile) throw error;
      return Buffer.from(await (await fetch(response.url())).arrayBuffer());
    }
  }

  /** Everything that was answered so far is read. */
  async settle() {
    await Promise.all(this.#pending);
  }

  /** Where `secret` was seen, in any spelling; each place once. */
  async of(secret) {
    await Promise.all(this.#pending);
    const spellings = [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
      Buffer.from(secret).toString('base64url'),
      Buffer.from(secret).toString('hex'),
    ];
    const found = this.#all.filter(({ text }) => spellings.some((spelling) => text.includes(spelling)));
    return [...new Set(found.map(({ where }) => where))].sort();
  }

  /** The places that were looked at and whose name fits. */
  async places(pattern) {
    await Promise.all(this.#pending);
    return this.#all.map(({ where }) => where).filter((where) => pattern.test(where));
  }
}

/** Points the relay's babelforce account at the tap, and changes more of the configuration. */
async function listenIn(servers, line, change = (text) => text) {
  const sandbox = servers.sandbox.url;
  await servers.configure((text) =>
    change(text.replace(`environment = "${sandbox}"`, `environment = "${line.url}"`)),
  );
  await servers.restartRelay();
}

/** The tokens that babelforce gave out. */
function tokensOf(line) {
  const replies = line.heard.filter(({ path }) => path.startsWith('/oauth/'));
  return replies.flatMap(({ reply }) => {
    const { access_token: access, refresh_token: refresh } = JSON.parse(reply.body);
    return [access, refresh].filter(Boolean);
  });
}

/** Dials with a provider from the CRM page, and waits for the end of it. */
async function dial(page, provider, said) {
  const record = page.getByRole('region', { name: 'Selected record' });
  await record.getByRole('button', { name: `Call with ${provider}` }).click();
  await expect(record.getByText(said).first()).toBeVisible();
}

async function openCrm(page, servers) {
  await page.goto(`${servers.demo}/crm/`);
  await expect(page.getByText('Valid, and in use.')).toBeVisible();
}

/** The page as it is, and what it keeps. */
async function noteStores(page, seen) {
  seen.note('the page', await page.content());
  const stores = await page.evaluate(async () => {
    const databases = await indexedDB.databases();
    return JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, databases]);
  });
  seen.note('the stores', stores);
}

/** What the relay tells a session about its calls, from the beginning. */
async function noteEvents(servers, session, seen) {
  const stop = new AbortController();
  const response = await fetch(`${servers.relay}/v1/events`, {
    headers: { authorization: `Bearer ${session}`, 'last-event-id': '0' },
    signal: stop.signal,
  });
  let text = '';
  for await (const bytes of response.body) {
    text += Buffer.from(bytes).toString();
    if (text.includes('"ringing"')) break;
  }
  stop.abort();
  seen.note('the event stream', text);
}

let line;

test.beforeEach(async ({ servers }) => {
  line = await tap(servers.sandbox.url);
});

test.afterEach(async () => {
  await line.close();
});

test('no credential of the relay and no token of a platform is seen, whatever is clicked', async ({
  page,
  servers,
  sandbox,
}) => {
  test.slow();
  // The same number is dialled again and again.
  await listenIn(servers, line, (text) => text.replace('duplicate_window = 3', 'duplicate_window = 0'));
  const seen = new Sightings(page);
  const answered = page.waitForResponse(`${servers.relay}/v1/sessions`);
  await openCrm(page, servers);
  await dial(page, 'Samespace', 'Sent to your dock');
  const { session } = await (await answered).json();
  await seen.settle();
  await page.goto('about:blank');
  await servers.restartRelay();
  await openCrm(page, servers);
  await dial(page, 'babelforce', 'Ringing…');
  await noteStores(page, seen);

  // Everything that can go wrong has its own words; each of them is looked at.
  for (const action of ['garbage', 'close_half_way', { status: { code: 401 } }, { status: { code: 500 } }]) {
    await sandbox.faults([{ match: { path: '/api/v2/*' }, action }]);
    await seen.settle();
    await openCrm(page, servers);
    await page.getByRole('link', { name: 'Matteo Brunner' }).click();
    const record = page.getByRole('region', { name: 'Selected record' });
    const answer = page.waitForResponse(`${servers.relay}/v1/calls`);
    await record.getByRole('button', { name: 'Call with babelforce' }).click();
    await (await answer).finished();
    await sandbox.faults([]);
    await servers.sandbox.reset();
  }

  await seen.settle();
  await page.goto(`${servers.demo}/site/`);
  const form = await fillIn(page, { topic: 'Support' });
  await form.getByRole('button', { name: 'Call me back' }).click();
  await says(page, /^Your reference: \S+$/);
  await noteStores(page, seen);
  seen.note('the log', servers.relayLog());

  // The search finds what is there: the tokens went over the line, in both directions.
  const tokens = tokensOf(line);
  expect(tokens.length).toBeGreaterThan(1);
  const oauth = line.heard.find(({ path }) => path.startsWith('/oauth/'));
  expect(oauth.request.body).toContain(PASSWORD);
  expect(oauth.reply.body).toContain(tokens[0]);
  expect(line.heard.map(({ request }) => request.headers.authorization)).toContain(`Bearer ${tokens[0]}`);
  // It has looked at the module, the loader, the glue, problems and the log.
  for (const place of [/_bg\.wasm$/, /patchcord\.js$/, /patchcord_widget\.js$/, /\/v1\/calls$/, /^the log$/]) {
    expect(await seen.places(place)).not.toEqual([]);
  }
  expect(await seen.of(session)).not.toEqual([]);

  for (const secret of [PASSWORD, SIGNING_SECRET, ...tokens]) {
    expect(await seen.of(secret), secret).toEqual([]);
  }
});

test('no client secret is seen where an account has one', async ({ page, servers }) => {
  await listenIn(servers, line, (text) =>
    text.replace(
      /^grant = .*$/m,
      `grant = { type = "client_credentials" }\nclient_id = "patchcord"\nclient_secret = "${CLIENT_SECRET}"`,
    ),
  );
  const seen = new Sightings(page);
  await openCrm(page, servers);
  await dial(page, 'babelforce', 'Ringing…');
  await noteStores(page, seen);
  seen.note('the log', servers.relayLog());

  const { request } = line.heard.find(({ path }) => path.startsWith('/oauth/'));
  const basic = Buffer.from(`patchcord:${CLIENT_SECRET}`).toString('base64');
  const carried = request.body.includes(CLIENT_SECRET) || request.headers.authorization === `Basic ${basic}`;
  expect(carried).toBe(true);
  for (const secret of [CLIENT_SECRET, basic, ...tokensOf(line)]) {
    expect(await seen.of(secret), secret).toEqual([]);
  }
});

test('a secret that a platform sends back in an error is not passed on', async ({
  page,
  servers,
  sandbox,
}) => {
  await listenIn(servers, line);
  await sandbox.faults([
    {
      match: { path: '/oauth/*' },
      action: {
        status: {
          code: 400,
          content_type: 'application/json',
          body: JSON.stringify({
            error: 'invalid_grant',
            error_description: `${PASSWORD} is not the password`,
          }),
        },
      },
    },
  ]);
  const seen = new Sightings(page);
  await openCrm(page, servers);
  await dial(page, 'babelforce', "The phone system did not accept the relay's credentials.");
  await noteStores(page, seen);
  seen.note('the log', servers.relayLog());
  expect(line.heard.map(({ reply }) => reply.body).join()).toContain(PASSWORD);
  expect(await seen.of(PASSWORD)).toEqual([]);
});

test('sessions, assertions and manage tokens are seen where they are given out, and nowhere else', async ({
  page,
  servers,
}) => {
  const seen = new Sightings(page);
  const given = {};
  page.on('response', async (response) => {
    const { pathname } = new URL(response.url());
    if (response.request().method() !== 'POST') return;
    if (/^\/(crm\/assertion|v1\/sessions|v1\/callbacks)$/.test(pathname)) {
      given[pathname] = await response.json();
    }
  });
  await openCrm(page, servers);
  await dial(page, 'babelforce', 'Ringing…');
  await noteStores(page, seen);
  await page.goto(`${servers.demo}/site/`);
  const form = await fillIn(page, { topic: 'Sales' });
  await form.getByRole('button', { name: 'Call me back' }).click();
  await says(page, /^Your reference: \S+$/);
  await noteStores(page, seen);

  const { assertion } = given['/crm/assertion'];
  const { session } = given['/v1/sessions'];
  const { id, manage_token: manage } = given['/v1/callbacks'];
  await noteEvents(servers, session, seen);
  // Refusals say what is wrong without repeating what was sent.
  for (const [path, init] of [
    ['/v1/sessions', { method: 'POST', body: JSON.stringify({ assertion }) }],
    ['/v1/sessions', { method: 'POST', body: JSON.stringify({ assertion: `${assertion}x` }) }],
    ['/v1/sessions', { method: 'POST', body: JSON.stringify({ [assertion]: session }) }],
    ['/v1/calls', { method: 'POST', body: session, headers: { authorization: `Bearer ${session}` } }],
    ['/v1/calls/none', { headers: { authorization: `Bearer ${session}` } }],
    ['/v1/calls/none', { headers: { authorization: `Bearer ${session}x` } }],
    [`/v1/callbacks/${id}`, { headers: { 'patchcord-manage': `${manage}x` } }],
    [`/v1/callbacks/none`, { headers: { 'patchcord-manage': manage } }],
    [`/v1/config`, { headers: { 'patchcord-key': session } }],
  ]) {
    const response = await fetch(servers.relay + path, {
      ...init,
      headers: { 'content-type': 'application/json', ...init.headers },
    });
    expect(response.status, path).toBeGreaterThanOrEqual(400);
    const text = JSON.stringify([...response.headers]) + (await response.text());
    seen.note(`the problem of ${path}`, text);
  }
  seen.note('the log', servers.relayLog());

  expect(await seen.of(assertion)).toEqual([`body of POST ${servers.demo}/crm/assertion`]);
  expect(await seen.of(session)).toEqual([`body of POST ${servers.relay}/v1/sessions`]);
  // The visitor's own: kept for this tab, so that a reload shows the request.
  expect(await seen.of(manage)).toEqual([`body of POST ${servers.relay}/v1/callbacks`, 'the stores']);
});
