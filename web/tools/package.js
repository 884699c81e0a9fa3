// The npm package: `node package.js <root> <dist/web> <package folder> <version>`.
//
// Its scripts are made of the same sources as those of dist/web, but every file that is loaded later is named by an address that a bundler can see:
// `import("./assets/plain.js")`, `new URL("./assets/patchcord.css", import.meta.url)`. A browser takes them as they are,
// and a bundler puts the files where its site has them. Each script has a source map beside it.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { manifest } from './manifest.js';

const [root, web, out, version] = process.argv.slice(2);
const [hash] = await readdir(join(web, 'assets'));
const built = join(web, 'assets', hash);

/** The scripts that a page or an import names, and which of the assets each may load. */
const ENTRIES = {
  'web/loader/patchcord.js': 'elements',
  'web/panel/patchcord-panel.js': 'panel',
  'web/scanner/patchcord-scan.js': 'scan',
  'web/numbers/patchcord-numbers.js': 'numbers',
  'web/campaign/patchcord-campaign.js': 'none',
  'web/hosts/patchcord-frame.js': 'none',
  'web/npm/index.js': 'none',
  'web/npm/panel.js': 'none',
  'web/npm/scan.js': 'none',
  'web/npm/server.js': 'none',
  'web/npm/types.js': 'none',
};

