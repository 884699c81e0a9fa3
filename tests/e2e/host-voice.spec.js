// Salesforce Voice with Partner Telephony: Salesforce's own SDK in the frame, over its MessagePort. The page around it
// does what Salesforce does: it offers a port once the frame has loaded, and asks on it.
import { expect, test as base } from './servers.js';
import { choose } from './panel.js';
import { CUSTOMER, Desk } from './desk.js';
import { theCall } from './calls.js';
import { frameOptions, listOrigins, serveAt } from './hosts.js';
import { ORG } from './org.js';

base.use({ launchOptions: frameOptions() });

const CONTACT = '0037S000004TqQXQA0';
const PAGE = '/lightning/page/home';
/** What Salesforce dials for a click on a contact's number. */
const CLICK = { type: 'PhoneNumber', phoneNumber: '+49 1522 8817386', name: 'Ada Lovelace', recordId: CONTACT };

/** Ada's address in the sandbox's org. */
const ADDRESS = {
  city: 'Berlin',
  country: 'Germany',
  geocodeAccuracy: null,
  latitude: 52.5203,
  longitude: 13.4049,
  postalCode: '10178',
  state: null,
  street: 'Am Hafen 12',
};

/** How often Salesforce was asked for a record. */
async function lookedUp(sandbox) {
  return (await sandbox.requests()).filter(({ path }) => path.startsWith('/services/data/')).length;
}

class Voice {
  #page;

  constructor(page) {
    this.#page = page;
  }

  /** Everything that came over the port, oldest first. */
  async told() {
    return this.#page.evaluate(() => window.told);
  }

  /** The payloads of a telephony event. */
  async events(type) {
    const all = await this.told();
    const events = all.filter((message) => message.type === 'TELEPHONY_EVENT_DISPATCHED').map(({ payload }) => payload);
    return events.filter((event) => event.telephonyEventType === type).map((event) => event.telephonyEventPayload);
  }

  /** The types of the telephony events so far. */
  async types() {
    const all = await this.told();
    return all.filter((message) => message.type === 'TELEPHONY_EVENT_DISPATCHED').map(({ payload }) => payload.telephonyEventType);
  }

  /** The payload of the only telephony event of a type, once it is there. */
  async event(type) {
    await expect.poll(() => this.events(type), { message: `an event ${type}` }).toHaveLength(1);
    return (await this.events(type))[0];
  }

  /** Asks on the port. */
  async ask(type, more = {}) {
    await this.#page.evaluate((message) => window.port.postMessage(message), { type, ...more });
  }

  /** The payload of CONNECTOR_READY, once it is there. */
  async ready() {
    const all = async () => (await this.told()).filter(({ type }) => type === 'CONNECTOR_READY').map(({ payload }) => payload);
    await expect.poll(all, { message: 'the connector is ready' }).toHaveLength(1);
    return (await all())[0];
  }
}

const test = base.extend({
  desk: async ({ sandbox }, use) => {
    await use(new Desk(sandbox));
  },
  /** A page of the org with the connector in it; `open` signs the agent in. */
  voice: async ({ page }, use) => {
    await use(new Voice(page));
  },
});

