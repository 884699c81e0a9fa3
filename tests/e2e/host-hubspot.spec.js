// HubSpot's SDK on both sides: the frame as a calling app, HubSpot's IFrameManager as the page around it.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from './servers.js';
import { frameOptions, listOrigins, serveAt, signedBy } from './hosts.js';
import { CUSTOMER, Desk } from './desk.js';
import { ADA, ADAS_RECORD, HUBSPOT, app, click, heard, heardOnce, openHubSpot, send, signIn, told } from './hubspot.js';

test.use({ launchOptions: frameOptions() });

/** The only command that placed a call. */
async function placed(desk) {
  await expect.poll(() => desk.sent('placeCall'), { message: 'one call is placed' }).toHaveLength(1);
  const [{ placeCall }] = await desk.sent('placeCall');
  return placeCall;
}

/** The id at the platform of the only call that is not over. */
async function live(sandbox) {
  const ids = async () =>
    (await sandbox.state()).babelforce.calls.filter(({ finished }) => finished === null).map(({ id }) => id);
  await expect.poll(ids, { message: 'a call at the platform' }).toHaveLength(1);
  return (await ids())[0];
}

test('the app says hello, has the agent sign in, and says so to HubSpot', async ({ page, servers }) => {
  const lines = [];
  page.on('console', (line) => lines.push(line));
  const files = [];
  page.on('request', (request) => files.push(new URL(request.url()).pathname.split('/').at(-1)));
  await openHubSpot(page, servers);
  expect(await heardOnce(page, 'INITIALIZED')).toEqual({ isLoggedIn: false });
  expect(await heard(page, 'LOGGED_IN')).toEqual([]);
  await signIn(page);
  expect(await heard(page, 'LOGGED_IN')).toHaveLength(1);
  expect(await heard(page, 'ERROR')).toEqual([]);
  expect(await heard(page, 'RESIZE_WIDGET')).not.toHaveLength(0);
  // HubSpot's SDK writes each message to the console, numbers and all: in HubSpot's page, not in ours.
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.filter((line) => line.location().url.startsWith(servers.relay))).toEqual([]);
  expect(files.filter((file) => /^(page|open-cti|voice|hubspot|zendesk)\.js$/.test(file))).toEqual(['hubspot.js']);
});

/** How often HubSpot was asked for a record. */
async function lookedUp(sandbox) {
  return (await sandbox.requests()).filter(({ path }) => path.startsWith('/crm/')).length;
}

test('a click dials once, with the record, its mapped values and nothing invented', async ({
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  await openHubSpot(page, servers);
  await signIn(page);
  // Both halves of a double click.
  await send(page, 'DIAL_NUMBER', click(CUSTOMER));
  await send(page, 'DIAL_NUMBER', click(CUSTOMER));
  const { to, session } = await placed(desk);
  expect(to).toBe(CUSTOMER);
  expect(JSON.parse(session.patchcord_record.slice('json:'.length))).toEqual(ADAS_RECORD);
  const { patchcord_record: _, ...mapped } = session;
  expect(mapped).toEqual({
    property: 'mobilephone',
    country: 'DE',
    owner: 'json:77',
    title: 'Analyst',
    plan: 'gold',
    // A text in HubSpot, and so in the call.
    contract: '{"tier": "gold", "seats": [1, 2]}',
  });
  await live(sandbox);
  expect(await desk.sent('placeCall')).toHaveLength(1);
  expect(await lookedUp(sandbox)).toBe(1);
});

test('a click without a number dials the one that the record has', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  await openHubSpot(page, servers);
  await signIn(page);
  await send(page, 'DIAL_NUMBER', click('', { phone_number: '' }));
  expect((await placed(desk)).to).toBe('+4915228817386');
  // The number that was clicked wins over it.
  await heardOnce(page, 'OUTGOING_CALL_STARTED');
  await live(sandbox);
  await send(page, 'END_CALL');
  await expect.poll(() => heard(page, 'CALL_COMPLETED')).toHaveLength(1);
  await send(page, 'DIAL_NUMBER', click('+493012345699'));
  await expect.poll(async () => (await desk.sent('placeCall')).map(({ placeCall }) => placeCall.to)).toEqual([
    '+4915228817386',
    '+493012345699',
  ]);
});

