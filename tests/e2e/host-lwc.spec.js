// The package's Lightning web components in the real LWC engine, on a page of the org, against a real relay.
import { expect, test } from './servers.js';
import { passes, withAxe } from './axe.js';
import { theCall } from './calls.js';
import { CUSTOMER, Desk } from './desk.js';
import { frameOptions, listOrigins } from './hosts.js';
import { choose } from './panel.js';
import { JANA, RECORDS, openLightning, place, seen } from './lightning.js';
import { ORG } from './salesforce.js';

test.use({ launchOptions: frameOptions() });

const [CONTACT, OMAR, NOBODY] = RECORDS;
/** More that a page gives a button, as deep as a page likes. */
const MORE = { deal: { amount: [1, { b: true }], note: 'Wärme' } };

/** What the platform gets for a click on the contact's button. */
const SENT = {
  username: 'alex@acme',
  number: '493023125100',
  custom: { ...JANA.payload, ...MORE, patchcord_record: JANA.record },
};

/** The errors of the page: the engine, which is the one for developers, says what it does not like. */
function complaints(page) {
  const found = [];
  page.on('pageerror', (error) => found.push(error.message));
  page.on('console', (message) => {
    if (/error|warning/.test(message.type()) && /lwc/i.test(message.text())) found.push(message.text());
  });
  return found;
}

const button = (page) => page.getByRole('button', { name: /^Call \+49/ });

const putButton = (page, more = {}) =>
  place(page, 'c-call-button', { recordId: CONTACT.id, objectApiName: 'Contact', payload: MORE, ...more });

/** The phone in the utility bar, at work with the platform that has no desk: nobody has to sign in. */
async function putPhone(page, properties = {}) {
  await place(page, 'c-phone', properties, 'footer');
  await expect(phone(page).getByText('Alex Adler')).toBeVisible({ timeout: 20_000 });
}

const phone = (page) => page.frameLocator('iframe');

/** Signs the agent in at the platform that has a desk. */
async function signIn(page) {
  const [popup] = await Promise.all([
    page.waitForEvent('popup'),
    phone(page).getByRole('button', { name: /sign in/i }).click({ timeout: 20_000 }),
  ]);
  await choose(popup, '005ALEX');
}

/** Has the phone's frame write down what it is asked to dial. */
async function watchDials(page) {
  await page.addInitScript(() => {
    window.dials = [];
    addEventListener('message', ({ data }) => data?.type === 'dial' && window.dials.push(data));
  });
}

/** How old the clicks were that the phone got, in milliseconds; `undefined` for those that came at once. */
async function ages(page) {
  const frame = page.frames().find((one) => one.url().includes('/hosts/'));
  return frame.evaluate(() => window.dials.map(({ age }) => age));
}

/** The dials that the sandbox got, once there are so many. */
async function dials(sandbox, count = 1) {
  await expect.poll(async () => (await sandbox.dials()).length, { message: 'dials' }).toBe(count);
  return sandbox.dials();
}

for (const shadow of ['native', 'synthetic']) {
  test(`a click on a contact’s button dials once, with the record and everything mapped: ${shadow} shadow`, async ({
    page,
    servers,
    sandbox,
  }) => {
    const complained = complaints(page);
    const asked = await openLightning(page, servers, { shadow });
    await putButton(page);
    await button(page).dblclick();
    await expect(page.getByText('Sent to your dock')).toBeVisible();
    const [request] = await dials(sandbox);
    expect(request.body).toEqual(SENT);
    expect(request.raw_body).toContain(JSON.stringify(MORE.deal));
    expect(asked.assertion).toHaveLength(1);
    // Settings are asked for, never who somebody is: Apex knows.
    expect(asked.assertion).toEqual([null]);
    await expect.poll(() => asked.log.length).toBe(1);
    const kept = JSON.parse(asked.log[0].entry);
    expect(kept).toMatchObject({ direction: 'outgoing', number: '+493023125100', outcome: 'handed_over', record: JANA.record });
    expect(kept).not.toHaveProperty('duration');
    expect(complained).toEqual([]);
  });
}