/** Whose an asset is; the first that fits. What no line names is the elements'. */
const OWNERS = [
  // The adapters of CRMs belong to the relay's own pages.
  ['hosts', /^(page|open-cti|voice|hubspot|zendesk)\.js$|^host\//],
  ['panel', /^panel[./]|^patchcord_(panel|dialler|direct)[._]/],
  ['scan', /^scan(ner)?[./]|^patchcord_scanner[._]/],
  ['numbers', /^(numbers|field)[./]|^patchcord_numbers[._]/],
];
const ownerOf = (file) => OWNERS.find(([, pattern]) => pattern.test(file))?.[0] ?? 'elements';
/** Whose scripts it may load beside its own: number fields and numbers as they are written are the elements' too. */
const MAY_LOAD = { elements: ['numbers'], numbers: [], panel: [], scan: [], none: [] };

/** Where the sources of the scripts are that are loaded later. */
const FOLDERS = ['web/loader', 'web/callback', 'web/numbers', 'web/scanner', 'web/panel'];

const assets = (await readdir(built, { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && !entry.name.endsWith('.br'))
  .map((entry) => relative(built, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
  .filter((file) => ownerOf(file) !== 'hosts')
  .sort();

const isScript = (file) => file.endsWith('.js');

/** A style sheet is fetched as text; under its own name Vite's development server would answer with a script. */
const shipped = (file) => (file.endsWith('.css') ? `${file}.txt` : file);

/** The module that knows the addresses of an owner's assets, seen from `folder`. */
function table(owner, folder) {
  // What another's script needs, that script loads.
  const mine = assets.filter((file) => ownerOf(file) === owner || (isScript(file) && MAY_LOAD[owner].includes(ownerOf(file))));
  const lines = (files, value) => files.map((file) => `  ${JSON.stringify(file)}: () => ${value(JSON.stringify(folder + shipped(file)))},`);
  const addresses = lines(
    mine.filter((file) => !isScript(file)),
    (path) => `new URL(${path}, import.meta.url).href`,
  );
  const scripts = lines(mine.filter(isScript), (path) => `import(${path})`);
  return `
    const addresses = {\n${addresses.join('\n')}\n};
    const scripts = {\n${scripts.join('\n')}\n};
    // A folder is looked into later, by the name of a file in it.
    export const address = (file) => (file.endsWith("/") ? file : addresses[file]());
    export const script = (file) => scripts[file]();
  `;
}

/** The languages that there are texts in; longer names first. */
const languages = [...new Set(assets.flatMap((file) => /^texts\/(?:\w+\.)?([\w-]+)\.json$/.exec(file)?.[1] ?? []))].sort().reverse();

/** In the place of addresses that are put together while the page runs. */
const REWRITES = [
  [/\bimport\(asset\(([^()]*)\)\)/g, 'patchcordScript($1)'],
  [/\bimport\(new URL\((path|file), assets\)(\.href)?\)/g, 'patchcordScript($1)'],
  [/\bnew URL\((path|file), assets\)\.href/g, 'patchcordAddress($1)'],
  [/\bimport\(new URL\("(?:\.\/)?([\w.-]+)", import\.meta\.url\)(\.href)?\)/g, 'import("./$1")'],
  [/\bnew URL\("\.\/([\w-]+\/)", import\.meta\.url\)\.href/g, '"$1"'],
  [/\bnew URL\("(?=[\w-]+\.\w+", import\.meta\.url\))/g, 'new URL("./'],
  [/\bfetch\(file\)/g, 'fetch(patchcordAddress(file))'],
  // As `cargo xtask web` writes them in.
  [/\^\(dev\)\\b/g, `^(${languages.join('|')})\\b`],
  // Only its origin is asked for: the relay's, of an element that names none.
  [/\bnew URL\("\.\/assets\/dev\/", import\.meta\.url\)/g, 'new URL(import.meta.url)'],
];

/** What a bundler could not follow. */
const BLIND = /\bimport\((?!")|\bnew URL\((?!"\.\/[\w./-]+", import\.meta\.url\))[^)]*(\bassets\b|import\.meta\.url,)/;

function rewritten(text, file) {
  let now = text;
  for (const [pattern, by] of REWRITES) now = now.replace(pattern, by);
  const code = now.replace(/^\s*(\/\/|\*|\/\*).*$/gm, '');
  const blind = BLIND.exec(code);
  if (blind) {
    const line = code.slice(0, blind.index).split('\n').length;
    throw new Error(`${relative(root, file)}:${line} loads something by an address that a bundler cannot see: ${blind[0]}`);
  }
  if (!/\bpatchcord(Script|Address)\(/.test(now)) return now;
  // On the first line, so that the lines of a source map stay true.
  return `import { address as patchcordAddress, script as patchcordScript } from "patchcord:assets"; ${now}`;
}

function seenByBundlers(owner, folder) {
  return {
    name: 'seen-by-bundlers',
    setup({ onLoad, onResolve }) {
      // What is imported later stays a file of its own; what is imported at once becomes a part.
      onResolve({ filter: /^\.\// }, ({ kind, path }) => (kind === 'dynamic-import' ? { path, external: true } : undefined));
      onResolve({ filter: /^patchcord:assets$/ }, () => ({ path: `patchcord-${owner}`, namespace: 'patchcord' }));
      onLoad({ filter: /.*/, namespace: 'patchcord' }, () => ({ contents: table(owner, folder) }));
      onLoad({ filter: /[\\/]web[\\/](loader|callback|panel|scanner|numbers|npm|campaign|hosts)[\\/].*\.js$/ }, async ({ path }) => ({
        contents: rewritten(await readFile(path, 'utf8'), path),
      }));
    },
  };
}

/** One script with its source map. */
async function bundle(source, to, owner, folder) {
  await build({
    entryPoints: [source],
    outfile: to,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    sourcemap: 'linked',
    plugins: [seenByBundlers(owner, folder)],
    logLevel: 'warning',
  });
  // Where the sources are in the repository, and nothing of the machine that built them.
  const map = JSON.parse(await readFile(`${to}.map`, 'utf8'));
  map.sources = map.sources.map((file) => (file.startsWith('patchcord:') ? file : `patchcord:///${named(resolve(dirname(to), file))}`));
  await writeFile(`${to}.map`, JSON.stringify(map));
}

const named = (file) => relative(root, file).replaceAll('\\', '/');

/** Scripts and assets, each with its source map where there is a source. */
async function scripts() {
  for (const [source, owner] of Object.entries(ENTRIES)) {
    await bundle(join(root, source), join(out, basename(source)), owner, './assets/');
  }
  for (const file of assets) {
    const to = join(out, 'assets', file);
    await mkdir(dirname(to), { recursive: true });
    const source = FOLDERS.map((folder) => join(root, folder, file)).find((path) => isScript(file) && existsSync(path));
    if (source) await bundle(source, to, ownerOf(file), './');
    else if (isScript(file)) await glue(file, to);
    else await copyFile(join(built, file), shipped(to));
  }
  if (existsSync(join(web, 'themes'))) {
    await cp(join(web, 'themes'), join(out, 'themes'), { recursive: true, filter: (file) => !file.endsWith('.br') });
  }
}

/** What wasm-bindgen wrote: a program wrote it, so there is no source to map it to. */
async function glue(file, to) {
  const text = await readFile(join(built, file), 'utf8');
  await writeFile(to, text.replace(/new URL\((['"`])(?=\w)/g, 'new URL($1./'));
}

async function types() {
  const folder = join(root, 'web/npm');
  for (const file of await readdir(folder)) {
    if (!file.endsWith('.d.ts')) continue;
    await copyFile(join(folder, file), join(out, file.startsWith('patchcord_') ? `assets/${file}` : file));
  }
  await copyFile(join(root, 'web/hosts/patchcord-frame.d.ts'), join(out, 'patchcord-frame.d.ts'));
}

/** The hashes that a page may name in `integrity`, of all scripts and styles, by their paths in the package. */
async function integrity() {
  const hashes = {};
  for (const file of (await readdir(out, { recursive: true })).sort()) {
    if (!/\.(js|css)$/.test(file)) continue;
    const digest = createHash('sha384').update(await readFile(join(out, file))).digest('base64');
    hashes[file.replaceAll('\\', '/')] = `sha384-${digest}`;
  }
  return hashes;
}

/** Puts values in the place of `{{name}}`; one that nobody knows is a mistake. */
function filled(text, values) {
  return text.replace(/\{\{([^}]+)\}\}/g, (whole, name) => {
    if (!values[name]) throw new Error(`web/npm/README.md names ${whole}, and there is no such thing`);
    return values[name];
  });
}

async function papers() {
  const hashes = await integrity();
  await writeFile(join(out, 'sri.json'), `${JSON.stringify(hashes, null, 2)}\n`);
  await writeFile(join(out, 'custom-elements.json'), `${JSON.stringify(await manifest(root), null, 2)}\n`);
  const readme = await readFile(join(root, 'web/npm/README.md'), 'utf8');
  await writeFile(join(out, 'README.md'), filled(readme, { ...hashes, version }));
  const about = JSON.parse(await readFile(join(root, 'web/npm/package.json'), 'utf8'));
  await writeFile(join(out, 'package.json'), `${JSON.stringify({ ...about, version }, null, 2)}\n`);
  for (const licence of ['LICENSE-MIT', 'LICENSE-APACHE']) await copyFile(join(root, licence), join(out, licence));
}

await mkdir(join(out, 'assets'), { recursive: true });
await scripts();
await types();
await papers();
