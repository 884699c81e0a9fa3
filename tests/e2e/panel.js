// The agent's panel on a page of a test's own, and the other side of its calls.
import { expect } from '@playwright/test';

/** The sandbox's agents, by the user in Acme's CRM. */
export const AGENTS = {
  '005ALEX': {
    id: '0a1b2c3d4e5f60718293a4b5c6d7e8f9',
    email: 'alex@acme.example',
  },
  '005SAM': {
    id: '1b2c3d4e5f60718293a4b5c6d7e8f90a',
    email: 'sam@acme.example',
  },
};

const TITLE = 'A page with a panel';

/** A panel's markup; behind a relay, as Acme's CRM uses it. */
export function panelMarkup({ provider = 'babelforce', user = '005ALEX', more = '' } = {}) {
  return `<patchcord-panel provider="${provider}" session-url="/crm/assertion?user=${user}" ${more}></patchcord-panel>`;
}

/** Opens a page with a panel at the demo's origin. `path` sets pages of one test apart; `csp` is the page's policy. */
export async function openPanel(page, servers, markup = panelMarkup(), { path = '/t/panel', width = 420, csp } = {}) {
  await page.context().grantPermissions(['local-network-access']);
  await page.setViewportSize({ width, height: 780 });
  await page.context().route(`${servers.demo}${path}*`, (route) =>
    route.fulfill({
      contentType: 'text/html; charset=utf-8',
      headers: csp ? { 'content-security-policy': csp } : {},
      body: html(servers, markup),
    }),
  );
  await page.addInitScript(() => {
    window.told = [];
    const events = 'callrequested callaccepted callrefused callunknown callstate callended patchcordready patchcorderror';
    for (const name of events.split(' ')) {
      document.addEventListener(name, ({ type, detail }) => window.told.push({ type, detail }));
    }
  });
  await page.goto(`${servers.demo}${path}`);
}

function html(servers, markup) {
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${TITLE}</title>` +
    '<meta name="color-scheme" content="light dark">' +
    '<meta name="viewport" content="width=device-width, initial-scale=1">' +
    `<script type="module" src="${servers.relay}/patchcord-panel.js"></script></head>` +
    `<body style="margin:0"><main>${markup}</main></body></html>`
  );
}

/** Signs the person in at the platform, in the popup that the panel opens. */
export async function signIn(page, user = '005ALEX') {
  const button = page.getByRole('button', { name: /sign in/i });
  const [popup] = await Promise.all([page.waitForEvent('popup'), button.click()]);
  await choose(popup, user);
}

/** Chooses who signs in on the stand-in's page, which asks for no password. */
export async function choose(popup, user) {
  await popup.getByRole('link', { name: AGENTS[user].email }).click();
}

/** Waits until the panel can dial. */
export async function live(page) {
  await expect(page.locator('patchcord-panel [data-state="live"]').first()).toBeVisible();
}
