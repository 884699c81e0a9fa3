// What the page scanner does to a page: nothing that the page could notice.
import { expect, test } from './servers.js';
import { boxes, card, finds, marked, openScan, pointAt } from './scan.js';

const PAGE = `
  <h1>Contacts</h1>
  <table><tbody>
    <tr><td>Åsa</td><td id="text">Ring +49 30 901820 or</td><td><a href="tel:+4930901821">030 901821</a></td></tr>
    <tr><td>Bo</td><td><input readonly value="+49 30 901822" aria-label="Phone"></td><td>2026-01-02</td></tr>
  </tbody></table>
  <div id="host"></div>
  <script>document.querySelector('#host').attachShadow({mode: 'open'}).innerHTML = '<p>+49 30 901823</p>';</script>`;
const ALL = ['+4930901820', '+4930901821', '+4930901822', '+4930901823'];

/** The whole page as text, with what is in shadow roots, and where everything is; without the scanner itself. */
function taken(page) {
  return page.evaluate(() => {
    const main = document.querySelector('main');
    const inner = (root) => [...root.querySelectorAll('*')].map((element) => element.shadowRoot?.innerHTML ?? '').join('');
    const places = [...main.querySelectorAll('*')].map((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      return [element.localName, x, y, width, height].join(' ');
    });
    return {
      markup: document.head.outerHTML + main.outerHTML + inner(main),
      attributes: document.documentElement.cloneNode().outerHTML + document.body.cloneNode().outerHTML,
      places,
      size: [document.documentElement.scrollWidth, document.documentElement.scrollHeight],
    };
  });
}

test('a scanner leaves every node, text and place of the page as it was, and nothing behind', async ({ page, servers }) => {
  await openScan(page, servers, PAGE);
  await finds(page, ALL);
  await page.evaluate(() => {
    const element = document.querySelector('patchcord-scan');
    window.kept = element;
    element.remove();
  });
  const sheets = () => page.evaluate(() => [document.adoptedStyleSheets.length, CSS.highlights.size]);
  await expect.poll(sheets).toEqual([0, 0]);
  const before = await taken(page);
  await page.evaluate(() => {
    const texts = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
    window.texts = [];
    while (texts.nextNode()) window.texts.push(texts.currentNode);
    window.changes = [];
    window.observer = new MutationObserver((records) => window.changes.push(...records.map(({ type }) => type)));
    window.observer.observe(document.documentElement, { subtree: true, childList: true, characterData: true, attributes: true });
    document.body.append(window.kept);
  });
  await finds(page, ALL);
  await expect.poll(() => marked(page)).toEqual(['+49 30 901820', '+49 30 901823', '030 901821']);
  await expect.poll(() => boxes(page)).toHaveLength(1);
  await pointAt(page, '+49 30 901820');
  await expect(card(page)).toBeVisible();
  expect(await taken(page)).toEqual(before);
  // What was told is the scanner's own coming.
  expect(await page.evaluate(() => window.changes)).toEqual(['childList']);
  await page.evaluate(() => document.querySelector('patchcord-scan').remove());
  await expect.poll(sheets).toEqual([0, 0]);
  expect(await taken(page)).toEqual(before);
  const same = await page.evaluate(() => window.texts.every((text) => text.isConnected));
  expect(same).toBe(true);
  expect(await page.evaluate(() => Element.prototype.attachShadow.toString())).toContain('[native code]');
});

test("what is selected and copied is the page's own text", async ({ page, servers }) => {
  await openScan(page, servers, PAGE);
  await finds(page, ALL);
  await page.evaluate(() => getSelection().selectAllChildren(document.querySelector('#text')));
  await pointAt(page, '+49 30 901820');
  await expect(card(page)).toBeVisible();
  expect(await page.evaluate(() => getSelection().toString())).toBe('Ring +49 30 901820 or');
  await page.keyboard.press('Control+c');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('Ring +49 30 901820 or');
});

test.describe('where the browser has no highlights', () => {
  test.beforeEach(async ({ page }) => {
    await page.addInitScript(() => delete window.Highlight);
  });

  test('boxes mark the numbers, where they are and no further than they are seen', async ({ page, servers }) => {
    await openScan(
      page,
      servers,
      `<p id="first">+49 30 901820</p><div id="list" tabindex="0" aria-label="list" style="height:60px;overflow:auto"><p style="margin:0 0 100px">+49 30 901821</p><p>+49 30 901822</p></div>`,
    );
    await expect.poll(() => boxes(page)).toHaveLength(2);
    const rect = (selector) =>
      page.evaluate((selector) => {
        const range = document.createRange();
        range.selectNodeContents(document.querySelector(selector));
        const { left, top, width, height } = range.getBoundingClientRect();
        return [left, top, width, height].map(Math.round);
      }, selector);
    expect((await boxes(page))[0]).toEqual(await rect('#first'));
    await page.evaluate(() => (document.querySelector('#list').scrollTop = 1000));
    await expect.poll(async () => (await boxes(page))[1]).toEqual(await rect('#list p:last-child'));
    expect(await boxes(page)).toHaveLength(2);
    await page.evaluate(() => {
      document.querySelector('#list').scrollTop = 0;
      document.querySelector('#first').style.marginLeft = '50px';
      window.dispatchEvent(new Event('resize'));
    });
    await expect.poll(async () => (await boxes(page))[0]).toEqual(await rect('#first'));
  });

  test('the card opens all the same', async ({ page, servers }) => {
    await openScan(page, servers, PAGE);
    await expect.poll(() => boxes(page)).toHaveLength(4);
    await pointAt(page, '+49 30 901820');
    await expect(card(page)).toContainText('+49 30 901820');
  });
});

