// Pages of a test's own, with chosen elements and a chosen content security policy. They are served
// at the demo's origin, which the relay's configuration allows.
import { expect } from '@playwright/test';

/** What the elements dispatch. */
const EVENTS = [
  'callrequested',
  'callaccepted',
  'callrefused',
  'callunknown',
  'callstate',
  'callended',
  'callbackrequested',
  'callbackqueued',
  'callbackrefused',
  'callbackunknown',
  'patchcordready',
  'patchcorderror',
];

/** The strictest policy that the contract names; `wasm` is the right to run WebAssembly. */
function policy(relay, wasm) {
  return (
    `default-src 'none'; script-src ${relay}${wasm}; style-src 'self'; ` +
    `img-src 'self' data:; connect-src 'self' ${relay}; base-uri 'none'; form-action 'none'`
  );
}

/** Both implementations of the controls, by the policy that brings them about. */
export const FORMS = ['module', 'plain'];

/**
 * Opens a page with `body` between its tags.
 *
 * `form`: `module` lets WebAssembly run, `plain` refuses it. `head`: instead of the loader's tag.
 * `connect`: further origins that the page may talk to.
 */
export async function open(page, servers, body, { form = 'module', head, connect = '' } = {}) {
  const wasm = form === 'module' ? " 'wasm-unsafe-eval'" : '';
  const csp = policy(servers.relay, wasm).replace('connect-src', `connect-src ${connect}`);
  const address = `${servers.demo}/t/`;
  // A page that a test serves has no address of its own, and Chromium would not let it talk to
  // servers on this machine.
  await page.context().grantPermissions(['local-network-access']);
  await watchEvents(page);
  await page.route(address, (route) =>
    route.fulfill({
      contentType: 'text/html; charset=utf-8',
      headers: { 'content-security-policy': csp },
      body: html(head ?? loaderTag(servers), body),
    }),
  );
  await page.goto(address);
}

/** Has the pages that are opened from now on write down what their elements dispatch. */
export async function watchEvents(page) {
  await page.addInitScript(watch, EVENTS);
}

/** Opens a page with one element and waits until it has taken its last form. */
export async function openSettled(page, servers, body, options = {}) {
  await open(page, servers, body, options);
  if (options.form === 'plain') await moduleFailed(page);
  else await ready(page);
}

/** The tag that a customer writes. */
export function loaderTag(servers) {
  return `<script type="module" async src="${servers.relay}/patchcord.js"></script>`;
}

function html(head, body) {
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
    '<meta name="color-scheme" content="light dark">' +
    `<title>A test</title>${head}</head><body><main><h1>A test</h1>${body}</main></body></html>`
  );
}

/** An element as markup; `true` is an attribute without a value, `undefined` none. */
export function tag(name, attributes) {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([key, value]) => (value === true ? ` ${key}` : ` ${key}="${escaped(String(value))}"`));
  return `<${name}${written.join('')}></${name}>`;
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

/** The number that the test pages dial unless they say otherwise. */
export const NUMBER = '+493023125100';

/** A call button that works. */
export function callTag(attributes = {}) {
  return tag('patchcord-call', {
    number: NUMBER,
    provider: 'samespace',
    'session-url': '/crm/assertion',
    ...attributes,
  });
}

/** A callback form that works. */
export function callbackTag(attributes = {}) {
  return tag('patchcord-callback', { 'site-key': 'pk_demo', ...attributes });
}

/** Runs in the page before anything else: writes down events and what the policy refused. */
function watch(names) {
  window.seen = { events: [], violations: [] };
  for (const name of names) {
    document.addEventListener(name, (event) => {
      window.seen.events.push({
        name,
        detail: JSON.parse(JSON.stringify(event.detail ?? null)),
        bubbles: event.bubbles,
        composed: event.composed,
        cancelable: event.cancelable,
      });
    });
  }
  document.addEventListener('securitypolicyviolation', (event) => {
    window.seen.violations.push(`${event.effectiveDirective} ${event.blockedURI}`);
  });
}

