// What a person does in a panel on a page, and what the page is told of it.
import { expect } from '@playwright/test';
import { CUSTOMER, openDesk } from './desk.js';

/** The record and the payload that the tests offer with a number. */
export const RECORD = {
  system: 'acme-crm',
  type: 'Lead',
  id: '00Q7S000001KQaA',
  name: 'Jana Petersen',
  url: 'https://crm.acme.example/00Q7S000001KQaA',
};
export const PAYLOAD = { company: 'Nordlicht Wärme GmbH', score: 87, tier: 'Gold', more: { deep: [1, 2.5] } };

/** The panel of a page. */
export function panel(page) {
  return page.locator('patchcord-panel');
}

/** A button of the panel, by its whole name. */
export function button(page, name) {
  return panel(page).getByRole('button', { name, exact: true });
}

/** The card of a call, or of the conference, by whom it is about. */
export function card(page, name) {
  return panel(page).getByRole('article', { name, exact: true });
}

/**
 * Waits until the cards stand where they stand for so long that a click is taken: one that came right after a card
 * was meant for what stood there before.
 */
export async function still(page) {
  // Not what was seen the last time: cards may have come and gone since.
  await page.evaluate(() => delete window.cards);
  await page.waitForFunction(() => {
    const { shadowRoot } = document.querySelector('patchcord-panel');
    const cards = [...shadowRoot.querySelectorAll('article')];
    const now = cards.map((one) => one.className + one.getAttribute('aria-labelledby')).join();
    if (window.cards?.now !== now) window.cards = { now, since: performance.now() };
    return performance.now() - window.cards.since > 400;
  });
}

/** Clicks a button once a click is taken. */
export async function press(page, name) {
  await still(page);
  await button(page, name).click();
}

/** Opens one of the panel's tabs, once a click is taken. */
export async function openTab(page, name) {
  const tab = panel(page).getByRole('tab', { name, exact: true });
  await still(page);
  await tab.click();
  await expect(tab).toHaveAttribute('aria-selected', 'true');
}

/** Types a number into the dialler and calls it. */
export async function dial(page, number = CUSTOMER) {
  await panel(page).getByLabel('Number to call').fill(number);
  await press(page, 'Call');
}

/** The id of the only call that is not over, at the platform. */
export async function theCall(sandbox) {
  const live = async () => {
    const { babelforce } = await sandbox.state();
    return babelforce.calls.filter(({ finished }) => finished === null).map(({ id }) => id);
  };
  await expect.poll(live, { message: 'one call at the platform' }).toHaveLength(1);
  return (await live())[0];
}

/** A panel at work in a call that it placed and that was answered: the call's id at the platform. */
export async function inCall(page, servers, desk, options) {
  await openDesk(page, servers, options);
  await dial(page);
  const id = await theCall(servers.sandbox);
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'answer' });
  await expect(word(page)).toHaveText('Connected');
  return id;
}

/** How the call stands, in a word. */
export function word(page) {
  return panel(page).locator('.state .word');
}

/** What the page was told, oldest first; of one name, or all. */
export async function told(page, type) {
  const all = await page.evaluate(() => JSON.parse(JSON.stringify(window.told)));
  return type ? all.filter((event) => event.type === type).map(({ detail }) => detail) : all;
}

/** The detail of the only event of a name, once it is there. */
export async function toldOnce(page, type) {
  await expect.poll(() => told(page, type), { message: `an event ${type}` }).toHaveLength(1);
  return (await told(page, type))[0];
}

/** Holds back every command that the page sends from now on, until what is returned is called. */
export async function holdBack(page, servers) {
  let release;
  const released = new Promise((resolve) => {
    release = resolve;
  });
  const commands = `${servers.relay}/v1/agent/babelforce/*/Send`;
  await page.route(commands, async (route) => {
    await released;
    await route.continue();
  });
  return release;
}
