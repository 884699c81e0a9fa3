// The panel with the keyboard alone, and where the focus is when what had it goes.
import { expect, test } from './servers.js';
import { AGENTS, openPanel } from './panel.js';
import { CUSTOMER, Desk, atWork, openDesk } from './desk.js';
import { button, card, inCall, panel, press, theCall, told, word } from './calls.js';

const HARBOUR = '+494012345670';

let desk;

test.beforeEach(({ sandbox }) => {
  desk = new Desk(sandbox);
});

/** Presses Tab, or with Shift, until `target` has the focus. */
async function tabTo(page, target, key = 'Tab') {
  for (let pressed = 0; pressed < 60; pressed += 1) {
    if (await has(target)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${target} cannot be reached with the ${key} key`);
}

async function has(target) {
  return target.evaluate((node) => node.getRootNode().activeElement === node);
}

/** What has the focus: in the panel, or `outside` of it. */
async function focused(page) {
  return page.evaluate(() => {
    const at = document.querySelector('patchcord-panel').shadowRoot.activeElement;
    return at ? `${at.localName} ${at.id || at.dataset.act || at.textContent}` : 'outside';
  });
}

test('from the button to sign in to the hang-up without a mouse', async ({ page, servers, sandbox }) => {
  await openPanel(page, servers);
  await expect(button(page, 'Sign in')).toBeVisible();
  await tabTo(page, button(page, 'Sign in'));
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.keyboard.press('Enter')]);
  await expect(panel(page).getByText('Sign in in the window that has opened.')).toBeVisible();
  const choice = popup.getByRole('link', { name: AGENTS['005ALEX'].email });
  await tabTo(popup, choice);
  await popup.keyboard.press('Enter');
  await atWork(page);
  await expect.poll(() => focused(page), { message: 'the focus is still in the panel' }).not.toBe('outside');

  await tabTo(page, panel(page).getByLabel('Number to call'));
  await page.keyboard.type('+49 1522 8817386');
  await page.keyboard.press('Enter');
  const id = await theCall(sandbox);
  await expect(panel(page).getByLabel('Number to call'), 'nothing takes the focus away').toBeFocused();
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'answer' });
  await expect(word(page)).toHaveText('Connected');

  await tabTo(page, button(page, 'Hold'), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(word(page)).toHaveText('On hold');
  // Where it was, although it says something else now.
  await expect(button(page, 'Resume')).toBeFocused();
  await page.keyboard.press('h');
  await expect(word(page)).toHaveText('Connected');
  await page.keyboard.press('m');
  await expect(button(page, 'Unmute')).toBeVisible();
  await page.keyboard.press('M');
  await expect(button(page, 'Mute')).toBeVisible();
  await page.keyboard.press('k');
  await expect(panel(page).locator('.digits')).toBeVisible();
  await page.keyboard.type('12#');
  const played = async () => (await sandbox.state()).babelforce.calls.find((call) => call.id === id).digits;
  await expect.poll(played).toBe('12#');
  await page.keyboard.press('Escape');
  await expect(panel(page).locator('.digits')).toHaveCount(0);
  await expect(button(page, 'Keypad')).toBeFocused();

  await tabTo(page, button(page, 'Hang up'), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(card(page, 'Greta Gross')).toHaveCount(0);
  await expect.poll(() => focused(page)).not.toBe('outside');
  expect((await desk.sent('placeCall')).map(({ placeCall }) => placeCall.to)).toEqual([CUSTOMER]);
  for (const [command, times] of [['hold', 2], ['mute', 2], ['hangup', 1]]) {
    expect(await desk.sent(command), command).toHaveLength(times);
  }
});

test('somebody is picked with the arrows and Enter, and the picker is closed with Escape', async ({ page, servers }) => {
  await openDesk(page, servers);
  const id = await desk.call();
  await expect(word(page)).toHaveText('Connected');
  await button(page, 'Hold').focus();
  await page.keyboard.press('t');
  const search = panel(page).getByRole('combobox', { name: 'Name or number' });
  await expect(search).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(search).toHaveCount(0);
  await expect(button(page, 'Transfer')).toBeFocused();

  await page.keyboard.press('Enter');
  await expect(search).toBeFocused();
  // Two colleagues, two applications.
  const options = panel(page).getByRole('listbox').getByRole('option');
  await expect(options).toHaveCount(4);
  const selected = panel(page).locator('[role=option][aria-selected=true]');
  const active = () =>
    search.evaluate((input) => input.getRootNode().getElementById(input.getAttribute('aria-activedescendant')).textContent);
  await expect(selected).toContainText('Sam Sommer');
  await page.keyboard.press('ArrowUp');
  await expect(selected).toContainText('Sam Sommer');
  await page.keyboard.press('End');
  await expect(selected).toContainText('Opening hours');
  await page.keyboard.press('ArrowUp');
  await expect(selected).toContainText('Support queue');
  expect(await active()).toContain('Support queue');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await expect(selected).toContainText('Kim Kramer');
  // The letters of short cuts are letters here.
  await page.keyboard.type('htmk');
  await expect(options).toHaveCount(0);
  await expect(search).toHaveValue('htmk');
  await search.fill('');
  await page.keyboard.type('supp');
  await expect(options).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(card(page, 'Greta Gross')).toHaveCount(0);
  expect(await desk.sent('transfer')).toEqual([
    { transfer: { callId: id, applicationId: '5f60718293a4b5c6d7e8f90a1b2c3d4e', warm: false } },
  ]);
  expect(await desk.sent('hold')).toEqual([]);
  expect(await desk.sent('mute')).toEqual([]);
  await expect.poll(() => focused(page)).not.toBe('outside');
});

test('a call that comes is declined with the keyboard, and takes no focus', async ({ page, servers }) => {
  await openDesk(page, servers);
  const number = panel(page).getByLabel('Number to call');
  await number.focus();
  await page.keyboard.type('+49');
  await desk.ring();
  await expect(card(page, 'Greta Gross')).toBeVisible();
  await page.keyboard.type('40');
  await expect(number).toBeFocused();
  await expect(number).toHaveValue('+4940');
  await tabTo(page, button(page, 'Decline'), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(card(page, 'Greta Gross')).toHaveCount(0);
  await expect.poll(() => focused(page)).not.toBe('outside');
  expect(await desk.sent('hangup')).toHaveLength(1);
});

for (const where of ['Hang up', 'Hold', 'Keypad']) {
  test(`the focus stays in the panel when the other side hangs up while it is on ${where}`, async ({ page, servers }) => {
    const id = await inCall(page, servers, desk);
    await button(page, where).focus();
    await desk.act(id, { do: 'hang_up' });
    await expect(card(page, 'Greta Gross')).toHaveCount(0);
    await expect.poll(() => focused(page)).not.toBe('outside');
    // And a key that was meant for the call does nothing to anybody.
    await page.keyboard.press('h');
    expect(await desk.sent('hold')).toEqual([]);
  });
}

test('the focus stays when the open picker goes with its call', async ({ page, servers }) => {
  const id = await inCall(page, servers, desk);
  await press(page, 'Transfer');
  await expect(panel(page).getByRole('combobox', { name: 'Name or number' })).toBeFocused();
  await desk.act(id, { do: 'hang_up' });
  await expect(word(page)).toHaveCount(0);
  await expect(panel(page).getByRole('combobox', { name: 'Name or number' })).toHaveCount(0);
  await expect.poll(() => focused(page)).not.toBe('outside');
});

test('a key that is held down does what it does once', async ({ page, servers }) => {
  await inCall(page, servers, desk);
  await button(page, 'Hold').focus();
  for (let pressed = 0; pressed < 10; pressed += 1) await page.keyboard.down('h');
  await page.keyboard.up('h');
  await expect(word(page)).toHaveText('On hold');
  for (let pressed = 0; pressed < 10; pressed += 1) await page.keyboard.down('Enter');
  await page.keyboard.up('Enter');
  await expect(word(page)).toHaveText('Connected');
  expect((await desk.sent('hold')).map(({ hold }) => hold.on)).toEqual([true, false]);
});

test('tabs are gone along with the arrows, lists too, and somebody is called from there', async ({
  page,
  servers,
  sandbox,
}) => {
  await openDesk(page, servers);
  const tab = (name) => panel(page).getByRole('tab', { name });
  await tabTo(page, tab('Dial'));
  await page.keyboard.press('ArrowRight');
  await expect(tab('Recent')).toBeFocused();
  await expect(tab('Recent')).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowRight');
  await expect(tab('Phonebook')).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(tab('Dial')).toBeFocused();
  await page.keyboard.press('ArrowLeft');
  await expect(tab('Phonebook')).toBeFocused();
  const row = (name) => panel(page).getByRole('button', { name: `Call ${name}` });
  await expect(row('Omar Ott')).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(panel(page).getByLabel('Search the phonebook')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(row('Greta Gross')).toBeFocused();
  await page.keyboard.press('End');
  await expect(row('Omar Ott')).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(row('Harbour Office')).toBeFocused();
  await page.keyboard.press('Enter');
  await theCall(sandbox);
  await expect(card(page, 'Harbour Office')).toBeVisible();
  await expect(row('Harbour Office')).toBeFocused();
  expect((await told(page, 'callrequested')).map(({ number }) => number)).toEqual([HARBOUR]);
});

test('the settings are opened, used and closed with the keyboard', async ({ page, servers }) => {
  await openDesk(page, servers);
  await tabTo(page, button(page, 'Settings'));
  await page.keyboard.press('Enter');
  await expect(panel(page).getByRole('heading', { name: 'Settings' })).toBeFocused();
  await tabTo(page, panel(page).getByLabel('Your phone'));
  await page.keyboard.press('Control+a');
  await page.keyboard.type('+493012345699');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await desk.known()).number).toBe('+493012345699');
  await page.keyboard.press('Escape');
  await expect(button(page, 'Settings')).toBeFocused();
});
