// A page of one's own with the phone in a frame, by `patchcord-frame.js`: what it asks for, and what it is told.
import { expect, test } from './servers.js';
import { CUSTOMER, Desk } from './desk.js';
import { theCall } from './calls.js';
import { frameOptions } from './hosts.js';
import {
  CRM,
  NUMBER,
  PAYLOAD,
  RECORD,
  dial,
  dials,
  hear,
  heard,
  isReady,
  kept,
  openCrm,
  phone,
  post,
  signIn,
  told,
  watchRelay,
} from './host-page.js';

test.use({ launchOptions: frameOptions() });

/** What the relay's host has for agents of babelforce. */
const BABELFORCE = 'provider = "babelforce"';

/** What the platform gets for a dial of the tests' record. */
const SENT = {
  username: 'alex@acme',
  number: NUMBER.slice(1),
  custom: { ...PAYLOAD, patchcord_record: RECORD },
};

/** The states that the page was told, oldest first. */
const states = async (page) => (await told(page, 'call')).map(({ state }) => state);

test('a dial from the page reaches the platform once, with record and nested payload as they are', async ({
  page,
  servers,
  sandbox,
}) => {
  await openCrm(page, servers);
  await isReady(page);
  const { id } = await dial(page, { number: NUMBER, record: RECORD, payload: PAYLOAD });
  const [request] = await dials(sandbox);
  expect(request.body).toEqual(SENT);
  // Not only equal: the same text, in the page's order.
  expect(request.raw_body).toContain(JSON.stringify(PAYLOAD).slice(1, -1));
  await expect.poll(() => states(page)).toEqual(['requested', 'handed_over']);
  for (const call of await told(page, 'call')) expect(call).toMatchObject({ id, record: RECORD, payload: PAYLOAD });
});

test('a dial before the phone is there is kept, and dialled once', async ({ page, servers, sandbox }) => {
  await openCrm(page, servers, {
    more: `
      const ask = ${JSON.stringify({ number: NUMBER, record: RECORD, payload: PAYLOAD })};
      window.early = window.phone.dial(ask).then(({ id }) => id);
    `,
  });
  expect(await page.evaluate(() => window.early)).toBeTruthy();
  const [request] = await dials(sandbox);
  expect(request.body).toEqual(SENT);
});

test('what a page without the script says as soon as its iframe has loaded is kept', async ({ page, servers, sandbox }) => {
  await hear(page);
  await openCrm(page, servers, {
    listed: 'sign_in = "babelforce"\nprovider = "babelforce"',
    html: `<!doctype html><title>A CRM</title><script>
      const frame = document.createElement('iframe');
      frame.src = '${servers.relay}/hosts/acme-page';
      frame.onload = () => {
        const say = (message) => frame.contentWindow.postMessage({ patchcord: 1, ...message }, '${servers.relay}');
        say({ type: 'hello' });
        say({ type: 'dial', id: 'early', number: 'nobody' });
      };
      document.documentElement.append(frame);
    </script>`,
  });
  const answers = async () => (await heard(page)).map(({ data }) => data).filter(({ type }) => /welcome|answer/.test(type));
  await expect.poll(answers).toHaveLength(2);
  const [welcome, answer] = await answers();
  expect(welcome).toEqual({ patchcord: 1, type: 'welcome', version: 1, host: 'acme-page' });
  expect(answer).toMatchObject({ re: 'early', error: { code: 'invalid_number' } });
  expect(await sandbox.dials()).toEqual([]);
});

test('the mapping of the relay makes number and payload of a record’s fields', async ({ page, servers, sandbox }) => {
  await openCrm(page, servers);
  await isReady(page);
  const fields = { Name: 'Jana Petersen', Company: 'Nordlicht', Phone: '030 23125 100', MobilePhone: '', Custom_Score__c: 87 };
  await dial(page, { entity: 'Lead', fields, record: { type: 'Lead', id: '00Q1' } });
  const [{ body }] = await dials(sandbox);
  expect(body.number).toBe(NUMBER.slice(1));
  expect(body.custom).toMatchObject({ name: 'Jana Petersen', company: 'Nordlicht', score: 87 });
  expect(body.custom.patchcord_record).toMatchObject({ type: 'Lead', id: '00Q1' });
});

