// From the sign-in to the hang-up: what an agent does in the panel reaches the platform once, and what happens there
// reaches the panel and the page.
import { expect, test } from './servers.js';
import { AGENTS, openPanel, panelMarkup, signIn } from './panel.js';
import { CUSTOMER, Desk, atWork, openDesk } from './desk.js';
import {
  PAYLOAD,
  RECORD,
  button,
  card,
  dial,
  holdBack,
  inCall,
  panel,
  press,
  still,
  theCall,
  told,
  toldOnce,
  word,
} from './calls.js';

/** Has the panel offer a number with a record and a payload. */
async function offer(page) {
  await panel(page).evaluate(
    (element, [number, record, payload]) => Object.assign(element, { record, payload }) && element.setAttribute('number', number),
    [CUSTOMER, RECORD, PAYLOAD],
  );
  await expect(panel(page).getByLabel('Number to call')).toHaveValue(CUSTOMER);
}

/**
 * The changes of a call that the page was told, in their order. `passing` is a state that is over at once: one that
 * comes together with the next is not told.
 */
async function changes(page, passing) {
  const all = (await told(page, 'callstate')).map(({ state, held, muted, recording }) => [state, held, muted, recording]);
  expect(all.filter(([state]) => state === passing).length).toBeLessThan(2);
  return all.filter(([state]) => state !== passing);
}

test('an agent signs in at the platform in a popup, which closes by itself', async ({ page, servers, sandbox }) => {
  await openPanel(page, servers);
  await expect(panel(page).getByRole('heading', { name: 'Sign in to the phone system' })).toBeVisible();
  const [popup] = await Promise.all([page.waitForEvent('popup'), button(page, 'Sign in').click()]);
  await expect(panel(page).getByText('Sign in in the window that has opened.')).toBeVisible();
  const closed = popup.waitForEvent('close');
  await popup.getByRole('link', { name: AGENTS['005ALEX'].email }).click();
  await closed;
  await atWork(page);
  await expect(panel(page).getByText('Alex Adler')).toBeVisible();
  // The token stays with the relay: nothing of it is in the page.
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  const issued = (await sandbox.requests()).filter(({ path }) => path === '/oauth/token');
  expect(issued.length).toBeGreaterThan(0);
  expect(kept).not.toMatch(/access_token|refresh_token/);
});

test('a person who signs in as somebody else is refused with a text, and can sign in as themselves', async ({
  page,
  servers,
}) => {
  await openPanel(page, servers);
  const [popup] = await Promise.all([page.waitForEvent('popup'), button(page, 'Sign in').click()]);
  await popup.getByRole('link', { name: AGENTS['005SAM'].email }).click();
  await expect(popup.getByText('You signed in as somebody else. Sign in as yourself.')).toBeVisible();
  await expect(panel(page).getByText('Sign in in the window that has opened.')).toBeVisible();
  await popup.close();
  await expect(button(page, 'Sign in')).toBeVisible();
  await signIn(page);
  await atWork(page);
  await expect(panel(page).getByText('Alex Adler')).toBeVisible();
});

test('signing in is called off, and begun again', async ({ page, servers }) => {
  await openPanel(page, servers);
  const [popup] = await Promise.all([page.waitForEvent('popup'), button(page, 'Sign in').click()]);
  await button(page, 'Cancel').click();
  await popup.close();
  await expect(panel(page).getByText('Sign in in the window that has opened.')).toHaveCount(0);
  await signIn(page);
  await atWork(page);
});

