// Bad input and bad luck of a call button, in both of its forms: what is refused, and what nobody knows. Each case
// names the code that the page's script gets, the words that the person reads, and how often a phone was made to ring.
import { changed, nested, ofSize } from './bad-input.js';
import { expect, test } from './servers.js';
import {
  FORMS,
  callTag,
  dialButton,
  events,
  letAMinutePass,
  openSettled,
  status,
  theEvent,
} from './pages.js';

for (const form of FORMS) {
  test.describe(`the ${form} button`, () => {
    test.describe('refuses, and nothing is dialled', () => {
      for (const { name, attributes = {}, payload, before, code, text, remedy, absent } of [
        {
          name: 'a payload over 16 384 bytes',
          payload: ofSize(16_385),
          code: 'payload_too_large',
          text: 'This record has too much data to go with a call.',
          remedy: 'Map fewer fields; 16 kB are allowed.',
        },
        {
          name: 'a payload that is too large for the relay to read',
          payload: ofSize(70_000),
          code: 'body_too_large',
          text: 'The request is too large.',
        },
        {
          name: 'a payload with 17 levels',
          payload: nested(17),
          code: 'payload_too_deep',
          text: 'The data of this record is nested too deeply.',
          remedy: '16 levels are allowed.',
        },
        {
          name: 'a number of a country that is not configured',
          attributes: { number: '+12125550142' },
          code: 'number_not_allowed',
          text: 'We cannot call this number.',
          remedy: 'Please give another one.',
        },
        {
          name: 'a premium number',
          attributes: { number: '+499001234567' },
          code: 'number_not_allowed',
          text: 'We cannot call this number.',
        },
        {
          name: 'a number that no country has',
          attributes: { number: '+41123456789' },
          code: 'invalid_number',
          text: 'This is not a full phone number.',
        },
        {
          name: 'a caller id that is not the agent’s',
          attributes: { 'caller-id': '+493099999999' },
          code: 'caller_id_not_allowed',
          text: 'You may not call with this caller id.',
        },
        {
          name: 'an element without a session address',
          attributes: { 'session-url': undefined },
          code: 'session_missing',
          text: 'You are not signed in for calls.',
          remedy: 'Reload the page.',
        },
        {
          name: 'a session address that gives no assertion',
          attributes: { 'session-url': '/crm/no-such-page' },
          code: 'session_missing',
          text: 'You are not signed in for calls.',
        },
        {
          name: 'an agent whom the relay does not know',
          before: (page, servers) => forgetAgents(servers),
          code: 'agent_unknown',
          text: 'You are not set up for calls yet.',
          remedy: 'Ask your administrator to add you.',
        },
        {
          name: 'a signature that the relay does not accept',
          before: (page, servers) => changeSecret(servers),
          code: 'assertion_invalid',
          text: 'The relay did not accept your sign-in.',
        },
        {
          name: 'a page that the relay does not list',
          before: (page, servers) => forgetOrigins(servers),
          code: 'origin_not_allowed',
          text: 'This page may not use the relay.',
        },
        {
          name: 'a relay address where nobody listens',
          attributes: { relay: 'http://127.0.0.1:9' },
          code: 'relay_unreachable',
          text: 'The relay cannot be reached, so nothing was sent.',
          remedy: 'Check your connection and try again.',
        },
        {
          name: 'a relay address where something else listens',
          before: (page, servers) => reply(page, `${servers.relay}/v1/sessions`, 200, 'text/html', '<p>Hello'),
          code: 'relay_unreadable',
          text: "The relay's reply could not be read.",
        },
        {
          name: 'a relay that is down',
          before: (page, servers) => servers.stopRelay(),
          code: 'relay_unreachable',
          text: 'The relay cannot be reached, so nothing was sent.',
        },
        {
          name: 'a relay that says that it is busy',
          before: (page, servers) => reply(page, `${servers.relay}/v1/calls`, 503, PROBLEM, '{"code":"relay_busy","title":"Busy"}'),
          code: 'relay_busy',
          text: 'The relay is busy.',
          remedy: 'Try again in a moment.',
        },
        {
          name: 'a relay that counts too many requests',
          before: (page, servers) => reply(page, `${servers.relay}/v1/calls`, 429, PROBLEM, '{"code":"too_many_requests","title":"Slowly"}'),
          code: 'too_many_requests',
          text: 'Too many requests.',
          remedy: 'Wait a minute, then try again.',
        },
        {
          name: 'a refusal that has our words, and the relay’s advice for developers',
          before: (page, servers) => reply(page, `${servers.relay}/v1/calls`, 400, PROBLEM, TO_DEVELOPERS),
          code: 'idempotency_key_missing',
          text: 'The request has no key.',
          absent: 'Send the header',
        },
        {
          name: 'a refusal that only a newer relay has words for',
          before: (page, servers) => reply(page, `${servers.relay}/v1/calls`, 422, PROBLEM, NEWER),
          code: 'on_strike',
          text: 'The lines are on strike.',
          remedy: 'Send a letter.',
        },
      ]) {
        test(name, async ({ page, servers, sandbox }) => {
          await page.clock.install();
          // A relay elsewhere has to get past the page's policy to be refused for what it is.
          const connect = attributes.relay ?? '';
          await openSettled(page, servers, callTag(attributes), { form, connect });
          if (payload) {
            await page.locator('patchcord-call').evaluate((element, given) => {
              element.payload = given;
            }, payload);
          }
          await before?.(page, servers);
          await dialButton(page).evaluate((button) => button.click());
          expect((await theEvent(page, 'callrefused')).code).toBe(code);
          await expect(status(page)).toContainText(text);
          if (remedy) await expect(status(page)).toContainText(remedy);
          if (absent) await expect(status(page)).not.toContainText(absent);
          await letAMinutePass(page);
          expect(await events(page, 'callrefused')).toHaveLength(1);
          expect(await sandbox.dials()).toEqual([]);
        });
      }
    });

    test.describe('does not know, and says so, when after the dial the relay', () => {
      for (const { name, status: code = 200, type = 'application/json', body } of [
        { name: 'answers garbage', body: '{"id": tru' },
        { name: 'answers nothing', body: '' },
        { name: 'answers something that is no object', body: '"accepted"' },
        { name: 'answers with an object that says nothing', body: '{}' },
        { name: 'answers with a wrong content type', type: 'text/html', body: '<p>Welcome' },
        { name: 'answers 500 without a word', status: 500, type: 'text/plain', body: 'oops' },
        { name: 'answers 502 with a page', status: 502, type: 'text/html', body: '<h1>Bad gateway' },
      ]) {
        test(name, async ({ page, servers, sandbox }) => {
          await page.clock.install();
          await openSettled(page, servers, callTag(), { form });
          await page.route(`${servers.relay}/v1/calls`, async (route) => {
            await route.fetch();
            await route.fulfill({
              status: code,
              contentType: type,
              headers: { 'access-control-allow-origin': servers.demo },
              body,
            });
          });
          await dialButton(page).click();
          expect((await theEvent(page, 'callunknown')).code).toBe('relay_unreadable');
          await expect(status(page)).toContainText("We don't know whether the call was placed.");
          await expect(status(page)).toContainText('Check your phone before you try again.');
          await letAMinutePass(page);
          expect(await sandbox.dials()).toHaveLength(1);
        });
      }
    });
  });
}

