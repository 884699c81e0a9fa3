// A click in a host's frame: how long it is kept, and that it is never dialled later than that.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from './servers.js';
import { frameOptions, serveAt } from './hosts.js';
import { HOST, NUMBER, dials, frameOf, hear, heard, isReady, openCrm, phone, post } from './host-page.js';

test.use({ launchOptions: frameOptions() });

/**
 * A frame's dialler beside a panel that keeps what it dials in `dialled`. What the panel is asked for of a record comes
 * when `answer(found)` is called.
 */
async function openDialler(page, settings = {}) {
  const { outputFiles } = await build({
    stdin: {
      contents: 'export { Bar } from "./bar.js"; export { Dialler } from "./dial.js";',
      resolveDir: fileURLToPath(new URL('../../web/hosts', import.meta.url)),
    },
    bundle: true,
    format: 'esm',
    external: ['./assets/*'],
    write: false,
  });
  await page.clock.install();
  await serveAt(page.context(), 'https://relay.example', { '/': '<!doctype html><title>A frame</title>' });
  await page.route('https://relay.example/dialler.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: outputFiles[0].text }),
  );
  await page.goto('https://relay.example/');
  await page.evaluate(async (settings) => {
    const { Bar, Dialler } = await import('/dialler.js');
    window.dialled = [];
    const panel = document.createElement('patchcord-panel');
    panel.act = () => void dialled.push(panel.getAttribute('number'));
    panel.lookUp = () => new Promise((done) => (window.answer = done));
    window.agent = (state) => panel.dispatchEvent(new CustomEvent('agentstate', { detail: { state } }));
    const bar = new Bar();
    document.body.append(bar.element, panel);
    const words = { connecting: 'Calling {number}', cancel: 'Cancel', close: 'Close', expired: 'Too late', refused: '{why}', other: '{code}' };
    const dialler = new Dialler({ kind: 'test', name: 'test', ...settings }, panel, bar, words, () => {});
    window.dial = (request) => {
      window.outcome = undefined;
      dialler.dial(request).then(
        ({ id }) => (window.outcome = id && 'dialled'),
        ({ code }) => (window.outcome = code),
      );
    };
  }, settings);
}

const dialled = (page) => page.evaluate(() => dialled);
const outcome = (page) => expect.poll(() => page.evaluate(() => outcome));

const RECORDS = { records: true, entities: { Lead: { number: ['Phone'], payload: { name: 'Name' } } } };

test('a click whose record comes late is not dialled after its time, and says so', async ({ page }) => {
  await openDialler(page, RECORDS);
  await page.evaluate((number) => dial({ number, record: { id: '1' }, entity: 'Lead' }), NUMBER);
  await page.clock.runFor(8_000);
  await page.evaluate(() => agent('ready'));
  await page.waitForFunction(() => window.answer);
  await page.clock.runFor(3_000);
  await page.evaluate(() => answer({ fields: {} }));
  await outcome(page).toBe('expired');
  expect(await dialled(page)).toEqual([]);
  await expect(page.getByText('Too late')).toBeVisible();
});

test('a click whose record comes in time is dialled', async ({ page }) => {
  await openDialler(page, RECORDS);
  await page.evaluate(() => agent('ready'));
  await page.evaluate(() => dial({ record: { id: '1' }, entity: 'Lead' }));
  await page.waitForFunction(() => window.answer);
  await page.clock.runFor(3_000);
  await page.evaluate((Phone) => answer({ fields: { Phone } }), NUMBER);
  await outcome(page).toBe('dialled');
  expect(await dialled(page)).toEqual([NUMBER]);
});

test('a click that comes too old is not dialled, though the phone is ready', async ({ page }) => {
  await openDialler(page);
  await page.evaluate(() => agent('ready'));
  await page.evaluate((number) => dial({ number, since: Date.now() - 10_000 }), NUMBER);
  await outcome(page).toBe('expired');
  await page.evaluate((number) => dial({ number, since: Date.now() - 9_000 }), NUMBER);
  await outcome(page).toBe('dialled');
  expect(await dialled(page)).toHaveLength(1);
});

/** Holds back the engine that reads national numbers, until what is returned is called. */
async function holdEngine(page) {
  let release;
  const released = new Promise((done) => (release = done));
  await page.route('**/patchcord-numbers.js', async (route) => {
    await released;
    await route.fulfill({
      contentType: 'text/javascript',
      body: `export const load = async () => ({ read: () => ({ valid: true, e164: '${NUMBER}' }) });`,
    });
  });
  return release;
}

test('while a national number is read the line is there, and takes the click back', async ({ page }) => {
  await openDialler(page, { region: 'DE' });
  const release = await holdEngine(page);
  await page.evaluate(() => agent('ready'));
  await page.evaluate(() => dial({ number: '030 23125 100' }));
  await expect(page.getByText('Calling 030 23125 100')).toBeVisible();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await outcome(page).toBe('cancelled');
  release();
  await page.evaluate(() => import('/patchcord-numbers.js'));
  expect(await dialled(page)).toEqual([]);
});

