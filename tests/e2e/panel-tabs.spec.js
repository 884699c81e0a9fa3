// Several tabs of one agent, and several panels on one page: one stream at the platform, the same view in all of
// them, and each command sent once, also when the tab that has the stream goes away.
import { PAYLOAD, RECORD, card as article, press, still } from './calls.js';
import {
  CUSTOMER,
  Desk,
  atWork,
  card,
  expectState,
  forgetStates,
  openDesk,
  panel,
  states,
  watchStates,
} from './desk.js';
import { openPanel, panelMarkup, signIn } from './panel.js';
import { expect, test } from './servers.js';

const SEND = '/babelconnect.v1.Agent/Send';
const OTHER = '+493099887766';

/** The first tab: it signs in and has the stream. */
async function leader(page, servers, sandbox, options) {
  await watchStates(page);
  await openDesk(page, servers, options);
  return new Desk(sandbox, options?.user);
}

/** Another tab of the same browser, in which nobody has to sign in again. */
async function follower(context, servers, options = {}) {
  const page = await context.newPage();
  await watchStates(page);
  await openPanel(page, servers, panelMarkup(options));
  await atWork(page);
  return page;
}

/** What a panel shows of calls and notes, in words; a duration is left out. */
async function shown(page) {
  return panel(page).evaluate((root) => {
    const cards = [...root.querySelectorAll('article')].map((one) => one.cloneNode(true));
    for (const one of cards) one.querySelector('.time')?.remove();
    return cards.map((one) => one.textContent);
  });
}

/** Waits until all tabs show the same, with `words` in it. */
async function expectSame(tabs, words) {
  for (const tab of tabs) await expect(panel(tab).locator('article').filter({ hasText: words }).first()).toBeVisible();
  const all = async () => {
    const [first, ...others] = await Promise.all(tabs.map(shown));
    return others.every((other) => JSON.stringify(other) === JSON.stringify(first));
  };
  await expect.poll(all, { message: 'all tabs show the same' }).toBe(true);
}

/** The one stream, which was opened so many times and is set up each time. */
async function expectStreams(desk, count) {
  await expect.poll(() => desk.streams()).toBe(count);
  await expect.poll(() => desk.sent('register')).toHaveLength(count);
  await expect.poll(() => desk.sent('setWebrtc')).toHaveLength(count);
  expect((await desk.known()).session.connected).toBe(true);
}

test('three tabs have one stream, are set up once, and show the same', async ({ context, page, servers, sandbox }) => {
  const desk = await leader(page, servers, sandbox);
  const tabs = [page, await follower(context, servers), await follower(context, servers)];
  for (const tab of tabs.slice(1)) await expect(panel(tab).getByText('Another tab keeps the connection.')).toBeVisible();
  const call = await desk.ring();
  await expectSame(tabs, 'Decline');
  await desk.act(call, { who: 'agent', do: 'answer' });
  await expectSame(tabs, 'Connected');
  await press(page, 'Hold');
  await expectSame(tabs, 'On hold');
  await desk.act(call, { do: 'hang_up' });
  for (const tab of tabs) await expect(card(tab)).toHaveCount(0);
  await expectStreams(desk, 1);
  expect(await desk.sent('hold')).toHaveLength(1);
  // Nobody was ever told that something is lost.
  for (const tab of tabs) expect(await states(tab)).not.toContain('stale');
});

test('a tab that is opened in mid-call shows the call, its hold and the conference', async ({
  context,
  page,
  servers,
  sandbox,
}) => {
  const desk = await leader(page, servers, sandbox);
  await desk.call();
  await expectState(page, 'Connected');
  await press(page, 'Record');
  await expectSame([page], 'recording');
  await press(page, 'Add');
  await press(page, 'Only start a conference');
  await expect(article(page, 'Conference')).toBeVisible();
  await press(page, 'Hold');
  await expectState(page, 'On hold');
  // As it is drawn once nothing is on its way any more.
  await expect(panel(page).locator('[aria-busy]')).toHaveCount(0);
  const late = await follower(context, servers);
  await expectState(late, 'On hold');
  await expect(article(late, 'Conference')).toBeVisible();
  await expectSame([page, late], 'recording');
  await expectStreams(desk, 1);
});