test('the first filled field of the mapping is dialled, or the one that the page names', async ({ page, servers }) => {
  await openLightning(page, servers);
  await place(page, 'c-call-button', { recordId: OMAR.id, objectApiName: 'Contact' });
  await expect(page.getByRole('button', { name: 'Call +49 1522 8817386' })).toBeVisible();
  await place(page, 'c-call-button', { recordId: CONTACT.id, objectApiName: 'Contact', numberField: 'Phone', label: 'Ring the office' });
  await expect(page.getByRole('button', { name: 'Ring the office' })).toBeVisible();
});

test('what the user may not see of a record is left out, and what is empty is null', async ({ page, servers, sandbox }) => {
  await openLightning(page, servers);
  await page.evaluate((id) => {
    delete window.org.records.find((record) => record.id === id).fields.Plan__c;
  }, OMAR.id);
  await place(page, 'c-call-button', { recordId: OMAR.id, objectApiName: 'Contact' });
  await button(page).click();
  const [{ body }] = await dials(sandbox);
  const { patchcord_record: record, ...payload } = body.custom;
  expect(payload).toEqual({ name: 'Omar Ott', title: null, account: null });
  expect(record).toMatchObject({ system: 'salesforce', type: 'Contact', id: OMAR.id });
});

test('a record without a number has no button that works, and says so', async ({ page, servers, sandbox }) => {
  await openLightning(page, servers);
  await place(page, 'c-call-button', { recordId: NOBODY.id, objectApiName: 'Contact' });
  await expect(page.getByRole('button', { name: 'No number' })).toBeDisabled();
  expect(await sandbox.dials()).toEqual([]);
});

test('a flow or a page without a record gives the number itself, as it is written in the org’s country', async ({
  page,
  servers,
  sandbox,
}) => {
  await openLightning(page, servers, { settings: { region: 'DE' } });
  await place(page, 'c-call-button', { number: '(030) 231251-00', payload: JSON.stringify(MORE) });
  await page.evaluate(() => {
    window.told = [];
    document.addEventListener('lightning__flowattributechange', ({ detail }) => window.told.push(detail));
  });
  await page.getByRole('button', { name: /^Call/ }).click();
  const [{ body }] = await dials(sandbox);
  expect(body).toEqual({ username: 'alex@acme', number: '493023125100', custom: MORE });
  await expect.poll(() => page.evaluate(() => window.told)).toEqual([{ attributeName: 'outcome', newValue: 'accepted' }]);
});

test('a guest of an Experience site gets no button, and Apex is not asked who they are', async ({ page, servers }) => {
  const asked = await openLightning(page, servers, { isGuest: true });
  await putButton(page);
  await expect.poll(() => asked.settings.length).toBe(1);
  await expect(page.getByRole('button')).toHaveCount(0);
  expect(asked.assertion).toEqual([]);
});

test('a list has a button for each of its records', async ({ page, servers, sandbox }) => {
  const complained = complaints(page);
  await openLightning(page, servers);
  await place(page, 'c-call-list', { objectApiName: 'Contact', listViewApiName: 'AllContacts' });
  const row = (name) => page.getByRole('row').filter({ hasText: name });
  await expect(row('Nora Nobody').getByRole('button', { name: 'No number' })).toBeDisabled();
  await row('Omar Ott').getByRole('link').click();
  expect(await seen(page, 'navigated')).toMatchObject([{ attributes: { recordId: OMAR.id, actionName: 'view' } }]);
  await row('Jana Petersen').getByRole('button').click();
  const [{ body }] = await dials(sandbox);
  expect(body).toEqual({ ...SENT, custom: { ...JANA.payload, patchcord_record: JANA.record } });
  expect(complained).toEqual([]);
});

test('buttons, list and phone can be used by everybody', async ({ page, servers }) => {
  await withAxe(page);
  await openLightning(page, servers);
  await putPhone(page);
  await place(page, 'c-call-list', { objectApiName: 'Contact', listViewApiName: 'AllContacts' });
  await putButton(page);
  await expect(page.getByRole('button', { name: /^Call \+49/ })).toHaveCount(3);
  await passes(page, 'components');
});

