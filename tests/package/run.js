// Runs the tests of this folder and ends with the line that `cargo xtask test` counts.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { FOLDER } from './package.js';

const files = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.test.js'))
  .map((name) => join(FOLDER, name));
const count = { passed: 0, failed: 0, ignored: 0 };
// A file is told as a test, too: it counts only where it broke.
const isFile = ({ name }) => name.endsWith('.test.js');

const stream = run({ files, concurrency: 2 });
stream.on('test:pass', (event) => {
  if (isFile(event)) return;
  count[event.skip === undefined && event.todo === undefined ? 'passed' : 'ignored'] += 1;
});
stream.on('test:fail', () => {
  count.failed += 1;
});
stream.compose(spec).pipe(process.stdout);
stream.on('end', () => {
  const { passed, failed, ignored } = count;
  const isGood = failed === 0 && passed > 0;
  process.exitCode = isGood ? 0 : 1;
  process.on('exit', () => {
    console.log(`test result: ${isGood ? 'ok' : 'FAILED'}. ${passed} passed; ${failed} failed; ${ignored} ignored`);
  });
});
