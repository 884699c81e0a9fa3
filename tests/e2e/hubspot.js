// HubSpot's side of a calling app: a page at HubSpot's origin, with HubSpot's own IFrameManager as the host.
import { fileURLToPath } from 'node:url';
import { expect } from '@playwright/test';
import { build } from 'esbuild';
import { serveAt } from './hosts.js';
import { choose } from './panel.js';

export const HUBSPOT = 'https://app.hubspot.com';
export const PORTAL = 4711;
/** Ada, whom the tests call, as HubSpot names her with a click. */
export const ADA = { calleeId: 501, calleeObjectTypeId: '0-1' };
export const ADAS_RECORD = {
  system: 'hubspot',
  type: 'Contact',
  id: '501',
  name: 'Ada Lovelace',
  url: `${HUBSPOT}/contacts/${PORTAL}/record/0-1/501`,
};

/** What HubSpot's own code sends with a click (its `createDialNumberPayload`). */
export function click(number, more = {}) {
  return {
    phoneNumber: number,
    phone_number: number,
    countryCode: 'DE',
    calleeInfo: ADA,
    ownerId: 77,
    subjectId: 9001,
    objectId: 9001,
    objectType: 'DEAL',
    startTimestamp: 1_790_000_000_000,
    portalId: PORTAL,
    toPhoneNumberSrc: 'mobilephone',
    ...more,
  };
}

let bundle;

/** HubSpot's class, from the source that its package has. */
async function iFrameManager() {
  bundle ??= build({
    stdin: {
      contents: 'export { default } from "@hubspot/calling-extensions-sdk/src/IFrameManager";',
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
    },
    bundle: true,
    format: 'iife',
    globalName: 'hubspot',
    write: false,
  });
  return (await bundle).outputFiles[0].text;
}

/**
 * Opens a page with the calling app of this host in it.
 *
 * `origin`: whose page it is. In the page, `sessionStorage.greeting` is what HubSpot says besides as it greets the app, and
 * `answers` says what HubSpot does when it is told of a call: whether it can
 * make its record (`created`) and change it (`updated`).
 */
export async function openHubSpot(
  page,
  servers,
  { origin = HUBSPOT, path = '/contacts/4711', host = 'acme-hubspot' } = {},
) {
  const frame = `${servers.relay}/hosts/${host}`;
  await serveAt(page.context(), origin, {
    [path]:
      '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>HubSpot</title></head>' +
      `<body style="margin:0"><div id="app"></div><script>${(await iFrameManager()).replaceAll('</script', '<\\/script')}</script>` +
      `<script>(${runHubSpot})(${JSON.stringify({ frame, portal: PORTAL })})</script></body></html>`,
  });
  await page.goto(origin + path);
}

/** Runs in HubSpot's page. */
function runHubSpot({ frame, portal }) {
  window.heard = [];
  window.answers = { created: true, updated: true };
  let engagements = 9000;
  const answer = (type, data) => manager.sendMessage({ type, data });
  const manager = new hubspot.default({
    debugMode: false,
    iFrameOptions: { src: frame, width: '380', height: '640', hostElementSelector: '#app' },
    onMessageHandler(message) {
      window.heard.push(JSON.parse(JSON.stringify(message)));
      const { type, data = {} } = message;
      const { externalCallId } = data;
      if (/^(OUTGOING_CALL_STARTED|INCOMING_CALL)$/.test(type) && data.createEngagement) {
        const { created } = window.answers;
        if (created === 'never') return;
        if (created) answer('CREATE_ENGAGEMENT_SUCCEEDED', { engagementId: ++engagements, externalCallId });
        else answer('CREATE_ENGAGEMENT_FAILED', { error: { message: 'no' } });
      }
      if (type === 'CALL_COMPLETED') {
        const { updated } = window.answers;
        const { engagementId } = data;
        answer(updated ? 'UPDATE_ENGAGEMENT_SUCCEEDED' : 'UPDATE_ENGAGEMENT_FAILED', { engagementId });
      }
    },
  });
  // HubSpot's own page says with the first message who is there.
  const send = manager.sendMessage.bind(manager);
  manager.sendMessage = (message, done) =>
    send(
      message.type === 'SYNC'
        ? { ...message, portalId: portal, userId: 7, ownerId: 77, iframeLocation: 'widget', ...JSON.parse(sessionStorage.greeting ?? '{}') }
        : message,
      done,
    );
  window.manager = manager;
}

/** Sends a message of HubSpot's to the app. */
export async function send(page, type, data) {
  await page.evaluate(([type, data]) => window.manager.sendMessage({ type, data }), [type, data]);
}

/** What HubSpot heard from the app, oldest first; of one type, or all. */
export async function heard(page, type) {
  const all = await page.evaluate(() => window.heard);
  return type ? all.filter((message) => message.type === type).map(({ data }) => data) : all;
}

/** The types that HubSpot heard of a call, in their order. */
export async function told(page) {
  return (await heard(page)).map(({ type }) => type).filter((type) => /CALL/.test(type));
}

/** The data of the only message of a type, once it is there. */
export async function heardOnce(page, type) {
  await expect.poll(() => heard(page, type), { message: `a message ${type}` }).toHaveLength(1);
  return (await heard(page, type))[0];
}

/** The app in HubSpot's page. */
export function app(page) {
  return page.frameLocator('iframe');
}

/** Signs the agent in at the platform, in the window that the app opens, and waits until HubSpot may send clicks. */
export async function signIn(page, { user = '005ALEX', available = 'USER_AVAILABLE' } = {}) {
  const button = app(page).getByRole('button', { name: 'Sign in', exact: true });
  const [popup] = await Promise.all([page.waitForEvent('popup'), button.click()]);
  await choose(popup, user);
  await expect.poll(() => heard(page, available), { message: 'HubSpot knows how the agent is' }).not.toHaveLength(0);
}