// Firefox and Safari: an element has the look of a highlight only where a rule names the element itself. Safari has no
// scheduler besides.
test.describe('where elements do not inherit the looks of highlights', () => {
  test.beforeEach(async ({ page }) => {
    await page.addInitScript(() => {
      Object.defineProperty(window, 'scheduler', { value: undefined });
      const own = window.getComputedStyle;
      window.getComputedStyle = (element, pseudo) => (pseudo ? { textDecorationLine: 'none' } : own(element));
    });
  });

  test('the looks are those of each element, and what is in a shadow root gets a box', async ({ page, servers }) => {
    await openScan(page, servers, PAGE);
    await expect.poll(() => marked(page)).toEqual(['+49 30 901820', '030 901821']);
    await expect.poll(() => boxes(page)).toHaveLength(2);
    const selectors = await page.evaluate(() =>
      document.adoptedStyleSheets.flatMap(({ cssRules }) => [...cssRules].flatMap(({ cssRules }) => [...cssRules].map(({ selectorText }) => selectorText))),
    );
    expect(selectors).toEqual(['::highlight(patchcord-number)', '::highlight(patchcord-current)']);
  });
});

test('only what is near the part that is seen is marked, also in a list of thousands', async ({ page, servers }) => {
  await openScan(page, servers, '<table><tbody></tbody></table>');
  const rows = Array.from({ length: 4000 }, (_, i) => `<tr><td>Person ${i}</td><td>+49 30 ${2_000_000 + i}</td></tr>`).join('');
  await page.evaluate((rows) => (document.querySelector('tbody').innerHTML = rows), rows);
  const first = async () => (await marked(page))[0];
  await expect.poll(first).toBe('+49 30 2000000');
  expect((await marked(page)).length).toBeLessThan(200);
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight / 2));
  await expect.poll(async () => Number((await first())?.slice(-7))).toBeGreaterThan(2_001_900);
  await expect.poll(async () => (await marked(page)).length).toBeGreaterThan(30);
  expect((await marked(page)).length).toBeLessThan(200);
  await page.evaluate(() => window.scrollTo(0, 0));
  await expect.poll(first).toBe('+49 30 2000000');
});

test('a long list that begins with a hidden row is marked where it is scrolled to', async ({ page, servers }) => {
  const rows = Array.from({ length: 600 }, (_, i) => `<div${i ? '' : ' hidden'}>+49 30 ${2_000_000 + i}</div>`);
  await openScan(page, servers, rows.join(''));
  await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
  await expect.poll(() => marked(page)).toContain('+49 30 2000599');
});

test('a frame that is not shown is read, and nothing in it is marked', async ({ page, servers }) => {
  const frames = { '/t/inner': { body: '<p>+49 30 901821</p>' } };
  const body = '<p>+49 30 901820</p><iframe src="/t/inner" style="display:none"></iframe>';
  await openScan(page, servers, body, { frames });
  await finds(page, ['+4930901820', '+4930901821']);
  await expect.poll(() => marked(page)).toContain('+49 30 901820');
  expect(await marked(page)).toEqual(['+49 30 901820']);
});

test('what is seen of a long page is marked before all of it is read', async ({ page, servers }) => {
  await openScan(page, servers, '<p>+49 30 901820</p>');
  const marks = await page.evaluate(async () => {
    const scanner = document.querySelector('patchcord-scan');
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    scanner.setAttribute('disabled', '');
    await frame();
    // However fast the machine reads and however seldom it draws: one step a frame.
    const now = performance.now.bind(performance);
    let ahead = 0;
    performance.now = () => now() + (ahead += 10);
    scheduler.postTask = (run) => void requestAnimationFrame(() => setTimeout(run));
    const rows = Array.from({ length: 60_000 }, (_, i) => `<div>+49 30 ${2_000_000 + i}</div>`);
    document.querySelector('main').innerHTML = rows.join('');
    window.scrollTo(0, document.documentElement.scrollHeight);
    let isRead = false;
    scanner.addEventListener('patchcordready', () => (isRead = true), { once: true });
    scanner.removeAttribute('disabled');
    let shown;
    while (!(shown = [...(CSS.highlights.get('patchcord-number') ?? [])]).length) await frame();
    return { isRead, texts: shown.map(({ startContainer }) => startContainer.data) };
  });
  expect(marks.isRead).toBe(false);
  expect(Math.min(...marks.texts.map((text) => Number(text.slice(-7))))).toBeGreaterThan(2_059_000);
});
