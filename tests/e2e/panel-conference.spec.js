// Several parties on one call: whom the moderator brings in, puts on hold, mutes and removes; and what a member may.
import { expect, test } from './servers.js';
import { AGENTS, openPanel, panelMarkup, signIn } from './panel.js';
import { CUSTOMER, Desk, atWork } from './desk.js';
import { button, card, dial, holdBack, inCall, panel, press, still, theCall, word } from './calls.js';

const OUTSIDE = '+494012345999';
/** Somebody in the phonebook. */
const HARBOUR = '+494012345670';
const SAMS_PHONE = '+493012345679';

let desk;

test.beforeEach(({ sandbox }) => {
  desk = new Desk(sandbox);
});

/** The call that rings somebody at the platform. */
async function rings(sandbox, to) {
  const found = async () => {
    const { babelforce } = await sandbox.state();
    return babelforce.calls.filter((call) => call.to === to && call.finished === null).map(({ id }) => id);
  };
  await expect.poll(found).toHaveLength(1);
  return (await found())[0];
}

/** Who is in the conference, and how, as the platform has it. */
async function members(sandbox) {
  const { babelforce } = await sandbox.state();
  return babelforce.conferences.flatMap((one) => one.members);
}

/** The row of a member in the panel. */
function member(page, name) {
  return card(page, 'Conference').getByRole('listitem').filter({ hasText: name });
}

/** Adds somebody who is found by what is typed. */
async function add(page, what, name = what) {
  await press(page, 'Add');
  await panel(page).getByRole('combobox', { name: 'Name or number' }).fill(what);
  await still(page);
  await panel(page).getByRole('option', { name }).first().click();
}

/** A conference of Alex, the customer and somebody outside, who has answered. */
async function conference(page, servers) {
  const id = await inCall(page, servers, desk);
  await add(page, OUTSIDE);
  await desk.act(await rings(servers.sandbox, OUTSIDE), { do: 'answer' });
  await expect(member(page, OUTSIDE)).toContainText('in the call');
  return id;
}

test('somebody is added to a call, is called, and joins', async ({ page, servers, sandbox }) => {
  await inCall(page, servers, desk);
  const release = await holdBack(page, servers);
  await add(page, OUTSIDE);
  await expect(button(page, 'Add')).toBeVisible();
  await expect(card(page, 'Conference')).toHaveCount(0);
  release();
  await expect(member(page, OUTSIDE)).toContainText('being called…');
  await desk.act(await rings(sandbox, OUTSIDE), { do: 'answer' });
  await expect(member(page, OUTSIDE)).toContainText('in the call');
  await expect(member(page, 'Alex Adler')).toContainText('you · in the call · moderator');
  const added = await desk.sent('addConferenceMember');
  expect(added).toEqual([{ addConferenceMember: { number: OUTSIDE, holdOthers: false } }]);
});

test('somebody who does not come is told, and is not in the list', async ({ page, servers, sandbox }) => {
  await conference(page, servers);
  await add(page, '+494099999999');
  await expect(member(page, '+494099999999')).toContainText('being called…');
  await desk.act(await rings(sandbox, '+494099999999'), { do: 'busy' });
  await expect(member(page, '+494099999999')).toHaveCount(0);
  await expect(panel(page).locator('[aria-live=polite]')).toContainText('+494099999999 was not reached');
});

test('a conference is begun without calling anybody yet', async ({ page, servers }) => {
  await inCall(page, servers, desk);
  await press(page, 'Add');
  await press(page, 'Only start a conference');
  await expect(member(page, 'Greta Gross')).toContainText('in the call');
  expect(await desk.sent('startConference')).toEqual([{ startConference: { hold: false } }]);
});

test('the moderator puts a member on hold and takes them back, mutes and removes them, each once', async ({
  page,
  servers,
  sandbox,
}) => {
  await conference(page, servers);
  let release = await holdBack(page, servers);
  await press(page, `Hold: ${OUTSIDE}`);
  await expect(button(page, `Hold: ${OUTSIDE}`)).toHaveAttribute('aria-busy', 'true');
  await expect(member(page, OUTSIDE)).toContainText('in the call');
  release();
  await expect(member(page, OUTSIDE)).toContainText('On hold');
  await press(page, `Resume: ${OUTSIDE}`);
  await expect(member(page, OUTSIDE)).toContainText('in the call');

  const muted = async () => (await members(sandbox)).find(({ party }) => party.guest === OUTSIDE).muted;
  await press(page, `Mute: ${OUTSIDE}`);
  await expect.poll(muted).toBe(true);
  await press(page, `Unmute: ${OUTSIDE}`);
  await expect.poll(muted).toBe(false);

  release = await holdBack(page, servers);
  await still(page);
  await button(page, `Remove: ${OUTSIDE}`).dblclick();
  await expect(button(page, `Remove: ${OUTSIDE}`)).toHaveAttribute('aria-busy', 'true');
  await expect(member(page, OUTSIDE)).toContainText('in the call');
  release();
  await expect(member(page, OUTSIDE)).toHaveCount(0);
  const { id } = (await members(sandbox)).find(({ party }) => party.guest === OUTSIDE);
  expect(await desk.sent('holdConferenceMember')).toEqual([
    { holdConferenceMember: { memberId: id, on: true } },
    { holdConferenceMember: { memberId: id, on: false } },
  ]);
  expect(await desk.sent('muteConferenceMember')).toEqual([
    { muteConferenceMember: { memberId: id, on: true } },
    { muteConferenceMember: { memberId: id, on: false } },
  ]);
  expect(await desk.sent('kickConferenceMember')).toEqual([{ kickConferenceMember: { memberId: id } }]);
});

