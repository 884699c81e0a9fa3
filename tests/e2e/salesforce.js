// A Salesforce org as far as the tests need one: its origin, its static resources, who signs for its users.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { signedBy } from './hosts.js';

/** The origin of the org's pages. */
export const ORG = 'https://acme.lightning.force.com';

/** Where the org has the static resource, as `@salesforce/resourceUrl/patchcord` says. */
export const RESOURCE = '/resource/1764140400000/patchcord';

const BUILT = new URL(
  '../../dist/salesforce/force-app/main/default/staticresources/patchcord/',
  import.meta.url,
);
const TYPES = { js: 'application/javascript', css: 'text/css', json: 'application/json', html: 'text/html; charset=utf-8' };

/**
 * The org's origin: its pages by their paths, `{html, csp}`, its scripts `{js}`, and the static resource.
 * WebAssembly comes as Salesforce serves what it does not know.
 */
export async function serveOrg(page, servers, files) {
  const signed = () => signedBy(servers);
  const context = page.context();
  // It is served here, and Chromium lets a page of the internet reach this machine only where it may.
  await context.grantPermissions(['local-network-access']);
  await context.route(`${ORG}/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/apex/assertion') {
      return route.fulfill({ contentType: TYPES.json, body: JSON.stringify({ assertion: await signed() }) });
    }
    const file = files[pathname];
    if (file?.js) return route.fulfill({ contentType: TYPES.js, body: file.js });
    if (file) {
      const headers = file.csp ? { 'content-security-policy': file.csp } : {};
      return route.fulfill({ contentType: TYPES.html, headers, body: file.html });
    }
    if (!pathname.startsWith(`${RESOURCE}/`)) return route.fulfill({ status: 404, body: '' });
    const path = fileURLToPath(new URL(pathname.slice(RESOURCE.length + 1), BUILT));
    const contentType = TYPES[path.split('.').at(-1)] ?? 'application/octet-stream';
    return route.fulfill({ contentType, body: await readFile(path) });
  });
  return { signed };
}

