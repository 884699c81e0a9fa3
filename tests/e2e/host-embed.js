// Stand-ins for what pages have that were made for babelforce's iframe, after its documented messages: today's SDK, and
// the older component of Salesforce orgs. Both know nothing of us; only the address of the iframe is ours.
import { listOrigins, serveAt, signedBy } from './hosts.js';
import { CRM, HOST } from './host-page.js';

/** Today's: hands a token over at `ready`, then drives the phone. `window.bc`, `window.told`. */
function today(servers) {
  return `
    const server = '${servers.relay}';
    const frame = document.createElement('iframe');
    frame.style.cssText = 'width: 380px; height: 640px';
    const listeners = {};
    let auth = window.given;
    const post = (module, name, args) =>
      frame.contentWindow.postMessage({ type: 'connect', module, name: module + '.' + name, args }, server);
    addEventListener('message', ({ data, origin, source }) => {
      if (origin !== server || source !== frame.contentWindow || data?.type !== 'bcConnect') return;
      if (data.name === 'ready') post('auth', 'set', auth);
      window.told.push({ name: data.name, data: data.data });
    });
    window.bc = {
      calls: { dial: (number, dial = true) => post('calls', 'dial', { number, dial }) },
      session: { set: (args) => post('session', 'set', args) },
      context: { set: (args) => post('context', 'set', args) },
      app: { setTab: (tab) => post('app', 'setTab', { tab }) },
      auth: { set: (args) => post('auth', 'set', (auth = { ...auth, ...args })) },
    };
    frame.src = server + '/hosts/${HOST}';
    document.body.append(frame);`;
}

/** The older one: listens, and speaks when a number is clicked or another record is opened. */
function olderWidget(servers) {
  return `
    const address = '${servers.relay}/hosts/${HOST}';
    addEventListener('message', (event) => {
      if (!address.startsWith(event.origin)) return;
      const { event: name, data, context } = JSON.parse(JSON.stringify(event.data));
      window.told.push({ name, data, context });
      if (name === 'babelconnect.user.loaded') window.clickToDial = true;
      if (name === 'babelconnect.user.logoff') window.clickToDial = false;
    });
    const post = (module, name, args) => frame.contentWindow.postMessage({ type: 'connect', module, name, args }, address);
    window.bc = {
      click: (number, dial) => window.clickToDial && post('calls', 'dial', { to: number, dial }),
      navigated: (url) => post('context', 'set', { mostRecentUrl: url }),
    };
    const frame = document.createElement('iframe');
    frame.src = address;
    frame.style.cssText = 'width: 380px; height: 640px';
    document.body.append(frame);`;
}

const HOSTS = { today, older: olderWidget };

/** Opens a page that was made for babelforce's iframe. `given` is what today's hands over beside the token. */
export async function openEmbed(page, servers, { kind = 'today', listed, token, given = {} } = {}) {
  await listOrigins(servers, HOST, [CRM], listed);
  await page.exposeFunction('sign', () => signedBy(servers));
  const auth = { token: token ?? (await signedBy(servers)), ...given };
  await serveAt(page.context(), CRM, {
    '/': `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A CRM</title></head><body>
      <script type="module">window.told = []; window.given = ${JSON.stringify(auth)}; ${HOSTS[kind](servers)}</script></body></html>`,
  });
  await page.goto(`${CRM}/`);
}

/** What the page was told, oldest first: the names, or what came with one name. */
export async function heardOf(page, name) {
  const all = await page.evaluate(() => window.told);
  return name ? all.filter((one) => one.name === name) : all.map((one) => one.name);
}