test('a message that comes twice dials once, and is answered twice with the same answer', async ({
  page,
  servers,
  sandbox,
}) => {
  await hear(page);
  await openCrm(page, servers);
  await isReady(page);
  const message = { patchcord: 1, type: 'dial', id: 'click-1', number: NUMBER };
  await post(page, message, message);
  const answers = async () => (await heard(page)).map(({ data }) => data).filter(({ re }) => re === 'click-1');
  await expect.poll(answers).toHaveLength(2);
  // Long after it was answered as well.
  await post(page, message);
  await expect.poll(answers).toHaveLength(3);
  const [first, ...others] = await answers();
  expect(first.value.id).toBeTruthy();
  for (const other of others) expect(other).toEqual(first);
  await dials(sandbox);
});

test('what is wrong with a request is said, with the field, and nothing is dialled', async ({ page, servers, sandbox }) => {
  await openCrm(page, servers);
  await isReady(page);
  for (const [request, code, field] of [
    [{}, 'missing_field', 'number'],
    [{ number: 4930 }, 'invalid_field', 'number'],
    [{ number: 'no number' }, 'invalid_number', 'number'],
    [{ number: NUMBER, extension: '12a' }, 'invalid_field', 'extension'],
    [{ number: NUMBER, payload: [1] }, 'payload_invalid', 'payload'],
    [{ number: NUMBER, record: 'Lead' }, 'invalid_field', 'record'],
    [{ number: NUMBER, record: { type: 'Lead' } }, 'missing_field', 'record.id'],
    [{ number: NUMBER, record: { type: 'Lead', id: 7 } }, 'invalid_field', 'record.id'],
    [{ number: NUMBER, record: { type: 'Lead', id: '7', colour: 'red' } }, 'unknown_field', 'record.colour'],
    [{ number: NUMBER, colour: 'red' }, 'unknown_field', 'colour'],
    [{ entity: 'Lead' }, 'missing_field', 'number'],
    [{ entity: 'Lead', fields: { Name: 'No number' } }, 'invalid_number', 'number'],
  ]) {
    expect(await dial(page, request), JSON.stringify(request)).toEqual({ code, field });
  }
  expect(await sandbox.dials()).toEqual([]);
});

test('a message of another version, of no known type or without an id is answered with what is wrong', async ({
  page,
  servers,
  sandbox,
}) => {
  await hear(page);
  await openCrm(page, servers);
  await isReady(page);
  await post(
    page,
    { patchcord: 2, type: 'dial', id: 'a', number: NUMBER },
    { patchcord: 1, type: 'hang_glide', id: 'b' },
    { patchcord: 1, type: 'dial', number: NUMBER },
    { patchcord: 1, type: 'dial', id: { deep: 1 }, number: NUMBER },
    { patchcord: 1, type: 'visible', id: 'c', visible: 'yes' },
    // Nothing of these is a message of ours.
    'patchcord',
    null,
    [{ patchcord: 1 }],
    { type: 'dial', id: 'd', number: NUMBER },
  );
  const answers = async () =>
    (await heard(page)).map(({ data }) => data).filter(({ type, error }) => type === 'answer' && error);
  await expect.poll(answers).toHaveLength(5);
  expect((await answers()).map(({ re, error: { code, field } }) => [re, code, field])).toEqual([
    ['a', 'invalid_field', 'patchcord'],
    ['b', 'invalid_field', 'type'],
    [null, 'missing_field', 'id'],
    [null, 'invalid_field', 'id'],
    ['c', 'invalid_field', 'visible'],
  ]);
  expect(await sandbox.dials()).toEqual([]);
});

test('a dial that was taken back before it was sent is never dialled', async ({ page, servers, sandbox }) => {
  await openCrm(page, servers, {
    more: `
      const stop = new AbortController();
      window.gone = window.phone.dial({ number: '${NUMBER}' }, { signal: stop.signal }).catch(({ name }) => name);
      stop.abort();
      window.never = window.phone.dial({ number: '${NUMBER}' }, { signal: stop.signal }).catch(({ name }) => name);
    `,
  });
  await isReady(page);
  expect(await page.evaluate(() => Promise.all([window.gone, window.never]))).toEqual(['AbortError', 'AbortError']);
  // Another one, so that the first would have arrived by now.
  await dial(page, { number: '+493023125014' });
  const [{ body }] = await dials(sandbox);
  expect(body.number).toBe('493023125014');
});

