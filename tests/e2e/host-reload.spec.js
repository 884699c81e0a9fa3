// A page with the phone in a frame is reloaded in the middle of a call: the call is shown, and logged once and as it was.
import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from './servers.js';
import { Desk } from './desk.js';
import { theCall } from './calls.js';
import { frameOptions } from './hosts.js';
import { NUMBER, PAYLOAD, RECORD, dial, isReady, kept, openCrm, phone, signIn, told } from './host-page.js';

test.use({ launchOptions: frameOptions() });

/** What the relay's host has for agents of babelforce. */
const BABELFORCE = 'provider = "babelforce"';

/** The states that the page was told since it was opened, oldest first. */
const states = async (page) => (await told(page, 'call')).map(({ state }) => state);

/** From now on the relay asks babelforce for calls, and does not know of the desk that agents have there. */
async function withoutDesk(servers) {
  const config = await readFile(servers.config, 'utf8');
  await writeFile(servers.config, config.replace(/^agent_api = .*\n/gm, ''));
  await servers.restartRelay();
}

test('a call that the relay follows goes on over a reload while it rings, can be ended, and is logged once, when it is over', async ({
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  await openCrm(page, servers, { listed: BABELFORCE });
  await withoutDesk(servers);
  await page.reload();
  await isReady(page);
  await dial(page, { number: NUMBER, record: RECORD, payload: PAYLOAD });
  const id = await theCall(sandbox);
  await expect.poll(() => states(page)).toContain('ringing');
  await expect.poll(() => kept(page)).toContain('call_');

  await page.reload();
  await expect.poll(() => states(page), { timeout: 20_000 }).toContain('ringing');
  const hangUp = phone(page).getByRole('button', { name: 'Hang up', exact: true });
  await expect(hangUp).toBeVisible();
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'answer' });
  await expect.poll(() => states(page), { timeout: 20_000 }).toContain('connected');
  expect(await told(page, 'log')).toEqual([]);
  // Once a click is taken: one right after the card has changed was meant for what stood there before.
  await expect(async () => {
    await hangUp.click({ timeout: 1_000 });
    await expect(hangUp).toBeHidden({ timeout: 1_000 });
  }).toPass();
  await expect.poll(() => told(page, 'log')).toHaveLength(1);
  const [entry] = await told(page, 'log');
  expect(entry).toMatchObject({ number: NUMBER, outcome: 'connected', record: RECORD, payload: PAYLOAD });
  expect(entry.duration).toBeGreaterThanOrEqual(0);
  await page.reload();
  await isReady(page);
  expect(await told(page, 'log')).toEqual([entry]);
});

test('a dial whose page is reloaded before the platform has said a word of it is logged with its record', async ({
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  await openCrm(page, servers, { listed: BABELFORCE });
  await signIn(page);
  await isReady(page);
  const send = '/babelconnect.v1.Agent/Send';
  await sandbox.forget();
  await sandbox.faults([{ match: { path: send }, times: 1, delay_ms: 3_000 }]);
  await dial(page, { number: NUMBER, record: RECORD, payload: PAYLOAD });
  const sent = async () => (await sandbox.requests()).filter(({ path }) => path === send);
  await expect.poll(sent).toHaveLength(1);
  await page.reload();
  expect((await sent())[0].handled, 'the platform knows nothing of it yet').toBe(false);
  const id = await theCall(sandbox);
  await expect.poll(() => states(page), { timeout: 20_000 }).toContain('ringing');
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'answer' });
  await expect.poll(() => states(page)).toContain('connected');
  await desk.act(id, { do: 'hang_up' });
  await expect.poll(() => told(page, 'log')).toHaveLength(1);
  expect((await told(page, 'log'))[0]).toMatchObject({ id, number: NUMBER, outcome: 'connected', record: RECORD, payload: PAYLOAD });
});
