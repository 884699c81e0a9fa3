// Where something holds streams back, the panel asks: what happens arrives all the same, a little later, and the panel
// goes over to the stream when it gets through.
import { press } from './calls.js';
import { Desk, atWork, card, expectState, forgetStates, hurry, openDesk, panel, states, watchStates } from './desk.js';
import { openPanel, panelMarkup } from './panel.js';
import { expect, test } from './servers.js';

const FOOTNOTE = 'Changes show up every few seconds here.';

let desk;

test.beforeEach(async ({ context, page, sandbox }) => {
  desk = new Desk(sandbox);
  await betweenPages(context);
  await page.clock.install();
  await watchStates(page);
});

/**
 * Puts something between the pages that are opened from now on and the network which, once it is told to, holds the
 * bytes of streams back: they open, also at the platform, and nothing comes of them until they are let through.
 */
async function betweenPages(context) {
  await context.addInitScript(() => {
    const real = window.fetch;
    const waiting = [];
    window.letThrough = () => {
      window.holdsBack = false;
      for (const pass of waiting.splice(0)) pass();
    };
    window.fetch = async (address, init) => {
      const response = await real(address, init);
      if (!window.holdsBack || !String(address).endsWith('/Subscribe')) return response;
      const through = new Promise((resolve) => waiting.push(resolve));
      const reader = response.body.getReader();
      const body = new ReadableStream({
        async pull(controller) {
          await through;
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        },
      });
      return new Response(body, { status: response.status, headers: response.headers });
    };
  });
}

/** Holds streams back; the one that is open goes. Time passes until the panel has noticed. */
async function holdBack(page) {
  await page.evaluate(() => (window.holdsBack = true));
  await desk.stream('cut');
  await hurry(page, async () => (await panel(page).getAttribute('data-state')) === 'polling');
}

/** Expects a panel to say that it asks. */
async function asks(page) {
  await expect(panel(page)).toHaveAttribute('data-state', 'polling');
  await expect(panel(page).getByText(FOOTNOTE)).toBeVisible();
}

/** How often the platform was asked for the state. */
async function questions(sandbox) {
  const requests = await sandbox.requests();
  return requests.filter(({ method, path }) => method === 'GET' && path === '/v1/agent/state').length;
}

test('where streams are held back, what happens arrives by asking, and by the stream once it gets through', async ({
  page,
  servers,
  sandbox,
}) => {
  await openDesk(page, servers);
  const call = await desk.call();
  await expectState(page, 'Connected');
  expect(await questions(sandbox)).toBe(0);
  await holdBack(page);
  await asks(page);

  const asked = await questions(sandbox);
  await desk.agent({ presence: 'busy' });
  await expect(page.getByLabel('Presence')).toHaveValue('busy');
  await press(page, 'Hold');
  await expectState(page, 'On hold');
  await desk.act(call, { do: 'hang_up' });
  await expect(card(page)).toHaveCount(0);
  expect(await questions(sandbox)).toBeGreaterThan(asked);
  expect(await desk.sent('hold')).toHaveLength(1);

  await forgetStates(page);
  await page.evaluate(() => window.letThrough());
  await atWork(page);
  await expect(panel(page).getByText(FOOTNOTE)).toHaveCount(0);
  expect(await states(page)).not.toContain('stale');
  // The platform tells by itself again, and nobody asks any more.
  const before = await questions(sandbox);
  await desk.ring();
  await expectState(page, 'Ringing…');
  await page.clock.fastForward(10_000);
  await desk.agent({ presence: 'lunch' });
  await expect(page.getByLabel('Presence')).toHaveValue('lunch');
  expect(await questions(sandbox)).toBe(before);
});

test('where streams are held back, all tabs ask, send each command once, and stream again together', async ({
  context,
  page,
  servers,
}) => {
  await openDesk(page, servers);
  const follower = await context.newPage();
  await openPanel(follower, servers, panelMarkup());
  await atWork(follower);
  const tabs = [page, follower];
  const everywhere = async (word) => {
    for (const tab of tabs) await expectState(tab, word);
  };
  await desk.call();
  await everywhere('Connected');
  await holdBack(page);
  for (const tab of tabs) await asks(tab);
  await press(follower, 'Hold');
  await everywhere('On hold');
  await press(page, 'Resume');
  await everywhere('Connected');
  expect(await desk.sent('hold')).toHaveLength(2);

  await page.evaluate(() => window.letThrough());
  for (const tab of tabs) await atWork(tab);
  await expect(panel(follower).getByText('Another tab keeps the connection.')).toBeVisible();
  await press(follower, 'Hold');
  await everywhere('On hold');
  expect(await desk.sent('hold')).toHaveLength(3);
});
