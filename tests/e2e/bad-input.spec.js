// Bad input and bad luck: each case names the code that the page's script gets, the words that the
// person reads, and how often a phone was made to ring.
import { expect, test } from './servers.js';
import {
  FORMS,
  NUMBER,
  callTag,
  callbackTag,
  dialButton,
  events,
  fillIn,
  letAMinutePass,
  open,
  openSettled,
  says,
  status,
  theEvent,
} from './pages.js';

const DIAL = { samespace: '/apiv1/make_call', babelforce: '/api/v2/agents/*' };

/** An object that is nested `levels` deep. */
function nested(levels) {
  return levels === 1 ? { end: true } : { in: nested(levels - 1) };
}

/** A payload of exactly `bytes` as compact JSON. */
function ofSize(bytes) {
  return { text: 'x'.repeat(bytes - '{"text":""}'.length) };
}

/** How often the platforms acted on a request to dial. */
async function rung(sandbox) {
  return (await sandbox.dials()).filter(({ handled }) => handled).length;
}

test.describe('an attribute that cannot be right is said at once, and the button stays shut', () => {
  for (const { name, attributes, code, field, text } of [
    {
      name: 'no number',
      attributes: { number: undefined },
      code: 'missing_attribute',
      field: 'number',
      text: 'Not set up: the attribute “number” is missing.',
    },
    {
      name: 'a number without a country code',
      attributes: { number: '030 23125100' },
      code: 'invalid_number',
      field: 'number',
      text: 'This is not a full phone number.',
    },
    {
      name: 'a number with a letter in it',
      attributes: { number: '+49302312510O' },
      code: 'invalid_number',
      field: 'number',
      text: 'This is not a full phone number.',
    },
    {
      name: 'an extension that is too long',
      attributes: { number: `${NUMBER};ext=123456789012` },
      code: 'invalid_number',
      field: 'number',
      text: 'This is not a full phone number.',
    },
    {
      name: 'a payload that is no JSON',
      attributes: { payload: '{name: Alex}' },
      code: 'payload_invalid',
      field: 'payload',
      text: 'The data of this record cannot be sent.',
    },
    {
      name: 'a payload that is no object',
      attributes: { payload: '[1, 2]' },
      code: 'payload_invalid',
      field: 'payload',
      text: 'The data of this record cannot be sent.',
    },
    {
      name: 'an unknown theme',
      attributes: { theme: 'pink' },
      code: 'unknown_attribute_value',
      field: 'theme',
      text: 'Not set up: the attribute “theme” has a value that is not known.',
    },
    {
      name: 'a relay that is no address',
      attributes: { relay: 'relay' },
      code: 'unknown_attribute_value',
      field: 'relay',
      text: 'Not set up: the attribute “relay” has a value that is not known.',
    },
    {
      name: 'a session address that is none',
      attributes: { 'session-url': 'javascript:alert(1)' },
      code: 'unknown_attribute_value',
      field: 'session-url',
      text: 'Not set up: the attribute “session-url” has a value that is not known.',
    },
  ]) {
    test(name, async ({ page, servers, sandbox }) => {
      await open(page, servers, callTag(attributes));
      expect(await theEvent(page, 'patchcorderror')).toMatchObject({
        code,
        field,
        message: expect.any(String),
      });
      await expect(status(page)).toContainText(text);
      await expect(dialButton(page)).toBeDisabled();
      await dialButton(page).evaluate((button) => button.click());
      expect(await events(page, 'callrequested')).toEqual([]);

      // Put right, it works.
      await page.locator('patchcord-call').evaluate((element, right) => {
        for (const [key, value] of Object.entries(right)) {
          if (value === null) element.removeAttribute(key);
          else element.setAttribute(key, value);
        }
      }, rightOnes(attributes));
      await dialButton(page).click();
      await theEvent(page, 'callaccepted');
      expect(await sandbox.dials()).toHaveLength(1);
    });
  }

  /** For the attributes of a case: what works instead; `null` takes one away. */
  function rightOnes(attributes) {
    const right = { number: NUMBER, 'session-url': '/crm/assertion', provider: 'samespace' };
    return Object.fromEntries(Object.keys(attributes).map((key) => [key, right[key] ?? null]));
  }

  for (const { name, attributes, code, field, text } of [
    {
      name: 'no site key',
      attributes: { 'site-key': undefined },
      code: 'missing_attribute',
      field: 'site-key',
      text: 'Not set up: the attribute “site-key” is missing.',
    },
    {
      name: 'an unknown mode',
      attributes: { mode: 'banner' },
      code: 'unknown_attribute_value',
      field: 'mode',
      text: 'Not set up: the attribute “mode” has a value that is not known.',
    },
    {
      name: 'an unknown site key',
      attributes: { 'site-key': 'pk_unknown' },
      code: 'key_unknown',
      text: 'This form is not set up correctly.',
    },
  ]) {
    test(`of the form: ${name}`, async ({ page, servers, sandbox }) => {
      await open(page, servers, callbackTag(attributes));
      await says(page, text);
      const detail = await theEvent(page, 'patchcorderror');
      expect(detail.code).toBe(code);
      if (field) expect(detail.field).toBe(field);
      await expect(page.getByRole('button', { name: 'Call me back' })).toBeHidden();
      expect(await sandbox.requests()).toEqual([]);
    });
  }
});

