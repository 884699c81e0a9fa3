// axe-core on a page: what it finds, and that it has looked.
import { readFile } from 'node:fs/promises';
import { expect } from '@playwright/test';

const AXE = await readFile(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Has axe in every page that is opened from now on. */
export async function withAxe(page) {
  await page.addInitScript(AXE);
}

/** Expects that axe finds nothing, and that it has looked. */
export async function passes(page, what) {
  const { found, checked } = await page.evaluate(async (rules) => {
    const { violations, passes: passed } = await window.axe.run(document, {
      runOnly: { type: 'tag', values: rules },
    });
    return {
      found: violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id}: ${target.flat().join(' ')}\n${failureSummary}`),
      ),
      checked: passed.length,
    };
  }, RULES);
  expect(found, what).toEqual([]);
  expect(checked, what).toBeGreaterThan(3);
}
