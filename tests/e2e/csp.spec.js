// docs/csp.md: each of its policies is served as it is printed, and does what the page says.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codeBlocks } from './docs-page.js';
import { frameOptions } from './hosts.js';
import {
  NUMBER,
  callTag,
  callbackTag,
  dialButton,
  events,
  fillIn,
  moduleFailed,
  ready,
  says,
  theEvent,
  violations,
  watchEvents,
} from './pages.js';
import { expect, test } from './servers.js';

const PANEL = '<patchcord-panel provider="samespace" session-url="/crm/assertion"></patchcord-panel>';

test.use({ launchOptions: frameOptions() });

/** The page's policies by their names, each as a header has it. */
async function policies(relay) {
  const found = new Map();
  for (const { text, before } of await codeBlocks('csp.md')) {
    const [, name] = /^<!-- policy: (\w+) -->$/.exec(before) ?? [];
    if (name) found.set(name, text.trim().replaceAll('\n', ' ').replaceAll('https://relay.example.com', relay));
  }
  return found;
}

/** Opens a page under one of the policies; `origin` is the demo's unless it is the relay's. */
async function open(
  page,
  servers,
  name,
  body,
  { origin = servers.demo, headers = (policy) => ({ 'content-security-policy': policy }), script = 'patchcord.js', before = '', more = '' } = {},
) {
  const policy = (await policies(servers.relay)).get(name);
  expect(policy, `docs/csp.md has a policy ${name}`).toBeDefined();
  await page.context().grantPermissions(['local-network-access']);
  await watchEvents(page);
  const address = `${origin}/t/csp`;
  await page.route(address, (route) =>
    route.fulfill({
      contentType: 'text/html; charset=utf-8',
      headers: headers(policy),
      body:
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A test</title>' +
        `${before}<script type="module"${more} src="${servers.relay}/${script}"></script></head><body><main>${body}</main></body></html>`,
    }),
  );
  await page.goto(address);
}

/** The button dials by the module. */
async function dials(page, sandbox) {
  await dialButton(page).hover();
  await ready(page);
  await dialButton(page).click();
  await theEvent(page, 'callaccepted');
  expect(await sandbox.dials()).toHaveLength(1);
}

/** The form is sent, and the visitor is told. */
async function sends(page) {
  const form = await fillIn(page, { topic: 'Sales' });
  await form.getByRole('button', { name: 'Call me back' }).click();
  await says(page, /^Your reference: \S+$/);
}

test('every policy of the page is tried here', async () => {
  const names = [...(await policies('')).keys()];
  expect(names).toEqual(['cross', 'same', 'plain', 'nonce', 'hash', 'trusted', 'frame', 'report']);
});

for (const [name, options] of [
  ['cross', {}],
  ['nonce', { more: ' nonce="d29yZCBmb3Igd29yZA"' }],
  ['trusted', {}],
]) {
  test(`under the policy "${name}" the button dials by the module and nothing is refused`, async ({ page, servers, sandbox }) => {
    await open(page, servers, name, callTag(), options);
    await dials(page, sandbox);
    expect(await violations(page)).toEqual([]);
  });

  test(`under the policy "${name}" the form is sent by the module and nothing is refused`, async ({ page, servers }) => {
    await open(page, servers, name, callbackTag(), options);
    await sends(page);
    await ready(page);
    expect(await violations(page)).toEqual([]);
  });
}

test('under the policy "cross" the panel is there and nothing is refused', async ({ page, servers }) => {
  await open(page, servers, 'cross', PANEL, { script: 'patchcord-panel.js' });
  await expect(page.getByLabel('Number to call')).toBeVisible();
  expect(await violations(page)).toEqual([]);
});

