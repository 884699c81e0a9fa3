// For everybody: axe-core finds nothing in the panel's main states, light and dark, on a narrow and on a wide one, and
// nothing is cut off.
import { passes, passesInEveryLook, withAxe } from './axe.js';
import { expect, test } from './servers.js';
import { AGENTS, openPanel, panelMarkup } from './panel.js';
import { Desk, atWork } from './desk.js';
import { button, card, dial, openTab, panel, press, theCall, word } from './calls.js';

const OUTSIDE = '+494012345670';

/** Expects that axe finds nothing, that nothing is wider than the page, and that no button's words are cut off. */
async function looksRight(page, what) {
  await passesInEveryLook(page, what);
  const wrong = await page.evaluate(() => {
    const { shadowRoot } = document.querySelector('patchcord-panel');
    const found = [];
    if (document.documentElement.scrollWidth > innerWidth) found.push(`the page is ${document.documentElement.scrollWidth} wide`);
    for (const one of shadowRoot.querySelectorAll('button, input, select, h2, .who, .notice, .hint')) {
      const { left, right, width, height } = one.getBoundingClientRect();
      const name = `${one.localName}.${one.className} ${one.textContent.trim()}`;
      if (width > 0 && (left < 0 || right > innerWidth)) found.push(`${name} reaches from ${left} to ${right}`);
      if (one.scrollWidth > one.clientWidth + 1 && one.localName === 'button') found.push(`${name} is cut off`);
      // WCAG 2.2, 2.5.8.
      if (one.localName === 'button' && width > 0 && (width < 24 || height < 24)) found.push(`${name} is ${width} by ${height}`);
    }
    return found;
  });
  expect(wrong, what).toEqual([]);
}

