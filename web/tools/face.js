// What the files of dist/web export and import, as JSON: `node face.js <dist/web> <module name>`.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const [folder, name] = process.argv.slice(2);
const [hash] = await readdir(join(folder, 'assets'));
const assets = join(folder, 'assets', hash);

async function script(file) {
  const { metafile } = await build({
    entryPoints: [file],
    bundle: true,
    external: ['*'],
    format: 'esm',
    metafile: true,
    write: false,
    logLevel: 'error',
  });
  const [output] = Object.values(metafile.outputs);
  return {
    exports: output.exports.sort(),
    // What is imported later, by a call, is the loader's business.
    imports: output.imports
      .filter(({ kind }) => kind === 'import-statement')
      .map(({ path }) => path),
  };
}

const wasm = await WebAssembly.compile(await readFile(join(assets, `${name}_bg.wasm`)));
const face = {
  loader: await script(join(folder, 'patchcord.js')),
  glue: await script(join(assets, `${name}.js`)),
  wasm_imports: [...new Set(WebAssembly.Module.imports(wasm).map(({ module }) => module))],
};
console.log(JSON.stringify(face));
