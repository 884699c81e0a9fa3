// A form that is not in the page: a popup, a float in the corner, a slide from the edge. Opened, closed, gone through
// with the keyboard alone; nothing is loaded before somebody comes; what was typed stays.
import { passes, withAxe } from './axe.js';
import { expect, test } from './servers.js';
import { callbackTag, fillIn, open, says } from './pages.js';

const MODES = ['popup', 'float', 'slide'];

/** The paths that were asked of the relay. */
function watchRequests(page, servers) {
  const paths = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin === servers.relay) paths.push(url.pathname);
  });
  return paths;
}

for (const mode of MODES) {
  test.describe(`as a ${mode}`, () => {
    test('a closed form loads nothing but the loader until somebody comes to its button', async ({ page, servers }) => {
      const paths = watchRequests(page, servers);
      await open(page, servers, callbackTag({ mode, label: 'Talk to us' }));
      const button = page.getByRole('button', { name: 'Talk to us' });
      await expect(button).toBeVisible();
      await page.evaluate(() => new Promise((done) => requestIdleCallback(done)));
      expect(paths).toEqual(['/patchcord.js']);
      await button.hover();
      await expect.poll(() => paths.some((path) => path.endsWith('/v1/config'))).toBe(true);
    });

    test('it is opened and closed by the button, by Escape and by the page, and keeps what was typed', async ({ page, servers }) => {
      await withAxe(page);
      await open(page, servers, callbackTag({ mode, label: 'Talk to us' }) + '<textarea id="own" aria-label="Another field"></textarea>');
      const element = page.locator('patchcord-callback');
      const button = page.getByRole('button', { name: 'Talk to us' });
      // Its label comes a moment after the element.
      await expect(button).toBeVisible();
      await passes(page, 'closed');
      await button.click();
      const dialog = element.getByRole('dialog', { name: 'Talk to us' });
      await expect(dialog).toBeVisible();
      await expect(element).toHaveAttribute('open', '');
      const name = element.getByLabel('Your name');
      await name.fill('Ada');
      await passes(page, 'open');
      await page.keyboard.press('Escape');
      await expect(dialog).toBeHidden();
      await expect(element).not.toHaveAttribute('open');
      await expect(button).toBeFocused();

      await element.evaluate((node) => node.show());
      await expect(name).toHaveValue('Ada');
      await expect(name).toBeFocused();
      await element.getByRole('button', { name: 'Close' }).click();
      await expect(dialog).toBeHidden();
      await page.locator('#own').focus();
      await element.evaluate((node) => node.setAttribute('open', ''));
      await expect(dialog).toBeVisible();
      await element.evaluate((node) => node.hide());
      await expect(dialog).toBeHidden();
      await expect(page.locator('#own')).toBeFocused();
    });

    test('a request is sent with the keyboard alone, at 320 px', async ({ page, servers, sandbox }) => {
      await page.setViewportSize({ width: 320, height: 640 });
      await open(page, servers, callbackTag({ mode, label: 'Talk to us', topic: 'sales' }));
      const button = page.getByRole('button', { name: 'Talk to us' });
      await expect(button).toBeVisible();
      await page.keyboard.press('Tab');
      await expect(button).toBeFocused();
      await page.keyboard.press('Enter');
      const element = page.locator('patchcord-callback');
      await expect(element.getByLabel('Your name')).toBeVisible();
      const tabTo = async (target) => {
        for (let i = 0; i < 30; i += 1) {
          if (await target.evaluate((node) => node.getRootNode().activeElement === node)) return;
          await page.keyboard.press('Tab');
        }
        throw new Error('it cannot be reached with the Tab key');
      };
      await tabTo(element.getByLabel('Your name'));
      await page.keyboard.type('Ada');
      await tabTo(element.getByLabel('Your phone number'));
      await page.keyboard.type('+49 30 23125100');
      await tabTo(element.getByRole('checkbox'));
      await page.keyboard.press('Space');
      await tabTo(element.getByRole('button', { name: 'Call me back' }));
      await page.keyboard.press('Enter');
      await says(page, /^Your reference/);
      await expect.poll(() => sandbox.dials()).toHaveLength(1);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      await page.keyboard.press('Escape');
      await expect(button).toBeFocused();
    });
  });
}

for (const mode of MODES) {
  test(`a ${mode} that is opened again while it closes stays open`, async ({ page, servers }) => {
    await open(page, servers, callbackTag({ mode, label: 'Talk to us' }));
    const element = page.locator('patchcord-callback');
    await page.getByRole('button', { name: 'Talk to us' }).click();
    await element.getByLabel('Your name').fill('Ada');
    // In the moment between the dialog's closing and the browser's telling so.
    await element.evaluate((form) => {
      const dialog = form.shadowRoot.querySelector('dialog');
      window.told = new Promise((done) => dialog.addEventListener('close', done, { once: true }));
      new MutationObserver((_, observer) => {
        observer.disconnect();
        form.show();
      }).observe(dialog, { attributeFilter: ['open'] });
    });
    await page.keyboard.press('Escape');
    await page.evaluate(() => window.told);
    await expect(element).toHaveAttribute('open', '');
    await expect(element.getByRole('dialog', { name: 'Talk to us' })).toBeVisible();
    await expect(element.getByLabel('Your name')).toHaveValue('Ada');
  });
}

test('a popup holds the focus, and a click beside it closes it', async ({ page, servers }) => {
  await open(page, servers, callbackTag({ mode: 'popup', label: 'Talk to us' }) + '<a href="#x">A link</a>');
  await page.getByRole('button', { name: 'Talk to us' }).click();
  const dialog = page.locator('patchcord-callback').getByRole('dialog');
  await expect(page.getByLabel('Your name')).toBeVisible();
  await expect(page.getByRole('link', { name: 'A link' })).not.toBeFocused();
  await page.mouse.click(5, 5);
  await expect(dialog).toBeHidden();
});

test('without a label the button has the form’s own words', async ({ page, servers }) => {
  await open(page, servers, callbackTag({ mode: 'popup' }));
  await expect(page.getByRole('button', { name: 'Call me back' })).toBeVisible();
});

test('a request from a popup is sent once, also where the module is still on its way', async ({ page, servers, sandbox }) => {
  await page.route(/patchcord_widget_bg\.wasm$/, () => new Promise(() => {}));
  await open(page, servers, callbackTag({ mode: 'popup', label: 'Talk to us' }));
  await page.getByRole('button', { name: 'Talk to us' }).click();
  const form = await fillIn(page, { topic: 'Sales' });
  await form.getByRole('button', { name: 'Call me back' }).click();
  await says(page, /^Your reference/);
  await expect.poll(() => sandbox.dials()).toHaveLength(1);
});

test('in a page that is written from right to left, the float is at the left', async ({ page, servers }) => {
  await open(page, servers, callbackTag({ mode: 'float', label: 'Talk to us' }));
  await page.evaluate(() => document.documentElement.setAttribute('dir', 'rtl'));
  const box = await page.getByRole('button', { name: 'Talk to us' }).boundingBox();
  expect(box.x).toBeLessThan(200);
});