for (const form of FORMS) {
  test.describe(`the ${form} button`, () => {
    test.describe('refuses, and nothing is dialled', () => {
      for (const { name, attributes = {}, payload, before, code, text, remedy } of [
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

/** Answers in the relay's place. */
async function reply(page, url, code, contentType, body) {
  await page.route(url, (route) =>
    route.fulfill({ status: code, contentType, headers: { 'access-control-allow-origin': '*' }, body }),
  );
}

async function changed(servers, change) {
  await servers.configure(change);
  await servers.restartRelay();
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

for (const form of FORMS) {
  test.describe(`the ${form} form`, () => {
    for (const { name, fill, label, text } of [
      {
        name: 'no number',
        fill: { number: '' },
        label: 'Your phone number',
        text: 'Please give a number that we can call.',
      },
      {
        name: 'a number that is none',
        fill: { number: '030 2' },
        label: 'Your phone number',
        // The phone field's words, or the form's own where none has come.
        text: /too short|This is not a full number/,
      },
      { name: 'no name', fill: { name: '' }, label: 'Your name', text: 'Please fill this in.' },
      {
        name: 'a missing consent',
        fill: { consent: false },
        label: /^You may call me/,
        text: 'We need your consent before we can call you.',
      },
    ]) {
      test(`marks ${name}, and sends nothing`, async ({ page, servers, sandbox }) => {
        await openSettled(page, servers, callbackTag({ topic: 'sales' }), { form });
        const element = await fillIn(page, fill);
        await element.getByRole('button', { name: 'Call me back' }).click();
        const input = element.getByLabel(label);
        await expect(input).toBeFocused();
        if (form === 'module') {
          await says(page, text);
          await expect(input).toHaveAttribute('aria-invalid', 'true');
          await expect(input).toHaveAccessibleDescription(text.source ? text : new RegExp(text.slice(0, 20)));
        } else {
          // The plain form leaves the words to the browser.
          expect(await input.evaluate((field) => field.validationMessage)).not.toBe('');
        }
        expect(await events(page, 'callbackrequested')).toEqual([]);
        expect(await sandbox.requests()).toEqual([]);
      });
    }

    for (const { name, attributes, fill, payload, before, code, text } of [
      {
        name: 'a topic that the key does not have',
        attributes: { topic: 'lottery' },
        code: 'topic_unknown',
        text: 'This topic is not available.',
      },
      {
        name: 'a number of a country that is not configured',
        fill: { number: '+1 212 555 0142' },
        code: 'number_not_allowed',
        text: 'We cannot call this number.',
      },
      {
        name: 'a payload over 16 384 bytes',
        payload: ofSize(16_385),
        code: 'payload_too_large',
        text: 'This record has too much data to go with a call.',
      },
      {
        name: 'a consent to a text that is no longer today’s',
        before: (servers) => changed(servers, (config) => config.replace('version = "2026-11"', 'version = "2026-12"')),
        code: 'consent_outdated',
        text: 'The consent text has changed.',
      },
    ]) {
      test(`is refused for ${name}, and nothing reaches a platform`, async ({
        page,
        servers,
        sandbox,
      }) => {
        await page.clock.install();
        await openSettled(page, servers, callbackTag({ topic: 'sales', ...attributes }), { form });
        const element = await fillIn(page, fill);
        if (payload) {
          await element.evaluate((node, given) => {
            node.payload = given;
          }, payload);
        }
        await before?.(servers);
        await element.getByRole('button', { name: 'Call me back' }).click();
        expect((await theEvent(page, 'callbackrefused')).code).toBe(code);
        await says(page, text);
        // What was filled in is still there.
        await expect(element.getByLabel('Your name')).toHaveValue('Ada Lovelace');
        await letAMinutePass(page);
        expect(await sandbox.requests()).toEqual([]);
      });
    }

    test('does not know when every reply is lost; sent again, it does not count twice', async ({
      page,
      servers,
      sandbox,
    }) => {
      await page.clock.install();
      const keys = [];
      await openSettled(page, servers, callbackTag({ topic: 'sales' }), { form });
      await page.route(`${servers.relay}/v1/callbacks`, async (route) => {
        keys.push(route.request().headers()['idempotency-key']);
        await route.fetch();
        await route.abort('connectionreset');
      });
      const element = await fillIn(page);
      const send = element.getByRole('button', { name: 'Call me back' });
      await send.click();
      // By the relay's clock, which cannot be put forward, the form has to be open for a while.
      await expect.poll(() => keys).not.toEqual([]);
      const told = async () => {
        await page.clock.fastForward(1_000);
        return events(page, 'callbackunknown');
      };
      await expect.poll(told).toHaveLength(1);
      await says(page, "We don't know whether your request arrived.");
      await says(page, 'You can send it again: if it did arrive, it does not count twice.');

      await page.unroute(`${servers.relay}/v1/callbacks`);
      await page.clock.fastForward(5_000);
      await send.click();
      await theEvent(page, 'callbackqueued');
      expect(new Set(keys).size).toBe(1);
      await expect.poll(() => sandbox.dials()).toHaveLength(1);
    });
  });
}

test('a callback whose outcome is unknown is not handed over a second time', async ({
  page,
  servers,
  sandbox,
}) => {
  await sandbox.faults([{ match: { path: '/apiv1/team/make_call' }, action: 'garbage' }]);
  await openSettled(page, servers, callbackTag({ topic: 'sales' }));
  const element = await fillIn(page);
  const answer = page.waitForResponse(`${servers.relay}/v1/callbacks`);
  await element.getByRole('button', { name: 'Call me back' }).click();
  const { id, manage_token: token } = await (await answer).json();
  await says(page, 'Thank you. We have your request.');
  const look = async () => {
    const headers = { 'patchcord-manage': token };
    const response = await fetch(`${servers.relay}/v1/callbacks/${id}`, { headers });
    return response.json();
  };
  await expect.poll(look).toMatchObject({ state: 'unknown', code: 'unreadable_reply' });
  expect(await sandbox.dials()).toHaveLength(1);
});

test('a callback that the platform was too busy for is handed over once it has time', async ({
  page,
  servers,
  sandbox,
}) => {
  await sandbox.faults([
    { match: { path: '/apiv1/team/make_call' }, times: 1, action: { status: { code: 429 } } },
  ]);
  await openSettled(page, servers, callbackTag({ topic: 'sales' }));
  const element = await fillIn(page);
  await element.getByRole('button', { name: 'Call me back' }).click();
  await says(page, 'Thank you. We have your request.');
  await expect.poll(() => rung(sandbox)).toBe(1);
});

test('a form whose relay is down says so, and asks for nothing', async ({ page, servers }) => {
  await page.route(`${servers.relay}/v1/config*`, (route) => route.abort('connectionrefused'));
  await open(page, servers, callbackTag());
  await says(page, 'The relay cannot be reached, so nothing was sent.');
  expect((await theEvent(page, 'patchcorderror')).code).toBe('relay_unreachable');
  await expect(page.getByRole('button', { name: 'Call me back' })).toBeHidden();
});
