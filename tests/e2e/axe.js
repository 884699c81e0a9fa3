// axe-core on a page: what it finds, and that it has looked.
import { readFile } from 'node:fs/promises';
import { expect } from '@playwright/test';
import { THEMES, wear } from './colours.js';

const AXE = await readFile(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Has axe in every page that is opened from now on. */
export async function withAxe(page) {
  await page.addInitScript(AXE);
}

/** Expects that axe finds nothing, and that it has looked. */
export async function passes(page, what) {
  const checked = await finds(page, what, { type: 'tag', values: RULES });
  expect(checked, what).toBeGreaterThan(3);
}

/** The same from right to left as well, and in each of the ready themes what a theme can spoil. */
export async function passesInEveryLook(page, what) {
  await passes(page, what);
  await write(page, 'rtl');
  await passes(page, `${what}, from right to left`);
  await write(page, 'ltr');
  for (const theme of THEMES) {
    await wear(page, theme);
    const checked = await finds(page, `${what}, in ${theme}`, { type: 'rule', values: ['color-contrast', 'target-size'] });
    expect(checked, what).toBeGreaterThan(0);
  }
  await wear(page);
}

/** Has a page be written the other way, and the elements on it, which read it when they are made; numbers stay. */
async function write(page, dir) {
  await page.evaluate((way) => {
    document.documentElement.dir = way;
    const turn = (root) => {
      for (const node of root.querySelectorAll('[dir]:not(input, b, bdi)')) node.dir = way;
      for (const { shadowRoot } of root.querySelectorAll('*')) if (shadowRoot) turn(shadowRoot);
    };
    turn(document.body);
  }, dir);
}

/** Expects that axe finds nothing by some rules; how many of them had something to look at. */
async function finds(page, what, runOnly) {
  const { found, checked } = await page.evaluate(async (runOnly) => {
    // A page that names no ground has the browser's own, which axe takes for white in the dark as well.
    document.documentElement.style.backgroundColor = 'Canvas';
    const { violations, passes: passed } = await window.axe.run(document, { runOnly });
    return {
      found: violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id}: ${target.flat().join(' ')}\n${failureSummary}`),
      ),
      checked: passed.length,
    };
  }, runOnly);
  expect(found, what).toEqual([]);
  return checked;
}
