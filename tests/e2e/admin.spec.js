// The relay's admin pages in a real browser: for everybody, by keyboard, on a phone, and not for strangers.
import { CONFERENCE, NUMBER, PAGES, TOKEN, callback, prepare, seed, signIn, someConference, until } from './admin.js';
import { passes, withAxe } from './axe.js';
import { expect, test } from './servers.js';

test.beforeEach(async ({ servers }) => {
  await prepare(servers);
});

/** What the browser complained about: a style, a script or an image that the policy refuses. */
function watchConsole(page) {
  const said = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) said.push(message.text());
  });
  return said;
}

/** Moves on by the keyboard until something with this name has the focus. */
async function tabTo(page, name) {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus');
    if ((await focused.count()) && (await focused.evaluate((node) => node.textContent)).trim() === name) return;
  }
  throw new Error(`the keyboard does not reach “${name}”`);
}

for (const theme of ['light', 'dark']) {
  test(`every page, ${theme}, is for everybody and fits a phone`, async ({ page, servers, sandbox }) => {
    test.slow();
    const said = watchConsole(page);
    await page.emulateMedia({ colorScheme: theme });
    await withAxe(page);
    await page.goto(`${servers.relay}/admin`);
    await passes(page, 'signing in');
    await seed(servers, sandbox);
    await signIn(page, servers);
    const first = async (list) => {
      await page.goto(`${servers.relay}${list}`);
      return new URL(await page.locator('.rows a').first().getAttribute('href'), servers.relay).pathname;
    };
    const [alert, one] = [await first('/admin/alerts'), await first('/admin/outbox')];
    const queue = '/admin/queues/babelforce/9f8e7d6c5b4a39281706f5e4d3c2b1a0';
    await someConference(sandbox);
    for (const path of [...Object.keys(PAGES), '/admin/dialling', '/admin/hours/kept', queue, CONFERENCE, alert, one]) {
      for (const width of [1280, 320]) {
        await page.setViewportSize({ width, height: 800 });
        await page.goto(`${servers.relay}${path}`);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await passes(page, `${path} at ${width}`);
        const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(over, `${path} at ${width} is not wider than the window`).toBeLessThanOrEqual(0);
        // What is pressed with a finger is large enough (WCAG 2.2, 2.5.8: 24; ours are more).
        const low = await page
          .locator('button, .button, nav a, select')
          .evaluateAll((nodes) => nodes.map((node) => node.getBoundingClientRect().height).filter((height) => height < 32));
        expect(low, `${path} at ${width}`).toEqual([]);
      }
    }
    expect(said).toEqual([]);
  });
}

test('the navigation leads to every page and says where one is', async ({ page, servers }) => {
  await signIn(page, servers);
  for (const [path, name] of Object.entries(PAGES)) {
    await page.getByRole('navigation').getByRole('link', { name }).click();
    await expect(page).toHaveURL(`${servers.relay}${path}`);
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
    await expect(page.getByRole('navigation').locator('[aria-current=page]')).toHaveText(name);
  }
});

test('an unknown callback is settled with the keyboard alone', async ({ page, servers, sandbox }) => {
  const unknown = await seed(servers, sandbox);
  await page.goto(`${servers.relay}/admin`);
  await expect(page.getByLabel('Your token')).toBeFocused();
  await page.keyboard.type(TOKEN);
  await page.keyboard.press('Enter');
  await expect(page.getByText('2 things wait for a decision.')).toBeVisible();

  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'To the content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await tabTo(page, 'Settle');
  await page.keyboard.press('Enter');
  await tabTo(page, 'A callback may have arrived');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Then the person is called twice.')).toBeVisible();
  await tabTo(page, 'Hand it over again');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status')).toHaveText('Settled: it is handed over again now.');
  await until(servers, unknown, 'handed_over');
  const row = page.getByRole('row').filter({ hasText: unknown.id });
  await expect(row).toContainText('demo');
  await expect(row).toContainText('handed over again');
});

