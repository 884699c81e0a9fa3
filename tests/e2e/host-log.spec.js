// What the frame keeps of a call whose dial nobody answered: logged once, and as what is known of it in the end.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from './servers.js';
import { serveAt } from './hosts.js';
import { RECORD } from './calls.js';

/** A dial: what the frame's log hears of it. */
const DIAL = { id: 'click', direction: 'outgoing', number: '+493023125100', record: RECORD };
const UNKNOWN = { ...DIAL, state: 'unknown' };
/** The same one as the platform shows it. */
const SHOWN = { ...DIAL, call: 'platform', state: 'ringing' };

/** A window with a log of its own in it; what it hands to the CRM is in `entries`. */
async function openLog(page) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../../web/hosts/log.js', import.meta.url))],
    bundle: true,
    format: 'iife',
    globalName: 'bundle',
    write: false,
  });
  await page.clock.install();
  await serveAt(page.context(), 'https://relay.example', { '/': '<p>A frame</p>' });
  await page.goto('https://relay.example/');
  await page.addScriptTag({ content: outputFiles[0].text });
  await page.evaluate(() => {
    window.entries = [];
    const keep = async (entry) => void entries.push(entry);
    window.log = new bundle.CallLog('test', keep, (why) => why && reportError(why));
    // Behind what the log does by itself, which asks the same before it.
    window.isKept = async () => {
      await navigator.locks.query();
      await navigator.locks.request('patchcord:calls:test', () => {});
    };
  });
}

/** What a log hears; it goes on writing when this is done. */
const hear = (page, ...calls) =>
  page.evaluate(async (calls) => {
    for (const call of calls) {
      log.hear(call);
      await isKept();
    }
  }, calls);

const entries = (page) => page.evaluate(() => entries);

/** Everything that is due is done. */
async function pass(page, milliseconds) {
  await page.clock.runFor(milliseconds);
  await page.evaluate(() => isKept());
}

test('a dial of which nobody knows is logged as unknown, once a dead stream would have been noticed', async ({ page }) => {
  await openLog(page);
  await hear(page, UNKNOWN);
  // The core takes a stream for dead after 45 s without a word.
  await pass(page, 60_000);
  expect(await entries(page)).toEqual([]);
  await pass(page, 60_000);
  await expect.poll(() => entries(page)).toHaveLength(1);
  expect((await entries(page))[0]).toMatchObject({ id: 'click', outcome: 'unknown', record: RECORD });
  expect((await entries(page))[0]).not.toHaveProperty('until');
});

test('a dial in doubt that shows after all is logged as the call that it was, and not as unknown', async ({ page }) => {
  await openLog(page);
  await hear(page, UNKNOWN);
  await pass(page, 40_000);
  await hear(page, SHOWN);
  await pass(page, 120_000);
  expect(await entries(page)).toEqual([]);
  await hear(page, { ...SHOWN, state: 'ended', connectedAt: 1, duration: 7 });
  await expect.poll(() => entries(page)).toHaveLength(1);
  expect((await entries(page))[0]).toMatchObject({ id: 'platform', outcome: 'connected', duration: 7, record: RECORD });
  await pass(page, 120_000);
  expect(await entries(page)).toHaveLength(1);
});

test('a dial that was logged as unknown is not logged once more when it shows', async ({ page, context }) => {
  await openLog(page);
  await hear(page, UNKNOWN);
  await pass(page, 120_000);
  await expect.poll(() => entries(page)).toHaveLength(1);
  await hear(page, SHOWN, { ...SHOWN, state: 'ended', connectedAt: 1 });
  // Nor by a window that knows it by the platform's id alone.
  const other = await context.newPage();
  await openLog(other);
  await hear(other, { ...SHOWN, id: 'platform', state: 'ended', connectedAt: 1 });
  for (const window of [page, other]) await pass(window, 120_000);
  expect(await entries(page)).toHaveLength(1);
  expect(await entries(other)).toEqual([]);
});

test('a dial that was in doubt and then refused is no call, and is not logged', async ({ page }) => {
  await openLog(page);
  await hear(page, UNKNOWN, { ...DIAL, state: 'refused' });
  await pass(page, 240_000);
  expect(await entries(page)).toEqual([]);
});

test('a reload while nobody knows keeps the doubt, and it is logged once', async ({ page }) => {
  await openLog(page);
  await hear(page, UNKNOWN);
  await openLog(page);
  await page.evaluate(() => log.settle(() => false));
  await pass(page, 240_000);
  await expect.poll(() => entries(page)).toHaveLength(1);
  expect((await entries(page))[0]).toMatchObject({ id: 'click', outcome: 'unknown', record: RECORD });
});