test('a number is dialled once with its record and payload, which the call shows, and the page is told', async ({
  page,
  servers,
}) => {
  const desk = new Desk(servers.sandbox);
  await openDesk(page, servers);
  await offer(page);
  await expect(panel(page).getByText('Goes with the call')).toBeVisible();
  await press(page, 'Call');
  await expect(card(page, 'Greta Gross')).toBeVisible();

  const placed = await desk.sent('placeCall');
  expect(placed).toHaveLength(1);
  expect(placed[0].placeCall).toMatchObject({ to: CUSTOMER });
  // Texts, because the platform takes nothing else; what is none says so.
  expect(placed[0].placeCall.session).toEqual({
    company: 'Nordlicht Wärme GmbH',
    score: 'json:87',
    tier: 'Gold',
    more: 'json:{"deep":[1,2.5]}',
    patchcord_record: expect.stringMatching(/^json:{/),
  });
  expect(JSON.parse(placed[0].placeCall.session.patchcord_record.slice(5))).toEqual(RECORD);

  const record = card(page, 'Greta Gross').getByRole('link', { name: 'Jana Petersen' });
  await expect(record).toHaveAttribute('href', RECORD.url);
  await expect(card(page, 'Greta Gross').getByText('Nordlicht Wärme GmbH')).toBeVisible();
  await expect(card(page, 'Greta Gross').getByText('87', { exact: true })).toBeVisible();

  const id = await theCall(servers.sandbox);
  const requested = await toldOnce(page, 'callrequested');
  expect(requested).toMatchObject({ number: CUSTOMER, provider: 'babelforce', record: RECORD, payload: PAYLOAD });
  expect(await toldOnce(page, 'callaccepted')).toEqual({ ...requested, call: id });
});

test('every change of a call is told to the page once, and that it is over', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  await openDesk(page, servers);
  await dial(page);
  const id = await theCall(sandbox);
  const { id: key } = await toldOnce(page, 'callrequested');
  await expect(word(page)).toHaveText('Calling…');
  await desk.act(id, { who: 'agent', do: 'answer' });
  await expect.poll(() => changes(page, 'requested')).toHaveLength(2);
  await desk.act(id, { do: 'answer' });
  await expect(word(page)).toHaveText('Connected');
  await press(page, 'Hold');
  await expect(word(page)).toHaveText('On hold');
  await press(page, 'Resume');
  await expect(word(page)).toHaveText('Connected');
  await press(page, 'Mute');
  await expect(button(page, 'Unmute')).toBeVisible();
  await press(page, 'Record');
  await expect(panel(page).getByText('recording', { exact: true })).toBeVisible();
  await desk.act(id, { do: 'hang_up' });
  await expect(panel(page).locator('[data-call]')).toHaveCount(0);

  expect(await changes(page, 'requested')).toEqual([
    ['ringing', false, false, false],
    ['connecting', false, false, false],
    ['connected', false, false, false],
    ['connected', true, false, false],
    ['connected', false, false, false],
    ['connected', false, true, false],
    ['connected', false, true, true],
  ]);
  const ended = await toldOnce(page, 'callended');
  expect(ended).toMatchObject({ id: key, call: id, number: CUSTOMER, provider: 'babelforce', reason: 'ended' });
  expect(ended.duration).toBeGreaterThanOrEqual(0);
  for (const { detail } of await told(page)) if (detail.call) expect(detail).toMatchObject({ id: key, call: id });
});

test('a page that prevents callrequested has not called anybody', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  await openDesk(page, servers);
  await page.evaluate(() =>
    document.addEventListener('callrequested', (event) => event.preventDefault(), { once: true }),
  );
  await dial(page);
  await toldOnce(page, 'callrequested');
  await press(page, 'Call');
  await theCall(sandbox);
  expect(await desk.sent('placeCall')).toHaveLength(1);
  expect(await told(page, 'callrequested')).toHaveLength(2);
});

test('a double click dials once', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  await openDesk(page, servers);
  const release = await holdBack(page, servers);
  await panel(page).getByLabel('Number to call').fill(CUSTOMER);
  await still(page);
  await button(page, 'Call').dblclick();
  await button(page, 'Call').click({ force: true });
  release();
  await theCall(sandbox);
  await expect(card(page, 'Greta Gross')).toBeVisible();
  expect(await desk.sent('placeCall')).toHaveLength(1);
  expect(await told(page, 'callrequested')).toHaveLength(1);
});

for (const where of ['number', 'button']) {
  test(`Enter that is held down on the ${where} dials once`, async ({ page, servers, sandbox }) => {
    const desk = new Desk(sandbox);
    await openDesk(page, servers);
    await panel(page).getByLabel('Number to call').fill(CUSTOMER);
    const at = where === 'number' ? panel(page).getByLabel('Number to call') : button(page, 'Call');
    await at.focus();
    // A key that is down already repeats.
    for (let pressed = 0; pressed < 20; pressed += 1) await page.keyboard.down('Enter');
    await page.keyboard.up('Enter');
    await theCall(sandbox);
    await expect(card(page, 'Greta Gross')).toBeVisible();
    expect(await desk.sent('placeCall')).toHaveLength(1);
    expect(await told(page, 'callrequested')).toHaveLength(1);
  });
}