test('a click that the frame still keeps is taken back by its signal', async ({ page, servers, sandbox }) => {
  await openCrm(page, servers, { options: 'assertion: () => window.told.wait.then(() => window.sign()),', before: "window.told.wait = new Promise((go) => { window.go = go; });" });
  // The phone waits for who the agent is; the click waits for the phone.
  await page.evaluate((number) => {
    window.stop = new AbortController();
    window.gone = window.phone.dial({ number }, { signal: window.stop.signal }).catch(({ name }) => name);
  }, NUMBER);
  await expect(phone(page).getByText(/as soon as the phone is ready/)).toBeVisible();
  await page.evaluate(() => window.stop.abort());
  expect(await page.evaluate(() => window.gone)).toBe('AbortError');
  await expect(phone(page).getByText(/as soon as the phone is ready/)).toBeHidden();
  await page.evaluate(() => window.go());
  await isReady(page);
  await dial(page, { number: '+493023125014' });
  const [{ body }] = await dials(sandbox);
  expect(body.number).toBe('493023125014');
});

test('the page hears each state that the platform reports, once, and logs the call once', async ({
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  await openCrm(page, servers, { listed: BABELFORCE });
  await signIn(page);
  await isReady(page);
  await dial(page, { number: NUMBER, record: RECORD, payload: PAYLOAD });
  const id = await theCall(sandbox);
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'answer' });
  await expect.poll(() => states(page)).toContain('connected');
  const isHeld = async () => (await told(page, 'call')).at(-1).held;
  // Once a click is taken: one right after the card has changed was meant for what stood there before.
  await expect(async () => {
    await phone(page).getByRole('button', { name: 'Hold', exact: true }).click({ timeout: 1_000 });
    await expect.poll(isHeld, { timeout: 1_000 }).toBe(true);
  }).toPass();
  await desk.act(id, { do: 'hang_up' });
  await expect.poll(() => states(page)).toContain('ended');

  const said = (await told(page, 'call')).map(({ state, held, muted, recording }) => [state, held, muted, recording].join());
  expect(new Set(said).size).toBe(said.length);
  const order = [...new Set(await states(page))];
  expect(order).toEqual(['requested', 'ringing', 'connecting', 'connected', 'ended'].filter((state) => order.includes(state)));
  expect(order).toContain('ringing');

  await expect.poll(() => told(page, 'log')).toHaveLength(1);
  const [entry] = await told(page, 'log');
  expect(entry).toMatchObject({ direction: 'outgoing', number: NUMBER, name: RECORD.name, outcome: 'connected', record: RECORD, payload: PAYLOAD });
  for (const { name } of await told(page, 'call')) expect(name).toBe(RECORD.name);
  expect(entry.duration).toBeGreaterThanOrEqual(0);

  await page.reload();
  await isReady(page);
  expect(await told(page, 'log')).toEqual([entry]);
});

test('a call that ends while the page is reloaded is logged once, with its record', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  await openCrm(page, servers, { listed: BABELFORCE });
  await signIn(page);
  await isReady(page);
  await dial(page, { number: NUMBER, record: RECORD, payload: PAYLOAD });
  const id = await theCall(sandbox);
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'answer' });
  await expect.poll(() => states(page)).toContain('connected');
  await expect.poll(() => kept(page)).toContain('connectedAt');
  await page.goto('about:blank');
  await desk.act(id, { do: 'hang_up' });
  await page.goto(`${CRM}/`);
  await expect.poll(() => told(page, 'log'), { timeout: 20_000 }).toHaveLength(1);
  const [entry] = await told(page, 'log');
  expect(entry).toMatchObject({ number: NUMBER, outcome: 'connected', record: RECORD, payload: PAYLOAD });
  await page.reload();
  await isReady(page);
  expect(await told(page, 'log')).toEqual([entry]);
});