for (const [what, fault] of [
  ['refuses', { action: { status: { code: 403, body: '{"category": "MISSING_SCOPES"}', content_type: 'application/json' } } }],
  ['has reached its limit', { action: { status: { code: 429, body: '{"category": "RATE_LIMITS"}', content_type: 'application/json' } } }],
  ['does not answer', { delay_ms: 60_000 }],
]) {
  test(`where HubSpot ${what}, the call goes out with the record's id and type, and the agent is told`, async ({
    page,
    servers,
    sandbox,
  }) => {
    const desk = new Desk(sandbox);
    await openHubSpot(page, servers);
    await signIn(page);
    await sandbox.faults([{ match: { path: '/crm/*' }, ...fault }]);
    await send(page, 'DIAL_NUMBER', click(CUSTOMER));
    const { to, session } = await placed(desk);
    expect(to).toBe(CUSTOMER);
    const { name: _, ...record } = ADAS_RECORD;
    expect(JSON.parse(session.patchcord_record.slice('json:'.length))).toEqual(record);
    expect(session).toMatchObject({ property: 'mobilephone', country: 'DE', owner: 'json:77' });
    expect(session.plan).toBeUndefined();
    await expect(app(page).getByText('The CRM did not tell what is in the record.')).toBeVisible();
    expect(await lookedUp(sandbox)).toBe(1);
  });
}

