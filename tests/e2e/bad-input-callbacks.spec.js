// Bad input and bad luck of the form for a callback, in both of its forms. Each case names the code that the page's
// script gets, the words that the person reads, and how often a platform was asked.
import { changed, ofSize, rung } from './bad-input.js';
import { expect, test } from './servers.js';
import {
  FORMS,
  callbackTag,
  events,
  fillIn,
  letAMinutePass,
  moduleFailed,
  open,
  openSettled,
  ready,
  refuseElementsToTheModule,
  says,
  theEvent,
} from './pages.js';

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

test.describe('what may have arrived counts once however it is sent again:', () => {
  /** Has each request arrive and its answer be lost, until it is mended; gives what was sent. */
  async function loseAnswers(page, servers) {
    const sent = [];
    let isLost = true;
    await page.route(`${servers.relay}/v1/callbacks`, async (route) => {
      const request = route.request();
      if (request.method() === 'OPTIONS') return route.continue();
      sent.push({ key: request.headers()['idempotency-key'], body: request.postData() });
      const response = await route.fetch();
      await (isLost ? route.abort('connectionreset') : route.fulfill({ response }));
    });
    return { sent, mend: () => (isLost = false) };
  }

  /** Lets the page's time pass until it says that nobody knows. */
  async function unknown(page) {
    const told = async () => {
      await page.clock.fastForward(1_000);
      return events(page, 'callbackunknown');
    };
    await expect.poll(told).toHaveLength(1);
    await says(page, 'You can send it again: if it did arrive, it does not count twice.');
  }

  /** Sends it once more, with a network; it is the same request, and one callback. */
  async function sendAgain(page, sandbox, { sent, mend }) {
    mend();
    await page.clock.fastForward(5_000);
    await page.getByRole('button', { name: 'Call me back' }).click();
    await theEvent(page, 'callbackqueued');
    expect(new Set(sent.map(({ key }) => key)).size).toBe(1);
    expect(new Set(sent.map(({ body }) => body)).size).toBe(1);
    await expect.poll(() => sandbox.dials()).toHaveLength(1);
    await letAMinutePass(page);
    expect(await sandbox.dials()).toHaveLength(1);
  }

  test('after a reload, and lost again', async ({ page, servers, sandbox }) => {
    await page.clock.install();
    await openSettled(page, servers, callbackTag({ topic: 'sales' }));
    const answers = await loseAnswers(page, servers);
    const form = await fillIn(page);
    await form.getByRole('button', { name: 'Call me back' }).click();
    await expect.poll(() => answers.sent).not.toEqual([]);
    await unknown(page);
    const before = answers.sent.length;
    await page.reload();
    await expect.poll(() => answers.sent.length).toBeGreaterThan(before);
    await unknown(page);
    await sendAgain(page, sandbox, answers);
  });

  test('by the plain form first, and then by the module that was late', async ({ page, servers, sandbox }) => {
    await page.clock.install();
    const answers = await loseAnswers(page, servers);
    let release;
    const released = new Promise((resolve) => {
      release = resolve;
    });
    const wasm = /\/patchcord_widget_bg\.wasm$/;
    await page.route(wasm, async (route) => {
      await released;
      await route.continue();
    });
    await open(page, servers, callbackTag({ topic: 'sales' }));
    const form = await fillIn(page);
    await form.getByRole('button', { name: 'Call me back' }).click();
    // By the relay's clock, which cannot be put forward, the form has to be open for a while.
    await expect.poll(() => answers.sent).toHaveLength(1);
    await unknown(page);
    const module = page.waitForEvent('requestfinished', (request) => wasm.test(request.url()));
    release();
    await module;
    await sendAgain(page, sandbox, answers);
    expect(await events(page, 'patchcordready')).toHaveLength(1);
  });

  test('by the module first, and then by the plain form that went on without it', async ({ page, servers, sandbox }) => {
    await page.clock.install();
    await page.addInitScript(refuseElementsToTheModule, 'later');
    await open(page, servers, callbackTag({ topic: 'sales' }));
    await expect(page.getByLabel('Your name')).toBeVisible();
    await ready(page);
    const answers = await loseAnswers(page, servers);
    const form = await fillIn(page);
    await form.getByRole('button', { name: 'Call me back' }).click();
    await expect.poll(() => answers.sent).not.toEqual([]);
    await page.evaluate(() => {
      window.refuseElements = true;
      const more = document.createElement('patchcord-call');
      more.setAttribute('number', '+4915228817386');
      document.querySelector('main').append(more);
      more.scrollIntoView();
    });
    await moduleFailed(page);
    expect((await theEvent(page, 'callbackunknown')).code).toBe('module_failed');
    await sendAgain(page, sandbox, answers);
  });
});

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

test('a form whose relay is down says so, asks for nothing, and comes when the relay is there', async ({ page, servers }) => {
  await page.route(`${servers.relay}/v1/config*`, (route) => route.abort('connectionrefused'));
  await open(page, servers, callbackTag());
  await says(page, 'The relay cannot be reached, so nothing was sent.');
  expect((await theEvent(page, 'patchcorderror')).code).toBe('relay_unreachable');
  await expect(page.getByRole('button', { name: 'Call me back' })).toBeHidden();
  await page.unroute(`${servers.relay}/v1/config*`);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('button', { name: 'Call me back' })).toBeVisible();
});
