// The agent's panel when something goes wrong in the middle of a call: what is shown becomes right again by itself,
// nothing is sent twice, and the person is told what they have to know.
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { press } from './calls.js';
import {
  Desk,
  atWork,
  button,
  card,
  expectState,
  forgetStates,
  hurry,
  lost,
  openDesk,
  panel,
  states,
  watchStates,
} from './desk.js';
import { openPanel, panelMarkup, signIn } from './panel.js';
import { expect, test } from './servers.js';

const SUBSCRIBE = '/babelconnect.v1.Agent/Subscribe';
const SEND = '/babelconnect.v1.Agent/Send';
const AGENT_API = '/babelconnect.v1.Agent/*';
const OTHER = '+493099887766';

/** A panel in mid-call; the call is on hold, by one click. */
async function inCall(page, servers, sandbox, options) {
  const desk = new Desk(sandbox);
  await watchStates(page);
  await openDesk(page, servers, options);
  const call = await desk.call();
  await press(page, 'Hold');
  await expectState(page, 'On hold');
  expect(await desk.sent('hold')).toHaveLength(1);
  await forgetStates(page);
  return { desk, call };
}

/** The connection works in both directions, and the one command of before was not sent again. */
async function expectRight(page, desk) {
  await atWork(page);
  await expect(lost(page)).toHaveCount(0);
  await expectState(page, 'On hold');
  expect(await desk.sent('hold')).toHaveLength(1);
  await press(page, 'Resume');
  await expectState(page, 'Connected');
  expect(await desk.sent('hold')).toHaveLength(2);
}

/** The network comes back, again and again: no pause is waited out until `look` gives what is expected. */
async function tryAtOnce(page, look, expected, message) {
  const again = async () => {
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    return look();
  };
  await expect.poll(again, { message, intervals: [20] }).toBe(expected);
}

/** What the platform tells once, as it is shown. */
function notice(page, title) {
  return page.locator('patchcord-panel .notice').getByText(title, { exact: true });
}

/** How many bytes the frame of a notification has. */
async function sizeOfNotification(page, desk) {
  const network = await page.context().newCDPSession(page);
  await network.send('Network.enable');
  let bytes = 0;
  network.on('Network.dataReceived', ({ dataLength }) => (bytes += dataLength));
  await desk.push('Lunch');
  await expect(notice(page, 'Lunch')).toBeVisible();
  await network.detach();
  expect(bytes).toBeGreaterThan(5);
  return bytes;
}

