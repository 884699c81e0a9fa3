// Handing a call over: at once, or after asking; to agents, numbers and applications.
import { expect, test } from './servers.js';
import { AGENTS } from './panel.js';
import { CUSTOMER, Desk, openDesk } from './desk.js';
import { button, card, holdBack, inCall, panel, press, still, theCall, told, word } from './calls.js';

const OUTSIDE = '+494012345670';
const SAMS_PHONE = '+493012345679';

let desk;

test.beforeEach(({ sandbox }) => {
  desk = new Desk(sandbox);
});

/** A call that came in and was answered. */
async function inbound(page, servers) {
  await openDesk(page, servers);
  const id = await desk.call();
  await expect(word(page)).toHaveText('Connected');
  return id;
}

/** Opens the picker and looks for somebody. */
async function lookFor(page, what) {
  await press(page, 'Transfer');
  const search = panel(page).getByRole('combobox', { name: 'Name or number' });
  await expect(search).toBeFocused();
  await search.fill(what);
}

function option(page, name) {
  return panel(page).getByRole('option', { name });
}

/** The leg that rings somebody, at the platform. */
async function leg(sandbox, to) {
  const legs = async () => {
    const { babelforce } = await sandbox.state();
    return babelforce.calls.filter((call) => call.to === to && call.finished === null).map(({ id }) => id);
  };
  await expect.poll(legs).toHaveLength(1);
  return (await legs())[0];
}

test('a call is transferred to an agent at once, and is gone when they answer', async ({ page, servers, sandbox }) => {
  const id = await inbound(page, servers);
  await lookFor(page, 'sam');
  const release = await holdBack(page, servers);
  await still(page);
  await option(page, /Sam Sommer/).dblclick();
  await expect(word(page)).toHaveText('Connected');
  release();
  const rings = await leg(sandbox, SAMS_PHONE);
  await expect(card(page, 'Greta Gross')).toBeVisible();
  await desk.act(rings, { who: 'agent', do: 'answer' });
  await expect(card(page, 'Greta Gross')).toHaveCount(0);
  expect(await desk.sent('transfer')).toEqual([
    { transfer: { callId: id, agentId: AGENTS['005SAM'].id, warm: false } },
  ]);
  expect(await told(page, 'callended')).toHaveLength(1);
});

test('a call is transferred to a number that is typed', async ({ page, servers, sandbox }) => {
  const id = await inCall(page, servers, desk);
  await lookFor(page, '+49 40 12345670');
  await still(page);
  await option(page, OUTSIDE).click();
  await desk.act(await leg(sandbox, OUTSIDE), { do: 'answer' });
  await expect(card(page, 'Greta Gross')).toHaveCount(0);
  expect(await desk.sent('transfer')).toEqual([{ transfer: { callId: id, to: OUTSIDE, warm: false } }]);
});

test('a call that came in is transferred to an application, one that was dialled is not', async ({
  page,
  servers,
  sandbox,
}) => {
  const id = await inbound(page, servers);
  await lookFor(page, 'support');
  await still(page);
  await option(page, /Support queue/).click();
  await expect(card(page, 'Greta Gross')).toHaveCount(0);
  expect(await desk.sent('transfer')).toEqual([
    { transfer: { callId: id, applicationId: '5f60718293a4b5c6d7e8f90a1b2c3d4e', warm: false } },
  ]);
  await press(page, 'Done');
  await expect(button(page, 'Done')).toHaveCount(0);

  await panel(page).getByLabel('Number to call').fill(CUSTOMER);
  await press(page, 'Call');
  const second = await theCall(sandbox);
  await desk.act(second, { who: 'agent', do: 'answer' });
  await desk.act(second, { do: 'answer' });
  await expect(word(page)).toHaveText('Connected');
  await lookFor(page, 'support');
  await expect(option(page, /Support queue/)).toHaveAttribute('aria-disabled', 'true');
  await expect(option(page, /Support queue.*This call cannot go there\./)).toBeVisible();
  await still(page);
  await option(page, /Support queue/).click({ force: true });
  await expect(panel(page).locator('.hint').getByText('This call cannot go there.')).toBeVisible();
  expect(await desk.sent('transfer')).toHaveLength(1);
});

