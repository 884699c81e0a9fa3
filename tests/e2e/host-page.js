// A CRM of one's own at https://crm.example that frames the phone by `patchcord-frame.js`, and what it saw.
import { expect } from './servers.js';
import { choose } from './panel.js';
import { listOrigins, serveAt, signedBy } from './hosts.js';

export const CRM = 'https://crm.example';
export const HOST = 'acme-page';
export const NUMBER = '+493023125100';
export const RECORD = {
  system: 'acme-crm',
  type: 'Lead',
  id: '00Q7S000001KQaA',
  name: 'Jana Petersen',
  url: `${CRM}/leads/00Q7S000001KQaA`,
};
export const PAYLOAD = {
  name: 'Jana Petersen',
  score: 87.5,
  open: true,
  none: null,
  deal: { amount: 120000, products: ['heat pump', { sku: 'PV-430', count: 28 }] },
};

/** What a page with the phone has between its tags. `body` goes in front of the phone, `options` to `mount`. */
export function crmPage(servers, { as = HOST, options = '', body = '', relay = servers.relay, before = '', more = '' } = {}) {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A CRM</title></head>
    <body><main><h1>A CRM</h1>${body}<div id="phone"></div></main>
    <script type="module">
      import { mount } from '${relay}/patchcord-frame.js';
      const kept = JSON.parse(sessionStorage.getItem('kept') ?? '[]');
      window.told = { ready: [], agent: [], call: [], show: [], reveal: [], size: [], error: [], log: kept };
      ${before}
      try {
        window.phone = mount({
          container: document.querySelector('#phone'),
          host: '${as}',
          assertion: () => window.sign(),
          log: async (entry) => {
            window.told.log.push(entry);
            sessionStorage.setItem('kept', JSON.stringify(window.told.log));
          },
          ${options}
        });
      } catch (error) {
        window.threw = { code: error.code, field: error.field, message: error.message };
      }
      for (const name of ['ready', 'agent', 'call', 'show', 'reveal', 'size', 'error']) {
        window.phone?.on(name, (detail) => window.told[name].push(detail));
      }
      ${more}
    </script></body></html>`;
}

/**
 * Opens the CRM's page; `origin` is where it is, `origins` who the relay lets frame the phone, `listed` what
 * else the relay's host has, `as` its name, `agent` who is signed in at the CRM; its `id` may change.
 */
export async function openCrm(page, servers, { origin = CRM, origins = [CRM], as = HOST, listed, html, agent = { id: '005ALEX' }, ...parts } = {}) {
  await listOrigins(servers, as, origins, listed);
  await page.exposeFunction('sign', () => signedBy(servers, agent.id));
  await serveAt(page.context(), origin, { '/': html ?? crmPage(servers, { as, ...parts }) });
  await page.goto(`${origin}/`);
}

/** What the page was told, by the name of the event. */
export function told(page, name) {
  return page.evaluate((name) => window.told[name], name);
}

/** Waits until a number can be dialled. */
export async function isReady(page) {
  await expect.poll(() => page.evaluate(() => window.phone.agent), { message: 'the agent is ready', timeout: 20_000 }).toBe('ready');
}

/** Dials from the page; gives what came of it, `{id}` or `{code, field}`. */
export function dial(page, request) {
  return page.evaluate(
    (request) =>
      window.phone.dial(request).then(
        ({ id }) => ({ id }),
        ({ code, field }) => ({ code, field }),
      ),
    request,
  );
}

/** The frame's document. */
export function phone(page) {
  return page.frameLocator('iframe');
}

/** The same, to run something in. */
export function frameOf(page) {
  return page.frames().find((one) => one.url().includes(`/hosts/${HOST}`));
}

/** What the frame keeps its agent's calls as, in its storage. */
export function keptAs(page) {
  return frameOf(page).evaluate((name) => Object.keys(localStorage).find((key) => key.startsWith(name)), `patchcord:calls:${HOST} `);
}

/** What the frame keeps of calls in its storage, as text. */
export async function kept(page) {
  const name = await keptAs(page);
  return frameOf(page).evaluate((name) => localStorage.getItem(name), name);
}

/** The dials that the sandbox got, once there are so many. */
export async function dials(sandbox, count = 1) {
  await expect.poll(async () => (await sandbox.dials()).length, { message: 'dials', timeout: 20_000 }).toBe(count);
  return sandbox.dials();
}

/** The agent signs in at babelforce, in the window that the frame opens. */
export async function signIn(page, user = '005ALEX') {
  const button = phone(page).getByRole('button', { name: /sign in/i });
  const [popup] = await Promise.all([page.waitForEvent('popup'), button.click()]);
  await choose(popup, user);
}

/** Sends the frame a message of its own, as a page without `patchcord-frame.js` would. */
export function post(page, ...messages) {
  return page.evaluate((messages) => {
    const { contentWindow } = document.querySelector('iframe');
    for (const message of messages) contentWindow.postMessage(message, '*');
  }, messages);
}

/** Has the page keep every message that it gets from anywhere: `heard(page)`. For pages that are opened from now on. */
export async function hear(page) {
  await page.addInitScript(() => {
    window.heard = [];
    addEventListener('message', ({ data, origin }) => window.heard.push({ data, origin }));
  });
}

/** The messages so far. */
export async function heard(page) {
  return page.evaluate(() => window.heard);
}

/** What agents of the relay ask for: `POST /v1/sessions` and so on, by any page. */
export function watchRelay(page, servers) {
  const asked = [];
  page.context().on('request', (request) => {
    const { origin, pathname } = new URL(request.url());
    if (origin === servers.relay && pathname.startsWith('/v1/')) asked.push({ path: pathname, from: new URL(request.frame().url()).origin });
  });
  return asked;
}