test('a national number that is read too late is not dialled', async ({ page }) => {
  await openDialler(page, { region: 'DE' });
  const release = await holdEngine(page);
  await page.evaluate(() => agent('ready'));
  await page.evaluate(() => dial({ number: '030 23125 100' }));
  await page.clock.runFor(10_000);
  await outcome(page).toBe('expired');
  release();
  await page.evaluate(() => import('/patchcord-numbers.js'));
  expect(await dialled(page)).toEqual([]);
  // The engine is there now.
  await page.evaluate(() => dial({ number: '030 23125 100' }));
  await outcome(page).toBe('dialled');
});

test('the same line once more is not read out again, and keeps the focus', async ({ page }) => {
  await openDialler(page);
  await page.evaluate((number) => dial({ number }), NUMBER);
  await page.getByRole('button', { name: 'Cancel' }).focus();
  await page.evaluate(() => {
    window.changes = [];
    new MutationObserver((all) => window.changes.push(...all)).observe(document.querySelector('.bar'), {
      childList: true,
      characterData: true,
      subtree: true,
    });
    for (const state of ['stale', 'starting', 'stale']) agent(state);
  });
  // Each of them has had its turn.
  await page.clock.runFor(1_000);
  expect(await page.evaluate(() => changes.filter(({ target }) => !target.closest?.('button')).length)).toBe(0);
  await expect(page.getByRole('button', { name: 'Cancel' })).toBeFocused();
});

test('what is pressed in the line leaves the focus to the panel', async ({ page }) => {
  await openDialler(page);
  await page.evaluate((number) => dial({ number }), NUMBER);
  await page.evaluate(() => (document.querySelector('patchcord-panel').tabIndex = -1));
  await page.getByRole('button', { name: 'Cancel' }).press('Enter');
  await outcome(page).toBe('cancelled');
  await expect(page.locator('patchcord-panel')).toBeFocused();
});

test('a click that the page has kept is so much older in the frame', async ({ page, servers, sandbox }) => {
  await hear(page);
  let go;
  const held = new Promise((done) => (go = done));
  await page.route('**/patchcord-host.js', async (route) => {
    await held;
    await route.continue();
  });
  // It is not loaded until the frame is.
  const opened = openCrm(page, servers, { more: `window.phone.dial({ number: '${NUMBER}' }); window.clickedAt = performance.now();` });
  await page.waitForFunction(() => performance.now() - window.clickedAt > 1_500);
  go();
  await opened;
  await dials(sandbox);
  const [click] = await frameOf(page).evaluate(() => window.heard.map(({ data }) => data).filter(({ type }) => type === 'dial'));
  expect(click.age).toBeGreaterThan(1_500);
});

test('a dial says how old its click is, and one that is too old is expired at once', async ({ page, servers, sandbox }) => {
  await hear(page);
  await openCrm(page, servers);
  await isReady(page);
  const message = (id, age) => ({ patchcord: 1, type: 'dial', id, number: NUMBER, age });
  await post(page, message('old', 10_000), message('before', -1), message('text', '5'));
  const answers = async () => (await heard(page)).map(({ data }) => data).filter(({ type, error }) => type === 'answer' && error);
  await expect.poll(answers).toHaveLength(3);
  const codes = Object.fromEntries((await answers()).map(({ re, error: { code, field } }) => [re, [code, field]]));
  expect(codes).toEqual({ old: ['expired', undefined], before: ['invalid_field', 'age'], text: ['invalid_field', 'age'] });
  await expect(phone(page).getByText(/was not ready in time/)).toBeVisible();
  expect(await sandbox.dials()).toEqual([]);
});

for (const [what, message] of [
  ['our messages', { patchcord: 1, type: 'dial', id: 'early', number: NUMBER }],
  ['the embed’s messages', { type: 'connect', module: 'calls', name: 'calls.dial', args: { number: NUMBER } }],
]) {
  test(`a click of ${what} that the frame was too long in loading for is expired`, async ({ page, servers, sandbox }) => {
    await hear(page);
    await page.clock.install();
    let go;
    const held = new Promise((done) => (go = done));
    await page.route('**/assets/*/page.js', async (route) => {
      await held;
      await route.continue();
    });
    await openCrm(page, servers, {
      html: `<!doctype html><title>A CRM</title><script>
        const frame = document.createElement('iframe');
        frame.src = '${servers.relay}/hosts/${HOST}';
        frame.onload = () => frame.contentWindow.postMessage(${JSON.stringify(message)}, '${servers.relay}');
        document.documentElement.append(frame);
      </script>`,
    });
    await frameOf(page).waitForFunction(() => window.heard.length > 0);
    await page.clock.fastForward(10_000);
    go();
    const codes = async () => (await heard(page)).map(({ data }) => data.error?.code ?? data.data?.code);
    await expect.poll(codes).toContain('expired');
    expect(await sandbox.dials()).toEqual([]);
  });
}