test('a tab that is opened late counts the time for notes and of the call down with the others', async ({
  context,
  page,
  servers,
  sandbox,
}) => {
  await sandbox.tell('settings', { wrap_up: { seconds: 60 } });
  const desk = await leader(page, servers, sandbox);
  const call = await desk.call();
  await expectState(page, 'Connected');
  await expect.poll(() => seconds(page)).toBeGreaterThanOrEqual(3);
  const middle = await follower(context, servers);
  await expectTogether([page, middle]);

  await desk.act(call, { do: 'hang_up' });
  await expect(article(page, 'Time for notes')).toBeVisible();
  await expect.poll(() => seconds(page)).toBeLessThanOrEqual(55);
  const late = await follower(context, servers);
  await expectTogether([page, middle, late]);
  await expectStreams(desk, 1);
});

/** The time that the only card shows. */
async function seconds(page) {
  const [minutes, left] = (await panel(page).locator('article .time').textContent()).split(':');
  return 60 * Number(minutes) + Number(left);
}

/** All tabs show the same time, but for a second. */
async function expectTogether(tabs) {
  for (const tab of tabs) await expect(panel(tab).locator('article .time')).toBeVisible();
  // Not all are read at the same moment; times that do not belong together differ whenever they are read.
  await expect(async () => {
    const times = await Promise.all(tabs.map(seconds));
    expect(Math.max(...times) - Math.min(...times), times.join()).toBeLessThanOrEqual(1);
  }).toPass({ timeout: 10_000 });
}

