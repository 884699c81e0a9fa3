// What docs/npm.md has people paste into a tag manager, run in a page that knows nothing of Patchcord, with the relay's scripts.
import { expect, test } from './servers.js';
import { serveFolder, textOf } from './package-sites.js';

/** The scripts that make scripts, in the order of the page. */
async function snippets(servers) {
  const text = await textOf('docs/npm.md');
  return [...text.matchAll(/```html\n<script>\n([^]*?)<\/script>\n```/g)].map(([, script]) =>
    script.replaceAll('https://relay.example.com', servers.relay).replaceAll('pk_live_…', 'pk_demo'),
  );
}

async function openEmpty(page, servers, search = '') {
  const html = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title></head><body><h1>Shop</h1></body></html>';
  await page.goto((await serveFolder(page, servers, 'docs', { pages: { 'index.html': html } })) + search);
}

test('the first puts a floating form into the page', async ({ page, servers }) => {
  const [form, campaign, ...more] = await snippets(servers);
  expect(campaign).toContain('patchcord-campaign.js');
  expect(more).toEqual([]);
  await openEmpty(page, servers);
  await page.evaluate(form);
  await page.getByRole('button', { name: 'Call me back' }).click();
  await expect(page.locator('patchcord-callback').getByLabel('Your phone number')).toBeVisible();
});

test('the second keeps where the visitor came from', async ({ page, servers }) => {
  const [, campaign] = await snippets(servers);
  await openEmpty(page, servers, '?utm_source=paper');
  await page.evaluate(campaign);
  await expect.poll(() => page.evaluate(() => sessionStorage.getItem('patchcord.campaign'))).toBe('{"utm_source":"paper"}');
});
