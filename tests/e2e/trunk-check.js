// Calls, and asks to be called back, from the page that Trunk has built (dist/trunk). Started by `cargo xtask trunk`, which
// names the addresses in the environment.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { launchOptions } from './browser.js';
import { Sandbox } from './sandbox.js';

const { E2E_DEMO_URL, E2E_RELAY_URL, E2E_SANDBOX_URL } = process.env;
const BUILT = fileURLToPath(new URL('../../dist/trunk', import.meta.url));
/** Where `trunk serve` listens, and the relay that the page names. */
const [PAGE, RELAY] = ['http://127.0.0.1:4103', 'http://127.0.0.1:4100'];
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.wasm': 'application/wasm' };

const sandbox = new Sandbox(E2E_SANDBOX_URL);
const browser = await chromium.launch(launchOptions());
try {
  const context = await browser.newContext();
  await context.grantPermissions(['local-network-access']);
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  await page.route(`${PAGE}/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    const file = BUILT + (pathname === '/' ? '/index.html' : pathname);
    const body = await readFile(file).catch(() => undefined);
    if (!body) return route.fulfill({ status: 404 });
    return route.fulfill({ body, contentType: TYPES[extname(file)] });
  });
  const answered = async (route, base, more = {}) => {
    const request = route.request();
    const { pathname, search } = new URL(request.url());
    const headers = { ...(await request.allHeaders()), ...more };
    await route.fulfill({ response: await route.fetch({ url: base + pathname + search, headers }) });
  };
  // As Trunk's own proxy does. What a browser adds itself is not told here.
  await page.route(`${PAGE}/crm/assertion`, (route) => answered(route, E2E_DEMO_URL, { 'sec-fetch-site': 'same-origin' }));
  await page.route(`${RELAY}/**`, (route) => answered(route, E2E_RELAY_URL));

  await page.goto(`${PAGE}/`);
  const call = page.locator('patchcord-call').first();
  await call.getByRole('button').click();
  await call.getByText('Sent to your dock').first().waitFor();
  const form = page.locator('patchcord-callback');
  await form.getByRole('button', { name: 'Call me back' }).waitFor();
  const [dial] = await sandbox.dials();
  assert.deepEqual(dial.body.custom.ticket, { id: 4711, tags: ['heating', 'urgent'] });
  console.log('the page that Trunk built calls');
} finally {
  await browser.close();
}
