// The page scanner's card: by pointer, touch, focus and keyboard; and the call from it.
import { expect, test } from './servers.js';
import { passes, withAxe } from './axe.js';
import { events, theEvent } from './pages.js';
import { card, finds, marked, openScan, placeOf, pointAt } from './scan.js';

const ROWS = `
  <table aria-label="Contacts"><tbody>
    <tr data-id="00Q1"><td class="name"> Åsa
      Lindström </td><td class="company">Acme</td><td class="score" data-value="87.5">88</td><td>+49 30 23125-101</td></tr>
    <tr data-id="00Q2" data-more='{"deal":{"amount":120000,"products":["heat pump"]}}'><td class="name">Bo</td>
      <td></td><td></td><td><a href="tel:+493023125102">call Bo</a></td></tr>
  </tbody></table>`;
const ENTITY = {
  'tr[data-more]': { record: { system: '=acme-crm', type: '=Lead', id: '@data-id', name: '.name' }, payload: '@data-more' },
  'tr[data-id]': {
    record: { system: '=acme-crm', type: '=Lead', id: '@data-id', name: '.name' },
    payload: { company: '.company', score: '.score@data-value', absent: '.absent' },
  },
};

const callButton = (page, name = 'Call') => card(page).getByRole('button', { name });
const focused = (page) =>
  page.evaluate(() => {
    let active = document.activeElement;
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
    return active.getAttribute('aria-label') ?? active.textContent;
  });

test('a pointer that rests on a number opens its card, with its country; away from it, it closes', async ({ page, servers }) => {
  await openScan(page, servers, '<p>+43 1 58058-12</p><p id="other">else</p>', { lang: 'de' });
  await pointAt(page, '+43 1 58058-12');
  await expect(card(page)).toBeVisible();
  await expect(card(page)).toContainText('+43 1 5805812');
  await expect(card(page)).toContainText('Österreich');
  // From the number into the card: it stays.
  await callButton(page, 'Anrufen').hover();
  await page.mouse.move(5, 400);
  await expect(card(page)).toBeHidden();
});

test('a call from the card goes through <patchcord-call> with the record and the payload of its row, once', async ({ page, servers }) => {
  await openScan(page, servers, ROWS, { attributes: { entity: JSON.stringify(ENTITY) } });
  // Less than three seconds pass, whatever the machine does.
  await page.clock.setFixedTime(new Date());
  await pointAt(page, '+49 30 23125-101');
  await callButton(page).dblclick();
  const detail = await theEvent(page, 'callaccepted');
  expect(detail.number).toBe('+493023125101');
  expect(detail.record).toEqual({ system: 'acme-crm', type: 'Lead', id: '00Q1', name: 'Åsa Lindström' });
  expect(detail.payload).toEqual({ company: 'Acme', score: '87.5' });
  // The second half of a double click, and a click on a card that was opened anew, do nothing.
  await page.keyboard.press('Escape');
  await pointAt(page, 'call Bo');
  await expect(card(page)).toContainText('+49 30 23125102');
  await pointAt(page, '+49 30 23125-101');
  await expect(card(page)).toContainText('+49 30 23125101');
  await callButton(page).click();
  // Whatever that click would have sent is sent before this call is. The card lies over the next row.
  await page.keyboard.press('Escape');
  await expect(card(page)).toBeHidden();
  await pointAt(page, 'call Bo');
  await expect(card(page)).toContainText('+49 30 23125102');
  await callButton(page).click();
  await expect.poll(() => events(page, 'callaccepted')).toHaveLength(2);
  expect((await events(page, 'callrequested')).map(({ detail }) => detail.number)).toEqual(['+493023125101', '+493023125102']);
  expect((await servers.sandbox.dials()).map(({ body }) => body.number)).toEqual(['493023125101', '493023125102']);
});

for (const width of [320, 900]) {
  test(`what is said of a call moves nothing in the card, at ${width} px`, async ({ page, servers }) => {
    await page.setViewportSize({ width, height: 600 });
    await openScan(page, servers, '<p>+49 30 23125-101</p>', { lang: 'de' });
    await pointAt(page, '+49 30 23125-101');
    const copy = card(page).getByRole('button', { name: 'Kopieren' });
    await expect(callButton(page, 'Anrufen')).toBeVisible();
    const places = async () => [await callButton(page, 'Anrufen').boundingBox(), await copy.boundingBox()];
    // Its own styles come with the first card.
    await expect.poll(async () => (await places())[0]?.height).toBeGreaterThan(40);
    const before = await places();
    await callButton(page, 'Anrufen').click();
    await expect(card(page).getByText('An Ihr Dock übergeben')).toBeVisible();
    expect(await places()).toEqual(before);
  });
}

