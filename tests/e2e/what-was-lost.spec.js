// A file or a reply that is lost once, over a bad network or while the relay is restarted, is not lost for good: the
// elements ask for it again.
import { expect, test } from './servers.js';
import { callTag, callbackTag, dialButton, events, open, says, theEvent } from './pages.js';

/** Loses the first request for something, by what `lose` does with it; gives how often it was asked for. */
async function loseOnce(page, address, lose = (route) => route.abort('connectionreset')) {
  const asked = { count: 0 };
  await page.route(address, (route) => {
    asked.count += 1;
    return asked.count === 1 ? lose(route) : route.continue();
  });
  return asked;
}

const restarting = (route) =>
  route.fulfill({
    status: 503,
    headers: { 'access-control-allow-origin': '*' },
    contentType: 'application/problem+json',
    body: JSON.stringify({ code: 'relay_busy', status: 503 }),
  });

for (const { name, lose } of [{ name: 'were lost' }, { name: 'were answered with 503', lose: restarting }]) {
  test(`a button whose texts ${name} dials with the next click, once`, async ({ page, servers, sandbox }) => {
    const asked = await loseOnce(page, '**/texts/call.en.json', lose);
    await open(page, servers, callTag());
    await expect.poll(() => asked.count).toBe(1);
    await dialButton(page).click();
    await theEvent(page, 'callaccepted');
    expect(await sandbox.dials()).toHaveLength(1);
    expect(asked.count).toBe(2);
    // A button works without them.
    expect(await events(page, 'patchcorderror')).toEqual([]);
  });

  test(`a form whose texts ${name} says so, and comes by itself`, async ({ page, servers }) => {
    await page.clock.install();
    const asked = await loseOnce(page, '**/texts/callback.en.json', lose);
    await open(page, servers, callbackTag());
    expect((await theEvent(page, 'patchcorderror')).code).toBe('relay_unreachable');
    await says(page, 'That did not work (relay_unreachable).');
    expect(asked.count).toBe(1);
    await page.clock.fastForward(5_000);
    await expect(page.getByLabel('Your name')).toBeVisible();
    await expect(page.getByText('That did not work')).toBeHidden();
  });

  test(`a form whose questions ${name} comes with “Try again”`, async ({ page, servers }) => {
    await loseOnce(page, `${servers.relay}/v1/config*`, lose);
    await open(page, servers, callbackTag({ topic: 'sales' }));
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByLabel('Your name')).toBeFocused();
    await expect(page.getByRole('button', { name: 'Try again' })).toBeHidden();
    await expect(page.getByRole('button', { name: 'Call me back' })).toBeVisible();
  });
}

test('a button in the page’s corner has a name without its texts, and opens the form once they are there', async ({ page, servers }) => {
  const asked = await loseOnce(page, '**/texts/callback.en.json');
  await open(page, servers, callbackTag({ mode: 'float' }));
  await expect.poll(() => asked.count).toBe(1);
  await page.locator('patchcord-callback').getByRole('button', { name: '✆' }).click();
  await expect(page.getByRole('dialog').getByLabel('Your name')).toBeVisible();
});

test('a form that is opened again asks again', async ({ page, servers }) => {
  await loseOnce(page, `${servers.relay}/v1/config*`);
  await open(page, servers, callbackTag({ mode: 'popup', label: 'Call me' }));
  const dialog = page.getByRole('dialog');
  await page.getByRole('button', { name: 'Call me' }).click();
  await expect(dialog.getByRole('button', { name: 'Try again' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await page.getByRole('button', { name: 'Call me' }).click();
  await expect(dialog.getByLabel('Your name')).toBeVisible();
});

test('a form that the relay refuses is not asked for again and again', async ({ page, servers }) => {
  await page.clock.install();
  let asked = 0;
  await page.route(`${servers.relay}/v1/config*`, (route) => {
    asked += 1;
    return route.continue();
  });
  await open(page, servers, callbackTag({ 'site-key': 'pk_of_nobody' }));
  expect((await theEvent(page, 'patchcorderror')).code).toBe('key_unknown');
  await page.clock.fastForward(30_000);
  await page.locator('patchcord-callback').hover();
  await page.locator('patchcord-callback').evaluate((element) => element.setAttribute('region', 'AT'));
  await expect(page.getByRole('button', { name: 'Try again' })).toBeHidden();
  expect(asked).toBe(1);
});