test.describe('the stream', () => {
  test('may be cut at each byte of a frame while calls come and go', async ({ page, servers, sandbox }) => {
    test.setTimeout(120_000);
    const { desk, call } = await inCall(page, servers, sandbox);
    const bytes = await sizeOfNotification(page, desk);

    let other;
    for (let offset = 0; offset < bytes; offset += 1) {
      await sandbox.forget();
      await desk.stream({ cut_at: offset });
      await desk.push('Lunch');
      // Meanwhile.
      if (other) await desk.act(other, { do: 'hang_up' });
      other = other ? undefined : await desk.ring({ number: OTHER });
      await tryAtOnce(page, () => card(page).count(), other ? 2 : 1, `cut at ${offset}`);
      expect(await desk.streams(), `cut at ${offset}`).toBe(1);
      const sent = (await desk.sent()).filter((command) => !('register' in command || 'setWebrtc' in command));
      expect(sent, `cut at ${offset}`).toEqual([]);
    }
    if (other) await desk.act(other, { do: 'hang_up' });
    await expect(card(page)).toHaveCount(1);
    await sandbox.forget();
    await atWork(page);
    await expect(card(page, call).locator('.state .word')).toHaveText('On hold');
    await press(page, 'Resume');
    await expectState(page, 'Connected');
    expect(await desk.sent('hold')).toHaveLength(1);
  });

  for (const action of ['merge', 'split', 'duplicate']) {
    test(`may bring frames that are no trouble: ${action}`, async ({ page, servers, sandbox }) => {
      const { desk } = await inCall(page, servers, sandbox);
      const streams = await desk.streams();
      for (const title of ['One', 'Two']) {
        await desk.stream(action);
        await desk.push(title);
      }
      await desk.push('Three');
      for (const title of ['One', 'Two', 'Three']) {
        await expect(notice(page, title), title).toHaveCount(1);
      }
      await expectRight(page, desk);
      expect(await desk.streams()).toBe(streams);
      expect(await states(page)).not.toContain('stale');
    });
  }

  for (const action of ['reorder', 'skip']) {
    test(`is opened anew where numbers are missing: ${action}`, async ({ page, servers, sandbox }) => {
      const { desk } = await inCall(page, servers, sandbox);
      const streams = await desk.streams();
      await desk.stream(action);
      await desk.agent({ presence: 'busy' });
      await desk.agent({ presence: 'lunch' });
      await expect(page.getByLabel('Presence')).toHaveValue('lunch');
      await expectRight(page, desk);
      expect(await desk.streams()).toBe(streams + 1);
      await expect(page.getByLabel('Presence')).toHaveValue('lunch');
    });
  }

  for (const action of ['cut', { end: null }, { end: { code: 'unavailable' } }]) {
    test(`comes back after ${JSON.stringify(action)}`, async ({ page, servers, sandbox }) => {
      const { desk } = await inCall(page, servers, sandbox);
      await sandbox.faults([{ match: { path: SUBSCRIBE }, times: 1, action: 'reset' }]);
      await desk.stream(action);
      // Meanwhile.
      await desk.agent({ presence: 'busy' });
      await expect.poll(() => states(page)).toContain('stale');
      await expectRight(page, desk);
      await expect(page.getByLabel('Presence')).toHaveValue('busy');
      // The desk is announced anew, once for each stream.
      await expect.poll(() => desk.sent('register')).toHaveLength(2);
    });
  }

  test('counts as dead after 45 silent seconds', async ({ page, servers, sandbox }) => {
    await page.clock.install();
    const { desk, call } = await inCall(page, servers, sandbox);
    const streams = await desk.streams();
    await desk.stream('fall_silent');
    const other = await desk.ring({ number: OTHER });
    await page.clock.fastForward(40_000);
    await atWork(page);
    await expect(card(page, other)).toHaveCount(0);
    await hurry(page, async () => (await desk.streams()) === streams + 1);
    await expect(card(page, other)).toBeVisible();
    await atWork(page);
    await expect(card(page, call).locator('.word')).toHaveText('On hold');
    expect(await desk.sent('hold')).toHaveLength(1);
  });

  test('is kept by a sign of life', async ({ page, servers, sandbox }) => {
    await page.clock.install();
    await sandbox.tell('settings', { heartbeat_ms: 100 });
    const { desk } = await inCall(page, servers, sandbox);
    const streams = await desk.streams();
    const network = await page.context().newCDPSession(page);
    await network.send('Network.enable');
    let beats = 0;
    network.on('Network.dataReceived', () => (beats += 1));
    for (let turn = 0; turn < 4; turn += 1) {
      const before = beats;
      await page.clock.fastForward(40_000);
      await expect.poll(() => beats).toBeGreaterThan(before + 2);
    }
    expect(await desk.streams()).toBe(streams);
    await expectRight(page, desk);
    // Each question of the platform was answered once.
    const answers = (await desk.sent('pong')).map(({ pong }) => pong.seq);
    expect(new Set(answers).size).toBe(answers.length);
  });
});

test.describe('the token', () => {
  test('is renewed by the relay when it has ended, and nobody notices', async ({ page, servers, sandbox }) => {
    const { desk } = await inCall(page, servers, sandbox);
    const streams = await desk.streams();
    await desk.expireTokens();
    await expect.poll(() => desk.streams()).toBeGreaterThan(streams);
    await expectRight(page, desk);
    expect(await states(page)).not.toContain('sign_in_needed');
    expect(await states(page)).toEqual(expect.arrayContaining(['stale']));
  });

  test('may end under a command, which is sent once', async ({ page, servers, sandbox }) => {
    const { desk } = await inCall(page, servers, sandbox);
    await sandbox.faults([
      {
        match: { path: SEND },
        times: 1,
        action: {
          status: { code: 401, body: '{"code":"unauthenticated"}', content_type: 'application/json' },
        },
      },
    ]);
    await press(page, 'Resume');
    await expectState(page, 'Connected');
    expect(await desk.sent('hold')).toHaveLength(2);
    await atWork(page);
    expect(await states(page)).not.toContain('sign_in_needed');
  });

  test('that cannot be renewed wants the person, after whom everything is right', async ({
    page,
    servers,
    sandbox,
  }) => {
    const { desk } = await inCall(page, servers, sandbox);
    await sandbox.faults([
      {
        match: { path: '/oauth/token' },
        action: { status: { code: 400, body: '{"error":"invalid_grant"}', content_type: 'application/json' } },
      },
    ]);
    await desk.expireTokens();
    await expect(page.getByRole('heading', { name: 'Sign in to the phone system' })).toBeVisible();
    await desk.agent({ presence: 'busy' });
    await sandbox.faults([]);
    await signIn(page);
    await expectRight(page, desk);
    await expect(page.getByLabel('Presence')).toHaveValue('busy');
  });
});

