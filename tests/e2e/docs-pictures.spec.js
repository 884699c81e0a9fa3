// The pictures of the documentation, of the running demo: `cargo xtask docs --screenshots` names the folder that they
// go into, in DOCS_PICTURES. What a picture is said to show is expected of the page before it is taken.
import { join } from 'node:path';
import { theCall, word } from './calls.js';
import { atWork, Desk } from './desk.js';
import { signIn } from './panel.js';
import { fillIn, says } from './pages.js';
import { expect, test } from './servers.js';
import { aDay, prepareSupervisor, supervise, tells, visitors } from './statistics.js';

const FOLDER = process.env.DOCS_PICTURES;

test.use({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' });

/** Takes a picture of a page or of a part of it; without a folder it only has to be possible. */
async function picture(what, name, options = {}) {
  const path = FOLDER ? { path: join(FOLDER, name) } : {};
  const taken = await what.screenshot({ animations: 'disabled', caret: 'hide', ...path, ...options });
  expect(taken.length).toBeGreaterThan(5_000);
}

test('crm.png: contacts with call buttons, a call handed to the dock, and its events', async ({ page, servers }) => {
  // Always the same time beside the events.
  await page.clock.setFixedTime('2026-11-26T09:30:00Z');
  await page.goto(`${servers.demo}/crm/`);
  await expect(page.getByText('Valid, and in use.')).toBeVisible();
  await page.getByRole('region', { name: 'Selected record' }).getByRole('button', { name: 'Call with Samespace' }).click();
  await expect(page.getByText('Sent to your dock')).toBeVisible();
  await expect(page.getByText('callaccepted')).toBeVisible();
  await page.mouse.move(0, 0);
  await picture(page, 'crm.png');
});

test('form.png and form-done.png: the form filled in, and with its reference', async ({ page, servers }) => {
  await page.goto(`${servers.demo}/site/`);
  const form = page.locator('patchcord-callback');
  await form.evaluate((element) => element.scrollIntoView());
  await fillIn(page, { topic: 'Support' });
  const section = page.locator('section.callback');
  await form.getByRole('checkbox').blur();
  await picture(section, 'form.png');
  await form.getByRole('button', { name: 'Call me back' }).click();
  await says(page, /^Your reference: \S+$/);
  await picture(section, 'form-done.png');
});

test('panel.png: the panel with a call that is connected', async ({ page, servers, sandbox }) => {
  // As high as the panel is then.
  await page.setViewportSize({ width: 1280, height: 1200 });
  await page.goto(`${servers.demo}/crm/?phone#00Q7S000001KQaA`);
  await signIn(page);
  await atWork(page);
  const panel = page.locator('patchcord-panel');
  await panel.locator('input[type="tel"]').press('Enter');
  const desk = new Desk(sandbox);
  const id = await theCall(sandbox);
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'answer' });
  await expect(word(page)).toHaveText('Connected');
  await picture(panel, 'panel.png');
});

test('statistics.png: key figures and callbacks of a day, and what a platform tells', async ({ page, servers, sandbox }) => {
  test.slow();
  await page.setViewportSize({ width: 1180, height: 1500 });
  await prepareSupervisor(servers);
  await visitors(servers, sandbox);
  const today = new Intl.DateTimeFormat('sv', { timeZone: 'Europe/Berlin' }).format(new Date());
  await tells(sandbox, aDay(today));
  await supervise(page, servers);
  await expect(page.getByRole('heading', { name: 'Told by babelforce', exact: true })).toBeVisible();
  await expect(page.getByRole('img', { name: /^Chart: Callbacks by topic/ })).toBeVisible();
  await picture(page, 'statistics.png');
});
