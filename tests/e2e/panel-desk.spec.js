// What belongs to the agent and not to a call: presence, numbers, the line, and the time for notes.
import { expect, test } from './servers.js';
import { AGENTS } from './panel.js';
import { CUSTOMER, Desk, openDesk } from './desk.js';
import { button, card, dial, holdBack, inCall, panel, press, still, theCall } from './calls.js';

const ALEX = AGENTS['005ALEX'].id;
const OTHER_NUMBER = '+442079460100';
const USUAL_NUMBER = '+493012345600';

let desk;

test.beforeEach(({ sandbox }) => {
  desk = new Desk(sandbox);
});

test('a presence is chosen, and shows once the platform has it', async ({ page, servers }) => {
  await openDesk(page, servers);
  const presence = panel(page).getByLabel('Presence');
  await expect(presence).toHaveValue('available');
  const release = await holdBack(page, servers);
  await presence.selectOption({ label: 'Lunch break' });
  await expect(presence).toHaveAttribute('aria-busy', 'true');
  await expect(presence).toHaveValue('available');
  release();
  await expect(presence).toHaveValue('lunch');
  await expect(presence).not.toHaveAttribute('aria-busy', 'true');
  expect(await desk.sent('setPresence')).toEqual([{ setPresence: { name: 'lunch' } }]);
  // Nobody calls from a break.
  await expect(button(page, 'Call')).toHaveAttribute('aria-disabled', 'true');
  await expect(panel(page).locator('.hint').getByText('Choose a presence for calls first.')).toBeVisible();
});

test('a presence that somebody else chooses shows too', async ({ page, servers, sandbox }) => {
  await openDesk(page, servers);
  await sandbox.tell(`agents/${ALEX}`, { presence: 'busy' });
  await expect(panel(page).getByLabel('Presence')).toHaveValue('busy');
});

test('one call shows another number, chosen for it alone', async ({ page, servers, sandbox }) => {
  await openDesk(page, servers);
  const callAs = panel(page).getByLabel('Call as');
  await expect(callAs).toHaveValue(USUAL_NUMBER);
  await callAs.selectOption(OTHER_NUMBER);
  await dial(page);
  await theCall(sandbox);
  const [placed] = await desk.sent('placeCall');
  expect(placed.placeCall).toMatchObject({ to: CUSTOMER, displayAsTo: OTHER_NUMBER });
  expect(await desk.sent('setDisplayAs')).toEqual([]);
});

test('the number that others see is set, and shows once the platform has it', async ({ page, servers }) => {
  await openDesk(page, servers);
  await button(page, 'Settings').click();
  await expect(panel(page).getByRole('heading', { name: 'Settings' })).toBeFocused();
  const shown = panel(page).getByLabel('Number that others see');
  const release = await holdBack(page, servers);
  await shown.selectOption(OTHER_NUMBER);
  await expect(shown).toHaveAttribute('aria-busy', 'true');
  await expect(shown).toHaveValue(USUAL_NUMBER);
  release();
  await expect(shown).toHaveValue(OTHER_NUMBER);
  expect(await desk.sent('setDisplayAs')).toEqual([{ setDisplayAs: { number: OTHER_NUMBER } }]);
  await button(page, 'Close').click();
  await expect(button(page, 'Settings')).toBeFocused();
  await expect(panel(page).getByLabel('Call as')).toHaveValue(OTHER_NUMBER);
});

test('the own number is set, and calls ring there; what is no number is not sent', async ({ page, servers }) => {
  await openDesk(page, servers);
  await button(page, 'Settings').click();
  const phone = panel(page).getByLabel('Your phone');
  await expect(phone).toHaveValue('+493012345678');
  const before = await desk.sent('setAgentNumber');
  await phone.fill('nobody');
  await button(page, 'Save').click();
  await expect(panel(page).locator('.hint').getByText(/^This is not a full phone number\./)).toBeVisible();
  await phone.fill('+49 30 12345699');
  const release = await holdBack(page, servers);
  await button(page, 'Save').dblclick();
  await expect(button(page, 'Save')).toHaveAttribute('aria-busy', 'true');
  release();
  await expect.poll(async () => (await desk.known()).number).toBe('+493012345699');
  await expect(button(page, 'Save')).not.toHaveAttribute('aria-busy', 'true');
  const sent = (await desk.sent('setAgentNumber')).slice(before.length);
  expect(sent).toEqual([{ setAgentNumber: { number: '+493012345699' } }]);
  await desk.ring();
  await expect(panel(page).getByText(/pick up your phone \(\+493012345699\)/i)).toBeVisible();
});

test('without a phone nothing is dialled, and it is said what to do', async ({ page, servers, sandbox }) => {
  await openDesk(page, servers);
  await sandbox.tell(`agents/${ALEX}`, { number: '' });
  await expect(button(page, 'Call')).toHaveAttribute('aria-disabled', 'true');
  await expect(panel(page).getByText('You have no phone to be connected to. Enter it in the settings.')).toBeVisible();
});

