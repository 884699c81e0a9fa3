// Zendesk's side of an app: a page at Zendesk's origin that shows the app's places and speaks with them as Zendesk
// does, message by message, and what its HTTP API keeps of calls.
import { readFile } from 'node:fs/promises';
import { expect } from '@playwright/test';
import { serveAt } from './hosts.js';
import { choose } from './panel.js';
import { zafSdk } from './zendesk-sdk.js';

export const ZENDESK = 'https://acme.zendesk.com';
/** Where Zendesk serves the files of apps. */
const APPS = 'https://77.apps.zdusercontent.com';
const PACKAGE = new URL('../../web/zendesk/', import.meta.url);
const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css' };

/** The ticket that the tests call from, as the app's place beside it can read it. */
export const TICKET = {
  'ticket.id': 4242,
  'ticket.subject': 'Heat pump stands still',
  'ticket.tags': ['heating', 'urgent'],
  'ticket.customField:custom_field_360001': 'Gold',
  'ticket.requester': { id: 881, name: 'Greta Groß', groups: [{ id: 1, name: 'North' }] },
  'ticket.requester.id': 881,
  'ticket.requester.name': 'Greta Groß',
};
export const TICKETS_RECORD = {
  system: 'zendesk',
  type: 'ticket',
  id: '4242',
  name: 'Heat pump stands still',
  url: `${ZENDESK}/agent/tickets/4242`,
};

/** The app as it is installed. */
export async function manifest() {
  return JSON.parse(await readFile(new URL('manifest.json', PACKAGE), 'utf8'));
}

/**
 * Opens a page of Zendesk with the app installed, and the places that such a page has.
 *
 * `places`: `{name: {location, values?, ticketId?, userId?}}`. `settings`: the app's. `direct`: frames the relay's page
 * itself in the top bar, without the app's own page.
 */