test.describe('another window', () => {
  test('takes the desk, and it is taken back', async ({ browser, page, servers, sandbox }) => {
    const { desk } = await inCall(page, servers, sandbox);
    const elsewhere = await browser.newContext();
    try {
      const other = await elsewhere.newPage();
      // The same agent: the relay has their sign-in.
      await openPanel(other, servers, panelMarkup());
      await atWork(other);
      await expectState(other, 'On hold');
      await expect(page.getByRole('heading', { name: 'In use in another window' })).toBeVisible();
      const streams = await desk.streams();
      await page.getByRole('button', { name: 'Use it here' }).click();
      await expectRight(page, desk);
      await expect(other.getByRole('heading', { name: 'In use in another window' })).toBeVisible();
      expect(await desk.streams()).toBe(streams + 1);
    } finally {
      await elsewhere.close();
    }
  });
});

test.describe('the way to the platform', () => {
  test('is gone for a minute', async ({ page, servers, sandbox }) => {
    await page.clock.install();
    const { desk } = await inCall(page, servers, sandbox);
    await sandbox.faults([{ match: { path: AGENT_API }, action: 'reset' }]);
    await desk.stream('cut');
    await desk.agent({ presence: 'busy' });
    await expect(panel(page)).toHaveAttribute('data-state', 'stale');
    for (let passed = 0; passed < 60; passed += 5) await page.clock.fastForward(5_000);
    await expect(lost(page)).toBeVisible();
    // How it was.
    await expectState(page, 'On hold');
    await expect(page.getByLabel('Presence')).toHaveValue('available');
    await sandbox.faults([]);
    await hurry(page, async () => (await panel(page).getAttribute('data-state')) === 'live', 5_000);
    await expectRight(page, desk);
    await expect(page.getByLabel('Presence')).toHaveValue('busy');
  });

  test('is gone, and a person tries at once', async ({ page, servers, sandbox }) => {
    await page.clock.install();
    const { desk } = await inCall(page, servers, sandbox);
    await sandbox.faults([{ match: { path: AGENT_API }, action: 'reset' }]);
    await desk.stream('cut');
    const tries = async () => (await sandbox.requests()).filter(({ path, fault }) => path === SUBSCRIBE && fault).length;
    // After the sixth, the next one is eight seconds away at least.
    await hurry(page, async () => (await tries()) === 6);
    await sandbox.faults([]);
    await page.getByRole('button', { name: 'Try now' }).click();
    await expect.poll(() => desk.streams(), { timeout: 5_000 }).toBe(2);
    await expectRight(page, desk);
  });

  test('is gone: what is clicked meanwhile is not sent, not even later', async ({ page, servers, sandbox }) => {
    const { desk } = await inCall(page, servers, sandbox);
    await sandbox.faults([{ match: { path: AGENT_API }, action: 'reset' }]);
    await desk.stream('cut');
    await expect(panel(page)).toHaveAttribute('data-state', 'stale');
    const before = (await sandbox.requests()).filter(({ path }) => path === SEND).length;
    const resume = button(page, 'Resume');
    await expect(resume).toHaveAttribute('aria-disabled', 'true');
    await resume.click({ force: true });
    await resume.press('Enter');
    await button(page, 'Hang up').click({ force: true });
    await expect(card(page).getByText('Not possible while there is no connection.')).toBeVisible();
    await expect(lost(page)).toBeVisible();
    expect((await sandbox.requests()).filter(({ path }) => path === SEND)).toHaveLength(before);
    await sandbox.faults([]);
    await page.getByRole('button', { name: 'Try now' }).click();
    await expectRight(page, desk);
    expect(await desk.sent('hangup')).toHaveLength(0);
  });
});