test('a doubt that was reloaded is the call to its number that the platform then shows, with its record', async ({ page }) => {
  await openLog(page);
  await hear(page, UNKNOWN);
  await openLog(page);
  const { record: _, ...shown } = { ...SHOWN, id: 'platform' };
  await hear(page, shown);
  await page.evaluate(() => log.settle((id) => id === 'platform'));
  await hear(page, { ...shown, state: 'ended' });
  await pass(page, 240_000);
  await expect.poll(() => entries(page)).toHaveLength(1);
  expect((await entries(page))[0]).toMatchObject({ id: 'platform', outcome: 'not_connected', record: RECORD });
});

/** A dial of which nothing was told yet: what the frame's log is told when it is sent. */
const SENT = { id: 'click', number: DIAL.number, record: RECORD, payload: { plan: 'gold' } };

/** A number is dialled; it is written down when this is done. */
const dialled = (page, dial) => page.evaluate((dial) => log.dialled(dial), dial);

test('a dial whose page is reloaded before a word of it was told is the call to its number that shows then', async ({ page }) => {
  await openLog(page);
  await dialled(page, SENT);
  await openLog(page);
  // The platform knows of no call yet.
  await page.evaluate(() => log.settle(() => false));
  await pass(page, 10_000);
  expect(await entries(page)).toEqual([]);
  const { record: _, ...shown } = { ...SHOWN, id: 'platform' };
  await hear(page, shown, { ...shown, state: 'ended', connectedAt: 1, duration: 7 });
  await expect.poll(() => entries(page)).toHaveLength(1);
  const [entry] = await entries(page);
  expect(entry).toMatchObject({ id: 'platform', outcome: 'connected', duration: 7, name: RECORD.name, record: RECORD, payload: SENT.payload });
  expect(entry).not.toHaveProperty('isOnlyDialled');
  await pass(page, 120_000);
  expect(await entries(page)).toHaveLength(1);
});

test('a dial that goes on where it was sent is one call, also for another window that hears of it first', async ({ page, context }) => {
  await openLog(page);
  await dialled(page, SENT);
  const other = await context.newPage();
  await openLog(other);
  await hear(other, { ...SHOWN, id: 'platform', record: undefined });
  await hear(page, { ...SHOWN, state: 'requested' }, SHOWN);
  for (const window of [other, page]) await hear(window, { ...SHOWN, id: window == page ? 'click' : 'platform', state: 'ended' });
  for (const window of [other, page]) await pass(window, 120_000);
  const all = [...(await entries(page)), ...(await entries(other))];
  expect(all).toHaveLength(1);
  expect(all[0]).toMatchObject({ id: 'platform', outcome: 'not_connected', record: RECORD, payload: SENT.payload });
});

test('windows that write at the same time lose nothing of each other', async ({ page, context }) => {
  const other = await context.newPage();
  for (const window of [page, other]) await openLog(window);
  const hundred = (prefix) => Array.from({ length: 100 }, (_, i) => ({ ...SHOWN, id: prefix + i, call: prefix + i, number: `+4930231${i}` }));
  await Promise.all([hear(page, ...hundred('a')), hear(other, ...hundred('b'))]);
  const kept = await page.evaluate(async () => {
    // What the other one wrote last is seen here a little later.
    for (;;) {
      const { calls } = JSON.parse(localStorage.getItem('patchcord:calls:test'));
      if (['a99', 'b99'].every((id) => calls[id])) return Object.keys(calls);
      await new Promise((done) => addEventListener('storage', done, { once: true }));
    }
  });
  expect(kept).toHaveLength(200);
});

test('a dial that was refused, or of which nothing came in half a minute, lends its record to no later call', async ({ page }) => {
  const ways = { refused: () => hear(page, { ...DIAL, state: 'refused' }), silent: () => pass(page, 31_000) };
  for (const [call, away] of Object.entries(ways)) {
    await openLog(page);
    await dialled(page, SENT);
    await away();
    await page.evaluate(() => log.settle(() => false));
    await pass(page, 10_000);
    expect(await entries(page)).toEqual([]);
    const shown = { ...SHOWN, id: call, call, record: undefined };
    await hear(page, shown, { ...shown, state: 'ended' });
    await expect.poll(() => entries(page)).toHaveLength(1);
    const [entry] = await entries(page);
    expect(entry.id).toBe(call);
    expect(entry).not.toHaveProperty('record');
  }
});

test('of two dials to a number the call that shows first after a reload is the newer one', async ({ page }) => {
  await openLog(page);
  await dialled(page, SENT);
  const newer = { ...RECORD, id: 'another' };
  await dialled(page, { ...SENT, id: 'redial', record: newer });
  await openLog(page);
  const shown = { ...SHOWN, id: 'platform', record: undefined };
  await hear(page, shown, { ...shown, state: 'ended' });
  await expect.poll(() => entries(page)).toHaveLength(1);
  expect((await entries(page))[0].record).toEqual(newer);
});
