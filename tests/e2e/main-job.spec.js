// The main job: what a person clicks in a browser reaches both platforms, with everything on it.
import { expect, test } from './servers.js';
import { events, fillIn, open, says } from './pages.js';
import { prove } from './work.js';

const AGENT = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';
const QUEUE = '9f8e7d6c5b4a39281706f5e4d3c2b1a0';

// What the demo's mapping makes of its first record.
const LEAD = {
  name: 'Jana Petersen',
  company: 'Nordlicht Wärme GmbH',
  score: 87,
  tier: 'Gold',
  opportunities: [
    { name: 'Heat pumps, 12 units', stage: 'Proposal', amount: 148500, currency: 'EUR' },
    { name: 'Service contract', stage: 'Qualified', amount: 9600, currency: 'EUR' },
  ],
};

function leadRecord(servers) {
  return {
    system: 'acme-crm',
    type: 'Lead',
    id: '00Q7S000001KQaA',
    name: 'Jana Petersen',
    url: `${servers.demo}/crm/#00Q7S000001KQaA`,
  };
}

/** The record pane of the CRM page, its mapping resolved. */
async function openCrm(page, servers) {
  await page.goto(`${servers.demo}/crm/`);
  await expect(page.getByText('Valid, and in use.')).toBeVisible();
  return page.getByRole('region', { name: 'Selected record' });
}

/** Opens the site and gives the form, once it can be filled in. */
async function openSite(page, servers) {
  await page.goto(`${servers.demo}/site/`);
  await page.locator('patchcord-callback').evaluate((element) => element.scrollIntoView());
  await expect(page.getByLabel('Your phone number')).toBeVisible();
}

/** The only request to the platforms whose path fits. */
async function theRequest(sandbox, path) {
  const fitting = async () => (await sandbox.requests()).filter((request) => path.test(request.path));
  await expect.poll(fitting).toHaveLength(1);
  return (await fitting())[0];
}

test('a click in the CRM starts a call in the Samespace dock, with the payload as it is', async ({
  page,
  servers,
  sandbox,
}) => {
  const record = await openCrm(page, servers);
  const element = record.locator('patchcord-call[provider="samespace"]');
  const given = await element.evaluate(({ payload }) => JSON.stringify(payload));
  await record.getByRole('button', { name: 'Call with Samespace' }).click();
  await expect(record.getByText('Sent to your dock')).toBeVisible();

  const request = await theRequest(sandbox, /\/make_call$/);
  expect(request.method).toBe('POST');
  expect(request.path).toBe('/apiv1/make_call');
  expect(request.body).toEqual({
    username: 'alex@acme',
    number: '4915228817386',
    custom: { ...LEAD, patchcord_record: leadRecord(servers) },
  });
  // Not only equal: the same text, in the page's order.
  expect(request.raw_body).toContain(given.slice(1, -1));
});

test('a click in the CRM starts a babelforce call, and its states reach the page', async ({
  page,
  servers,
  sandbox,
}) => {
  await page.addInitScript(() => {
    window.states = [];
    document.addEventListener('callstate', ({ detail }) => window.states.push(detail));
    document.addEventListener('callended', ({ detail }) =>
      window.states.push({ ...detail, state: 'ended' }),
    );
  });
  const states = () => page.evaluate(() => window.states.map(({ state }) => state));
  const record = await openCrm(page, servers);
  await record.getByRole('button', { name: 'Call with babelforce' }).click();
  await expect(record.getByText('Ringing…')).toBeVisible();

  const request = await theRequest(sandbox, /\/calls$/);
  expect(request.method).toBe('POST');
  expect(request.path).toBe(`/api/v2/agents/${AGENT}/calls`);
  expect(request.headers.authorization).toMatch(/^Bearer .{4}…$/);
  expect(request.body).toEqual({
    to: '+4915228817386',
    session: { ...LEAD, patchcord_record: leadRecord(servers) },
  });

  const [call] = (await sandbox.state()).babelforce.calls;
  await sandbox.setCall(call.id, { state: 'in-progress' });
  await expect(record.getByText('Connecting…')).toBeVisible();
  await sandbox.setCall(call.id, { state: 'bridged' });
  await expect(record.getByText('Connected')).toBeVisible();
  await sandbox.setCall(call.id, { state: 'completed', finishReason: 'passive-hangup' });
  await expect(record.getByText(/^Call ended/)).toBeVisible();

  await expect.poll(states).toEqual(['ringing', 'connecting', 'connected', 'ended']);
  const ended = await page.evaluate(() => window.states.at(-1));
  expect(ended).toMatchObject({
    number: '+4915228817386',
    provider: 'babelforce',
    reason: 'passive-hangup',
    record: leadRecord(servers),
    payload: LEAD,
  });
});