test('a payload of an attribute arrives as it is, from a link', async ({ page, servers }) => {
  await openScan(page, servers, ROWS, { attributes: { entity: JSON.stringify(ENTITY) } });
  await pointAt(page, 'call Bo');
  await callButton(page).click();
  const detail = await theEvent(page, 'callaccepted');
  expect(detail.payload).toEqual({ deal: { amount: 120000, products: ['heat pump'] } });
  expect(detail.record.id).toBe('00Q2');
});

test('a listener can keep a call from being made', async ({ page, servers }) => {
  await openScan(page, servers, '<p>+49 30 23125-101 and +49 30 23125-102</p>');
  await page.evaluate(() => document.addEventListener('callrequested', (event) => event.preventDefault(), { once: true }));
  await pointAt(page, '+49 30 23125-101');
  await callButton(page).click();
  await expect.poll(async () => (await events(page, 'callrequested')).length).toBe(1);
  // The next one is made, and it is the only one.
  await pointAt(page, '+49 30 23125-102');
  await expect(card(page)).toContainText('+49 30 23125102');
  await callButton(page).click();
  expect((await theEvent(page, 'callaccepted')).number).toBe('+493023125102');
  expect((await servers.sandbox.dials()).map(({ body }) => body.number)).toEqual(['493023125102']);
});

test('a card whose button has the focus keeps it when it shows the next number, and stays open', async ({ page, servers }) => {
  await openScan(page, servers, '<p>+49 30 23125-101 and +49 30 23125-102</p>');
  await pointAt(page, '+49 30 23125-101');
  await callButton(page).click();
  await theEvent(page, 'callaccepted');
  await pointAt(page, '+49 30 23125-102');
  await expect(card(page)).toContainText('+49 30 23125102');
  expect(await focused(page)).toBe('Phone number +49 30 23125102');
});

test('copies the number', async ({ page, servers }) => {
  await openScan(page, servers, '<p>+49 (0)30 23125-101</p>');
  await pointAt(page, '+49 (0)30 23125-101');
  const { height } = await card(page).boundingBox();
  await card(page).getByRole('button', { name: 'Copy' }).click();
  await expect(card(page).getByRole('button', { name: 'Copied' })).toBeVisible();
  await expect(card(page).getByRole('status').getByText('Copied')).toBeAttached();
  expect((await card(page).boundingBox()).height).toBe(height);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('+493023125101');
  // Only for a moment: it can be copied again.
  await expect(card(page).getByRole('button', { name: 'Copy' })).toBeVisible();
});

test.describe('without a mouse', () => {
  const FOUR = `
    <button>before</button><p>+49 30 23125-101 and +49 30 23125-102</p>
    <div id="host"></div><a href="tel:+493023125104">call</a>
    <script>document.querySelector('#host').attachShadow({mode: 'open'}).innerHTML = '<p>+49 30 23125-103</p>';</script>`;
  const last = (n) => `+49 30 2312510${n}`;

  test('the shortcut goes from number to number, arrows too, and Escape goes back', async ({ page, servers }) => {
    await openScan(page, servers, FOUR);
    await finds(page, [1, 2, 3, 4].map((n) => `+49302312510${n}`));
    await page.getByRole('button', { name: 'before' }).focus();
    for (const n of [1, 2, 3, 4]) {
      await page.keyboard.press(n === 2 ? 'ArrowDown' : 'Alt+Shift+N');
      await expect(card(page)).toHaveAttribute('aria-label', `Phone number ${last(n)}`);
      expect(await focused(page)).toBe(`Phone number ${last(n)}`);
    }
    for (const n of [3, 2, 1]) {
      await page.keyboard.press('ArrowUp');
      await expect(card(page)).toHaveAttribute('aria-label', `Phone number ${last(n)}`);
    }
    await page.keyboard.press('Tab');
    await page.keyboard.press('Escape');
    await expect(card(page)).toBeHidden();
    expect(await focused(page)).toBe('before');
  });

  test('a text that is read again while its card is open is gone on from, and stays marked', async ({ page, servers }) => {
    await openScan(page, servers, FOUR);
    const current = () => page.evaluate(() => CSS.highlights.get('patchcord-current').size);
    await page.keyboard.press('Alt+Shift+N');
    await page.keyboard.press('ArrowDown');
    await expect(card(page)).toHaveAttribute('aria-label', `Phone number ${last(2)}`);
    await page.evaluate(() => document.querySelector('p').firstChild.appendData(' and +49 30 23125-105'));
    await finds(page, [1, 2, 5, 3, 4].map((n) => `+49302312510${n}`));
    await expect.poll(() => marked(page)).toContain('+49 30 23125-105');
    expect(await current()).toBe(1);
    await page.keyboard.press('ArrowDown');
    await expect(card(page)).toHaveAttribute('aria-label', `Phone number ${last(5)}`);
    await page.keyboard.press('ArrowUp');
    await expect(card(page)).toHaveAttribute('aria-label', `Phone number ${last(2)}`);
  });

  test('a call is one Tab and Enter away', async ({ page, servers }) => {
    await openScan(page, servers, FOUR);
    await page.keyboard.press('Alt+Shift+N');
    await expect(card(page)).toBeVisible();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect((await theEvent(page, 'callaccepted')).number).toBe('+493023125101');
  });

  test("the scanner's own button, which Tab reaches, does the same", async ({ page, servers }) => {
    await openScan(page, servers, FOUR);
    const button = page.getByRole('button', { name: 'Phone numbers on this page' });
    await expect(button).toHaveAttribute('aria-keyshortcuts', 'Alt+Shift+N');
    await page.getByRole('link', { name: 'call' }).focus();
    await page.keyboard.press('Tab');
    await expect(button).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(card(page)).toHaveAttribute('aria-label', `Phone number ${last(1)}`);
  });

  test('another shortcut can be chosen, or none', async ({ page, servers }) => {
    await openScan(page, servers, FOUR, { attributes: { shortcut: 'Ctrl+Shift+K' } });
    await page.keyboard.press('Alt+Shift+N');
    await page.keyboard.press('Control+Shift+K');
    await expect(card(page)).toHaveAttribute('aria-label', `Phone number ${last(1)}`);
  });

  test('a browser that fills a form in, whose events have no key, does not break the shortcut', async ({ page, servers }) => {
    await openScan(page, servers, `<input aria-label="Name">${FOUR}`);
    const errors = await page.getByLabel('Name').evaluate((input) => {
      const heard = [];
      addEventListener('error', ({ message }) => heard.push(message));
      for (const type of ['keydown', 'keyup']) input.dispatchEvent(new Event(type, { bubbles: true, composed: true }));
      return heard;
    });
    expect(errors).toEqual([]);
    await page.keyboard.press('Alt+Shift+N');
    await expect(card(page)).toHaveAttribute('aria-label', `Phone number ${last(1)}`);
  });

  test('the focus on a link opens its card and stays where it is', async ({ page, servers }) => {
    await openScan(page, servers, FOUR);
    await finds(page, [1, 2, 3, 4].map((n) => `+49302312510${n}`));
    await page.getByRole('button', { name: 'before' }).focus();
    await page.keyboard.press('Tab');
    await expect(card(page)).toContainText(last(4));
    await expect(page.getByRole('link', { name: 'call' })).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(card(page)).toBeHidden();
    await expect(page.getByRole('link', { name: 'call' })).toBeFocused();
  });
});

