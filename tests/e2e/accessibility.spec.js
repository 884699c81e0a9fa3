// For everybody: axe-core finds nothing on the demo's pages and in every state of both elements, light
// and dark, and everything can be done with the keyboard alone.
import { passes, passesInEveryLook, withAxe } from './axe.js';
import { openPanel, panelMarkup } from './panel.js';
import { card, openScan, pointAt } from './scan.js';
import { expect, test } from './servers.js';
import {
  FORMS,
  NUMBER,
  callTag,
  callbackTag,
  dialButton,
  events,
  fillIn,
  open,
  openSettled,
  ready,
  says,
  status,
  theEvent,
  watchEvents,
} from './pages.js';

const THEMES = ['light', 'dark'];

test.beforeEach(async ({ page }) => {
  await withAxe(page);
});

/** Gives a test page the colours that go with a theme. */
async function paint(page, theme) {
  await page.evaluate((colours) => Object.assign(document.body.style, colours), {
    light: { background: '#ffffff', color: '#14181f' },
    dark: { background: '#12161c', color: '#e8ecf2' },
  }[theme]);
}

test('axe finds what is wrong inside an element', async ({ page, servers }) => {
  await openSettled(page, servers, callTag());
  await page.locator('patchcord-call').evaluate((element) => {
    element.shadowRoot.querySelector('button').append(document.createElement('img'));
  });
  await expect(passes(page)).rejects.toThrow(/image-alt/);
});

