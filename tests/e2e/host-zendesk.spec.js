// The phone in Zendesk's top bar, with the app's other places around it. Zendesk's SDK is a stand-in by its
// documentation; ZAF_SDK=<file> has all of this run with another one, such as the official SDK.
import { readFile, stat } from 'node:fs/promises';
import { expect, test } from './servers.js';
import { frameOptions } from './hosts.js';
import { CUSTOMER, Desk } from './desk.js';
import {
  TICKET,
  TICKETS_RECORD,
  ZENDESK,
  clickNumber,
  known,
  listening,
  manifest,
  openZendesk,
  phone,
  place,
  signIn,
} from './zendesk.js';

test.use({ launchOptions: frameOptions() });

/** The only command that placed a call. */
async function placed(desk) {
  await expect.poll(() => desk.sent('placeCall'), { message: 'one call is placed' }).toHaveLength(1);
  const [{ placeCall }] = await desk.sent('placeCall');
  return placeCall;
}

const json = (text) => JSON.parse(text.slice('json:'.length));

/** The id at the platform of the only call that is not over. */
async function live(sandbox) {
  const ids = async () =>
    (await sandbox.state()).babelforce.calls.filter(({ finished }) => finished === null).map(({ id }) => id);
  await expect.poll(ids, { message: 'a call at the platform' }).toHaveLength(1);
  return (await ids())[0];
}

/** The states of calls that a place of the app was told, in their order. */
async function states(page, name = 'ticket') {
  const all = (await known(page, 'triggered')).filter(([, to, event]) => to === name && event === 'patchcord.call');
  return all.map(([, , , { state }]) => state).filter((state) => state !== 'requested');
}

/** The calls that Zendesk keeps, once there is one. */
async function keptCall(page) {
  await expect.poll(() => known(page, 'calls'), { message: 'Zendesk keeps one call' }).toHaveLength(1);
  return (await known(page, 'calls'))[0];
}

test('the top bar is loaded before anybody opens it, and is the phone', async ({ page, servers }) => {
  const files = [];
  page.on('request', (request) => files.push(new URL(request.url()).pathname.split('/').at(-1)));
  await openZendesk(page, servers);
  await expect(place(page, 'ticket').getByRole('status')).toHaveText('The phone is not ready.');
  await expect(phone(page).getByRole('button', { name: 'Sign in', exact: true })).toBeVisible();
  expect((await known(page, 'invoked')).filter(([, action]) => action === 'preloadPane')).toEqual([
    ['top', 'preloadPane'],
  ]);
  await signIn(page);
  await expect(place(page, 'ticket').getByRole('status')).toHaveText('The phone is ready.');
  expect(files.filter((file) => /^(page|open-cti|voice|hubspot|zendesk)\.js$/.test(file))).toEqual(['zendesk.js']);
  const [, , { width, height }] = (await known(page, 'invoked')).find(([, action]) => action === 'resize');
  expect(Number.parseInt(width, 10)).toBeLessThanOrEqual(320);
  expect(Number.parseInt(height, 10)).toBeLessThanOrEqual(520);
});

