// What the pages of docs/ print, for the tests that do as they say.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const DOCS = fileURLToPath(new URL('../../docs', import.meta.url));

/** A page's code blocks, in order: `{info, text, before}`, `before` being the last line of prose above. */
export async function codeBlocks(page) {
  const text = await readFile(join(DOCS, page), 'utf8');
  const blocks = [];
  let block;
  let before = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('```')) {
      if (block) blocks.push(block);
      if (block) before = '';
      block = block ? undefined : { info: line.slice(3), text: '', before };
    } else if (block) {
      block.text += `${line}\n`;
    } else if (line.trim()) {
      before = line;
    }
  }
  if (block) throw new Error(`docs/${page}: a code block is not closed`);
  return blocks;
}

/** The files that a page has its reader write: blocks below a line that begins or ends with the file's name. */
export async function files(page) {
  const found = new Map();
  for (const { text, before } of await codeBlocks(page)) {
    const name = /^`([\w.]+\.\w+)`:$/.exec(before) ?? /`([\w.]+\.mjs)` serves it/.exec(before);
    if (name) found.set(name[1], text);
  }
  return found;
}

/** The commands that a page gives, a line each, in order. */
export async function commands(page) {
  const blocks = await codeBlocks(page);
  return blocks
    .filter(({ info }) => info === 'sh')
    .flatMap(({ text }) => text.split('\n'))
    .filter((line) => line.trim());
}