for (const theme of THEMES) {
  test(`the CRM page, ${theme}, before and after calls`, async ({ page, servers }) => {
    await page.emulateMedia({ colorScheme: theme });
    await page.goto(`${servers.demo}/crm/`);
    await expect(page.getByText('Valid, and in use.')).toBeVisible();
    await passes(page, 'as it is opened');
    const record = page.getByRole('region', { name: 'Selected record' });
    await record.getByRole('button', { name: 'Call with Samespace' }).click();
    await expect(record.getByText('Sent to your dock')).toBeVisible();
    await page.locator('#log-list summary').first().click();
    await passes(page, 'after a call');
    await page.getByLabel('Mapping', { exact: true }).fill('{');
    await expect(page.getByText(/^Not valid JSON/)).toBeVisible();
    await passes(page, 'with a mapping that is no JSON');
  });

  test(`the website page, ${theme}, before and after a callback`, async ({ page, servers }) => {
    await page.emulateMedia({ colorScheme: theme });
    await watchEvents(page);
    await page.goto(`${servers.demo}/site/`);
    await passes(page, 'as it is opened');
    const form = page.locator('patchcord-callback');
    await form.scrollIntoViewIfNeeded();
    await expect(page.getByLabel('Your phone number')).toBeVisible();
    await passes(page, 'as the form has come');
    await ready(page);
    await form.getByRole('button', { name: 'Call me back' }).click();
    await says(page, 'Please fill this in.');
    await passes(page, 'with fields that are marked');
    await fillIn(page);
    await form.getByRole('button', { name: 'Call me back' }).click();
    await says(page, /^Your reference: \S+$/);
    await passes(page, 'after a callback');
  });

  for (const form of FORMS) {
    test(`every state of the ${form} button, ${theme}`, async ({ page, context, servers, sandbox }) => {
      test.setTimeout(120_000);
      await page.emulateMedia({ colorScheme: theme });
      await page.clock.install();
      await openSettled(page, servers, callTag({ provider: 'babelforce', theme }), { form });
      const element = page.locator('patchcord-call');
      await paint(page, theme);
      const set = (name, value) =>
        element.evaluate(
          (node, [key, text]) => (text === null ? node.removeAttribute(key) : node.setAttribute(key, text)),
          [name, value],
        );

      await passesInEveryLook(page, 'idle');
      await dialButton(page).hover();
      await passesInEveryLook(page, 'hovered');
      await set('disabled', '');
      await expect(dialButton(page)).toBeDisabled();
      await passesInEveryLook(page, 'disabled');
      await set('disabled', null);
      await set('confirm', '');
      await dialButton(page).click();
      await says(page, `Call ${NUMBER} now?`, 'patchcord-call');
      await passesInEveryLook(page, 'asking');
      await element.getByRole('button', { name: 'Cancel' }).click();
      await set('confirm', null);

      await context.setOffline(true);
      await dialButton(page).click();
      await expect(element.getByRole('button', { name: 'Cancel' })).toBeVisible();
      await passesInEveryLook(page, 'waiting');
      await sandbox.faults([{ match: { path: '/api/v2/agents/*' }, action: 'hold' }]);
      await context.setOffline(false);
      await expect(status(page)).toContainText('Placing the call…');
      await passesInEveryLook(page, 'working');
      await sandbox.faults([]);
      await theEvent(page, 'callaccepted');
      if (form === 'module') await expect(status(page)).toContainText('Ringing…');
      await passesInEveryLook(page, 'accepted');
      if (form === 'module') {
        const [call] = (await sandbox.state()).babelforce.calls;
        await sandbox.setCall(call.id, { state: 'completed' });
        await theEvent(page, 'callended');
        await passesInEveryLook(page, 'ended');
      }

      await page.clock.fastForward(5_000);
      await set('number', '+12125550142');
      await dialButton(page).click();
      await theEvent(page, 'callrefused');
      await passesInEveryLook(page, 'refused');
      await set('number', '+4915228817386');
      await sandbox.faults([{ match: { path: '/api/v2/agents/*' }, action: 'garbage' }]);
      await dialButton(page).click();
      await theEvent(page, 'callunknown');
      await passesInEveryLook(page, 'unknown');
      await set('number', 'nobody');
      await expect(dialButton(page)).toBeDisabled();
      await passesInEveryLook(page, 'set up wrongly');
    });

    test(`every state of the ${form} form, ${theme}`, async ({ page, context, servers }) => {
      test.setTimeout(120_000);
      await page.emulateMedia({ colorScheme: theme });
      await page.clock.install();
      await openSettled(page, servers, callbackTag({ theme }), { form });
      await paint(page, theme);
      const element = page.locator('patchcord-callback');
      const send = element.getByRole('button', { name: 'Call me back' });

      await passesInEveryLook(page, 'empty');
      await send.click();
      if (form === 'module') await says(page, 'Please fill this in.');
      await passesInEveryLook(page, 'marked');
      await fillIn(page, { number: '+1 212 555 0142' });
      await send.click();
      await theEvent(page, 'callbackrefused');
      await passesInEveryLook(page, 'refused');

      await fillIn(page);
      await context.setOffline(true);
      await send.click();
      await expect(element.getByRole('button', { name: 'Cancel' })).toBeVisible();
      await passesInEveryLook(page, 'waiting');
      let answer;
      const held = new Promise((resolve) => {
        answer = resolve;
      });
      await page.route(`${servers.relay}/v1/callbacks`, async (route) => {
        await held;
        await route.fulfill({
          status: 200,
          contentType: 'text/html',
          headers: { 'access-control-allow-origin': '*' },
          body: 'no answer',
        });
      });
      await context.setOffline(false);
      await says(page, /^Sending/);
      await passesInEveryLook(page, 'working');
      answer();
      await expect.poll(() => events(page, 'callbackunknown')).toHaveLength(1);
      await passesInEveryLook(page, 'unknown');
      await page.unroute(`${servers.relay}/v1/callbacks`);
      await page.clock.fastForward(5_000);
      await send.click();
      await theEvent(page, 'callbackqueued');
      await says(page, /^Your reference: \S+$/);
      await passesInEveryLook(page, 'done');
    });
  }
}

test('a form that is set up wrongly or has no relay', async ({ page, servers }) => {
  await page.route(`${servers.relay}/v1/config*`, (route) => route.abort('connectionrefused'));
  await open(page, servers, callbackTag() + callbackTag({ mode: 'banner' }));
  await expect(page.getByText('The relay cannot be reached, so nothing was sent.')).toBeVisible();
  await expect(page.getByText('Not set up: the attribute “mode” has a value')).toBeVisible();
  await passes(page);
});