test('without a look-up nobody asks HubSpot, and what it says with a click goes along', async ({ page, servers, sandbox }) => {
  await servers.configure((text) => text.replace(/^records = \{ url.*$/m, ''));
  await servers.restartRelay();
  const desk = new Desk(sandbox);
  await openHubSpot(page, servers);
  await signIn(page);
  await send(page, 'DIAL_NUMBER', click(CUSTOMER));
  const { session } = await placed(desk);
  expect(session).toMatchObject({ property: 'mobilephone', country: 'DE', owner: 'json:77' });
  expect(await lookedUp(sandbox)).toBe(0);
  await expect(app(page).getByText('The CRM did not tell')).toBeHidden();
});

test('a record is read for an agent of the host, and for nobody else', async ({ page, servers, sandbox }) => {
  const address = `${servers.relay}/v1/hosts/acme-hubspot/record?type=Contact&id=501`;
  const ask = async (session) => {
    const response = await fetch(address, session && { headers: { authorization: `Bearer ${session}` } });
    return [response.status, await response.json()];
  };
  expect(await ask()).toMatchObject([401, { code: 'session_missing' }]);
  // Of Acme's own CRM: another organisation than that of those who sign in at the platform.
  const body = JSON.stringify({ assertion: await signedBy(servers) });
  const opened = await fetch(`${servers.relay}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  expect(await ask((await opened.json()).session)).toMatchObject([403, { code: 'agent_unknown' }]);
  expect(await lookedUp(sandbox)).toBe(0);
  const asked = page.waitForRequest((request) => request.url() === address);
  await openHubSpot(page, servers);
  await signIn(page);
  await send(page, 'DIAL_NUMBER', click(CUSTOMER));
  const session = (await asked).headers().authorization.replace('Bearer ', '');
  const [status, { name, fields }] = await ask(session);
  expect([status, name, fields.plan]).toEqual([200, 'Ada Lovelace', 'gold']);
  // Nothing that is not mapped.
  expect(Object.keys(fields).toSorted()).toEqual(['contract', 'jobtitle', 'mobilephone', 'phone', 'plan']);
});

for (const [what, more, record] of [
  ['the person who is called, not the page’s record', {}, { type: 'Contact', id: '501' }],
  [
    'a record of an own type',
    { calleeInfo: { calleeId: '12', calleeObjectTypeId: '2-3456' } },
    { type: '2-3456', id: '12' },
  ],
  ['the page’s record of an older HubSpot', { calleeInfo: undefined }, { type: 'Deal', id: '9001' }],
  ['no record where the id is 0', { calleeInfo: { calleeId: 0, calleeObjectTypeId: '0-1' } }, undefined],
  ['no record where there is none', { calleeInfo: undefined, objectId: 0, objectType: 'CONTACT' }, undefined],
]) {
  test(`with a click goes ${what}`, async ({ page, servers, sandbox }) => {
    const desk = new Desk(sandbox);
    await openHubSpot(page, servers);
    await signIn(page);
    await send(page, 'DIAL_NUMBER', click(CUSTOMER, more));
    const { session = {} } = await placed(desk);
    if (record) expect(JSON.parse(session.patchcord_record.slice('json:'.length))).toMatchObject(record);
    else expect(session.patchcord_record).toBeUndefined();
  });
}

test('a number without its country is of the country that HubSpot names, not of the relay', async ({
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  await openHubSpot(page, servers);
  await signIn(page);
  await send(page, 'DIAL_NUMBER', click('01 51585-1010', { countryCode: 'AT' }));
  expect((await placed(desk)).to).toBe('+431515851010');
});

test('a click before the agent has signed in is dialled once they have', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  await openHubSpot(page, servers);
  await heardOnce(page, 'INITIALIZED');
  await send(page, 'DIAL_NUMBER', click(CUSTOMER));
  await expect(app(page).getByText(/^Calling .* as soon as the phone is ready/)).toBeVisible();
  await signIn(page);
  expect((await placed(desk)).to).toBe(CUSTOMER);
});

test('HubSpot hears each state of a call once, and keeps it once, with its outcome and duration', async ({
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  await openHubSpot(page, servers);
  await signIn(page);
  const before = Date.now();
  await send(page, 'DIAL_NUMBER', click(CUSTOMER));
  const id = await live(sandbox);
  const started = await heardOnce(page, 'OUTGOING_CALL_STARTED');
  expect(started).toEqual({
    externalCallId: id,
    toNumber: CUSTOMER,
    callStartTime: expect.any(Number),
    createEngagement: true,
  });
  expect(started.callStartTime).toBeGreaterThanOrEqual(before);
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'answer' });
  expect(await heardOnce(page, 'CALL_ANSWERED')).toEqual({ externalCallId: id });
  expect(await heard(page, 'USER_UNAVAILABLE')).not.toHaveLength(0);
  await desk.act(id, { do: 'hang_up' });
  expect(await heardOnce(page, 'CALL_ENDED')).toEqual({
    externalCallId: id,
    engagementId: 9001,
    callEndStatus: 'COMPLETED',
  });
  const completed = await heardOnce(page, 'CALL_COMPLETED');
  expect(completed).toEqual({
    externalCallId: id,
    engagementId: 9001,
    hideWidget: false,
    engagementProperties: {
      hs_timestamp: expect.any(Number),
      hs_call_title: 'Call to Ada Lovelace',
      hs_call_direction: 'OUTBOUND',
      hs_call_external_id: id,
      hs_call_to_number: CUSTOMER,
      hs_call_status: 'COMPLETED',
      hs_call_disposition: 'f240bbac-87c9-4f6e-bf70-924b57d47db7',
      hs_call_duration: expect.stringMatching(/^\d+$/),
    },
  });
  expect(await told(page)).toEqual(['OUTGOING_CALL_STARTED', 'CALL_ANSWERED', 'CALL_ENDED', 'CALL_COMPLETED']);
});

test('a call that nobody took has no outcome that the platform did not tell', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  await openHubSpot(page, servers);
  await signIn(page);
  await send(page, 'DIAL_NUMBER', click(CUSTOMER));
  const id = await live(sandbox);
  await desk.act(id, { who: 'agent', do: 'answer' });
  await heardOnce(page, 'OUTGOING_CALL_STARTED');
  await desk.act(id, { do: 'hang_up' });
  const { engagementProperties } = await heardOnce(page, 'CALL_COMPLETED');
  expect(engagementProperties).not.toHaveProperty('hs_call_duration');
  expect(engagementProperties).not.toHaveProperty('hs_call_disposition');
  expect(await heard(page, 'CALL_ANSWERED')).toEqual([]);
});

test('a call that is handed over to a dock is kept without an outcome and a duration, which nobody knows', async ({
  page,
  servers,
  sandbox,
}) => {
  await servers.configure((text) =>
    text
      .replace('name = "acme-hubspot"', 'name = "acme-hubspot"\nprovider = "samespace"')
      .replace(
        'identities = [{ account = "babelforce", agent = "0a1b2c3d4e5f60718293a4b5c6d7e8f9" }]',
        'identities = [{ account = "samespace", agent = "alex@acme" }]',
      ),
  );
  await servers.restartRelay();
  await openHubSpot(page, servers);
  await signIn(page);
  await send(page, 'DIAL_NUMBER', click(CUSTOMER));
  const { engagementProperties, externalCallId } = await heardOnce(page, 'CALL_COMPLETED');
  expect(engagementProperties).toEqual({
    hs_timestamp: expect.any(Number),
    hs_call_title: expect.stringMatching(/^Call to /),
    hs_call_direction: 'OUTBOUND',
    hs_call_external_id: externalCallId,
    hs_call_to_number: CUSTOMER,
  });
  expect(await told(page)).toEqual(['OUTGOING_CALL_STARTED', 'CALL_COMPLETED']);
  const dials = await sandbox.dials();
  expect(dials).toHaveLength(1);
  expect(dials[0].body.custom).toMatchObject({ property: 'mobilephone', country: 'DE', owner: 77, plan: 'gold' });
});

test('a reload in the middle of a call neither begins it again nor loses its log', async ({
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  await openHubSpot(page, servers);
  await signIn(page);
  await send(page, 'DIAL_NUMBER', click(CUSTOMER));
  const id = await live(sandbox);
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'answer' });
  await heardOnce(page, 'CALL_ANSWERED');
  await page.reload();
  await signIn(page, { available: 'USER_UNAVAILABLE' });
  await desk.act(id, { do: 'hang_up' });
  const completed = await heardOnce(page, 'CALL_COMPLETED');
  expect(completed).toMatchObject({ externalCallId: id, engagementId: 9001 });
  expect(completed.engagementProperties).toMatchObject({ hs_call_status: 'COMPLETED' });
  expect(await told(page)).toEqual(['CALL_ENDED', 'CALL_COMPLETED']);
});

for (const [way, tell] of [
  ['the answer comes after the reload', (page) => send(page, 'CREATE_ENGAGEMENT_SUCCEEDED', { engagementId: 9001 })],
  ['HubSpot names it as it greets the phone again', () => {}],
]) {
  test(`a reload before HubSpot has said which record it made makes no second one: ${way}`, async ({ page, servers, sandbox }) => {
    const desk = new Desk(sandbox);
    await openHubSpot(page, servers);
    await signIn(page);
    await page.evaluate(() => (window.answers.created = 'never'));
    await send(page, 'DIAL_NUMBER', click(CUSTOMER));
    const id = await live(sandbox);
    await desk.act(id, { who: 'agent', do: 'answer' });
    await desk.act(id, { do: 'answer' });
    await heardOnce(page, 'CALL_ANSWERED');
    expect(await heard(page, 'OUTGOING_CALL_STARTED')).toHaveLength(1);
    if (way.startsWith('HubSpot')) await page.evaluate(() => (sessionStorage.greeting = '{"engagementId": 9001}'));
    await page.reload();
    await heardOnce(page, 'INITIALIZED');
    // Nobody has signed in yet.
    await tell(page);
    await signIn(page, { available: 'USER_UNAVAILABLE' });
    await desk.act(id, { do: 'hang_up' });
    expect(await heardOnce(page, 'CALL_COMPLETED')).toMatchObject({ externalCallId: id, engagementId: 9001 });
    expect(await told(page)).toEqual(['CALL_ENDED', 'CALL_COMPLETED']);
  });
}

test('a call that comes is told, its person is opened, and it is kept', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  await openHubSpot(page, servers);
  await signIn(page);
  const id = await desk.ring();
  expect(await heardOnce(page, 'INCOMING_CALL')).toEqual({
    externalCallId: id,
    fromNumber: CUSTOMER,
    callStartTime: expect.any(Number),
    createEngagement: true,
  });
  const objectCoordinates = { portalId: 4711, objectId: 501, objectTypeId: '0-1' };
  await send(page, 'CALLER_ID_MATCH_SUCCEEDED', { callerIdMatches: [{ callerIdType: 'CONTACT', objectCoordinates }] });
  expect(await heardOnce(page, 'NAVIGATE_TO_RECORD')).toEqual({ objectCoordinates, openIn: 'CURRENT_TAB' });
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'hang_up' });
  const { engagementProperties } = await heardOnce(page, 'CALL_COMPLETED');
  expect(engagementProperties).toMatchObject({ hs_call_direction: 'INBOUND', hs_call_from_number: CUSTOMER });
  expect(await told(page)).toEqual(['INCOMING_CALL', 'CALL_ANSWERED', 'CALL_ENDED', 'CALL_COMPLETED']);
});

test('of several people with a number HubSpot lets the agent choose', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  await openHubSpot(page, servers);
  await signIn(page);
  await desk.ring();
  await heardOnce(page, 'INCOMING_CALL');
  const match = (objectId) => ({
    callerIdType: 'CONTACT',
    objectCoordinates: { portalId: 4711, objectId, objectTypeId: '0-1' },
  });
  await send(page, 'CALLER_ID_MATCH_SUCCEEDED', { callerIdMatches: [match(1), match(2)] });
  // What is sent next is answered: the one before is, too.
  await send(page, 'END_CALL');
  await heardOnce(page, 'CALL_COMPLETED');
  expect(await heard(page, 'NAVIGATE_TO_RECORD')).toEqual([]);
});

test('HubSpot’s own button ends the call', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  await openHubSpot(page, servers);
  await signIn(page);
  await send(page, 'DIAL_NUMBER', click(CUSTOMER));
  await live(sandbox);
  await heardOnce(page, 'OUTGOING_CALL_STARTED');
  await send(page, 'END_CALL');
  await expect.poll(() => desk.sent('hangup')).toHaveLength(1);
  await heardOnce(page, 'CALL_ENDED');
});

test('a number that cannot be called is refused with a sentence that HubSpot shows', async ({
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  await openHubSpot(page, servers);
  await signIn(page);
  await send(page, 'DIAL_NUMBER', click('call me maybe'));
  const { message } = await heardOnce(page, 'ERROR');
  expect(message).toMatch(/this is no number that can be called/i);
  expect(await desk.sent('placeCall')).toEqual([]);
});

test('a log that HubSpot refuses is said, and tried again until HubSpot takes it', async ({
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  await openHubSpot(page, servers);
  await signIn(page);
  await page.evaluate(() => (window.answers.updated = false));
  const id = await desk.call();
  await desk.act(id, { do: 'hang_up' });
  await expect(
    app(page).getByText(
      /could not be written down in the CRM: HubSpot’s|could not be written down in the CRM: HubSpot's/,
    ),
  ).toBeVisible();
  await page.evaluate(() => (window.answers.updated = true));
  await expect(app(page).getByText(/could not be written down/)).toBeHidden();
  const completed = await heard(page, 'CALL_COMPLETED');
  // The same record of HubSpot's each time.
  expect(new Set(completed.map(({ engagementId }) => engagementId)).size).toBe(1);
  expect(await heard(page, 'INCOMING_CALL')).toHaveLength(1);
});

test('of two windows one alone tells HubSpot of a call, and the other learns what HubSpot calls it', async ({
  page,
  context,
}) => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../../web/hosts/hubspot/engagements.js', import.meta.url))],
    bundle: true,
    format: 'iife',
    globalName: 'bundle',
    write: false,
  });
  const other = await context.newPage();
  await serveAt(context, 'https://relay.example', { '/': '<p>Two windows</p>' });
  for (const window of [page, other]) {
    await window.goto('https://relay.example/');
    await window.addScriptTag({ content: outputFiles[0].text });
    await window.evaluate(() => (window.engagements = new bundle.Engagements('test', 10_000)));
  }
  const claims = await Promise.all([page, other].map((one) => one.evaluate(() => engagements.claim('call'))));
  expect(claims.toSorted()).toEqual([false, true]);
  const [first, second] = claims[0] ? [page, other] : [other, page];
  const learned = second.evaluate(() => engagements.idOf('call', 10_000));
  const given = await first.evaluate(async () => {
    if (!(await engagements.reach('call', 'begun'))) throw new Error('the call has begun already');
    const answer = engagements.answer('call', 'created', 10_000);
    await engagements.created({ engagementId: 9001 });
    return answer;
  });
  expect(given).toBe(9001);
  expect(await learned).toBe(9001);
  expect(await second.evaluate(() => engagements.reach('call', 'begun'))).toBe(false);
  // A reload makes no other window of it.
  await first.reload();
  await first.addScriptTag({ content: outputFiles[0].text });
  expect(await first.evaluate(() => new bundle.Engagements('test', 10_000).claim('call'))).toBe(true);
});

test('two windows of one agent have HubSpot keep a call once', async ({ page, context, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  await openHubSpot(page, servers);
  await signIn(page);
  const other = await context.newPage();
  await openHubSpot(other, servers, { path: '/contacts/other' });
  await signIn(other);
  const id = await desk.call();
  await desk.act(id, { do: 'hang_up' });
  const all = async (type) => [...(await heard(page, type)), ...(await heard(other, type))];
  await expect.poll(() => all('CALL_COMPLETED')).toHaveLength(1);
  expect(await all('INCOMING_CALL')).toHaveLength(1);
});

/** Everything that reached the page around the frame, however it is spoken. */
async function watch(page) {
  await page.addInitScript(() => {
    window.reached = [];
    addEventListener('message', ({ data, origin }) => window.reached.push({ data, origin }));
  });
}

test('a page that is not listed cannot frame the app', async ({ page, servers, sandbox }) => {
  await watch(page);
  const refused = page.waitForEvent('requestfailed', (request) => request.url().includes('/hosts/acme-hubspot'));
  await openHubSpot(page, servers, { origin: 'https://evil.example' });
  await refused;
  expect(await page.evaluate(() => window.reached)).toEqual([]);
  expect(await new Desk(sandbox).sent('placeCall')).toEqual([]);
});

for (const browser of ['a browser', 'a browser that does not tell who frames a page']) {
  test(`where its policy is taken away, a page that is not listed gets nothing from the app, in ${browser}`, async ({
    page,
    servers,
    sandbox,
  }) => {
    await watch(page);
    await unguard(page, servers, { isTold: browser === 'a browser' });
    const loaded = page.waitForResponse((response) => /patchcord-host\.js/.test(response.url()));
    await openHubSpot(page, servers, { origin: 'https://evil.example' });
    await loaded;
    // What a page could say to have the app call somebody, again and again for a while.
    await page.waitForFunction(
      (dial) => {
        const frame = document.querySelector('iframe').contentWindow;
        window.tries = (window.tries ?? 0) + 1;
        const hosts = [location.origin, 'https://app.hubspot.com', undefined];
        for (const hostUrl of hosts) frame.postMessage({ type: 'SYNC', hostUrl, messageId: `1_${window.tries}` }, '*');
        frame.postMessage({ type: 'DIAL_NUMBER', data: dial, messageId: `2_${window.tries}` }, '*');
        return window.tries > 20;
      },
      click(CUSTOMER),
      { polling: 100 },
    );
    expect(await page.evaluate(() => window.reached)).toEqual([]);
    expect(await new Desk(sandbox).sent('placeCall')).toEqual([]);
  });
}

test('a frame beside the app in HubSpot’s own page gets nothing from it', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  await openHubSpot(page, servers);
  await signIn(page);
  await page.evaluate(() => {
    const frame = document.createElement('iframe');
    frame.srcdoc = '<p>An advertisement</p>';
    document.body.append(frame);
    return new Promise((done) => (frame.onload = done));
  });
  const advertisement = page.frames().at(-1);
  await advertisement.evaluate((dial) => {
    parent.frames[0].postMessage({ type: 'DIAL_NUMBER', data: dial, messageId: '1_1' }, '*');
  }, click('+493012345699'));
  // HubSpot's own click comes after it, and is the only one that is heard.
  await send(page, 'DIAL_NUMBER', click(CUSTOMER, { calleeInfo: ADA }));
  expect((await placed(desk)).to).toBe(CUSTOMER);
});

test('the account’s other region is a page of its own, which has to be listed', async ({ page, servers }) => {
  await listOrigins(servers, 'acme-hubspot', [HUBSPOT, 'https://app-eu1.hubspot.com']);
  await openHubSpot(page, servers, { origin: 'https://app-eu1.hubspot.com' });
  await heardOnce(page, 'INITIALIZED');
});

/** Takes the page's policy away, as if a browser did not know it, and what Chromium alone tells of who frames it. */
async function unguard(page, servers, { isTold }) {
  await page.route(`${servers.relay}/hosts/acme-hubspot`, async (route) => {
    const response = await route.fetch();
    const { 'content-security-policy': policy, ...headers } = response.headers();
    expect(policy).toContain('frame-ancestors https://app.hubspot.com');
    delete headers['x-frame-options'];
    await route.fulfill({ response, headers });
  });
  if (isTold) return;
  await page.route(/\/(patchcord-host|hubspot)\.js/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replaceAll('ancestorOrigins', 'noSuchThing') });
  });
}
