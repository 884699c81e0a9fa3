// After a request: what a visitor is told, and what they can do: add it to the calendar, change it, call it off, come
// back to it by its link. How it stands is told as far as the relay knows.
import { readFile } from 'node:fs/promises';
import { passes, withAxe } from './axe.js';
import { expect, test } from './servers.js';
import { FORMS, callbackTag, fillIn, moduleFailed, open, ready, says, theEvent } from './pages.js';

// Of this topic the relay keeps the request until its time; the other one's platform takes it at once.
const LATER = { topic: 'sales' };

/** Sends a request for the second time of the third day; gives the element and the relay's answer. */
async function request(page, servers, attributes = LATER, form = 'module') {
  await open(page, servers, callbackTag(attributes), { form });
  await expect(page.getByLabel('Your name')).toBeVisible();
  await (form === 'plain' ? moduleFailed(page) : ready(page));
  const element = await fillIn(page);
  const day = element.getByLabel('When should we call?');
  await expect.poll(() => day.evaluate(({ options }) => options.length)).toBeGreaterThan(3);
  await day.selectOption({ index: 3 });
  await element.getByLabel('At what time?').selectOption({ index: 1 });
  const answer = page.waitForResponse(`${servers.relay}/v1/callbacks`);
  await element.getByRole('button', { name: 'Call me back' }).click();
  const callback = await (await answer).json();
  await says(page, `Your reference: ${callback.reference}`);
  return { element, callback };
}

/** A callback as the relay has it. */
async function asked(servers, { id, manage_token }) {
  const reply = await fetch(`${servers.relay}/v1/callbacks/${id}`, {
    headers: { 'patchcord-manage': manage_token, origin: servers.demo },
  });
  return reply.json();
}

const inFull = (at) => new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short', timeZone: 'Europe/Berlin' }).format(new Date(at));

/** The lines of a calendar file, unfolded, by their names. */
function readCalendar(text) {
  expect(text.endsWith('\r\n')).toBe(true);
  for (const line of text.split('\r\n')) {
    expect(Buffer.byteLength(line), line).toBeLessThanOrEqual(75);
    expect(line).not.toMatch(/[\r\n]/);
  }
  const lines = text.replaceAll('\r\n ', '').split('\r\n').slice(0, -1);
  return lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]);
}