test('a callback from the website reaches the Samespace team, and the visitor gets a reference', async ({
  page,
  servers,
  sandbox,
}) => {
  await openSite(page, servers);
  const form = await fillIn(page, { topic: 'Sales' });
  await form.getByLabel('Postcode or town').fill('10115 Berlin');
  const answer = page.waitForResponse(`${servers.relay}/v1/callbacks`);
  await form.getByRole('button', { name: 'Call me back' }).click();
  const { reference } = await (await answer).json();
  await says(page, `Your reference: ${reference}`);
  await says(page, 'We will call you on +493023125100.');

  const request = await theRequest(sandbox, /\/make_call$/);
  expect(request.path).toBe('/apiv1/team/make_call');
  expect(request.body).toEqual({
    space_id: 'acme',
    team_name: 'helpdesk',
    number: '493023125100',
    attributes: {
      source: 'website',
      campaign: { name: 'Autumn check', year: 2026 },
      name: 'Ada Lovelace',
      town: '10115 Berlin',
      patchcord_page: `${servers.demo}/site/`,
    },
  });
});

test('a callback from the website reaches the babelforce queue, and the visitor gets a reference', async ({
  page,
  servers,
  sandbox,
}) => {
  await openSite(page, servers);
  const form = await fillIn(page, { topic: 'Support' });
  await form.getByRole('button', { name: 'Call me back' }).click();
  await says(page, /^Your reference: \S+$/);

  const request = await theRequest(sandbox, /\/callback$/);
  expect(request.path).toBe(`/api/v2/queues/${QUEUE}/callback`);
  expect(request.headers.authorization).toMatch(/^Bearer .{4}…$/);
  expect(request.body).toEqual({
    to: '+493023125100',
    session: {
      source: 'website',
      campaign: { name: 'Autumn check', year: 2026 },
      name: 'Ada Lovelace',
      patchcord_page: `${servers.demo}/site/`,
    },
  });
});

test('a babelforce callback at a time becomes a task at that time', async ({ servers, sandbox }) => {
  const at = new Date(Math.ceil(Date.now() / 60_000) * 60_000 + 3_600_000);
  const response = await fetch(`${servers.relay}/v1/callbacks`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'patchcord-key': 'pk_demo',
      'idempotency-key': 'a-callback-at-a-time',
    },
    body: JSON.stringify({
      number: '+493023125100',
      topic: 'support',
      at: at.toISOString(),
      fields: { name: 'Ada Lovelace' },
      payload: { basket: [{ sku: 'PV-430', quantity: 28 }] },
      consent: { version: '2026-11', given: true },
      proof: await prove(servers),
    }),
  });
  expect(response.status).toBe(201);
  const callback = await response.json();
  expect(Date.parse(callback.at)).toBe(at.getTime());

  const request = await theRequest(sandbox, /^\/api\/v3\/tasks$/);
  expect(request.method).toBe('POST');
  expect(request.body).toEqual({
    type: expect.stringMatching(/^[A-Za-z0-9._-]+$/),
    queue_id: QUEUE,
    scheduled_at: `at ${at.getTime()}`,
    body: {
      number: '+493023125100',
      payload: { basket: [{ sku: 'PV-430', quantity: 28 }], name: 'Ada Lovelace' },
    },
  });
});

test('numbers in a payload arrive digit by digit', async ({ page, servers, sandbox }) => {
  const payload = '{"small":0.1,"large":9007199254740991,"text":"Ünï ☎ \\"quoted\\""}';
  const body = `<patchcord-call number="+493023125100" session-url="/crm/assertion" payload='${payload}'></patchcord-call>`;
  await open(page, servers, body);
  await page.getByRole('button', { name: /^Call / }).click();
  await expect.poll(() => events(page, 'callaccepted')).toHaveLength(1);
  const request = await theRequest(sandbox, /\/make_call$/);
  expect(request.raw_body).toContain(`"custom":${payload}`);
});