test('what an agent has left is not logged by another one who uses the same browser, and once when they are back', async ({
  page,
  servers,
  sandbox,
}) => {
  const agent = { id: '005ALEX' };
  const desks = { alex: new Desk(sandbox, '005ALEX'), sam: new Desk(sandbox, '005SAM') };
  await openCrm(page, servers, { listed: BABELFORCE, agent });
  await signIn(page, '005ALEX');
  await isReady(page);
  await dial(page, { number: NUMBER, record: RECORD, payload: PAYLOAD });
  const id = await theCall(sandbox);
  await desks.alex.act(id, { who: 'agent', do: 'answer' });
  await desks.alex.act(id, { do: 'answer' });
  await expect.poll(() => states(page)).toContain('connected');
  await expect.poll(() => kept(page)).toContain('connectedAt');
  await page.goto('about:blank');
  await desks.alex.act(id, { do: 'hang_up' });

  agent.id = '005SAM';
  await page.goto(`${CRM}/`);
  await signIn(page, '005SAM');
  await isReady(page);
  // Whatever was left is settled before a call of one's own is over.
  const other = await desks.sam.call({ number: CUSTOMER });
  await desks.sam.act(other, { do: 'hang_up' });
  await expect.poll(() => told(page, 'log')).toMatchObject([{ id: other, number: CUSTOMER }]);

  agent.id = '005ALEX';
  await page.reload();
  await expect.poll(() => told(page, 'log'), { timeout: 20_000 }).toHaveLength(2);
  expect((await told(page, 'log'))[1]).toMatchObject({ id, outcome: 'connected', record: RECORD, payload: PAYLOAD });
  await page.reload();
  await isReady(page);
  expect(await told(page, 'log')).toHaveLength(2);
});

test('a log that fails is asked for again, and each entry is kept once', async ({ page, servers, sandbox }) => {
  await openCrm(page, servers, {
    options: `log: async (entry) => {
      window.tries = (window.tries ?? 0) + 1;
      if (window.tries < 2) throw new Error('the CRM is away');
      window.told.log.push(entry);
    },`,
  });
  await isReady(page);
  await dial(page, { number: NUMBER, record: RECORD });
  await dials(sandbox);
  await expect.poll(() => told(page, 'log'), { timeout: 15_000 }).toHaveLength(1);
  expect(await page.evaluate(() => window.tries)).toBe(2);
});

test('an incoming call asks the page to show who it is', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  await openCrm(page, servers, { listed: BABELFORCE, more: 'window.phone.hide();' });
  // Hidden from the beginning: signing in needs it for a moment.
  await page.evaluate(() => window.phone.show());
  await signIn(page);
  await isReady(page);
  await page.evaluate(() => window.phone.hide());
  await expect(page.locator('iframe')).toBeHidden();
  await desk.ring({ number: NUMBER });
  await expect.poll(() => told(page, 'show')).toEqual([{ number: NUMBER }]);
  await expect(page.locator('iframe')).toBeVisible();
  expect(await told(page, 'reveal')).toHaveLength(1);
  expect((await told(page, 'call'))[0]).toMatchObject({ direction: 'incoming', number: NUMBER, state: 'ringing' });
});

test('a call button on the page hands its click to the phone: a double click is one dial', async ({
  page,
  servers,
  sandbox,
}) => {
  const asked = watchRelay(page, servers);
  await openCrm(page, servers, {
    options: 'buttons: true,',
    body: `<script type="module" src="${servers.relay}/patchcord.js"></script>
      <patchcord-call number="${NUMBER};ext=12" label="Call Jana"></patchcord-call>`,
    more: `
      const button = document.querySelector('patchcord-call');
      button.record = ${JSON.stringify(RECORD)};
      button.payload = ${JSON.stringify(PAYLOAD)};
    `,
  });
  await isReady(page);
  await page.getByRole('button', { name: 'Call Jana' }).dblclick();
  const [request] = await dials(sandbox);
  expect(request.body).toEqual(SENT);
  await expect.poll(() => states(page)).toContain('handed_over');
  expect((await sandbox.dials()).length).toBe(1);
  // The button asked nobody itself: it has no session.
  expect(asked.filter(({ path, from }) => path !== '/v1/config' && from !== servers.relay)).toEqual([]);
});

test('a page that asked for no buttons leaves them alone', async ({ page, servers }) => {
  await openCrm(page, servers, {
    body: `<script type="module" src="${servers.relay}/patchcord.js"></script><patchcord-call number="${NUMBER}"></patchcord-call>`,
    more: `document.addEventListener('callrequested', (event) => { window.prevented = event.defaultPrevented; event.preventDefault(); });`,
  });
  await isReady(page);
  await page.getByRole('button', { name: /Call/ }).click();
  expect(await page.evaluate(() => window.prevented)).toBe(false);
});

