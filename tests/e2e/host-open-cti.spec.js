// Salesforce Open CTI: the softphone of a call centre, in an org that answers as the Open CTI guide documents.
import { expect, test as base } from './servers.js';
import { choose } from './panel.js';
import { Desk, CUSTOMER } from './desk.js';
import { theCall } from './calls.js';
import { frameOptions } from './hosts.js';
import { ORG, callCentre, clickPhone, expectDocumented, openOrg, softphone } from './org.js';

base.use({ launchOptions: frameOptions() });

const CONTACT = '0037S000004TqQXQA0';
const CLICK = { number: '+49 1522 8817386', recordId: CONTACT, recordName: 'Ada Lovelace', objectType: 'Contact' };
/** As a compound field and a number come from Apex. */
const FIELDS = {
  Name: 'Ada Lovelace',
  Plan__c: 'gold',
  Custom_Score__c: 87.5,
  MailingAddress: { city: 'London', geo: [51.5, -0.1], po: null },
};
const PAYLOAD = '{ name = "Name", plan = "Plan__c", score = "Custom_Score__c", address = "MailingAddress" }';

/** An org whose agent is signed in at the platform and ready. */
const test = base.extend({
  desk: async ({ sandbox }, use) => {
    await use(new Desk(sandbox));
  },
  openAtWork: async ({ page, servers }, use) => {
    let opened;
    await use(async (options = {}) => {
      await callCentre(servers, { payload: PAYLOAD, ...options.centre });
      opened = await openOrg(page, servers, { phones: { Mobile: CLICK }, ...options });
      opened.records[CONTACT] = FIELDS;
      await signIn(page);
      return opened;
    });
    if (opened) expectDocumented(opened);
  },
});

/** Signs the agent in at the platform and waits until numbers can be clicked. */
async function signIn(page, user = '005ALEX') {
  const button = softphone(page).getByRole('button', { name: /sign in/i });
  const [popup] = await Promise.all([page.waitForEvent('popup'), button.click()]);
  await choose(popup, user);
  await expect(page.getByRole('button', { name: 'Mobile', exact: true })).toBeEnabled();
}

/** What the platform was told with the only dial: its session, with nested values as they were. */
async function dialled(desk) {
  await expect.poll(() => desk.sent('placeCall')).toHaveLength(1);
  const [{ placeCall }] = await desk.sent('placeCall');
  const values = Object.entries(placeCall.session ?? {}).map(([key, text]) => [
    key,
    text.startsWith('json:') ? JSON.parse(text.slice(5)) : text,
  ]);
  return { to: placeCall.to, session: Object.fromEntries(values) };
}

test('a click on a phone number dials once, with the record and its mapped fields', async ({ page, openAtWork, desk }) => {
  const org = await openAtWork();
  await clickPhone(page, 'Mobile');
  const { to, session } = await dialled(desk);
  expect(to).toBe(CUSTOMER);
  expect(session).toEqual({
    name: 'Ada Lovelace',
    plan: 'gold',
    score: 87.5,
    address: { city: 'London', geo: [51.5, -0.1], po: null },
    patchcord_record: {
      system: 'salesforce',
      type: 'Contact',
      id: CONTACT,
      name: 'Ada Lovelace',
      url: `${ORG}/lightning/r/Contact/${CONTACT}/view`,
    },
  });
  expect(org.of('onClickToDial')).toHaveLength(1);
});

test('a double click dials once', async ({ page, openAtWork, desk }) => {
  await openAtWork();
  await page.getByRole('button', { name: 'Mobile', exact: true }).dblclick();
  await dialled(desk);
  await clickWhileDisabled(page, 'Mobile');
  await expect(softphone(page).getByText('was not called')).toHaveCount(0);
  expect(await desk.sent('placeCall')).toHaveLength(1);
});

test('a number may be a number, and as its country writes it', async ({ page, openAtWork, desk }) => {
  await openAtWork({ phones: { Mobile: { ...CLICK, number: 15228817386 } } });
  await clickPhone(page, 'Mobile');
  expect((await dialled(desk)).to).toBe(CUSTOMER);
});

test("the call centre's prefix for calls abroad stands for the +", async ({ page, openAtWork, desk }) => {
  await openAtWork({ phones: { Mobile: { ...CLICK, number: '011 49 1522 8817386' } } });
  await clickPhone(page, 'Mobile');
  expect((await dialled(desk)).to).toBe(CUSTOMER);
});

