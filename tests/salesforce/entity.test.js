// The components resolve the entity mapping as the contract says: the same cases as in Rust and in the browser module.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SOURCE } from './package.js';

const script = readFileSync(join(SOURCE, 'lwc/patchcordEntity/patchcordEntity.js'), 'utf8');
const { fieldsOf, readMapping, resolve } = await import(`data:text/javascript,${encodeURIComponent(script)}`);
const fixture = JSON.parse(readFileSync(new URL('../fixtures/entity-mapping.json', import.meta.url), 'utf8'));

/** A record of Salesforce's UI API. */
function record(fields) {
  return { fields: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, { displayValue: null, value }])) };
}

for (const [index, { type, fields, number, payload, code }] of fixture.cases.entries()) {
  test(`case ${index + 1} of the contract: a ${type}`, () => {
    const found = resolve(fixture.mapping, type, record(fields));
    // A type without a mapping has no number here: the page may still give one.
    assert.equal(found.number ?? null, code ? null : number);
    assert.deepEqual(found.payload, code ? {} : payload);
  });
}

test('a field of the record behind another is read, and is null where there is none', () => {
  const mapping = { Contact: { number: ['Account.Phone'], payload: { account: 'Account.Name', other: 'Nobody__r.Name' } } };
  const account = { displayValue: 'Nordlicht', value: record({ Name: 'Nordlicht', Phone: '+4930123456' }) };
  const found = resolve(mapping, 'Contact', { fields: { Account: account } });
  assert.deepEqual([found.number, found.payload], ['+4930123456', { account: 'Nordlicht' }]);
  assert.deepEqual(resolve(mapping, 'Contact', record({ Account: null })).payload, { account: null });
});

test('a page may name the field of the number itself', () => {
  const found = resolve(fixture.mapping, 'Lead', record({ Phone: '+4930123456', Fax: '+4930123457' }), 'Fax');
  assert.equal(found.number, '+4930123457');
  assert.ok(fieldsOf(fixture.mapping, 'Lead', 'Fax').includes('Lead.Fax'));
});

test('what is asked for is what is mapped, once, and what a record is called by', () => {
  const fields = fieldsOf(fixture.mapping, 'Lead');
  assert.deepEqual(fields.slice(0, 6), ['Lead.MobilePhone', 'Lead.Phone', 'Lead.Name', 'Lead.Company', 'Lead.Custom_Score__c', 'Lead.Deal']);
  assert.equal(new Set(fields).size, fields.length);
});

test('a mapping that is no JSON says so, and none is an empty one', () => {
  assert.throws(() => readMapping('{Lead'), /The mapping is no JSON/);
  assert.deepEqual(readMapping(undefined), {});
});

test('the mapping of the package’s settings is one', () => {
  const text = readFileSync(join(SOURCE, 'customMetadata/Patchcord.Default.md-meta.xml'), 'utf8');
  const [, json] = /<field>Mapping__c<\/field>\s*<value xsi:type="xsd:string">([^<]*)</.exec(text);
  for (const entity of Object.values(readMapping(json))) {
    assert.ok(Array.isArray(entity.number));
    assert.equal(typeof entity.payload, 'object');
  }
});
