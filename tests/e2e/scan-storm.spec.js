// The page scanner on pages that change at random, between any two of its steps: at rest, the same numbers are found and
// marked there as by a scanner that begins anew. E2E_ROUNDS and E2E_SEED ask for more of them, and for others.
import { expect, test } from './servers.js';
import { openScan } from './scan.js';

const ROUNDS = Number(process.env.E2E_ROUNDS ?? 6);
const SEED = Number(process.env.E2E_SEED ?? 1);

/** Runs in the page; returns what went wrong, and how many numbers there were. */
async function storm({ rounds, seed }) {
  const scanner = document.querySelector('patchcord-scan');
  const field = document.querySelector('#field');
  const wrong = [];
  scanner.addEventListener('patchcorderror', ({ detail }) => wrong.push(detail.message));

  const below = (limit) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (seed >> 8) % limit;
  };
  const oneOf = (list) => list[below(list.length)];

  let count = 0;
  const digits = () => String(2_000_000 + (count += 1));
  const number = () => `+49 30 ${digits()}`;
  const LEAVES = [
    () => 'Person',
    () => number(),
    () => `a ${number()} b`,
    () => `030 ${digits()}`,
    () => `<b>${number()}</b>`,
    () => `<i></i>${number()}<!-- c -->`,
    () => `<em lang="de-AT">030 ${digits()}</em>`,
    () => `<em data-region="AT">030 ${digits()}</em>`,
    () => `<em class="no">${number()}</em>`,
    () => `<em class="yes">${number()}</em>`,
    () => `<span data-phone="${number()}"></span>`,
    () => `<a href="tel:+4940${digits()}">x</a>`,
    () => `<input readonly value="${number()}">`,
    () => `<textarea>${number()}</textarea>`,
    () => `<style>/* ${number()} */</style>`,
    () => (below(40) ? '' : `<iframe srcdoc="<p>${number()}</p>"></iframe>`),
    () => 'x '.repeat(below(40)),
  ];
  /** Some elements, each with as many in it as `wide` says, at most `left` of them in all. */
  const some = (left, wide) => {
    const tree = (deep, wide) => {
      let out = '';
      for (let more = below(wide) + 1; more > 0 && left > 0; more -= 1, left -= 1) {
        if (deep && below(3)) out += `<div>${tree(deep - 1, Math.max(2, wide >> below(4)))}</div>`;
        else out += below(4) ? `<p>${oneOf(LEAVES)()}</p>` : oneOf(LEAVES)();
      }
      return out;
    };
    return tree(4, wide);
  };

  const toggle = (name) => (element) => element.toggleAttribute(name);
  const textOf = (element) => (element.firstChild?.nodeType === Node.TEXT_NODE ? element.firstChild : undefined);
  const CHANGES = [
    (element) => element.remove(),
    (element) => element.insertAdjacentHTML('beforebegin', some(10, 4)),
    (element) => element.insertAdjacentHTML('beforeend', oneOf(LEAVES)()),
    (element) => below(6) || (element.innerHTML = some(60, 20)),
    (element) => textOf(element) && (textOf(element).data = oneOf([number(), 'nobody'])),
    (element) => textOf(element)?.length > 2 && textOf(element).splitText(1 + below(textOf(element).length - 1)),
    (element) => element.normalize(),
    (element) => element.firstChild && element.append(...element.firstChild.childNodes),
    (element, other) => other.isConnected && !element.contains(other) && other.before(element),
    (element) => {
      if (element.localName === 'div') (element.shadowRoot ?? element.attachShadow({ mode: 'open' })).innerHTML = some(6, 3);
    },
    (element) => element.classList.toggle('no'),
    (element) => element.classList.toggle('yes'),
    (element) => (element.lang = oneOf(['de-AT', 'en', ''])),
    (element) => element.setAttribute('data-phone', number()),
    (element) => element.localName === 'input' && (element.readOnly = !element.readOnly),
    toggle('contenteditable'),
    toggle('data-patchcord-ignore'),
  ];
  const change = () => {
    const elements = field.querySelectorAll('*');
    for (let times = below(4); times > 0 && elements.length; times -= 1) {
      const element = oneOf(elements);
      if (element.isConnected) oneOf(CHANGES)(element, oneOf(elements));
    }
  };

  let isStormy = false;
  let steps = 0;
  // A slice ends at any step, and whenever one has ended the page may change.
  const now = performance.now.bind(performance);
  let ahead = 0;
  performance.now = () => now() + (isStormy ? (ahead += 2 * below(3)) : ahead);
  const postTask = scheduler.postTask.bind(scheduler);
  scheduler.postTask = (run) =>
    postTask(() => {
      run();
      steps += 1;
      if (isStormy && !below(3)) change();
    });

  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  /** Waits until nothing more is read and painted. */
  const rest = async () => {
    for (let last; last !== steps; ) {
      last = steps;
      // Marks are painted 100 ms after the next frame, however late that is.
      await frame();
      await new Promise((done) => setTimeout(done, 150));
      await frame();
    }
  };
  const marked = () =>
    [...CSS.highlights.get('patchcord-number')].map(({ startContainer, startOffset, endContainer, endOffset }) => {
      const range = document.createRange();
      range.setStart(startContainer, startOffset);
      range.setEnd(endContainer, endOffset);
      return range.toString();
    });
  const seen = () => ({ numbers: scanner.numbers.map(({ number }) => number).sort(), marks: marked().sort() });
  const without = (list, other) => list.filter((one) => !other.includes(one)).slice(0, 3);

  let most = 0;
  for (let round = 0; round < rounds && !wrong.length; round += 1) {
    const from = seed;
    isStormy = true;
    field.innerHTML = some(oneOf([200, 1_500, 5_000]), oneOf([40, 300, 1_200]));
    for (let turn = 0; turn < 60; turn += 1) await new Promise((done) => setTimeout(done));
    isStormy = false;
    await rest();
    const live = seen();
    scanner.setAttribute('disabled', '');
    await frame();
    const ready = new Promise((done) => scanner.addEventListener('patchcordready', done, { once: true }));
    scanner.removeAttribute('disabled');
    await ready;
    await rest();
    const anew = seen();
    for (const what of ['numbers', 'marks']) {
      if (String(live[what]) === String(anew[what])) continue;
      wrong.push({ round, from, what, lacks: without(anew[what], live[what]), keeps: without(live[what], anew[what]) });
    }
    most = Math.max(most, anew.numbers.length);
  }
  return { wrong, most };
}

for (const [name, attributes] of Object.entries({
  'by its defaults': {},
  'with a region': { region: 'DE' },
  'with an attribute that has numbers': { data: '[data-phone]' },
  'with a list of what is left out': { exclude: '.no' },
  'with a list of what is read': { include: '.yes', region: 'FR' },
  'with the regions of records': { entity: '{ "em": { "region": "@data-region" } }' },
  'with all of it': { include: 'body', exclude: '.no', data: '[data-phone]', region: 'DE', entity: '{ "em": { "region": "@data-region" } }' },
})) {
  test(`whatever a page changes while it is read, ${name}, as much is found as at rest`, async ({ page, servers }) => {
    test.setTimeout(60_000 + ROUNDS * 10_000);
    await openScan(page, servers, '<div id="field"></div>', { attributes });
    const { wrong, most } = await page.evaluate(storm, { rounds: ROUNDS, seed: SEED });
    expect(wrong).toEqual([]);
    expect(most).toBeGreaterThan(50);
  });
}
