// What people do first, in Firefox and in Safari's engine: the tests proper are in Chromium. Started by
// `cargo xtask browsers`, which names browsers and addresses in the environment.
import assert from 'node:assert/strict';
import * as firefox from './browsers-firefox.js';
import * as webkit from './browsers-webkit.js';
import { Sandbox } from './sandbox.js';

const { E2E_DEMO_URL: demo, E2E_SANDBOX_URL } = process.env;
const sandbox = new Sandbox(E2E_SANDBOX_URL);
const PATIENCE = 30_000;

const journeys = [
  ['a callback is asked for by keyboard, and arrives once', callback],
  ['a call arrives with its payload', call],
  ['an agent signs in, and a call from the panel arrives', panel],
  ['numbers on a page are marked so that a person sees it', marks],
  ['the card of a number opens by pointer and by keyboard', card],
  ['where WebAssembly is refused, a callback arrives all the same', plain],
];

/** Asks again until there is an answer that counts. */
async function until(what, ask) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const found = await ask();
    if (found) return found;
    if (Date.now() > end) throw new Error(`it never came: ${what}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** The middle of what a selector finds in an element's shadow root, once it is shown and stands still. */
async function placeIn(tab, element, selector, text = '') {
  let last;
  return until(`${element} ${selector} ${text}`, async () => {
    const place = await tab.ask(
      (element, selector, text) => {
        const all = document.querySelector(element)?.shadowRoot?.querySelectorAll(selector) ?? [];
        const found = [...all].find((one) => one.textContent.includes(text) && one.getClientRects().length);
        if (!found) return null;
        found.scrollIntoView({ block: 'center', behavior: 'instant' });
        const { left, top, width, height } = found.getBoundingClientRect();
        return { x: left + width / 2, y: top + height / 2 };
      },
      element,
      selector,
      text,
    );
    const isSame = place && JSON.stringify(place) === last;
    last = JSON.stringify(place);
    return isSame && place;
  });
}

const saidIn = (tab, element) =>
  tab.ask((element) => document.querySelector(element)?.shadowRoot?.textContent ?? '', element);

async function clickIn(tab, element, selector, text) {
  await tab.click(await placeIn(tab, element, selector, text));
}

async function fillForm(tab) {
  await tab.ask(() => document.querySelector('patchcord-callback').scrollIntoView({ behavior: 'instant' }));
  await clickIn(tab, 'patchcord-callback', '[name="fields.name"]');
  await tab.type('Ada Lovelace');
  await clickIn(tab, 'patchcord-callback', '[type=tel]');
  await tab.type('+493023125100');
  await clickIn(tab, 'patchcord-callback', '[type=checkbox]');
}

async function arrived(find) {
  const dials = await until('a dial', async () => {
    const dials = (await sandbox.dials()).filter(find);
    return dials.length ? dials : undefined;
  });
  assert.equal(dials.length, 1);
  return dials[0].body;
}

async function callback(tab) {
  await tab.go(`${demo}/site/`);
  await fillForm(tab);
  const number = await tab.ask(() => document.querySelector('patchcord-callback').shadowRoot.querySelector('[type=tel]').value);
  assert.equal(number, '+49 30 23125100', 'it is written in groups while it is typed');
  // The last field has the focus: from there by keyboard.
  await tab.press('Tab');
  await until('the focus on a button', () =>
    tab.ask(() => document.querySelector('patchcord-callback').shadowRoot.activeElement?.localName === 'button'),
  ).catch(() => assert.fail('Tab does not lead from the consent to the button'));
  await tab.press('Enter');
  await until('a reference', async () => /Your reference/.test(await saidIn(tab, 'patchcord-callback')));
  const { number: dialled, attributes } = await arrived(({ path }) => path.endsWith('/team/make_call'));
  assert.equal(dialled, '493023125100');
  assert.equal(attributes.name, 'Ada Lovelace');
}

async function call(tab) {
  await tab.go(`${demo}/crm/#00Q7S000001KQaA`);
  const button = 'patchcord-call[provider="samespace"][number]';
  await clickIn(tab, button, 'button');
  await until('the state', async () => /Sent to your dock/.test(await saidIn(tab, button)));
  const payload = await tab.ask((button) => document.querySelector(button).payload, button);
  const { custom } = await arrived(({ path }) => path.endsWith('/apiv1/make_call'));
  for (const [key, value] of Object.entries(payload)) assert.deepEqual(custom[key], value, key);
}

