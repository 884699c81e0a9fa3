// What an agent does with a call: nothing is shown as done before the platform says so, and each is sent once.
import { expect, test } from './servers.js';
import { AGENTS } from './panel.js';
import { Desk } from './desk.js';
import { button, holdBack, inCall, panel, press, still, word } from './calls.js';

let desk;

test.beforeEach(({ sandbox }) => {
  desk = new Desk(sandbox);
});

/** What is switched on and off: the buttons' words, the command, and what is shown while it is on. */
const SWITCHES = [
  { on: 'Hold', off: 'Resume', command: 'hold', shows: 'On hold' },
  { on: 'Mute', off: 'Unmute', command: 'mute', shows: 'muted' },
];

for (const { on, off, command, shows } of SWITCHES) {
  test(`${command} is shown when the platform says so, and sent once for each turn`, async ({ page, servers }) => {
    const id = await inCall(page, servers, desk);
    const shown = panel(page).locator('.state').getByText(shows, { exact: true });
    let release = await holdBack(page, servers);
    await still(page);
    await button(page, on).dblclick();
    await expect(button(page, on)).toHaveAttribute('aria-busy', 'true');
    // However often it is wanted meanwhile.
    await button(page, on).press('Enter');
    await button(page, on).press('Space');
    await expect(button(page, off)).toHaveCount(0);
    await expect(shown).toHaveCount(0);
    release();
    await expect(button(page, off)).toBeVisible();
    await expect(shown).toBeVisible();
    expect(await desk.sent(command)).toEqual([{ [command]: { callId: id, on: true } }]);

    release = await holdBack(page, servers);
    await press(page, off);
    await expect(button(page, off)).toHaveAttribute('aria-busy', 'true');
    await expect(shown).toBeVisible();
    release();
    await expect(button(page, on)).toBeVisible();
    await expect(shown).toHaveCount(0);
    expect(await desk.sent(command)).toEqual([
      { [command]: { callId: id, on: true } },
      { [command]: { callId: id, on: false } },
    ]);
  });
}

test('a command whose reply is lost is done without a doubt where the platform shows it', async ({ page, servers, sandbox }) => {
  await inCall(page, servers, desk);
  await sandbox.faults([{ match: { path: '/babelconnect.v1.Agent/Send' }, action: 'close_before_reply' }]);
  await press(page, 'Hold');
  await expect(word(page)).toHaveText('On hold');
  await expect(panel(page).getByText("we don't know whether it was done")).toHaveCount(0);
  expect(await desk.sent('hold')).toHaveLength(1);
});

test('a command whose reply is lost and of which nothing shows is in doubt, and never sent again by itself', async ({
  page,
  servers,
  sandbox,
}) => {
  await inCall(page, servers, desk);
  await sandbox.faults([{ match: { path: '/babelconnect.v1.Agent/Send' }, action: 'reset' }]);
  await press(page, 'Hold');
  const doubt = panel(page).locator('.card .notice');
  await expect(doubt).toContainText("Hold: we don't know whether it was done");
  await expect(doubt).toContainText('It may have been done. Look before you do it again.');
  await expect(word(page)).toHaveText('Connected');
  await sandbox.faults([]);
  await press(page, 'Dismiss');
  await expect(doubt).toHaveCount(0);
  await press(page, 'Hold');
  await expect(word(page)).toHaveText('On hold');
  const tried = (await sandbox.requests()).filter(({ fault }) => fault === 'reset');
  expect(tried).toHaveLength(1);
  expect(await desk.sent('hold')).toHaveLength(1);
});

test('what an agent may not do says why, and is not sent', async ({ page, servers, sandbox }) => {
  await inCall(page, servers, desk);
  await sandbox.tell(`agents/${AGENTS['005ALEX'].id}`, { can_record: false });
  await expect(button(page, 'Record')).toHaveAttribute('aria-disabled', 'true');
  await expect(button(page, 'Record')).toHaveAttribute('title', 'You may not record.');
  await still(page);
  await button(page, 'Record').click({ force: true });
  await expect(panel(page).locator('.card .hint').getByText('You may not record.')).toBeVisible();
  expect(await desk.sent('startRecording')).toEqual([]);
});