/** The events so far, oldest first; those of one name, or all. */
export async function events(page, name) {
  const all = await page.evaluate(() => window.seen.events);
  return name ? all.filter((event) => event.name === name) : all;
}

/** The detail of the only event of a name, once it is there. */
export async function theEvent(page, name) {
  await expect.poll(() => names(page), { message: `an event ${name}` }).toContain(name);
  const found = await events(page, name);
  expect(found, `${name} comes once`).toHaveLength(1);
  return found[0].detail;
}

/** The names of the events so far. */
export async function names(page) {
  return (await events(page)).map(({ name }) => name);
}

/** What the page's policy refused. */
export async function violations(page) {
  return page.evaluate(() => window.seen.violations);
}

/** Comes to every element with a pointer: a form is content with its plain form until somebody does. */
async function interact(page) {
  await page.evaluate(() => {
    for (const element of document.querySelectorAll('patchcord-callback')) {
      element.dispatchEvent(new PointerEvent('pointerenter'));
    }
  });
}

/** Waits until `count` elements have their module. */
export async function ready(page, count = 1) {
  const mounted = async () => {
    await interact(page);
    return events(page, 'patchcordready');
  };
  await expect
    .poll(mounted, { message: 'the module is mounted' })
    .toHaveLength(count);
}

/** Waits until an element has said that it goes on without the module. */
export async function moduleFailed(page) {
  const codes = async () => {
    await interact(page);
    return (await events(page, 'patchcorderror')).map(({ detail }) => detail.code);
  };
  await expect.poll(codes, { message: 'the module is given up' }).toContain('module_failed');
}

/** The call element's button that dials. */
export function dialButton(page) {
  return page.locator('patchcord-call').getByRole('button', { name: /^Call(?! now$)/ });
}

/** What an element tells the person, in the call element's live region. */
export function status(page) {
  return page.locator('patchcord-call').getByRole('status');
}

/** Expects that a person can read `text` in an element. */
export async function says(page, text, element = 'patchcord-callback') {
  const seen = page.locator(element).getByText(text).filter({ visible: true });
  await expect(seen.first()).toBeVisible();
}

/**
 * Lets a minute pass for the page and everything that it then starts reach the servers: whatever
 * would be sent again has been sent again. Needs the page's clock.
 */
export async function letAMinutePass(page) {
  for (let second = 0; second < 60; second += 5) await page.clock.fastForward(5_000);
  await page.evaluate(() => fetch('/site/logo.svg').then((response) => response.text()));
}

/** Fills the callback form in as a visitor would. */
export async function fillIn(
  page,
  { name = 'Ada Lovelace', number = '+49 30 23125-100', topic, consent = true } = {},
) {
  const form = page.locator('patchcord-callback');
  await form.evaluate((element) => element.scrollIntoView());
  await form.getByLabel('Your name').fill(name);
  await form.getByLabel('Your phone number').fill(number);
  if (topic) await form.getByLabel('What is it about?').selectOption({ label: topic });
  if (consent) await form.getByRole('checkbox').check();
  return form;
}

/**
 * Runs in the page: the module gets no elements from the document, upon which it panics. With
 * `later` only once `refuseElements` is set.
 */
export function refuseElementsToTheModule(when) {
  window.refuseElements = when !== 'later';
  for (const [owner, name] of [
    [Document.prototype, 'createElement'],
    [Document.prototype, 'createElementNS'],
    [Document.prototype, 'createComment'],
    [Document.prototype, 'createTextNode'],
    [Node.prototype, 'cloneNode'],
  ]) {
    const real = owner[name];
    owner[name] = function (...given) {
      if (window.refuseElements && /patchcord_widget/.test(new Error().stack)) {
        throw new TypeError('no elements for the module');
      }
      return real.apply(this, given);
    };
  }
}
