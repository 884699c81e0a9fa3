// The panel and the page around it: what is downloaded, what a strict policy does, and in which language it speaks.
import { readFile } from 'node:fs/promises';
import { expect, test } from './servers.js';
import { openPanel, panelMarkup } from './panel.js';
import { Desk, atWork } from './desk.js';
import { callTag, openSettled } from './pages.js';
import { button, card, dial, openTab, panel, press, still, theCall, toldOnce, word } from './calls.js';

const read = async (path) => JSON.parse(await readFile(new URL(`../../${path}`, import.meta.url), 'utf8'));

/** The strictest policy that a page with a panel can have; `wasm` is the right to run WebAssembly. */
function policy(relay, wasm) {
  return (
    `default-src 'none'; script-src ${relay}${wasm}; style-src 'self'; ` +
    `connect-src 'self' ${relay}; base-uri 'none'; form-action 'none'`
  );
}

/** The files of the relay that the page asked for, without their folders. */
function watchFiles(page, servers) {
  const files = [];
  page.on('request', (request) => {
    const { origin, pathname } = new URL(request.url());
    if (origin === servers.relay && !pathname.startsWith('/v1/')) files.push(pathname.split('/').at(-1));
  });
  return files;
}

test('a page with a button downloads nothing of the panel', async ({ page, servers }) => {
  const files = watchFiles(page, servers);
  await openSettled(page, servers, callTag());
  expect(files).toContain('patchcord_widget_bg.wasm');
  expect(files.filter((file) => /panel/.test(file))).toEqual([]);
});

test('a page with a panel downloads nothing of the buttons, and everything once', async ({ page, servers }) => {
  const files = watchFiles(page, servers);
  await openPanel(page, servers, panelMarkup() + panelMarkup({ provider: 'samespace' }));
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await expect(page.getByLabel('Number to call')).toBeVisible();
  expect(files).toContain('patchcord_panel_bg.wasm');
  expect(files.filter((file) => /widget|plain|patchcord\.(js|css)|proof/.test(file))).toEqual([]);
  expect(new Set(files).size).toBe(files.length);
});

test('a panel works under the strictest policy that lets WebAssembly run', async ({ page, servers, sandbox }) => {
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener('securitypolicyviolation', (event) =>
      window.violations.push(`${event.effectiveDirective} ${event.blockedURI}`),
    );
  });
  const desk = new Desk(sandbox);
  // What the test's own page has inline is its margin.
  await openPanel(page, servers, panelMarkup({ provider: 'babelforce' }), {
    csp: policy(servers.relay, " 'wasm-unsafe-eval'").replace("style-src 'self'", "style-src 'self' 'unsafe-inline'"),
  });
  const [popup] = await Promise.all([page.waitForEvent('popup'), button(page, 'Sign in').click()]);
  await popup.getByRole('link', { name: 'alex@acme.example' }).click();
  await atWork(page);
  await dial(page);
  const id = await theCall(sandbox);
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'answer' });
  await expect(word(page)).toHaveText('Connected');
  expect(await page.evaluate(() => window.violations)).toEqual([]);
});

for (const [lang, headline, advice, again] of [
  ['en', 'The phone could not be loaded.', /the page may not allow WebAssembly/, 'Try again'],
  ['de', 'Das Telefon konnte nicht geladen werden.', /erlaubt die Seite vielleicht kein WebAssembly/, 'Noch einmal'],
]) {
  test(`where WebAssembly may not run, the panel says so and what to do: ${lang}`, async ({ page, servers }) => {
    await openPanel(page, servers, panelMarkup({ more: `lang="${lang}"` }), { csp: policy(servers.relay, '') });
    const alert = panel(page).getByRole('alert');
    await expect(alert).toContainText(headline);
    await expect(alert).toContainText(advice);
    expect(await toldOnce(page, 'patchcorderror')).toMatchObject({ code: 'module_failed' });
    await expect(button(page, again)).toBeVisible();
  });
}