for (const theme of THEMES) {
  test(`every state of the scanner's card, ${theme}`, async ({ page, servers, sandbox }) => {
    test.setTimeout(60_000);
    await page.emulateMedia({ colorScheme: theme });
    await openScan(page, servers, '<h1>Tickets</h1><p>Ring +49 30 23125-101 or +49 30 23125-102;ext=7 or +33 1 42 68 53 00</p>');
    const call = () => card(page).getByRole('button', { name: 'Call', exact: true });
    await pointAt(page, '+49 30 23125-101');
    await expect(call()).toBeVisible();
    await passesInEveryLook(page, 'open');
    await card(page).getByRole('button', { name: 'Copy' }).click();
    await expect(card(page).getByRole('button', { name: 'Copied' })).toBeVisible();
    await passesInEveryLook(page, 'copied');
    await call().click();
    await expect(card(page).getByText('Sent to your dock')).toBeVisible();
    await passesInEveryLook(page, 'accepted');
    await pointAt(page, '+33 1 42 68 53 00');
    await expect(card(page)).toContainText('+33 1 42 68 53 00');
    await call().click();
    await theEvent(page, 'callrefused');
    await passesInEveryLook(page, 'refused');
    await sandbox.faults([{ match: { path: '*' }, action: 'garbage' }]);
    await pointAt(page, '+49 30 23125-102');
    await expect(card(page)).toContainText('+49 30 23125102');
    await call().click();
    await theEvent(page, 'callunknown');
    await passesInEveryLook(page, 'unknown');
  });
}

/** What is wrong on a page that is zoomed to 400%: what is wider than the window, and what cannot be brought into it. */
async function reflows(page, element) {
  return page.evaluate((name) => {
    const wrong = [];
    const { scrollWidth } = document.documentElement;
    if (scrollWidth > innerWidth) wrong.push(`the page is ${scrollWidth} wide`);
    const within = document.querySelector(name)?.shadowRoot ?? document;
    for (const one of within.querySelectorAll('a, button, input, select, textarea, [tabindex="0"]')) {
      if (!one.checkVisibility()) continue;
      one.scrollIntoView({ block: 'center', behavior: 'instant' });
      const { left, right, top, bottom } = one.getBoundingClientRect();
      const isSeen = left >= 0 && right <= innerWidth && bottom > 0 && top < innerHeight;
      if (!isSeen) wrong.push(`${one.localName} ${one.textContent.trim()} is from ${left},${top} to ${right},${bottom}`);
    }
    return wrong;
  }, element);
}

test.describe('at 400% zoom of a window of 1280 by 1024', () => {
  test.use({ viewport: { width: 320, height: 256 } });

  for (const form of FORMS) {
    test(`the ${form} elements are read by scrolling one way`, async ({ page, servers }) => {
      await openSettled(page, servers, callbackTag(), { form });
      expect(await reflows(page, 'patchcord-callback'), 'empty').toEqual([]);
      const send = page.locator('patchcord-callback').getByRole('button', { name: 'Call me back' });
      await send.click();
      if (form === 'module') await says(page, 'Please fill this in.');
      expect(await reflows(page, 'patchcord-callback'), 'marked').toEqual([]);
      await fillIn(page);
      await send.click();
      await says(page, /^Your reference: \S+$/);
      expect(await reflows(page, 'patchcord-callback'), 'done').toEqual([]);
    });

    test(`the ${form} button asks and answers there`, async ({ page, servers }) => {
      await openSettled(page, servers, callTag({ confirm: true, label: 'Call Donaudampfschifffahrtsgesellschaft' }), { form });
      expect(await reflows(page, 'patchcord-call'), 'idle').toEqual([]);
      await page.locator('patchcord-call').getByRole('button').first().click();
      expect(await reflows(page, 'patchcord-call'), 'asking').toEqual([]);
      await page.locator('patchcord-call').getByRole('button', { name: form === 'module' ? 'Call now' : /now\?$/ }).click();
      await theEvent(page, 'callaccepted');
      expect(await reflows(page, 'patchcord-call'), 'accepted').toEqual([]);
    });
  }

  test('the panel', async ({ page, servers }) => {
    await openPanel(page, servers, panelMarkup({ provider: 'samespace' }), { width: 320 });
    await page.setViewportSize({ width: 320, height: 256 });
    await expect(page.locator('patchcord-panel').getByRole('button', { name: 'Call', exact: true })).toBeVisible();
    expect(await reflows(page, 'patchcord-panel')).toEqual([]);
  });

  test('the card of a number', async ({ page, servers }) => {
    await openScan(page, servers, '<p>Ring +49 30 23125-101</p>');
    await page.setViewportSize({ width: 320, height: 256 });
    await pointAt(page, '+49 30 23125-101');
    await expect(card(page)).toBeVisible();
    const { x, y, width, height } = await card(page).boundingBox();
    expect(x).toBeGreaterThanOrEqual(0);
    expect(y).toBeGreaterThanOrEqual(0);
    expect(x + width).toBeLessThanOrEqual(320);
    expect(y + height).toBeLessThanOrEqual(256);
  });

  for (const path of ['/', '/site/', '/inbox/', '/frame/', '/playground/']) {
    test(`the demo's page ${path}`, async ({ page, servers }) => {
      await page.context().grantPermissions(['local-network-access']);
      await page.goto(servers.demo + path);
      await page.waitForLoadState('load');
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    });
  }
});

