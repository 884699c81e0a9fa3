// Who is not listed gets nothing: a page at another origin, another window, another frame.
import { expect, test } from './servers.js';
import { frameOptions, serveAt, signedBy } from './hosts.js';
import { CRM, HOST, NUMBER, dial, dials, hear, heard, isReady, openCrm, told, watchRelay } from './host-page.js';

test.use({ launchOptions: frameOptions() });

const STRANGER = 'https://crm.example.evil.example';

/** Everything that a page could say to a frame, in each of the languages that the frame knows. */
function everything(token) {
  return [
    { patchcord: 1, type: 'hello' },
    { patchcord: 1, type: 'dial', id: 'x', number: NUMBER },
    { patchcord: 1, type: 'offer', id: 'y', number: NUMBER },
    { type: 'connect', module: 'auth', name: 'auth.set', args: { token } },
    { type: 'connect', module: 'calls', name: 'calls.dial', args: { number: NUMBER } },
    { type: 'connect', module: 'calls', name: 'dial', args: { to: NUMBER, dial: true } },
  ];
}

/** Has a page say everything to its frame, over and over: also while the frame loads. */
async function insist(page, messages) {
  await page.evaluate((messages) => {
    window.turns = 0;
    setInterval(() => {
      window.turns++;
      for (const message of messages) document.querySelector('iframe').contentWindow.postMessage(message, '*');
    }, 20);
  }, messages);
}

/** Waits until everything was said another twenty times. */
async function pass(page) {
  const before = await page.evaluate(() => window.turns);
  await expect.poll(() => page.evaluate(() => window.turns)).toBeGreaterThan(before + 20);
}

for (const origin of [STRANGER, 'https://sub.crm.example', 'https://crm.example:8443']) {
  test(`the policy keeps ${origin} from framing the phone`, async ({ page, servers, sandbox }) => {
    const asked = watchRelay(page, servers);
    const violations = [];
    page.on('console', (message) => {
      if (/frame-ancestors/.test(message.text())) violations.push(message.text());
    });
    await hear(page);
    await openCrm(page, servers, { origin });
    await insist(page, everything(await signedBy(servers)));
    await expect.poll(() => violations.length).toBeGreaterThan(0);
    expect(await heard(page)).toEqual([]);
    expect(asked).toEqual([]);
    expect(await sandbox.dials()).toEqual([]);
  });
}

test('a page that is not listed is told that the phone does not answer, and its dial is not kept for ever', async ({
  page,
  servers,
  sandbox,
}) => {
  await page.clock.install();
  await openCrm(page, servers, {
    origin: STRANGER,
    more: `window.early = window.phone.dial({ number: '${NUMBER}' }).catch(({ code }) => code);`,
  });
  await expect.poll(() => page.evaluate(() => Boolean(window.early))).toBe(true);
  await page.clock.fastForward(10_000);
  expect(await page.evaluate(() => window.early)).toBe('expired');
  await page.clock.fastForward(10_000);
  const [error] = await told(page, 'error');
  expect(error.code).toBe('relay_unreachable');
  expect(error.message).toContain(STRANGER);
  expect(await sandbox.dials()).toEqual([]);
});

/** The frame's page without its policy: in a browser, or behind something, that does not know the header. */
async function withoutPolicy(page, servers) {
  await page.context().route(`${servers.relay}/hosts/*`, async (route) => {
    const response = await route.fetch();
    const headers = response.headers();
    delete headers['content-security-policy'];
    await route.fulfill({ response, headers });
  });
}

/** A browser that does not tell a frame which page it is in. */
async function withoutAncestors(page, servers) {
  await page.context().route(/\/(patchcord-host|assets\/\w+\/page)\.js$/, async (route) => {
    const response = await route.fetch();
    const text = await response.text();
    expect(text).toContain('ancestorOrigins');
    await route.fulfill({ response, body: text.replaceAll('ancestorOrigins', 'noSuchThing') });
  });
}

test('without the policy, too, a page that is not listed gets no handshake, no token, no dial', async ({
  page,
  servers,
  sandbox,
}) => {
  const asked = watchRelay(page, servers);
  await hear(page);
  await withoutPolicy(page, servers);
  await openCrm(page, servers, { origin: STRANGER });
  await insist(page, everything(await signedBy(servers)));
  // The frame itself did load, and says what it is for.
  await expect(page.frameLocator('iframe').getByText(/framed by one of the pages/)).toBeVisible();
  await pass(page);
  expect(await heard(page)).toEqual([]);
  expect(asked).toEqual([]);
  expect(await sandbox.dials()).toEqual([]);
});

