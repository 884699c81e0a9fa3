// What is in the package, and what is not: entries, source maps, hashes, sizes.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { PACKAGE, ROOT, entries, files, read, readJson } from './package.js';

const about = readJson('package.json');
/** What wasm-bindgen wrote has no source. */
const isGlue = (file) => /^assets\/patchcord_\w+\.js$/.test(file);

test('every entry has a script and types, and both are there', () => {
  for (const { name, types, ...conditions } of entries()) {
    assert.ok(types, `${name} has types`);
    for (const file of [types, ...Object.values(conditions)]) assert.ok(existsSync(join(PACKAGE, file)), `${name}: ${file}`);
    // The first that fits counts.
    assert.equal(Object.keys(about.exports[name.replace('patchcord', '.')])[0], 'types');
  }
});

test('it is a package of ES modules at the workspace\'s version, with both licences', () => {
  const [, version] = /^version = "(.+)"$/m.exec(readFileSync(join(ROOT, 'Cargo.toml'), 'utf8'));
  assert.equal(about.version, version);
  assert.equal(about.type, 'module');
  for (const file of ['README.md', 'LICENSE-MIT', 'LICENSE-APACHE']) assert.ok(files().includes(file), file);
});

test('the scripts that define something at import, and they alone, have side effects', () => {
  const defining = files().filter((file) => /^[\w-]+\.js$/.test(file) && read(file).includes('customElements.define'));
  const scripts = about.sideEffects.filter((file) => file.endsWith('.js')).map((file) => file.slice(2));
  assert.deepEqual(scripts.sort(), defining.sort());
});

test('nothing of the relay\'s own pages is in it', () => {
  assert.deepEqual(files().filter((file) => /host|signed-in|open-cti|voice|hubspot|zendesk|salesforce/.test(file)), []);
  assert.deepEqual(files().filter((file) => file.endsWith('.br')), []);
});

test('every script has a source map that leads to the repository, and names no machine', () => {
  const scripts = files().filter((file) => file.endsWith('.js') && !isGlue(file));
  assert.ok(scripts.length > 10);
  for (const file of scripts) {
    assert.match(read(file), new RegExp(`(^|\n)//# sourceMappingURL=${file.split('/').at(-1)}\\.map\n$`), file);
    const { sources, sourcesContent } = readJson(`${file}.map`);
    for (const source of sources) {
      const [, place] = /^patchcord:(?:\/\/\/)?(.+)$/.exec(source);
      assert.ok(source === `patchcord:${place}` || existsSync(join(ROOT, place)), `${file}.map: ${source}`);
    }
    assert.equal(sourcesContent.length, sources.length);
    assert.ok(!read(`${file}.map`).includes(ROOT), `${file}.map names this machine`);
  }
});

test('what the relay serves has no source maps', () => {
  const web = join(ROOT, 'dist/web');
  for (const file of readdirSync(web, { recursive: true })) {
    assert.ok(!file.endsWith('.map'), file);
    if (file.endsWith('.js')) assert.ok(!readFileSync(join(web, file), 'utf8').includes('sourceMappingURL'), file);
  }
});

test('sri.json has the hash of every script', () => {
  const hashes = readJson('sri.json');
  assert.deepEqual(Object.keys(hashes).filter((file) => file.endsWith('.js')).sort(), files().filter((file) => file.endsWith('.js')));
  for (const [file, hash] of Object.entries(hashes)) {
    const digest = createHash('sha384').update(readFileSync(join(PACKAGE, file))).digest('base64');
    assert.equal(hash, `sha384-${digest}`, file);
  }
});

test('the README has this version\'s hashes', () => {
  const readme = read('README.md');
  const { 'patchcord.js': hash } = readJson('sri.json');
  assert.ok(readme.includes(`/patchcord/${about.version}/patchcord.js" integrity="${hash}"`));
  assert.doesNotMatch(readme, /\{\{[\w./-]+\}\}/);
});

test('what is loaded later is named so that a bundler sees it, and is there', () => {
  for (const file of files().filter((file) => /^[\w-]+\.js$/.test(file))) {
    const later = [...read(file).matchAll(/import\("(\.\/[^"]+)"\)|new URL\("(\.\/[^"]+)",import\.meta\.url\)/g)];
    for (const [, script, asset] of later) assert.ok(existsSync(join(PACKAGE, script ?? asset)), `${file}: ${script ?? asset}`);
    assert.doesNotMatch(read(file), /import\((?!")/, `${file} imports by an address that is put together`);
  }
  assert.match(read('patchcord.js'), /import\("\.\/assets\/patchcord_widget\.js"\)/);
});

test('an entry costs little before something is shown', () => {
  const size = (file) => brotliCompressSync(read(file).replace(/\/\/# sourceMappingURL.*\n$/, '')).length;
  assert.ok(size('index.js') <= 250, `index.js: ${size('index.js')}`);
  // The relay's own has 4.0 kB (web/budgets.toml); this one has a list of addresses on top.
  assert.ok(size('patchcord.js') <= 4_600, `patchcord.js: ${size('patchcord.js')}`);
  assert.ok(size('patchcord-campaign.js') <= 1_000, `patchcord-campaign.js: ${size('patchcord-campaign.js')}`);
});

test('the tarball is no larger than it has to be', () => {
  const { size } = statSync(join(ROOT, `dist/patchcord-${about.version}.tgz`));
  assert.ok(size < 1_200_000, `${size} bytes`);
});
