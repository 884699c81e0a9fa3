// What a form does against robots: it proves that it has worked, and it has a field that people do not see.
import { createHash } from 'node:crypto';
import { expect, test } from './servers.js';
import {
  FORMS,
  callbackTag,
  events,
  fillIn,
  open,
  openSettled,
  says,
  theEvent,
  violations,
} from './pages.js';

/** Has the relay ask for work, and watch a field that is not shown. */
async function askForWork(servers, { max = 50_000, honeypot = 'homepage' } = {}) {
  await servers.configure((text) =>
    text
      .replaceAll(/^(proof|honeypot) = .*\n/gm, '')
      .replace('key = "pk_demo"', `key = "pk_demo"\nproof = { max = ${max} }\nhoneypot = "${honeypot}"`),
  );
  await servers.restartRelay();
}

/** What the page asks the relay for, by the end of the address. */
function watchRequests(page) {
  const seen = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (request.method() !== 'OPTIONS') seen.push({ path: pathname, request });
  });
  return (end) => seen.filter(({ path }) => path.endsWith(end)).map(({ request }) => request);
}

/** What a request proves. */
function proofOf(request) {
  return JSON.parse(Buffer.from(request.postDataJSON().proof, 'base64').toString());
}

const send = (page) => page.locator('patchcord-callback').getByRole('button', { name: 'Call me back' }).click();

