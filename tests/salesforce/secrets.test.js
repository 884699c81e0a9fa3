// Nothing in the package is a secret: whoever can read the metadata of the org can read all of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { files } from './package.js';

const own = files().filter(({ name }) => !name.startsWith('staticresources/patchcord/'));

/** What looks like a secret in a text. */
function secretsIn(text) {
  const patterns = [
    /-----BEGIN [A-Z ]*(PRIVATE KEY|CERTIFICATE)-----/g,
    /\beyJ[\w-]{10,}\.[\w-]{10,}/g,
    /\b(?:password|secret|token|client_secret|private_?key)\b\s*["']?\s*[:=]\s*["'][^"']{6,}["']/gi,
    /\b[0-9a-f]{32,}\b/gi,
    /\b[A-Za-z0-9+/]{60,}={0,2}/g,
  ];
  return patterns.flatMap((pattern) => text.match(pattern) ?? []);
}

test('nothing in the metadata, the classes or the components looks like a secret', () => {
  assert.ok(own.length > 60, `${own.length} files`);
  for (const { name, text } of own) assert.deepEqual(secretsIn(text), [], name);
});

test('what looks like a secret is found', () => {
  const token = `eyJ${'a'.repeat(20)}.${'b'.repeat(20)}`;
  for (const text of ['-----BEGIN PRIVATE KEY-----', `"${token}"`, 'password = "hunter2!"', 'f'.repeat(32)]) {
    assert.notDeepEqual(secretsIn(text), [], text);
  }
});

test('the settings have no field for a secret, and say so', () => {
  const fields = files('objects/Patchcord__mdt/fields').map(({ name }) => name);
  for (const name of fields) assert.doesNotMatch(name, /secret|password|token|private/i);
  const type = files('objects/Patchcord__mdt').find(({ name }) => name.endsWith('object-meta.xml'));
  assert.match(type.text, /Nothing in it is a secret/);
});

test('the assertion is signed by a certificate, not by a text', () => {
  const { text } = files('classes').find(({ name }) => name === 'PatchcordAssertion.cls');
  assert.match(text, /Crypto\.signWithCertificate\('RSA-SHA256'/);
  assert.doesNotMatch(text, /generateMac|HS256/);
});

test('guests get nothing of the package', () => {
  for (const { name, text } of files('permissionsets')) assert.doesNotMatch(text, /guest/i, name);
});
