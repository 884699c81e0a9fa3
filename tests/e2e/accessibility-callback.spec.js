// For everybody: the callback form where it is not in the page, with every kind of field, and after it was sent. axe
// finds nothing in any look, the keyboard is enough, and a small window too.
import { passes, passesInEveryLook, withAxe } from './axe.js';
import { contrast } from './colours.js';
import { FORMS, NUMBER, callbackTag, moduleFailed, open, openSettled, says, theEvent } from './pages.js';
import { expect, test } from './servers.js';

const MODES = ['popup', 'float', 'slide'];

const form = (page) => page.locator('patchcord-callback');
const trigger = (page) => form(page).getByRole('button', { name: 'Ring me', exact: true });
const sheet = (page) => form(page).getByRole('dialog', { name: 'Ring me' });
const named = (page, name) => form(page).locator(`[name="${name}"]`).filter({ visible: true });
const button = (page, name) => form(page).getByRole('button', { name, exact: true });
/** Where the focus is, in the element. */
const focused = (page) =>
  form(page).evaluate(({ shadowRoot }) => {
    const { activeElement: at } = shadowRoot;
    return at && { name: at.name || at.textContent.trim() || at.localName, inSheet: Boolean(at.closest('dialog')) };
  });

/** Opens a page with a form that is not in it, between other words. */
async function openClosed(page, servers, mode, { kind = 'module', ...attributes } = {}) {
  const words = '<p>Heat pumps, solar roofs and repairs.</p>';
  await open(page, servers, words + callbackTag({ mode, label: 'Ring me', ...attributes }) + words.repeat(30), { form: kind });
  await expect(trigger(page)).toBeVisible();
}

/** Opens the sheet, and waits until it has what it asks. */
async function openSheet(page, kind = 'module') {
  await trigger(page).click();
  await expect(named(page, 'fields.name')).toBeVisible();
  // The focus is in it, and who is at a form keeps it: the module takes over when it is sent.
  if (kind === 'plain') await moduleFailed(page);
}

async function fillIn(page) {
  await named(page, 'fields.name').fill('Ada Lovelace');
  await named(page, 'number').fill(NUMBER);
  await named(page, 'consent').check();
}