test('a member who hangs up is gone from the list, and the others go on', async ({ page, servers, sandbox }) => {
  await conference(page, servers);
  await add(page, 'sam', /Sam Sommer/);
  await desk.act(await rings(sandbox, SAMS_PHONE), { who: 'agent', do: 'answer' });
  await expect(member(page, 'Sam Sommer')).toContainText('in the call');
  const { id } = (await members(sandbox)).find(({ party }) => party.guest === OUTSIDE);
  await sandbox.tell(`members/${id}`, { do: 'hang_up' });
  await expect(member(page, OUTSIDE)).toHaveCount(0);
  await expect(member(page, 'Sam Sommer')).toContainText('in the call');
  await expect(member(page, 'Greta Gross')).toBeVisible();
});

test('the moderator leaves, and the others stay together', async ({ page, servers, sandbox }) => {
  await conference(page, servers);
  const release = await holdBack(page, servers);
  await press(page, 'Leave');
  await expect(button(page, 'Leave')).toHaveAttribute('aria-busy', 'true');
  await expect(card(page, 'Conference')).toBeVisible();
  release();
  await expect(card(page, 'Conference')).toHaveCount(0);
  await expect(word(page)).toHaveCount(0);
  expect(await desk.sent('leaveConference')).toHaveLength(1);
  const there = (await members(sandbox)).filter(({ state }) => state === 'added');
  expect(there.map(({ party }) => Object.values(party)[0])).toEqual([CUSTOMER, OUTSIDE]);
});

test('the moderator ends the conference for everybody, once', async ({ page, servers, sandbox }) => {
  await conference(page, servers);
  const release = await holdBack(page, servers);
  await still(page);
  await button(page, 'End for all').dblclick();
  await expect(button(page, 'End for all')).toHaveAttribute('aria-busy', 'true');
  await expect(card(page, 'Conference')).toBeVisible();
  release();
  await expect(card(page, 'Conference')).toHaveCount(0);
  expect(await desk.sent('endConference')).toEqual([{ endConference: {} }]);
  const { babelforce } = await sandbox.state();
  expect(babelforce.calls.filter(({ finished }) => finished === null)).toEqual([]);
});

test('an agent who was asked in is a member: they see everybody, and touch nobody', async ({
  page,
  browser,
  servers,
  sandbox,
}) => {
  const elsewhere = await browser.newContext({ locale: 'en-GB' });
  try {
    const sams = await elsewhere.newPage();
    await openPanel(sams, servers, panelMarkup({ user: '005SAM' }));
    await signIn(sams, '005SAM');
    await atWork(sams);
    await conference(page, servers);
    await add(page, 'sam', /Sam Sommer/);
    await expect(sams.locator('.card.incoming')).toBeVisible();
    await desk.act(await rings(sandbox, SAMS_PHONE), { who: 'agent', do: 'answer' });

    await expect(member(sams, 'Sam Sommer')).toContainText('you · in the call');
    await expect(member(sams, 'Sam Sommer')).not.toContainText('moderator');
    await expect(member(sams, 'Alex Adler')).toContainText('moderator');
    const why = 'Only whoever began the conference can do this.';
    for (const name of [`Hold: ${OUTSIDE}`, `Mute: ${OUTSIDE}`, `Remove: ${OUTSIDE}`, 'End for all']) {
      await expect(button(sams, name), name).toHaveAttribute('aria-disabled', 'true');
      await expect(button(sams, name), name).toHaveAttribute('title', why);
    }
    await sandbox.forget();
    await still(sams);
    await button(sams, `Remove: ${OUTSIDE}`).click({ force: true });
    await expect(card(sams, 'Conference').locator('.hint')).toHaveText(why);
    await expect(button(sams, 'Leave')).not.toHaveAttribute('aria-disabled', 'true');
    await press(sams, 'Leave');
    await expect(card(sams, 'Conference')).toHaveCount(0);
    await expect(member(page, 'Sam Sommer')).toHaveCount(0);
    await expect(member(page, OUTSIDE)).toContainText('in the call');
    expect((await desk.sent()).map((command) => Object.keys(command)[0])).toEqual(['leaveConference']);
  } finally {
    await elsewhere.close();
  }
});

test('a second call can be dialled, but with two calls no conference is begun', async ({ page, servers, sandbox }) => {
  await inCall(page, servers, desk);
  await press(page, 'Hold');
  await expect(word(page)).toHaveText('On hold');
  await dial(page, HARBOUR);
  const second = card(page, 'Harbour Office');
  await expect(second).toBeVisible();
  await desk.act(await rings(sandbox, HARBOUR), { who: 'agent', do: 'answer' });
  await desk.act(await rings(sandbox, HARBOUR), { do: 'answer' });
  await expect(second.locator('.word')).toHaveText('Connected');
  await expect(second.getByRole('button', { name: 'Add' })).toHaveAttribute(
    'title',
    'Possible with one call only: end the others first.',
  );
});