test('a person account tells which person it is, and the parameters of a component go along', async ({ page, openAtWork, desk }) => {
  const account = '0017S000005PqRSQA0';
  const person = {
    number: CUSTOMER,
    recordId: account,
    recordName: 'Grace Hopper',
    objectType: 'Account',
    personAccount: true,
    contactId: CONTACT,
    params: 'campaign=spring 2026, note=a=b, urgent',
  };
  await openAtWork({ phones: { Mobile: person } });
  await clickPhone(page, 'Mobile');
  const { session } = await dialled(desk);
  expect(session).toMatchObject({
    personAccount: true,
    contactId: CONTACT,
    campaign: 'spring 2026',
    note: 'a=b',
    params: 'urgent',
    patchcord_record: { type: 'Account', id: account, name: 'Grace Hopper' },
  });
});

test('a number that belongs to no record is dialled without one', async ({ page, openAtWork, desk }) => {
  const org = await openAtWork({ phones: { Mobile: { number: CUSTOMER } } });
  await clickPhone(page, 'Mobile');
  expect(await dialled(desk)).toEqual({ to: CUSTOMER, session: {} });
  expect(org.of('runApex').map(({ methodName }) => methodName)).not.toContain('fields');
});

test("where the record's fields are refused, the call goes with the record alone and the person reads why", async ({
  page,
  openAtWork,
  desk,
}) => {
  const org = await openAtWork();
  const usual = org.runApex.bind(org);
  org.instead.runApex = (args) => usual(args.methodName === 'fields' ? { ...args, apexClass: 'Gone' } : args);
  await clickPhone(page, 'Mobile');
  const { session } = await dialled(desk);
  expect(Object.keys(session)).toEqual(['patchcord_record']);
  await expect(softphone(page).getByText('Salesforce, runApex: Could not load Apex class: Gone.')).toBeVisible();
});

test("where the record's fields do not come, the call goes without them", async ({ page, openAtWork, desk }) => {
  const org = await openAtWork();
  org.instead.runApex = () => undefined;
  await clickPhone(page, 'Mobile');
  expect(Object.keys((await dialled(desk)).session)).toEqual(['patchcord_record']);
  await expect(softphone(page).getByText('Salesforce, runApex: no answer.')).toBeVisible();
});

test('numbers can be clicked while the agent is ready, and at no other time', async ({ page, openAtWork, sandbox, desk }) => {
  const org = await openAtWork();
  const switches = () => org.calls.map(({ method }) => method).filter((method) => /ClickToDial$/.test(method) && method !== 'onClickToDial');
  expect(switches()).toEqual(['enableClickToDial']);
  const number = page.getByRole('button', { name: 'Mobile', exact: true });
  await number.click();
  await expect(number).toBeDisabled();
  const id = await theCall(sandbox);
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'answer' });
  await desk.act(id, { do: 'hang_up' });
  await expect(number).toBeEnabled();
  await desk.stream('cut');
  await expect(number).toBeDisabled();
  await expect(number).toBeEnabled();
  expect(switches().filter((method, at, all) => method === all[at - 1])).toEqual([]);
});

test('a click that comes before the phone is ready is kept, and dialled once it is', async ({ page, openAtWork, desk }) => {
  const org = await openAtWork();
  const usual = org.runApex.bind(org);
  let signed;
  const held = new Promise((resolve) => (signed = resolve));
  org.instead.runApex = async (args) => {
    if (args.methodName === 'assertion') await held;
    return usual(args);
  };
  await page.reload();
  await expect.poll(() => org.of('onClickToDial').length).toBe(2);
  await clickWhileDisabled(page, 'Mobile');
  await expect(softphone(page).getByText(`Calling ${CUSTOMER} as soon as the phone is ready`)).toBeVisible();
  expect(await desk.sent('placeCall')).toEqual([]);
  signed();
  expect((await dialled(desk)).session.name).toBe('Ada Lovelace');
});

