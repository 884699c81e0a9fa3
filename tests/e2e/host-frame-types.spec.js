// web/hosts/patchcord-frame.d.ts is written by hand: TypeScript reads it, it forbids what is wrong, and it names what the
// script has.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from '@playwright/test';
import * as esbuild from 'esbuild';

const folder = fileURLToPath(new URL('../../web/hosts/', import.meta.url));

/** What TypeScript has to say about a page that uses the script. */
function complaints(text) {
  const name = `${folder}page-of-a-test.ts`;
  const options = {
    strict: true,
    noEmit: true,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ES2022,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (file) => file === name || fileExists(file);
  host.getSourceFile = (file, ...how) =>
    file === name ? ts.createSourceFile(file, text, ts.ScriptTarget.ES2022) : getSourceFile(file, ...how);
  const program = ts.createProgram([name], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

const HEAD = `
  import { mount, BridgeError } from './patchcord-frame';
  const container = document.body;
  const phone = mount({ container, host: 'acme', sessionUrl: '/patchcord-session' });
`;

test('a page in TypeScript uses everything that there is', () => {
  expect(
    complaints(`${HEAD}
      const other = mount({
        container, relay: new URL('https://relay.example.com'), host: 'acme', title: 'Telefon', lang: 'de', buttons: true,
        height: '100%', maxHeight: 700, className: 'phone', allow: '',
        assertion: async () => 'a.b.c',
        log: async (entry) => { const seconds: number | undefined = entry.duration; void seconds; },
      });
      const stop = new AbortController();
      const placed: Promise<{ id: string }> = phone.dial({ number: '+49', payload: { deep: [1] } }, { signal: stop.signal });
      void phone.offer({ entity: 'Lead', fields: { Phone: '030' }, record: { type: 'Lead', id: '1' } });
      const off: () => void = phone.on('call', (call) => { if (call.state === 'ended') void call.reason; });
      phone.on('show', (target) => { if (target.record) void target.record.id; else void target.number.length; });
      phone.on('agent', ({ state, because }) => { phone.element.hidden = state !== 'ready' && !because; });
      placed.catch((error: unknown) => { if (error instanceof BridgeError) void [error.code, error.field]; });
      phone.lang = 'en'; phone.show(); phone.hide(); void phone.visible; void phone.agent; off(); other.dispose();
    `),
  ).toEqual([]);
});

test('what is wrong is an error in TypeScript, each of it', () => {
  const wrong = [
    'void phone.dial({ payload: {} });',
    "phone.on('ring', () => {});",
    'mount({ container });',
    "void phone.dial({ number: '1', record: { type: 'Lead' } });",
    'phone.element = document.createElement("iframe");',
    "mount({ container, host: 'acme', assertion: () => 'at once' });",
  ];
  expect(complaints(HEAD + wrong.join('\n')), 'one for each line').toHaveLength(wrong.length);
});

test('the script exports what the declarations say, and no more', async () => {
  const source = ts.createSourceFile('d.ts', await readFile(`${folder}patchcord-frame.d.ts`, 'utf8'), ts.ScriptTarget.ES2022);
  const declared = source.statements
    .filter((one) => ts.isFunctionDeclaration(one) || ts.isClassDeclaration(one))
    .map(({ name }) => name.text);
  const { metafile } = await esbuild.build({
    entryPoints: [`${folder}patchcord-frame.js`],
    bundle: true,
    format: 'esm',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const [{ exports }] = Object.values(metafile.outputs);
  expect(exports.sort()).toEqual(declared.sort());
});