for (const [deed, says] of [
  ['busy', 'It is busy there. You still have the call.'],
  ['no_answer', 'Nobody answered there. You still have the call.'],
  ['decline', 'The call was declined there. You still have it.'],
  ['unreachable', 'Nobody can be reached there. You still have the call.'],
]) {
  test(`a transfer whose target does this is told at the call, which goes on: ${deed}`, async ({
    page,
    servers,
    sandbox,
  }) => {
    await inbound(page, servers);
    await lookFor(page, OUTSIDE);
    await still(page);
    await option(page, OUTSIDE).first().click();
    await desk.act(await leg(sandbox, OUTSIDE), { do: deed });
    await expect(card(page, 'Greta Gross').getByText('Transfer: did not work')).toBeVisible();
    await expect(card(page, 'Greta Gross').getByText(says)).toBeVisible();
    await expect(word(page)).toHaveText('Connected');
    await press(page, 'Dismiss');
    await expect(card(page, 'Greta Gross').getByText('Transfer: did not work')).toHaveCount(0);
    expect(await desk.sent('transfer')).toHaveLength(1);
  });
}

test('a transfer to an agent who cannot be called is told at the call', async ({ page, servers, sandbox }) => {
  await inbound(page, servers);
  await sandbox.tell(`agents/${AGENTS['005SAM'].id}`, { presence: 'lunch' });
  await lookFor(page, 'sam');
  await still(page);
  await option(page, /Sam Sommer/).click();
  await expect(card(page, 'Greta Gross').getByText(/They cannot take calls now\. You still have the call\./)).toBeVisible();
  await expect(word(page)).toHaveText('Connected');
});

test('an agent asks a colleague first, then hands the call over and is out of it', async ({ page, servers, sandbox }) => {
  await inbound(page, servers);
  await press(page, 'Transfer');
  await press(page, 'Ask first');
  await expect(button(page, 'Ask first')).toHaveAttribute('aria-pressed', 'true');
  await panel(page).getByRole('combobox', { name: 'Name or number' }).fill('sam');
  await still(page);
  await option(page, /Sam Sommer/).click();
  const conference = card(page, 'Conference');
  await expect(conference.getByText('being called…')).toBeVisible();
  await expect(button(page, 'Hand over and leave')).toHaveCount(0);
  await desk.act(await leg(sandbox, SAMS_PHONE), { who: 'agent', do: 'answer' });
  await expect(conference.getByRole('listitem').filter({ hasText: 'Sam Sommer' }).getByText('in the call')).toBeVisible();

  const release = await holdBack(page, servers);
  await press(page, 'Hand over and leave');
  await expect(button(page, 'Hand over and leave')).toHaveAttribute('aria-busy', 'true');
  await expect(conference).toBeVisible();
  release();
  await expect(conference).toHaveCount(0);
  await expect(card(page, 'Greta Gross')).toHaveCount(0);
  const [first, ...more] = await desk.sent('transfer');
  expect(first.transfer).toMatchObject({ agentId: AGENTS['005SAM'].id, warm: true });
  expect(more).toEqual([]);
  // Sam has the customer now.
  const { babelforce } = await sandbox.state();
  const live = babelforce.calls.filter(({ finished }) => finished === null);
  expect(live.map(({ agent_id }) => agent_id)).toEqual([AGENTS['005SAM'].id]);
});

test('an agent asks a colleague who does not come, and goes back to the caller', async ({ page, servers, sandbox }) => {
  await inbound(page, servers);
  await press(page, 'Transfer');
  await press(page, 'Ask first');
  await panel(page).getByRole('combobox', { name: 'Name or number' }).fill('sam');
  await still(page);
  await option(page, /Sam Sommer/).click();
  await desk.act(await leg(sandbox, SAMS_PHONE), { who: 'agent', do: 'no_answer' });
  await expect(button(page, 'Hand over and leave')).toHaveCount(0);
  const customer = card(page, 'Conference').getByRole('listitem').filter({ hasText: 'Greta Gross' });
  // The platform leaves whom it parked on hold, and says so.
  await expect(customer.getByText('On hold')).toBeVisible();
  await press(page, 'Resume: Greta Gross');
  await expect(customer.getByText('in the call')).toBeVisible();
  expect(await desk.sent('addConferenceMember')).toHaveLength(1);
  expect(await desk.sent('holdConferenceMember')).toHaveLength(1);
});