test('digits are played in their order, each once, and shown', async ({ page, servers, sandbox }) => {
  const id = await inCall(page, servers, desk);
  await press(page, 'Keypad');
  const pad = panel(page).locator('[data-call]').getByRole('group', { name: 'Keypad' });
  await still(page);
  const release = await holdBack(page, servers);
  // A double click on a key is two digits.
  await pad.getByRole('button', { name: '4', exact: true }).dblclick();
  for (const digit of ['2', '*', '#', '0']) await pad.getByRole('button', { name: digit, exact: true }).click();
  release();
  const played = async () => (await sandbox.state()).babelforce.calls.find((call) => call.id === id).digits;
  await expect.poll(played).toBe('442*#0');
  await expect(panel(page).locator('.digits')).toHaveText('442*#0');
  const sent = (await desk.sent('dtmf')).map(({ dtmf }) => dtmf.digits).join('');
  expect(sent).toBe('442*#0');

  await press(page, 'Hold');
  await expect(word(page)).toHaveText('On hold');
  await pad.getByRole('button', { name: '9', exact: true }).click();
  await expect(panel(page).locator('[data-call]').getByText('Resume the call first.').first()).toBeVisible();
  expect((await desk.sent('dtmf')).map(({ dtmf }) => dtmf.digits).join('')).toBe('442*#0');
});

test('a call is recorded, flagged and tagged, and the recording stopped', async ({ page, servers, sandbox }) => {
  const id = await inCall(page, servers, desk);
  const recording = async () => (await sandbox.state()).babelforce.calls.find((call) => call.id === id).recording;
  const sign = panel(page).getByText('recording', { exact: true });
  let release = await holdBack(page, servers);
  await press(page, 'Record');
  await expect(button(page, 'Record')).toHaveAttribute('aria-busy', 'true');
  await expect(sign).toHaveCount(0);
  release();
  await expect(sign).toBeVisible();

  release = await holdBack(page, servers);
  await press(page, 'Flag');
  await expect(button(page, 'Flag')).toHaveAttribute('aria-busy', 'true');
  release();
  await expect(button(page, 'Unflag')).toBeVisible();
  expect(await recording()).toMatchObject({ flagged: true });
  await press(page, 'Unflag');
  await expect(button(page, 'Flag')).toBeVisible();
  expect(await recording()).toMatchObject({ flagged: false });

  await press(page, 'Tags');
  release = await holdBack(page, servers);
  await press(page, 'order');
  await expect(button(page, 'order')).toHaveAttribute('aria-pressed', 'false');
  release();
  await expect(button(page, 'order')).toHaveAttribute('aria-pressed', 'true');
  await press(page, 'complaint');
  await expect(button(page, 'complaint')).toHaveAttribute('aria-pressed', 'true');
  expect((await recording()).tags).toEqual(['order', 'complaint']);
  await press(page, 'order');
  await expect(button(page, 'order')).toHaveAttribute('aria-pressed', 'false');
  expect((await recording()).tags).toEqual(['complaint']);

  await press(page, 'Stop');
  await expect(sign).toHaveCount(0);
  await expect(button(page, 'Record')).toBeVisible();
  expect(await recording()).toBeNull();
  for (const [command, times] of [['startRecording', 1], ['flagRecording', 2], ['setRecordingTags', 3], ['stopRecording', 1]]) {
    expect(await desk.sent(command), command).toHaveLength(times);
  }
});

test('somebody else is called while a call is on hold, and each call has its own controls', async ({
  page,
  servers,
  sandbox,
}) => {
  await inCall(page, servers, desk);
  const call = button(page, 'Call');
  await expect(call).toHaveAttribute('aria-disabled', 'true');
  await press(page, 'Hold');
  await expect(word(page)).toHaveText('On hold');
  await panel(page).getByLabel('Number to call').fill('+494012345670');
  await expect(call).not.toHaveAttribute('aria-disabled', 'true');
  await press(page, 'Call');
  const second = panel(page).getByRole('article', { name: 'Harbour Office' });
  await expect(second).toBeVisible();
  await still(page);
  await second.getByRole('button', { name: 'Hang up' }).click();
  await expect(second).toHaveCount(0);
  const { babelforce } = await sandbox.state();
  const hungUp = babelforce.calls.filter(({ finished }) => finished !== null);
  expect(hungUp.map(({ to }) => to)).toEqual(['+494012345670']);
});