test.describe('by touch', () => {
  test.use({ hasTouch: true, viewport: { width: 380, height: 700 } });

  test('a tap opens the card, a tap elsewhere closes it', async ({ page, servers }) => {
    await openScan(page, servers, '<p>+49 30 23125-101</p><p id="other" style="margin-top:300px">else</p>');
    await finds(page, ['+493023125101']);
    const at = await page.getByText('+49 30').boundingBox();
    await page.touchscreen.tap(at.x + 30, at.y + at.height / 2);
    await expect(card(page)).toBeVisible();
    const inside = await card(page).boundingBox();
    expect(inside.x).toBeGreaterThanOrEqual(0);
    expect(inside.x + inside.width).toBeLessThanOrEqual(380);
    await page.getByText('else').tap();
    await expect(card(page)).toBeHidden();
  });
});

test('a card in a frame and at the edges stays in the window', async ({ page, servers }) => {
  await openScan(
    page,
    servers,
    '<p style="position:fixed;right:2px;bottom:2px;margin:0">+49 30 23125-101</p><iframe src="/t/inner" title="inner" style="margin:40px"></iframe>',
    { frames: { '/t/inner': { body: '<p>+49 30 23125-102</p>' } } },
  );
  await finds(page, ['+493023125101', '+493023125102']);
  await pointAt(page, '+49 30 23125-101');
  await expect(card(page)).toBeVisible();
  const { width, height } = page.viewportSize();
  const box = await card(page).boundingBox();
  expect(box.x + box.width).toBeLessThanOrEqual(width);
  expect(box.y + box.height).toBeLessThanOrEqual(height);
  const frame = page.frames().at(-1);
  await pointAt(page, '+49 30 23125-102', frame);
  await expect(card(page)).toContainText('+49 30 23125102');
  const around = await page.locator('iframe').boundingBox();
  const { bottom } = await placeOf(frame, '+49 30 23125-102');
  expect(Math.abs((await card(page).boundingBox()).y - around.y - bottom)).toBeLessThan(16);
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing wrong in the card, ${colorScheme}`, async ({ page, servers }) => {
    await page.emulateMedia({ colorScheme });
    await withAxe(page);
    // axe does not know the browser's own dark colours.
    const head = colorScheme === 'dark' ? '<style>body{background:#111;color:#eee}a{color:#9cf}</style>' : '';
    await openScan(page, servers, `<h1>Contacts</h1>${ROWS}`, { head });
    await page.keyboard.press('Alt+Shift+N');
    await expect(card(page)).toBeVisible();
    await passes(page, `the card, ${colorScheme}`);
  });
}