for (const mode of MODES) {
  for (const scheme of ['light', 'dark']) {
    test(`every state of the form as ${mode}, ${scheme}`, async ({ page, servers }) => {
      test.setTimeout(90_000);
      await withAxe(page);
      // What comes sliding is looked at when it is there.
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await openClosed(page, servers, mode);
      await passesInEveryLook(page, 'closed');
      await openSheet(page);
      await passesInEveryLook(page, 'open');
      await button(page, 'Call me back').click();
      await expect.poll(async () => (await focused(page))?.name).toBe('fields.name');
      await passesInEveryLook(page, 'with something missing');
      await fillIn(page);
      await button(page, 'Call me back').click();
      await theEvent(page, 'callbackqueued');
      await says(page, /^Your reference: \S+$/);
      await passesInEveryLook(page, 'done');
    });
  }

  for (const kind of FORMS) {
    test(`with the keyboard alone, the ${kind} form as ${mode} is opened, filled in, left, come back to and sent`, async ({ page, servers }) => {
      await openClosed(page, servers, mode, { kind });
      await page.keyboard.press('Tab');
      await expect(trigger(page)).toBeFocused();
      await page.keyboard.press('Enter');
      await expect(sheet(page)).toBeVisible();
      await expect(named(page, 'fields.name')).toBeVisible();
      await expect.poll(() => focused(page)).toMatchObject({ inSheet: true });
      const tabTo = async (name) => {
        for (let pressed = 0; pressed < 20 && (await focused(page))?.name !== name; pressed += 1) await page.keyboard.press('Tab');
        expect(await focused(page)).toMatchObject({ name, inSheet: true });
      };
      await tabTo('fields.name');
      await page.keyboard.type('Ada Lovelace');
      await page.keyboard.press('Escape');
      await expect(sheet(page)).toBeHidden();
      await expect(trigger(page)).toBeFocused();
      await page.keyboard.press('Space');
      await expect(sheet(page)).toBeVisible();
      await expect(named(page, 'fields.name')).toHaveValue('Ada Lovelace');
      await tabTo('number');
      await page.keyboard.type(NUMBER);
      await tabTo('consent');
      await page.keyboard.press('Space');
      await page.keyboard.press('Enter');
      await theEvent(page, 'callbackqueued');
      await expect.poll(async () => (await focused(page))?.name).toContain('Your reference');
      await page.keyboard.press('Escape');
      await expect(sheet(page)).toBeHidden();
      await expect(trigger(page)).toBeFocused();
    });
  }

  test(`at 400% zoom the form as ${mode} is read and used by scrolling one way`, async ({ page, servers }) => {
    await page.setViewportSize({ width: 320, height: 256 });
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await openClosed(page, servers, mode);
    await openSheet(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    const wrong = await form(page).evaluate(({ shadowRoot }) => {
      const found = [];
      const dialog = shadowRoot.querySelector('dialog');
      if (dialog.scrollWidth > dialog.clientWidth) found.push(`the sheet is ${dialog.scrollWidth} wide`);
      for (const one of dialog.querySelectorAll('button, input, select, a')) {
        if (!one.checkVisibility()) continue;
        one.focus();
        const { left, right, top, bottom } = one.getBoundingClientRect();
        const isSeen = left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight;
        if (!isSeen) found.push(`${one.name || one.textContent} is from ${left},${top} to ${right},${bottom}`);
        // Nor is it under what stays in sight.
        const over = shadowRoot.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        if (isSeen && over !== one && !one.contains(over)) found.push(`${one.name || one.textContent} is under ${over?.className}`);
      }
      return found;
    });
    expect(wrong).toEqual([]);
  });

  test(`the form as ${mode} is not on paper where it floats, and can be seen in forced colours`, async ({ page, servers }) => {
    await openClosed(page, servers, mode);
    await openSheet(page);
    await page.emulateMedia({ media: 'print' });
    await expect(trigger(page)).toBeHidden();
    // What is over everything else is what is printed.
    if (mode === 'popup') await expect(sheet(page)).toBeVisible();
    else await expect(sheet(page)).toBeHidden();
    await page.emulateMedia({ media: 'screen', forcedColors: 'active' });
    await expect(sheet(page)).toBeVisible();
    expect(await contrast(sheet(page), mode === 'slide' ? 'borderInlineStartColor' : 'borderTopColor')).toBeGreaterThanOrEqual(3);
    await page.keyboard.press('Escape');
    const edge = await trigger(page).evaluate((node) => {
      const { borderTopStyle, outlineStyle } = getComputedStyle(node);
      return [borderTopStyle, outlineStyle];
    });
    expect(edge).toContain('solid');
  });
}

test('who reads a screen is told of a dialog, its name and how to close it', async ({ page, servers }) => {
  await openClosed(page, servers, 'popup');
  await openSheet(page);
  await expect(form(page).locator('[part~=trigger]')).toHaveAttribute('aria-expanded', 'true');
  await expect(form(page)).toMatchAriaSnapshot(`
    - dialog "Ring me":
      - button "Close"
      - textbox "Your name"
      - textbox "Your phone number"
      - button "Call me back"
  `);
});

test('the floating button stands in the corner that is chosen, mirrored from right to left', async ({ page, servers }) => {
  await page.setViewportSize({ width: 800, height: 600 });
  await openClosed(page, servers, 'float');
  const set = (properties) =>
    form(page).evaluate((node, all) => {
      for (const [key, value] of Object.entries(all)) node.style.setProperty(`--patchcord-corner-${key}`, value);
    }, properties);
  /** Above or below the middle of the window, and left or right of it. */
  const place = async () => {
    const { x, y, width, height } = await trigger(page).boundingBox();
    const across = await page.evaluate(() => document.documentElement.clientWidth);
    expect(Math.min(x, across - x - width)).toBe(20);
    expect(Math.min(y, 600 - y - height)).toBe(20);
    return `${y < 300 ? 'top' : 'bottom'} ${x < 400 ? 'left' : 'right'}`;
  };
  expect(await place()).toBe('bottom right');
  await set({ inline: '20px auto' });
  expect(await place()).toBe('bottom left');
  await set({ block: '20px auto' });
  expect(await place()).toBe('top left');
  await page.evaluate(() => (document.documentElement.dir = 'rtl'));
  expect(await place()).toBe('top right');
  await set({ inline: 'auto 20px', block: 'auto 20px' });
  expect(await place()).toBe('bottom left');
});

for (const [dir, side] of [['ltr', 'right'], ['rtl', 'left']]) {
  test(`the tab of the slide-in is at the page's ${side} edge, in the middle of its height: ${dir}`, async ({ page, servers }) => {
    await page.setViewportSize({ width: 800, height: 600 });
    await openClosed(page, servers, 'slide');
    await page.evaluate((way) => (document.documentElement.dir = way), dir);
    const { x, y, width, height } = await trigger(page).boundingBox();
    const across = await page.evaluate(() => document.documentElement.clientWidth);
    expect(side === 'right' ? across - x - width : x).toBe(0);
    expect(Math.abs(y + height / 2 - 300), 'about the middle').toBeLessThanOrEqual(height);
    expect(height).toBeGreaterThan(width);
  });
}

test('the words of a closed form are read on any accent, before anything else is loaded', async ({ page, servers }) => {
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await openClosed(page, servers, 'float');
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const accent of ['', '#7a2048', '#ffcc00', '#ffffff', '#000000', '#16a34a']) {
      await form(page).evaluate((node, colour) => node.style.setProperty('--patchcord-accent', colour || null), accent);
      expect(await contrast(trigger(page)), `${accent}, ${scheme}`).toBeGreaterThanOrEqual(3.5);
    }
  }
  expect(asked.filter((url) => url.endsWith('.css'))).toEqual([]);
});

