// The admin pages about agents: what the platform says of them, and the CRM's users compared with them.
import { prepare, signIn } from './admin.js';
import { passes, withAxe } from './axe.js';
import { expect, test } from './servers.js';

const AGENTS = '/admin/accounts/babelforce/agents';
const KIM = `${AGENTS}/3d4e5f60718293a4b5c6d7e8f90a1b2c`;
const GROUPS = '/admin/accounts/babelforce/groups';
const HELPDESK = `${GROUPS}/6f60718293a4b5c6d7e8f90a1b2c3d4e`;
const SYNC = '/admin/agents/sync';
const USERS = 'id,email,name,active\n005KIM,kim@acme.example,Kim Kramer,true\n005NORA,nora@acme.example,Nora,true\n';

test.beforeEach(async ({ servers }) => {
  await prepare(servers);
});

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
  await page.setViewportSize({ width: 1280, height: 800 });
}

/** A plan for these users. */
async function showPlan(page, servers) {
  await page.goto(`${servers.relay}${SYNC}`);
  await page.getByLabel('Account').selectOption('babelforce');
  await page.getByLabel('CRM organisation').fill('shop');
  const file = { name: 'users.csv', mimeType: 'text/csv', buffer: Buffer.from(USERS) };
  await page.getByLabel('A file with the CRM’s users').setInputFiles(file);
  await page.getByRole('button', { name: 'Show the plan' }).click();
  await expect(page.getByRole('heading', { name: 'Users without an agent' })).toBeVisible();
}

for (const theme of ['light', 'dark']) {
  test(`the pages about agents, ${theme}, are for everybody and fit a phone`, async ({ page, servers }) => {
    test.slow();
    await page.emulateMedia({ colorScheme: theme });
    await withAxe(page);
    await signIn(page, servers);
    for (const path of ['/admin/agents', AGENTS, KIM, `${KIM}/enabled`, GROUPS, HELPDESK, SYNC]) {
      await page.goto(`${servers.relay}${path}`);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await isForEverybody(page, path);
    }
    await showPlan(page, servers);
    await isForEverybody(page, 'the plan');
  });
}

test('a file of users becomes a plan, and after a yes who may dial', async ({ page, servers }) => {
  await signIn(page, servers);
  await showPlan(page, servers);
  await expect(page.getByRole('region', { name: 'New' })).toContainText('e-mail address');
  await page.getByRole('button', { name: 'Apply this plan' }).click();
  await expect(page.getByRole('status')).toContainText('Mapped by this now: 1');
  await page.goto(`${servers.relay}/admin/agents`);
  await expect(page.getByRole('row').filter({ hasText: '005KIM' })).toContainText('sync:babelforce');
});

test('an agent is disabled after a question, and a message reaches the desk of the sandbox', async ({ page, servers, sandbox }) => {
  await signIn(page, servers);
  await page.goto(`${servers.relay}${AGENTS}`);
  await page.getByRole('link', { name: 'Kim Kramer' }).click();
  await page.getByRole('link', { name: 'Disable …' }).click();
  await page.getByRole('button', { name: 'Disable' }).click();
  await expect(page.getByRole('status')).toContainText('The platform took it.');
  await expect(page.getByRole('link', { name: 'Enable …' })).toBeVisible();
  await page.getByLabel('It appears where they work.').fill('Meeting at three');
  await page.getByRole('button', { name: 'Push' }).click();
  await expect(page.getByRole('status')).toContainText('The platform took it.');
  await page.goto(`${sandbox.url}/_sandbox/desk`);
  await expect(page.getByRole('article', { name: 'Message to Kim Kramer' })).toContainText('Meeting at three');
});

test('agents are found by the groups and tags that the platform has, and where it does not tell they can be typed', async ({
  page,
  servers,
  sandbox,
}) => {
  await signIn(page, servers);
  await page.goto(`${servers.relay}${AGENTS}`);
  await page.getByLabel('Group', { exact: true }).selectOption('Helpdesk');
  await page.getByLabel('Tag', { exact: true }).selectOption('german');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByRole('link', { name: 'Alex Adler' }).click();
  await page.getByRole('link', { name: 'Helpdesk' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Group Helpdesk' })).toBeVisible();
  await expect(page.getByRole('row').filter({ hasText: 'Sam Sommer' })).toBeVisible();
  await page.getByRole('link', { name: 'All groups at babelforce' }).click();
  await expect(page.getByRole('region', { name: 'Statuses', exact: true })).toContainText('Available');

  await withAxe(page);
  const refused = { status: { code: 429, body: '{"message": "slow down"}', headers: { 'retry-after': '3600' } } };
  const faults = ['/api/v2/agents/groups', '/api/v2/tags/agent', '/api/v2/agents/status/available'];
  await sandbox.faults(faults.map((path) => ({ match: { path }, action: refused })));
  await page.goto(`${servers.relay}${GROUPS}`);
  await expect(page.getByRole('alert')).toHaveCount(3);
  await isForEverybody(page, 'groups that are not told');
  await page.goto(`${servers.relay}${AGENTS}`);
  await expect(page.getByText('The platform did not tell its tags: slow down')).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Tag' })).toBeVisible();
  await isForEverybody(page, 'a filter without choices');
});
