// The demo's playground: what is chosen is seen at once, what is copied looks and works like that on an empty page, and
// an address says all of it.
import { passes, withAxe } from './axe.js';
import { watchEvents } from './pages.js';
import { expect, test } from './servers.js';

const frame = (page) => page.frameLocator('#preview');
const choose = (page, name) => page.getByRole('radio', { name, exact: true }).check();
const height = async (locator) => (await locator.boundingBox()).height;

/** Opens the playground and counts what its policy refuses. */
async function openPlayground(page, servers, query = '') {
  await page.context().grantPermissions(['local-network-access', 'clipboard-read', 'clipboard-write']);
  await watchEvents(page);
  await page.goto(`${servers.demo}/playground/${query}`);
}

/** Copies as a person does; gives what is in the clipboard. */
async function copied(page) {
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  await expect(page.getByRole('status')).toHaveText('Copied');
  return page.evaluate(() => navigator.clipboard.readText());
}

/** Pastes code into an empty page of the demo's origin. */
async function paste(page, servers, code) {
  const address = `${servers.demo}/t/pasted`;
  await page.route(address, (route) =>
    route.fulfill({
      contentType: 'text/html; charset=utf-8',
      body: `<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>Pasted</title></head>\n<body>\n${code}</body>\n</html>`,
    }),
  );
  await page.goto(address);
}

/** How everything in an element is painted: for each node its tag and what a theme or a choice may have changed. */
async function painted(element) {
  await expect(element.locator('button:visible').first()).toBeVisible();
  return element.evaluate(({ shadowRoot }) => {
    const keys = [
      'backgroundColor', 'borderBottomColor', 'borderTopLeftRadius', 'borderTopWidth', 'boxShadow', 'color',
      'direction', 'display', 'fontFamily', 'fontSize', 'fontWeight', 'gap', 'minHeight', 'paddingBlock', 'paddingInline',
      'position', 'textAlign',
    ];
    return [...shadowRoot.querySelectorAll('*')]
      .filter((node) => node.closest('.box, [part]') && node.checkVisibility())
      .map((node) => {
        const style = getComputedStyle(node);
        return [node.localName, node.textContent.trim().slice(0, 40), ...keys.map((key) => `${key}: ${style[key]}`)];
      });
  });
}

const LOOKS = [
  { name: 'a form as it comes', query: '', element: 'patchcord-callback', font: 'system-ui, sans-serif' },
  {
    name: 'a dark form in a theme, with everything of its own',
    query: '?theme=paper&scheme=dark&accent=%2316a34a&radius=20&density=compact&font=mono&dir=rtl',
    element: 'patchcord-callback',
    font: 'ui-monospace, "Cascadia Mono", "Liberation Mono", monospace',
  },
  {
    name: 'a loud button in German',
    query: '?element=call&theme=signal&scheme=light&lang=de&label=Ring+%22us%22+%3Cnow%3E',
    element: 'patchcord-call',
    font: '"Helvetica Neue", "Arial Nova", "Liberation Sans", Arial, sans-serif',
  },
];

for (const { name, query, element, font } of LOOKS) {
  test(`${name} is on an empty page what it is in the preview`, async ({ page, context, servers }) => {
    await openPlayground(page, servers, query);
    const there = frame(page).locator(element);
    await expect(there.locator('[part~="button"]').first()).toBeVisible();
    const code = await copied(page);
    const other = await context.newPage();
    await paste(other, servers, code);
    // As soon as styles, texts and what the relay asks have come, to both.
    await expect(async () => {
      const here = await painted(other.locator(element));
      expect(here.flat(), 'the styles have come').toContain(`fontFamily: ${font}`);
      expect(here).toEqual(await painted(there));
    }).toPass({ timeout: 15_000 });
    await other.close();
  });
}

test('a button that was copied calls', async ({ page, servers, sandbox }) => {
  await openPlayground(page, servers, '?element=call&theme=harbour');
  await paste(page, servers, await copied(page));
  await page.getByRole('button', { name: /^Call / }).click();
  await expect(page.getByText('Sent to your dock')).toBeVisible();
  expect(await sandbox.dials()).toHaveLength(1);
});

test('the preview calls, and keeps what it says while its looks are changed', async ({ page, servers, sandbox }) => {
  await openPlayground(page, servers, '?element=call');
  await frame(page).getByRole('button', { name: /^Call / }).click();
  const said = frame(page).getByText('Sent to your dock');
  await expect(said).toBeVisible();
  await choose(page, 'Signal');
  await expect(frame(page).getByRole('button', { name: /^Call / })).toHaveCSS('background-color', 'rgb(255, 214, 10)');
  await expect(said).toBeVisible();
  expect(await sandbox.dials()).toHaveLength(1);
});