for (const scheme of ['light', 'dark']) {
  for (const kind of FORMS) {
    test(`the ${kind} form with every kind of field, until it is cancelled, ${scheme}`, async ({ page, servers }) => {
      test.setTimeout(120_000);
      await withAxe(page);
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width: 320, height: 700 });
      await openSettled(page, servers, callbackTag({ 'site-key': 'pk_demo_full' }), { form: kind });
      await passesInEveryLook(page, 'empty');
      await button(page, 'Call me back').click();
      if (kind === 'module') await says(page, 'Please fill this in.');
      await passesInEveryLook(page, 'marked');
      await fillIn(page);
      await named(page, 'fields.heating').selectOption('gas');
      await expect(named(page, 'day').getByRole('option')).not.toHaveCount(1);
      await named(page, 'day').selectOption({ index: 2 });
      await expect(named(page, 'at')).toBeVisible();
      await passesInEveryLook(page, 'with a time');
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
      await button(page, 'Call me back').click();
      await theEvent(page, 'callbackqueued');
      await says(page, /^Your reference: \S+$/);
      await passesInEveryLook(page, 'done');
      // What comes after is the module's: the plain form gives the link to the page that has it.
      if (kind === 'plain') return;
      await button(page, 'Change time').click();
      await expect(button(page, 'Save')).toBeVisible();
      await passesInEveryLook(page, 'another time');
      await button(page, 'Back').click();
      await button(page, 'Cancel request').click();
      await expect(button(page, 'Yes, cancel it')).toBeVisible();
      await passesInEveryLook(page, 'asked whether');
      await button(page, 'Yes, cancel it').click();
      await says(page, 'Your request is cancelled.');
      await passesInEveryLook(page, 'cancelled');
    });
  }
}

test('the page of the relay for one callback', async ({ page, context, servers }) => {
  await openSettled(page, servers, callbackTag({ 'site-key': 'pk_demo_full' }));
  await fillIn(page);
  await named(page, 'fields.heating').selectOption('gas');
  await expect(named(page, 'day').getByRole('option')).not.toHaveCount(1);
  // At a time that was chosen it can be changed until then.
  await named(page, 'day').selectOption({ index: 2 });
  await button(page, 'Call me back').click();
  await says(page, /^Your reference: \S+$/);
  const link = await form(page).getByRole('link', { name: 'Your link to change or cancel it' }).getAttribute('href');
  const other = await context.newPage();
  await withAxe(other);
  await other.setViewportSize({ width: 320, height: 256 });
  await other.goto(link);
  await expect(other.getByText(/^Your reference/)).toBeVisible();
  await passes(other, 'light');
  await other.emulateMedia({ colorScheme: 'dark' });
  await passes(other, 'dark');
  expect(await other.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  await other.close();
});
