// The admin pages about tasks: what the platform does by itself, ended and scheduled from here.
import { prepare, signIn } from './admin.js';
import { passes, withAxe } from './axe.js';
import { expect, test } from './servers.js';

const TASKS = '/api/v3/tasks';

/** The account's own user makes something at the platform. */
async function make(sandbox, path, body) {
  const form = { grant_type: 'password', username: 'relay@acme.example', password: 'sandbox-password' };
  const grant = await fetch(`${sandbox.url}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) });
  const { access_token: token } = await grant.json();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const made = await fetch(`${sandbox.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(made.ok).toBe(true);
  return made.status === 204 ? undefined : made.json();
}

/** One task of the platform's that is offered to an agent, and one schedule. */
async function seed(sandbox) {
  await make(sandbox, `${TASKS}/schedules`, {
    name: 'mornings',
    cron: '0 9 * * MON-FRI',
    timezone: 'Europe/Berlin',
    template_id: 'reminder',
    task: { body: { text: 'Look at the open offers' } },
  });
  return make(sandbox, TASKS, { type: 'acme.call', body: { number: '+493023125100', name: 'Ada Lovelace' } });
}

/** The page is for everybody, on a desk and on a phone. */
async function isForEverybody(page, name) {
  for (const width of [1280, 320]) {
    await page.setViewportSize({ width, height: 800 });
    await passes(page, `${name} at ${width}`);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(over, `${name} at ${width} is not wider than the window`).toBeLessThanOrEqual(0);
    const low = await page
      .locator('button, .button, nav a, select')
      .evaluateAll((nodes) => nodes.map((node) => node.getBoundingClientRect().height).filter((height) => height < 32));
    expect(low, `${name} at ${width}`).toEqual([]);
  }
}

test.beforeEach(async ({ servers }) => {
  await prepare(servers);
});

for (const theme of ['light', 'dark']) {
  test(`the pages about tasks, ${theme}, are for everybody and fit a phone`, async ({ page, servers, sandbox }) => {
    test.slow();
    await page.emulateMedia({ colorScheme: theme });
    await withAxe(page);
    const { id } = await seed(sandbox);
    await signIn(page, servers);
    const one = `/admin/tasks/babelforce/${id}`;
    const remove = '/admin/schedules/babelforce/mornings/delete';
    for (const path of ['/admin/tasks', one, `${one}/end`, '/admin/schedules', '/admin/new-schedule', remove]) {
      await page.goto(`${servers.relay}${path}`);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await isForEverybody(page, path);
    }
    await page.goto(`${servers.relay}${one}`);
    await page.getByRole('button', { name: 'Show what it is about' }).click();
    await expect(page.getByRole('main')).toContainText('Ada Lovelace');
    await isForEverybody(page, 'what a task is about');
    await page.goto(`${servers.relay}/admin/new-schedule`);
    await page.getByLabel('Name').fill('nightly');
    await page.getByLabel('Cron').fill('never');
    await page.getByRole('button', { name: 'Check it' }).click();
    await expect(page.getByRole('alert')).toContainText('Nothing was made.');
    await isForEverybody(page, 'a schedule that is wrong');
  });
}

test('a task is ended with the keyboard, after a question', async ({ page, servers, sandbox }) => {
  const { id } = await seed(sandbox);
  await signIn(page, servers);
  await page.getByRole('navigation').getByRole('link', { name: 'Tasks' }).press('Enter');
  await page.getByRole('link', { name: 'acme.call' }).press('Enter');
  await page.getByRole('link', { name: 'End it…' }).press('Enter');
  await page.getByLabel('How does it end?').selectOption('Completed');
  await page.getByLabel('Why?').fill('called by phone');
  await page.getByLabel('Why?').press('Enter');
  await expect(page.getByRole('status')).toHaveText('The platform has ended the task.');
  await expect(page.getByRole('main')).toContainText('Completed');
  const asked = (await sandbox.requests()).filter(({ path }) => path.startsWith(`${TASKS}/${id}/interrupt/`));
  expect(asked).toHaveLength(1);
});

test('a schedule is checked, made, seen with its next times, and deleted', async ({ page, servers }) => {
  await signIn(page, servers);
  await page.goto(`${servers.relay}/admin/new-schedule`);
  await page.getByLabel('Name').fill('mornings');
  await page.getByLabel('Cron').fill('0 9 * * MON-FRI');
  await page.getByLabel('Template').fill('reminder');
  await page.getByLabel('Task', { exact: true }).fill('{"body": {"text": "Look"}}');
  await page.getByLabel('Task', { exact: true }).press('Tab');
  await page.getByRole('button', { name: 'Check it' }).click();
  await expect(page.getByRole('status').getByRole('listitem')).toHaveCount(3);
  await expect(page.getByRole('status')).toContainText(', 09:00 +0');
  await page.getByRole('button', { name: 'Make the schedule' }).click();
  await expect(page.getByRole('status')).toHaveText('The platform has the schedule.');
  await expect(page.getByRole('region', { name: 'mornings' }).getByRole('listitem')).toHaveCount(3);
  await page.getByRole('link', { name: 'Delete mornings' }).click();
  await page.getByRole('button', { name: 'Delete the schedule' }).click();
  await expect(page.getByRole('main')).toContainText('No schedules.');
});