test('a call that comes is answered on the phone, and shown as connected once it is', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  await openDesk(page, servers);
  const id = await desk.ring();
  const ringing = card(page, 'Greta Gross');
  await expect(ringing).toHaveClass(/incoming/);
  await expect(ringing.getByText(/pick up your phone \(\+493012345678\)\.$/i)).toBeVisible();
  await expect(word(page)).toHaveText('Ringing…');
  await desk.act(id, { who: 'agent', do: 'answer' });
  await expect(word(page)).toHaveText('Connected');
  await expect(ringing).not.toHaveClass(/incoming/);
  await expect(button(page, 'Hold')).toBeVisible();
  // Whoever did not place it knows it by the platform's id.
  expect((await changes(page, 'connecting')).map(([state]) => state)).toEqual(['ringing', 'connected']);
  for (const change of await told(page, 'callstate')) expect(change).toMatchObject({ id, call: id, number: CUSTOMER });
  expect(await told(page, 'callrequested')).toEqual([]);
});

test('a call that comes is declined', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  await openDesk(page, servers);
  const id = await desk.ring();
  await expect(card(page, 'Greta Gross')).toBeVisible();
  const release = await holdBack(page, servers);
  await press(page, 'Decline');
  await expect(button(page, 'Decline')).toHaveAttribute('aria-busy', 'true');
  await expect(word(page)).toHaveText('Ringing…');
  release();
  await expect(card(page, 'Greta Gross')).toHaveCount(0);
  expect(await desk.sent('hangup')).toEqual([{ hangup: { callId: id } }]);
  const { babelforce } = await sandbox.state();
  expect(babelforce.calls.find((call) => call.id === id)).toMatchObject({ finish_reason: 'declined' });
});

test('a caller who gives up is gone from the panel', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  await openDesk(page, servers);
  const id = await desk.ring({ number: null });
  await expect(card(page, 'Number withheld')).toBeVisible();
  await desk.act(id, { do: 'hang_up' });
  await expect(card(page, 'Number withheld')).toHaveCount(0);
  expect(await toldOnce(page, 'callended')).toMatchObject({ id, call: id, number: '' });
});

test('a call that fails at once leaves a notice with the reason, which is read out, and the page is told', async ({ page, servers, sandbox }) => {
  await sandbox.tell('scripts', { scripts: [{ number: '+493012345678', steps: [{ do: 'busy' }] }] });
  await openDesk(page, servers);
  await dial(page);
  const requested = await toldOnce(page, 'callrequested');
  await toldOnce(page, 'callaccepted');
  expect(await toldOnce(page, 'callended')).toMatchObject({ id: requested.id, number: CUSTOMER, reason: 'failed' });
  await expect(panel(page).locator('[data-call]')).toHaveCount(0);
  const notice = panel(page).locator('.notice').filter({ hasText: 'No connection: Greta Gross' });
  const reason = 'The phone system ended the call at once.';
  const read = panel(page).locator('[aria-live=assertive]');
  await expect(notice).toContainText(reason);
  await expect(read).toHaveText(`No connection: Greta Gross ${reason}`);
  await expect(read).toHaveText('');
  await notice.getByRole('button', { name: 'Dismiss' }).click();
  await expect(notice).toHaveCount(0);
});

test('a call is hung up once, and only shown as over when the platform says so', async ({ page, servers, sandbox }) => {
  const desk = new Desk(sandbox);
  const id = await inCall(page, servers, desk);
  const release = await holdBack(page, servers);
  await still(page);
  await button(page, 'Hang up').dblclick();
  await expect(button(page, 'Hang up')).toHaveAttribute('aria-busy', 'true');
  await expect(word(page)).toHaveText('Connected');
  release();
  await expect(card(page, 'Greta Gross')).toHaveCount(0);
  expect(await desk.sent('hangup')).toEqual([{ hangup: { callId: id } }]);
});