for (const shadow of ['native', 'synthetic']) {
  test(`where the phone is open it gets the click, once, and the call is kept once: ${shadow} shadow`, async ({
    page,
    servers,
    sandbox,
  }) => {
    const complained = complaints(page);
    await watchDials(page);
    const asked = await openLightning(page, servers, { shadow });
    await putPhone(page);
    await putButton(page);
    await button(page).dblclick();
    await expect(page.getByText('Handed to the phone')).toBeVisible();
    const [request] = await dials(sandbox);
    expect(request.body).toEqual(SENT);
    const published = await seen(page, 'published');
    expect(published.filter(({ type }) => type === 'dial')).toHaveLength(1);
    // As an older relay takes it.
    expect(await ages(page)).toEqual([undefined]);

    await expect.poll(() => asked.log.length).toBe(1);
    const entry = JSON.parse(asked.log[0].entry);
    expect(entry).toMatchObject({
      direction: 'outgoing',
      number: '+493023125100',
      outcome: 'handed_over',
      record: JANA.record,
      payload: { ...JANA.payload, ...MORE },
    });
    // What the platform does not tell is not claimed.
    expect(entry).not.toHaveProperty('duration');
    expect(await seen(page, 'utility')).toContainEqual({ open: true, autoFocus: true });

    // Reloaded, the phone does not keep it again.
    await page.reload();
    await putPhone(page);
    await putButton(page);
    await expect(button(page)).toBeVisible();
    expect(asked.log).toHaveLength(1);
    await dials(sandbox);
    expect(complained).toEqual([]);
  });
}

test('a click while the phone still loads is kept, told with its age, and dialled once', async ({ page, servers, sandbox }) => {
  await watchDials(page);
  await openLightning(page, servers);
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  await page.route('**/patchcord-host.js', async (route) => {
    await held;
    await route.continue();
  });
  await place(page, 'c-phone', {}, 'footer');
  await putButton(page);
  await expect.poll(async () => (await seen(page, 'published')).map(({ type }) => type)).toContain('here');
  await button(page).click();
  await expect(page.getByText('Handed to the phone')).toBeVisible();
  const clicked = await page.evaluate(() => performance.now());
  expect(await sandbox.dials()).toEqual([]);
  const released = await page.evaluate(() => performance.now());
  release();
  const [{ body }] = await dials(sandbox);
  expect(body).toEqual(SENT);
  const [age] = await ages(page);
  expect(age).toBeGreaterThanOrEqual(released - clicked);
});

test('what the phone refuses is said at the button, and nothing is dialled', async ({ page, servers, sandbox }) => {
  await openLightning(page, servers);
  await putPhone(page);
  await place(page, 'c-call-button', { number: '+1 212 555 0142' });
  await page.getByRole('button', { name: 'Call +1 212 555 0142' }).click();
  await expect(page.locator('main')).toContainText('Numbers of this country are not dialled here.');
  expect(await sandbox.dials()).toEqual([]);
});

test('a phone that goes away gives the click back to the button', async ({ page, servers, sandbox }) => {
  await openLightning(page, servers);
  await putPhone(page);
  await putButton(page);
  await page.evaluate(() => document.querySelector('c-phone').remove());
  await button(page).click();
  await expect(page.getByText('Sent to your dock')).toBeVisible();
  await dials(sandbox);
  expect((await seen(page, 'published')).filter(({ type }) => type === 'dial')).toEqual([]);
});

