// One click, one call: whatever a person, a browser or a network does to a click, no phone rings
// twice and none rings late.
import { expect, test } from './servers.js';
import {
  FORMS,
  NUMBER,
  callTag,
  dialButton,
  events,
  letAMinutePass,
  names,
  openSettled,
  says,
  status,
  theEvent,
} from './pages.js';

/** A change of the relay's configuration: how long a second dial counts as the same. */
async function duplicateWindow(servers, seconds) {
  await servers.configure((text) =>
    text.replace('duplicate_window = 3', `duplicate_window = ${seconds}`),
  );
  await servers.restartRelay();
}

/** Every idempotency key that a page sends a call under, in order. */
function watchKeys(page, servers) {
  const keys = [];
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url() === `${servers.relay}/v1/calls`) {
      keys.push(request.headers()['idempotency-key']);
    }
  });
  return keys;
}

for (const form of FORMS) {
  test.describe(`the ${form} button`, () => {
    test('dials once for a double click', async ({ page, servers, sandbox }) => {
      await page.clock.install();
      const keys = watchKeys(page, servers);
      await openSettled(page, servers, callTag(), { form });
      // The page's time stands still: all clicks are within the three quiet seconds on the slowest machine.
      await page.clock.setFixedTime(Date.now());
      await dialButton(page).dblclick();
      await theEvent(page, 'callaccepted');
      await dialButton(page).click();
      await page.clock.setSystemTime(Date.now());
      await letAMinutePass(page);
      expect(keys).toHaveLength(1);
      expect(await sandbox.dials()).toHaveLength(1);
      expect(await names(page)).not.toContain('callrefused');
    });

    test('dials once while Enter is held down', async ({ page, servers, sandbox }) => {
      await page.clock.install();
      // The reply is held back, so that the key repeats while the click is at work.
      await sandbox.faults([{ match: { path: '/apiv1/make_call' }, action: 'hold' }]);
      const keys = watchKeys(page, servers);
      await openSettled(page, servers, callTag(), { form });
      await dialButton(page).focus();
      for (let repeat = 0; repeat < 10; repeat += 1) await page.keyboard.down('Enter');
      await expect.poll(() => sandbox.dials()).toHaveLength(1);
      for (let repeat = 0; repeat < 10; repeat += 1) await page.keyboard.down('Enter');
      await sandbox.faults([]);
      await theEvent(page, 'callaccepted');
      // Held on for longer than the quiet seconds: still the same press.
      await page.clock.fastForward(5_000);
      for (let repeat = 0; repeat < 10; repeat += 1) await page.keyboard.down('Enter');
      await page.keyboard.up('Enter');
      await letAMinutePass(page);
      expect(keys).toHaveLength(1);
      expect(await sandbox.dials()).toHaveLength(1);
    });

    test('dials once when two tabs are clicked at the same time', async ({
      context,
      page,
      servers,
      sandbox,
    }) => {
      const other = await context.newPage();
      const tabs = [page, other];
      for (const tab of tabs) await openSettled(tab, servers, callTag(), { form });
      await Promise.all(tabs.map((tab) => dialButton(tab).evaluate((button) => button.click())));
      const told = async () => (await Promise.all(tabs.map((tab) => names(tab)))).flat();
      await expect.poll(told).toContain('callrefused');
      await expect.poll(told).toContain('callaccepted');

      const refused = (await names(page)).includes('callrefused') ? page : other;
      expect((await theEvent(refused, 'callrefused')).code).toBe('duplicate_call');
      await expect(status(refused)).toContainText('This number was called a moment ago.');
      expect(await sandbox.dials()).toHaveLength(1);
    });

    test('does not dial again when the page is reloaded during the call', async ({
      page,
      servers,
      sandbox,
    }) => {
      await duplicateWindow(servers, 60);
      await page.clock.install();
      await sandbox.faults([{ match: { path: '/apiv1/make_call' }, action: 'hold' }]);
      await openSettled(page, servers, callTag(), { form });
      await dialButton(page).click();
      await expect.poll(() => sandbox.dials()).toHaveLength(1);
      await page.reload();
      await expect(dialButton(page)).toBeEnabled();
      await letAMinutePass(page);
      expect(await sandbox.dials()).toHaveLength(1);

      await sandbox.faults([]);
      await dialButton(page).click();
      expect((await theEvent(page, 'callrefused')).code).toBe('duplicate_call');
      await expect(status(page)).toContainText('This number was called a moment ago.');
      await expect(status(page)).toContainText('Wait a few seconds to call it again.');
      expect(await sandbox.dials()).toHaveLength(1);
    });

    test('redials with a click five seconds after busy', async ({ page, servers, sandbox }) => {
      // The relay's window is real time; the element's own is the page's.
      await duplicateWindow(servers, 0);
      await page.clock.install();
      const keys = watchKeys(page, servers);
      await openSettled(page, servers, callTag({ provider: 'babelforce' }), { form });
      await dialButton(page).click();
      await theEvent(page, 'callaccepted');
      const [call] = (await sandbox.state()).babelforce.calls;
      await sandbox.setCall(call.id, { state: 'busy' });
      if (form === 'module') expect((await theEvent(page, 'callended')).reason).toBe('busy');

      await page.clock.fastForward(5_000);
      await dialButton(page).click();
      await expect.poll(() => events(page, 'callaccepted')).toHaveLength(2);
      expect(await sandbox.dials()).toHaveLength(2);
      expect(new Set(keys).size).toBe(2);
    });

    test('refuses a click as expired that was made offline twenty minutes ago', async ({
      context,
      page,
      servers,
      sandbox,
    }) => {
      await page.clock.install();
      const keys = watchKeys(page, servers);
      await openSettled(page, servers, callTag(), { form });
      await context.setOffline(true);
      await dialButton(page).click();
      await expect(page.getByRole('button', { name: 'Cancel' })).toBeVisible();
      expect(await names(page)).not.toContain('callrefused');

      await page.clock.fastForward('20:00');
      expect((await theEvent(page, 'callrefused')).code).toBe('expired');
      await expect(status(page)).toContainText('It took too long, so nothing was sent.');
      await context.setOffline(false);
      await letAMinutePass(page);
      expect(keys).toEqual([]);
      expect(await sandbox.dials()).toEqual([]);
    });

    test('refuses an offline click as expired when the laptop slept for twenty minutes', async ({
      context,
      page,
      servers,
      sandbox,
    }) => {
      await page.clock.install();
      const keys = watchKeys(page, servers);
      await openSettled(page, servers, callTag(), { form });
      await context.setOffline(true);
      await dialButton(page).click();
      await expect(page.getByRole('button', { name: 'Cancel' })).toBeVisible();

      // The clock goes on, no timer fires, and the network is back before any does.
      await page.clock.setSystemTime(Date.now() + 20 * 60_000);
      await context.setOffline(false);
      await page.clock.fastForward(1_000);
      expect((await theEvent(page, 'callrefused')).code).toBe('expired');
      await expect(status(page)).toContainText('It took too long, so nothing was sent.');
      await letAMinutePass(page);
      expect(keys).toEqual([]);
      expect(await sandbox.dials()).toEqual([]);
    });

    test('dials a click that was made offline when the network is back within ten seconds', async ({
      context,
      page,
      servers,
      sandbox,
    }) => {
      await page.clock.install();
      await openSettled(page, servers, callTag(), { form });
      await context.setOffline(true);
      await dialButton(page).click();
      await page.clock.fastForward(4_000);
      expect(await names(page)).not.toContain('callrefused');
      await context.setOffline(false);
      await theEvent(page, 'callaccepted');
      expect(await sandbox.dials()).toHaveLength(1);
    });

    test('says that it does not know when every reply is lost, and sends nothing after ten seconds', async ({
      page,
      servers,
      sandbox,
    }) => {
      await page.clock.install();
      const keys = watchKeys(page, servers);
      await openSettled(page, servers, callTag(), { form });
      await page.route(`${servers.relay}/v1/calls`, async (route) => {
        await route.fetch();
        await route.abort('connectionreset');
      });
      await dialButton(page).click();
      // The module asks again, the plain button does not.
      if (form === 'module') await expect.poll(() => keys.length).toBeGreaterThan(1);
      const told = async () => {
        await page.clock.fastForward(1_000);
        return names(page);
      };
      await expect.poll(told).toContain('callunknown');
      expect((await theEvent(page, 'callunknown')).code).toBe('no_reply');
      await expect(status(page)).toContainText("We don't know whether the call was placed.");
      const sent = keys.length;
      await letAMinutePass(page);
      expect(keys).toHaveLength(sent);
      expect(new Set(keys).size).toBe(1);
      expect(await sandbox.dials()).toHaveLength(1);
    });
  });
}

