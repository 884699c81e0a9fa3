// The manifest is valid, and it, the types that it is made of, the scripts and the contract say the same.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import Ajv from 'ajv';
import { PACKAGE, ROOT, elements, files, readJson } from './package.js';

const names = (list) => list.map(({ name }) => name).sort();
const united = (...lists) => [...new Set(lists.flat())].sort();

/** What the elements' classes have that is no interface of theirs. */
const LIFECYCLE = ['constructor', 'connectedCallback', 'disconnectedCallback', 'attributeChangedCallback'];
/** The panel says by it that its module died. */
const INTERNAL = ['fail'];

/** The classes that the scripts define, by tag, without a browser. */
const defined = new Map();

before(async () => {
  class Nothing {
    replaceSync() {}
    addEventListener() {}
  }
  Object.assign(globalThis, {
    HTMLElement: Nothing,
    CSSStyleSheet: Nothing,
    IntersectionObserver: Nothing,
    // One that is open keeps Node from ending.
    MessageChannel: class {
      port1 = {};
      port2 = {};
    },
    Node: {},
    NodeFilter: {},
    location: new URL('https://shop.example/'),
    addEventListener() {},
    customElements: { get: (tag) => defined.get(tag), define: (tag, element) => defined.set(tag, element) },
  });
  for (const script of ['patchcord.js', 'patchcord-panel.js', 'patchcord-scan.js']) {
    await import(pathToFileURL(join(PACKAGE, script)));
  }
});

const members = (tag) =>
  Reflect.ownKeys(defined.get(tag).prototype)
    .filter((key) => typeof key === 'string' && !LIFECYCLE.includes(key) && !INTERNAL.includes(key))
    .sort();

test('the manifest fits its schema', () => {
  const schema = JSON.parse(readFileSync(new URL(import.meta.resolve('custom-elements-manifest')), 'utf8'));
  const ajv = new Ajv({ strict: false, allErrors: true });
  const validate = ajv.compile(schema);
  assert.ok(validate(readJson('custom-elements.json')), ajv.errorsText(validate.errors));
  assert.ok(!validate({ modules: [{ kind: 'javascript-module' }] }), 'the schema finds mistakes');
});

test('package.json names the manifest, and the manifest names files of the package', () => {
  assert.equal(readJson('package.json').customElements, 'custom-elements.json');
  const there = files();
  for (const { path } of readJson('custom-elements.json').modules) assert.ok(there.includes(path), path);
});

test('every attribute, property and method has words', () => {
  for (const [tag, { attributes, description, members }] of Object.entries(elements())) {
    assert.ok(description, tag);
    const silent = [...attributes, ...members].filter(({ description }) => !description);
    assert.deepEqual(names(silent), [], tag);
  }
});

test('call and callback have the attributes that their script observes', () => {
  const { 'patchcord-call': call, 'patchcord-callback': callback } = elements();
  // The script has one list for both.
  const observed = united(defined.get('patchcord-call').observedAttributes);
  assert.deepEqual(united(names(call.attributes), names(callback.attributes)), observed);
  assert.deepEqual(united(defined.get('patchcord-callback').observedAttributes), observed);
});

test('panel and scanner have the attributes that their scripts know', () => {
  const { 'patchcord-panel': panel, 'patchcord-scan': scan } = elements();
  assert.deepEqual(names(panel.attributes), united(defined.get('patchcord-panel').observedAttributes));
  assert.deepEqual(names(scan.attributes), united(defined.get('patchcord-scan').observedAttributes));
});

test('the elements have the properties and methods that their classes have', () => {
  const all = elements();
  const both = united(members('patchcord-call'), members('patchcord-callback'));
  assert.deepEqual(united(names(all['patchcord-call'].members), names(all['patchcord-callback'].members)), both);
  for (const tag of Object.keys(all)) {
    const here = members(tag);
    for (const name of names(all[tag].members)) assert.ok(here.includes(name), `<${tag}> has ${name}`);
  }
  for (const tag of ['patchcord-panel', 'patchcord-scan']) assert.deepEqual(names(all[tag].members), members(tag));
});

test('the elements have the events of the contract', () => {
  const contract = readFileSync(join(ROOT, 'docs/contract.md'), 'utf8');
  const [section] = /^## Elements$[^]*?(?=^## )/m.exec(contract);
  const told = united([...section.matchAll(/`((?:call|callback|patchcord|agent)(?:requested|accepted|queued|refused|unknown|state|ended|ready|error))`/g)].map(([, name]) => name));
  const declared = united(...Object.values(elements()).map(({ events }) => names(events)));
  assert.deepEqual(declared, told);
  const { 'patchcord-callback': callback, 'patchcord-call': call } = elements();
  assert.deepEqual(names(callback.events).filter((name) => !name.startsWith('callback') && !name.startsWith('patchcord')), []);
  assert.deepEqual(names(call.events).filter((name) => name.startsWith('callback')), []);
});

test('the elements have the attributes of the contract', () => {
  const contract = readFileSync(join(ROOT, 'docs/contract.md'), 'utf8');
  for (const [tag, { attributes }] of Object.entries(elements())) {
    const row = contract.split('\n').find((line) => line.startsWith(`| \`<${tag}>\` |`));
    const [, , told] = row.split(' | ').length > 1 ? row.split('|') : [];
    const own = [...told.replace(/\([^)]*\)/g, '').matchAll(/`([a-z-]+)`/g)].map(([, name]) => name);
    for (const name of own) assert.ok(names(attributes).includes(name), `<${tag}> has ${name}, as the contract says`);
  }
});

test('parts and custom properties are those that the sources have', () => {
  const { 'patchcord-callback': callback } = elements();
  for (const name of ['button', 'form', 'input', 'label', 'status']) assert.ok(names(callback.cssParts).includes(name), name);
  assert.ok(names(callback.cssProperties).includes('--patchcord-accent'));
});