for (const form of ['module', 'plain']) {
  test(`the ${form} form’s confirmation has number, time, reference, a file for the calendar and a link`, async ({
    page,
    servers,
  }) => {
    await withAxe(page);
    const { element, callback } = await request(page, servers, LATER, form);
    await says(page, 'Thank you. We have your request.');
    await says(page, 'We will call you on +493023125100.');
    await says(page, inFull(callback.at));
    await expect(element.locator('.done')).toBeFocused();
    await expect(element.getByRole('link', { name: 'Your link to change or cancel it' })).toHaveAttribute('href', callback.manage_url);
    await passes(page, 'done');

    const download = page.waitForEvent('download');
    await element.getByRole('button', { name: 'Add to calendar' }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe('callback.ics');
    const lines = readCalendar(await readFile(await file.path(), 'utf8'));
    const of = Object.fromEntries(lines);
    expect(lines.filter(([name]) => name === 'BEGIN').map(([, value]) => value)).toEqual(['VCALENDAR', 'VEVENT']);
    expect(of.VERSION).toBe('2.0');
    expect(of.PRODID).toBeTruthy();
    expect(of.UID).toBe(`${callback.id}@patchcord`);
    expect(of.DTSTAMP).toMatch(/^\d{8}T\d{6}Z$/);
    expect(of.DTSTART).toBe(callback.at.replaceAll(/[-:]/g, '').replace(/\.\d+/, ''));
    expect(of.SUMMARY.replaceAll(/\\([,;\\])/g, '$1')).toContain('We call you');
    expect(of.DESCRIPTION).toContain(callback.reference);
    expect(of.URL).toBe(callback.manage_url);
  });
}

test('a request is called off after one question', async ({ page, servers, sandbox }) => {
  await withAxe(page);
  const { element, callback } = await request(page, servers);
  await element.getByRole('button', { name: 'Cancel request' }).click();
  await says(page, 'Cancel this request? We will not call you then.');
  await expect(element.getByRole('button', { name: 'No, keep it' })).toBeFocused();
  await passes(page, 'asked');
  await element.getByRole('button', { name: 'No, keep it' }).click();
  expect((await asked(servers, callback)).state).toBe('queued');
  await element.getByRole('button', { name: 'Cancel request' }).click();
  await element.getByRole('button', { name: 'Yes, cancel it' }).click();
  await says(page, 'Your request is cancelled.');
  await expect(element.getByRole('button', { name: 'Cancel request' })).toBeHidden();
  await passes(page, 'cancelled');
  expect((await asked(servers, callback)).state).toBe('cancelled');
  expect(await sandbox.dials()).toEqual([]);
});

test('a request gets another time', async ({ page, servers }) => {
  await withAxe(page);
  const { element, callback } = await request(page, servers);
  await element.getByRole('button', { name: 'Change time' }).click();
  const day = element.getByLabel('When should we call?').filter({ visible: true });
  await expect(day).toBeFocused();
  await expect.poll(() => day.evaluate(({ options }) => options.length)).toBeGreaterThan(5);
  await day.selectOption({ index: 5 });
  const time = element.getByLabel('At what time?').filter({ visible: true });
  await time.selectOption({ index: 2 });
  await passes(page, 'choosing');
  const at = await time.inputValue();
  await element.getByRole('button', { name: 'Save' }).click();
  await says(page, 'The time is changed.');
  await says(page, inFull(at));
  expect(Date.parse((await asked(servers, callback)).at)).toBe(Date.parse(at));
});

test('what can no longer be changed is said to be so', async ({ page, servers }) => {
  const { element } = await request(page, servers);
  await page.route(`${servers.relay}/v1/callbacks/*`, (route) =>
    route.request().method() === 'DELETE'
      ? route.fulfill({
          status: 409,
          contentType: 'application/problem+json',
          headers: { 'access-control-allow-origin': '*' },
          body: JSON.stringify({ code: 'too_late', title: 'Too late', status: 409 }),
        })
      : route.continue(),
  );
  await element.getByRole('button', { name: 'Cancel request' }).click();
  await element.getByRole('button', { name: 'Yes, cancel it' }).click();
  await says(page, 'It is too late to change this.');
  await says(page, 'Thank you. We have your request.');
});

test('a cancellation whose reply is lost is not said to be none, and how it stands is told as soon as that is known', async ({
  page,
  servers,
}) => {
  const { element, callback } = await request(page, servers);
  await page.route(`${servers.relay}/v1/callbacks/*`, async (route) => {
    if (route.request().method() !== 'DELETE') return route.continue();
    await route.fetch();
    return route.abort('connectionreset');
  });
  await element.getByRole('button', { name: 'Cancel request' }).click();
  await element.getByRole('button', { name: 'Yes, cancel it' }).click();
  await says(page, 'There was no reply.');
  await expect(element.getByText('nothing was sent')).toHaveCount(0);
  await says(page, 'Your request is cancelled.');
  await expect(element.getByText('There was no reply.')).toHaveCount(0);
  expect((await asked(servers, callback)).state).toBe('cancelled');
});

test('a double click calls a request off once', async ({ page, servers }) => {
  const { element } = await request(page, servers);
  const sent = [];
  await page.route(`${servers.relay}/v1/callbacks/*`, async (route) => {
    if (route.request().method() === 'DELETE') sent.push(route.request().url());
    return route.continue();
  });
  await element.getByRole('button', { name: 'Cancel request' }).click();
  await element.getByRole('button', { name: 'Yes, cancel it' }).dblclick();
  await says(page, 'Your request is cancelled.');
  await expect(element.getByText('It is too late')).toHaveCount(0);
  expect(sent).toHaveLength(1);
});

/** Has the page write down what its live regions come to say. One that comes together with its words may not be heard. */
async function listen(element) {
  await element.evaluate(({ shadowRoot }) => {
    window.said = [];
    const last = new Map();
    const look = () => {
      for (const region of shadowRoot.querySelectorAll('[role=status]')) {
        const text = region.checkVisibility() ? region.innerText.trim() : undefined;
        if (text && last.has(region) && text !== last.get(region)) window.said.push(text);
        if (text === undefined) last.delete(region);
        else last.set(region, text);
      }
    };
    look();
    const all = { attributes: true, characterData: true, childList: true, subtree: true };
    new MutationObserver(look).observe(shadowRoot, all);
  });
}

test('what became of a request is read out, and once', async ({ page, servers }) => {
  let state;
  await page.route(`${servers.relay}/v1/callbacks/*`, async (route) => {
    if (!state || route.request().method() !== 'GET') return route.continue();
    const response = await route.fetch();
    return route.fulfill({ response, json: { ...(await response.json()), state } });
  });
  const { element } = await request(page, servers);
  await listen(element);
  state = 'expired';
  const words = 'Your request was not passed to the team in time.';
  await expect.poll(() => page.evaluate(() => window.said)).toEqual([words]);
});

test('a request that was called off is read out once, with the focus', async ({ page, servers }) => {
  const { element } = await request(page, servers);
  await listen(element);
  await element.getByRole('button', { name: 'Cancel request' }).click();
  await element.getByRole('button', { name: 'Yes, cancel it' }).click();
  await says(page, 'Your request is cancelled.');
  await expect(element.locator('.done')).toBeFocused();
  await expect(element.getByText('Your request is cancelled.')).toHaveCount(1);
  expect(await page.evaluate(() => window.said)).toEqual([]);
});

test('that the time was changed is read out', async ({ page, servers }) => {
  const { element } = await request(page, servers);
  await listen(element);
  await element.getByRole('button', { name: 'Change time' }).click();
  const day = element.getByLabel('When should we call?').filter({ visible: true });
  await expect.poll(() => day.evaluate(({ options }) => options.length)).toBeGreaterThan(5);
  await day.selectOption({ index: 5 });
  await element.getByRole('button', { name: 'Save' }).click();
  await expect.poll(() => page.evaluate(() => window.said)).toEqual(['The time is changed.']);
});

test('a request is followed until it was passed to the team, and never further', async ({ page, servers, sandbox }) => {
  await open(page, servers, callbackTag({ topic: 'sales' }));
  await expect(page.getByLabel('Your name')).toBeVisible();
  await ready(page);
  const element = await fillIn(page);
  await element.getByRole('button', { name: 'Call me back' }).click();
  await says(page, 'Thank you. Passed to the team.');
  await expect.poll(() => sandbox.dials()).toHaveLength(1);
  await expect(element.getByRole('button', { name: 'Cancel request' })).toBeHidden();
  await expect(element.getByText(/calling you/i)).toHaveCount(0);
});

for (const { state, words } of [
  { state: 'refused', words: 'Your request could not be passed to the team.' },
  { state: 'expired', words: 'Your request was not passed to the team in time.' },
  { state: 'unknown', words: 'We do not know whether your request reached the team.' },
]) {
  test(`a request that became ${state} is told honestly, and once`, async ({ page, servers }) => {
    await withAxe(page);
    await page.route(`${servers.relay}/v1/callbacks/*`, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), state } });
    });
    const { element } = await request(page, servers);
    await says(page, words);
    await expect(element.locator('.said')).toHaveText(words);
    await expect(element.getByText('We will call you')).toHaveCount(0);
    await passes(page, state);
  });
}