test('of two phones on a page one alone gets a click, and the other one where that one goes away', async ({ page, servers, sandbox }) => {
  await watchDials(page);
  await openLightning(page, servers);
  await putPhone(page);
  await page.evaluate(() => document.querySelector('c-phone').setAttribute('data-first', ''));
  await place(page, 'c-phone', {}, 'footer');
  const second = page.frameLocator('c-phone:not([data-first]) iframe');
  await expect(second.getByText('Alex Adler')).toBeVisible({ timeout: 20_000 });
  await putButton(page);
  await page.evaluate(() => {
    window.told = [];
    document.addEventListener('lightning__flowattributechange', ({ detail }) => window.told.push(detail.newValue));
  });
  await button(page).click();
  await expect(page.getByText('Handed to the phone')).toBeVisible();
  const [{ body }] = await dials(sandbox);
  expect(body).toEqual(SENT);
  const published = await seen(page, 'published');
  expect(new Set(published.filter(({ type }) => type === 'here').map(({ phone }) => phone)).size).toBe(2);
  // Not even told to the other one, which the relay would refuse for the same number so soon.
  const got = await Promise.all(
    page.frames().filter((one) => one.url().includes('/hosts/')).map((frame) => frame.evaluate(() => window.dials.length)),
  );
  expect(got.toSorted()).toEqual([0, 1]);
  await expect.poll(() => page.evaluate(() => window.told)).toEqual(['in_phone']);

  await page.evaluate(() => document.querySelector('c-phone[data-first]').remove());
  await place(page, 'c-call-button', { recordId: OMAR.id, objectApiName: 'Contact' });
  await page.getByRole('button', { name: 'Call +49 1522 8817386' }).click();
  await dials(sandbox, 2);
  const handed = (await seen(page, 'published')).filter(({ type }) => type === 'dial');
  expect(handed).toHaveLength(2);
  expect(handed[1].phone).not.toBe(handed[0].phone);
});

test('a button that is taken out before its click is answered can be clicked again where it is put back', async ({
  page,
  servers,
  sandbox,
}) => {
  await openLightning(page, servers);
  await page.clock.install();
  // A phone that does not listen yet.
  await page.route('**/patchcord-host.js', () => {});
  await place(page, 'c-phone', {}, 'footer');
  await putButton(page);
  await expect.poll(async () => (await seen(page, 'published')).map(({ type }) => type)).toContain('here');
  await button(page).click();
  await expect(page.getByText('Handed to the phone')).toBeVisible();
  await page.evaluate(() => {
    const button = document.querySelector('c-call-button');
    button.remove();
    // Nobody hears what it answers, nor that it is gone.
    document.querySelector('c-phone').remove();
    document.querySelector('main').append(button);
  });
  await expect(page.getByText('The phone does not answer.')).toBeVisible();
  expect(await sandbox.dials()).toEqual([]);
  // Later than the second half of a double click would come.
  await page.clock.fastForward(4_000);
  await button(page).click();
  await expect(page.getByText('Sent to your dock')).toBeVisible();
  const [{ body }] = await dials(sandbox);
  expect(body).toEqual(SENT);
});

test('the agent works with calls in the utility bar, and Salesforce hears each state', async ({ page, servers, sandbox }) => {
  await listOrigins(servers, 'acme-salesforce', [ORG], 'provider = "babelforce"');
  const asked = await openLightning(page, servers, {
    find: [{ id: CONTACT.id, type: 'Contact', name: 'Jana Petersen' }],
  });
  const desk = new Desk(sandbox);
  await place(page, 'c-phone', {}, 'footer');
  await signIn(page);
  await putButton(page);
  await expect(phone(page).getByLabel('Number to call')).toBeVisible();
  await button(page).click();
  const id = await theCall(sandbox);
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'answer' });
  const looks = async () => (await seen(page, 'utility')).map(({ label }) => label).filter(Boolean);
  await expect.poll(looks).toContain('In a call');
  await desk.act(id, { do: 'hang_up' });
  await expect.poll(async () => (await looks()).at(-1)).toBe('Phone');
  await expect.poll(() => asked.log.length).toBe(1);
  expect(JSON.parse(asked.log[0].entry)).toMatchObject({ outcome: 'connected', record: JANA.record, direction: 'outgoing' });
  const told = (await seen(page, 'published')).filter(({ type }) => type === 'call').map(({ state }) => state);
  expect(new Set(told).size, 'each state once').toBe(told.length);
  expect(told.at(-1)).toBe('ended');
  await expect(page.getByText('Handed to the phone')).toHaveCount(0);

  // A call that comes opens whose number it is, and is kept with them, though the phone was reloaded since it rang.
  const ringing = await desk.ring();
  await expect.poll(() => seen(page, 'navigated')).toMatchObject([
    { type: 'standard__recordPage', attributes: { recordId: CONTACT.id, objectApiName: 'Contact', actionName: 'view' } },
  ]);
  expect(asked.find).toEqual([{ phone: CUSTOMER }]);
  await desk.act(ringing, { who: 'agent', do: 'answer' });
  await page.reload();
  await place(page, 'c-phone', {}, 'footer');
  await expect(phone(page).locator('article[data-call]')).toBeVisible();
  await desk.act(ringing, { do: 'hang_up' });
  await expect.poll(() => asked.log.length).toBe(2);
  expect(JSON.parse(asked.log[1].entry)).toMatchObject({
    direction: 'incoming',
    number: CUSTOMER,
    name: 'Jana Petersen',
    record: { system: 'salesforce', type: 'Contact', id: CONTACT.id, name: 'Jana Petersen' },
  });
});