test('that setting up failed is told in all tabs, and each of them has it tried again', async ({
  context,
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  const body = '{"code":"failed_precondition"}';
  const refused = [{ match: { path: SEND }, action: { status: { code: 400, body, content_type: 'application/json' } } }];
  await sandbox.faults(refused);
  await openDesk(page, servers);
  const failed = (tab) => panel(tab).locator('.notice').filter({ hasText: 'Your desk could not be set up' });
  await expect(failed(page)).toContainText('The phone system did not accept the request.');
  const late = await follower(context, servers);
  const tabs = [page, late];
  for (const tab of tabs) {
    await expect(panel(tab).locator('.notice')).toHaveCount(1);
    expect(await failed(tab).textContent()).toBe(await failed(page).textContent());
  }
  await sandbox.faults([]);
  await failed(late).getByRole('button', { name: 'Try again' }).click();
  for (const tab of tabs) await expect(failed(tab)).toHaveCount(0);
  await expectStreams(desk, 1);

  // To those that were there already.
  await sandbox.faults(refused);
  await desk.stream('cut');
  for (const tab of tabs) await expect(failed(tab)).toBeVisible();
  await sandbox.faults([]);
  await failed(page).getByRole('button', { name: 'Try again' }).click();
  for (const tab of tabs) await expect(failed(tab)).toHaveCount(0);
  await expectStreams(desk, 2);
});

test('what is clicked in a tab that follows is sent once, and all show it', async ({
  context,
  page,
  servers,
  sandbox,
}) => {
  const desk = await leader(page, servers, sandbox);
  const tabs = [page, await follower(context, servers), await follower(context, servers)];
  await desk.call();
  await expectSame(tabs, 'Connected');
  await press(tabs[1], 'Hold');
  await expectSame(tabs, 'On hold');
  await press(tabs[2], 'Resume');
  await expectSame(tabs, 'Connected');
  expect((await desk.sent('hold')).map(({ hold }) => hold.on)).toEqual([true, false]);
  await expectStreams(desk, 1);
});

test('a call that is placed in a tab that follows shows its record and payload in all', async ({
  context,
  page,
  servers,
  sandbox,
}) => {
  const desk = await leader(page, servers, sandbox);
  const tabs = [page, await follower(context, servers)];
  await tabs[1].locator('patchcord-panel').evaluate(
    (element, [number, record, payload]) => {
      Object.assign(element, { record, payload });
      element.setAttribute('number', number);
    },
    [CUSTOMER, RECORD, PAYLOAD],
  );
  await expect(panel(tabs[1]).getByLabel('Number to call')).toHaveValue(CUSTOMER);
  await press(tabs[1], 'Call');
  for (const tab of tabs) {
    await expect(card(tab).getByRole('link', { name: RECORD.name })).toHaveAttribute('href', RECORD.url);
    await expect(card(tab).getByText(PAYLOAD.company)).toBeVisible();
  }
  await expectSame(tabs, PAYLOAD.company);
  expect(await desk.sent('placeCall')).toHaveLength(1);
  await expectStreams(desk, 1);
});

test.describe('the tab with the stream', () => {
  for (const [how, end] of [
    ['is closed', (page) => page.close()],
    ['crashes', crash],
  ]) {
    test(`${how} in mid-call: another one takes over without a flicker`, async ({
      context,
      page,
      servers,
      sandbox,
    }) => {
      const desk = await leader(page, servers, sandbox);
      const [next, last] = [await follower(context, servers), await follower(context, servers)];
      await desk.call();
      await press(page, 'Hold');
      await expectSame([page, next, last], 'On hold');
      await Promise.all([next, last].map(forgetStates));

      await end(page);
      await expectStreams(desk, 2);
      await expectSame([next, last], 'On hold');
      await expect(panel(next).getByText('Another tab keeps the connection.')).toHaveCount(0);
      await expect(panel(last).getByText('Another tab keeps the connection.')).toBeVisible();
      for (const tab of [next, last]) {
        await atWork(tab);
        expect(await states(tab)).not.toContain('stale');
        expect(await states(tab)).not.toContain('taken');
      }
      await press(last, 'Resume');
      await expectSame([next, last], 'Connected');
      expect(await desk.sent('hold')).toHaveLength(2);
      await expectStreams(desk, 2);
    });
  }

  test('is closed while its command is at the platform: it was sent once, and the other tab shows it', async ({
    context,
    page,
    servers,
    sandbox,
  }) => {
    const desk = await leader(page, servers, sandbox);
    const other = await follower(context, servers);
    await desk.call();
    await expectSame([page, other], 'Connected');
    await sandbox.faults([{ match: { path: SEND }, times: 1, action: 'hold' }]);
    await press(page, 'Hold');
    await expect.poll(() => desk.sent('hold')).toHaveLength(1);
    await page.close();
    await expectState(other, 'On hold');
    await expectStreams(desk, 2);
    await sandbox.faults([]);
    await atWork(other);
    expect(await desk.sent('hold')).toHaveLength(1);
  });

  test('is closed before its command has left: it was not sent, and is not sent by the other tab', async ({
    context,
    page,
    servers,
    sandbox,
  }) => {
    const desk = await leader(page, servers, sandbox);
    const other = await follower(context, servers);
    await desk.call();
    await expectSame([page, other], 'Connected');
    const asked = page.waitForRequest((request) => request.url().endsWith('/Send'));
    await page.route(`${servers.relay}/v1/agent/babelforce/*/Send`, () => {});
    await press(page, 'Hold');
    await asked;
    await page.close();
    await expectStreams(desk, 2);
    await atWork(other);
    await expectState(other, 'Connected');
    expect(await desk.sent('hold')).toHaveLength(0);
    await press(other, 'Hold');
    await expectState(other, 'On hold');
    expect(await desk.sent('hold')).toHaveLength(1);
  });

  test('is closed while another tab’s command is on its way: it is sent once', async ({
    context,
    page,
    servers,
    sandbox,
  }) => {
    const desk = await leader(page, servers, sandbox);
    const other = await follower(context, servers);
    await desk.call();
    await expectSame([page, other], 'Connected');
    let release;
    const released = new Promise((resolve) => {
      release = resolve;
    });
    const asked = other.waitForRequest((request) => request.url().endsWith('/Send'));
    await other.route(
      `${servers.relay}/v1/agent/babelforce/*/Send`,
      async (route) => {
        await released;
        await route.continue();
      },
      { times: 1 },
    );
    await press(other, 'Hold');
    await asked;
    await page.close();
    await expect.poll(() => desk.streams()).toBe(2);
    release();
    await expectState(other, 'On hold');
    await expectStreams(desk, 2);
    await expect(card(other).locator('.notice')).toHaveCount(0);
    expect(await desk.sent('hold')).toHaveLength(1);
  });

  test('is closed while the platform is gone: what the others show is stale at once', async ({
    context,
    page,
    servers,
    sandbox,
  }) => {
    const desk = await leader(page, servers, sandbox);
    const other = await follower(context, servers);
    await desk.call();
    await expectSame([page, other], 'Connected');
    await sandbox.faults([{ match: { path: '/babelconnect.v1.Agent/*' }, action: 'reset' }]);
    await page.close();
    await expect(panel(other)).toHaveAttribute('data-state', 'stale');
    await expectState(other, 'Connected');
    await sandbox.faults([]);
    await atWork(other);
    await expectStreams(desk, 2);
  });

  test('loses it: the others say so, and come back with it', async ({ context, page, servers, sandbox }) => {
    const desk = await leader(page, servers, sandbox);
    const other = await follower(context, servers);
    await desk.call();
    await expectSame([page, other], 'Connected');
    await sandbox.faults([{ match: { path: '/babelconnect.v1.Agent/Subscribe' }, action: 'reset' }]);
    await desk.stream('cut');
    for (const tab of [page, other]) {
      await expect(panel(tab).getByText(/^Connection lost at/)).toBeVisible();
      await expectState(tab, 'Connected');
    }
    await sandbox.faults([]);
    // A person tries in the tab that follows.
    await anyButton(other, 'Try now').click();
    for (const tab of [page, other]) await atWork(tab);
    await expectStreams(desk, 2);
    await press(other, 'Hold');
    await expectSame([page, other], 'On hold');
    expect(await desk.sent('hold')).toHaveLength(1);
  });
});

test('the session is renewed in mid-call: a new stream takes over in all tabs, and no window is blamed', async ({
  context,
  page,
  servers,
  sandbox,
}) => {
  test.setTimeout(60_000);
  // The first session of the first tab seems to end soon: it is renewed a minute before.
  await page.route(
    `${servers.relay}/v1/sessions`,
    async (route) => {
      const response = await route.fetch();
      const session = await response.json();
      await route.fulfill({ response, json: { ...session, expires_in: 75 } });
    },
    { times: 1 },
  );
  const desk = await leader(page, servers, sandbox);
  const tabs = [page, await follower(context, servers)];
  await desk.call();
  await press(page, 'Hold');
  await expectSame(tabs, 'On hold');
  for (const tab of tabs) await forgetStates(tab);
  await expect.poll(() => desk.streams(), { timeout: 30_000 }).toBe(2);
  await expectStreams(desk, 2);
  for (const tab of tabs) {
    await atWork(tab);
    // The platform ends the old stream when the new one opens: for a moment there may be none.
    for (const state of ['taken', 'sign_in_needed']) expect(await states(tab)).not.toContain(state);
    await expect(panel(tab).getByText(/^Connection lost at/)).toHaveCount(0);
  }
  await press(tabs[1], 'Resume');
  await expectSame(tabs, 'Connected');
  expect(await desk.sent('hold')).toHaveLength(2);
  await expectStreams(desk, 2);
});

/** A button anywhere in the panel. */
function anyButton(page, name) {
  return panel(page).getByRole('button', { name, exact: true });
}

/** Ends the tab's process. */
async function crash(page) {
  const crashed = page.waitForEvent('crash');
  const devtools = await page.context().newCDPSession(page);
  // There is nobody left to answer.
  devtools.send('Page.crash').catch(() => {});
  await crashed;
}

test('what went wrong is told once, in the tab whose command it was', async ({ context, page, servers, sandbox }) => {
  const desk = await leader(page, servers, sandbox);
  const tabs = [page, await follower(context, servers)];
  await desk.call();
  await expectSame(tabs, 'Connected');
  for (const [own, other] of [tabs, tabs.toReversed()]) {
    await press(own, 'Transfer');
    const search = panel(own).getByRole('combobox', { name: 'Name or number' });
    await search.fill(OTHER);
    await still(own);
    await panel(own).getByRole('option', { name: OTHER }).first().click();
    await expect.poll(() => leg(sandbox)).not.toBeUndefined();
    await desk.act(await leg(sandbox), { do: 'busy' });
    await expect(card(own).getByText('Transfer: did not work')).toBeVisible();
    await expect(panel(own).locator('.notice')).toHaveCount(1);
    // Both have heard of it: the next change shows in the other one too.
    await desk.agent({ presence: 'busy' });
    await expect(panel(other).getByLabel('Presence')).toHaveValue('busy');
    await expect(panel(other).locator('.notice')).toHaveCount(0);
    await press(own, 'Dismiss');
    await expect(panel(own).locator('.notice')).toHaveCount(0);
    await desk.agent({ presence: 'available' });
    await expect(panel(other).getByLabel('Presence')).toHaveValue('available');
  }
  expect(await desk.sent('transfer')).toHaveLength(2);
});

/** The leg that rings the target of a transfer. */
async function leg(sandbox) {
  const { babelforce } = await sandbox.state();
  return babelforce.calls.find((call) => call.to === OTHER && call.finished === null)?.id;
}

test('signing in where the tab only follows starts all, and signing out in one stops all', async ({
  context,
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  const heading = (tab) => tab.getByRole('heading', { name: 'Sign in to the phone system' });
  const tabs = [page, await context.newPage()];
  for (const tab of tabs) {
    await openPanel(tab, servers, panelMarkup());
    await expect(heading(tab)).toBeVisible();
  }
  await signIn(tabs[1]);
  for (const tab of tabs) await atWork(tab);
  await expectStreams(desk, 1);
  await desk.call();
  await expectSame(tabs, 'Connected');

  await press(tabs[1], 'Settings');
  await anyButton(tabs[1], 'Sign out').click();
  for (const tab of tabs) await expect(heading(tab)).toBeVisible();
  expect((await desk.known()).session.connected).toBe(false);

  await signIn(tabs[0]);
  for (const tab of tabs) await atWork(tab);
  await expectSame(tabs, 'Connected');
  await expectStreams(desk, 2);
});

test('who has signed in elsewhere and comes back to a tab that follows has all of them at work', async ({
  browser,
  context,
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  const tabs = [page, await context.newPage()];
  for (const tab of tabs) {
    await openPanel(tab, servers, panelMarkup());
    await expect(tab.getByRole('heading', { name: 'Sign in to the phone system' })).toBeVisible();
  }
  const elsewhere = await browser.newContext();
  await openDesk(await elsewhere.newPage(), servers);
  await elsewhere.close();
  await expect.poll(async () => (await desk.known()).session.connected).toBe(false);
  await tabs[1].evaluate(() => window.dispatchEvent(new Event('focus')));
  for (const tab of tabs) await atWork(tab);
  await expectStreams(desk, 2);
});

test('taken by another browser, all tabs say so, and one takes it back for all', async ({
  browser,
  context,
  page,
  servers,
  sandbox,
}) => {
  const desk = await leader(page, servers, sandbox);
  const tabs = [page, await follower(context, servers)];
  await desk.call();
  await expectSame(tabs, 'Connected');
  const elsewhere = await browser.newContext();
  try {
    const other = await follower(elsewhere, servers);
    for (const tab of tabs) await expect(tab.getByRole('heading', { name: 'In use in another window' })).toBeVisible();
    await expectSame([other], 'Connected');
    await anyButton(tabs[1], 'Use it here').click();
    await expectSame(tabs, 'Connected');
    await expect(other.getByRole('heading', { name: 'In use in another window' })).toBeVisible();
    await expectStreams(desk, 3);
  } finally {
    await elsewhere.close();
  }
});

test('two panels on one page have one stream, and one goes on when the other is taken away', async ({
  page,
  servers,
  sandbox,
}) => {
  const desk = new Desk(sandbox);
  await watchStates(page);
  await openPanel(page, servers, `<div id="one">${panelMarkup()}</div><div id="two">${panelMarkup()}</div>`);
  const [one, two] = ['#one', '#two'].map((id) => page.locator(`${id} .panel`));
  const [popup] = await Promise.all([
    page.waitForEvent('popup'),
    two.getByRole('button', { name: 'Sign in' }).click(),
  ]);
  await popup.getByRole('link', { name: 'alex@acme.example' }).click();
  for (const panel of [one, two]) await expect(panel).toHaveAttribute('data-state', 'live');
  await expectStreams(desk, 1);
  await desk.call();
  for (const panel of [one, two]) await expect(panel.locator('.word')).toHaveText('Connected');
  const hold = two.getByRole('button', { name: 'Hold', exact: true });
  await hold.press('Enter');
  for (const panel of [one, two]) await expect(panel.locator('.word')).toHaveText('On hold');
  expect(await desk.sent('hold')).toHaveLength(1);

  await forgetStates(page);
  await page.evaluate(() => document.querySelector('#one').remove());
  await expectStreams(desk, 2);
  expect(await states(page)).not.toContain('stale');
  await expect(two).toHaveAttribute('data-state', 'live');
  await two.getByRole('button', { name: 'Resume', exact: true }).press('Enter');
  await expect(two.locator('.word')).toHaveText('Connected');
  expect(await desk.sent('hold')).toHaveLength(2);
});

test('different agents in one browser share nothing', async ({ context, page, servers, sandbox }) => {
  const alex = await leader(page, servers, sandbox);
  const other = await context.newPage();
  const sam = await leader(other, servers, sandbox, { user: '005SAM' });
  await alex.call();
  await expectSame([page], 'Connected');
  await sam.ring({ number: OTHER });
  await expectSame([other], 'Decline');
  await expect(card(page)).toHaveCount(1);
  await expect(card(other)).toHaveCount(1);
  expect(await alex.streams()).toBe(2);
  for (const desk of [alex, sam]) expect((await desk.known()).session.connected).toBe(true);
  await page.close();
  await expectSame([other], 'Decline');
  expect(await states(other)).not.toContain('stale');
});

test('without Web Locks a tab is alone, and works', async ({ context, page, servers, sandbox }) => {
  await context.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });
  });
  const desk = await leader(page, servers, sandbox);
  await desk.call();
  await press(page, 'Hold');
  await expectState(page, 'On hold');
  expect(await desk.sent('hold')).toHaveLength(1);
  // A second one is another window.
  const other = await follower(context, servers);
  await expectState(other, 'On hold');
  await expect(page.getByRole('heading', { name: 'In use in another window' })).toBeVisible();
  await anyButton(page, 'Use it here').click();
  await atWork(page);
  await press(page, 'Resume');
  await expectState(page, 'Connected');
  await expectStreams(desk, 3);
});
