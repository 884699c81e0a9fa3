// The admin pages, with something on each of them.
import { randomUUID } from 'node:crypto';
import { expect } from '@playwright/test';

export const TOKEN = 'demo-admin-token-that-protects-nothing';
export const NUMBER = '+493023125100';

/** Every page that the navigation leads to, by its heading. */
export const PAGES = {
  '/admin': 'Overview',
  '/admin/statistics': 'Statistics',
  '/admin/alerts': 'To settle',
  '/admin/outbox': 'Outbox',
  '/admin/refusals': 'Refusals',
  '/admin/agents': 'Agents',
  '/admin/provisioning': 'Provisioned',
  '/admin/hosts': 'CRMs',
  '/admin/hours': 'Opening hours',
  '/admin/queues': 'Queues',
  '/admin/tasks': 'Tasks',
  '/admin/schedules': 'Schedules',
  '/admin/keys': 'Keys',
  '/admin/tokens': 'Tokens',
  '/admin/audit': 'Audit log',
};

const HOURS = `
[[hours]]
name = "office"
zone = "Europe/Berlin"
monday = ["00:00-24:00"]
tuesday = ["00:00-24:00"]
wednesday = ["00:00-24:00"]
thursday = ["00:00-24:00"]
friday = ["00:00-24:00"]
saturday = ["00:00-12:00", "12:30-24:00"]
holidays = ["12-25", "2031-04-11"]
exceptions = [{ date = "2031-12-24", open = ["09:00-12:00"] }]
`;

/** A relay with opening hours for one topic, whose visitors prove nothing. */
export async function prepare(servers) {
  await servers.configure(
    (text) =>
      text
        .replaceAll(/^(proof|honeypot) = .*\n/gm, '')
        .replace('label = "Support"', 'label = "Support"\nhours = "office"\nwhen_closed = "refuse"') + HOURS,
  );
  await servers.restartRelay();
}

/** A visitor's wish; gives the relay's answer. */
export async function callback(servers, { number = NUMBER, topic = 'sales', name = 'Ada Lovelace', at } = {}) {
  const response = await fetch(`${servers.relay}/v1/callbacks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'patchcord-key': 'pk_demo', 'idempotency-key': randomUUID() },
    body: JSON.stringify({
      number,
      topic,
      at,
      fields: { name },
      consent: { version: '2026-11', given: true },
      page: 'https://www.example.com/heating/heat-pumps-for-old-houses',
    }),
  });
  return response.json();
}

/** Where a conference is that the platform tells after [someConference]. */
export const CONFERENCE = '/admin/conferences/babelforce/00112233445566778899aabbccddeeff';

/** Has the platform tell a conference with an agent, somebody on hold, somebody who is called and one who left. */
export async function someConference(sandbox) {
  const call = { id: 'c', type: 'outbound', from: '+493012345600', to: NUMBER };
  const since = new Date(Date.now() - 240_000).toISOString();
  const member = (id, more) => ({ id, state: 'added', isModerator: false, call, dateCreated: since, ...more });
  const members = [
    member('a', { agent: { id: 'x', name: 'Alex Adler' }, isModerator: true }),
    member('b', { hold: true }),
    member('d', { state: 'pending' }),
    member('e', { state: 'removed' }),
  ];
  const item = { id: CONFERENCE.split('/').at(-1), state: 'created', dateCreated: since, members };
  const answers = (path, body) => ({
    match: { path },
    action: { status: { code: 200, content_type: 'application/json', body: JSON.stringify(body) } },
  });
  await sandbox.faults([
    answers('/api/v2/conferences', { items: [item] }),
    answers('/api/v2/conferences/*', { item, success: true }),
  ]);
}

/** Waits until a callback has a state. */
export async function until(servers, { id, manage_token: manage }, state) {
  const look = async () => {
    const response = await fetch(`${servers.relay}/v1/callbacks/${id}`, { headers: { 'patchcord-manage': manage } });
    return (await response.json()).state;
  };
  await expect.poll(look).toBe(state);
}

/** One callback of each fate; gives the one of which nobody knows whether it arrived. */
export async function seed(servers, sandbox) {
  await until(servers, await callback(servers), 'handed_over');
  await sandbox.faults([{ match: { path: '/apiv1/team/make_call' }, action: { status: { code: 400 } } }]);
  await until(servers, await callback(servers, { number: '+4989123456' }), 'refused');
  await sandbox.faults([{ match: { path: '/apiv1/team/make_call' }, action: 'garbage' }]);
  const unknown = await callback(servers, { number: '+4315234567' });
  await until(servers, unknown, 'unknown');
  await sandbox.faults([]);
  await callback(servers, { at: new Date(Date.now() + 86_400_000).toISOString() });
  await callback(servers, { number: '+12025550100' });
  return unknown;
}

/** Signs in and waits for the overview. */
export async function signIn(page, servers) {
  await page.context().grantPermissions(['local-network-access']);
  await page.goto(`${servers.relay}/admin`);
  await page.getByLabel('Your token').fill(TOKEN);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
}
