// The package as npm has unpacked it.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** This folder, and the checkout. */
export const FOLDER = dirname(fileURLToPath(import.meta.url));
export const ROOT = join(FOLDER, '../..');
/** Where the package is. */
export const PACKAGE = join(FOLDER, 'node_modules/patchcord');

export const read = (file) => readFileSync(join(PACKAGE, file), 'utf8');
export const readJson = (file) => JSON.parse(read(file));

/** Every file of it, with slashes. */
export const files = () =>
  readdirSync(PACKAGE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(PACKAGE.length + 1).replaceAll('\\', '/'))
    .sort();

/** The entries that are scripts, by what is imported: `patchcord/auto`. */
export const entries = () =>
  Object.entries(readJson('package.json').exports)
    .filter(([, to]) => typeof to === 'object')
    .map(([name, to]) => ({ name: name.replace(/^\./, 'patchcord'), ...to }));

/** The elements of its manifest, by their tags. */
export const elements = () =>
  Object.fromEntries(readJson('custom-elements.json').modules.flatMap(({ declarations }) => declarations.map((one) => [one.tagName, one])));
