// patchcord-campaign.js: where a visitor came from travels with their callback, and what became of it gets into the page's
// data layer, once they have agreed, and never what they typed.
import { expect, test } from './servers.js';
import { callTag, callbackTag, dialButton, fillIn, theEvent } from './pages.js';
import { serveFolder } from './package-sites.js';

const LANDING = '?utm_source=paper&utm_medium=cpc&utm_campaign=autumn&gclid=Cj0K&color=red&utm_content=';
const CAMPAIGN = { utm_source: 'paper', utm_medium: 'cpc', utm_campaign: 'autumn', gclid: 'Cj0K' };

/** Opens a page with the script, from the package, and `body`. */
async function openPage(page, servers, { search = LANDING, tag = 'data-consent="granted"', body } = {}) {
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
    <script type="module" src="patchcord.js"></script>
    <script type="module" src="patchcord-campaign.js" ${tag}></script></head>
    <body><main><h1>Shop</h1>${body ?? callbackTag({ relay: servers.relay, topic: 'sales' })}</main></body></html>`;
  const address = await serveFolder(page, servers, 'dist/npm', { pages: { 'index.html': html } });
  await page.goto(address + search);
}

const layer = (page, name = 'dataLayer') => page.evaluate((name) => window[name] ?? [], name);
const kept = (page) => page.evaluate(() => sessionStorage.getItem('patchcord.campaign'));
const payload = (page) => page.locator('patchcord-callback').evaluate(({ payload }) => payload);

async function send(page) {
  await page.locator('patchcord-callback').getByRole('button', { name: 'Call me back' }).click();
}

/** What reached the Samespace team with the only callback. */
async function attributes(sandbox) {
  const fitting = async () => (await sandbox.requests()).filter(({ path }) => path === '/apiv1/team/make_call');
  await expect.poll(fitting).toHaveLength(1);
  return (await fitting())[0].body.attributes;
}

test('the campaign travels with the callback, and the data layer hears that it is queued', async ({ page, servers, sandbox }) => {
  await openPage(page, servers);
  await fillIn(page);
  await send(page);
  const { id } = await theEvent(page, 'callbackqueued');
  expect((await attributes(sandbox)).campaign).toEqual(CAMPAIGN);
  expect(await layer(page)).toEqual([
    { event: 'patchcord_callback_requested', patchcord_id: id, patchcord_campaign: CAMPAIGN },
    { event: 'patchcord_callback_queued', patchcord_id: id, patchcord_campaign: CAMPAIGN },
  ]);
});

test('nothing that the visitor typed gets into the data layer or the storage', async ({ page, servers }) => {
  await openPage(page, servers);
  await fillIn(page);
  await send(page);
  const { reference } = await theEvent(page, 'callbackqueued');
  const told = JSON.stringify(await layer(page)) + (await kept(page));
  for (const secret of ['Lovelace', '23125', reference]) expect(told).not.toContain(secret);
});

test('the landing page\'s campaign is kept for the tab\'s next pages, and a newer one takes its place', async ({ page, servers }) => {
  await openPage(page, servers);
  await expect.poll(() => kept(page)).toBe(JSON.stringify(CAMPAIGN));
  const address = page.url().split('?')[0];
  await page.goto(`${address}?page=2`);
  await page.locator('patchcord-callback').getByLabel('Your name').focus();
  await expect.poll(() => payload(page)).toEqual({ campaign: CAMPAIGN });
  await page.goto(`${address}?utm_source=mail`);
  await expect.poll(() => kept(page)).toBe('{"utm_source":"mail"}');
});

test('before the visitor has agreed nothing is kept or passed along; what they say then counts at once', async ({ page, servers }) => {
  await openPage(page, servers, { tag: '' });
  const name = page.locator('patchcord-callback').getByLabel('Your name');
  await name.focus();
  expect(await kept(page)).toBeNull();
  expect(await payload(page)).toBeUndefined();

  const choose = (consent) =>
    page.evaluate((consent) => void (document.querySelector('script[src*=campaign]').dataset.consent = consent), consent);
  await choose('granted');
  await expect.poll(() => kept(page)).toBe(JSON.stringify(CAMPAIGN));
  await name.click();
  await expect.poll(() => payload(page)).toEqual({ campaign: CAMPAIGN });
  await choose('denied');
  await expect.poll(() => kept(page)).toBeNull();
});

test('what a visitor refuses is told without where they came from', async ({ page, servers }) => {
  await openPage(page, servers, { tag: 'data-consent="denied"' });
  await fillIn(page, { number: '+1 212 555 0142' });
  await send(page);
  const { code, id } = await theEvent(page, 'callbackrefused');
  expect(await layer(page)).toContainEqual({ event: 'patchcord_callback_refused', patchcord_id: id, patchcord_code: code });
});

test('a page that sets its own payload while the visitor types loses neither', async ({ page, servers, sandbox }) => {
  await openPage(page, servers);
  await fillIn(page);
  await page.locator('patchcord-callback').evaluate((form) => void (form.payload = { cart: 7 }));
  await send(page);
  expect(await attributes(sandbox)).toMatchObject({ cart: 7, campaign: CAMPAIGN });
});

test('a campaign of the page\'s own stays, and a payload that has no room gets none', async ({ page, servers }) => {
  await openPage(page, servers);
  const form = page.locator('patchcord-callback');
  for (const own of [{ campaign: 'ours' }, { text: 'x'.repeat(16_300) }]) {
    await form.evaluate((form, own) => void (form.payload = own), own);
    await form.getByLabel('Your name').click();
    expect(await payload(page)).toEqual(own);
  }
});

test('a long parameter is cut between characters, and what others wrote into the storage is not passed along', async ({ page, servers }) => {
  await openPage(page, servers, { search: `?utm_campaign=${'😀'.repeat(400)}` });
  await expect.poll(() => kept(page)).toBe(JSON.stringify({ utm_campaign: '😀'.repeat(300) }));
  await page.evaluate(() => sessionStorage.setItem('patchcord.campaign', '{"utm_source":7,"role":"admin"}'));
  await page.goto(page.url().split('?')[0]);
  await page.locator('patchcord-callback').getByLabel('Your name').focus();
  await expect.poll(() => payload(page)).toEqual({ campaign: { utm_source: '7' } });
});

test('a request that the page prevents is not told', async ({ page, servers }) => {
  await openPage(page, servers);
  await page.evaluate(() => document.addEventListener('callbackrequested', (event) => event.preventDefault()));
  await fillIn(page);
  await send(page);
  await theEvent(page, 'callbackrequested');
  expect(await layer(page)).toEqual([]);
});

test('calls are told, too, to the data layer that the page names', async ({ page, servers }) => {
  await openPage(page, servers, { search: '', tag: 'data-layer="events"', body: callTag({ relay: servers.relay }) });
  await dialButton(page).click();
  const { id } = await theEvent(page, 'callaccepted');
  expect(await layer(page, 'events')).toEqual([
    { event: 'patchcord_call_requested', patchcord_id: id, patchcord_provider: 'samespace' },
    { event: 'patchcord_call_accepted', patchcord_id: id, patchcord_provider: 'samespace' },
  ]);
  expect(await layer(page)).toEqual([]);
});