test('a line that is blocked is told, blocks dialling, and is reset', async ({ page, servers, sandbox }) => {
  await openDesk(page, servers);
  await sandbox.tell(`agents/${ALEX}`, { line_block: 'busy' });
  await expect(panel(page).getByText('No calls come through to you')).toBeVisible();
  await expect(panel(page).getByText('The phone system has blocked your line.')).toBeVisible();
  await expect(button(page, 'Call')).toHaveAttribute('title', 'Your line is blocked. Let calls through first.');
  const release = await holdBack(page, servers);
  await button(page, 'Let calls through').click();
  await expect(button(page, 'Let calls through')).toHaveAttribute('aria-busy', 'true');
  await button(page, 'Let calls through').click({ force: true });
  release();
  await expect(panel(page).getByText('No calls come through to you')).toHaveCount(0);
  await expect(button(page, 'Call')).not.toHaveAttribute('aria-disabled', 'true');
  expect(await desk.sent('resetLineStatus')).toEqual([{ resetLineStatus: {} }]);
});

test('what the account has switched off is not offered, or says so', async ({ page, servers, sandbox }) => {
  await sandbox.tell('settings', {
    features: { transfer: false, conference: false, history: false, phonebook: false, status_change: false },
  });
  await inCall(page, servers, desk);
  for (const name of ['Recent', 'Phonebook']) {
    await expect(panel(page).getByRole('tab', { name })).toHaveCount(0);
  }
  for (const name of ['Transfer', 'Add']) {
    await expect(button(page, name)).toHaveAttribute('title', 'Your administrator has switched this off.');
    await still(page);
    await button(page, name).click({ force: true });
    await expect(card(page, 'Greta Gross').locator('.hint')).toHaveText('Your administrator has switched this off.');
  }
  await expect(panel(page).getByRole('combobox', { name: 'Name or number' })).toHaveCount(0);
  await expect(panel(page).getByLabel('Presence')).toHaveAttribute('aria-disabled', 'true');
  for (const option of await panel(page).getByLabel('Presence').locator('option:not(:checked)').all()) {
    await expect(option).toBeDisabled();
  }
});

test.describe('the time for notes', () => {
  const notes = (page) => card(page, 'Time for notes');

  /** The seconds that are shown. */
  async function left(page) {
    const [minutes, seconds] = (await notes(page).locator('.time').textContent()).split(':');
    return 60 * Number(minutes) + Number(seconds);
  }

  async function begin(page, servers, rules) {
    await servers.sandbox.tell('settings', { wrap_up: rules });
    const id = await inCall(page, servers, desk);
    await desk.act(id, { do: 'hang_up' });
    await expect(notes(page)).toBeVisible();
  }

  test('is counted down, made longer as far as allowed, and ended', async ({ page, servers }) => {
    await begin(page, servers, { seconds: 40, can_cancel: true, extension: 45 });
    const first = await left(page);
    expect(first).toBeGreaterThan(30);
    expect(first).toBeLessThanOrEqual(40);
    await expect.poll(() => left(page)).toBeLessThan(first - 1);
    await expect(panel(page).getByText('taking notes')).toBeVisible();

    let release = await holdBack(page, servers);
    await press(page, '30 s more');
    await expect(button(page, '30 s more')).toHaveAttribute('aria-busy', 'true');
    expect(await left(page)).toBeLessThanOrEqual(40);
    release();
    await expect.poll(() => left(page)).toBeGreaterThan(50);

    // 15 seconds are all that is left of it.
    await press(page, '30 s more');
    await expect(notes(page).locator('.notice')).toContainText('The time for notes cannot be made so much longer.');
    await expect(notes(page).locator('.notice')).toContainText('15 s are still to be had.');
    expect(await desk.sent('wrapUpExtend')).toHaveLength(2);

    release = await holdBack(page, servers);
    await press(page, 'Done');
    await expect(button(page, 'Done')).toHaveAttribute('aria-busy', 'true');
    await expect(notes(page)).toBeVisible();
    release();
    await expect(notes(page)).toHaveCount(0);
    expect(await desk.sent('wrapUpCancel')).toEqual([{ wrapUpCancel: {} }]);
    await expect(panel(page).getByText('available', { exact: true })).toBeVisible();
  });

  test('that is fixed cannot be changed, and ends by itself', async ({ page, servers }) => {
    await begin(page, servers, { seconds: 4, can_cancel: false, extension: null });
    for (const name of ['30 s more', 'Done']) {
      await expect(button(page, name)).toHaveAttribute('title', 'Your administrator has fixed this time.');
    }
    await expect(notes(page)).toHaveCount(0);
    expect(await desk.sent('wrapUpExtend')).toEqual([]);
  });
});
