// Each language, in every element: its words, which way it is written, and that no other one is downloaded.
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, test } from './servers.js';
import { callbackTag, callTag } from './pages.js';
import { panelMarkup } from './panel.js';
import { pointAt, scanTag } from './scan.js';

const read = async (lang) => {
  const { dir, ...sections } = JSON.parse(await readFile(new URL(`../../web/texts/${lang}.json`, import.meta.url), 'utf8'));
  return { dir, ...Object.assign({}, ...Object.values(sections)) };
};

/** Every language, and how a page says it: with a country where one is known here. */
const LANGUAGES = readdirSync(new URL('../../web/texts/', import.meta.url)).map((name) => name.replace('.json', ''));
const TAGS = { en: 'en-GB', de: 'de-AT', fr: 'fr-CA', es: 'es-MX', ar: 'ar-EG', ja: 'ja-JP' };
const NUMBER = '+493023125100';

/** Opens a page with these elements; gives the texts that it asks for, as `texts/call.de.json`. */
async function open(page, servers, body, { html = '', scripts = ['patchcord'] } = {}) {
  const asked = [];
  page.on('request', (request) => {
    const [, part] = /\/assets\/[^/]+\/(.+\.json)$/.exec(request.url()) ?? [];
    if (part) asked.push(part);
  });
  await page.context().grantPermissions(['local-network-access']);
  const tags = scripts.map((name) => `<script type="module" src="${servers.relay}/${name}.js"></script>`).join('');
  await page.route(`${servers.demo}/t/languages`, (route) =>
    route.fulfill({
      contentType: 'text/html; charset=utf-8',
      body:
        `<!doctype html><html ${html}><head><meta charset="utf-8"><title>A test</title>` +
        `<meta name="viewport" content="width=device-width, initial-scale=1">` +
        `<meta name="color-scheme" content="light dark">${tags}</head><body><main>${body}</main></body></html>`,
    }),
  );
  await page.goto(`${servers.demo}/t/languages`);
  return asked;
}

const button = (page) => page.locator('patchcord-call').first().getByRole('button').first();
const filled = (text, gaps) => text.replace(/\{(\w+)\}/g, (_, name) => gaps[name]);
/** Which way the elements' insides are written. */
const direction = (page, name) =>
  page.locator(name).first().evaluate((node) => getComputedStyle(node.shadowRoot.querySelector('.main:not([hidden]), .card, .root')).direction);

for (const lang of LANGUAGES) {
  const tag = TAGS[lang] ?? lang;
  test(`every element speaks ${lang} on a page in ${tag}, and nothing else is downloaded`, async ({ page, servers }, testInfo) => {
    const texts = await read(lang);
    const body =
      `<p>${callTag({ number: NUMBER })}</p>${callbackTag({ region: 'DE' })}` +
      `<p id="scanned">+49 30 23125-101</p>${scanTag({ include: '#scanned' })}${panelMarkup()}`;
    const asked = await open(page, servers, body, {
      html: `lang="${tag}"`,
      scripts: ['patchcord', 'patchcord-scan', 'patchcord-panel'],
    });

    // The button, the form and its phone field.
    await expect(button(page)).toHaveText(filled(texts['call.label'], { number: NUMBER }));
    const form = page.locator('patchcord-callback');
    await form.scrollIntoViewIfNeeded();
    await expect(form.getByRole('button', { name: texts['callback.submit'] })).toBeVisible();
    const number = form.locator('input[type="tel"]');
    await number.focus();
    await expect(number).toHaveAttribute('data-field', 'ready');
    await expect(form).toContainText(texts['field.hint']);
    const country = new Intl.DisplayNames([tag], { type: 'region' }).of('DE');
    await expect(form.locator('.region')).toHaveAttribute('aria-label', `DE +49, ${texts['field.region']}: ${country}`);

    // The panel.
    const panel = page.locator('patchcord-panel');
    await panel.scrollIntoViewIfNeeded();
    await expect(panel.getByRole('button', { name: texts['desk.do.signin'] })).toBeVisible();
    await expect(panel).toContainText(texts['desk.stopped.sign_in_needed']);

    // The scanner's card, with a button in it.
    await pointAt(page, '+49 30 23125-101');
    const card = page.locator('patchcord-scan .card');
    await expect(card).toHaveAttribute('aria-label', filled(texts['scan.dialog'], { number: '+49 30 23125101' }));
    await expect(card.getByRole('button', { name: texts['scan.call'], exact: true })).toBeVisible();
    await expect(card).toContainText(country);

    for (const name of ['patchcord-call', 'patchcord-callback', 'patchcord-scan', 'patchcord-panel']) {
      expect(await direction(page, name), name).toBe(texts.dir);
    }
    // What is a number is one from left to right everywhere.
    expect(await number.evaluate((node) => getComputedStyle(node).direction)).toBe('ltr');
    const files = [`field/${lang}`, `panel/${lang}`, `scanner/${lang}`, `texts/call.${lang}`, `texts/callback.${lang}`];
    expect([...new Set(asked)].sort()).toEqual(files.map((file) => `${file}.json`));
    await page.screenshot({ path: testInfo.outputPath(`${lang}.png`), fullPage: true });
  });
}