test('under the policy "same" form and relay share an origin, and nothing is refused', async ({ page, servers }) => {
  await servers.stopRelay();
  // The website is where the relay is: as a proxy would have it.
  await servers.configure((text) => text.replace(/(key = "pk_demo"[^[]*origins = \[)/, `$1"${servers.relay}", `));
  await servers.startRelay();
  await open(page, servers, 'same', callbackTag(), { origin: servers.relay });
  await sends(page);
  await ready(page);
  expect(await violations(page)).toEqual([]);
});

test('under the policy "plain" the plain button dials, and one violation is reported', async ({ page, servers, sandbox }) => {
  await open(page, servers, 'plain', callTag());
  await dialButton(page).hover();
  await moduleFailed(page);
  await dialButton(page).click();
  await theEvent(page, 'callaccepted');
  expect(await sandbox.dials()).toHaveLength(1);
  expect(await events(page, 'patchcordready')).toEqual([]);
  expect(await violations(page)).toEqual([expect.stringContaining('wasm-eval')]);
});

test('under the policy "plain" the plain form is sent', async ({ page, servers }) => {
  await open(page, servers, 'plain', callbackTag());
  await sends(page);
  expect(await events(page, 'patchcordready')).toEqual([]);
});

test('under the policy "cross" a loader that is pinned by its hash works, and a changed one does not', async ({ page, servers }) => {
  const loader = Buffer.from(await (await fetch(`${servers.relay}/patchcord.js`)).arrayBuffer());
  const pin = (bytes) => ` integrity="sha384-${createHash('sha384').update(bytes).digest('base64')}"`;
  await open(page, servers, 'cross', callTag(), { more: pin(loader) });
  await dialButton(page).hover();
  await ready(page);
  expect(await violations(page)).toEqual([]);
  await open(page, servers, 'cross', callTag(), { more: pin(Buffer.concat([loader, Buffer.from(' ')])) });
  await expect.poll(() => page.evaluate(() => document.readyState)).toBe('complete');
  expect(await page.evaluate(() => customElements.get('patchcord-call'))).toBeUndefined();
});

test('under the policy "frame" the phone is in its frame, dials, and nothing is refused', async ({ page, servers, sandbox }) => {
  await page.route(`${servers.demo}/t/app.js`, (route) =>
    route.fulfill({
      contentType: 'text/javascript',
      body: `import { mount } from '${servers.relay}/patchcord-frame.js';
        window.phone = mount({
          container: document.querySelector('#phone'),
          host: 'acme-page',
          sessionUrl: '/crm/assertion',
          log: async () => {},
        });`,
    }),
  );
  const body = '<div id="phone"></div><script type="module" src="/t/app.js"></script>';
  await open(page, servers, 'frame', body, { script: 'patchcord-frame.js' });
  await expect.poll(() => page.evaluate(() => window.phone?.agent), { timeout: 20_000 }).toBe('ready');
  await page.evaluate((number) => window.phone.dial({ number }), NUMBER);
  await expect.poll(() => sandbox.dials()).toHaveLength(1);
  expect(await violations(page)).toEqual([]);
});

test('under the policy "hash" the button dials by the module, with the hashes of all scripts in an import map', async ({ page, servers, sandbox }) => {
  const web = fileURLToPath(new URL('../../dist/web', import.meta.url));
  const [assets] = await readdir(join(web, 'assets'));
  const scripts = (await readdir(join(web, 'assets', assets))).filter((file) => file.endsWith('.js'));
  const hash = (kind, bytes) => `${kind}-${createHash(kind).update(bytes).digest('base64')}`;
  const integrity = {};
  for (const file of ['patchcord.js', ...scripts.map((file) => `assets/${assets}/${file}`)]) {
    integrity[`${servers.relay}/${file}`] = hash('sha384', await readFile(join(web, file)));
  }
  const map = JSON.stringify({ integrity });
  const all = Object.values(integrity).map((one) => `'${one}'`).join(' ');
  await open(page, servers, 'hash', callTag(), {
    headers: (policy) => ({
      'content-security-policy': policy
        .replace("'sha256-IMPORTMAP'", `'${hash('sha256', map)}'`)
        .replace("'sha384-SCRIPTS'", all),
    }),
    before: `<script type="importmap">${map}</script>`,
    more: ` integrity="${integrity[`${servers.relay}/patchcord.js`]}"`,
  });
  await dials(page, sandbox);
  expect(await violations(page)).toEqual([]);
});

test('the policy "report" names the mistake that is in it, and the form works all the same', async ({ page, servers }) => {
  const [endpoints] = (await codeBlocks('csp.md')).filter(({ info }) => info === 'http');
  expect(endpoints.text).toContain('Reporting-Endpoints: csp=');
  await open(page, servers, 'report', callbackTag(), {
    headers: (policy) => ({
      'content-security-policy-report-only': policy,
      'reporting-endpoints': `csp="${servers.demo}/reports"`,
    }),
  });
  await sends(page);
  // The icon is the browser's own wish, for any page.
  const seen = (await violations(page)).filter((what) => !what.endsWith('/favicon.ico'));
  expect(seen.length).toBeGreaterThan(0);
  for (const violation of seen) expect(violation).toContain(`connect-src ${servers.relay}`);
});
