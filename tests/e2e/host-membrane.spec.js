// The call button inside the membrane that Lightning Web Security is made of, with what Salesforce documents that it
// changes there: no workers, no address to import from, markup without comments and unknown attributes, elements whose
// shadow nobody sees.
import { build } from 'esbuild';
import { expect, test } from './servers.js';
import { dialButton, events, moduleFailed, names, ready, violations, watchEvents } from './pages.js';
import { ORG, RESOURCE, serveOrg } from './salesforce.js';

const RECORD = { system: 'salesforce', type: 'Lead', id: '00Q7S000001KQaA', name: 'Jana Petersen' };
const PAYLOAD = { score: 87.5, deal: { amount: [1, { b: true }], note: 'Wärme' } };
const SENT = { username: 'alex@acme', number: '493023125100', custom: { ...PAYLOAD, patchcord_record: RECORD } };

/** The policy of Lightning Experience: `eval`, which the membrane itself needs, and nothing inline. */
const policy = (relay) =>
  `default-src 'self'; script-src 'self' 'unsafe-eval'; style-src 'self'; connect-src 'self' ${relay}; object-src 'none'`;

/** The membrane and what is around it, as one script. */
const membrane = build({
  stdin: {
    contents: `
      import createVirtualEnvironment from '@locker/near-membrane-dom';
      window.enter = (options) => createVirtualEnvironment(window, { globalObjectShape: window, ...options });
    `,
    resolveDir: new URL('.', import.meta.url).pathname,
  },
  bundle: true,
  write: false,
  format: 'iife',
}).then(({ outputFiles }) => outputFiles[0].text);

/** Runs in the page: enters the membrane with the distortions, and has it run texts: `window.inside(text)`. */
function enterMembrane(maxPerfMode) {
  window.markup = [];
  window.refused = [];
  const distortions = new Map();
  const getter = (object, key) => Object.getOwnPropertyDescriptor(object, key).get;
  const setter = (object, key) => Object.getOwnPropertyDescriptor(object, key).set;
  const refuse = (name) =>
    function refused() {
      window.refused.push(name);
      throw new TypeError(`${name} is not allowed here`);
    };
  distortions.set(Worker, refuse('Worker'));
  distortions.set(SharedWorker, refuse('SharedWorker'));
  distortions.set(URL.createObjectURL, refuse('URL.createObjectURL'));
  distortions.set(WebAssembly.compileStreaming, refuse('WebAssembly.compileStreaming'));
  distortions.set(WebAssembly.instantiateStreaming, refuse('WebAssembly.instantiateStreaming'));
  // Nobody looks into the shadow of another's element.
  distortions.set(getter(Element.prototype, 'shadowRoot'), () => null);
  const setHtml = setter(Element.prototype, 'innerHTML');
  distortions.set(setHtml, function sanitised(html) {
    window.markup.push(html);
    const parsed = new DOMParser().parseFromString(`<template>${html}</template>`, 'text/html').querySelector('template');
    const walk = document.createTreeWalker(parsed.content, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_COMMENT);
    const drop = [];
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      if (node.nodeType === Node.COMMENT_NODE || node.localName.includes('-')) drop.push(node);
      for (const { name } of [...(node.attributes ?? [])]) {
        if (!/^(class|id|type|name|for|role|hidden|tabindex|disabled|title|href|alt|aria-.*|data-.*)$/.test(name)) {
          node.removeAttribute(name);
        }
      }
    }
    for (const node of drop) node.remove();
    Reflect.apply(setHtml, this, [parsed.innerHTML]);
  });
  const environment = window.enter({ maxPerfMode, distortionCallback: (value) => distortions.get(value) ?? value });
  window.inside = (text) => environment.evaluate(text);
}

/** Runs in the membrane: a button, with what a component gives it. */
function button({ relay, number, record, payload }) {
  const element = document.createElement('patchcord-call');
  element.setAttribute('relay', relay);
  element.setAttribute('number', number);
  element.setAttribute('provider', 'samespace');
  Object.assign(element, { record, payload });
  element.assertion = async () => (await (await fetch('/apex/assertion', { method: 'POST' })).json()).assertion;
  document.querySelector('main').append(element);
}