test('in Arabic a number stands in its sentence from left to right', async ({ page, servers }) => {
  await open(page, servers, callTag({ number: NUMBER }), { html: 'lang="ar"' });
  await expect(button(page)).toContainText(NUMBER);
  const places = () =>
    button(page).evaluate((node) => {
      const walk = node.ownerDocument.createTreeWalker(node, NodeFilter.SHOW_TEXT);
      while (!walk.nextNode().data.includes('+')) continue;
      const text = walk.currentNode;
      const left = (index) => {
        const range = document.createRange();
        range.setStart(text, index);
        range.setEnd(text, index + 1);
        return range.getBoundingClientRect().left;
      };
      const plus = text.data.indexOf('+');
      return { word: left(0), plus: left(plus), last: left(plus + 12) };
    });
  // The loader's button gives way to the widget's: a place of one that is gone is none.
  await expect(async () => {
    const { word, plus, last } = await places();
    expect(plus).toBeLessThan(last);
    expect(word).toBeGreaterThan(last);
  }).toPass({ timeout: 10_000 });
});

test('a page that asks for one element downloads the texts of that one alone', async ({ page, servers }) => {
  const asked = await open(page, servers, callTag({ number: NUMBER }), { html: 'lang="fr"' });
  await expect(button(page)).toContainText('Appeler');
  expect(asked).toEqual(['texts/call.fr.json']);
});

test('the nearest language counts: the element’s, what it is in, the page’s, then the browser’s', async ({ browser, servers }) => {
  const context = await browser.newContext({ locale: 'es-ES' });
  const page = await context.newPage();
  const texts = Object.fromEntries(await Promise.all(['de', 'fr', 'ja', 'es', 'en'].map(async (lang) => [lang, await read(lang)])));
  const says = (lang, at = 0) =>
    expect(page.locator('patchcord-call').nth(at).getByRole('button').first()).toHaveText(
      filled(texts[lang]['call.label'], { number: NUMBER }),
    );
  const call = callTag({ number: NUMBER });
  await open(page, servers, `<div lang="fr-BE">${callTag({ number: NUMBER, lang: 'ja' })}${call}</div>${call}`, { html: 'lang="de"' });
  await says('ja', 0);
  await says('fr', 1);
  await says('de', 2);
  await page.unrouteAll();
  await open(page, servers, call);
  await says('es');
  // What there are no texts in is said in English, whatever the browser speaks.
  await page.unrouteAll();
  const asked = await open(page, servers, call, { html: 'lang="zh-Hant-TW"' });
  await says('en');
  // The loader itself says as much until the texts are there.
  await expect.poll(() => asked).toEqual(['texts/call.en.json']);
  await expect(page.locator('patchcord-call').locator('[lang]').first()).toHaveAttribute('lang', 'en');
  await context.close();
});

test('a page that says which way it is written is followed', async ({ page, servers }) => {
  const call = callTag({ number: NUMBER });
  const german = callTag({ number: NUMBER, lang: 'de' });
  await open(page, servers, `${call}${german}<div dir="ltr">${call}</div>`, { html: 'lang="ar" dir="rtl"' });
  const ways = () =>
    page.locator('patchcord-call').evaluateAll((all) => all.map((node) => getComputedStyle(node.shadowRoot.querySelector('button')).direction));
  await expect(button(page)).toContainText('الاتصال');
  await expect.poll(ways).toEqual(['rtl', 'ltr', 'ltr']);
});

test('the button of a form that is closed speaks the language, and its way, too', async ({ page, servers }) => {
  await open(page, servers, callbackTag({ mode: 'popup' }), { html: 'lang="ar"' });
  await expect(page.locator('patchcord-callback').getByRole('button')).toHaveText('معاودة الاتصال بي');
  await expect.poll(() => direction(page, 'patchcord-callback')).toBe('rtl');
});

test('a page has its own texts, as an attribute or a property, in every element', async ({ page, servers }) => {
  const own = { 'call.label': 'Ring {number}', 'callback.submit': 'Ring me', 'field.hint': 'Any number', 'scan.copy': 'Take it', 'desk.do.signin': 'Come in' };
  const texts = JSON.stringify(own);
  const body =
    callTag({ number: NUMBER, texts }) + callbackTag({ region: 'DE', texts }) +
    `<p id="scanned">+49 30 23125-101</p>${scanTag({ include: '#scanned', texts })}` +
    panelMarkup({ more: `texts='${texts}'` });
  await open(page, servers, body, { html: 'lang="en"', scripts: ['patchcord', 'patchcord-scan', 'patchcord-panel'] });
  await expect(button(page)).toHaveText(`Ring ${NUMBER}`);
  const form = page.locator('patchcord-callback');
  await expect(form.getByRole('button', { name: 'Ring me' })).toBeVisible();
  await form.locator('input[type="tel"]').focus();
  await expect(form).toContainText('Any number');
  await expect(page.locator('patchcord-panel').getByRole('button', { name: 'Come in' })).toBeVisible();
  await pointAt(page, '+49 30 23125-101');
  await expect(page.locator('patchcord-scan .card').getByRole('button', { name: 'Take it' })).toBeAttached();
  // Later and as a property: in place of the attribute's, which goes as a whole.
  await page.evaluate(() => {
    document.querySelector('patchcord-call').texts = { 'call.label': 'Dial {number}' };
  });
  await expect(button(page)).toHaveText(`Dial ${NUMBER}`);
});

test('a tag that the browser does not take is still a language', async ({ page, servers }) => {
  await open(page, servers, callbackTag({ region: 'DE' }), { html: 'lang="de-ÄÖ"' });
  const form = page.locator('patchcord-callback');
  await expect(form.getByRole('button', { name: 'Rufen Sie mich zurück' })).toBeVisible();
  await form.locator('input[type="tel"]').focus();
  await expect(form.locator('.region')).toHaveAttribute('aria-label', 'DE +49, Land: Deutschland');
});
