// Over a bad network a request counts once: it is kept across a reload until it is answered, sent again as it was, and
// then what became of it is kept.
import { expect, test } from './servers.js';
import { callbackTag, events, fillIn, letAMinutePass, open, ready, says, theEvent } from './pages.js';

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

/** Sends a request that arrives and whose answer never comes; gives what was sent, and how the next ones are answered. */
async function sendWithoutAnswer(page, servers) {
  const sent = [];
  const relay = { sent, answer: () => new Promise(() => {}) };
  await page.clock.install();
  await page.route(`${servers.relay}/v1/callbacks`, async (route) => {
    const request = route.request();
    if (request.method() === 'OPTIONS') return route.continue();
    sent.push({ key: request.headers()['idempotency-key'], body: request.postData() });
    return relay.answer(route, await route.fetch());
  });
  const form = await openForm(page, servers);
  await form.getByRole('button', { name: 'Call me back' }).click();
  await expect.poll(() => sent.length).toBe(1);
  return { form, relay };
}

/** Sends what is in the form: it is the request from before, and there is one callback. */
async function sendOnce(page, sandbox, { form, relay }) {
  relay.answer = (route, response) => route.fulfill({ response });
  await page.clock.fastForward(5_000);
  await form.getByRole('button', { name: 'Call me back' }).click();
  await theEvent(page, 'callbackqueued');
  for (const request of relay.sent) expect(request).toEqual(relay.sent[0]);
  await expect.poll(() => sandbox.dials()).toHaveLength(1);
}

for (const { name, answer, isOffline = false } of [
  { name: 'without a network', isOffline: true },
  { name: 'where the relay has too much to do', answer: problem(503, 'relay_busy') },
  { name: 'where there were too many', answer: problem(429, 'too_many_requests') },
]) {
  test(`what may have arrived stays unknown after a reload ${name}`, async ({ page, servers, sandbox }) => {
    await page.addInitScript(() => {
      Object.defineProperty(Navigator.prototype, 'onLine', { get: () => !localStorage.getItem('offline') });
    });
    const { form, relay } = await sendWithoutAnswer(page, servers);
    if (isOffline) await page.evaluate(() => localStorage.setItem('offline', 'yes'));
    else relay.answer = answer;
    await page.reload();
    await expect(form.getByLabel('Your name')).toHaveValue('Ada Lovelace');
    const told = async () => {
      await page.clock.fastForward(1_000);
      return events(page, 'callbackunknown');
    };
    await expect.poll(told).toHaveLength(1);
    expect((await theEvent(page, 'callbackunknown')).code).toBe('no_reply');
    expect(await events(page, 'callbackrefused')).toEqual([]);
    await says(page, "We don't know whether your request arrived.");
    expect(await page.evaluate(() => sessionStorage.length)).toBe(1);
    await page.evaluate(() => localStorage.clear());
    await sendOnce(page, sandbox, { form, relay });
  });
}

/** An answer of the relay that says nothing of an earlier one. */
function problem(status, code) {
  return (route) =>
    route.fulfill({
      status,
      contentType: 'application/problem+json',
      headers: { 'access-control-allow-origin': '*' },
      body: JSON.stringify({ code, status, title: 'No' }),
    });
}

test('hours later a request is not sent again by itself; whoever sends it then counts once', async ({
  page,
  servers,
  sandbox,
}) => {
  const { form, relay } = await sendWithoutAnswer(page, servers);
  await page.clock.fastForward('02:00:00');
  const before = relay.sent.length;
  await page.reload();
  await says(page, "We don't know whether your request arrived.");
  await expect(form.getByLabel('Your name')).toHaveValue('Ada Lovelace');
  await letAMinutePass(page);
  expect(relay.sent).toHaveLength(before);
  await sendOnce(page, sandbox, { form, relay });
});

test('after a day the key of a request is forgotten: the relay would take it for another one', async ({ page, servers }) => {
  const { form, relay } = await sendWithoutAnswer(page, servers);
  await page.clock.fastForward('25:00:00');
  const before = relay.sent.length;
  await page.reload();
  await ready(page);
  await expect(form.getByLabel('Your name')).toHaveValue('');
  await letAMinutePass(page);
  expect(relay.sent).toHaveLength(before);
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
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
