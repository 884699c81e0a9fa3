// Salesforce's own library takes the source format apart and makes of it what an org is sent.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ComponentSet, MetadataConverter } from '@salesforce/source-deploy-retrieve';
import { SOURCE } from './package.js';

const EXPECTED = {
  ApexClass: [
    'PatchcordAssertion',
    'PatchcordAssertionTest',
    'PatchcordCallLog',
    'PatchcordCallLogTest',
    'PatchcordController',
    'PatchcordControllerTest',
    'PatchcordException',
    'PatchcordMint',
    'PatchcordPageController',
    'PatchcordPhone',
    'PatchcordPhoneTest',
    'PatchcordRecord',
    'PatchcordSettings',
    'PatchcordTestSetup',
  ],
  ApexPage: ['PatchcordPhone'],
  CallCenter: ['Patchcord'],
  CspTrustedSite: ['Patchcord_Relay'],
  CustomLabels: ['CustomLabels'],
  CustomMetadata: ['Patchcord.Default'],
  CustomObject: ['Patchcord__mdt'],
  LightningComponentBundle: [
    'patchcordCallButton',
    'patchcordCallList',
    'patchcordEntity',
    'patchcordFrame',
    'patchcordLoader',
    'patchcordPhone',
  ],
  LightningMessageChannel: ['PatchcordDial'],
  PermissionSet: ['Patchcord_Administrator', 'Patchcord_Agent'],
  StaticResource: ['patchcord'],
};

let folder;
let components;
let written;
const said = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchcord-salesforce-'));
  const listen = (warning) => said.push(warning.message ?? String(warning));
  process.on('warning', listen);
  for (const level of ['warn', 'error']) {
    const { [level]: usual } = console;
    console[level] = (...words) => {
      said.push(words.join(' '));
      usual(...words);
    };
  }
  components = ComponentSet.fromSource(SOURCE);
  written = await new MetadataConverter().convert(components, 'metadata', {
    type: 'directory',
    outputDirectory: folder,
    genUniqueDir: false,
  });
  process.off('warning', listen);
});

after(() => rm(folder, { recursive: true, force: true }));

/** The names of all components by their types, without those that are parts of others. */
function byType(set) {
  const found = {};
  for (const component of set.getSourceComponents()) {
    (found[component.type.name] ??= []).push(component.fullName);
  }
  for (const names of Object.values(found)) names.sort();
  return found;
}

test('every component is found, and no other', () => {
  assert.deepEqual(byType(components), EXPECTED);
});

test('nothing is warned of', () => {
  assert.deepEqual(said, []);
});

test('everything is converted', async () => {
  const converted = byType(new ComponentSet(written.converted));
  assert.deepEqual(converted, EXPECTED);
  const manifest = await readFile(join(folder, 'package.xml'), 'utf8');
  for (const [type, names] of Object.entries(EXPECTED)) {
    assert.ok(manifest.includes(`<name>${type}</name>`), type);
    for (const name of names) assert.ok(manifest.includes(`<members>${name}</members>`), `${type} ${name}`);
  }
});

test('what comes of it is components again', () => {
  const again = byType(ComponentSet.fromSource(folder));
  assert.deepEqual(again, EXPECTED);
});

test('the object has all of its fields', async () => {
  const object = await readFile(join(folder, 'objects/Patchcord__mdt.object'), 'utf8');
  for (const field of ['Audience', 'Certificate', 'Host', 'Issuer', 'KeyId', 'Mapping', 'Mint', 'Provider', 'Region', 'Relay']) {
    assert.ok(object.includes(`<fullName>${field}__c</fullName>`), field);
  }
});

test('the static resource is a zip file of the size that Salesforce takes', async () => {
  const zip = await readFile(join(folder, 'staticresources/patchcord.resource'));
  assert.equal(zip.subarray(0, 2).toString(), 'PK');
  assert.ok(zip.length > 50_000, `${zip.length} bytes: the module is in it`);
  assert.ok(zip.length < 5_000_000, `${zip.length} bytes`);
});

test('the page can be chosen in Lightning Experience, whose utility bar it is for', async () => {
  const page = await readFile(join(folder, 'pages/PatchcordPhone.page-meta.xml'), 'utf8');
  assert.match(page, /<availableInTouch>true<\/availableInTouch>/);
});
