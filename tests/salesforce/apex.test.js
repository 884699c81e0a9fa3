// Every class parses with Apex's grammar.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApexErrorListener, ApexParserFactory } from '@apexdevtools/apex-parser';
import { files } from './package.js';

class Errors extends ApexErrorListener {
  found = [];

  apexSyntaxError(line, column, message) {
    this.found.push(`${line}:${column} ${message}`);
  }
}

/** What is wrong with a class. */
function wrongWith(text) {
  const errors = new Errors();
  const parser = ApexParserFactory.createParser(text);
  parser.removeErrorListeners();
  parser.addErrorListener(errors);
  parser.compilationUnit();
  return errors.found;
}

const classes = files('classes').filter(({ name }) => name.endsWith('.cls'));

for (const { name, text } of classes) {
  test(`${name} parses`, () => {
    assert.deepEqual(wrongWith(text), []);
  });
}

test('the parser finds what is wrong', () => {
  assert.notDeepEqual(wrongWith('public class Broken { void f() { insert as nobody x; } '), []);
});

test('every class has its metadata, at the version of the project', () => {
  const metadata = new Map(files('classes').map(({ name, text }) => [name, text]));
  for (const { name } of classes) {
    assert.match(metadata.get(`${name}-meta.xml`) ?? '', /<apiVersion>66\.0<\/apiVersion>/, name);
  }
});

test('every class that others may call has a test', () => {
  const tests = files('classes')
    .filter(({ name }) => name.endsWith('Test.cls'))
    .map(({ text }) => text)
    .join('\n');
  for (const { name, text } of classes) {
    const its = name.replace('.cls', '');
    // Those that only others of ours call are tested through them.
    if (/@AuraEnabled|webService|@RemoteAction/.test(text)) assert.match(tests, new RegExp(`\\b${its}\\.`), name);
  }
});

test('what is read or written is read or written as the user', () => {
  for (const { name, text } of classes.filter(({ name }) => !/Test(Setup)?\.cls$/.test(name))) {
    const bare = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    assert.match(bare, /with sharing|extends Exception/, `${name} is with sharing`);
    assert.doesNotMatch(bare, /\b(insert|update|upsert|delete)\s+(?!as user)\w+\s*;/, `${name} writes as the user`);
  }
});

/** To what `OwnerId` refers (Object Reference for the Salesforce Platform). */
const OWNERS = {
  Account: ['User'],
  Case: ['Group', 'User'],
  Contact: ['User'],
  Lead: ['Group', 'User'],
  Opportunity: ['User'],
};

test('a test of ours expects of an owner what an org has of one', () => {
  const { text } = classes.find(({ name }) => name === 'PatchcordPhoneTest.cls');
  const tests = text.split('@IsTest').filter((one) => one.includes("'Owner.Name,Owner.Email'"));
  const looked = tests.map((one) => {
    const variable = /fields\((\w+)(?:\(\))?\.Id, 'Owner/.exec(one)[1];
    const type = new RegExp(`(\\w+) ${variable} = new `).exec(text)[1];
    const readable = OWNERS[type].length === 1 ? "'Owner.Name', 'Owner.Email'" : "'Owner.Name'";
    assert.ok(one.includes(`new Set<String>{ ${readable} }, fields.keySet()`), type);
    return type;
  });
  assert.deepEqual(looked.sort(), ['Contact', 'Lead']);
});
