// What an agent writes down of a call in the frame: logged with it, and not before they have written it.
import { expect, test } from './servers.js';
import { theCall } from './calls.js';
import { Desk } from './desk.js';
import { frameOptions } from './hosts.js';
import { CRM, NUMBER, RECORD, dial, isReady, openCrm, phone, signIn, told } from './host-page.js';

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
  await page.goto('about:blank');
  await desk.act(id, { do: 'hang_up' });
  await page.goto(`${CRM}/`);
  await isReady(page);
  await page.clock.fastForward(61_000);
  await expect.poll(() => told(page, 'log')).toHaveLength(1);
  expect((await told(page, 'log'))[0]).toMatchObject({ notes: 'Call back on Monday', record: RECORD });
});
