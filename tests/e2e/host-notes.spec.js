// What an agent writes down of a call in the frame: logged with it, and not before they have written it.
import { expect, test } from './servers.js';
import { theCall } from './calls.js';
import { CUSTOMER, Desk } from './desk.js';
import { frameOptions, signedBy } from './hosts.js';
import { CRM, NUMBER, RECORD, dial, frameOf, isReady, kept, keptAs, openCrm, phone, signIn, told } from './host-page.js';

test.use({ launchOptions: frameOptions() });

const notes = (page) => phone(page).getByLabel(/^Notes on/);
const save = (page) => phone(page).getByRole('button', { name: 'Save', exact: true });

/** A call that was placed from the page and is talked in: its id at the platform. */
async function talking(page, servers, desk) {
  await openCrm(page, servers, { listed: 'provider = "babelforce"' });
  await signIn(page);
  await isReady(page);
  await dial(page, { number: NUMBER, record: RECORD });
  const id = await theCall(servers.sandbox);
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'answer' });
  await expect(notes(page)).toBeVisible();
  return id;
}

/** Until one call is logged, minutes later by the page's clock. */
async function isLogged(page) {
  const later = async () => {
    await page.clock.fastForward(61_000);
    return told(page, 'log');
  };
  await expect.poll(later).toHaveLength(1);
}

test('notes go into the log, which waits for the agent to save them', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  const id = await talking(page, servers, desk);
  await expect(phone(page).getByLabel(`Notes on ${NUMBER}`)).toBeVisible();
  await notes(page).fill('Wants an offer for two heat pumps');
  await expect(save(page)).toBeHidden();
  await desk.act(id, { do: 'hang_up' });
  await expect(save(page)).toBeVisible();
  await notes(page).pressSequentially(', by Friday');
  expect(await told(page, 'log')).toEqual([]);
  await save(page).click();
  await expect.poll(() => told(page, 'log')).toHaveLength(1);
  const [entry] = await told(page, 'log');
  expect(entry).toMatchObject({ outcome: 'connected', record: RECORD, notes: 'Wants an offer for two heat pumps, by Friday' });
  // How long it waits is nobody's business but the frame's.
  expect(entry).not.toHaveProperty('until');
  await expect(notes(page)).toBeHidden();
});

test('a call without notes is logged at once', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  const id = await talking(page, servers, desk);
  await desk.act(id, { do: 'hang_up' });
  await expect.poll(() => told(page, 'log')).toHaveLength(1);
  expect((await told(page, 'log'))[0]).not.toHaveProperty('notes');
  await expect(notes(page)).toBeHidden();
});

test('notes that were begun are not lost with the page, and are logged once nobody writes any more', async ({
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  await page.clock.install();
  const id = await talking(page, servers, desk);
  await notes(page).fill('Call back on Monday');
  await expect.poll(() => kept(page)).toContain('Call back on Monday');
  await page.goto('about:blank');
  await desk.act(id, { do: 'hang_up' });
  await page.goto(`${CRM}/`);
  await isReady(page);
  await isLogged(page);
  expect((await told(page, 'log'))[0]).toMatchObject({ notes: 'Call back on Monday', record: RECORD });
});

test('what was written before a reload is in the field after it, to be gone on with', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  const id = await talking(page, servers, desk);
  await notes(page).fill('Wants an offer');
  await expect.poll(() => kept(page)).toContain('Wants an offer');
  await page.reload();
  await expect(notes(page)).toHaveValue('Wants an offer');
  await notes(page).press('End');
  await notes(page).pressSequentially(' by Friday');
  await desk.act(id, { do: 'hang_up' });
  await save(page).click();
  await expect.poll(() => told(page, 'log')).toHaveLength(1);
  expect((await told(page, 'log'))[0]).toMatchObject({ notes: 'Wants an offer by Friday', record: RECORD });
});