test('a caller is looked for by number, and the record that is found gets the call', async ({ page, openAtWork, desk }) => {
  const org = await openAtWork();
  org.matches[CUSTOMER.slice(1)] = { [CONTACT]: { Id: CONTACT, Name: 'Ada Lovelace', RecordType: 'Contact' } };
  const id = await desk.ring();
  await expect.poll(() => org.of('searchAndScreenPop')).toEqual([
    { searchParams: CUSTOMER.slice(1), callType: 'inbound', deferred: false },
  ]);
  expect(org.of('setSoftphonePanelVisibility')).toContainEqual({ visible: true });
  expect(org.of('setSoftphoneItemIcon').at(-1)).toEqual({ key: 'incoming_call' });
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'hang_up' });
  const task = await onlyTask(org);
  expect(task).toMatchObject({ CallType: 'Inbound', CallObject: id, CallDisposition: 'Connected', WhoId: CONTACT });
  expect(org.of('searchAndScreenPop')).toHaveLength(1);
});

test('a caller is looked for again where the softphone was reloaded meanwhile, and nothing is opened', async ({ page, openAtWork, desk }) => {
  const org = await openAtWork();
  org.matches[CUSTOMER.slice(1)] = { [CONTACT]: { Id: CONTACT, Name: 'Ada Lovelace', RecordType: 'Contact' } };
  const id = await desk.call();
  await expect.poll(() => org.of('searchAndScreenPop')).toHaveLength(1);
  await page.reload();
  await expect(softphone(page).getByRole('article')).toBeVisible();
  await desk.act(id, { do: 'hang_up' });
  expect(await onlyTask(org)).toMatchObject({ CallType: 'Inbound', CallObject: id, WhoId: CONTACT });
  const [, ...later] = org.of('searchAndScreenPop');
  expect(later).toEqual([{ searchParams: CUSTOMER.slice(1), callType: 'inbound', deferred: true }]);
});

test('a caller whose record is known has it opened', async ({ page, openAtWork }) => {
  const org = await openAtWork();
  const frame = page.frames().find((one) => one.url().includes('/hosts/'));
  // No platform of today tells the record of a call that comes; the panel would tell it so.
  await frame.evaluate((record) => {
    const detail = { id: 'c1', call: 'c1', direction: 'incoming', state: 'ringing', number: '+493023125100', record };
    document.querySelector('patchcord-panel').dispatchEvent(new CustomEvent('callstate', { detail }));
  }, { system: 'salesforce', type: 'Contact', id: CONTACT });
  await expect.poll(() => org.of('screenPop')).toEqual([{ type: 'sobject', params: { recordId: CONTACT } }]);
  expect(org.of('searchAndScreenPop')).toEqual([]);
});

test('a caller without a number is not looked for', async ({ page, openAtWork, desk }) => {
  const org = await openAtWork();
  const id = await desk.ring({ number: null });
  await expect.poll(() => org.of('setSoftphonePanelVisibility')).toHaveLength(1);
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'hang_up' });
  await onlyTask(org);
  expect(org.of('searchAndScreenPop')).toEqual([]);
});

test('the utility bar shows the call, each state once', async ({ page, openAtWork, sandbox, desk }) => {
  const org = await openAtWork();
  const labels = () => org.of('setSoftphoneItemLabel').map(({ label }) => label);
  await clickPhone(page, 'Mobile');
  const id = await theCall(sandbox);
  await expect.poll(labels).toContain('Ada Lovelace');
  expect(org.of('setSoftphoneItemIcon').at(-1)).toEqual({ key: 'outbound_call' });
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'answer' });
  await desk.act(id, { do: 'hang_up' });
  await expect.poll(() => labels().at(-1)).toBe('Acme phone');
  expect(labels().filter((label, at, all) => label === all[at - 1])).toEqual([]);
  expect(org.of('setSoftphonePanelLabel')).toEqual([{ label: 'Acme phone' }]);
  const outer = await page.evaluate(() => outerHeight);
  for (const { heightPX } of org.of('setSoftphonePanelHeight')) expect(heightPX).toBeLessThan(outer - 200);
  expect(org.of('notifyInitializationComplete')).toHaveLength(1);
});

