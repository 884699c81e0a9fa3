// The types, by the TypeScript compiler in its strict mode: what a page writes is right, and each line that has to be
// wrong is (`@ts-expect-error`). The package's own declarations are checked with it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { FOLDER, elements, files, read } from './package.js';

const manifest = createRequire(import.meta.url).resolve('typescript/package.json');
const { bin } = JSON.parse(readFileSync(manifest, 'utf8'));
const tsc = join(dirname(manifest), bin.tsc);

/** What the compiler has to say. */
function complaints(project) {
  try {
    return execFileSync(process.execPath, [tsc, '--project', join(FOLDER, 'types', project)], { encoding: 'utf8' });
  } catch ({ stdout, stderr }) {
    return stdout + stderr || 'it failed without a word';
  }
}

test('pages, React\'s JSX and Vue\'s components are typed for a bundler', () => {
  assert.equal(complaints('tsconfig.json'), '');
});

test('and as Node resolves modules', () => {
  assert.equal(complaints('tsconfig.node.json'), '');
});

test('React and Vue know every element', () => {
  for (const file of ['react.d.ts', 'vue.d.ts']) {
    const text = read(file);
    const [, known] = /(?:IntrinsicElements|GlobalComponents) \{([^]*)\}\n\s*\}/.exec(text);
    const tags = [...known.matchAll(/^ +'(patchcord-[a-z]+)':/gm)].map(([, tag]) => tag);
    assert.deepEqual(tags.sort(), Object.keys(elements()).sort(), file);
  }
});

test('everything that is declared is documented, and nothing says any', () => {
  for (const file of files().filter((file) => file.endsWith('.d.ts') && !file.startsWith('assets/'))) {
    assert.doesNotMatch(read(file), /:\s*any\b/, file);
    for (const [, before, name] of read(file).matchAll(/(.*\n)export (?:declare )?(?:function|class|interface) (\w+)/g)) {
      if (file === 'patchcord-frame.d.ts') continue;
      // Overloads share their words; types that only say what is in them need none.
      assert.match(before, /\*\/\s*$|;\s*$/, `${file}: ${name}`);
    }
  }
});