test('what was written before a reload is logged though nobody touches it after', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  await page.clock.install();
  const id = await talking(page, servers, desk);
  await notes(page).fill('Wants an offer');
  await expect.poll(() => kept(page)).toContain('Wants an offer');
  await page.reload();
  await expect(notes(page)).toHaveValue('Wants an offer');
  await desk.act(id, { do: 'hang_up' });
  await expect(notes(page)).toBeHidden();
  await isLogged(page);
  expect((await told(page, 'log'))[0]).toMatchObject({ notes: 'Wants an offer', record: RECORD });
});

test('what was typed last before the page goes away is kept, though another window writes', async ({
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  await page.clock.install();
  const id = await talking(page, servers, desk);
  await expect.poll(() => kept(page)).toContain(id);
  // Nobody else gets at what is kept.
  const name = await keptAs(page);
  await frameOf(page).evaluate((name) => void navigator.locks.request(name, () => new Promise(() => {})), name);
  await notes(page).fill('Call back on Tuesday');
  expect(await kept(page)).not.toContain('Call back on Tuesday');
  await page.goto('about:blank');
  await desk.act(id, { do: 'hang_up' });
  await page.goto(`${CRM}/`);
  await isReady(page);
  await isLogged(page);
  expect((await told(page, 'log'))[0]).toMatchObject({ notes: 'Call back on Tuesday', record: RECORD });
});

test('a call that comes while the notes of the last one are open gets a field when they are saved', async ({
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  const id = await talking(page, servers, desk);
  await notes(page).fill('Wants an offer');
  await desk.act(id, { do: 'hang_up' });
  await expect(save(page)).toBeVisible();
  const next = await desk.call({ number: CUSTOMER });
  await expect.poll(async () => (await told(page, 'call')).map(({ call, state }) => `${call} ${state}`)).toContain(`${next} connected`);
  await expect(phone(page).getByLabel(`Notes on ${NUMBER}`)).toHaveValue('Wants an offer');
  await save(page).click();
  await expect(phone(page).getByLabel(`Notes on ${CUSTOMER}`)).toHaveValue('');
  // Whoever used the keyboard is still where the phone is.
  await expect(phone(page).locator('patchcord-panel')).toBeFocused();
  await notes(page).fill('Complains');
  await desk.act(next, { do: 'hang_up' });
  await save(page).click();
  await expect.poll(async () => (await told(page, 'log')).map(({ number, notes }) => [number, notes])).toEqual([
    [NUMBER, 'Wants an offer'],
    [CUSTOMER, 'Complains'],
  ]);
  await expect(notes(page)).toBeHidden();
});

/** A second window of the same agent, in the same call. */
async function secondWindow(page, servers) {
  const other = await page.context().newPage();
  await other.exposeFunction('sign', () => signedBy(servers));
  await other.goto(`${CRM}/`);
  await expect(notes(other)).toBeVisible();
  return other;
}

test('a second window in which nobody types leaves the notes to the first', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  const id = await talking(page, servers, desk);
  const other = await secondWindow(page, servers);
  await notes(page).fill('Wants an offer');
  await desk.act(id, { do: 'hang_up' });
  await expect(notes(other)).toBeHidden();
  await expect(save(page)).toBeVisible();
  await notes(page).pressSequentially(' by Friday');
  await save(page).click();
  const logs = async () => [...(await told(page, 'log')), ...(await told(other, 'log'))];
  await expect.poll(logs).toHaveLength(1);
  expect((await logs())[0]).toMatchObject({ notes: 'Wants an offer by Friday', record: RECORD });
});

test('notes of a window that was left are not deleted by another one in which nobody typed', async ({
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  await page.clock.install();
  const id = await talking(page, servers, desk);
  const other = await secondWindow(page, servers);
  await notes(page).fill('Call back on Monday');
  await expect.poll(() => kept(page)).toContain('Call back on Monday');
  await page.goto('about:blank');
  await desk.act(id, { do: 'hang_up' });
  await expect(notes(other)).toBeHidden();
  const later = async () => {
    await other.clock.fastForward(61_000);
    return told(other, 'log');
  };
  await expect.poll(later).toHaveLength(1);
  expect((await told(other, 'log'))[0]).toMatchObject({ notes: 'Call back on Monday', record: RECORD });
});