test.describe('the relay', () => {
  test('is killed and comes back', async ({ page, servers, sandbox }) => {
    const { desk } = await inCall(page, servers, sandbox);
    await servers.killRelay();
    await expect(lost(page)).toBeVisible();
    await expectState(page, 'On hold');
    await desk.agent({ presence: 'busy' });
    await servers.startRelay();
    await expectRight(page, desk);
    await expect(page.getByLabel('Presence')).toHaveValue('busy');
  });

  test('is killed with a command in its hands: unknown, and done once it shows', async ({ page, servers, sandbox }) => {
    const { desk } = await inCall(page, servers, sandbox);
    // Handled by the platform; the reply does not come any more.
    await sandbox.faults([{ match: { path: SEND }, times: 1, action: 'hold' }]);
    await desk.stream('fall_silent');
    await press(page, 'Resume');
    await expect.poll(() => desk.sent('hold')).toHaveLength(2);
    await servers.killRelay();
    await expect(card(page).getByText("Hold: we don't know whether it was done")).toBeVisible();
    await expectState(page, 'On hold');
    await servers.startRelay();
    await sandbox.faults([]);
    await expectState(page, 'Connected');
    await atWork(page);
    await expect(card(page).locator('.notice')).toHaveCount(0);
    expect(await desk.sent('hold')).toHaveLength(2);
  });

  test('is restarted by its operator', async ({ page, servers, sandbox }) => {
    const { desk } = await inCall(page, servers, sandbox);
    await servers.restartRelay();
    await expect.poll(() => states(page)).toContain('stale');
    await expectRight(page, desk);
  });

  test('has ended the agent’s sessions', async ({ page, servers, sandbox }) => {
    // A stream notices within half a minute.
    test.setTimeout(90_000);
    const { desk } = await inCall(page, servers, sandbox);
    await revoke(servers);
    await expect(page.getByRole('heading', { name: 'Sign in to the phone system' })).toBeVisible({ timeout: 45_000 });
    await signIn(page);
    await expectRight(page, desk);
  });
});

/** Ends the sessions of the agent as an operator does. */
async function revoke(servers) {
  const relay = join(process.env.E2E_BIN_DIR, 'patchcord-relay');
  const wanted = ['sessions', 'revoke', '--org', 'acme', '--sub', '005ALEX'];
  const database = join(dirname(servers.config), 'relay.db');
  await promisify(execFile)(relay, ['--config', servers.config, ...wanted], {
    env: { PATCHCORD_DATABASE: database },
  });
}

test.describe('a command', () => {
  test('whose reply is lost is told as unknown, and done once the stream shows it', async ({
    page,
    servers,
    sandbox,
  }) => {
    const { desk } = await inCall(page, servers, sandbox);
    await desk.stream('fall_silent');
    await sandbox.faults([{ match: { path: SEND }, times: 1, action: 'close_before_reply' }]);
    await press(page, 'Resume');
    const told = card(page).getByText("Hold: we don't know whether it was done");
    await expect(told).toBeVisible();
    await expectState(page, 'On hold');
    expect(await desk.sent('hold')).toHaveLength(2);
    await desk.stream('resume');
    await expectState(page, 'Connected');
    await expect(told).toHaveCount(0);
    expect(await desk.sent('hold')).toHaveLength(2);
  });

  test('that nobody handled stays unknown until the person has read it', async ({ page, servers, sandbox }) => {
    const { desk } = await inCall(page, servers, sandbox);
    await sandbox.faults([{ match: { path: SEND }, times: 1, action: 'reset' }]);
    await press(page, 'Resume');
    const told = card(page).getByText("Hold: we don't know whether it was done");
    await expect(told).toBeVisible();
    await expect(card(page).getByText('It may have been done. Look before you do it again.')).toBeVisible();
    await button(page, 'Dismiss').click();
    await expect(told).toHaveCount(0);
    await expectRight(page, desk);
  });

  test('that is on its way when the stream is cut is sent once, and done', async ({ page, servers, sandbox }) => {
    const { desk } = await inCall(page, servers, sandbox);
    await sandbox.faults([{ match: { path: SEND }, times: 1, action: 'hold' }]);
    await press(page, 'Resume');
    await expect.poll(() => desk.sent('hold')).toHaveLength(2);
    await desk.stream('cut');
    await expectState(page, 'Connected');
    await atWork(page);
    await sandbox.faults([]);
    await expect(card(page).locator('.notice')).toHaveCount(0);
    expect(await desk.sent('hold')).toHaveLength(2);
  });
});

