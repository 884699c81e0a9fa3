// The Salesforce package as it is deployed: what `cargo xtask salesforce` made of `web/salesforce`.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's folder. */
export const PACKAGE = fileURLToPath(new URL('../../dist/salesforce', import.meta.url));

/** The folder of its components. */
export const SOURCE = join(PACKAGE, 'force-app/main/default');

/** Every file below a folder of the components: its path from there, and its text. */
export function files(folder = '') {
  const root = join(SOURCE, folder);
  if (!existsSync(root)) throw new Error(`${root} is missing: run \`cargo xtask salesforce\` first`);
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath ?? entry.path, entry.name);
      return { name: relative(root, path), path, text: readFileSync(path, 'utf8') };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** The names of the Lightning web components. */
export function components() {
  return readdirSync(join(SOURCE, 'lwc'));
}
