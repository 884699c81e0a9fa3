// The panel without a relay: agents who sign in at the platform themselves, and Samespace behind `trusted`.
import { test, expect } from './servers.js';
import { AGENTS, choose, live, openPanel, signIn } from './panel.js';

/** Every origin that the page spoke to, but its own and the relay's scripts. */
function spokenTo(page, servers) {
  const origins = new Set();
  page.on('request', (request) => {
    const { origin } = new URL(request.url());
    if (origin !== new URL(servers.demo).origin) origins.add(origin);
  });
  return origins;
}

async function allow(servers, origins) {
  await servers.sandbox.settings({ origins: { agent_api: [], samespace: [], ...origins } });
}

// The platform sends the popup back to a page that is really there: one with the panel's script.
const direct = (servers, more = '') =>
  `<patchcord-panel provider="babelforce" direct="${servers.sandbox.url}" redirect-uri="${servers.demo}/crm/" ${more}></patchcord-panel>`;

/** Requests of the page at the platform's path. */
async function at(sandbox, path) {
  const requests = await sandbox.requests();
  return requests.filter((request) => request.path.startsWith(path));
}

test.describe('babelforce', () => {
  test.beforeEach(async ({ servers }) => {
    await allow(servers, { agent_api: [servers.demo] });
  });

  test('an agent signs in with PKCE, dials, and signs out; the relay hears nothing of it', async ({
    page,
    servers,
    sandbox,
  }) => {
    const origins = spokenTo(page, servers);
    const toRelay = [];
    page.on('request', (request) => {
      if (request.url().startsWith(`${servers.relay}/v1`)) toRelay.push(request.url());
    });
    await openPanel(page, servers, direct(servers));
    await signIn(page);
    await live(page);
    const number = page.getByRole('textbox', { name: /number/i });
    await number.fill('+4915228817386');
    await number.press('Enter');
    await expect.poll(async () => (await sandbox.state()).babelforce.calls.length).toBe(1);
    const [call] = (await sandbox.state()).babelforce.calls;
    expect(call).toMatchObject({ agent_id: AGENTS['005ALEX'].id, to: '+4915228817386' });
    expect(toRelay).toEqual([]);
    expect([...origins].sort()).toEqual([servers.relay, servers.sandbox.url].sort());

    // The tokens are in memory, nowhere else.
    const kept = await page.evaluate(async () => ({
      local: { ...localStorage },
      session: { ...sessionStorage },
      cookie: document.cookie,
      databases: (await indexedDB.databases()).length,
      address: location.href,
    }));
    expect(kept).toEqual({
      local: {},
      session: {},
      cookie: '',
      databases: 0,
      address: `${servers.demo}/t/panel`,
    });

    await sandbox.do(call.id, 'agent', 'answer');
    await page.getByRole('button', { name: /hang up/i }).click();
    // By keyboard: a pointer's click right after the card has gone is taken for one that missed.
    await page.getByRole('button', { name: /settings|menu/i }).press('Enter');
    await page.getByRole('button', { name: /sign out/i }).press('Enter');
    await expect(page.getByRole('button', { name: /sign in/i })).toBeVisible();
    // One after the other, once the tokens are forgotten.
    const revoked = async () => JSON.stringify((await at(sandbox, '/oauth/revoke')).map(({ body }) => body));
    await expect.poll(revoked).toMatch(/refresh_token.*access_token/);
  });

  test('the code is exchanged once, with the verifier behind the challenge', async ({
    page,
    servers,
    sandbox,
  }) => {
    await openPanel(page, servers, direct(servers));
    await signIn(page);
    await live(page);
    const exchanges = await at(sandbox, '/oauth/token');
    expect(exchanges).toHaveLength(1);
    expect(JSON.stringify(exchanges[0].body)).toContain('code_verifier');
    expect(JSON.stringify(exchanges[0].body)).toContain('babelconnect');
  });

  test('an answer with another state is nobody’s', async ({ page, servers, sandbox }) => {
    await openPanel(page, servers, direct(servers));
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      page.getByRole('button', { name: /sign in/i }).click(),
    ]);
    await popup.waitForURL(/oauth\/authorize/);
    await page.evaluate(() => {
      const channel = new BroadcastChannel('patchcord-sign-in');
      channel.onmessage = ({ data }) => (window.heard = data);
      channel.postMessage('?code=stolen&state=guessed');
    });
    // The right one is still waited for.
    await choose(popup, '005ALEX');
    await live(page);
    const exchanges = await at(sandbox, '/oauth/token');
    expect(exchanges).toHaveLength(1);
    expect(JSON.stringify(exchanges[0].body)).not.toContain('stolen');
    expect(await page.evaluate(() => window.heard)).not.toContain('guessed');
  });

  test('a token that ends is renewed once for two tabs, and the stream goes on', async ({
    page,
    context,
    servers,
    sandbox,
  }) => {
    await openPanel(page, servers, direct(servers));
    await signIn(page);
    await live(page);
    const second = await context.newPage();
    await openPanel(second, servers, direct(servers));
    await live(second);
    await sandbox.agent(AGENTS['005ALEX'].id, 'tokens/expire');
    // Either tab's next command finds out.
    await page.getByRole('combobox', { name: /presence|status/i }).selectOption({ index: 1 });
    await expect
      .poll(async () => (await at(sandbox, '/oauth/token')).length, { timeout: 15_000 })
      .toBe(2);
    await live(page);
    await live(second);
    expect(await at(sandbox, '/oauth/token')).toHaveLength(2);
  });

  test('an agent of a tenant with single sign-on signs in there', async ({ page, servers, sandbox }) => {
    await openPanel(page, servers, direct(servers, 'tenant="acme"'));
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      page.getByRole('button', { name: /sign in/i }).click(),
    ]);
    await choose(popup, '005SAM');
    await live(page);
    await expect(page.getByText('Sam', { exact: false }).first()).toBeVisible();
    expect(await at(sandbox, '/auth/sso/init/acme/babelconnect')).toHaveLength(1);
  });

  test('a page that the platform does not list is told that it cannot be reached', async ({ page, servers }) => {
    await allow(servers, { agent_api: ['https://elsewhere.example'] });
    await openPanel(page, servers, direct(servers));
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      page.getByRole('button', { name: /sign in/i }).click(),
    ]);
    await choose(popup, '005ALEX');
    await expect(page.getByText(/did not work|could not|failed/i).first()).toBeVisible();
  });
});