test.describe('a dial', () => {
  /** The dials that reached the platform, whether it answered or not. */
  const dials = async (sandbox) =>
    (await sandbox.requests()).filter(({ path, body }) => path === SEND && body?.placeCall).length;

  test('whose reply is lost is told as unknown, is not repeated, and done once the stream shows it', async ({
    page,
    servers,
    sandbox,
  }) => {
    const desk = new Desk(sandbox);
    await watchStates(page);
    await openDesk(page, servers);
    await desk.stream('fall_silent');
    await sandbox.faults([{ match: { path: SEND }, times: 1, action: 'close_before_reply' }]);
    await page.getByLabel('Number to call').fill(OTHER);
    await press(page, 'Call');
    const told = panel(page).locator('.notice').getByText("Calling: we don't know whether it was done");
    await expect(told).toBeVisible();
    expect(await dials(sandbox)).toBe(1);
    await desk.stream('resume');
    await expect(card(page)).toBeVisible();
    await expect(told).toHaveCount(0);
    const names = await page.evaluate(() => window.told.map(({ type }) => type));
    expect(names.filter((name) => /callunknown|callaccepted|callrefused/.test(name))).toEqual([
      'callunknown',
      'callaccepted',
    ]);
    expect(await dials(sandbox)).toBe(1);
  });

  test('is not repeated by a stream that is cut, nor by a token that has ended, in the middle of it', async ({
    page,
    servers,
    sandbox,
  }) => {
    const desk = new Desk(sandbox);
    await openDesk(page, servers);
    await sandbox.faults([{ match: { path: SEND }, times: 1, action: 'hold' }]);
    await page.getByLabel('Number to call').fill(OTHER);
    await press(page, 'Call');
    await expect.poll(() => dials(sandbox)).toBe(1);
    await desk.stream('cut');
    await expect.poll(() => desk.streams()).toBe(2);
    await desk.expireTokens();
    await expect.poll(() => desk.streams()).toBeGreaterThan(2);
    await sandbox.faults([]);
    await atWork(page);
    await expect(card(page)).toHaveCount(1);
    await expect(panel(page).locator('.notice')).toHaveCount(0);
    expect(await dials(sandbox)).toBe(1);
  });
});

test.describe('the page', () => {
  test('wakes up after a night', async ({ page, servers, sandbox }) => {
    await page.clock.install();
    const { desk } = await inCall(page, servers, sandbox);
    await page.clock.fastForward(8 * 3_600_000);
    // What was on hold in the evening.
    await hurry(page, async () => (await desk.streams()) > 1 && (await panel(page).getAttribute('data-state')) === 'live');
    await expectRight(page, desk);
    expect(await states(page)).not.toContain('sign_in_needed');
  });

  test('is offline for a while', async ({ context, page, servers, sandbox }) => {
    const { desk } = await inCall(page, servers, sandbox);
    await context.setOffline(true);
    await desk.stream('cut');
    await expect(lost(page)).toBeVisible();
    await desk.agent({ presence: 'busy' });
    await context.setOffline(false);
    await expectRight(page, desk);
    await expect(page.getByLabel('Presence')).toHaveValue('busy');
  });

  test('keeps what is typed, and the focus, while the platform tells fifty changes a second', async ({
    page,
    servers,
    sandbox,
  }) => {
    test.setTimeout(60_000);
    const { desk } = await inCall(page, servers, sandbox);
    const number = page.getByLabel('Number to call');
    const digits = '+4930987654321';
    await number.focus();
    let on = true;
    let told = 0;
    const changes = (async () => {
      const presences = ['busy', 'lunch', 'available'];
      while (on) {
        const due = performance.now() + 20;
        await desk.agent({ presence: presences[told % 3] });
        told += 1;
        const left = due - performance.now();
        if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
      }
    })();
    await number.pressSequentially(digits, { delay: 5_000 / digits.length });
    on = false;
    await changes;
    // As many as a slow machine manages.
    expect(told).toBeGreaterThan(50);
    await expect(number).toHaveValue(digits);
    await expect(number).toBeFocused();
    await desk.agent({ presence: 'lunch' });
    await expect(page.getByLabel('Presence')).toHaveValue('lunch');
    await expectRight(page, desk);
    expect(await states(page)).not.toContain('stale');
  });
});