for (const form of FORMS) {
  test.describe(`the ${form} form`, () => {
    test('does the work while it is filled in, without a worker, and is accepted', async ({ page, servers, sandbox }) => {
      await askForWork(servers);
      const asked = watchRequests(page);
      await openSettled(page, servers, callbackTag(), { form });
      expect(asked('/v1/challenge')).toEqual([]);
      expect(asked('/proof.js')).toEqual([]);
      await fillIn(page, { topic: 'Support' });
      await send(page);
      await says(page, /^Thank you\./);

      expect(asked('/v1/challenge')).toHaveLength(1);
      const { challenge, number, salt } = proofOf(asked('/v1/callbacks')[0]);
      expect(createHash('sha256').update(salt + number).digest('hex')).toBe(challenge);
      await expect
        .poll(async () => (await sandbox.requests()).filter(({ path }) => /\/callback$/.test(path)))
        .toHaveLength(1);
      // The strictest policy, with neither `worker-src` nor `blob:`.
      expect(await violations(page)).toEqual(form === 'plain' ? ['script-src wasm-eval'] : []);
    });

    test('takes nothing away from typing while it works', async ({ page, servers }) => {
      await askForWork(servers);
      // Work without an end: no number gives this.
      await page.route('**/v1/challenge', async (route) => {
        const reply = await route.fetch();
        const json = await reply.json();
        await route.fulfill({ response: reply, json: { ...json, challenge: '0'.repeat(64), maxnumber: 1e9 } });
      });
      await openSettled(page, servers, callbackTag(), { form });
      const name = page.locator('patchcord-callback').getByLabel('Your name');
      const challenge = page.waitForResponse('**/v1/challenge');
      await name.focus();
      await challenge;
      await page.evaluate(() => {
        window.blocked = 0;
        // The browser tells tasks of 50 ms and more.
        new PerformanceObserver((list) => {
          for (const { duration } of list.getEntries()) window.blocked += duration;
        }).observe({ type: 'longtask' });
      });
      // Slices of 8 ms make no long task. A busy machine takes the processor away now and then, which counts as
      // one; work in longer pieces would fill the whole time, each time.
      const parts = [];
      while (parts.length < 3 && !(Math.min(...parts) < 0.25)) {
        await name.fill('');
        const begun = await page.evaluate(() => ((window.blocked = 0), performance.now()));
        await page.keyboard.type('Ada Lovelace, Countess of Lovelace', { delay: 30 });
        await expect(name).toHaveValue('Ada Lovelace, Countess of Lovelace');
        parts.push(await page.evaluate((begun) => window.blocked / (performance.now() - begun), begun));
      }
      expect(Math.min(...parts), parts.join()).toBeLessThan(0.25);
    });

    test('has a field that nobody sees or reaches, and is refused where it is filled in', async ({
      page,
      servers,
      sandbox,
    }) => {
      await askForWork(servers);
      await openSettled(page, servers, callbackTag({ fields: 'town' }), { form });
      const trap = page.locator('patchcord-callback [name="fields.homepage"]');
      await expect(trap).toBeAttached();
      await expect(trap).toBeHidden();
      await expect(trap).toHaveAttribute('autocomplete', 'off');
      await expect(page.getByRole('textbox', { name: 'homepage' })).toHaveCount(0);
      expect(await trap.evaluate((input) => (input.focus(), input.getRootNode().activeElement === input))).toBe(false);

      await fillIn(page, { topic: 'Support' });
      await trap.evaluate((input) => {
        input.value = 'https://robot.example';
      });
      await send(page);
      expect((await theEvent(page, 'callbackrefused')).code).toBe('spam_suspected');
      expect(await sandbox.requests()).toEqual([]);

      // A person whose browser did that can still send it.
      await trap.evaluate((input) => {
        input.value = '';
      });
      await send(page);
      await says(page, /^Thank you\./);
    });

    test('proves anew what is sent anew after a refusal', async ({ page, servers }) => {
      await askForWork(servers);
      const asked = watchRequests(page);
      await openSettled(page, servers, callbackTag(), { form });
      await fillIn(page, { number: '+1 202 555 0100', topic: 'Support' });
      await send(page);
      expect((await theEvent(page, 'callbackrefused')).code).toBe('number_not_allowed');
      await fillIn(page, { topic: 'Support' });
      await send(page);
      await says(page, /^Thank you\./);
      const [first, second] = asked('/v1/callbacks').map(proofOf);
      expect(second.challenge).not.toBe(first.challenge);
    });

    test('sends the same proof with the same request', async ({ page, servers, sandbox }) => {
      await askForWork(servers);
      const asked = watchRequests(page);
      await openSettled(page, servers, callbackTag(), { form });
      let losses = 1;
      await page.route(`${servers.relay}/v1/callbacks`, async (route) => {
        // The relay has it, but nobody hears so.
        if (route.request().method() === 'POST' && losses-- > 0) {
          await route.fetch();
          return route.abort('connectionreset');
        }
        return route.continue();
      });
      await fillIn(page, { topic: 'Support' });
      await send(page);
      // The module repeats by itself; the plain form leaves it to the person.
      if (form === 'plain') {
        await theEvent(page, 'callbackunknown');
        await send(page);
      }
      await says(page, /^Thank you\./);
      const [first, second] = asked('/v1/callbacks');
      expect(second.postData()).toBe(first.postData());
      expect(second.headers()['idempotency-key']).toBe(first.headers()['idempotency-key']);
      const callbacks = (await sandbox.requests()).filter(({ path }) => /\/callback$/.test(path));
      expect(callbacks).toHaveLength(1);
    });

    test('that was left alone gets another challenge before the first one has ended', async ({ page, servers }) => {
      await askForWork(servers);
      await page.clock.install();
      const asked = watchRequests(page);
      await openSettled(page, servers, callbackTag(), { form });
      const worked = page.waitForResponse('**/v1/challenge');
      await fillIn(page, { topic: 'Support' });
      await worked;
      await page.clock.fastForward(9 * 60_000 + 5_000);
      const again = page.waitForResponse('**/v1/challenge');
      await send(page);
      await again;
      // Until a person could have filled it in.
      await expect(page.getByRole('button', { name: 'Cancel' })).toBeVisible();
      await says(page, /^Thank you\./);
      expect(asked('/v1/challenge')).toHaveLength(2);
    });

    test('says why it cannot be sent where there is no challenge, and sends nothing', async ({ page, servers, sandbox }) => {
      await askForWork(servers);
      const asked = watchRequests(page);
      await openSettled(page, servers, callbackTag(), { form });
      await page.route('**/v1/challenge', (route) => route.abort('connectionreset'));
      await fillIn(page, { topic: 'Support' });
      await send(page);
      expect((await theEvent(page, 'callbackrefused')).code).toBe('relay_unreachable');
      expect(asked('/v1/callbacks')).toEqual([]);
      expect(await sandbox.requests()).toEqual([]);

      await page.unroute('**/v1/challenge');
      await send(page);
      await says(page, /^Thank you\./);
    });

    test('loads nothing for it where the relay does not ask', async ({ page, servers }) => {
      await servers.configure((text) => text.replaceAll(/^(proof|honeypot) = .*\n/gm, ''));
      await servers.restartRelay();
      const asked = watchRequests(page);
      await openSettled(page, servers, callbackTag(), { form });
      await fillIn(page, { topic: 'Support' });
      await send(page);
      await says(page, /^Thank you\./);
      expect([...asked('/v1/challenge'), ...asked('/proof.js')]).toEqual([]);
      expect(asked('/v1/callbacks')[0].postDataJSON()).not.toHaveProperty('proof');
    });
  });
}

test('a form that is sent before the module is there has its work done all the same', async ({ page, servers }) => {
  await askForWork(servers);
  let release;
  const released = new Promise((resolve) => {
    release = resolve;
  });
  await page.route(/patchcord_widget_bg\.wasm$/, async (route) => {
    await released;
    await route.continue();
  });
  const asked = watchRequests(page);
  await open(page, servers, callbackTag());
  await fillIn(page, { topic: 'Support' });
  release();
  // The focus leaves the form, the module takes over, and the proof that was begun is the one that is sent.
  await page.locator('patchcord-callback').getByRole('checkbox').blur();
  await expect.poll(() => events(page, 'patchcordready')).toHaveLength(1);
  await send(page);
  await says(page, /^Thank you\./);
  expect(asked('/v1/challenge')).toHaveLength(1);
});