/** Has a page write down what a live region comes to say, as it would be read out. */
async function listen(page, element) {
  await page.locator(element).evaluate(({ shadowRoot }) => {
    window.said = [];
    const last = new Map();
    const look = () => {
      for (const region of shadowRoot.querySelectorAll('[role=status], [role=alert], [aria-live]')) {
        const text = region.checkVisibility() ? region.innerText.replace(/\s+/g, ' ').trim() : '';
        if (text && text !== last.get(region)) window.said.push(text);
        last.set(region, text);
      }
    };
    // What is there already was read when the page was.
    look();
    window.said.length = 0;
    const all = { attributes: true, characterData: true, childList: true, subtree: true };
    new MutationObserver(look).observe(shadowRoot, all);
  });
}

const said = (page) => page.evaluate(() => window.said);

for (const form of FORMS) {
  test(`what happens is read out once: the ${form} button`, async ({ page, servers }) => {
    await openSettled(page, servers, callTag(), { form });
    const region = status(page);
    await expect(region).toHaveCount(1);
    await listen(page, 'patchcord-call');
    await dialButton(page).click();
    await theEvent(page, 'callaccepted');
    await expect(region).toContainText('Sent to your dock');
    const words = await said(page);
    expect(words.filter((text) => text.includes('Sent to your dock'))).toHaveLength(1);
    expect(new Set(words).size, words.join(' | ')).toBe(words.length);
  });

  test(`what happens is read out once: the ${form} form`, async ({ page, servers }) => {
    await openSettled(page, servers, callbackTag(), { form });
    await listen(page, 'patchcord-callback');
    await fillIn(page, { number: '+1 212 555 0142' });
    const element = page.locator('patchcord-callback');
    const send = element.getByRole('button', { name: 'Call me back' });
    await send.click();
    await theEvent(page, 'callbackrefused');
    const refused = (await said(page)).filter((text) => text.includes('We cannot call this number'));
    expect(refused).toHaveLength(1);
    await fillIn(page);
    await send.click();
    await theEvent(page, 'callbackqueued');
    await says(page, /^Your reference: \S+$/);
    // By the focus, and not by a live region as well.
    await expect.poll(() => element.evaluate(({ shadowRoot }) => shadowRoot.activeElement?.innerText)).toContain('Your reference');
    expect((await said(page)).filter((text) => text.includes('Your reference'))).toEqual([]);
  });
}

test('names and roles are those that a reader of screens needs', async ({ page, servers }) => {
  await openSettled(page, servers, callTag({ confirm: true }));
  const element = page.locator('patchcord-call');
  await expect(element).toMatchAriaSnapshot(`- button "Call ${NUMBER}"`);
  await dialButton(page).click();
  await expect(element).toMatchAriaSnapshot(`
    - group:
      - text: Call ${NUMBER} now?
      - button "Call now"
      - button "Cancel"
  `);
  await element.getByRole('button', { name: 'Call now' }).click();
  await expect(element).toMatchAriaSnapshot(`
    - button "Call ${NUMBER}"
    - status: Sent to your dock
  `);
});

