// `custom-elements.json`, from what is written for TypeScript: `node manifest.js <root>` prints it.
//
// Attributes, properties, methods and events are those of web/npm/elements.d.ts; parts and custom properties are what the
// sources have, with the words of docs/theming.md.
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';

/** The script that defines each element, where its looks are, and where its parts are named. */
const SCRIPTS = {
  // Beside its parts those folders have the form's.
  'patchcord-call': { script: 'patchcord.js', style: 'web/styles', parts: [] },
  'patchcord-callback': { script: 'patchcord.js', style: 'web/styles', parts: ['web/loader', 'web/callback', 'crates/widget/src'] },
  'patchcord-panel': { script: 'patchcord-panel.js', style: 'web/panel', parts: ['web/panel', 'crates/panel/src'] },
  'patchcord-scan': { script: 'patchcord-scan.js', style: 'web/scanner', parts: ['web/scanner'] },
};
/** Files in there that are about the other element of a script. */
const OTHERS = { 'patchcord-callback': /(^|[/\\])call\.(js|rs)$/ };

export async function manifest(root) {
  const file = join(root, 'web/npm/elements.d.ts');
  const source = ts.createSourceFile(file, await readFile(file, 'utf8'), ts.ScriptTarget.ES2022, true);
  const interfaces = new Map();
  const collect = (node) => {
    if (ts.isInterfaceDeclaration(node)) interfaces.set(node.name.text, node);
    ts.forEachChild(node, collect);
  };
  collect(source);
  const theming = await readFile(join(root, 'docs/theming.md'), 'utf8');

  /** An interface's members, those that it inherits from one of this file first. */
  const membersOf = (name) => {
    const node = interfaces.get(name);
    if (!node) return [];
    const inherited = (node.heritageClauses ?? []).flatMap(({ types }) => types.flatMap(({ expression }) => membersOf(expression.text)));
    return [...inherited.filter(({ name }) => !node.members.some((own) => own.name.text === name.text)), ...node.members];
  };

  const modules = new Map();
  for (const tag of interfaces.get('HTMLElementTagNameMap').members) {
    const tagName = tag.name.text;
    const name = tag.type.getText();
    const about = SCRIPTS[tagName];
    const own = interfaces.get(name);
    const properties = membersOf(name).filter((member) => member.name);
    const fields = new Set(properties.map((member) => member.name.text));
    const declaration = {
      kind: 'class',
      customElement: true,
      name,
      tagName,
      description: textOf(own),
      superclass: { name: 'HTMLElement' },
      attributes: membersOf(name.replace(/Element$/, 'Attributes')).map((member) => ({
        ...described(member),
        ...(fields.has(member.name.text) ? { fieldName: member.name.text } : {}),
      })),
      members: properties.map((member) => (ts.isMethodSignature(member) ? method(member) : field(member))),
      events: membersOf(name.replace(/Element$/, 'EventMap')).map(described),
      cssParts: await parts(root, tagName, about, wordsIn(sectionOf(theming, `### \`<${tagName}>\``))),
      cssProperties: await customProperties(root, about.style, wordsIn(sectionOf(theming, '## Custom properties'))),
    };
    const module = modules.get(about.script) ?? { kind: 'javascript-module', path: about.script, declarations: [], exports: [] };
    modules.set(about.script, module);
    module.declarations.push(declaration);
    module.exports.push({ kind: 'custom-element-definition', name: tagName, declaration: { name, module: about.script } });
  }
  return { schemaVersion: '2.1.0', readme: 'README.md', modules: [...modules.values()] };
}

function described(member) {
  const description = textOf(member);
  return { name: member.name.text, ...(description ? { description } : {}), type: { text: withoutBreaks(member.type) } };
}

function field(member) {
  const readonly = member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ReadonlyKeyword);
  return { kind: 'field', ...described(member), ...(readonly ? { readonly } : {}) };
}

function method(member) {
  const description = textOf(member);
  return {
    kind: 'method',
    name: member.name.text,
    ...(description ? { description } : {}),
    parameters: member.parameters.map((parameter) => ({
      name: parameter.name.text,
      type: { text: withoutBreaks(parameter.type) },
      ...(parameter.questionToken ? { optional: true } : {}),
    })),
    return: { type: { text: withoutBreaks(member.type) } },
  };
}

const withoutBreaks = (node) => node.getText().replace(/\s+/g, ' ').replace(/^\| /, '');

/** What is written above something, without its tags. */
function textOf(node) {
  return ts
    .getJSDocCommentsAndTags(node)
    .filter(ts.isJSDoc)
    .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '')
    .join('\n\n');
}

/** What is under a heading of the guide, up to the next one of any kind. */
const sectionOf = (text, heading) => text.split(`\n${heading}\n`)[1]?.split(/\n##+ /)[0] ?? '';

/** The names in the first column of a table, each with the words of the second. */
function wordsIn(section) {
  const rows = section.matchAll(/^\| (`[^|]+`) \| ([^|]+?) \|/gm);
  return new Map(
    [...rows].flatMap(([, names, words]) =>
      // As in "`--patchcord-good`, `-bad`".
      [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => [name.replace(/^-(?=\w)/, '--patchcord-'), words]),
    ),
  );
}

async function parts(root, tagName, { parts: folders }, words) {
  const found = new Set();
  for (const folder of folders.filter((folder) => existsSync(join(root, folder)))) {
    for (const entry of await readdir(join(root, folder), { recursive: true })) {
      if (!/\.(js|rs)$/.test(entry) || OTHERS[tagName]?.test(entry)) continue;
      const text = await readFile(join(root, folder, entry), 'utf8');
      for (const [, names] of text.matchAll(/\bpart(?:="|: "| = ")([a-z -]+)"/g)) for (const one of names.split(' ')) found.add(one);
    }
  }
  // The panel names its parts while it runs.
  return listed(tagName === 'patchcord-panel' || folders.length === 0 ? words.keys() : found, words);
}

async function customProperties(root, style, words) {
  const found = new Set();
  for (const file of await readdir(join(root, style))) {
    if (!file.endsWith('.css')) continue;
    const text = await readFile(join(root, style, file), 'utf8');
    for (const [, name] of text.matchAll(/var\((--patchcord-[a-z-]+)/g)) found.add(name);
  }
  return listed(found, words);
}

function listed(names, words) {
  return [...names].sort().map((name) => ({ name, ...(words.has(name) ? { description: words.get(name) } : {}) }));
}

if (process.argv[1] === import.meta.filename) console.log(JSON.stringify(await manifest(process.argv[2]), null, 2));