test('a click dials once, with the ticket, its mapped values and nested ones intact', async ({
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  await openZendesk(page, servers);
  await signIn(page);
  // The phone hears it, and the background hands it over as well; and it was a double click.
  await clickNumber(page, { number: CUSTOMER });
  await clickNumber(page, { number: CUSTOMER });
  const { to, session } = await placed(desk);
  expect(to).toBe(CUSTOMER);
  expect(json(session.patchcord_record)).toEqual(TICKETS_RECORD);
  expect(session).toMatchObject({ subject: TICKET['ticket.subject'], name: 'Greta Groß', plan: 'Gold' });
  expect(json(session.tags)).toEqual(TICKET['ticket.tags']);
  expect(json(session.requester)).toEqual(TICKET['ticket.requester']);
  await live(sandbox);
  expect(await desk.sent('placeCall')).toHaveLength(1);
  expect(
    (await known(page, 'invoked')).filter(([, action, verb]) => action === 'popover' && verb === 'show'),
  ).not.toHaveLength(0);
});

/** Has the agent turn to one of two tickets, or to something else, and waits until the phone knows. */
async function turnTo(page, name) {
  await page.evaluate((name) => window.zendesk.turnTo(name), name);
  const said = async () =>
    (await known(page, 'triggered')).filter(([, , event, data]) => event === 'patchcord.front' && !data.isFront);
  await expect.poll(said).toHaveLength(name === 'none' ? 2 : 1);
}

const OTHER = { ...TICKET, 'ticket.id': 4300, 'ticket.subject': 'Invoice', 'ticket.requester.name': 'Omar Ott' };
const TWO = {
  ticket: { location: 'ticket_sidebar', ticketId: 4242, values: TICKET },
  other: { location: 'ticket_sidebar', ticketId: 4300, values: OTHER },
};
const PERSON = {
  'user.id': 990,
  'user.name': 'Nina Nord',
  'user.email': 'nina@example.com',
  'user.customField:tier': 'Silver',
};

for (const [what, { places, before, click }, record, payload] of [
  [
    'the ticket that Zendesk names, of several that are open',
    { places: TWO, click: { ticketId: 4300 } },
    { type: 'ticket', id: '4300', name: 'Invoice' },
    { name: 'Omar Ott' },
  ],
  [
    'the ticket that is in front',
    { places: TWO, before: 'ticket' },
    { type: 'ticket', id: '4242' },
    { name: 'Greta Groß' },
  ],
  ['no ticket where nobody knows which', { places: TWO, before: 'none' }, undefined, {}],
  [
    'the ticket that Zendesk names, though the app is not shown beside it',
    { places: {}, click: { ticketId: 4242, userId: 881 } },
    { type: 'ticket', id: '4242', url: `${ZENDESK}/agent/tickets/4242` },
    {},
  ],
  [
    'the person of a profile',
    { places: { person: { location: 'user_sidebar', userId: 990, values: PERSON } } },
    { type: 'user', id: '990', name: 'Nina Nord', url: `${ZENDESK}/agent/users/990` },
    { name: 'Nina Nord', email: 'nina@example.com', tier: 'Silver' },
  ],
]) {
  test(`with a click goes ${what}`, async ({ page, servers, sandbox }) => {
    const desk = new Desk(sandbox);
    await openZendesk(page, servers, { places });
    await signIn(page);
    if (before) await turnTo(page, before);
    await clickNumber(page, { number: CUSTOMER, ...click });
    const { session = {} } = await placed(desk);
    if (record) expect(json(session.patchcord_record)).toMatchObject(record);
    else expect(session.patchcord_record).toBeUndefined();
    for (const [key, value] of Object.entries(payload)) expect(session[key]).toBe(value);
  });
}

test('of a ticket, the mapping may mean its requester; somebody else of it goes without their values', async ({
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  await servers.configure((text) => text.replace(/\[host\.entities\.ticket\]\n.*\n.*\n/, ''));
  await servers.restartRelay();
  await openZendesk(page, servers);
  await signIn(page);
  await clickNumber(page, { number: CUSTOMER, ticketId: 4242, userId: 882 });
  const { session = {} } = await placed(desk);
  expect(json(session.patchcord_record)).toEqual({
    system: 'zendesk',
    type: 'user',
    id: '882',
    url: `${ZENDESK}/agent/users/882`,
  });
  expect(session.name).toBeUndefined();
});

test('a click that reaches the background alone, before the phone is loaded, is dialled once', async ({
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  // The phone takes its time.
  let release;
  const released = new Promise((done) => (release = done));
  await page.route(`${servers.relay}/patchcord-host.js`, async (route) => {
    await released;
    await route.continue();
  });
  await openZendesk(page, servers);
  await expect.poll(() => page.evaluate(() => window.zendesk.listens('background', 'voice.dialout'))).toBe(true);
  await page.evaluate((number) => window.zendesk.click({ number }, ['background']), CUSTOMER);
  await expect
    .poll(() => known(page, 'triggered').then((all) => all.map(([, , name]) => name)))
    .toContain('patchcord.dialout');
  release();
  await signIn(page);
  expect((await placed(desk)).to).toBe(CUSTOMER);
  const triggered = async (event) => (await known(page, 'triggered')).filter(([, , name]) => name === event);
  // The phone keeps it for so much less.
  expect((await triggered('patchcord.dialout')).at(-1)[3].age).toBeGreaterThan(0);
  const before = (await triggered('patchcord.dialout')).length;
  // The phone begins anew: what it has dialled is not handed over once more.
  await page.evaluate(() => {
    const frame = document.querySelector('iframe[name="top"]');
    frame.src = frame.src;
  });
  const hellos = async () => (await triggered('patchcord.hello')).filter(([, to]) => to === 'background');
  await expect.poll(hellos).toHaveLength(2);
  await page.evaluate(() => window.zendesk.click({ number: '+493012345699' }, ['background']));
  const handedOver = async () =>
    (await triggered('patchcord.dialout')).slice(before).map(([, , , { number }]) => number);
  await expect.poll(handedOver).toContain('+493012345699');
  expect(await handedOver()).not.toContain(CUSTOMER);
});

test('a click that comes by two ways, of which one does not know the ticket, is one click', async ({
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  await openZendesk(page, servers, { places: TWO });
  await signIn(page);
  await turnTo(page, 'none');
  await clickNumber(page, { number: CUSTOMER, ticketId: 4300 }, ['top']);
  await clickNumber(page, { number: CUSTOMER }, ['background']);
  const { session } = await placed(desk);
  expect(json(session.patchcord_record)).toMatchObject({ type: 'ticket', id: '4300' });
  await desk.act(await live(sandbox), { do: 'hang_up' });
  await keptCall(page);
  expect(await desk.sent('placeCall')).toHaveLength(1);
  // Nor was there a second one that came too late, and was refused.
  expect((await known(page, 'invoked')).filter(([, action]) => action === 'notify')).toEqual([]);
});

test('the app hears each state of a call once, and Zendesk keeps it once, in its ticket', async ({
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  await openZendesk(page, servers);
  await signIn(page);
  await clickNumber(page, { number: CUSTOMER });
  const id = await live(sandbox);
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'answer' });
  await expect(place(page, 'ticket').getByRole('status')).toHaveText(/^In a call: /);
  await desk.act(id, { do: 'hang_up' });
  const { call, comment } = await keptCall(page);
  expect(call).toEqual({
    app_id: 77,
    external_id: id,
    agent_id: 301,
    direction: 'outbound',
    from_line: 'Alex Adler',
    to_line: CUSTOMER,
    call_started_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    call_ended_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    duration: expect.any(Number),
    completion_status: 'completed',
    ticket_id: 4242,
  });
  expect(comment).toEqual({
    // Nobody is called like a ticket.
    title: `Call to ${CUSTOMER}`,
    call_fields: ['direction', 'from_line', 'to_line', 'call_started_at', 'call_ended_at', 'duration', 'external_id'],
  });
  await expect(place(page, 'ticket').getByRole('status')).toHaveText('The phone is ready.');
  expect(await states(page)).toEqual(['ringing', 'connecting', 'connected', 'ended']);
  const [request] = (await known(page, 'requests')).filter(({ type }) => type === 'POST');
  expect(request.headers).toEqual({ 'Idempotency-Key': id });
});

test('a call that comes opens the only person with its number, and makes a ticket that Zendesk shows', async ({
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  await openZendesk(page, servers);
  await signIn(page);
  await page.evaluate(() => (window.zendesk.users = [{ id: 990 }]));
  const id = await desk.ring();
  await expect.poll(() => known(page, 'invoked')).toContainEqual(['top', 'routeTo', 'user', 990]);
  expect(await known(page, 'invoked')).toContainEqual(['top', 'popover', 'show']);
  await desk.act(id, { who: 'agent', do: 'answer' });
  await expect(place(page, 'ticket').getByRole('status')).toHaveText(/^In a call: /);
  await desk.act(id, { do: 'hang_up' });
  const { call, comment } = await keptCall(page);
  expect(call).toMatchObject({ direction: 'inbound', from_line: CUSTOMER, to_line: 'Alex Adler' });
  expect(call).not.toHaveProperty('ticket_id');
  expect(comment).toMatchObject({ display_to_agent: 301, subject: expect.stringMatching(/^Call from /) });
});

test('a call whose record Zendesk made, though its answer was lost, is not kept twice, also after a reload', async ({
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  await openZendesk(page, servers);
  await signIn(page);
  await page.evaluate(() => (window.zendesk.answer = 'lost'));
  await clickNumber(page, { number: CUSTOMER });
  const id = await live(sandbox);
  await desk.act(id, { do: 'hang_up' });
  await keptCall(page);
  await expect(phone(page).getByText(/could not be written down in the CRM/)).toBeVisible();
  await page.reload();
  await signIn(page);
  const looked = async () =>
    (await known(page, 'requests')).filter(({ url }) => url.includes('/tickets/4242/comments.json'));
  await expect.poll(looked, { message: 'the ticket is looked at' }).not.toHaveLength(0);
  // It is found, and so there is no more to do.
  await expect(phone(page).getByText(/could not be written down in the CRM/)).toBeHidden();
  expect(await known(page, 'calls')).toHaveLength(1);
});

test('where Zendesk cannot be asked whether a call is kept, that is said in words', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  await openZendesk(page, servers);
  await signIn(page);
  await page.evaluate(() => (window.zendesk.answer = 'lost'));
  await clickNumber(page, { number: CUSTOMER });
  const id = await live(sandbox);
  await desk.act(id, { do: 'hang_up' });
  await keptCall(page);
  await page.evaluate(() => (window.zendesk.answer = 'away'));
  await expect(phone(page).getByText(/Zendesk did not keep the call \(503\)/)).toBeVisible();
  await expect(phone(page).getByText(/object Object/)).toHaveCount(0);
  await page.evaluate(() => (window.zendesk.answer = 'yes'));
  await expect(phone(page).getByText(/could not be written down in the CRM/)).toBeHidden({ timeout: 20_000 });
  expect(await known(page, 'calls')).toHaveLength(1);
});

test('a call of a person has their name in what Zendesk keeps of it', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  const values = { user: { id: 881, name: 'Greta Groß' }, 'user.id': 881, 'user.name': 'Greta Groß' };
  await openZendesk(page, servers, { places: { person: { location: 'user_sidebar', userId: 881, values } } });
  await signIn(page);
  await clickNumber(page, { number: CUSTOMER, userId: 881 });
  const id = await live(sandbox);
  await expect(place(page, 'person').getByRole('status')).toHaveText(/: Greta Groß$/);
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'answer' });
  await expect(place(page, 'person').getByRole('status')).toHaveText('In a call: Greta Groß');
  await desk.act(id, { do: 'hang_up' });
  const { comment } = await keptCall(page);
  expect(comment).toMatchObject({ title: 'Call to Greta Groß' });
});

test('a call that Zendesk refuses to keep is said, and tried again', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  await openZendesk(page, servers);
  await signIn(page);
  await page.evaluate(() => (window.zendesk.answer = 'no'));
  await clickNumber(page, { number: CUSTOMER });
  await desk.act(await live(sandbox), { do: 'hang_up' });
  await expect(phone(page).getByText(/Zendesk did not keep the call \(422\)/)).toBeVisible();
  await page.evaluate(() => (window.zendesk.answer = 'yes'));
  await keptCall(page);
});

