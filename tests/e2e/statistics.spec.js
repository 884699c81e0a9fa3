// The statistics in a real browser: empty, full, and with a platform that is down; for everybody, on a phone, on paper.
import { readFile } from 'node:fs/promises';
import { passes, withAxe } from './axe.js';
import { expect, test } from './servers.js';
import { REPORT, aDay, prepareSupervisor, supervise, tells, visitors } from './statistics.js';

const DAY = '2026-11-25';

test.beforeEach(async ({ servers }) => {
  await prepareSupervisor(servers);
});

/** What the browser complained about: a style or a script that the policy refuses. */
function watchConsole(page) {
  const said = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) said.push(message.text());
  });
  return said;
}

/** A picture to look at, where somebody wants one. */
async function picture(page, what) {
  if (!process.env.STATISTICS_PICTURES) return;
  const name = what.replaceAll(/\W+/g, '-');
  await page.screenshot({ path: `${process.env.STATISTICS_PICTURES}/${name}.png`, fullPage: true });
}

/** The page is for everybody and fits, wide and narrow. */
async function fits(page, what) {
  for (const width of [1280, 320]) {
    await page.setViewportSize({ width, height: 900 });
    await passes(page, `${what} at ${width}`);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(over, `${what} at ${width} is not wider than the window`).toBeLessThanOrEqual(0);
    await picture(page, `${what} ${width}`);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

for (const theme of ['light', 'dark']) {
  test(`empty, full and with a platform that is down, ${theme}, the page is for everybody`, async ({
    page,
    servers,
    sandbox,
  }) => {
    test.slow();
    const said = watchConsole(page);
    await page.emulateMedia({ colorScheme: theme });
    await withAxe(page);
    await tells(sandbox, { items: [] });
    await supervise(page, servers);
    await expect(page.getByText('Nobody called by a click in these days.')).toBeVisible();
    await expect(page.locator('svg')).toHaveCount(0);
    await fits(page, `empty ${theme}`);

    await visitors(servers, sandbox);
    await tells(sandbox, aDay(DAY));
    await page.goto(`${servers.relay}/admin/statistics?from=${DAY}&to=${DAY}`);
    await expect(page.getByRole('heading', { name: 'Calls told by babelforce' })).toBeVisible();
    await expect(page.locator('svg:visible').first()).toBeVisible();
    await fits(page, `full ${theme}`);
    await page.goto(`${servers.relay}/admin/statistics`);
    await expect(page.getByRole('heading', { name: 'Callbacks by topic' })).toBeVisible();
    await fits(page, `callbacks ${theme}`);

    await sandbox.faults([{ match: { path: REPORT }, action: { status: { code: 503 } } }]);
    await page.goto(`${servers.relay}/admin/statistics?from=2026-11-20&to=${DAY}`);
    await expect(page.getByRole('status')).toContainText('babelforce did not tell its calls');
    await expect(page.getByText('What waits in the platform\'s queues, at')).toBeVisible();
    await fits(page, `down ${theme}`);

    // Every page of the list leads to another one.
    await tells(sandbox, { ...aDay(DAY), pagination: { pages: 1_000_000, max: 100, total: 100_000_000 } });
    await page.goto(`${servers.relay}/admin/statistics?from=2026-11-24&to=${DAY}`);
    await expect(page.getByRole('status')).toContainText('babelforce has more calls than were read');
    await expect(page.getByText('A part of the platform\'s calls')).toBeVisible();
    await fits(page, `cut ${theme}`);
    // On a phone the numbers of the teams and agents, their sums too, are there without scrolling sideways.
    await page.setViewportSize({ width: 320, height: 900 });
    const hidden = await page
      .locator('.chart > .scroll')
      .evaluateAll((nodes) => nodes.map((node) => node.scrollWidth - node.clientWidth).filter((over) => over > 0));
    expect(hidden).toEqual([]);
    expect(said).toEqual([]);
  });
}

test('the chart is drawn in colours of the page, and its numbers stand in a table', async ({ page, servers, sandbox }) => {
  const body = aDay(DAY);
  await tells(sandbox, body);
  await supervise(page, servers);
  await page.getByLabel('From', { exact: true }).fill(DAY);
  await page.getByLabel('To', { exact: true }).fill(DAY);
  await page.getByRole('button', { name: 'Show' }).click();
  const chart = page.getByRole('img', { name: /^Chart: Calls by hour of the day/ });
  await expect(chart).toBeVisible();
  const colour = (name) =>
    chart.locator(`rect[fill="${name}"]`).first().evaluate((node) => getComputedStyle(node).fill);
  const light = await colour('#000001');
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await colour('#000001')).not.toBe(light);
  // One part of a column for each hour and outcome.
  const talked = new Set(body.items.filter((call) => call.bridged).map((call) => call.dateCreated.slice(11, 13)));
  expect(await chart.locator('rect[fill="#000001"]').count()).toBe(talked.size);

  await page.getByText('The numbers of each hour').click();
  const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: '10:00 to 11:00' }) });
  const all = body.items.filter((call) => call.dateCreated.slice(11, 13) === '10').length;
  await expect(row.getByRole('cell').last()).toHaveText(String(all));
  const total = page.locator('.tiles > div').filter({ hasText: /^Calls\d/ }).locator('.figure');
  await expect(total).toHaveText(String(body.items.length));
});

test('a supervisor comes to the statistics, sees no other page, and takes the file along', async ({
  page,
  servers,
  sandbox,
}) => {
  await tells(sandbox, aDay(DAY));
  await supervise(page, servers);
  await expect(page.getByRole('navigation').getByRole('link')).toHaveText(['Statistics']);
  await page.goto(`${servers.relay}/admin/outbox`);
  await expect(page.getByText('not_permitted')).toBeVisible();
  await page.getByRole('link', { name: 'To the statistics' }).click();
  await page.goto(`${servers.relay}/admin/statistics?from=${DAY}&to=${DAY}`);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download CSV' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe(`patchcord-statistics-${DAY}-${DAY}.csv`);
  const rows = (await readFile(await download.path(), 'utf8')).split('\r\n').filter((row) => row.includes(',platform_call,'));
  const sum = rows.reduce((before, row) => before + Number(row.split(',').at(-1)), 0);
  expect(sum).toBe(aDay(DAY).items.length);
});

test('on paper every number is there and nothing to press', async ({ page, servers, sandbox }) => {
  await tells(sandbox, aDay(DAY));
  await supervise(page, servers);
  await page.goto(`${servers.relay}/admin/statistics?from=${DAY}&to=${DAY}`);
  const ink = () => page.getByRole('heading', { level: 1 }).evaluate((node) => getComputedStyle(node).color);
  const [onScreen, days] = [await ink(), page.getByText('Figures of 25 Nov 2026.')];
  await expect(days).toBeHidden();
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  // Paper is white whatever the screen is, and says which days it is about.
  expect(await ink()).toBe(onScreen);
  await expect(days).toBeVisible();
  await expect(page.getByRole('navigation')).toBeHidden();
  await expect(page.getByRole('button', { name: 'Show' })).toBeHidden();
  await expect(page.getByRole('rowheader', { name: '10:00 to 11:00' }).first()).toBeVisible();
  await picture(page, 'paper');
  if (process.env.STATISTICS_PICTURES) {
    await page.pdf({ path: `${process.env.STATISTICS_PICTURES}/paper.pdf`, format: 'A4' });
  }
});