test('a caller whose number several have is kept without a record', async ({ page, servers, sandbox }) => {
  await listOrigins(servers, 'acme-salesforce', [ORG], 'provider = "babelforce"');
  const asked = await openLightning(page, servers, {
    find: [CONTACT, OMAR].map(({ id, fields }) => ({ id, type: 'Contact', name: fields.Name })),
  });
  const desk = new Desk(sandbox);
  await place(page, 'c-phone', {}, 'footer');
  await signIn(page);
  await expect(phone(page).getByLabel('Number to call')).toBeVisible();
  await desk.act(await desk.call(), { do: 'hang_up' });
  await expect.poll(() => asked.log.length).toBe(1);
  expect(JSON.parse(asked.log[0].entry)).not.toHaveProperty('record');
  expect(await seen(page, 'navigated')).toEqual([]);
});

test('a phone that the page starts closed is opened by the first call that comes', async ({ page, servers, sandbox }) => {
  await listOrigins(servers, 'acme-salesforce', [ORG], 'provider = "babelforce"');
  await openLightning(page, servers);
  await place(page, 'c-phone', {}, 'footer');
  await signIn(page);
  await expect(phone(page).getByLabel('Number to call')).toBeVisible();

  await page.reload();
  await page.evaluate(() => {
    document.querySelector('footer').hidden = true;
  });
  await place(page, 'c-phone', {}, 'footer');
  await expect(phone(page).getByLabel('Number to call')).toBeAttached();
  await new Desk(sandbox).ring();
  await expect.poll(() => seen(page, 'utility')).toContainEqual({ open: true, autoFocus: true });
});

test('a page of an origin that is not listed gets no phone, no word and no dial', async ({ page, servers, sandbox }) => {
  await listOrigins(servers, 'acme-salesforce', ['https://other.lightning.force.com']);
  const asked = await openLightning(page, servers);
  const blocked = page.waitForEvent('console', (message) => /frame-ancestors/i.test(message.text()));
  await place(page, 'c-phone', {}, 'footer');
  await blocked;
  await page.evaluate(() => {
    window.heard = [];
    addEventListener('message', ({ data }) => window.heard.push(data));
    const { contentWindow } = document.querySelector('c-phone').shadowRoot.querySelector('iframe');
    contentWindow.postMessage({ patchcord: 1, type: 'hello' }, '*');
    contentWindow.postMessage({ patchcord: 1, type: 'dial', id: '1', number: '+493023125100' }, '*');
  });
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 0)));
  expect(asked.assertion).toEqual([]);
  expect(await page.evaluate(() => window.heard)).toEqual([]);
  expect(await sandbox.dials()).toEqual([]);
});

test('messages of another frame, and of another origin, are not those of the phone', async ({ page, servers }) => {
  const asked = await openLightning(page, servers);
  await putPhone(page);
  const before = { assertions: asked.assertion.length, logs: asked.log.length };
  await page.evaluate(async () => {
    const frame = document.createElement('iframe');
    const done = new Promise((resolve) => addEventListener('message', ({ data }) => data === 'done' && resolve()));
    frame.srcdoc = `<script>
      for (const type of ['assertion', 'log', 'show']) parent.postMessage({ patchcord: 1, type, id: 'x', entry: {}, record: { id: '1' } }, '*');
      parent.postMessage('done', '*');
    </scr` + 'ipt>';
    document.body.append(frame);
    // The page itself, at its own origin, neither.
    postMessage({ patchcord: 1, type: 'assertion', id: 'y' }, '*');
    await done;
  });
  expect(asked.assertion).toHaveLength(before.assertions);
  expect(asked.log).toHaveLength(before.logs);
  expect(await seen(page, 'navigated')).toEqual([]);
});