test('a call whose ticket was closed meanwhile is kept without it', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  await openZendesk(page, servers);
  await signIn(page);
  await page.evaluate(() => (window.zendesk.answer = 'closed'));
  await clickNumber(page, { number: CUSTOMER });
  const id = await live(sandbox);
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'answer' });
  await expect(place(page, 'ticket').getByRole('status')).toHaveText(/^In a call: /);
  await desk.act(id, { do: 'hang_up' });
  const { call, comment } = await keptCall(page);
  expect(call).toMatchObject({ external_id: id, direction: 'outbound' });
  expect(call).not.toHaveProperty('ticket_id');
  // Nobody is called like the ticket.
  expect(comment.title).toBe(`Call to ${CUSTOMER}`);
  await expect(phone(page).getByText(/could not be written down in the CRM/)).toHaveCount(0);
});

test('a number that cannot be called is refused with a sentence that Zendesk shows', async ({
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  await openZendesk(page, servers);
  await signIn(page);
  await clickNumber(page, { number: 'call me maybe' });
  await expect
    .poll(() => known(page, 'invoked'))
    .toContainEqual(['top', 'notify', expect.stringMatching(/no number/), 'error']);
  expect(await desk.sent('placeCall')).toEqual([]);
});

for (const [locale, lang, dir, said] of [
  ['de', 'de', 'ltr', 'Das Telefon ist nicht bereit.'],
  ['fr-CA', 'fr', 'ltr', 'Le téléphone n’est pas prêt.'],
  ['es-419', 'es', 'ltr', 'El teléfono no está listo.'],
  ['ar', 'ar', 'rtl', 'الهاتف غير جاهز.'],
  ['ja', 'ja', 'ltr', '電話の準備ができていません。'],
  ['pt-BR', 'en', 'ltr', 'The phone is not ready.'],
]) {
  test(`the phone and the app speak the agent’s language: ${locale}`, async ({ page, servers }) => {
    await openZendesk(page, servers, { locale });
    const sidebar = place(page, 'ticket');
    await expect(sidebar.getByRole('status')).toHaveText(said);
    await expect(sidebar.locator('html')).toHaveAttribute('lang', lang);
    await expect(sidebar.locator('body')).toHaveCSS('direction', dir);
    await expect(phone(page).locator('html')).toHaveAttribute('lang', locale);
  });
}

test('the app says the same things in each language', async () => {
  const window = {};
  new Function('window', await readFile(new URL('../../web/zendesk/assets/words.js', import.meta.url), 'utf8'))(window);
  const { en, ...others } = window.WORDS;
  expect(Object.keys(others).sort()).toEqual(['ar', 'de', 'es', 'fr', 'ja']);
  for (const words of Object.values(others)) {
    expect(Object.keys(words)).toEqual(Object.keys(en));
    for (const [key, text] of Object.entries(words)) {
      expect(text.trim()).not.toBe('');
      expect(text.match(/\{\w+\}/g)).toEqual(en[key].match(/\{\w+\}/g));
    }
  }
});

for (const [setting, settings] of [
  ['Relay', { relay: 'http://calls.example.com', host: 'acme-zendesk' }],
  ['Host', { relay: 'https://calls.example.com', host: '../admin' }],
]) {
  test(`a wrong setting is said where the phone would be: ${setting}`, async ({ page, servers }) => {
    await openZendesk(page, servers, { settings });
    await expect(phone(page).getByText(`The app's setting “${setting}”`)).toBeVisible();
  });
}

/** Everything that reached the page around the frame, and whether Zendesk's SDK was asked for. */
async function watch(page) {
  const asked = [];
  page.on('request', (request) => request.url().includes('zaf_sdk') && asked.push(request.url()));
  await page.addInitScript(() => {
    window.reached = [];
    addEventListener('message', ({ data, origin }) => window.reached.push({ data, origin }));
  });
  return asked;
}

/** Frames the phone in a page that is not listed, with its policy taken away. */
async function frameAt(page, servers, origin, query, { isTold = true } = {}) {
  await page.route(`${servers.relay}/hosts/acme-zendesk*`, async (route) => {
    const response = await route.fetch();
    const { 'content-security-policy': policy, ...headers } = response.headers();
    expect(policy).toContain(`frame-ancestors ${ZENDESK}`);
    delete headers['x-frame-options'];
    await route.fulfill({ response, headers });
  });
  if (!isTold) {
    await page.route(/\/(patchcord-host|zendesk)\.js/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: (await response.text()).replaceAll('ancestorOrigins', 'noSuchThing') });
    });
  }
  await page.context().grantPermissions(['local-network-access']);
  await page.route(`${origin}/**`, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<iframe name="top" src="${servers.relay}/hosts/acme-zendesk?${query}"></iframe>`,
    }),
  );
  const loaded = page.waitForResponse((response) => /patchcord-host\.js/.test(response.url()));
  await page.goto(`${origin}/`);
  await loaded;
}

const EVIL = 'https://evil.zendesk.com';
for (const [what, query, told] of [
  ['its own origin', `origin=${encodeURIComponent(EVIL)}&app_guid=guid-top`, false],
  [
    'the listed one and its own behind it',
    `origin=${encodeURIComponent(ZENDESK)}&origin=${encodeURIComponent(EVIL)}&app_guid=guid-top`,
    false,
  ],
  [
    'its own origin, in a browser that tells who frames a page',
    `origin=${encodeURIComponent(EVIL)}&app_guid=guid-top`,
    true,
  ],
]) {
  test(`a Zendesk that is not listed gets nothing, though it names ${what}`, async ({ page, servers, sandbox }) => {
    const asked = await watch(page);
    await frameAt(page, servers, EVIL, query, { isTold: told });
    await expect(phone(page).locator('.alone')).toBeVisible();
    expect(await page.evaluate(() => window.reached)).toEqual([]);
    expect(asked).toEqual([]);
    expect(await new Desk(sandbox).sent('placeCall')).toEqual([]);
  });
}

test('a page that names a listed Zendesk is not that Zendesk, and gets nothing', async ({ page, servers, sandbox }) => {
  await watch(page);
  await openZendesk(page, servers);
  await frameAt(page, servers, 'https://evil.example', `origin=${encodeURIComponent(ZENDESK)}&app_guid=guid-top`, {
    isTold: false,
  });
  // It says what Zendesk would say.
  await page.waitForFunction(
    ([number]) => {
      const { contentWindow } = document.querySelector('iframe');
      window.tries = (window.tries ?? 0) + 1;
      const context = { location: 'top_bar', instanceGuid: 'guid-top' };
      const say = (key, message) => contentWindow.postMessage(JSON.stringify({ key, message }), '*');
      say('zaf.app.registered', { context, metadata: { appId: 77 } });
      say('zaf.voice.dialout', { number });
      return window.tries > 20;
    },
    [CUSTOMER],
    { polling: 100 },
  );
  expect(await page.evaluate(() => window.reached)).toEqual([]);
  expect(await new Desk(sandbox).sent('placeCall')).toEqual([]);
});

test('a page that is not listed cannot frame the phone', async ({ page, servers }) => {
  const refused = page.waitForEvent('requestfailed', (request) => request.url().includes('/hosts/acme-zendesk'));
  await openZendesk(page, servers, { origin: EVIL, direct: `${servers.relay}/hosts/acme-zendesk` });
  await refused;
});

test('the app has what Zendesk asks of one, and no secret', async () => {
  const app = await manifest();
  expect(app).toMatchObject({
    name: expect.any(String),
    author: { name: expect.any(String), email: expect.stringMatching(/@/), url: expect.stringMatching(/^https:/) },
    version: expect.stringMatching(/^\d+\.\d+(\.\d+)?$/),
    frameworkVersion: '2.0',
    defaultLocale: 'en',
  });
  expect(Object.keys(app.location)).toEqual(['support']);
  expect(Object.keys(app.location.support).sort()).toEqual(
    ['background', 'organization_sidebar', 'ticket_sidebar', 'top_bar', 'user_sidebar'].sort(),
  );
  const root = new URL('../../web/zendesk/', import.meta.url);
  for (const { url } of Object.values(app.location.support))
    expect((await stat(new URL(url, root))).isFile()).toBe(true);
  expect((await stat(new URL('assets/icon_top_bar.svg', root))).isFile()).toBe(true);
  for (const [name, size] of [
    ['logo', 320],
    ['logo-small', 128],
  ]) {
    const png = await readFile(new URL(`assets/${name}.png`, root));
    expect(png.toString('latin1', 1, 4)).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([size, size]);
  }
  for (const { name, type, secure } of app.parameters) {
    expect(type).toBe('text');
    // Zendesk's word for a secret: there is none.
    expect(secure).toBe(false);
    for (const lang of ['en', 'de', 'fr', 'es', 'ar', 'ja']) {
      const { app: words } = JSON.parse(await readFile(new URL(`translations/${lang}.json`, root), 'utf8'));
      for (const key of ['name', 'short_description', 'long_description', 'installation_instructions']) {
        expect(words[key].length).toBeGreaterThan(0);
      }
      expect(words.name.length).toBeLessThanOrEqual(40);
      expect(words.parameters[name]).toEqual({ label: expect.any(String), helpText: expect.any(String) });
    }
  }
});
