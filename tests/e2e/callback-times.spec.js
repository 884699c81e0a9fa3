// When a callback is wished for: now or at a time, in the visitor's zone and the business's, also where the clocks
// change; closed hours; the calendar's file.
import { passes, withAxe } from './axe.js';
import { expect, test } from './servers.js';
import { FORMS, callbackTag, fillIn, moduleFailed, open, ready, says } from './pages.js';

/** Has the relay's page tell other hours of the topic `sales`; what is closed when is the relay's own test. */
async function withHours(page, servers, hours, when_closed = 'wait') {
  await page.route(`${servers.relay}/v1/config*`, async (route) => {
    const response = await route.fetch();
    const config = await response.json();
    Object.assign(config.topics[0], { hours, when_closed, schedule: true });
    await route.fulfill({ response, json: config });
  });
}

async function withSlots(page, servers, slots) {
  await page.route(`${servers.relay}/v1/slots?*`, (route) =>
    route.fulfill({ headers: { 'access-control-allow-origin': '*' }, json: { zone: 'UTC', minutes: 15, slots } }),
  );
}

async function openForm(page, servers, form = 'module', attributes = { topic: 'sales' }) {
  await open(page, servers, callbackTag(attributes), { form });
  await expect(page.getByLabel('Your name')).toBeVisible();
  await (form === 'plain' ? moduleFailed(page) : ready(page));
  return page.locator('patchcord-callback');
}

const labels = (select) => select.evaluate(({ options }) => [...options].map(({ text }) => text));

for (const kind of FORMS) {
  test(`the ${kind} form sends a time that was chosen, and none for as soon as possible`, async ({ page, servers }) => {
    const form = await openForm(page, servers, kind);
    const day = form.getByLabel('When should we call?');
    expect(await labels(day)).toEqual(['As soon as possible']);
    await expect(form.getByLabel('At what time?')).toBeHidden();
    await fillIn(page);
    // The free times come once somebody is at the form.
    await expect.poll(async () => (await labels(day)).length).toBeGreaterThan(7);
    await day.selectOption({ index: 3 });
    const time = form.getByLabel('At what time?');
    await time.selectOption({ index: 2 });
    const at = await time.inputValue();
    const sent = page.waitForRequest(`${servers.relay}/v1/callbacks`);
    await form.getByRole('button', { name: 'Call me back' }).click();
    expect((await sent).postDataJSON().at).toBe(at);
    await says(page, /^Your reference/);
    await expect(form.locator('.time').filter({ visible: true })).toHaveText(
      await page.evaluate(
        (time) => new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short' }).format(new Date(time)),
        at,
      ),
    );
  });
}

test('while it is closed, the form says when it opens, and that it is called then', async ({ page, servers }) => {
  await withAxe(page);
  const opens_at = new Date(Math.ceil(Date.now() / 3.6e6) * 3.6e6 + 36e6).toISOString();
  await withHours(page, servers, { zone: 'Europe/Berlin', open: false, opens_at });
  const form = await openForm(page, servers);
  const words = await page.evaluate(
    (time) => new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short' }).format(new Date(time)),
    opens_at,
  );
  await expect(form.getByLabel('When should we call?')).toHaveAccessibleDescription(
    `We are closed at the moment. We open on ${words} and call you then, or at a time that you choose.`,
  );
  expect((await labels(form.getByLabel('When should we call?')))[0]).toBe('As soon as possible');
  await passes(page, 'closed');
});

test('where nobody is called while it is closed, a time has to be chosen', async ({ page, servers }) => {
  const opens_at = new Date(Date.now() + 36e6).toISOString();
  await withHours(page, servers, { zone: 'Europe/Berlin', open: false, opens_at }, 'refuse');
  const form = await openForm(page, servers);
  const day = form.getByLabel('When should we call?');
  await expect.poll(async () => (await labels(day)).length).toBeGreaterThan(2);
  expect((await labels(day))[0]).toBe('Please choose');
  await fillIn(page);
  await form.getByRole('button', { name: 'Call me back' }).click();
  await expect(day).toHaveAccessibleDescription(/Please choose a time\. Please fill this in\./);
});

