// Runs the tests of this folder and ends with the line that `cargo xtask test` counts.
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const tests = readdirSync(folder)
  .filter((name) => name.endsWith('.test.js'))
  .map((name) => join(folder, name));

const count = { passed: 0, failed: 0, ignored: 0 };
const stream = run({ files: tests, concurrency: 2 });
// A file counts as a test of its own there: only what has a name of ours is counted, and a file that breaks.
const isFile = ({ name }) => name.endsWith('.test.js');
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
  const good = failed === 0 && passed > 0;
  process.exitCode = good ? 0 : 1;
  process.on('exit', () => {
    console.log(`test result: ${good ? 'ok' : 'FAILED'}. ${passed} passed; ${failed} failed; ${ignored} ignored`);
  });
});
