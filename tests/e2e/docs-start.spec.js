// docs/start.md and docs/website.md, done as they are printed.
import { expect, test } from '@playwright/test';
import { follow } from './docs-guide.js';
import { codeBlocks } from './docs-page.js';

/** Fills the form in and sends it, until there is a reference. */
async function send(page, { consent = false } = {}) {
  const form = page.locator('patchcord-callback');
  await form.getByLabel('Your name').fill('Ada Lovelace');
  await form.getByLabel('Your phone number').fill('+49 30 23125100');
  if (consent) await form.getByRole('checkbox').check();
  await form.getByRole('button', { name: 'Call me back' }).click();
  await expect(form.getByText(/^Your reference: \S+$/).filter({ visible: true }).first()).toBeVisible();
}

/** The one callback that reached the platform. */
async function arrived(sandbox) {
  await expect.poll(async () => (await sandbox.dials()).length).toBe(1);
  const [{ path, body }] = await sandbox.dials();
  expect(path).toMatch(/\/team\/make_call$/);
  expect(body).toMatchObject({ number: '493023125100', attributes: { name: 'Ada Lovelace' } });
}

test('the five-minute guide ends in a callback and a call', async ({ page }) => {
  // The commands before are those of the checkout: they build what is tested here.
  await follow('start.md', './patchcord-sandbox', async ({ site, sandbox }) => {
    await page.goto(`${site}/`);
    await send(page);
    await arrived(sandbox);

    await page.goto(`${site}/crm`);
    await page.locator('patchcord-call').getByRole('button', { name: /^Call/ }).click();
    await expect(page.locator('patchcord-call').getByRole('status')).toContainText('Sent to your dock');
    const [, { body }] = await sandbox.dials();
    expect(body).toMatchObject({
      username: 'alex@acme',
      number: '493023125101',
      custom: { score: 87.5, products: ['heat pump'], patchcord_record: { system: 'my-crm', id: '17' } },
    });
    // What the guide says to look at.
    await page.goto(`${sandbox.url}/_sandbox/dock`);
    await expect(page.getByText('heat pump').first()).toBeVisible();

    await sandbox.forget();
    const scripts = [];
    page.on('request', (request) => request.resourceType() === 'script' && scripts.push(new URL(request.url()).origin));
    await page.goto(`${site}/own`);
    await page.locator('patchcord-callback').getByRole('button', { name: 'Another request' }).click();
    await send(page);
    await arrived(sandbox);
    expect(new Set(scripts), 'every script is the site’s own').toEqual(new Set([site]));
  });
});

test('the guide for a website ends in a callback, with the configuration that `init` writes', async ({ page }) => {
  const [init] = (await codeBlocks('website.md')).filter(({ text }) => text.includes(' init '));
  const [tags] = (await codeBlocks('website.md')).filter(({ info }) => info === 'html');
  await follow('website.md', init.text.trim(), async ({ here, site, sandbox, said }) => {
    const [key] = /pk_[^"]+/.exec(said[`grep 'key = "pk_' relay.toml`]);
    // The reader's own website, as it is while they work on it.
    await page.context().grantPermissions(['local-network-access']);
    await page.route(`${site}/`, (route) =>
      route.fulfill({
        contentType: 'text/html; charset=utf-8',
        body: `<!doctype html><html lang="en"><title>A website</title>${here(tags.text).replace('pk_…', key)}</html>`,
      }),
    );
    await page.goto(`${site}/`);
    await send(page, { consent: true });
    await arrived(sandbox);
  });
});