for (const theme of ['light', 'dark']) {
  for (const width of [320, 480]) {
    test(`every main state, ${theme}, ${width} pixels wide`, async ({ page, servers, sandbox }) => {
      test.setTimeout(180_000);
      const desk = new Desk(sandbox);
      await sandbox.tell('settings', { wrap_up: { seconds: 120, can_cancel: true, extension: 60 } });
      await withAxe(page);
      await page.emulateMedia({ colorScheme: theme });
      await openPanel(page, servers, panelMarkup(), { width });

      await expect(button(page, 'Sign in')).toBeVisible();
      await looksRight(page, 'asked to sign in');
      const [popup] = await Promise.all([page.waitForEvent('popup'), button(page, 'Sign in').click()]);
      await expect(button(page, 'Cancel')).toBeVisible();
      await looksRight(page, 'signing in');
      await popup.getByRole('link', { name: AGENTS['005ALEX'].email }).click();
      await atWork(page);
      await looksRight(page, 'idle');
      await button(page, 'Call').hover();
      await looksRight(page, 'hovered');

      await openTab(page, 'Recent');
      await expect(panel(page).getByText('No calls yet.')).toBeVisible();
      await looksRight(page, 'no recent calls');
      await openTab(page, 'Phonebook');
      await expect(panel(page).getByText('Omar Ott')).toBeVisible();
      await looksRight(page, 'the phonebook');
      await openTab(page, 'Dial');
      await button(page, 'Settings').click();
      await looksRight(page, 'the settings');
      await button(page, 'Close').click();

      await dial(page, '+12125550142');
      await expect(panel(page).locator('.notice')).toBeVisible();
      await looksRight(page, 'refused');
      await press(page, 'Dismiss');
      await desk.agent({ line_block: 'busy' });
      await expect(button(page, 'Let calls through')).toBeVisible();
      await looksRight(page, 'the line blocked');
      await press(page, 'Let calls through');
      await expect(button(page, 'Let calls through')).toHaveCount(0);

      await panel(page).evaluate((element) => {
        element.record = { system: 'crm', type: 'Lead', id: '1', name: 'Jana Petersen', url: 'https://crm.acme.example/1' };
        element.payload = { company: 'Nordlicht Wärme GmbH', score: 87, tier: 'Gold', long: 'A very long value. '.repeat(8) };
      });
      await expect(panel(page).getByText('Goes with the call')).toBeVisible();
      await looksRight(page, 'what travels');
      await dial(page, '+4915228817386');
      const id = await theCall(sandbox);
      await expect(word(page)).toHaveText('Calling…');
      await looksRight(page, 'dialled');
      await desk.act(id, { who: 'agent', do: 'answer' });
      await desk.act(id, { do: 'answer' });
      await expect(word(page)).toHaveText('Connected');
      await press(page, 'Record');
      await expect(button(page, 'Tags')).toBeVisible();
      await press(page, 'Mute');
      await expect(button(page, 'Unmute')).toBeVisible();
      await press(page, 'Keypad');
      await press(page, 'Tags');
      await press(page, 'order');
      await expect(button(page, 'order')).toHaveAttribute('aria-pressed', 'true');
      await looksRight(page, 'connected, recorded, tagged, muted, with its keypad');
      await press(page, 'Keypad');
      await press(page, 'Hold');
      await expect(word(page)).toHaveText('On hold');
      await looksRight(page, 'on hold');
      await press(page, 'Transfer');
      await expect(panel(page).getByRole('listbox').getByRole('option')).toHaveCount(4);
      await looksRight(page, 'the picker');
      await press(page, 'Ask first');
      await panel(page).getByRole('combobox', { name: 'Name or number' }).fill('nobody of that name');
      await expect(panel(page).getByText(/^Nobody found\./)).toBeVisible();
      await looksRight(page, 'the picker, with nobody in it');
      await press(page, 'Close');

      await press(page, 'Resume');
      await expect(word(page)).toHaveText('Connected');
      await press(page, 'Add');
      await panel(page).getByRole('combobox', { name: 'Name or number' }).fill(OUTSIDE);
      await panel(page).getByRole('listbox').getByRole('option').first().click();
      await expect(card(page, 'Conference')).toBeVisible();
      await looksRight(page, 'a conference');
      await press(page, 'End for all');
      await expect(card(page, 'Time for notes')).toBeVisible();
      await looksRight(page, 'the time for notes');
      await desk.ring();
      await expect(panel(page).locator('.card.incoming')).toBeVisible();
      await looksRight(page, 'a call that comes');

      await desk.stream('fall_silent');
      await sandbox.faults([{ match: { path: '/babelconnect.v1.Agent/*' }, action: 'reset' }]);
      await desk.stream('cut');
      await expect(panel(page).locator('.banners').getByText(/^Connection lost at/)).toBeVisible();
      await looksRight(page, 'the connection lost');
    });
  }

  test(`where nothing could be loaded, ${theme}`, async ({ page, servers }) => {
    await withAxe(page);
    await page.emulateMedia({ colorScheme: theme });
    await page.route('**/patchcord_panel_bg.wasm', (route) => route.abort('connectionreset'));
    await openPanel(page, servers, panelMarkup(), { width: 320 });
    await expect(panel(page).getByRole('alert')).toBeVisible();
    await looksRight(page, 'failed');
  });
}

test('a dark panel on a light page, by its attribute', async ({ page, servers }) => {
  await withAxe(page);
  await openPanel(page, servers, panelMarkup({ provider: 'samespace', more: 'theme="dark"' }));
  await atWork(page);
  await looksRight(page, 'dark');
  await panel(page).evaluate((element) => element.setAttribute('theme', 'light'));
  await looksRight(page, 'light');
});

test('axe finds what is wrong inside the panel', async ({ page, servers }) => {
  await withAxe(page);
  await openPanel(page, servers, panelMarkup({ provider: 'samespace' }));
  await atWork(page);
  await panel(page).evaluate((element) => {
    element.shadowRoot.querySelector('button').append(document.createElement('img'));
  });
  await expect(passes(page)).rejects.toThrow(/image-alt/);
});
