// What the relay decides for the panel, a platform that can only dial, and signing out.
import { expect, test } from './servers.js';
import { openPanel, panelMarkup, signIn } from './panel.js';
import { CUSTOMER, Desk, atWork, openDesk } from './desk.js';
import { PAYLOAD, RECORD, button, card, dial, inCall, panel, press, still, told, toldOnce } from './calls.js';

const OUTSIDE = '+494012345670';

let desk;

test.beforeEach(({ sandbox }) => {
  desk = new Desk(sandbox);
});

/** Nothing that was sent to the platform names the number. */
async function neverReached(sandbox, number) {
  const requests = await sandbox.requests();
  expect(requests.length).toBeGreaterThan(0);
  expect(JSON.stringify(requests)).not.toContain(number);
}

test('a number on the do-not-call list is refused by the relay, and the platform never hears of it', async ({
  page,
  servers,
  sandbox,
}) => {
  await servers.doNotCall(OUTSIDE);
  await openDesk(page, servers);
  await dial(page, OUTSIDE);
  const said = panel(page).locator('.dialler .notice');
  await expect(said).toContainText('Calling: not done');
  await expect(said).toContainText('This number is not called from here.');
  await expect(said).toContainText('Its owner asked not to be called.');
  expect(await toldOnce(page, 'callrefused')).toMatchObject({ number: OUTSIDE, code: 'do_not_call' });
  expect(await told(page, 'callaccepted')).toEqual([]);
  await neverReached(sandbox, OUTSIDE);
});

test('nor can a call be transferred there, or the number be asked in', async ({ page, servers, sandbox }) => {
  await servers.doNotCall(OUTSIDE);
  await inCall(page, servers, desk);
  for (const opener of ['Transfer', 'Add']) {
    await press(page, opener);
    await panel(page).getByRole('combobox', { name: 'Name or number' }).fill('+49 40 12345670');
    await still(page);
    await panel(page).getByRole('option', { name: OUTSIDE }).first().click();
    const said = panel(page).locator('.card .notice');
    await expect(said).toContainText('This number is not called from here.');
    await press(page, 'Dismiss');
    await expect(said).toHaveCount(0);
  }
  expect(await desk.sent('transfer')).toEqual([]);
  expect(await desk.sent('addConferenceMember')).toEqual([]);
});

test('a number in a country that is not allowed is refused by the relay', async ({ page, servers, sandbox }) => {
  await openDesk(page, servers);
  await dial(page, '+1 212 555 0142');
  const said = panel(page).locator('.dialler .notice');
  await expect(said).toContainText('We cannot call this number.');
  expect(await toldOnce(page, 'callrefused')).toMatchObject({ number: '+12125550142', code: 'number_not_allowed' });
  await neverReached(sandbox, '+12125550142');
});

test('what is no number is told before anything is sent', async ({ page, servers }) => {
  await openDesk(page, servers);
  await dial(page, 'nobody');
  await expect(panel(page).locator('.hint').getByText(/^This is not a full phone number\./)).toBeVisible();
  expect(await told(page, 'callrequested')).toEqual([]);
  expect(await desk.sent('placeCall')).toEqual([]);
});

test('the same number twice within three seconds is one call', async ({ page, servers, sandbox }) => {
  await sandbox.tell('settings', { wrap_up: { seconds: 0 } });
  await sandbox.tell('scripts', { scripts: [{ number: '+493012345678', steps: [{ do: 'hang_up' }] }] });
  await openDesk(page, servers);
  await dial(page);
  await toldOnce(page, 'callended');
  await press(page, 'Call');
  const second = panel(page).locator('.dialler .notice');
  await expect(second).toContainText('This number was called a moment ago.');
  expect(await desk.sent('placeCall')).toHaveLength(1);
});

test.describe('with Samespace', () => {
  test('a number is handed to the dock with its record and payload, and nothing is shown that cannot be done', async ({
    page,
    servers,
    sandbox,
  }) => {
    await openPanel(page, servers, panelMarkup({ provider: 'samespace' }));
    await atWork(page);
    await expect(panel(page).getByText('Alex Adler')).toBeVisible();
    await panel(page).evaluate(
      (element, [record, payload]) => Object.assign(element, { record, payload }),
      [RECORD, PAYLOAD],
    );
    for (const name of ['Recent', 'Phonebook']) {
      await expect(panel(page).getByRole('tab', { name })).toHaveCount(0);
    }
    await expect(panel(page).getByLabel('Presence')).toHaveCount(0);
    await dial(page);
    await toldOnce(page, 'callaccepted');
    await expect(panel(page).getByText('Sent to your dock').first()).toBeVisible();
    const dials = await sandbox.dials();
    expect(dials.map(({ path }) => path)).toEqual(['/apiv1/make_call']);
    expect(dials[0].body).toEqual({
      username: 'alex@acme',
      number: CUSTOMER.slice(1),
      custom: { ...PAYLOAD, patchcord_record: RECORD },
    });
    for (const name of ['Hang up', 'Hold', 'Mute', 'Keypad', 'Transfer', 'Add', 'Record']) {
      await expect(button(page, name), name).toHaveCount(0);
    }
    // The next one is dialled as before.
    await dial(page, OUTSIDE);
    await expect.poll(() => sandbox.dials()).toHaveLength(2);
  });

  test('an agent who is logged out of the dock is told so', async ({ page, servers }) => {
    await openPanel(page, servers, panelMarkup({ provider: 'samespace', user: '005SAM' }));
    await atWork(page);
    await dial(page);
    const said = panel(page).locator('.dialler .notice');
    await expect(said).toContainText('You are not logged in to your dock.');
    await expect(said).toContainText('Log in there, then call again.');
    expect(await toldOnce(page, 'callrefused')).toMatchObject({ code: 'agent_not_logged_in' });
  });

  test('nobody has to sign in at a platform, and so nobody can sign out', async ({ page, servers }) => {
    await openPanel(page, servers, panelMarkup({ provider: 'samespace' }));
    await atWork(page);
    await button(page, 'Settings').click();
    await expect(panel(page).getByRole('heading', { name: 'Settings' })).toBeVisible();
    await expect(button(page, 'Sign out')).toHaveCount(0);
  });
});

test('an agent signs out: the platform has ended the sign-in, and the panel asks for a new one', async ({
  page,
  servers,
  sandbox,
}) => {
  await openDesk(page, servers);
  await button(page, 'Settings').click();
  await button(page, 'Sign out').click();
  await expect(panel(page).getByRole('heading', { name: 'Sign in to the phone system' })).toBeVisible();
  await expect(button(page, 'Call')).toHaveCount(0);
  const revoked = async () => {
    const requests = (await sandbox.requests()).filter(({ path }) => path === '/oauth/revoke');
    return requests.map(({ status }) => status);
  };
  // Both of its tokens.
  await expect.poll(revoked).toEqual([200, 200]);
  // A new page has not kept anything either.
  await page.reload();
  await expect(panel(page).getByRole('heading', { name: 'Sign in to the phone system' })).toBeVisible();
  await signIn(page);
  await atWork(page);
  await dial(page);
  await expect(card(page, 'Greta Gross')).toBeVisible();
});