async function panel(tab) {
  await tab.go(`${demo}/crm/?user=005SAM&phone#0037S000004MRaA`);
  await clickIn(tab, 'patchcord-panel', 'button', 'Sign in');
  await until('the window to sign in', () =>
    tab.inPopup(() => {
      const link = [...document.querySelectorAll('a')].find((link) => link.textContent.includes('sam@acme.example'));
      link?.click();
      return Boolean(link);
    }),
  );
  await until('a live panel', () =>
    tab.ask(() => Boolean(document.querySelector('patchcord-panel').shadowRoot.querySelector('[data-state=live]'))),
  );
  await clickIn(tab, 'patchcord-panel', 'input[type=tel]');
  await tab.press('Enter');
  const find = ({ path, body }) => path.endsWith('/Send') && body?.placeCall;
  const { body } = await until('the call', async () => (await sandbox.requests()).find(find));
  assert.match(body.placeCall.session.patchcord_record, /0037S000004MRaA/);
}

/** Waits until the page was read. */
async function scanned(tab) {
  await tab.go(`${demo}/inbox/`);
  await until('numbers', () => tab.ask(() => document.querySelector('patchcord-scan').numbers?.length));
}

/** Waits until two pictures of the page are the same. */
async function still(tab) {
  let last;
  return until('a page that stands still', async () => {
    const now = await tab.picture();
    const isSame = now === last;
    last = now;
    return isSame && now;
  });
}

async function marks(tab) {
  await scanned(tab);
  // Only those in the text of mails: inputs have boxes in any browser.
  await tab.ask(() => document.querySelectorAll('input, a').forEach((one) => one.remove()));
  await until('marks', () => tab.ask(() => CSS.highlights?.get('patchcord-number')?.size));
  const marked = await still(tab);
  await tab.ask(() => document.querySelector('patchcord-scan').remove());
  await until('no marks', () => tab.ask(() => !CSS.highlights?.has('patchcord-number')));
  assert.notEqual(await still(tab), marked, 'the page looks the same without its marks');
}

async function card(tab) {
  await scanned(tab);
  const place = await tab.ask(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (!walker.currentNode.data?.includes('021 234 56 78')) walker.nextNode();
    const range = document.createRange();
    const at = walker.currentNode.data.indexOf('021 234 56 78');
    range.setStart(walker.currentNode, at);
    range.setEnd(walker.currentNode, at + 13);
    const { left, top, width, height } = range.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  });
  await tab.point({ x: place.x - 3, y: place.y });
  await tab.point(place);
  const label = () =>
    tab.ask(() => document.querySelector('patchcord-scan').shadowRoot.querySelector('[role=dialog]:popover-open')?.ariaLabel ?? '');
  await until('the card', async () => (await label()).includes('+41 21 234 56 78'));
  await tab.press('Alt', 'Shift', 'N');
  await until('another card', async () => {
    const now = await label();
    return now && !now.includes('+41 21 234 56 78');
  });
}

async function plain(tab) {
  await tab.go(`${demo}/site/?csp=no-wasm`);
  await fillForm(tab);
  await clickIn(tab, 'patchcord-callback', 'button', 'Call me back');
  await until('a reference', async () => /Your reference/.test(await saidIn(tab, 'patchcord-callback')));
  await arrived(({ path }) => path.endsWith('/team/make_call'));
}

/** What a browser says where the page's own policy refuses WebAssembly, as it should. */
const isExpected = (text) => /WebAssembly|Content.Security.Policy/i.test(text);

for (const browser of [firefox, webkit]) {
  const errors = [];
  const tab = await browser.start((text) => errors.push(text));
  try {
    console.log(`${browser.name} (${tab.version})`);
    for (const [what, run] of journeys) {
      await sandbox.reset();
      await run(tab).catch((error) => {
        throw new Error(`${browser.name}: ${what}`, { cause: error });
      });
      console.log(`  ${what}`);
    }
  } finally {
    await tab.end();
  }
  assert.deepEqual(errors.filter((text) => !isExpected(text)), [], `${browser.name}: errors of the pages`);
}