test('each field of the form has its name, its hint and its mistake, and the first wrong one the focus', async ({ page, servers }) => {
  await openSettled(page, servers, callbackTag());
  const element = page.locator('patchcord-callback');
  await expect(element).toMatchAriaSnapshot(`
    - textbox "Your name"
    - textbox /Postcode or town/
    - textbox "Your phone number"
    - combobox "What is it about?"
    - checkbox /You may call me/
    - button "Call me back"
  `);
  const number = element.getByLabel('Your phone number');
  await expect(number).toHaveAccessibleDescription(/^With country code/);
  await expect(number).toHaveAttribute('type', 'tel');
  await expect(number).toHaveAttribute('autocomplete', /tel/);
  await element.getByRole('button', { name: 'Call me back' }).click();
  await expect(element.getByLabel('Your name')).toBeFocused();
  await expect(element.getByLabel('Your name')).toHaveAccessibleDescription(/Please fill this in\./);
  await expect(number).toHaveAttribute('aria-invalid', 'true');
  await expect(number).toHaveAccessibleDescription(/Please give a number that we can call\./);
});

/** Presses Tab until `target` has the focus. */
async function tabTo(page, target) {
  for (let pressed = 0; pressed < 60; pressed += 1) {
    const focused = await target.evaluate((node) => node.getRootNode().activeElement === node);
    if (focused) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${target} cannot be reached with the Tab key`);
}

for (const form of FORMS) {
  test.describe(`with the keyboard alone, the ${form}`, () => {
    for (const key of ['Enter', 'Space']) {
      test(`button dials with ${key}`, async ({ page, servers, sandbox }) => {
        await openSettled(page, servers, callTag(), { form });
        await tabTo(page, dialButton(page));
        await page.keyboard.press(key);
        await theEvent(page, 'callaccepted');
        // Where the person was, they still are, and what happened is said.
        await expect(dialButton(page)).toBeFocused();
        await expect(status(page)).toContainText('Sent to your dock');
        expect(await sandbox.dials()).toHaveLength(1);
      });
    }

    test('button asks, is answered, and is called off', async ({ page, servers, sandbox }) => {
      await openSettled(page, servers, callTag({ confirm: true }), { form });
      const element = page.locator('patchcord-call');
      await tabTo(page, dialButton(page));
      await page.keyboard.press('Enter');
      await tabTo(page, element.getByRole('button', { name: 'Cancel' }));
      await page.keyboard.press('Enter');
      await expect(dialButton(page)).toBeFocused();
      await page.keyboard.press('Enter');
      const yes = form === 'module' ? 'Call now' : `Call ${NUMBER} now?`;
      await expect(element.getByRole('button', { name: yes })).toBeFocused();
      await page.keyboard.press('Enter');
      await theEvent(page, 'callaccepted');
      expect(await sandbox.dials()).toHaveLength(1);
    });

    test('form is filled in and sent', async ({ page, servers, sandbox }) => {
      await openSettled(page, servers, callbackTag(), { form });
      const element = page.locator('patchcord-callback');
      await tabTo(page, element.getByLabel('Your name'));
      await page.keyboard.type('Ada Lovelace');
      // Sent too early: the focus goes to what is missing.
      await page.keyboard.press('Enter');
      await expect(element.getByLabel('Your phone number')).toBeFocused();
      await page.keyboard.type(NUMBER);
      await tabTo(page, element.getByLabel('What is it about?'));
      await page.keyboard.press('ArrowDown');
      await expect(element.getByLabel('What is it about?')).toHaveValue('support');
      await tabTo(page, element.getByRole('checkbox'));
      await page.keyboard.press('Space');
      await tabTo(page, element.getByRole('button', { name: 'Call me back' }));
      await page.keyboard.press('Enter');
      await theEvent(page, 'callbackqueued');
      // The focus goes to what is said last, so that it is read out.
      const focused = () => element.evaluate(({ shadowRoot }) => shadowRoot.activeElement?.textContent);
      await expect.poll(focused).toContain('Your reference');
      const queued = async () => (await sandbox.requests()).filter(({ path }) => /\/callback$/.test(path));
      await expect.poll(queued).toHaveLength(1);
    });
  });
}
