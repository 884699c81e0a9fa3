// Folders of this machine as websites: at the demo's origin, which the relay's configuration allows.
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { watchEvents } from './pages.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.map': 'application/json',
  '.wasm': 'application/wasm',
};
/** Where the relay of `cargo xtask demo` is, as the examples have it. */
const USUAL_RELAY = 'http://127.0.0.1:4100';

/**
 * Serves a folder of the checkout below `/t/`, and gives its address. `pages` are further pages by their paths there,
 * `policy` is a content security policy for those. What names the usual relay gets this test's.
 */
export async function serveFolder(page, servers, folder, { pages = {}, policy } = {}) {
  const address = `${servers.demo}/t/`;
  // A page that a test serves has no address of its own, and Chromium would not let it talk to servers on this machine.
  await page.context().grantPermissions(['local-network-access']);
  await watchEvents(page);
  await page.route(`${address}**`, async (route) => {
    const path = normalize(new URL(route.request().url()).pathname.slice('/t/'.length) || 'index.html');
    if (path in pages) {
      const headers = policy ? { 'content-security-policy': policy } : {};
      return route.fulfill({ contentType: TYPES['.html'], headers, body: pages[path] });
    }
    const file = await readFile(join(ROOT, folder, path)).catch(() => undefined);
    if (!file) return route.fulfill({ status: 404, body: `${folder} has no ${path}` });
    const contentType = TYPES[extname(path)];
    const body = /\.(html|js)$/.test(path) ? file.toString().replaceAll(USUAL_RELAY, servers.relay) : file;
    return route.fulfill({ contentType, body });
  });
  return address;
}

/** The text of a file of the checkout. */
export const textOf = (file) => readFile(join(ROOT, file), 'utf8');
