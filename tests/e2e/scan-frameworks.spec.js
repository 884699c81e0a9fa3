// Pages whose nodes belong to a framework: it renders again and again, and finds its nodes as it left them.
import { readFile } from 'node:fs/promises';
import { expect, test } from './servers.js';
import { card, finds, marked, openScan, pointAt } from './scan.js';

const PREACT = await readFile(new URL('node_modules/preact/dist/preact.umd.js', import.meta.url), 'utf8');
const LIT = await readFile(new URL('node_modules/lit-html/lit-html.js', import.meta.url), 'utf8');

/** What each framework does: `window.draw(people)` renders the rows. Runs in the page. */
const FRAMEWORKS = {
  preact: async () => {
    const { h, render } = window.preact;
    // A text of several parts becomes several text nodes.
    const row = ({ id, name, phone }) =>
      h('tr', { key: id, 'data-id': id }, h('td', null, name), h('td', null, '+49', ' 30 ', phone), h('td', null, h('a', { href: `tel:+4940${phone}` }, 'office')));
    window.draw = (people) => render(h('table', null, h('tbody', null, people.map(row))), document.querySelector('#app'));
  },
  lit: async () => {
    const { html, render } = await import('/t/lit-html.js');
    const row = ({ id, name, phone }) =>
      html`<tr data-id=${id}><td>${name}</td><td>${'+49'} 30 ${phone}</td><td><a href=${`tel:+4940${phone}`}>office</a></td></tr>`;
    window.draw = (people) => render(html`<table><tbody>${people.map(row)}</tbody></table>`, document.querySelector('#app'));
  },
};

const person = (id) => ({ id, name: `Person ${id}`, phone: String(2_312_500 + id) });
const expected = (people) => people.flatMap(({ phone }) => [`+4930${phone}`, `+4940${phone}`]);

for (const [name, start] of Object.entries(FRAMEWORKS)) {
  test(`${name} renders again and again, and everything is followed`, async ({ page, servers }) => {
    const problems = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    await page.route(`${servers.demo}/t/lit-html.js`, (route) => route.fulfill({ contentType: 'text/javascript', body: LIT }));
    await page.addInitScript(PREACT);
    await openScan(page, servers, '<div id="app"></div>');
    problems.length = 0;
    await page.evaluate(`(${start})()`);
    const draw = (people) => page.evaluate((people) => window.draw(people), people);
    const shown = () =>
      page.evaluate(() => [...document.querySelectorAll('#app tr')].map((row) => [...row.cells].map((cell) => cell.textContent.trim()).join('|')));

    let people = [1, 2, 3, 4, 5].map(person);
    const steps = [
      () => people,
      () => people.toReversed(),
      () => people.filter(({ id }) => id !== 3),
      () => [person(9), ...people],
      () => people.map((one) => (one.id === 2 ? { ...one, phone: '2312599', name: 'Somebody else' } : one)),
      () => [],
      () => [6, 7, 8].map(person),
    ];
    for (const step of steps) {
      people = step();
      await draw(people);
      await finds(page, expected(people));
      expect(await shown()).toEqual(people.map(({ name, phone }) => `${name}|+49 30 ${phone}|office`));
    }
    await expect.poll(() => marked(page)).toHaveLength(6);
    await pointAt(page, '2312506');
    await expect(card(page)).toContainText('+49 30 2312506');
    // Also while a card is open, and after the scanner has gone.
    people = [person(7), { ...person(6), name: 'Changed' }];
    await draw(people);
    await finds(page, expected(people));
    await page.evaluate(() => document.querySelector('patchcord-scan').remove());
    people = [8, 1].map(person);
    await draw(people);
    expect(await shown()).toEqual(people.map(({ name, phone }) => `${name}|+49 30 ${phone}|office`));
    expect(problems).toEqual([]);
  });
}
