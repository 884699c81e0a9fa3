// Importing an entry in Node does nothing: nothing of a browser is asked for, and nothing is left behind.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { FOLDER, entries } from './package.js';

/** What a page has and Node has not: whoever looks at one of them at import is found out. */
const BROWSER = ['window', 'document', 'customElements', 'HTMLElement', 'CSSStyleSheet', 'location', 'sessionStorage', 'localStorage', 'IntersectionObserver', 'self'];

/** Runs a module in a plain Node and gives what it prints, as JSON. */
function inNode(script) {
  const text = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: FOLDER, encoding: 'utf8' });
  return JSON.parse(text);
}

const EXPORTS = {
  patchcord: ['define', 'load'],
  'patchcord/auto': ['load'],
  'patchcord/panel': ['define', 'load'],
  'patchcord/panel/auto': ['load'],
  'patchcord/scan': ['define'],
  'patchcord/scan/auto': ['load'],
  'patchcord/numbers': ['enhance', 'load'],
  'patchcord/frame': ['BridgeError', 'mount'],
  'patchcord/campaign': ['start'],
  'patchcord/module': ['Client', 'Mounted', 'default', 'initSync', 'mountCall', 'mountCallback', 'onPanic', 'resolveEntity'],
  'patchcord/react': [],
  'patchcord/vue': [],
};

test('every entry is known here', () => {
  assert.deepEqual(entries().map(({ name }) => name).sort(), Object.keys(EXPORTS).sort());
});

for (const [name, names] of Object.entries(EXPORTS)) {
  test(`${name} is imported in Node without a look at what only browsers have`, () => {
    const { exported, looked, left } = inNode(`
      const looked = [];
      for (const name of ${JSON.stringify(BROWSER)}) {
        Object.defineProperty(globalThis, name, { configurable: true, get: () => void looked.push(name) });
      }
      const before = Reflect.ownKeys(globalThis).length;
      const module = await import(${JSON.stringify(name)});
      const left = Reflect.ownKeys(globalThis).length - before;
      console.log(JSON.stringify({ exported: Object.keys(module), looked, left }));
    `);
    // What a script of a page does, it does where there is a page.
    assert.deepEqual(looked.filter((it) => !(name === 'patchcord/campaign' && it === 'document')), []);
    assert.equal(left, 0);
    assert.deepEqual(exported.sort(), [...names].sort());
  });
}

test('an entry leaves nothing running that keeps Node from ending, and define() does nothing there', () => {
  const told = inNode(`
    const modules = await Promise.all(['patchcord', 'patchcord/panel', 'patchcord/scan'].map((name) => import(name)));
    console.log(JSON.stringify(await Promise.all(modules.map(({ define }) => define().then(() => 'nothing')))));
  `);
  assert.deepEqual(told, ['nothing', 'nothing', 'nothing']);
});

test('load() says that it needs a browser', () => {
  const told = inNode(`
    const { load } = await import('patchcord/auto');
    console.log(JSON.stringify(await load().catch(({ message }) => message)));
  `);
  assert.match(told, /needs a browser/);
});
