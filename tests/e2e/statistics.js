// A relay with something to count, and somebody who may look at it.
import { expect } from '@playwright/test';
import { callback, until } from './admin.js';

export const SUPERVISOR = 'spec-supervisor-token-that-protects-nothing';
/** Where the relay asks babelforce for calls of the past. */
export const REPORT = '/api/v2/calls/reporting/simple';

/** A relay whose visitors prove nothing, with a supervisor. */
export async function prepareSupervisor(servers) {
  const person = `{ name = "sascha", token = "${SUPERVISOR}", role = "supervisor" }`;
  await servers.configure((text) =>
    text
      .replaceAll(/^(proof|honeypot) = .*\n/gm, '')
      .replace('people = [', `people = [${person}, `)
      .replace('name = "Alex Adler"\nidentities', 'name = "Alex Adler"\nteam = "Inside sales"\nidentities'),
  );
  await servers.restartRelay();
}

/** Callbacks of several fates, as visitors ask for them. */
export async function visitors(servers, sandbox) {
  for (const [count, topic] of [
    [5, 'sales'],
    [3, 'support'],
  ]) {
    for (let nth = 0; nth < count; nth += 1) {
      await until(servers, await callback(servers, { topic, number: `+4930231251${nth}0` }), 'handed_over');
    }
  }
  await sandbox.faults([{ match: { path: '/apiv1/team/make_call' }, action: { status: { code: 400 } } }]);
  await until(servers, await callback(servers, { number: '+4989123456' }), 'refused');
  await callback(servers, { at: new Date(Date.now() + 86_400_000).toISOString() });
}

/** A day's calls, as the platform's condensed reporting tells them: the same ones each time. */
export function aDay(date) {
  const queues = ['Support', 'Sales', 'Service and repairs'];
  const agents = ['Alex Adler', 'Sam Sommer', 'Kim Kessler', 'Robin Roth', 'Jo Jansen'];
  const busy = [0, 0, 0, 0, 0, 0, 1, 3, 9, 14, 17, 16, 8, 10, 15, 14, 12, 7, 3, 1, 0, 0, 0, 0];
  const items = [];
  busy.forEach((calls, hour) => {
    for (let nth = 0; nth < calls; nth += 1) {
      const at = items.length;
      const bridged = at % 7 !== 3;
      items.push({
        id: at.toString(16).padStart(32, '0'),
        type: at % 4 === 1 ? 'outboundCall' : 'inboundCall',
        dateCreated: `${date}T${String(hour).padStart(2, '0')}:${String((nth * 7) % 60).padStart(2, '0')}:00+01:00`,
        bridged,
        waitTime: 3 + ((at * 13) % 41),
        duration: 90,
        queueName: queues[(at * at) % queues.length],
        ...(bridged ? { agentName: agents[(at * 3 + nth) % agents.length] } : {}),
      });
    }
  });
  return { items, pagination: { pages: 1, current: 1, max: 100, total: items.length } };
}

/** Has the platform tell these calls. */
export async function tells(sandbox, body) {
  await sandbox.faults([
    { match: { path: REPORT }, action: { status: { code: 200, body: JSON.stringify(body) } } },
  ]);
}

/** Signs in as the supervisor and waits for the figures. */
export async function supervise(page, servers) {
  await page.context().grantPermissions(['local-network-access']);
  await page.goto(`${servers.relay}/admin`);
  await page.getByLabel('Your token').fill(SUPERVISOR);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Statistics' })).toBeVisible();
}