test.describe('Samespace', () => {
  const trusted = (servers, more = 'trusted') =>
    `<patchcord-panel provider="samespace" direct="${servers.sandbox.url}" account="acme" agent="alex" ${more}></patchcord-panel>`;

  test.beforeEach(async ({ servers }) => {
    await allow(servers, { samespace: [servers.demo] });
  });

  test('an agent dials from a closed network, and the call is in the dock', async ({ page, servers, sandbox }) => {
    await openPanel(page, servers, trusted(servers));
    await live(page);
    await page.evaluate(() => {
      document.querySelector('patchcord-panel').payload = { score: 87.5 };
    });
    const number = page.getByRole('textbox', { name: /number/i });
    await number.fill('+4915228817386');
    await number.press('Enter');
    await expect.poll(async () => (await sandbox.dials()).length).toBe(1);
    const [dial] = await sandbox.dials();
    expect(dial.body).toMatchObject({
      username: 'alex@acme',
      number: '4915228817386',
      custom: { score: 87.5 },
    });
    await expect
      .poll(() => page.evaluate(() => window.told.map(({ type }) => type)))
      .toContain('callaccepted');
    // What the platform cannot do is not there.
    await expect(page.getByRole('button', { name: /hold|mute|transfer/i })).toHaveCount(0);
  });

  test('without trusted nothing is done', async ({ page, servers, sandbox }) => {
    await openPanel(page, servers, trusted(servers, ''));
    await expect(page.getByText(/trusted/).first()).toBeVisible();
    expect(await sandbox.dials()).toEqual([]);
  });

  test('a page dials, has a team call, and exchanges the token, each once', async ({ page, servers, sandbox }) => {
    await openPanel(page, servers, trusted(servers));
    await live(page);
    const told = await page.evaluate(async ({ relay, direct }) => {
      const { load } = await import(`${relay}/patchcord-panel.js`);
      const { Samespace } = await load('patchcord_direct');
      const refused = [];
      try {
        new Samespace({ direct, account: 'acme' });
      } catch (error) {
        refused.push(error.code);
      }
      const samespace = new Samespace({ direct, account: 'acme', trusted: true });
      const call = { agent: 'alex', number: '+4915228817386', payload: { a: [1, null] } };
      const dial = samespace.dial(call);
      await samespace.dial(call).catch((error) => refused.push(error.code));
      const callback = samespace.callback({ spaceId: 'acme', teamName: 'helpdesk', number: '+4915228817387' });
      return { refused, dial: await dial, callback: await callback, reset: await samespace.resetToken('wrong') };
    }, { relay: servers.relay, direct: servers.sandbox.url });
    expect(told.refused).toEqual(['missing_attribute', 'duplicate_call']);
    expect(told.dial).toEqual({ outcome: 'accepted' });
    expect(told.callback).toEqual({ outcome: 'accepted' });
    expect(told.reset.outcome).toBe('refused');
    expect(await sandbox.dials()).toHaveLength(2);
  });
});