test('where the free times cannot be had, the form says so, and is sent without', async ({ page, servers }) => {
  await page.route(`${servers.relay}/v1/slots?*`, (route) => route.abort('connectionreset'));
  const form = await openForm(page, servers);
  await fillIn(page);
  await says(page, 'The free times could not be loaded.');
  await form.getByRole('button', { name: 'Call me back' }).click();
  await says(page, /^Your reference/);
});

// The same hour, wherever somebody is, before and after each change of the clocks in 2026 and 2027.
for (const { zone, changes } of [
  { zone: 'Europe/Berlin', changes: ['2027-03-28T01:00:00Z', '2027-10-31T01:00:00Z'] },
  { zone: 'America/New_York', changes: ['2027-03-14T07:00:00Z', '2027-11-07T06:00:00Z'] },
  { zone: 'Australia/Lord_Howe', changes: ['2027-04-03T15:00:00Z', '2027-10-02T15:30:00Z'] },
  { zone: 'America/St_Johns', changes: ['2027-03-14T05:30:00Z', '2027-11-07T04:30:00Z'] },
  { zone: 'Asia/Kathmandu', changes: ['2027-03-28T01:00:00Z', '2027-10-31T01:00:00Z'] },
]) {
  test.describe(`in ${zone}`, () => {
    test.use({ timezoneId: zone });
    test('times read as the clocks there show them, each once, and the business’s are named', async ({ page, servers }) => {
      const slots = changes.flatMap((change) =>
        [-90, -60, -30, 0, 30, 60, 90].map((minutes) => new Date(Date.parse(change) + minutes * 6e4).toISOString().replace('.000', '')),
      );
      await withHours(page, servers, { zone: 'Europe/Berlin', open: true, opens_at: null });
      await withSlots(page, servers, slots);
      const form = await openForm(page, servers);
      await form.getByLabel('Your name').focus();
      const day = form.getByLabel('When should we call?');
      await expect.poll(async () => (await labels(day)).length).toBeGreaterThan(1);
      const found = {};
      for (const label of (await labels(day)).slice(1)) {
        await day.selectOption({ label });
        const times = await form.getByLabel('At what time?').evaluate(({ options }) =>
          [...options].map(({ text, value }) => [value, text]),
        );
        expect(new Set(times.map(([, text]) => text)).size, 'each reads in its own way').toBe(times.length);
        for (const [at, text] of times) found[at] = [label, text];
      }
      expect(Object.keys(found).sort()).toEqual([...slots].sort());
      for (const at of slots) {
        // As a clock in Node shows it: another implementation of the same tables.
        const clock = (timeZone, options) => new Intl.DateTimeFormat('en-GB', { timeZone, ...options }).format(new Date(at));
        const [label, text] = found[at];
        expect(label).toBe(clock(zone, { weekday: 'long', day: 'numeric', month: 'long' }));
        expect(text.startsWith(clock(zone, { timeStyle: 'short' })), `${at}: ${text}`).toBe(true);
        const berlin = clock('Europe/Berlin', { timeStyle: 'short' });
        if (zone === 'Europe/Berlin') expect(text).not.toContain('Central European');
        else expect(text).toMatch(new RegExp(`\\(.*${berlin}.*Central European Time.*\\)$`));
      }
    });
  });
}

test('two weeks of free times take a page few formats of the clock, which are slow to make', async ({ page, servers }) => {
  await page.addInitScript(() => {
    window.made = 0;
    Intl.DateTimeFormat = class extends Intl.DateTimeFormat {
      constructor(...how) {
        super(...how);
        window.made += 1;
      }
    };
  });
  const from = Math.ceil(Date.now() / 864e5) * 864e5;
  const slots = Array.from({ length: 14 * 40 }, (_, i) => new Date(from + Math.floor(i / 40) * 864e5 + (i % 40) * 9e5).toISOString());
  await withSlots(page, servers, slots);
  const form = await openForm(page, servers);
  await fillIn(page);
  const day = form.getByLabel('When should we call?');
  await expect.poll(async () => (await labels(day)).length).toBeGreaterThan(13);
  await day.selectOption({ index: 2 });
  expect((await labels(form.getByLabel('At what time?'))).length).toBeGreaterThan(20);
  expect(await page.evaluate(() => window.made)).toBeLessThan(12);
});