test('a dial that meets no relay, after one with the same session, may have arrived: nobody knows', async ({
  page,
  servers,
  sandbox,
}) => {
  await page.clock.install();
  await openSettled(page, servers, callTag());
  await dialButton(page).click();
  await theEvent(page, 'callaccepted');
  await servers.stopRelay();
  await page.clock.fastForward(5_000);
  await dialButton(page).click();
  const told = async () => {
    await page.clock.fastForward(1_000);
    return events(page, 'callunknown');
  };
  await expect.poll(told).toHaveLength(1);
  expect((await theEvent(page, 'callunknown')).code).toBe('no_reply');
  await expect(status(page)).toContainText("We don't know whether the call was placed.");
  await servers.startRelay();
  await letAMinutePass(page);
  expect(await sandbox.dials()).toHaveLength(1);
});

const PROBLEM = 'application/problem+json';
const TO_DEVELOPERS =
  '{"code":"idempotency_key_missing","title":"Bad request","detail":"There is no Idempotency-Key.","remedy":"Send the header Idempotency-Key."}';
const NEWER = '{"code":"on_strike","title":"Unprocessable","detail":"The lines are on strike.","remedy":"Send a letter."}';

/** Answers in the relay's place. */
async function reply(page, url, code, contentType, body) {
  await page.route(url, (route) =>
    route.fulfill({ status: code, contentType, headers: { 'access-control-allow-origin': '*' }, body }),
  );
}

const forgetAgents = (servers) => changed(servers, (text) => text.replace('sub = "005ALEX"', 'sub = "005NINA"'));

const changeSecret = (servers) =>
  changed(servers, (text) => text.replace('secret = "demo-secret', 'secret = "another-secret'));

/** No page of ours may ask for agents: neither by itself nor as one that has the phone in a frame. */
const forgetOrigins = (servers) =>
  changed(servers, (text) =>
    text
      .replace(/^agent_origins = .*$/m, 'agent_origins = ["https://crm.example"]')
      .replace(/(name = "acme-page"[^[]*origins = )\[.*?\]/s, '$1["https://crm.example"]'),
  );
