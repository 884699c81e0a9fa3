// A contact's last calls in the panel, and who may hear a recording.
import { passesInEveryLook, withAxe } from './axe.js';
import { expect, test } from './servers.js';
import { AGENTS, openPanel, panelMarkup } from './panel.js';
import { CUSTOMER, Desk, openDesk } from './desk.js';
import { button, panel, press } from './calls.js';

/** Called and was talked to, was called back, and was missed. */
async function past(sandbox) {
  const agent = AGENTS['005ALEX'].id;
  await sandbox.tell('calls/past', [
    { direction: 'inbound', number: CUSTOMER, queue: 'Support', agent, minutes_ago: 2900, talked: 125, recorded: true },
    { direction: 'outbound', number: CUSTOMER, agent, minutes_ago: 30, talked: 20 },
    { direction: 'inbound', number: CUSTOMER, queue: 'Support', minutes_ago: 10 },
    { direction: 'inbound', number: '+4930999888777', minutes_ago: 5 },
  ]);
}

/** The calls below the button. */
function rows(page) {
  return panel(page).locator('.past').getByRole('listitem');
}

/** What the platform was asked for past calls. */
async function asked(sandbox) {
  const requests = await sandbox.requests();
  return requests.filter(({ path }) => path === '/api/v2/calls/reporting').length;
}

async function number(page, typed = CUSTOMER) {
  await panel(page).getByLabel('Number to call').fill(typed);
}

test('a contact’s last calls are shown when they are asked for, newest first, and nothing is asked before', async ({
  page,
  servers,
  sandbox,
}) => {
  await past(sandbox);
  await openDesk(page, servers);
  await expect(button(page, 'Last calls')).toHaveCount(0);
  await number(page);
  await expect(button(page, 'Last calls')).toHaveAttribute('aria-expanded', 'false');
  expect(await asked(sandbox)).toBe(0);
  await press(page, 'Last calls');
  await expect(rows(page)).toHaveCount(3);
  await expect(rows(page).nth(0)).toContainText('incoming');
  await expect(rows(page).nth(0)).toContainText('Missed');
  await expect(rows(page).nth(1)).toContainText('outgoing');
  await expect(rows(page).nth(1)).toContainText('0:20');
  await expect(rows(page).nth(2)).toContainText('2:05 · Alex Adler');
  expect(await asked(sandbox)).toBe(2);
  // Another number's are not these.
  await number(page, '+494012345670');
  await expect(rows(page)).toHaveCount(0);
  await press(page, 'Last calls');
  await expect(panel(page).getByText('No calls with this number in the last year.')).toBeVisible();
});

test('who may hear a recording gets its link, with the focus on it', async ({ page, servers, sandbox }) => {
  await past(sandbox);
  await openDesk(page, servers);
  await number(page);
  await press(page, 'Last calls');
  await expect(rows(page).getByRole('button')).toHaveCount(1);
  await rows(page).nth(2).getByRole('button', { name: /^Recording, / }).click();
  const link = rows(page).nth(2).getByRole('link', { name: /^Open the recording, / });
  await expect(link).toBeFocused();
  await expect(link).toHaveAttribute('rel', 'noopener noreferrer');
  const sound = await page.request.get(await link.getAttribute('href'));
  expect(sound.headers()['content-type']).toBe('audio/wav');
});

test('who may hear none sees none', async ({ page, servers, sandbox }) => {
  await past(sandbox);
  await openDesk(page, servers, { user: '005SAM' });
  await number(page);
  await press(page, 'Last calls');
  await expect(rows(page)).toHaveCount(3);
  await expect(rows(page).getByRole('button')).toHaveCount(0);
});

test('who calls has a past too, and a platform that does not tell it says why', async ({ page, servers, sandbox }) => {
  await sandbox.faults([
    { match: { path: '/api/v2/calls/reporting' }, action: { status: { code: 403, body: '{"message":"not booked"}' } } },
  ]);
  await openDesk(page, servers);
  await new Desk(sandbox).ring();
  await press(page, 'Last calls');
  await expect(panel(page).locator('.past .quiet')).toContainText('The phone system does not allow this.');
});

for (const theme of ['light', 'dark']) {
  test(`it is accessible and fits, ${theme}, 320 pixels wide`, async ({ page, servers, sandbox }, info) => {
    await past(sandbox);
    await withAxe(page);
    await page.emulateMedia({ colorScheme: theme });
    await openDesk(page, servers);
    await page.setViewportSize({ width: 320, height: 780 });
    await number(page);
    await press(page, 'Last calls');
    await expect(rows(page)).toHaveCount(3);
    await rows(page).nth(2).getByRole('button').click();
    await expect(rows(page).getByRole('link')).toBeVisible();
    await page.screenshot({ path: info.outputPath(`history-${theme}.png`), fullPage: true });
    await passesInEveryLook(page, `last calls, ${theme}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  });
}