test('a module that did not come is asked for again', async ({ page, servers }) => {
  await page.route('**/patchcord_panel_bg.wasm', (route) => route.abort('connectionreset'));
  await openPanel(page, servers, panelMarkup({ provider: 'samespace' }));
  await expect(panel(page).getByRole('alert')).toContainText('The phone could not be loaded.');
  await page.unroute('**/patchcord_panel_bg.wasm');
  await button(page, 'Try again').click();
  await atWork(page);
});

/** Every text that the panel shows or reads out, but what the platform and the person say. */
async function texts(page) {
  return page.evaluate(() => {
    const { shadowRoot } = document.querySelector('patchcord-panel');
    const found = [];
    const walk = document.createTreeWalker(shadowRoot, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE && node.parentElement.localName !== 'option') found.push(node.data.trim());
      if (node.nodeType === Node.ELEMENT_NODE) {
        for (const name of ['aria-label', 'title', 'placeholder']) found.push(node.getAttribute(name) ?? '');
      }
    }
    return found.filter(Boolean);
  });
}

test('a German page has a German panel, from the sign-in to the notes', async ({ page, servers, sandbox }) => {
  await sandbox.tell('settings', { wrap_up: { seconds: 60 } });
  const desk = new Desk(sandbox);
  const [english, german] = await Promise.all(
    ['en', 'de'].map(async (lang) => {
      const { elements, panel } = await read(`web/texts/${lang}.json`);
      return { ...elements, ...panel };
    }),
  );
  const ours = new Set(Object.values(german));
  const foreign = new Set(Object.values(english).filter((text) => !ours.has(text)));
  const seen = new Set();
  const isGerman = async () => {
    const shown = await texts(page);
    expect(shown.filter((text) => foreign.has(text))).toEqual([]);
    // A text that was not downloaded shows its key.
    expect(shown.filter((text) => text in english)).toEqual([]);
    for (const text of shown) if (ours.has(text)) seen.add(text);
  };

  await openPanel(page, servers, panelMarkup({ more: 'lang="de-AT"' }));
  await expect(button(page, german['desk.do.signin'])).toBeVisible();
  await isGerman();
  const [popup] = await Promise.all([page.waitForEvent('popup'), button(page, german['desk.do.signin']).click()]);
  await isGerman();
  await popup.getByRole('link', { name: 'alex@acme.example' }).click();
  const number = panel(page).getByLabel(german['desk.number'], { exact: true });
  await expect(number).toBeVisible();
  await expect(panel(page).getByText(german['desk.setting_up'])).toHaveCount(0);
  await isGerman();
  for (const name of [german['desk.do.recent'], german['desk.do.phonebook'], german['desk.do.dialler']]) {
    await openTab(page, name);
    if (name === german['desk.do.phonebook']) await expect(panel(page).getByText('Omar Ott')).toBeVisible();
    await isGerman();
  }
  await button(page, german['desk.do.settings']).click();
  await isGerman();
  await button(page, german['desk.do.close']).click();
  await number.fill('+12125550142');
  await still(page);
  await button(page, german['desk.do.dial']).click();
  await expect(panel(page).locator('.notice')).toContainText(german['code.number_not_allowed']);
  await isGerman();
  await button(page, german['desk.do.dismiss']).click();

  const id = await desk.ring();
  await expect(card(page, 'Greta Gross')).toBeVisible();
  await isGerman();
  await desk.act(id, { who: 'agent', do: 'answer' });
  await expect(word(page)).toHaveText(german['state.connected']);
  await press(page, german['desk.do.transfer']);
  await expect(panel(page).getByRole('listbox').getByRole('option')).toHaveCount(4);
  await isGerman();
  await press(page, german['desk.do.close']);
  await press(page, german['desk.do.add']);
  await panel(page).getByRole('option', { name: /Sam Sommer/ }).click();
  await expect(card(page, german['desk.conference'])).toBeVisible();
  await isGerman();
  await press(page, german['desk.do.end']);
  await expect(card(page, german['desk.notes'])).toBeVisible();
  await isGerman();
  expect(seen.size, 'the German texts that were seen').toBeGreaterThan(45);
});
