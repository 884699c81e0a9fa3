// Pages that were made for babelforce's iframe work with the relay's address in its place, in both spellings.
import { expect, test } from './servers.js';
import { Desk } from './desk.js';
import { theCall } from './calls.js';
import { frameOptions, signedBy } from './hosts.js';
import { CRM, NUMBER, dials, hear, heard, isReady, openCrm, phone, signIn } from './host-page.js';
import { heardOf, openEmbed } from './host-embed.js';
import { choose } from './panel.js';

test.use({ launchOptions: frameOptions() });

const BABELFORCE = 'provider = "babelforce"';
const SAMESPACE = 'provider = "samespace"';
const LEAD = `${CRM}/lightning/r/Lead/00Q7S000001KQaAUA1/view`;

/** Waits until the page was told of something. */
const hears = (page, name, count = 1) => expect.poll(() => heardOf(page, name), { timeout: 20_000 }).toHaveLength(count);

test('a page made for today’s embed signs in, dials once, and its values keep their types', async ({
  page,
  servers,
  sandbox,
}) => {
  await openEmbed(page, servers, {
    listed: SAMESPACE,
    given: { session: { leadId: 42, deal: { stages: ['new', 2.5] } }, context: { mostRecentUrl: LEAD, vip: true, leadId: 1 } },
  });
  await hears(page, 'agent.loaded');
  await page.evaluate((number) => window.bc.calls.dial(number), NUMBER);
  const [{ body }] = await dials(sandbox);
  expect(body).toEqual({
    username: 'alex@acme',
    number: NUMBER.slice(1),
    custom: {
      leadId: 42,
      deal: { stages: ['new', 2.5] },
      mostRecentUrl: LEAD,
      vip: true,
      patchcord_record: { system: 'page', type: 'Lead', id: '00Q7S000001KQaAUA1', url: LEAD },
    },
  });
  expect((await heardOf(page)).slice(0, 3)).toEqual(['ready', 'agent.loaded', 'user.loaded']);
  expect(await heardOf(page, 'ready')).toHaveLength(1);
  expect(await heardOf(page, 'user.loaded')).toHaveLength(1);
  expect(await heardOf(page, 'cti.error')).toEqual([]);
});

test('a session is for one call, a context for all of them', async ({ page, servers, sandbox }) => {
  await openEmbed(page, servers, { listed: SAMESPACE });
  await hears(page, 'agent.loaded');
  await page.evaluate(
    ([first, second]) => {
      window.bc.context.set({ team: 'north', tier: 1 });
      window.bc.session.set({ tier: 2 });
      window.bc.app.setTab('history');
      window.bc.calls.dial(first);
      window.second = () => window.bc.calls.dial(second);
    },
    [NUMBER, '+493023125014'],
  );
  const [first] = await dials(sandbox);
  expect(first.body.custom).toEqual({ team: 'north', tier: 2 });
  await page.evaluate(() => window.second());
  const [, second] = await dials(sandbox, 2);
  expect(second.body.custom).toEqual({ team: 'north', tier: 1 });
});

test('what is dialled before the phone is ready is dialled once it is, and a click that is told twice once', async ({
  page,
  servers,
  sandbox,
}) => {
  await openEmbed(page, servers, { listed: SAMESPACE });
  await hears(page, 'ready');
  await page.evaluate((number) => {
    window.bc.session.set({ tier: 2 });
    window.bc.calls.dial(number);
    window.bc.calls.dial(number);
  }, NUMBER);
  const [{ body }] = await dials(sandbox);
  expect(body.custom).toEqual({ tier: 2 });
  expect(await heardOf(page, 'cti.error')).toEqual([]);
});

test('`dial: false` puts the number into the dialler and dials nothing', async ({ page, servers, sandbox }) => {
  await openEmbed(page, servers, { listed: SAMESPACE });
  await hears(page, 'agent.loaded');
  await page.evaluate((number) => window.bc.calls.dial(number, false), NUMBER);
  await expect(phone(page).getByLabel('Number to call')).toHaveValue(/30 ?23125 ?100/);
  expect(await sandbox.dials()).toEqual([]);
});