test('offering puts number and record into the dialler, and dials nothing', async ({ page, servers, sandbox }) => {
  await openCrm(page, servers);
  await isReady(page);
  await page.evaluate((request) => window.phone.offer(request), { number: NUMBER, record: RECORD, payload: PAYLOAD });
  await expect(phone(page).getByLabel('Number to call')).toHaveValue(/30 ?23125 ?100/);
  expect(await sandbox.dials()).toEqual([]);
  await phone(page).getByRole('button', { name: 'Call', exact: true }).click();
  const [request] = await dials(sandbox);
  expect(request.body).toEqual(SENT);
});

test('the phone speaks the page’s language, and another one when it is told', async ({ page, servers }) => {
  await openCrm(page, servers, { options: 'lang: "de", title: "Telefon",' });
  await expect(phone(page).getByLabel('Anzurufende Nummer')).toBeVisible();
  await expect(page.locator('iframe')).toHaveAttribute('title', 'Telefon');
  await page.evaluate(() => (window.phone.lang = 'en'));
  await expect(phone(page).getByLabel('Number to call')).toBeVisible();
});

test('a call in which the language is changed stays the same call, and each state of it is told once', async ({
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  await openCrm(page, servers, { listed: BABELFORCE, options: 'lang: "en",' });
  await signIn(page);
  await isReady(page);
  const { id } = await dial(page, { number: NUMBER, record: RECORD, payload: PAYLOAD });
  const call = await theCall(sandbox);
  await desk.act(call, { who: 'agent', do: 'answer' });
  await desk.act(call, { do: 'answer' });
  await expect.poll(() => states(page)).toContain('connected');
  await expect(phone(page).getByLabel(`Notes on ${NUMBER}`)).toBeVisible();
  await page.evaluate(() => (window.phone.lang = 'de'));
  // It is shown again, and so it was told.
  await expect(phone(page).getByRole('button', { name: 'Halten', exact: true })).toBeVisible();
  await desk.act(call, { do: 'hang_up' });
  await expect.poll(() => told(page, 'log')).toHaveLength(1);
  expect((await told(page, 'log'))[0]).toMatchObject({ id: call, record: RECORD, payload: PAYLOAD });
  const heard = await states(page);
  expect(heard).toEqual([...new Set(heard)]);
  expect(heard.at(-1)).toBe('ended');
  for (const one of await told(page, 'call')) expect(one).toMatchObject({ id, record: RECORD, payload: PAYLOAD, name: RECORD.name });
  await expect(phone(page).locator('div.notes')).toBeHidden();
});

test('what is below the phone does not move up while the phone comes', async ({ page, servers }) => {
  await openCrm(page, servers, {
    more: `
      const below = document.body.appendChild(document.createElement('p'));
      below.textContent = 'below';
      window.tops = [];
      const look = () => { window.tops.push(below.getBoundingClientRect().top); requestAnimationFrame(look); };
      look();
    `,
  });
  await isReady(page);
  const tops = await page.evaluate(() => window.tops);
  expect(tops).toEqual([...tops].sort((one, other) => one - other));
});

test('a phone that is taken away asks for nothing any more, and its frame is gone', async ({ page, servers, sandbox }) => {
  await openCrm(page, servers);
  await isReady(page);
  await page.evaluate(() => window.phone.dispose());
  await expect(page.locator('iframe')).toHaveCount(0);
  expect(await dial(page, { number: NUMBER })).toEqual({ code: 'cancelled', field: undefined });
  expect(await sandbox.dials()).toEqual([]);
});

for (const [options, code, field] of [
  ['container: undefined,', 'invalid_field', 'container'],
  ['host: "no/name",', 'invalid_field', 'host'],
  ['relay: "ftp://relay.example",', 'invalid_field', 'relay'],
]) {
  test(`mounting with a wrong ${field} says so`, async ({ page, servers }) => {
    await openCrm(page, servers, { options });
    await expect.poll(() => page.evaluate(() => window.threw)).toMatchObject({ code, field });
    await expect(page.locator('iframe')).toHaveCount(0);
  });
}

test('an assertion that the relay refuses leaves the phone signed out, and nothing is dialled', async ({
  page,
  servers,
  sandbox,
}) => {
  await openCrm(page, servers, { options: 'assertion: async () => "not.an.assertion",' });
  await expect.poll(() => page.evaluate(() => window.phone.agent)).toMatch(/^(stopped|signed_out)$/);
  const { code } = await dial(page, { number: NUMBER });
  expect(code).toBeTruthy();
  expect(await sandbox.dials()).toEqual([]);
});