test('a call is kept as one Task with its outcome and duration, also where the page was reloaded', async ({
  page,
  openAtWork,
  sandbox,
  desk,
}) => {
  const org = await openAtWork();
  await clickPhone(page, 'Mobile');
  const id = await theCall(sandbox);
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'answer' });
  await expect(softphone(page).locator('.state .word')).toHaveText('Connected');
  await page.reload();
  await expect(softphone(page).locator('.state .word')).toHaveText('Connected');
  expect(org.of('saveLog')).toEqual([]);
  await desk.act(id, { do: 'hang_up' });
  const task = await onlyTask(org);
  const { ActivityDate, CallDurationInSeconds, ...rest } = task;
  expect(rest).toEqual({
    entityApiName: 'Task',
    Subject: `Call: Ada Lovelace, ${CUSTOMER}`,
    Status: 'Completed',
    TaskSubtype: 'Call',
    CallType: 'Outbound',
    CallObject: id,
    CallDisposition: 'Connected',
    WhoId: CONTACT,
  });
  expect(CallDurationInSeconds).toBeGreaterThanOrEqual(0);
  expect(ActivityDate).toBe(await page.evaluate(() => new Date().toLocaleDateString('sv')));
  await expect.poll(() => org.of('refreshView')).toHaveLength(1);
  // The record's page is shown again: nobody writes it a second time.
  await page.reload();
  await expect(page.getByRole('button', { name: 'Mobile', exact: true })).toBeEnabled();
  expect(org.of('saveLog')).toHaveLength(1);
});

test('a call of a case that nobody answered is kept with the case', async ({ page, openAtWork, sandbox, desk }) => {
  const incident = { ...CLICK, recordId: '5007S000002AbCdQAK', recordName: '00001027', objectType: 'Case' };
  const org = await openAtWork({ phones: { Mobile: incident } });
  await clickPhone(page, 'Mobile');
  const id = await theCall(sandbox);
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'no_answer' });
  const task = await onlyTask(org);
  expect(task).toMatchObject({ CallDisposition: 'Not connected', WhatId: incident.recordId });
  expect(task).not.toHaveProperty('WhoId');
});

test('a call that is handed over to a dock is kept as that, and nobody invents how long it was', async ({ page, servers, sandbox }) => {
  await callCentre(servers, { provider: 'samespace', payload: PAYLOAD });
  const org = await openOrg(page, servers, { phones: { Mobile: CLICK } });
  org.records[CONTACT] = FIELDS;
  await clickPhone(page, 'Mobile');
  await expect.poll(() => sandbox.dials()).toHaveLength(1);
  const [{ body }] = await sandbox.dials();
  expect(body.custom).toMatchObject({ score: 87.5, address: FIELDS.MailingAddress, patchcord_record: { type: 'Contact', id: CONTACT } });
  const task = await onlyTask(org);
  expect(task).toMatchObject({ CallDisposition: 'Handed over', WhoId: CONTACT });
  expect(task).not.toHaveProperty('CallDurationInSeconds');
  expectDocumented(org);
});

test("what Salesforce says against a Task is shown, and the Task is written once it can be", async ({
  page,
  openAtWork,
  sandbox,
  desk,
}) => {
  const org = await openAtWork();
  const errors = [{ code: 'GENERIC_ERROR', description: 'An error occurred.', details: [{ message: 'Budget is missing.' }] }];
  org.instead.saveLog = () => ({ success: false, returnValue: null, errors });
  await clickPhone(page, 'Mobile');
  await desk.act(await theCall(sandbox), { who: 'agent', do: 'busy' });
  await expect(softphone(page).getByText('Salesforce, saveLog: An error occurred. Budget is missing.')).toBeVisible();
  delete org.instead.saveLog;
  await onlyTask(org);
  await expect(softphone(page).getByText('Budget is missing.')).toHaveCount(0);
});

test('a call of a lead that was converted meanwhile is kept without it, once', async ({ page, openAtWork, sandbox, desk }) => {
  const lead = { ...CLICK, recordId: '00Q7S000001KQaAUAW', objectType: 'Lead' };
  const org = await openAtWork({ phones: { Mobile: lead } });
  const errors = [{ code: 'GENERIC_ERROR', description: 'An error occurred.', details: { fieldErrors: { WhoId: [{ message: 'cannot reference converted lead' }] } } }];
  const usual = org.saveLog.bind(org);
  org.instead.saveLog = (args) => ('WhoId' in args.value ? { success: false, returnValue: null, errors } : usual(args));
  await clickPhone(page, 'Mobile');
  const id = await theCall(sandbox);
  await desk.act(id, { who: 'agent', do: 'busy' });
  const task = await onlyTask(org);
  expect(task).toMatchObject({ CallObject: id, Subject: `Call: Ada Lovelace, ${CUSTOMER}` });
  expect(task).not.toHaveProperty('WhoId');
  expect(org.of('saveLog')).toHaveLength(2);
  await expect(softphone(page).getByText('could not be written down')).toHaveCount(0);
});

