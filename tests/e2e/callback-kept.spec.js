// Over a bad network a request counts once: it is kept across a reload until it is answered, sent again as it was, and
// then what became of it is kept.
import { expect, test } from './servers.js';
import { callbackTag, events, fillIn, open, ready, says, theEvent } from './pages.js';

/** The next that is sent arrives, and only the page that is then loaded sends it: the one before is gone by then. */
async function reloadWithNetwork(page, servers) {
  const address = page.url();
  await page.goto('about:blank');
  await page.unroute(`${servers.relay}/v1/callbacks`);
  await page.goto(address);
}

async function openForm(page, servers) {
  await open(page, servers, callbackTag({ topic: 'sales' }));
  await expect(page.getByLabel('Your name')).toBeVisible();
  await ready(page);
  return fillIn(page);
}

test('a request whose answer was lost is sent again after a reload, as it was, and counts once', async ({
  page,
  servers,
  sandbox,
}) => {
  const seen = [];
  let isLost = true;
  await page.route(`${servers.relay}/v1/callbacks`, async (route) => {
    const request = route.request();
    if (request.method() === 'OPTIONS') return route.continue();
    seen.push({ key: request.headers()['idempotency-key'], body: request.postData() });
    // It arrives; the answer does not.
    const response = await route.fetch();
    if (!isLost) return route.fulfill({ response });
    return new Promise(() => {});
  });
  const form = await openForm(page, servers);
  await form.getByRole('button', { name: 'Call me back' }).click();
  await expect.poll(() => seen.length).toBe(1);
  await expect.poll(() => sandbox.dials()).toHaveLength(1);
  isLost = false;
  await page.reload();
  await says(page, /^Your reference/);
  await says(page, 'We will call you on +493023125100.');
  expect(seen).toHaveLength(2);
  expect(seen[1]).toEqual(seen[0]);
  expect(await sandbox.dials()).toHaveLength(1);
  expect((await events(page)).map(({ name }) => name)).toEqual(['patchcordready', 'callbackqueued']);
});

test('a request that did not arrive before a reload arrives after it', async ({ page, servers, sandbox }) => {
  await page.route(`${servers.relay}/v1/callbacks`, (route) => route.abort('connectionreset'));
  const form = await openForm(page, servers);
  await form.getByRole('button', { name: 'Call me back' }).click();
  await theEvent(page, 'callbackrequested');
  await expect.poll(() => page.evaluate(() => sessionStorage.length)).toBe(1);
  await reloadWithNetwork(page, servers);
  await says(page, /^Your reference/);
  await expect.poll(() => sandbox.dials()).toHaveLength(1);
});

test('what the relay refuses after a reload is in the form again, to be sent anew', async ({ page, servers, sandbox }) => {
  await servers.doNotCall('+493023125100');
  await page.route(`${servers.relay}/v1/callbacks`, (route) => route.abort('connectionreset'));
  const form = await openForm(page, servers);
  await form.getByRole('button', { name: 'Call me back' }).click();
  await expect.poll(() => page.evaluate(() => sessionStorage.length)).toBe(1);
  await reloadWithNetwork(page, servers);
  expect((await theEvent(page, 'callbackrefused')).code).toBe('do_not_call');
  await expect(form.getByLabel('Your name')).toHaveValue('Ada Lovelace');
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  expect(await sandbox.dials()).toEqual([]);
});

test('the confirmation is there after a reload, until another request is wished', async ({ page, servers }) => {
  const form = await openForm(page, servers);
  await form.getByRole('button', { name: 'Call me back' }).click();
  await says(page, /^Your reference/);
  const reference = await form.locator('.reference').textContent();
  await page.reload();
  await says(page, reference);
  expect((await events(page, 'callbackqueued'))).toEqual([]);
  await form.getByRole('button', { name: 'Another request' }).click();
  await expect(form.getByLabel('Your name')).toBeFocused();
  await page.reload();
  await expect(form.getByLabel('Your name')).toBeVisible();
  await expect(form.getByText(reference)).toHaveCount(0);
});

test('a page without storage sends and confirms all the same', async ({ page, servers, sandbox }) => {
  await page.addInitScript(() => {
    Object.defineProperty(window, 'sessionStorage', {
      get() {
        throw new DOMException('no', 'SecurityError');
      },
    });
  });
  const form = await openForm(page, servers);
  await form.getByRole('button', { name: 'Call me back' }).click();
  await says(page, /^Your reference/);
  await expect.poll(() => sandbox.dials()).toHaveLength(1);
});
