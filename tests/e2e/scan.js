// Pages with a scanner on them, and what a test asks of it.
import { expect } from '@playwright/test';
import { tag, watchEvents } from './pages.js';

/** Serves pages of a test's own at the demo's origin: `{path: {body, head, lang}}`; `/t/scan` is the one that is opened. */
async function serve(page, servers, pages) {
  await page.context().grantPermissions(['local-network-access', 'clipboard-read', 'clipboard-write']);
  for (const [path, { body, head = '', lang = 'en' }] of Object.entries(pages)) {
    await page.route(`${servers.demo}${path}`, (route) =>
      route.fulfill({
        contentType: 'text/html; charset=utf-8',
        body:
          `<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><title>A CRM</title>` +
          `<meta name="viewport" content="width=device-width, initial-scale=1">` +
          `<meta name="color-scheme" content="light dark">${head}</head><body>${body}</body></html>`,
      }),
    );
  }
}

/** The scanner as a customer writes it. */
export function scanTag(attributes = {}) {
  return tag('patchcord-scan', { 'session-url': '/crm/assertion', provider: 'samespace', ...attributes });
}

/** The tags of the scripts. */
export function scripts(servers) {
  return ['patchcord', 'patchcord-scan']
    .map((name) => `<script type="module" src="${servers.relay}/${name}.js"></script>`)
    .join('');
}

/** Opens a page with a scanner and waits until it has read it. `frames`: further pages, by path. */
export async function openScan(page, servers, body, { attributes, frames = {}, head = '', lang } = {}) {
  await watchEvents(page);
  const whole = { body: `<main>${body}</main>${scanTag(attributes)}`, head: head + scripts(servers), lang };
  await serve(page, servers, { '/t/scan': whole, ...frames });
  await page.goto(`${servers.demo}/t/scan`);
  await scanned(page);
}

/** Waits until the page was read once. */
export async function scanned(page, times = 1) {
  const count = () => page.evaluate(() => window.seen.events.filter(({ name }) => name === 'patchcordready').length);
  await expect.poll(count, { message: 'the scanner is ready' }).toBeGreaterThanOrEqual(times);
}

/** The numbers that the scanner knows, in the order of the page. */
export async function numbers(page) {
  return page.evaluate(() => document.querySelector('patchcord-scan').numbers.map(({ number }) => number));
}

/** Expects these numbers, as soon as the scanner has read what changed. */
export async function finds(page, expected) {
  await expect.poll(() => numbers(page)).toEqual(expected);
}

/** The texts that are marked by the browser's highlights, sorted; also those in frames. */
export async function marked(page) {
  return page.evaluate(() => {
    const windows = [window, ...Array.from(window.frames)];
    const ranges = windows.flatMap((one) => [...(one.CSS.highlights.get('patchcord-number') ?? [])]);
    return ranges
      .map(({ startContainer, startOffset, endContainer, endOffset }) => {
        const range = startContainer.ownerDocument.createRange();
        range.setStart(startContainer, startOffset);
        range.setEnd(endContainer, endOffset);
        return range.toString();
      })
      .sort();
  });
}

/** The boxes in the scanner's own layer, where highlights do not reach: `[left, top, width, height]` in the window. */
export async function boxes(page) {
  return page.evaluate(() =>
    [...document.querySelector('patchcord-scan').shadowRoot.querySelectorAll('.layer > i')].map((box) => {
      const { left, top, width, height } = box.getBoundingClientRect();
      return [left, top, width, height].map(Math.round);
    }),
  );
}

/** The card. */
export function card(page) {
  return page.locator('patchcord-scan').getByRole('dialog');
}

/** Where a text of a page is, in its own window: `{x, y, bottom}`, with `x` and `y` in the middle. */
export async function placeOf(frame, text) {
  return frame.evaluate((text) => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const { data } = texts.currentNode;
      const at = data.indexOf(text);
      if (at < 0 || texts.currentNode.parentElement.closest('script')) continue;
      const range = document.createRange();
      range.setStart(texts.currentNode, at);
      range.setEnd(texts.currentNode, at + text.length);
      const { left, right, top, bottom } = range.getBoundingClientRect();
      return { x: (left + right) / 2, y: (top + bottom) / 2, bottom };
    }
    throw new Error(`the page has no text "${text}"`);
  }, text);
}

/** Rests the pointer on a text of the page, or of a frame in it. */
export async function pointAt(page, text, frame) {
  const { x, y } = await placeOf(frame ?? page, text);
  const around = frame ? await (await frame.frameElement()).boundingBox() : { x: 0, y: 0 };
  // A pointer moves; it does not jump.
  await page.mouse.move(around.x + x - 3, around.y + y);
  await page.mouse.move(around.x + x, around.y + y);
}