export async function openZendesk(
  page,
  servers,
  {
    origin = ZENDESK,
    places = { ticket: { location: 'ticket_sidebar', ticketId: 4242, values: TICKET } },
    settings = { relay: servers.relay, host: 'acme-zendesk' },
    locale = 'en-GB',
    direct,
  } = {},
) {
  const context = page.context();
  const { location } = await manifest();
  const urls = Object.fromEntries(
    Object.entries(location.support).map(([place, { url }]) => [place, `${APPS}/77/${url}`]),
  );
  if (direct) urls.top_bar = direct;
  await context.route('https://static.zdassets.com/zendesk_app_framework_sdk/2.0/zaf_sdk.min.js', async (route) =>
    route.fulfill({ contentType: 'text/javascript', body: await zafSdk() }),
  );
  await context.route(`${APPS}/77/assets/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    const body = await readFile(new URL(pathname.slice('/77/'.length), PACKAGE));
    return route.fulfill({ contentType: TYPES[pathname.split('.').at(-1)], body });
  });
  const given = {
    urls,
    settings,
    locale,
    places: { background: { location: 'background' }, top: { location: 'top_bar' }, ...places },
  };
  await serveAt(context, origin, {
    '/agent':
      '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Zendesk</title></head><body style="margin:0">' +
      `<script>(${runZendesk})(${JSON.stringify(given)})</script></body></html>`,
  });
  await page.goto(`${origin}/agent`);
}

/** Runs in Zendesk's page. */
function runZendesk({ urls, settings, locale, places }) {
  const kept = JSON.parse(sessionStorage.calls ?? '[]');
  window.zendesk = { invoked: [], requests: [], calls: kept, triggered: [], answer: 'yes', users: [] };
  const instances = {};
  const metadata = { appId: 77, installationId: 3, settings };
  const currentUser = { id: 301, name: 'Alex Adler', locale };

  for (const [name, { location: place, values = {}, ...ids }] of Object.entries(places)) {
    const guid = `guid-${name}`;
    const context = { instanceGuid: guid, product: 'support', account: { subdomain: 'acme' }, location: place, ...ids };
    instances[guid] = { guid, name, context, values, listens: new Set() };
  }
  const show = (instance) => {
    if (instance.frame) return;
    const frame = document.createElement('iframe');
    frame.name = instance.name;
    frame.style = 'display:block;width:330px;height:520px;border:1px solid #ccc';
    if (instance.context.location !== 'top_bar') frame.style.height = '64px';
    frame.src = `${urls[instance.context.location]}?origin=${encodeURIComponent(location.origin)}&app_guid=${instance.guid}`;
    document.body.append(frame);
    instance.frame = frame;
  };
  const post = (instance, message) => instance.frame?.contentWindow.postMessage(JSON.stringify(message), '*');
  const fire = (instance, name, message) => {
    if (instance.listens.has(name)) post(instance, { key: `zaf.${name}`, message });
  };

  const read = (instance, path) => {
    if (path === 'instances')
      return Object.fromEntries(Object.values(instances).map(({ guid, context }) => [guid, context]));
    if (path === 'currentUser') return currentUser;
    if (path === 'currentUser.locale') return locale;
    return instance.values[path];
  };
  const ask = {
    get(instance, params) {
      const result = {};
      for (const path of params) {
        const value = read(instance, path);
        if (value === undefined) (result.errors ??= {})[path] = { message: `Could not find handler for: "${path}"` };
        else result[path] = value;
      }
      return result;
    },
    invoke(instance, params) {
      for (const [action, values] of Object.entries(params)) {
        window.zendesk.invoked.push([instance.name, action, ...values]);
        if (/^(preloadPane|popover)$/.test(action)) show(instance);
      }
      return Object.fromEntries(Object.keys(params).map((action) => [action, null]));
    },
  };

  /** Zendesk's HTTP API, as far as the phone asks. */
  const api = ({ url, type = 'GET', data, headers }) => {
    const { pathname, searchParams } = new URL(url, location.origin);
    window.zendesk.requests.push({ url, type, data: data && JSON.parse(data), headers });
    if (pathname === '/api/v2/calls.json' && type === 'POST') {
      const body = JSON.parse(data);
      window.zendesk.calls.push(body);
      sessionStorage.calls = JSON.stringify(window.zendesk.calls);
      return { call: { id: 1, ticket_id: body.call.ticket_id ?? 5000 } };
    }
    if (pathname.endsWith('/comments.json')) {
      const comments = window.zendesk.calls.map(({ call }) => ({
        type: 'TpeVoiceComment',
        data: { external_id: call.external_id },
      }));
      return { comments };
    }
    const query = searchParams.get('query') ?? '';
    if (query.startsWith('type:user')) return { results: window.zendesk.users };
    const [, id] = query.match(/^type:ticket comment:"(.*)"$/) ?? [];
    return { count: window.zendesk.calls.filter(({ call, comment }) => comment && call.external_id === id).length };
  };

  addEventListener('message', ({ data, source }) => {
    const instance = Object.values(instances).find(({ frame }) => frame?.contentWindow === source);
    if (!instance || typeof data !== 'string') return;
    const { id, request, params, key, message, instanceGuid } = JSON.parse(data);
    const target = instances[instanceGuid] ?? instance;
    if (request) return post(instance, { id, result: ask[request](target, params) });
    const [, verb, name] = key.match(/^iframe\.(\w+):(.*)$/) ?? [];
    if (key === 'iframe.handshake') {
      instance.listens.clear();
      post(instance, { key: 'zaf.app.registered', message: { context: instance.context, metadata } });
    } else if (verb === 'on') {
      instance.listens.add(name);
    } else if (verb === 'trigger') {
      window.zendesk.triggered.push([instance.name, target.name, name, message]);
      fire(target, name, message);
    } else if (key.startsWith('request:')) {
      const { answer } = window.zendesk;
      const isCall = message.type === 'POST';
      // Asked for, and refused; or done, and the answer is lost on its way.
      const isOfTicket = isCall && JSON.parse(message.data).call.ticket_id;
      if (isCall && (answer === 'no' || (answer === 'closed' && isOfTicket)))
        return post(instance, { key: `zaf.${key}.fail`, message: { responseArgs: [{ status: 422 }] } });
      if (answer === 'away')
        return post(instance, { key: `zaf.${key}.fail`, message: { responseArgs: [{ status: 503 }] } });
      const reply = api(message);
      if (isCall && answer === 'lost')
        post(instance, { key: `zaf.${key}.fail`, message: { responseArgs: [{ status: 0 }] } });
      else post(instance, { key: `zaf.${key}.done`, message: { responseArgs: [reply] } });
    }
  });

  Object.assign(window.zendesk, {
    /** A number was clicked: Zendesk tells it to the places that listen. */
    click: (data, to) => {
      for (const instance of Object.values(instances))
        if (!to || to.includes(instance.name)) fire(instance, 'voice.dialout', data);
    },
    /** The agent turns to another place. */
    turnTo: (name) => {
      for (const instance of Object.values(instances)) {
        if (/_sidebar$/.test(instance.context.location))
          fire(instance, instance.name === name ? 'app.activated' : 'app.deactivated');
      }
    },
    listens: (name, event) => Boolean(instances[`guid-${name}`]?.listens.has(event)),
  });
  for (const instance of Object.values(instances)) if (instance.context.location !== 'top_bar') show(instance);
}

/** What Zendesk's page knows. */
export async function known(page, what) {
  return page.evaluate((what) => JSON.parse(JSON.stringify(window.zendesk[what])), what);
}

/** Clicks a number in Zendesk once the phone listens. */
export async function clickNumber(page, click, to) {
  await listening(page);
  await page.evaluate(([click, to]) => window.zendesk.click(click, to), [click, to]);
}

/** Waits until the phone listens to clicks. */
export async function listening(page) {
  await expect
    .poll(() => page.evaluate(() => window.zendesk.listens('top', 'voice.dialout')), { message: 'the phone listens' })
    .toBe(true);
}

/** The phone in Zendesk's top bar. */
export function phone(page) {
  return page.frameLocator('iframe[name="top"]');
}

/** A place of the app. */
export function place(page, name) {
  return page.frameLocator(`iframe[name="${name}"]`);
}

/** Signs the agent in at the platform, in the window that the phone opens, and waits until the app knows. */
export async function signIn(page, user = '005ALEX') {
  const button = phone(page).getByRole('button', { name: 'Sign in', exact: true });
  const [popup] = await Promise.all([page.waitForEvent('popup'), button.click()]);
  await choose(popup, user);
  await expect
    .poll(
      async () =>
        (await known(page, 'triggered')).filter(
          ([, , name, data]) => name === 'patchcord.agent' && /ready|busy/.test(data.state),
        ),
      {
        message: 'the phone has told that the agent is signed in',
      },
    )
    .not.toHaveLength(0);
}
