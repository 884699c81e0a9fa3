// A platform that misbehaves when it is asked to dial. Each case names the code that the page's script gets, the
// words that the person reads, and how often a phone was made to ring.
import { rung } from './bad-input.js';
import { expect, test } from './servers.js';
import {
  callTag,
  dialButton,
  events,
  letAMinutePass,
  openSettled,
  status,
  theEvent,
} from './pages.js';

const DIAL = { samespace: '/apiv1/make_call', babelforce: '/api/v2/agents/*' };

const REFUSED = 'callrefused';
const UNKNOWN = 'callunknown';

/** What a platform can do to a dial, and what becomes of it. `rings`: whether it acted nevertheless. */
const MISBEHAVIOURS = [
  {
    name: 'is slow',
    action: 'hold',
    event: UNKNOWN,
    code: 'no_reply',
    text: "We don't know whether the call was placed.",
    rings: 1,
  },
  {
    name: 'answers garbage',
    action: 'garbage',
    event: UNKNOWN,
    code: 'unreadable_reply',
    text: "We don't know whether the call was placed.",
    rings: 1,
  },
  {
    name: 'answers with a wrong content type',
    action: 'wrong_content_type',
    event: UNKNOWN,
    code: 'unreadable_reply',
    text: "We don't know whether the call was placed.",
    rings: 0,
  },
  {
    name: 'hangs up without an answer',
    action: 'close_before_reply',
    event: UNKNOWN,
    code: 'no_reply',
    text: "We don't know whether the call was placed.",
    rings: 1,
  },
  {
    name: 'breaks off in the middle of its answer',
    action: 'close_half_way',
    event: UNKNOWN,
    code: 'no_reply',
    text: "We don't know whether the call was placed.",
    rings: 1,
  },
  {
    name: 'resets the connection',
    action: 'reset',
    event: UNKNOWN,
    code: 'no_reply',
    text: "We don't know whether the call was placed.",
    rings: 0,
  },
  {
    name: 'answers 401',
    action: { status: { code: 401 } },
    event: REFUSED,
    code: 'provider_rejected_credentials',
    text: "The phone system did not accept the relay's credentials.",
    // A refusal that proves that nothing was done: asked a second time with a fresh token.
    requests: { samespace: 1, babelforce: 2 },
    rings: 0,
  },
  {
    name: 'answers 403',
    action: { status: { code: 403 } },
    event: REFUSED,
    code: 'provider_forbidden',
    text: 'The phone system does not allow this.',
    rings: 0,
  },
  {
    name: 'answers 404',
    action: { status: { code: 404 } },
    event: REFUSED,
    code: 'provider_not_found',
    text: 'The phone system does not know the agent or queue.',
    rings: 0,
  },
  {
    name: 'answers 429',
    action: { status: { code: 429 } },
    event: REFUSED,
    code: 'provider_busy',
    text: 'The phone system is busy.',
    rings: 0,
  },
  {
    name: 'answers 500',
    action: { status: { code: 500, body: 'oops' } },
    event: UNKNOWN,
    code: 'provider_error',
    text: "We don't know whether the call was placed.",
    rings: 0,
  },
  {
    name: 'answers with words of its own',
    action: {
      status: {
        code: 200,
        content_type: 'application/json',
        body: '{"success": false, "message": "Line <7> is \\"closed\\""}',
      },
    },
    event: REFUSED,
    code: 'provider_refused',
    text: 'The phone system said: “Line <7> is "closed"”',
    rings: 0,
  },
];

for (const provider of ['samespace', 'babelforce']) {
  test.describe(`when ${provider}`, () => {
    for (const { name, action, event, code, text, rings, requests } of MISBEHAVIOURS) {
      test(`${name}, the code is ${code}`, async ({ page, servers, sandbox }) => {
        if (action === 'hold') {
          await servers.configure((config) => config.replaceAll('timeout = 10', 'timeout = 1'));
          await servers.restartRelay();
        }
        await page.clock.install();
        await sandbox.faults([{ match: { method: 'POST', path: DIAL[provider] }, action }]);
        await openSettled(page, servers, callTag({ provider }));
        await dialButton(page).click();
        expect((await theEvent(page, event)).code).toBe(code);
        await expect(status(page)).toContainText(text);
        await letAMinutePass(page);
        expect(await events(page, event)).toHaveLength(1);
        expect(await rung(sandbox)).toBe(rings);
        expect(await sandbox.dials()).toHaveLength(requests?.[provider] ?? 1);
      });
    }

    test('is down, the code is provider_unreachable', async ({ page, servers, sandbox }) => {
      await page.clock.install();
      await openSettled(page, servers, callTag({ provider }));
      await servers.stopSandbox();
      await dialButton(page).click();
      expect((await theEvent(page, 'callrefused')).code).toBe('provider_unreachable');
      await expect(status(page)).toContainText('The phone system cannot be reached.');
      await expect(status(page)).toContainText('Nothing was dialled. Try again in a moment.');
      await servers.startSandbox();
      await letAMinutePass(page);
      expect(await sandbox.dials()).toEqual([]);
    });
  });
}

test('an agent who is logged out of the dock is told so', async ({ page, servers, sandbox }) => {
  await openSettled(page, servers, callTag({ 'session-url': '/crm/assertion?user=005SAM' }));
  await dialButton(page).click();
  expect(await theEvent(page, 'callrefused')).toMatchObject({
    code: 'agent_not_logged_in',
    message: 'Cant make call! Not logged In',
  });
  await expect(status(page)).toContainText('You are not logged in to your dock.');
  await expect(status(page)).toContainText('Log in there, then call again.');
  expect(await sandbox.dials()).toHaveLength(1);
});

test('babelforce that gives no token was not asked to dial', async ({ page, servers, sandbox }) => {
  // A fresh relay has no token yet.
  await servers.restartRelay();
  await sandbox.faults([{ match: { path: '/oauth/*' }, action: { status: { code: 401 } } }]);
  await openSettled(page, servers, callTag({ provider: 'babelforce' }));
  await dialButton(page).click();
  expect((await theEvent(page, 'callrefused')).code).toBe('provider_rejected_credentials');
  await expect(status(page)).toContainText("The phone system did not accept the relay's credentials.");
  expect(await sandbox.dials()).toEqual([]);
});
