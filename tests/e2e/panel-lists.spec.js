// Recent calls and the phonebook: reading on, looking for somebody, and calling from there.
import { expect, test } from './servers.js';
import { AGENTS } from './panel.js';
import { CUSTOMER, Desk, openDesk } from './desk.js';
import { button, card, openTab, panel, still, theCall } from './calls.js';

const HARBOUR = '+494012345670';

let desk;

test.beforeEach(({ sandbox }) => {
  desk = new Desk(sandbox);
});

function rows(page) {
  return panel(page).getByRole('tabpanel').getByRole('listitem');
}

/** Calls of the past, one for each number: the agent called them back. */
async function past(sandbox, numbers) {
  for (const number of numbers) {
    const { id } = await sandbox.tell(`agents/${AGENTS['005ALEX'].id}/ring`, { kind: 'callback', number });
    await desk.act(id, { do: 'hang_up' });
  }
}

/** So many numbers, all different. */
function numbers(count) {
  return Array.from({ length: count }, (_, at) => `+4930990000${10 + at}`);
}

test('there are no calls yet, and that is said', async ({ page, servers }) => {
  await openDesk(page, servers);
  await openTab(page, 'Recent');
  await expect(panel(page).getByText('No calls yet.')).toBeVisible();
});

test('recent calls are the newest first, with which way they went, and one of them is called', async ({
  page,
  servers,
  sandbox,
}) => {
  const came = await desk.ring();
  await desk.act(came, { who: 'agent', do: 'answer' });
  await desk.act(came, { do: 'hang_up' });
  await past(sandbox, [HARBOUR]);
  const hidden = await desk.ring({ number: null });
  await desk.act(hidden, { do: 'hang_up' });

  await sandbox.tell('settings', { wrap_up: { seconds: 0 } });
  await openDesk(page, servers);
  await openTab(page, 'Recent');
  await expect(rows(page)).toHaveCount(3);
  await expect(rows(page).nth(0)).toContainText('Number withheld');
  await expect(rows(page).nth(0).getByRole('button')).toHaveCount(0);
  await expect(rows(page).nth(1)).toContainText(`Harbour Office`);
  await expect(rows(page).nth(1)).toContainText('outgoing');
  await expect(rows(page).nth(2)).toContainText('Greta Gross');
  await expect(rows(page).nth(2)).toContainText('incoming');
  await expect(rows(page).nth(1)).toContainText(/\d:\d\d/);

  await rows(page).nth(1).getByRole('button', { name: 'Call Harbour Office' }).dblclick();
  await theCall(sandbox);
  await expect(card(page, 'Harbour Office')).toBeVisible();
  expect((await desk.sent('placeCall')).map(({ placeCall }) => placeCall.to)).toEqual([HARBOUR]);
});

test('more recent calls come page by page', async ({ page, servers, sandbox }) => {
  await past(sandbox, numbers(30));
  await openDesk(page, servers);
  await openTab(page, 'Recent');
  await expect(rows(page)).toHaveCount(25);
  await button(page, 'More').click();
  await expect(rows(page)).toHaveCount(30);
  await expect(button(page, 'More')).toHaveCount(0);
  const shown = await rows(page).locator('b').allTextContents();
  expect(new Set(shown).size).toBe(30);
  expect(shown[0]).toBe(numbers(30).at(-1));
});

test('calls that have come since are there when the tab is opened again', async ({ page, servers, sandbox }) => {
  await openDesk(page, servers);
  await openTab(page, 'Recent');
  await expect(panel(page).getByText('No calls yet.')).toBeVisible();
  await past(sandbox, [HARBOUR]);
  await expect(panel(page).locator('[data-call]')).toHaveCount(0);
  await openTab(page, 'Dial');
  await openTab(page, 'Recent');
  await expect(rows(page)).toHaveCount(1);
});

test('the phonebook is searched as one types, and somebody in it is called', async ({ page, servers, sandbox }) => {
  await openDesk(page, servers);
  await openTab(page, 'Phonebook');
  await expect(rows(page)).toHaveCount(3);
  const search = panel(page).getByLabel('Search the phonebook');
  await search.pressSequentially('omar', { delay: 20 });
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText('Omar Ott');
  await expect(search).toBeFocused();
  await search.fill('nobody of that name');
  await expect(panel(page).getByText('Nobody found.')).toBeVisible();
  await search.fill('greta');
  await expect(rows(page)).toContainText('Greta Gross');
  await rows(page).getByRole('button', { name: 'Call Greta Gross' }).click();
  await theCall(sandbox);
  expect((await desk.sent('placeCall')).map(({ placeCall }) => placeCall.to)).toEqual([CUSTOMER]);
  // While somebody is called, nobody else is.
  await still(page);
  await rows(page).getByRole('button', { name: 'Call Greta Gross' }).click({ force: true });
  await expect(panel(page).locator('.hint').getByText(/You are in a call/)).toBeVisible();
  expect(await desk.sent('placeCall')).toHaveLength(1);
});

test('the phonebook comes page by page too, also of what is looked for', async ({ page, servers, sandbox }) => {
  await past(sandbox, numbers(30));
  await openDesk(page, servers);
  await openTab(page, 'Phonebook');
  await expect(rows(page)).toHaveCount(25);
  await button(page, 'More').click();
  await expect(rows(page)).toHaveCount(33);
  await expect(button(page, 'More')).toHaveCount(0);
  await panel(page).getByLabel('Search the phonebook').fill('9900001');
  await expect(rows(page)).toHaveCount(10);
  await panel(page).getByLabel('Search the phonebook').fill('+493099');
  await expect(rows(page)).toHaveCount(25);
  await button(page, 'More').click();
  await expect(rows(page)).toHaveCount(30);
});

test('a list that cannot be read says so, and is asked for again', async ({ page, servers }) => {
  await openDesk(page, servers);
  const phonebook = `${servers.relay}/v1/agent/babelforce/**`;
  await page.route(phonebook, (route) =>
    /phonebook/i.test(route.request().url()) ? route.abort('connectionrefused') : route.continue(),
  );
  await openTab(page, 'Phonebook');
  const said = panel(page).getByRole('tabpanel').locator('.notice');
  await expect(said).toContainText('The relay cannot be reached');
  await page.unrouteAll({ behavior: 'wait' });
  await button(page, 'Try again').click();
  await expect(rows(page)).toHaveCount(3);
  await expect(said).toHaveCount(0);
});
