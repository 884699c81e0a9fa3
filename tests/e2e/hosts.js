// CRMs and other pages that have the phone in a frame: their origins, and who signs for their users.
import { launchOptions } from './browser.js';

/** What Playwright switches off for good reasons. */
const SWITCHED_OFF = [
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
];

/** An assertion for the sandbox's agent, as a CRM's backend would sign it. */
export async function signedBy(servers, user = '005ALEX') {
  const response = await fetch(`${servers.demo}/crm/assertion?user=${user}`, {
    method: 'POST',
    headers: { origin: servers.demo },
  });
  return (await response.json()).assertion;
}

/** Has the host of this name be framed by these origins alone. */
export async function listOrigins(servers, host, origins, more = '') {
  await servers.configure((text) => {
    const [before, after] = text.split(`name = "${host}"`);
    const list = `origins = [${origins.map((origin) => `"${origin}"`).join(', ')}]${more && `\n${more}`}`;
    return `${before}name = "${host}"${after.replace(/^origins = .*$/m, list)}`;
  });
  await servers.restartRelay();
}

/** Serves pages at an origin that is not ours: `{path: html}`. Whatever else is asked for there is not found. */
export async function serveAt(context, origin, pages) {
  // Chromium lets a page of the internet reach this machine only where it may.
  await context.grantPermissions(['local-network-access']);
  await context.route(`${origin}/**`, (route) => {
    const html = pages[new URL(route.request().url()).pathname];
    if (html === undefined) return route.fulfill({ status: 404, body: '' });
    return route.fulfill({ contentType: 'text/html; charset=utf-8', body: html });
  });
}

/**
 * How Chromium is started for a frame inside another site, as people's browsers are: with storage that is kept apart
 * for each site that frames it. Playwright switches that off, and a frame is then refused any.
 * `test.use({ launchOptions: frameOptions() });`
 */
export function frameOptions() {
  const options = launchOptions();
  // The last of several such switches counts, and this one comes after Playwright's.
  return { ...options, args: [...options.args, `--disable-features=${SWITCHED_OFF.join(',')}`] };
}
