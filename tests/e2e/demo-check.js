// Drives the running demo once, as a person would, and looks at what reached the platforms.
// Started by `cargo xtask demo --check`, which names the addresses in the environment.
import assert from 'node:assert/strict';
import { chromium } from '@playwright/test';
import { launchOptions } from './browser.js';
import { Sandbox } from './sandbox.js';

const { E2E_SANDBOX_URL, E2E_DEMO_URL } = process.env;
const sandbox = new Sandbox(E2E_SANDBOX_URL);
const LIMIT = 20_000;

const steps = [
  ['a call through Samespace arrives with its payload', samespaceCall],
  ['a call through babelforce arrives with its payload', babelforceCall],
  ['an agent signs in, and a call from the panel arrives with its record', panelCall],
  ['a callback for a Samespace team arrives with its payload', samespaceCallback],
  ['a callback for a babelforce queue arrives with its payload', babelforceCallback],
  ['a supervisor sees the statistics and nothing else', supervisor],
  ['who is provisioned may call, and who is switched off may not', provisioning],
];

async function samespaceCall(page) {
  const payload = await call(page, '00Q7S000001KQaA', 'samespace');
  const { body } = await arrived(({ path }) => path.endsWith('/apiv1/make_call'));
  assert.equal(body.username, 'alex@acme');
  assert.match(body.number, /^[1-9]\d{6,14}$/);
  contains(body.custom, payload);
}

async function babelforceCall(page) {
  // Another person: a second call to the same number within 3 s would be refused.
  const payload = await call(page, '00Q7S000001KQbB', 'babelforce');
  const { body } = await arrived(({ path }) => /\/agents\/[0-9a-f]{32}\/calls$/.test(path));
  assert.match(body.to, /^\+[1-9]\d{6,14}$/);
  contains(body.session, payload);
}

async function panelCall(page) {
  // Sam: Alex's phone still rings for the call before.
  await page.goto(`${E2E_DEMO_URL}/crm/?user=005SAM&phone#0037S000004MRaA`);
  const [popup] = await Promise.all([
    page.waitForEvent('popup'),
    page.getByRole('button', { name: /sign in/i }).click(),
  ]);
  await popup.getByRole('link', { name: 'sam@acme.example' }).click();
  await page.locator('patchcord-panel [data-state="live"]').first().waitFor();
  const dialler = page.locator('patchcord-panel input[type="tel"]');
  await dialler.press('Enter');
  const { body } = await arrived(({ path, body }) => path.endsWith('/Send') && body?.placeCall);
  const { to, session } = body.placeCall;
  assert.match(to, /^\+[1-9]\d{6,14}$/);
  const payload = await page.locator('patchcord-panel').evaluate(({ payload }) => payload);
  assert.ok(Object.keys(payload).length > 0, 'the page gave no payload');
  for (const [key, value] of Object.entries(payload)) {
    // The platform takes texts: the contract's flattening rule.
    const flat = typeof value === 'string' ? value : `json:${JSON.stringify(value)}`;
    assert.equal(session[key], flat, `payload.${key}`);
  }
  assert.match(session.patchcord_record, /^json:.*0037S000004MRaA/);
}

async function samespaceCallback(page) {
  const payload = await callback(page, 'Sales');
  const { body } = await arrived(({ path }) => path.endsWith('/apiv1/team/make_call'));
  assert.equal(body.team_name, 'helpdesk');
  contains(body.attributes, { ...payload, name: 'Ada Lovelace' });
}

async function babelforceCallback(page) {
  const payload = await callback(page, 'Support');
  const { body } = await arrived(
    ({ path, body }) => /callback/.test(path) && body?.session?.name === 'Ada Lovelace',
  );
  contains(body.session, { ...payload, name: 'Ada Lovelace' });
}

async function supervisor(page) {
  await page.goto(`${E2E_DEMO_URL}/`);
  const entry = page.getByRole('listitem').filter({ hasText: 'for a supervisor' });
  const token = await entry.locator('code').innerText();
  await entry.getByRole('link').click();
  await page.getByLabel('Your token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Statistics' }).waitFor();
  const other = await page.goto(new URL('/admin/outbox', page.url()).href);
  assert.equal(other.status(), 403);
}