test('the link shows the request on the relay’s own page, where it can be changed and called off', async ({ page, servers }) => {
  await withAxe(page);
  const { callback } = await request(page, servers);
  await page.goto(callback.manage_url);
  const element = page.locator('patchcord-callback');
  await says(page, `Your reference: ${callback.reference}`);
  await says(page, 'We will call you on …100.');
  await says(page, inFull(callback.at));
  await passes(page, 'on the page of the relay');
  await element.getByRole('button', { name: 'Change time' }).click();
  const day = element.getByLabel('When should we call?').filter({ visible: true });
  await expect.poll(() => day.evaluate(({ options }) => options.length)).toBeGreaterThan(5);
  await day.selectOption({ index: 5 });
  const at = await element.getByLabel('At what time?').filter({ visible: true }).inputValue();
  await element.getByRole('button', { name: 'Save' }).click();
  await says(page, inFull(at));
  await element.getByRole('button', { name: 'Cancel request' }).click();
  await element.getByRole('button', { name: 'Yes, cancel it' }).click();
  await says(page, 'Your request is cancelled.');
});

test('the website’s own page shows the request that its address names', async ({ page, servers }) => {
  const { callback } = await request(page, servers);
  await page.evaluate(() => sessionStorage.clear());
  await page.goto('about:blank');
  await page.goto(`${servers.demo}/t/#patchcord=${callback.id}.${callback.manage_token}`);
  await says(page, `Your reference: ${callback.reference}`);
  await expect(page.getByLabel('Your name')).toBeHidden();
});