test('asks again under the same key when the reply is lost', async ({
  page,
  servers,
  sandbox,
}) => {
  const keys = watchKeys(page, servers);
  await openSettled(page, servers, callTag());
  await page.route(
    `${servers.relay}/v1/calls`,
    async (route) => {
      // The relay has dialled and answered; the page never hears of it.
      await route.fetch();
      await route.abort('connectionreset');
    },
    { times: 1 },
  );
  await dialButton(page).click();
  await theEvent(page, 'callaccepted');
  await expect(status(page)).toContainText('Sent to your dock');
  expect(keys).toHaveLength(2);
  expect(keys[1]).toBe(keys[0]);
  expect(keys[0]).toMatch(/^[A-Za-z0-9_-]{16,128}$/);
  expect(await sandbox.dials()).toHaveLength(1);
});

test('a click carries what was shown when it was made, not what the page shows later', async ({
  context,
  page,
  servers,
  sandbox,
}) => {
  await openSettled(page, servers, callTag({ payload: '{"record":"first"}' }));
  await context.setOffline(true);
  await dialButton(page).click();
  await page.locator('patchcord-call').evaluate((element) => {
    element.setAttribute('number', '+4915228817386');
    element.payload = { record: 'second' };
  });
  await context.setOffline(false);
  const { number, payload } = await theEvent(page, 'callaccepted');
  expect({ number, payload }).toEqual({ number: NUMBER, payload: { record: 'first' } });
  const [{ body }] = await sandbox.dials();
  expect(body.number).toBe(NUMBER.slice(1));
  expect(body.custom).toEqual({ record: 'first' });
});

test('a callback that is sent twice while it is at work arrives once', async ({
  page,
  servers,
  sandbox,
}) => {
  await page.goto(`${servers.demo}/site/`);
  const form = page.locator('patchcord-callback');
  await form.evaluate((element) => element.scrollIntoView());
  await form.getByLabel('Your name').fill('Ada Lovelace');
  await form.getByLabel('Your phone number').fill(NUMBER);
  await form.getByRole('checkbox').check();
  await form.getByRole('button', { name: 'Call me back' }).dblclick();
  await says(page, /^Your reference: \S+$/);
  await expect.poll(() => sandbox.dials()).toHaveLength(1);
});