function html(connector, offers) {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Org</title></head><body style="margin:0">
    <iframe title="Connector" style="display:none" src="${connector}"></iframe>
    <script>(${inPage})(${JSON.stringify(offers)})</script></body></html>`;
}

/**
 * Runs in the org's page, as Omni-Channel: offers a port when the connector has loaded, keeps what comes, and shows
 * the page to sign in on while it is asked to. The connector itself it never shows.
 */
function inPage(offers) {
  const connector = document.querySelector('iframe');
  let login;
  const hide = () => login?.remove();
  const show = ({ loginFrameHeight }) => {
    hide();
    login = Object.assign(document.createElement('iframe'), { title: 'Sign in', src: `${connector.src}?sign-in` });
    login.style.cssText = `border:0;width:320px;height:${loginFrameHeight}px`;
    document.body.append(login);
  };
  window.told = [];
  window.offer = () => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => {
      window.told.push(data);
      const { telephonyEventType: type, telephonyEventPayload: payload } = data.payload ?? {};
      if (type === 'SHOW_LOGIN' || type === 'LOGOUT_RESULT') show(payload);
      if (type === 'LOGIN_RESULT' && payload.success) hide();
    };
    window.port = port1;
    const connectorConfig = { '/reqGeneralInfo/reqAdapterUrl': connector.src };
    connector.contentWindow.postMessage({ type: 'SETUP_CONNECTOR', connectorConfig }, '*', [port2]);
  };
  if (offers) connector.onload = window.offer;
}

async function openOrg(page, servers, { at = ORG, offers = true, origins = [ORG] } = {}) {
  await listOrigins(servers, 'acme-voice', origins, 'provider = "babelforce"');
  await serveAt(page.context(), at, { [PAGE]: html(`${servers.relay}/hosts/acme-voice`, offers) });
  await page.goto(`${at}${PAGE}`);
}

/** What the connector's page holds, which nobody sees. */
function connector(page) {
  return page.frameLocator('iframe[title="Connector"]');
}

/** Signs the agent in at the platform, in the page that Salesforce shows for it. */
async function signIn(page) {
  const button = page.frameLocator('iframe[title="Sign in"]').getByRole('button', { name: 'Sign in' });
  const [popup] = await Promise.all([page.waitForEvent('popup'), button.click()]);
  await choose(popup, '005ALEX');
}

/** The agent is at work, and Salesforce knows it. */
async function atWork(page, servers, voice, options) {
  await openOrg(page, servers, options);
  await signIn(page);
  return voice.ready();
}

/** An agent in a call that Salesforce has dialled and the customer has answered: the call's id. */
async function inCall(page, servers, voice, desk) {
  await atWork(page, servers, voice);
  await voice.ask('DIAL', { contact: CLICK });
  const id = await theCall(servers.sandbox);
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'answer' });
  await voice.event('CALL_CONNECTED');
  return id;
}

test('Salesforce shows the sign-in, and the connector is ready once the agent has signed in', async ({ page, servers, voice }) => {
  await openOrg(page, servers);
  expect(await voice.event('SHOW_LOGIN')).toEqual({ loginFrameHeight: 240 });
  await signIn(page);
  expect(await voice.event('LOGIN_RESULT')).toEqual({ success: true });
  const { agentConfig, capabilities, callInProgress } = await voice.ready();
  expect(agentConfig).toEqual({ PHONES: ['DESK_PHONE'], SELECTED_PHONE: { type: 'DESK_PHONE' } });
  expect(callInProgress).toBeNull();
  const can = Object.keys(capabilities).filter((name) => capabilities[name]);
  expect(can).toEqual(['MUTE', 'RECORD']);
});

test('a click on a phone number dials once, with the record, and Salesforce hears each state once', async ({
  page,
  servers,
  voice,
  desk,
}) => {
  await atWork(page, servers, voice);
  // Salesforce's own double click.
  await voice.ask('DIAL', { contact: CLICK });
  await voice.ask('DIAL', { contact: CLICK });
  const id = await theCall(servers.sandbox);
  const started = await voice.event('CALL_STARTED');
  expect(started).toMatchObject({ callId: id, callType: 'Outbound', phoneNumber: CUSTOMER, state: 'ringing' });
  expect(started.contact).toMatchObject({ recordId: CONTACT, id: CONTACT, name: 'Ada Lovelace', phoneNumber: CUSTOMER });
  const sent = await desk.sent('placeCall');
  expect(sent).toHaveLength(1);
  const [{ placeCall }] = sent;
  expect(placeCall.to).toBe(CUSTOMER);
  const { patchcord_record: _, ...mapped } = placeCall.session;
  const { address, ...plain } = mapped;
  expect(plain).toEqual({ name: 'Ada Lovelace', title: 'Analyst', plan: 'gold', score: 'json:42.5', company: 'Harbour Ltd' });
  // A compound field, as the org has it.
  expect(JSON.parse(address.slice('json:'.length))).toEqual(ADDRESS);
  expect(await lookedUp(servers.sandbox)).toBe(1);
  expect(JSON.parse(placeCall.session.patchcord_record.slice('json:'.length))).toEqual({
    system: 'salesforce',
    type: 'Contact',
    id: CONTACT,
    name: 'Ada Lovelace',
  });
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'answer' });
  expect(await voice.event('CALL_CONNECTED')).toMatchObject({ callId: id, state: 'connected' });
  await desk.act(id, { do: 'hang_up' });
  const hangup = await voice.event('HANGUP');
  expect(hangup).toEqual([expect.objectContaining({ callId: id, state: 'ended', reason: 'ended' })]);
  expect(await voice.types()).toEqual(['SHOW_LOGIN', 'LOGIN_RESULT', 'CALL_STARTED', 'CALL_CONNECTED', 'HANGUP']);
});

test('a token that Salesforce has ended is had anew, and the fields go along', async ({ page, servers, sandbox, voice, desk }) => {
  await atWork(page, servers, voice);
  await voice.ask('DIAL', { contact: CLICK });
  await desk.act(await theCall(sandbox), { do: 'hang_up' });
  await voice.event('HANGUP');
  // Once, and not the platform's.
  const refused = '[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]';
  await sandbox.faults([
    {
      match: { path: '/services/data/*' },
      times: 1,
      action: { status: { code: 401, body: refused, content_type: 'application/json' } },
    },
  ]);
  await voice.ask('DIAL', { contact: { ...CLICK, phoneNumber: '+493012345699' } });
  await expect.poll(() => desk.sent('placeCall')).toHaveLength(2);
  const [, { placeCall }] = await desk.sent('placeCall');
  expect(placeCall.session.plan).toBe('gold');
  const tokens = (await sandbox.requests()).filter(({ path }) => path === '/services/oauth2/token');
  expect(tokens).toHaveLength(2);
});

test("where Salesforce refuses, the call goes out with the record's id, type and name, and the frame says so", async ({
  page,
  servers,
  sandbox,
  voice,
  desk,
}) => {
  await atWork(page, servers, voice);
  await sandbox.faults([
    {
      match: { path: '/services/oauth2/token' },
      action: { status: { code: 400, body: '{"error":"invalid_client"}', content_type: 'application/json' } },
    },
  ]);
  await voice.ask('DIAL', { contact: CLICK });
  await voice.event('CALL_STARTED');
  const sent = await desk.sent('placeCall');
  expect(sent).toHaveLength(1);
  const { session } = sent[0].placeCall;
  expect(JSON.parse(session.patchcord_record.slice('json:'.length))).toMatchObject({ type: 'Contact', id: CONTACT });
  expect(Object.keys(session).toSorted()).toEqual(['name', 'patchcord_record']);
  await expect(connector(page).getByText('The CRM did not tell what is in the record.')).toBeAttached();
  expect(await lookedUp(sandbox)).toBe(0);
});

test('prefix and extension of a contact are dialled with it', async ({ page, servers, voice, desk }) => {
  await atWork(page, servers, voice);
  await voice.ask('DIAL', { contact: { ...CLICK, prefix: '+49', phoneNumber: '15228817386', recordId: undefined, name: undefined } });
  await expect.poll(() => desk.sent('placeCall')).toHaveLength(1);
  const [{ placeCall }] = await desk.sent('placeCall');
  expect(placeCall.to).toBe(CUSTOMER);
  expect(placeCall.session ?? {}).toEqual({});
});

test('a number that cannot be called is answered as such, and nothing is dialled', async ({ page, servers, voice, desk }) => {
  await atWork(page, servers, voice);
  await voice.ask('DIAL', { contact: { ...CLICK, phoneNumber: 'extension' } });
  await voice.event('CALL_FAILED');
  expect(await voice.event('ERROR')).toEqual({ message: 'INVALID_DESTINATION' });
  expect(await desk.sent('placeCall')).toEqual([]);
});

test('a click that comes while the connection is lost is kept, and dialled once', async ({ page, servers, voice, desk }) => {
  await atWork(page, servers, voice);
  const path = `${servers.relay}/v1/agent/**`;
  await page.route(path, (route) => route.abort());
  await desk.stream('cut');
  await expect(connector(page).getByText(/^Connection lost at/)).toBeAttached();
  await voice.ask('DIAL', { contact: CLICK });
  await expect(connector(page).getByText('as soon as the phone is ready')).toBeAttached();
  expect(await desk.sent('placeCall')).toEqual([]);
  await page.unroute(path);
  await expect.poll(() => desk.sent('placeCall')).toHaveLength(1);
  await voice.event('CALL_STARTED');
});

test("the buttons of Salesforce's call card do what they say, each told once", async ({ page, servers, voice, desk }) => {
  const id = await inCall(page, servers, voice, desk);
  const call = { callId: id };
  await voice.ask('HOLD', { call });
  expect(await voice.event('HOLD_TOGGLE')).toMatchObject({ isCustomerOnHold: true, isThirdPartyOnHold: false });
  await voice.ask('RESUME', { call });
  await expect.poll(async () => (await voice.events('HOLD_TOGGLE')).map((event) => event.isCustomerOnHold)).toEqual([true, false]);
  await voice.ask('MUTE');
  await expect.poll(() => voice.events('MUTE_TOGGLE')).toEqual([{ isMuted: true }]);
  await voice.ask('UNMUTE');
  await expect.poll(() => voice.events('MUTE_TOGGLE')).toEqual([{ isMuted: true }, { isMuted: false }]);
  await voice.ask('RESUME_RECORDING', { call });
  await expect.poll(async () => (await voice.events('RECORDING_TOGGLE')).map((event) => event.isRecordingPaused)).toEqual([false]);
  await voice.ask('SEND_DIGITS', { digits: '12' });
  await expect.poll(async () => (await desk.sent()).filter((command) => /digit|dtmf/i.test(Object.keys(command)[0])).length).toBeGreaterThan(0);
  await voice.ask('END_CALL', { call });
  expect(await voice.event('HANGUP')).toEqual([expect.objectContaining({ callId: id })]);
  expect(await voice.events('ERROR')).toEqual([]);
});

test('what Salesforce did not ask for is told to it, once', async ({ page, servers, voice, desk }) => {
  const id = await inCall(page, servers, voice, desk);
  const frame = page.frames().find((one) => one.url().includes('/hosts/'));
  const act = (word) => frame.evaluate((act) => document.querySelector('patchcord-panel').act(act, ''), `${word} ${id}`);
  await act('hold');
  expect(await voice.event('HOLD_TOGGLE')).toMatchObject({ isCustomerOnHold: true });
  await act('unhold');
  await expect.poll(async () => (await voice.events('HOLD_TOGGLE')).map((event) => event.isCustomerOnHold)).toEqual([true, false]);
});

test('an agent whose sign-in has ended at the platform signs in again, and goes on', async ({ page, servers, sandbox, voice, desk }) => {
  await atWork(page, servers, voice);
  await sandbox.faults([
    {
      match: { path: '/oauth/token' },
      action: { status: { code: 400, body: '{"error":"invalid_grant"}', content_type: 'application/json' } },
    },
  ]);
  await desk.expireTokens();
  await voice.event('LOGOUT_RESULT');
  await sandbox.faults([]);
  await signIn(page);
  await expect.poll(() => voice.types()).toEqual(['SHOW_LOGIN', 'LOGIN_RESULT', 'LOGOUT_RESULT', 'LOGIN_RESULT']);
  await voice.ask('DIAL', { contact: CLICK });
  await theCall(sandbox);
  await voice.event('CALL_STARTED');
  expect(await desk.sent('placeCall')).toHaveLength(1);
});

test('a customer who calls is told, and their call connected and ended, each once', async ({ page, servers, voice, desk }) => {
  await atWork(page, servers, voice);
  const id = await desk.ring();
  expect(await voice.event('CALL_STARTED')).toMatchObject({ callId: id, callType: 'Inbound', phoneNumber: CUSTOMER });
  await desk.act(id, { who: 'agent', do: 'answer' });
  expect(await voice.event('CALL_CONNECTED')).toMatchObject({ callId: id });
  await desk.act(id, { do: 'hang_up' });
  await voice.event('HANGUP');
  expect(await voice.types()).toEqual(['SHOW_LOGIN', 'LOGIN_RESULT', 'CALL_STARTED', 'CALL_CONNECTED', 'HANGUP']);
});

test('what the panel cannot do is answered with the error that Salesforce shows for it', async ({ page, servers, voice, desk }) => {
  const id = await inCall(page, servers, voice, desk);
  await voice.ask('ADD_PARTICIPANT', { contact: { type: 'PhoneNumber', phoneNumber: '+493023125100' }, call: { callId: id } });
  await voice.ask('CONFERENCE', { calls: [] });
  await voice.ask('SET_AGENT_CONFIG', { config: {} });
  await voice.ask('LOGOUT');
  await expect
    .poll(async () => (await voice.events('ERROR')).map(({ message }) => message))
    .toEqual(['CAN_NOT_ADD_PARTICIPANT', 'CAN_NOT_CONFERENCE', 'CAN_NOT_SET_AGENT_CONFIG', 'CAN_NOT_LOG_OUT']);
  expect(await voice.events('HANGUP')).toEqual([]);
});

test('the status of an agent is taken while the phone is signed in', async ({ page, servers, voice }) => {
  await atWork(page, servers, voice);
  await voice.ask('SET_AGENT_STATUS', { agentStatus: 'Online' });
  expect(await voice.event('SET_AGENT_STATUS_RESULT')).toEqual({ success: true });
  await voice.ask('GET_AGENT_STATUS');
  expect(await voice.event('GET_AGENT_STATUS_RESULT')).toEqual({ statusId: 'ready', statusType: 'ready', statusName: 'ready' });
  await voice.ask('GET_PHONE_CONTACTS');
  expect(await voice.event('PHONE_CONTACTS')).toEqual({ contacts: [], contactTypes: [] });
});

test('a call goes on after a reload under the same id, and ends once', async ({ page, servers, voice, desk }) => {
  const id = await inCall(page, servers, voice, desk);
  await page.reload();
  await signIn(page);
  const { callInProgress } = await voice.ready();
  expect(callInProgress).toMatchObject({ callId: id, state: 'connected' });
  await desk.act(id, { do: 'hang_up' });
  await voice.event('HANGUP');
  expect(await voice.types()).toEqual(['SHOW_LOGIN', 'LOGIN_RESULT', 'HANGUP']);
});

test('a page that is not listed cannot have the connector at all', async ({ page, servers, sandbox }) => {
  const asked = [];
  page.context().on('request', (request) => asked.push(request.url()));
  const refused = page.waitForEvent('console', (message) => /frame-ancestors/.test(message.text()));
  await openOrg(page, servers, { at: 'https://evil.lightning.force.com' });
  await refused;
  expect(asked.filter((url) => /patchcord|\/v1\//.test(url))).toEqual([]);
  expect(await page.evaluate(() => window.told)).toEqual([]);
  expect(await sandbox.requests()).toEqual([]);
});

test('an offer of a page that only looks like Salesforce is not heard, and does not spoil the real one', async ({
  page,
  servers,
  voice,
}) => {
  const evil = 'https://evil.lightning.force.com';
  const stealing = `<!doctype html><title>Evil</title><script>
    const told = [];
    setInterval(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => told.push(data);
      parent.frames[0].postMessage({ type: 'SETUP_CONNECTOR', connectorConfig: {} }, '*', [port2]);
      parent.postMessage({ told: told.length }, '*');
    }, 20);
  </script>`;
  await serveAt(page.context(), evil, { '/': stealing });
  await openOrg(page, servers, { offers: false });
  await page.evaluate((address) => {
    window.stolen = [];
    addEventListener('message', ({ data }) => window.stolen.push(data.told));
    document.body.append(Object.assign(document.createElement('iframe'), { src: address }));
  }, `${evil}/`);
  await expect(connector(page).locator('patchcord-panel')).toBeAttached();
  await page.evaluate(() => window.stolen.splice(0));
  await expect.poll(() => page.evaluate(() => window.stolen.length)).toBeGreaterThan(20);
  // The real offer comes late, and is the first that the SDK hears.
  await page.evaluate(() => window.offer());
  await voice.event('SHOW_LOGIN');
  expect(await page.evaluate(() => Math.max(...window.stolen))).toBe(0);
});