test('a number is seen by whoever asks, and that they did can be read', async ({ page, servers, sandbox }) => {
  await until(servers, await callback(servers), 'handed_over');
  await signIn(page, servers);
  await page.goto(`${servers.relay}/admin/outbox`);
  await expect(page.getByRole('main')).toContainText('100');
  await expect(page.getByRole('main')).not.toContainText(NUMBER);
  await page.getByRole('button', { name: /^Show the number of/ }).click();
  await expect(page.getByRole('main')).toContainText(NUMBER);
  await expect(page.getByRole('main')).toContainText('Ada Lovelace');
  await page.goto(`${servers.relay}/admin/audit`);
  await expect(page.getByRole('listitem').filter({ hasText: 'number shown' })).toContainText('admin demo');
  expect((await sandbox.requests()).length).toBeGreaterThan(0);
});

test('dialling is switched off with a reason, after a question, and on again', async ({ page, servers }) => {
  await signIn(page, servers);
  await page.getByRole('link', { name: 'Switch off' }).click();
  await page.getByRole('link', { name: 'Leave it as it is' }).click();
  await expect(page.getByText('On. Calls are placed')).toBeVisible();
  await page.getByRole('link', { name: 'Switch off' }).click();
  const off = page.getByRole('button', { name: 'Switch dialling off' });
  await off.click();
  // The browser itself asks for the reason.
  await expect(page.getByLabel('Why?')).toBeFocused();
  await page.getByLabel('Why?').fill('Somebody rings the moon');
  await off.click();
  await expect(page.getByText('Somebody rings the moon')).toBeVisible();
  await page.getByRole('link', { name: 'Switch on' }).click();
  await page.getByRole('button', { name: 'Switch dialling on' }).click();
  await expect(page.getByText('On. Calls are placed')).toBeVisible();
});

test('another site can neither send a form nor frame a page', async ({ page, servers }) => {
  await signIn(page, servers);
  const elsewhere = `${servers.demo}/t/`;
  await page.route(elsewhere, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body:
        `<!doctype html><title>Elsewhere</title><iframe src="${servers.relay}/admin"></iframe>` +
        `<form method="post" action="${servers.relay}/admin/dialling">` +
        '<input name="turn" value="off"><input name="word" value="guessed"><button>Win</button></form>',
    }),
  );
  await page.goto(elsewhere);
  await expect(page.frameLocator('iframe').getByText('Overview')).toHaveCount(0);
  const answer = page.waitForResponse(`${servers.relay}/admin/dialling`);
  await page.getByRole('button', { name: 'Win' }).click();
  expect((await answer).status()).toBe(403);
  await page.goto(`${servers.relay}/admin`);
  await expect(page.getByText('On. Calls are placed')).toBeVisible();
});

test('a form of a page from before signing out changes nothing', async ({ page, servers, context }) => {
  await signIn(page, servers);
  await page.goto(`${servers.relay}/admin/dialling`);
  const other = await context.newPage();
  await other.goto(`${servers.relay}/admin`);
  await other.getByRole('button', { name: 'Sign out' }).click();
  await signIn(other, servers);
  await page.getByLabel('Why?').fill('x');
  await page.getByRole('button', { name: 'Switch dialling off' }).click();
  await expect(page.getByRole('heading', { name: 'Not done' })).toBeVisible();
  await other.goto(`${servers.relay}/admin`);
  await expect(other.getByText('On. Calls are placed')).toBeVisible();
});

test('a link leads through signing in to its page', async ({ page, servers, sandbox }) => {
  await seed(servers, sandbox);
  await page.goto(`${servers.relay}/admin/alerts`);
  await page.getByLabel('Your token').fill('not the token');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toHaveText('That is no token that this relay knows.');
  await page.getByLabel('Your token').fill(TOKEN);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'To settle' })).toBeVisible();
});

test('who is in a conference is found from the queues, and a number is seen by whoever asks', async ({
  page,
  servers,
  sandbox,
}) => {
  await someConference(sandbox);
  await signIn(page, servers);
  await page.goto(`${servers.relay}/admin/queues`);
  await expect(page.getByText(/^Read .* ago\.$/)).toBeVisible();
  const row = page.getByRole('row').filter({ hasText: 'Alex Adler' });
  await expect(row).toContainText('(on hold)');
  await row.getByRole('link').click();
  await expect(page).toHaveURL(`${servers.relay}${CONFERENCE}`);
  await expect(page.getByRole('row').filter({ hasText: 'Alex Adler' })).toContainText('(moderator)');
  await expect(page.getByRole('main')).not.toContainText(NUMBER);
  await page.getByRole('button', { name: 'Show the numbers of member b' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'on hold' })).toContainText(NUMBER);
});