for (const form of FORMS) {
  test(`another link in the same tab shows, and calls off, its own request: the ${form} form`, async ({ page, context, servers }) => {
    const { callback: first } = await request(page, servers, LATER, form);
    await page.evaluate(() => sessionStorage.clear());
    const { callback: second } = await request(await context.newPage(), servers, LATER, form);
    await page.goto('about:blank');
    const [here, there] = [first, second].map(({ id, manage_token: token }) => `#patchcord=${id}.${token}`);
    await page.goto(`${servers.demo}/t/${here}`);
    const element = page.locator('patchcord-callback');
    await says(page, `Your reference: ${first.reference}`);
    await page.evaluate((hash) => {
      window.location.hash = hash;
    }, there);
    await says(page, `Your reference: ${second.reference}`);
    await expect(element.getByText(first.reference)).toHaveCount(0);
    await element.getByRole('button', { name: 'Cancel request' }).click();
    await expect(element.getByRole('button', { name: 'No, keep it' })).toBeFocused();
    await element.getByRole('button', { name: 'No, keep it' }).click();
    await element.getByRole('button', { name: 'Cancel request' }).click();
    await element.getByRole('button', { name: 'Yes, cancel it' }).click();
    await says(page, 'Your request is cancelled.');
    await expect(element.locator('.done')).toBeFocused();
    expect((await asked(servers, second)).state).toBe('cancelled');
    expect((await asked(servers, first)).state).toBe('queued');
  });
}

test('another link in the same tab shows its own request on the relay’s page', async ({ page, context, servers }) => {
  const { callback: first } = await request(page, servers);
  const { callback: second } = await request(await context.newPage(), servers);
  await page.goto(first.manage_url);
  await says(page, `Your reference: ${first.reference}`);
  await page.evaluate((address) => window.location.assign(address), second.manage_url);
  await says(page, `Your reference: ${second.reference}`);
});

test('without the module a cancellation whose reply is lost is not said to be none', async ({ page, servers }) => {
  await withAxe(page);
  const { element, callback } = await request(page, servers, LATER, 'plain');
  let isLost = true;
  await page.route(`${servers.relay}/v1/callbacks/*`, async (route) => {
    if (route.request().method() !== 'DELETE' || !isLost) return route.continue();
    isLost = false;
    await route.fetch();
    return route.abort('connectionreset');
  });
  await element.getByRole('button', { name: 'Cancel request' }).click();
  await says(page, 'Cancel this request? We will not call you then.');
  await passes(page, 'asked');
  await element.getByRole('button', { name: 'Yes, cancel it' }).click();
  await says(page, 'There was no reply.');
  expect((await asked(servers, callback)).state).toBe('cancelled');
  await element.getByRole('button', { name: 'Cancel request' }).click();
  await element.getByRole('button', { name: 'Yes, cancel it' }).click();
  await says(page, 'Your request is cancelled.');
  await expect(element.getByRole('button', { name: 'Add to calendar' })).toBeHidden();
  await expect(element.getByRole('link')).toBeHidden();
  await passes(page, 'cancelled');
});

test('a link that fits no request says so', async ({ page, servers }) => {
  await page.goto(`${servers.relay}/callback#cb_nothing.pcm_nothing`);
  await says(page, /^This link does not fit the request/);
  await says(page, /^Please open the whole link/);
  await expect(page.getByText('Looking for your request…')).toBeHidden();
  await expect(page.getByText('manage_token')).toBeHidden();
});

test('the request’s events go to the page', async ({ page, servers }) => {
  const { callback } = await request(page, servers);
  expect(await theEvent(page, 'callbackqueued')).toMatchObject({
    number: '+493023125100',
    at: callback.at,
    reference: callback.reference,
  });
});