test('a Task whose answer was lost is not written twice', async ({ page, openAtWork, sandbox, desk }) => {
  await page.clock.install();
  const org = await openAtWork();
  const usual = org.saveLog.bind(org);
  org.instead.saveLog = (args) => void usual(args);
  await clickPhone(page, 'Mobile');
  await desk.act(await theCall(sandbox), { who: 'agent', do: 'busy' });
  await expect.poll(() => org.of('saveLog').length).toBe(1);
  const asked = () => org.of('runApex').filter(({ methodName }) => methodName === 'logged').length;
  await expect
    .poll(async () => {
      await page.clock.fastForward(5_000);
      return asked();
    })
    .toBeGreaterThan(1);
  await expect(softphone(page).getByText('could not be written down')).toHaveCount(0);
  expect(org.of('saveLog')).toHaveLength(1);
  expect(org.tasks.size).toBe(1);
});

test('an org that is not listed gets nothing: no script, no session, no message', async ({ page, servers, sandbox }) => {
  await callCentre(servers);
  const evil = 'https://evil.lightning.force.com';
  const asked = [];
  page.context().on('request', (request) => asked.push(request.url()));
  const refused = page.waitForEvent('console', (message) => /frame-ancestors/.test(message.text()));
  const org = await openOrg(page, servers, { phones: { Mobile: CLICK }, at: evil, query: { sfdcIframeOrigin: evil, mode: 'Lightning' } });
  await refused;
  await clickWhileDisabled(page, 'Mobile');
  expect(asked.filter((url) => /opencti_min|patchcord-host|\/v1\//.test(url))).toEqual([]);
  expect(org.calls).toEqual([]);
  expect(await sandbox.requests()).toEqual([]);
});

test("a listed page cannot have another org's library run", async ({ page, servers, sandbox }) => {
  await callCentre(servers);
  const asked = [];
  page.context().on('request', (request) => asked.push(request.url()));
  const org = await openOrg(page, servers, { query: { sfdcIframeOrigin: 'https://evil.lightning.force.com', mode: 'Lightning' } });
  await expect(softphone(page).getByText("is not one of the host's origins")).toBeVisible();
  expect(asked.filter((url) => /^https:\/\/evil|opencti_min|\/v1\//.test(url))).toEqual([]);
  expect(org.calls).toEqual([]);
  expect(await sandbox.requests()).toEqual([]);
});

test('Classic is told that it is not supported', async ({ page, servers }) => {
  await callCentre(servers);
  const org = await openOrg(page, servers, { query: { isdtp: 'vw', sfdcIFrameOrigin: ORG } });
  await expect(softphone(page).getByText('Salesforce Classic is not supported.')).toBeVisible();
  expect(org.calls).toEqual([]);
});

test("what Apex says against an agent is shown in the softphone", async ({ page, servers }) => {
  await callCentre(servers);
  const org = await openOrg(page, servers);
  const errors = [{ code: 'SERVER_ERROR', description: 'Guests have no phone.' }];
  org.instead.runApex = () => ({ success: false, returnValue: null, errors });
  await expect.poll(() => org.of('runApex').length).toBeGreaterThan(0);
  await expect(softphone(page).getByText(/Guests have no phone/)).toBeVisible();
  delete org.instead.runApex;
  await expect(async () => {
    // The panel also tries by itself, and its button is gone then.
    await softphone(page).getByRole('button', { name: 'Try now' }).click({ timeout: 1_000 }).catch(() => {});
    await expect(softphone(page).getByText(/Guests have no phone/)).toHaveCount(0, { timeout: 1_000 });
  }).toPass();
});

/** A click that the org's page would not take: the softphone is told of it nonetheless. */
async function clickWhileDisabled(page, text) {
  await page.getByRole('button', { name: text, exact: true }).evaluate((button) => button.onclick());
}

/** The only Task, once it is there. */
async function onlyTask(org) {
  await expect.poll(() => [...org.tasks.values()], { message: 'a Task' }).toHaveLength(1);
  return [...org.tasks.values()][0];
}