async function provisioning(page) {
  await page.goto(`${E2E_DEMO_URL}/`);
  const codes = page.getByRole('listitem').filter({ hasText: 'provisioned' }).locator('code');
  const [address, token] = await codes.allInnerTexts();
  const ask = async (method, path, data) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' };
    const answer = await page.request.fetch(`${address}${path}`, { method, headers, data });
    assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`);
    return answer;
  };
  const sam = { userName: 'sam@acme.example', externalId: '005SAM', displayName: 'Sam Sommer' };
  const made = await (await ask('POST', '/Users', JSON.stringify(sam))).json();
  assert.equal(made['urn:ietf:params:scim:schemas:extension:patchcord:2.0:User'].state, 'ready');
  const person = `/Users/${made.id}`;
  const off = { Operations: [{ op: 'Replace', path: 'active', value: 'False' }] };
  await ask('PATCH', person, JSON.stringify(off));
  await page.goto(`${E2E_DEMO_URL}/crm/?user=005SAM#00Q7S000001KQaA`);
  const element = page.locator('patchcord-call[provider="samespace"][number]:not([disabled])').first();
  await element.getByRole('button').first().click();
  await element.getByText('not set up for calls').first().waitFor();
  // So that the demo is as before.
  await ask('DELETE', person);
}

/** Calls a record's number through a provider; the payload that stood on the page. */
async function call(page, record, provider) {
  await page.goto(`${E2E_DEMO_URL}/crm/#${record}`);
  const element = page.locator(`patchcord-call[provider="${provider}"][number]:not([disabled])`).first();
  await element.getByRole('button').first().click();
  return element.evaluate(({ payload }) => payload);
}

/** Fills the form and sends it; the payload that the page gave. */
async function callback(page, topic) {
  await page.goto(`${E2E_DEMO_URL}/site/`);
  const element = page.locator('patchcord-callback');
  // It comes when it is near the window.
  await element.evaluate((form) => form.scrollIntoView());
  await element.getByLabel(/your name/i).fill('Ada Lovelace');
  await element.locator('input[type="tel"]').fill('+49 30 23125 100');
  await choose(element, topic);
  await element.getByRole('checkbox').check();
  await element.getByRole('button', { name: /call me back/i }).click();
  return JSON.parse(await element.getAttribute('payload'));
}

async function choose(element, topic) {
  const list = element.locator('select').filter({ hasText: topic });
  const radio = element.getByRole('radio', { name: topic });
  await list.or(radio).first().waitFor();
  if (await list.count()) await list.selectOption({ label: topic });
  else await radio.check();
}

/** The one request that fits, once it has arrived. */
async function arrived(fits) {
  const end = Date.now() + LIMIT;
  for (;;) {
    const requests = await sandbox.requests();
    const found = requests.filter(fits);
    if (found.length > 1) throw new Error(`${found.length} requests instead of one`);
    if (found.length === 1) return found[0];
    if (Date.now() > end) {
      const seen = requests.map(({ method, path }) => `${method} ${path}`).join('\n  ');
      throw new Error(`no such request arrived; there were:\n  ${seen}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Everything of `expected` is in `actual`, value for value and in depth. */
function contains(actual, expected) {
  assert.ok(expected && Object.keys(expected).length > 0, 'the page gave no payload');
  for (const [key, value] of Object.entries(expected)) {
    assert.deepEqual(actual?.[key], value, `payload.${key}`);
  }
}

const browser = await chromium.launch(launchOptions());
let failed = 0;
for (const [name, step] of steps) {
  await sandbox.forget();
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Berlin' });
  const page = await context.newPage();
  page.setDefaultTimeout(LIMIT);
  const messages = [];
  page.on('console', (message) => messages.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => messages.push(`error: ${error.message}`));
  try {
    await step(page);
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n${error.message}`);
    if (messages.length > 0) console.log(`The page said:\n  ${messages.join('\n  ')}`);
  }
  await context.close();
}
await browser.close();
process.exitCode = failed === 0 ? 0 : 1;
