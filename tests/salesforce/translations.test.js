// The labels of the components in other languages. A folder of their own: an org takes them once its languages are on.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ComponentSet } from '@salesforce/source-deploy-retrieve';
import { SOURCE } from './package.js';

const FOLDER = join(SOURCE, '../../../translations');
const LANGUAGES = ['ar', 'de', 'es', 'fr', 'ja'];

const all = (text, tag) => [...text.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, 'g'))].map(([, value]) => value);

test('Salesforce finds a translation for each language', () => {
  const found = [...ComponentSet.fromSource(FOLDER).getSourceComponents()];
  assert.deepEqual([...new Set(found.map(({ type }) => type.name))], ['Translations']);
  assert.deepEqual(found.map(({ fullName }) => fullName).sort(), LANGUAGES);
});

for (const lang of LANGUAGES) {
  test(`every label has a text in ${lang}, with what is filled in`, () => {
    const labels = readFileSync(join(SOURCE, 'labels/CustomLabels.labels-meta.xml'), 'utf8');
    const texts = readFileSync(join(FOLDER, `main/default/translations/${lang}.translation-meta.xml`), 'utf8');
    assert.deepEqual(all(texts, 'name'), all(labels, 'fullName'));
    const english = all(labels, 'value');
    for (const [at, text] of all(texts, 'label').entries()) {
      assert.ok(text.trim(), english[at]);
      assert.equal(text.includes('{0}'), english[at].includes('{0}'), english[at]);
    }
  });
}
