// The package without a bundler: a page that names its files, with their hashes; and its entries in a browser.
import { expect, test } from './servers.js';
import { callTag, callbackTag, fillIn, ready, theEvent, violations } from './pages.js';
import { serveFolder, textOf } from './package-sites.js';

const WRONG = `sha384-${'A'.repeat(64)}`;
const LATER = ['assets/plain.js', 'assets/patchcord_widget.js'];

/** A page with the hashes of sri.json, after `change`. */
async function pageWithHashes(servers, change = {}) {
  const hashes = { ...JSON.parse(await textOf('dist/npm/sri.json')), ...change };
  const integrity = Object.fromEntries(Object.entries(hashes).map(([file, hash]) => [`/t/${file}`, hash]));
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
    <script type="importmap">${JSON.stringify({ integrity })}</script>
    <script type="module" src="patchcord.js" integrity="${hashes['patchcord.js']}"></script></head>
    <body><main><h1>Shop</h1>${callbackTag({ relay: servers.relay, topic: 'sales' })}</main></body></html>`;
}

/** Opens it; inline is nothing but the import map. */
async function openPage(page, servers, html) {
  const policy = `default-src 'none'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; connect-src 'self' ${servers.relay}; style-src 'self'`;
  await page.goto(await serveFolder(page, servers, 'dist/npm', { pages: { 'index.html': html }, policy }));
}

const isDefined = (page, tag) => page.evaluate((tag) => Boolean(customElements.get(tag)), tag);

test('a script tag with its hash, and an import map with those of what it loads, have a callback go through', async ({ page, servers }) => {
  await openPage(page, servers, await pageWithHashes(servers));
  await fillIn(page);
  await page.locator('patchcord-callback').getByRole('button', { name: 'Call me back' }).click();
  await theEvent(page, 'callbackqueued');
  expect(await violations(page)).toEqual([]);
});

test('a script that is not the one that was named is not run', async ({ page, servers }) => {
  const refused = page.waitForEvent('console', (message) => /integrity/i.test(message.text()));
  await openPage(page, servers, await pageWithHashes(servers, { 'patchcord.js': WRONG }));
  await refused;
  expect(await isDefined(page, 'patchcord-callback')).toBe(false);
});

for (const file of LATER) {
  test(`nor is ${file}, which is loaded later, where the import map names another hash`, async ({ page, servers }) => {
    await openPage(page, servers, await pageWithHashes(servers, { [file]: WRONG }));
    await expect.poll(() => isDefined(page, 'patchcord-callback')).toBe(true);
    const outcome = (path) => page.evaluate((path) => import(path).then(() => 'run', () => 'refused'), path);
    expect(await outcome(`/t/${file}`)).toBe('refused');
    expect(await outcome('/t/assets/proof.js')).toBe('run');
  });
}

test('importing an entry defines nothing, define() defines, and again does no harm', async ({ page, servers }) => {
  const body = `<!doctype html><html lang="en"><title>Empty</title><body>${callTag({ relay: servers.relay })}</body></html>`;
  await openPage(page, servers, body);
  const told = await page.evaluate(async () => {
    const there = () => ['call', 'callback', 'panel', 'scan'].filter((name) => customElements.get(`patchcord-${name}`));
    const entries = await Promise.all(['index', 'panel', 'scan'].map((name) => import(`/t/${name}.js`)));
    const before = there();
    await entries[0].define();
    const first = there();
    for (const { define } of entries) await define();
    await entries[0].define();
    return { before, first, all: there(), Client: typeof (await entries[0].load()).Client };
  });
  expect(told).toEqual({ before: [], first: ['call', 'callback'], all: ['call', 'callback', 'panel', 'scan'], Client: 'function' });
  await page.locator('patchcord-call').hover();
  await ready(page);
});

test('the number engine and the phone field come from the package as well', async ({ page, servers }) => {
  await openPage(page, servers, '<!doctype html><html lang="en"><title>Empty</title><body><p><label>Phone <input type="tel"></label></p></body></html>');
  const e164 = await page.evaluate(async () => {
    const { enhance, load } = await import('/t/patchcord-numbers.js');
    await enhance(document.querySelector('input'), { region: 'DE' });
    return (await load()).check('030 901820', 'DE');
  });
  expect(e164).toBe('+4930901820');
  await page.locator('input').first().fill('030 901820');
  await expect(page.locator('input').first()).toHaveAttribute('data-number', /^\+49 ?30/);
});
