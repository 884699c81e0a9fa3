// When a callback is wished for: now or at a time, in the visitor's zone and the business's, also where the clocks
// change; closed hours; the calendar's file.
import { passes, withAxe } from './axe.js';
import { expect, test } from './servers.js';
import { FORMS, callbackTag, fillIn, moduleFailed, open, ready, says } from './pages.js';

/** Has the relay's page tell other hours of the topic `sales`; what is closed when is the relay's own test. */
async function withHours(page, servers, hours, when_closed = 'wait', schedule = true) {
  await page.route(`${servers.relay}/v1/config*`, async (route) => {
    const response = await route.fetch();
    const config = await response.json();
    Object.assign(config.topics[0], { hours, when_closed, schedule });
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

for (const { closing, words } of [
  { closing: 'wait', words: (time) => `We are closed at the moment. We open on ${time} and call you then.` },
  { closing: 'refuse', words: (time) => `We are closed at the moment. Please come back when we are open: ${time}.` },
]) {
  test(`where no time can be chosen (${closing}), the form promises no choice while it is closed`, async ({ page, servers }) => {
    const opens_at = new Date(Math.ceil(Date.now() / 3.6e6) * 3.6e6 + 36e6).toISOString();
    await withHours(page, servers, { zone: 'Europe/Berlin', open: false, opens_at }, closing, false);
    const form = await openForm(page, servers);
    const time = await page.evaluate(
      (time) => new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short' }).format(new Date(time)),
      opens_at,
    );
    await says(page, words(time));
    await expect(form.getByLabel('When should we call?')).toHaveCount(0);
  });
}

test('a request at night is called from the morning on, and nobody is said to be closed', async ({ page, servers }) => {
  const hour = (more) => new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', hour: '2-digit' }).format(Date.now() + more * 36e5);
  const [from, to] = [hour(-1), hour(2)];
  await servers.configure((config) => `quiet_hours = { from = "${from}:00", to = "${to}:00" }\n${config}`);
  await servers.restartRelay();
  const form = await openForm(page, servers);
  await fillIn(page);
  await form.getByRole('button', { name: 'Call me back' }).click();
  await says(page, /^We will call you from .*[0-9]{2}:00\.$/);
  await expect(form.getByText(/open/)).toHaveCount(0);
});

/** Chooses the second time of the third day; gives what is sent for it. */
async function chooseTime(form) {
  const day = form.getByLabel('When should we call?');
  await expect.poll(async () => (await labels(day)).length).toBeGreaterThan(3);
  await day.selectOption({ index: 3 });
  const time = form.getByLabel('At what time?');
  await time.selectOption({ index: 1 });
  return time.inputValue();
}

for (const kind of FORMS) {
  test(`a time that was chosen, and the focus, stay in the ${kind} form while the page changes what goes along`, async ({ page, servers }) => {
    const body = `<patchcord-callback site-key="pk_demo_full" topic="advice">
      <input type="hidden" name="heating" value="gas"><input type="hidden" name="campaign" value="spring">
    </patchcord-callback>`;
    await open(page, servers, body, { form: kind });
    await expect(page.getByLabel('Your name')).toBeVisible();
    await (kind === 'plain' ? moduleFailed(page) : ready(page));
    const form = await fillIn(page, { consent: false });
    await form.getByRole('checkbox', { name: /^You may call me/ }).check();
    const at = await chooseTime(form);
    const name = form.getByLabel('Your name');
    await name.focus();
    await name.evaluate((input) => input.setSelectionRange(3, 5));
    await form.evaluate((element) => element.querySelector('[name=campaign]').setAttribute('value', 'summer'));
    await expect(form.locator('[name="fields.campaign"]').last()).toHaveValue('summer');
    await expect(name).toBeFocused();
    expect(await name.evaluate(({ selectionStart, selectionEnd }) => [selectionStart, selectionEnd])).toEqual([3, 5]);
    // Another question comes before the others, and other texts.
    await form.evaluate((element) => (element.texts = { 'callback.optional': '(if you like)' }));
    await expect(form.getByText('(if you like)').first()).toBeVisible();
    await expect(name).toBeFocused();
    expect(await name.evaluate(({ selectionStart, selectionEnd }) => [selectionStart, selectionEnd])).toEqual([3, 5]);
    await expect(form.getByLabel('At what time?')).toHaveValue(at);
    const sent = page.waitForRequest(`${servers.relay}/v1/callbacks`);
    await form.getByRole('button', { name: 'Call me back' }).click();
    const request = (await sent).postDataJSON();
    expect(request.at).toBe(at);
    expect(request.fields).toMatchObject({ name: 'Ada Lovelace', campaign: 'summer', heating: 'gas' });
  });
}

test('a time that is not free any more is said not to be, when the page changes', async ({ page, servers }) => {
  const form = await openForm(page, servers);
  await fillIn(page);
  const at = await chooseTime(form);
  await withSlots(page, servers, [new Date(Date.parse(at) + 864e5).toISOString()]);
  await form.evaluate((element) => (element.texts = { 'callback.soon': 'At once' }));
  const day = form.getByLabel('When should we call?');
  await expect.poll(() => labels(day)).toHaveLength(2);
  await expect(day).toHaveValue('');
  await expect(day).toHaveAccessibleDescription(/We cannot call at that time\./);
});

test('a request with a time that is refused after a reload is in the form again with its time and topic', async ({ page, servers }) => {
  await openForm(page, servers, 'module', {});
  const form = await fillIn(page, { topic: 'Support' });
  const at = await chooseTime(form);
  await page.route(`${servers.relay}/v1/callbacks`, () => {});
  const sent = page.waitForRequest(`${servers.relay}/v1/callbacks`);
  await form.getByRole('button', { name: 'Call me back' }).click();
  await sent;
  await page.unroute(`${servers.relay}/v1/callbacks`);
  await page.route(`${servers.relay}/v1/callbacks`, (route) =>
    route.fulfill({
      status: 422,
      headers: { 'access-control-allow-origin': '*', 'content-type': 'application/problem+json' },
      body: JSON.stringify({ code: 'do_not_call', status: 422 }),
    }),
  );
  await page.reload();
  await expect(form.getByLabel('What is it about?')).toHaveValue('support');
  await expect(form.getByLabel('At what time?')).toHaveValue(at);
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