/** Opens a page of the org with a button of the membrane's inside on it. */
async function openInside(page, servers, { maxPerfMode = false, number = '+49 30 23125-100' } = {}) {
  await watchEvents(page);
  await serveOrg(page, servers, {
    '/lightning/page': {
      csp: policy(servers.relay),
      html: '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Org</title><script src="/membrane.js"></script></head><body><main></main></body></html>',
    },
    '/membrane.js': { js: await membrane },
  });
  await page.goto(`${ORG}/lightning/page`);
  await page.evaluate(enterMembrane, maxPerfMode);
  const options = { relay: servers.relay, number, record: RECORD, payload: PAYLOAD };
  await page.evaluate(
    async ({ resource, run }) => {
      const text = await (await fetch(`${resource}/patchcord.js`)).text();
      window.inside(`globalThis.patchcordAt = ${JSON.stringify(`${resource}/patchcord.js`)};`);
      window.inside(text);
      window.inside(run);
    },
    { resource: ORG + RESOURCE, run: `(${button})(${JSON.stringify(options)})` },
  );
}

/** The only dial, once it is there. */
async function theDial(sandbox) {
  await expect.poll(() => sandbox.dials()).toHaveLength(1);
  return (await sandbox.dials())[0];
}

test('the module runs in the membrane, and a click dials with the nested payload as it is', async ({ page, servers, sandbox }) => {
  await openInside(page, servers);
  await ready(page);
  await dialButton(page).dblclick();
  const { body, raw_body: raw } = await theDial(sandbox);
  expect(body).toEqual(SENT);
  expect(raw).toContain(JSON.stringify(PAYLOAD).slice(1, -1));
  await expect.poll(() => names(page)).toEqual(['patchcordready', 'callrequested', 'callaccepted']);
  // The page outside hears what was said inside, as it is.
  const [{ detail }] = await events(page, 'callaccepted');
  expect(detail).toMatchObject({ number: '+493023125100', record: RECORD, payload: PAYLOAD });
});

test('the module is made of a buffer, needs no worker, and no markup with comments or elements of its own', async ({
  page,
  servers,
}) => {
  await openInside(page, servers);
  await ready(page);
  await expect(dialButton(page)).toBeEnabled();
  expect(await page.evaluate(() => window.refused)).toEqual([]);
  expect(await violations(page)).toEqual([]);
  const markup = await page.evaluate(() => window.markup);
  expect(markup.length).toBeGreaterThan(0);
  for (const html of markup) {
    expect(html).not.toContain('<!');
    expect(html).not.toMatch(/<[a-z]+-/);
  }
});

test('styles are sheets of their own, which the membrane lets through', async ({ page, servers }) => {
  await openInside(page, servers);
  await ready(page);
  await expect.poll(() => dialButton(page).evaluate((one) => getComputedStyle(one).backgroundColor)).not.toBe('rgba(0, 0, 0, 0)');
  await expect(dialButton(page)).toHaveCSS('min-height', '44px');
});

test('a number as it is written in its country is read by the second module, inside as well', async ({ page, servers, sandbox }) => {
  await openInside(page, servers, { number: '(030) 231251-00' });
  await page.evaluate(() => window.inside("document.querySelector('patchcord-call').setAttribute('region', 'DE')"));
  await ready(page);
  await dialButton(page).click();
  expect((await theDial(sandbox)).body).toEqual(SENT);
});

test('what a component prevents is not dialled', async ({ page, servers, sandbox }) => {
  await openInside(page, servers);
  await ready(page);
  await page.evaluate(() =>
    window.inside("document.querySelector('patchcord-call').addEventListener('callrequested', (event) => event.preventDefault())"),
  );
  await dialButton(page).click();
  await expect.poll(() => names(page)).toEqual(['patchcordready', 'callrequested']);
  await expect(dialButton(page)).toBeEnabled();
  expect(await sandbox.dials()).toEqual([]);
});

test('where the membrane keeps buffers to itself, the plain button does the job', async ({ page, servers, sandbox }) => {
  // Its requests come from the membrane's own frame, which Chromium would ask for leave to reach this machine.
  await page.context().route(`${servers.relay}/**`, async (route) => route.fulfill({ response: await route.fetch() }));
  await openInside(page, servers, { maxPerfMode: true });
  await moduleFailed(page);
  await dialButton(page).click();
  expect((await theDial(sandbox)).body).toEqual(SENT);
  await expect.poll(() => names(page)).toContain('callaccepted');
});