test('the page hears the states of a call in babelforce’s words, each once', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  await openEmbed(page, servers, { listed: BABELFORCE });
  await signIn(page);
  await hears(page, 'agent.loaded');
  await page.evaluate((number) => window.bc.calls.dial(number), NUMBER);
  const id = await theCall(sandbox);
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'answer' });
  const states = async () => (await heardOf(page, 'cti.call')).map(({ data }) => data.call.state);
  await expect.poll(states).toContain('bridged');
  await desk.act(id, { do: 'hang_up' });
  await expect.poll(states).toEqual(['ringing', 'in_progress', 'bridged', 'completed']);
  const calls = (await heardOf(page, 'cti.call')).map(({ data }) => data.call);
  expect(new Set(calls.map((call) => call.id)).size).toBe(1);
  for (const call of calls) expect(call).toMatchObject({ type: 'outbound', to: NUMBER });
});

test('an incoming call that nobody takes has failed', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  await openEmbed(page, servers, { listed: BABELFORCE });
  await signIn(page);
  await hears(page, 'agent.loaded');
  const id = await desk.ring({ number: NUMBER });
  await hears(page, 'cti.call');
  await desk.act(id, { do: 'hang_up' });
  await hears(page, 'cti.call', 2);
  const calls = (await heardOf(page, 'cti.call')).map(({ data }) => data.call);
  expect(calls.map(({ state, type, from }) => [state, type, from])).toEqual([
    ['ringing', 'inbound', NUMBER],
    ['failed', 'inbound', NUMBER],
  ]);
});

test('the older widget’s page works too: it only listens until a number is clicked', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  await openEmbed(page, servers, { kind: 'older', listed: `${BABELFORCE}\nsign_in = "babelforce"` });
  await hears(page, 'babelconnect.init');
  const button = phone(page).getByRole('button', { name: /sign in/i });
  const [popup] = await Promise.all([page.waitForEvent('popup'), button.click()]);
  await choose(popup, '005ALEX');
  await hears(page, 'babelconnect.user.loaded');

  await page.evaluate((url) => window.bc.navigated(url), '/lightning/r/Contact/0037S000004MRaAQAW/view');
  await page.evaluate((number) => window.bc.click(number, true), NUMBER);
  const id = await theCall(sandbox);
  await desk.act(id, { who: 'agent', do: 'answer' });
  const calls = async () => heardOf(page, 'babelconnect.cti.call');
  await expect.poll(async () => (await calls()).map(({ data }) => data.call.state)).toContain('in-progress');
  const call = (await calls()).at(-1);
  expect(call.data.call).toMatchObject({ type: 'outbound', to: NUMBER, state: 'in-progress' });
  expect(call.context).toEqual({ mostRecentUrl: '/lightning/r/Contact/0037S000004MRaAQAW/view' });
  // From its first word on it gets its own spelling alone.
  const names = await heardOf(page);
  expect(names.filter((name) => name === undefined)).toHaveLength(4);
  const [command] = await desk.sent('placeCall');
  expect(JSON.parse(command.placeCall.session.patchcord_record.replace(/^json:/, ''))).toEqual({
    system: 'page',
    type: 'Contact',
    id: '0037S000004MRaAQAW',
    url: `${CRM}/lightning/r/Contact/0037S000004MRaAQAW/view`,
  });
});

test('a token of babelforce’s own is no assertion, and the page is told so', async ({ page, servers, sandbox }) => {
  await openEmbed(page, servers, { listed: SAMESPACE, token: '7c9e6679f26f4e28a1b25c5cdd0a1b2c' });
  await hears(page, 'cti.error');
  const [{ data }] = await heardOf(page, 'cti.error');
  expect(data.code).toBe('assertion_invalid');
  // A right one may follow.
  await page.evaluate(async () => window.bc.auth.set({ token: await window.sign() }));
  await hears(page, 'agent.loaded');
  expect(await sandbox.dials()).toEqual([]);
});