test('each choice is seen at once, stands in the code and in the address, and comes back from there', async ({ page, servers }) => {
  await openPlayground(page, servers);
  const code = page.locator('#code');
  const input = frame(page).locator('input[type=tel]');
  await expect(input).toBeVisible();
  await choose(page, 'Harbour');
  await expect(code).toContainText(`href="${servers.relay}/themes/harbour.css"`);
  await expect(input).toHaveCSS('border-top-left-radius', '14px');
  await page.getByRole('checkbox', { name: 'Own radius' }).check();
  await page.getByRole('slider', { name: 'Radius' }).fill('3');
  await expect(input).toHaveCSS('border-top-left-radius', '3px');
  await page.getByRole('checkbox', { name: 'Own accent' }).check();
  await page.getByLabel('Accent', { exact: true }).fill('#ffcc00');
  const send = frame(page).getByRole('button', { name: 'Call me back' });
  await expect(send).toHaveCSS('background-color', 'rgb(255, 204, 0)');
  await page.getByLabel('Density').selectOption('compact');
  await expect.poll(() => height(input)).toBeLessThan(40);
  await page.getByLabel('Language').selectOption('de');
  await expect(frame(page).getByRole('button', { name: 'Rufen Sie mich zurück' })).toBeVisible();
  await choose(page, 'Dark');
  await expect(code).toContainText('theme="dark"');

  const shared = page.url();
  const text = await code.textContent();
  await page.goto('about:blank');
  await page.goto(shared);
  await expect(code).toHaveText(text);
  await expect(page.getByRole('radio', { name: 'Harbour' })).toBeChecked();
  await expect(page.getByLabel('Accent', { exact: true })).toHaveValue('#ffcc00');
  await expect(input).toHaveCSS('border-top-left-radius', '3px');

  await page.getByRole('button', { name: 'Begin anew' }).click();
  await expect(code).not.toContainText('harbour');
  expect(new URL(page.url()).search).toBe('');
  await choose(page, 'Panel');
  await expect(frame(page).getByRole('button', { name: 'Sign in' })).toBeVisible();
  await choose(page, 'Call button');
  await expect(frame(page).locator('patchcord-panel')).toHaveCount(0);
  await expect(frame(page).getByRole('button', { name: /^Call \+/ })).toBeVisible();
});

test('an address cannot bring anything in that cannot be chosen', async ({ page, servers }) => {
  const bad = new URLSearchParams({
    element: 'img', theme: '../../x', accent: 'red;} * {display: none', radius: '5px', label: '"><img src=x onerror=alert(1)>',
    lang: '"', dir: 'x', mode: 'popup',
  });
  const errors = [];
  page.on('dialog', (dialog) => errors.push(dialog.message()));
  await openPlayground(page, servers, `?${bad}`);
  await expect(page.locator('#code')).toContainText('&quot;>&lt;img');
  await expect(page.locator('#code')).not.toContainText('red');
  await expect(frame(page).locator('img')).toHaveCount(0);
  expect(errors).toEqual([]);
});

for (const scheme of ['light', 'dark']) {
  test(`everybody can use it, also on a telephone: ${scheme}`, async ({ page, servers }) => {
    await withAxe(page);
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width: 320, height: 640 });
    await openPlayground(page, servers, '?theme=signal&accent=%23ff0000&element=call');
    // What is not near the window is not loaded.
    await page.locator('#preview').scrollIntoViewIfNeeded();
    await expect(frame(page).getByRole('button', { name: /^Call / })).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    await passes(page, 'narrow');
    await page.setViewportSize({ width: 1280, height: 800 });
    await passes(page, 'wide');
    expect(await page.evaluate(() => window.seen.violations), 'nothing is inline').toEqual([]);
  });
}

test('the whole of it is used with the keyboard alone', async ({ page, servers }) => {
  await openPlayground(page, servers);
  await expect(frame(page).getByLabel('Your phone number')).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'About this demo' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('radio', { name: 'Callback' })).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('radio', { name: 'Call button' })).toBeChecked();
  await expect(frame(page).getByRole('button', { name: /^Call / })).toBeVisible();
  for (let pressed = 0; pressed < 40; pressed += 1) {
    await page.keyboard.press('Tab');
    if (await page.getByRole('button', { name: 'Copy', exact: true }).evaluate((node) => node === document.activeElement)) break;
  }
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status')).toHaveText('Copied');
});