test('nor in a browser that does not tell a frame where it is', async ({ page, servers, sandbox }) => {
  const asked = watchRelay(page, servers);
  await hear(page);
  await withoutPolicy(page, servers);
  await withoutAncestors(page, servers);
  await openCrm(page, servers, { origin: STRANGER });
  const adapter = page.waitForResponse(/\/page\.js$/);
  await insist(page, everything(await signedBy(servers)));
  // The phone is there, and asks whoever frames it who the agent is; nobody is listed.
  await adapter;
  await expect(page.frameLocator('iframe').locator('patchcord-panel')).toBeAttached();
  await pass(page);
  expect(await heard(page)).toEqual([]);
  expect(asked).toEqual([]);
  expect(await sandbox.dials()).toEqual([]);
});

test('a listed page is served in such a browser all the same', async ({ page, servers, sandbox }) => {
  await withoutAncestors(page, servers);
  await openCrm(page, servers, { origins: ['https://other.example', CRM] });
  await isReady(page);
  await dial(page, { number: NUMBER });
  await dials(sandbox);
});

test('another window of a stranger cannot talk with the frame of a listed page', async ({ page, servers, sandbox }) => {
  await openCrm(page, servers);
  await serveAt(page.context(), STRANGER, { '/': '<!doctype html><title>A stranger</title>' });
  await isReady(page);
  const [stranger] = await Promise.all([
    page.waitForEvent('popup'),
    page.evaluate((address) => void window.open(address, 'stranger'), `${STRANGER}/`),
  ]);
  await stranger.waitForLoadState();
  await stranger.evaluate((messages) => {
    const got = [];
    addEventListener('message', ({ data }) => got.push(data));
    const frame = window.opener.frames[0];
    for (const message of messages) frame.postMessage(message, '*');
    window.got = got;
  }, everything(await signedBy(servers)));
  // The page's own dial arrives, and no other: it was said later.
  await dial(page, { number: '+493023125014' });
  const [{ body }] = await dials(sandbox);
  expect(body.number).toBe('493023125014');
  expect(await stranger.evaluate(() => window.got)).toEqual([]);
});

test('the page takes nothing from another frame: no request, no state, no answer', async ({ page, servers }) => {
  const messages = [
    { patchcord: 1, type: 'ready' },
    { patchcord: 1, type: 'welcome', version: 1, host: HOST },
    { patchcord: 1, type: 'assertion', id: 'a' },
    { patchcord: 1, type: 'log', id: 'b', entry: { id: 'forged' } },
    { patchcord: 1, type: 'agent', state: 'ready' },
    { patchcord: 1, type: 'call', call: { id: 'forged', state: 'ringing', number: NUMBER } },
    { patchcord: 1, type: 'show', number: NUMBER },
    { patchcord: 1, type: 'size', width: 9, height: 9_000 },
  ];
  await serveAt(page.context(), STRANGER, {
    '/': `<!doctype html><title>A stranger</title><script>
      addEventListener('message', ({ data }) => parent.postMessage({ got: data }, '*'));
      setInterval(() => { for (const message of ${JSON.stringify(messages)}) parent.postMessage(message, '*'); }, 20);
    </script>`,
  });
  await hear(page);
  await openCrm(page, servers, {
    options: 'assertion: () => { window.handed = (window.handed ?? 0) + 1; return window.sign(); },',
    more: `const other = document.createElement('iframe'); other.src = '${STRANGER}/'; document.body.append(other);`,
  });
  await expect.poll(async () => (await heard(page)).filter(({ origin }) => origin === STRANGER).length).toBeGreaterThan(50);
  await isReady(page);
  const forged = (await told(page, 'call')).concat(await told(page, 'log'), await told(page, 'show'));
  expect(forged).toEqual([]);
  expect(await told(page, 'ready')).toHaveLength(1);
  expect((await told(page, 'size')).map(({ height }) => height)).not.toContain(9_000);
  // Who the agent is was said as often as the phone asked for it.
  const own = (await heard(page)).filter(({ data, origin }) => origin === servers.relay && data.type === 'assertion');
  expect(await page.evaluate(() => window.handed)).toBe(own.length);
  // The stranger was sent nothing: it would have said so.
  expect((await heard(page)).filter(({ data }) => data?.got)).toEqual([]);
});