test('a dial without a number, or of nobody, is refused in the page’s words', async ({ page, servers, sandbox }) => {
  await openEmbed(page, servers, { listed: SAMESPACE });
  await hears(page, 'agent.loaded');
  await page.evaluate(() => {
    window.bc.calls.dial('');
    window.bc.calls.dial('nobody');
    window.bc.session.set([1]);
  });
  await hears(page, 'cti.error', 2);
  const codes = (await heardOf(page, 'cti.error')).map(({ data }) => data.code);
  expect(codes).toEqual(['missing_field', 'invalid_number']);
  expect(await sandbox.dials()).toEqual([]);
});

test('a page that speaks Patchcord’s own messages is spared babelforce’s, once it has spoken', async ({ page, servers }) => {
  await hear(page);
  await openCrm(page, servers);
  await isReady(page);
  const others = (await heard(page)).map(({ data }) => data).filter((data) => !('patchcord' in data));
  expect(others.map(({ name, event }) => name ?? event)).toEqual(['ready', 'babelconnect.init']);
});

test('a Salesforce component’s frame does not know babelforce’s messages', async ({ page, servers, sandbox }) => {
  const token = await signedBy(servers);
  await hear(page);
  await openCrm(page, servers, { as: 'acme-salesforce' });
  await isReady(page);
  await page.evaluate(
    ([token, number]) => {
      const { contentWindow } = document.querySelector('iframe');
      contentWindow.postMessage({ type: 'connect', module: 'auth', name: 'auth.set', args: { token } }, '*');
      contentWindow.postMessage({ type: 'connect', module: 'calls', name: 'calls.dial', args: { number } }, '*');
    },
    [token, NUMBER],
  );
  await page.evaluate((number) => window.phone.dial({ number }), '+493023125014');
  const [{ body }] = await dials(sandbox);
  expect(body.number).toBe('493023125014');
  expect((await heard(page)).every(({ data }) => 'patchcord' in data)).toBe(true);
});

test('when the relay asks again who the agent is, a new token is taken, and the used one is not', async ({
  page,
  servers,
  sandbox,
}) => {
  let session;
  page.on('request', (request) => {
    session = request.headers().authorization ?? session;
  });
  await openEmbed(page, servers, { listed: SAMESPACE });
  await hears(page, 'agent.loaded');
  await page.evaluate((number) => window.bc.calls.dial(number), NUMBER);
  await dials(sandbox);
  // As an operator would: the session is over, the agent is not.
  const ended = await fetch(`${servers.relay}/v1/sessions/current`, { method: 'DELETE', headers: { authorization: session } });
  expect(ended.status).toBe(204);
  await page.evaluate((number) => window.bc.calls.dial(number), '+493023125015');
  // The page hands over what it has: today's SDK does so whenever it hears `ready`.
  await hears(page, 'ready', 2);
  await hears(page, 'cti.error');
  expect((await heardOf(page, 'cti.error'))[0].data.code).toBe('assertion_replayed');
  await Promise.all([
    page.waitForResponse((response) => response.url() === `${servers.relay}/v1/sessions` && response.ok()),
    page.evaluate(async () => window.bc.auth.set({ token: await window.sign() })),
  ]);
  await page.evaluate(() => window.bc.calls.dial('+493023125014'));
  await expect.poll(async () => (await sandbox.dials()).map(({ body }) => body.number)).toContain('493023125014');
});

test('an agent who signs out is told to the page, and one who signs in again, too', async ({ page, servers }) => {
  await openEmbed(page, servers, { listed: BABELFORCE });
  await signIn(page);
  await hears(page, 'agent.loaded');
  await phone(page).getByRole('button', { name: 'Settings', exact: true }).click();
  await phone(page).getByRole('button', { name: 'Sign out', exact: true }).click();
  await hears(page, 'user.logoff');
  await signIn(page);
  await hears(page, 'agent.loaded', 2);
  expect(await heardOf(page, 'user.logoff')).toHaveLength(1);
});
