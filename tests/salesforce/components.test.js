// Every Lightning web component compiles, as Salesforce compiles it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { transformSync } from '@lwc/compiler';
import { SOURCE, components, files } from './package.js';

/** LWC1056: what a listener in markup may be called. */
const EVENT = /^[a-z][a-z0-9_]*$/;

function compile(component, file, text) {
  // As it is, and as Lightning Web Security wants it.
  return [false, true].flatMap((enableLightningWebSecurityTransforms) => {
    const { code, warnings } = transformSync(text, file, {
      name: component,
      namespace: 'c',
      apiVersion: 66,
      enableLightningWebSecurityTransforms,
    });
    assert.ok(code.length > 0, file);
    return warnings ?? [];
  });
}

for (const component of components()) {
  test(`${component} compiles without a warning`, () => {
    const own = files(join('lwc', component));
    assert.ok(own.some(({ name }) => name === `${component}.js`), 'it has a script');
    for (const { name, path, text } of own.filter(({ name }) => /\.(js|html|css)$/.test(name))) {
      assert.deepEqual(compile(component, path, text), [], name);
    }
  });

  test(`${component} says where it may be used, at the version of the project`, () => {
    const text = readFileSync(join(SOURCE, 'lwc', component, `${component}.js-meta.xml`), 'utf8');
    assert.match(text, /<apiVersion>66\.0<\/apiVersion>/);
    const script = readFileSync(join(SOURCE, 'lwc', component, `${component}.js`), 'utf8');
    for (const [, property] of text.matchAll(/<property name="(\w+)"/g)) {
      assert.match(script, new RegExp(`@api\\s+(get\\s+)?${property}\\b`), `${property} is a property`);
    }
  });
}

test('the compiler refuses what it should', () => {
  assert.throws(() => compile('broken', 'broken.html', '<template><p oncall-ended={x}></p></template>'), /LWC1056/);
});

test('the names of all events can be listened to in markup', () => {
  const listened = files('lwc').flatMap(({ text }) => [...text.matchAll(/\son([\w-]+)=\{/g)].map(([, name]) => name));
  assert.ok(listened.includes('callrequested'), 'the call events are listened to');
  const dispatched = files('lwc').flatMap(({ text }) => [...text.matchAll(/new CustomEvent\("([^"]+)"/g)].map(([, name]) => name));
  for (const name of [...listened, ...dispatched]) assert.match(name, EVENT);
});

test('what the components import of the package is in it', () => {
  const labels = readFileSync(join(SOURCE, 'labels/CustomLabels.labels-meta.xml'), 'utf8');
  const imported = new Set(files('lwc').flatMap(({ text }) => [...text.matchAll(/from "(@salesforce\/[^"]+|c\/[^"]+)"/g)].map(([, name]) => name)));
  for (const name of imported) {
    const [, kind, what] = /^(?:@salesforce\/)?(\w+)\/(.+)$/.exec(name);
    if (kind === 'label') assert.ok(labels.includes(`<fullName>${what.replace('c.', '')}</fullName>`), name);
    if (kind === 'apex') {
      const [type, method] = what.split('.');
      const text = readFileSync(join(SOURCE, 'classes', `${type}.cls`), 'utf8');
      assert.match(text, new RegExp(`@AuraEnabled(\\(cacheable=true\\))?\\s+public static \\S+(<.+>)? ${method}\\(`), name);
    }
    if (kind === 'c') assert.ok(components().includes(what), name);
  }
  assert.ok(imported.size > 10, 'there is something to look at');
});

test('no component needs what Lightning Web Security forbids', () => {
  for (const { name, text } of files('lwc').filter(({ name }) => name.endsWith('.js'))) {
    assert.doesNotMatch(text, /\bnew Worker\b|\.innerHTML\b|\beval\(|\blocalStorage\b|\binstanceof\b|import\(/, name);
  }
});

test('all components together are no larger than a host adapter may be', () => {
  const all = files('lwc').filter(({ name }) => /\.(js|html|css)$/.test(name));
  const bytes = brotliCompressSync(all.map(({ text }) => text).join('')).length;
  assert.ok(bytes <= 8_000, `${bytes} bytes, as they are written`);
  assert.ok(bytes > 2_000, `${bytes} bytes: something was measured`);
});
