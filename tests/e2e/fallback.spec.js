// Where the module cannot be had, or dies, the plain controls do the job; where it is only late, a
// click waits for it.
import { expect, test } from './servers.js';
import {
  NUMBER,
  callTag,
  callbackTag,
  dialButton,
  events,
  fillIn,
  letAMinutePass,
  moduleFailed,
  names,
  open,
  openSettled,
  ready,
  refuseElementsToTheModule,
  says,
  status,
  theEvent,
  violations,
} from './pages.js';

const WASM = /\/patchcord_widget_bg\.wasm$/;
const GLUE = /\/patchcord_widget\.js$/;

/** Dials with the button that is there, and expects one call with its payload. */
async function dials(page, sandbox, payload) {
  await dialButton(page).click();
  await theEvent(page, 'callaccepted');
  await expect(status(page)).toContainText('Sent to your dock');
  const made = await sandbox.dials();
  expect(made).toHaveLength(1);
  expect(made[0].body).toEqual({ username: 'alex@acme', number: NUMBER.slice(1), custom: payload });
}

/** Sends the form that is there, and expects one callback. */
async function callsBack(page, sandbox) {
  const form = await fillIn(page, { topic: 'Sales' });
  await form.getByRole('button', { name: 'Call me back' }).click();
  await theEvent(page, 'callbackqueued');
  await says(page, /^Your reference: \S+$/);
  await expect.poll(() => sandbox.dials()).toHaveLength(1);
  const [{ body }] = await sandbox.dials();
  expect(body).toMatchObject({ number: NUMBER.slice(1), attributes: { name: 'Ada Lovelace' } });
}

/** Serves something else in place of a file of the module. */
async function serve(page, url, contentType, body) {
  await page.route(url, (route) =>
    route.fulfill({ contentType, headers: { 'access-control-allow-origin': '*' }, body }),
  );
}

const PAYLOAD = { deal: { products: ['heat pump', { kw: 12 }], open: true, note: null } };
const WITH_PAYLOAD = { payload: JSON.stringify(PAYLOAD) };

test.describe("where the page's policy refuses WebAssembly", () => {
  test('the plain button dials', async ({ page, servers, sandbox }) => {
    await openSettled(page, servers, callTag(WITH_PAYLOAD), { form: 'plain' });
    expect(await violations(page)).toEqual([expect.stringContaining('wasm-eval')]);
    await dials(page, sandbox, PAYLOAD);
  });

  test('the plain form is sent', async ({ page, servers, sandbox }) => {
    await openSettled(page, servers, callbackTag(), { form: 'plain' });
    await callsBack(page, sandbox);
  });

  test('a click before that is known is dialled by the plain button', async ({
    page,
    servers,
    sandbox,
  }) => {
    await open(page, servers, callTag(WITH_PAYLOAD), { form: 'plain' });
    await dials(page, sandbox, PAYLOAD);
  });

  test('the demo works, too', async ({ page, servers, sandbox }) => {
    await page.goto(`${servers.demo}/site/?csp=no-wasm`);
    const form = await fillIn(page, { topic: 'Support' });
    await form.getByRole('button', { name: 'Call me back' }).click();
    await says(page, /^Your reference: \S+$/);
    const queued = async () => (await sandbox.requests()).filter(({ path }) => /\/callback$/.test(path));
    await expect.poll(queued).toHaveLength(1);
  });
});

test.describe('under the strictest policy that the contract names, with the relay elsewhere', () => {
  test('the button works with the module, and nothing is refused', async ({
    page,
    servers,
    sandbox,
  }) => {
    expect(new URL(servers.relay).origin).not.toBe(new URL(servers.demo).origin);
    await openSettled(page, servers, callTag(WITH_PAYLOAD));
    await dials(page, sandbox, PAYLOAD);
    expect(await violations(page)).toEqual([]);
  });

  test('the form works with the module, and nothing is refused', async ({
    page,
    servers,
    sandbox,
  }) => {
    await openSettled(page, servers, callbackTag());
    await callsBack(page, sandbox);
    expect(await violations(page)).toEqual([]);
  });

  test('the listener for refusals would have heard one', async ({ page, servers }) => {
    await openSettled(page, servers, callTag());
    await page.evaluate(() => fetch('https://elsewhere.example/').catch(() => {}));
    await expect.poll(() => violations(page)).toEqual([expect.stringContaining('connect-src')]);
  });
});

test.describe('when the module', () => {
  for (const { name, prepare } of [
    {
      name: 'is no WebAssembly',
      prepare: (page) => serve(page, WASM, 'application/wasm', 'this is not WebAssembly'),
    },
    {
      name: 'is cut off',
      prepare: (page) =>
        page.route(WASM, async (route) => {
          const response = await route.fetch();
          const whole = await response.body();
          await route.fulfill({
            contentType: 'application/wasm',
            headers: { 'access-control-allow-origin': '*' },
            body: whole.subarray(0, whole.length / 2),
          });
        }),
    },
    {
      name: 'is not found',
      prepare: (page) => page.route(WASM, (route) => route.fulfill({ status: 404, body: '' })),
    },
    {
      name: 'has glue that cannot be read',
      prepare: (page) => serve(page, GLUE, 'text/javascript', 'export default ('),
    },
    {
      name: 'has glue that cannot be fetched',
      prepare: (page) => page.route(GLUE, (route) => route.abort('connectionreset')),
    },
    {
      name: 'panics when it is mounted',
      prepare: (page) => page.addInitScript(refuseElementsToTheModule),
    },
  ]) {
    test(`${name}, the plain button dials`, async ({ page, servers, sandbox }) => {
      await prepare(page);
      await open(page, servers, callTag(WITH_PAYLOAD));
      await moduleFailed(page);
      await dials(page, sandbox, PAYLOAD);
    });

    test(`${name}, the plain form is sent`, async ({ page, servers, sandbox }) => {
      await prepare(page);
      await open(page, servers, callbackTag());
      await moduleFailed(page);
      await callsBack(page, sandbox);
    });

    test(`${name}, an early click is dialled once`, async ({ page, servers, sandbox }) => {
      await prepare(page);
      await open(page, servers, callTag(WITH_PAYLOAD));
      await dials(page, sandbox, PAYLOAD);
    });
  }

  test('panics while it is idle, the plain buttons take over and dial', async ({
    page,
    servers,
    sandbox,
  }) => {
    await page.addInitScript(refuseElementsToTheModule, 'later');
    await open(page, servers, callTag(WITH_PAYLOAD) + callbackTag());
    await ready(page, 2);
    await page.evaluate(() => {
      window.refuseElements = true;
      const more = document.createElement('patchcord-call');
      more.setAttribute('number', '+4915228817386');
      document.querySelector('main').append(more);
      more.scrollIntoView();
    });
    await moduleFailed(page);
    const button = page.locator('patchcord-call').first().getByRole('button', { name: /^Call / });
    await button.click();
    await theEvent(page, 'callaccepted');
    const made = await sandbox.dials();
    expect(made).toHaveLength(1);
    expect(made[0].body.custom).toEqual(PAYLOAD);

    const form = await fillIn(page, { topic: 'Support' });
    await form.getByRole('button', { name: 'Call me back' }).click();
    await theEvent(page, 'callbackqueued');
  });

  test('panics during a call, the person is told that nobody knows, and nothing rings twice', async ({
    page,
    servers,
    sandbox,
  }) => {
    await page.clock.install();
    await sandbox.faults([{ match: { path: '/apiv1/make_call' }, action: 'hold' }]);
    await page.addInitScript(refuseElementsToTheModule, 'later');
    await openSettled(page, servers, callTag(WITH_PAYLOAD));
    await dialButton(page).click();
    await expect.poll(() => sandbox.dials()).toHaveLength(1);
    await page.evaluate(() => {
      window.refuseElements = true;
      const more = document.createElement('patchcord-call');
      more.setAttribute('number', '+4915228817386');
      document.querySelector('main').append(more);
      more.scrollIntoView();
    });
    expect((await theEvent(page, 'callunknown')).code).toBe('module_failed');
    await says(page, "We don't know whether the call was placed.", 'patchcord-call');
    await sandbox.faults([]);
    await letAMinutePass(page);
    expect(await names(page)).not.toContain('callaccepted');
    expect(await sandbox.dials()).toHaveLength(1);
  });
});

test.describe('while the module is on its way', () => {
  /** Holds the module back; gives the function that lets it through. */
  async function holdModule(page) {
    let release;
    const released = new Promise((resolve) => {
      release = resolve;
    });
    await page.route(WASM, async (route) => {
      await released;
      await route.continue();
    });
    return release;
  }

  test('a click waits, visibly, and is dialled once when it is there', async ({
    page,
    servers,
    sandbox,
  }) => {
    await page.clock.install();
    const release = await holdModule(page);
    await open(page, servers, callTag(WITH_PAYLOAD));
    await dialButton(page).click();
    await expect(status(page)).toContainText('Connecting…');
    await expect(page.getByRole('button', { name: 'Cancel' })).toBeVisible();
    expect(await sandbox.dials()).toEqual([]);
    await dialButton(page).click();

    release();
    const { id } = await theEvent(page, 'callaccepted');
    expect((await theEvent(page, 'callrequested')).id).toBe(id);
    await letAMinutePass(page);
    const made = await sandbox.dials();
    expect(made).toHaveLength(1);
    expect(made[0].body.custom).toEqual(PAYLOAD);
  });

  test('a click that is called off is never dialled', async ({ page, servers, sandbox }) => {
    await page.clock.install();
    const release = await holdModule(page);
    await open(page, servers, callTag());
    await dialButton(page).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect((await theEvent(page, 'callrefused')).code).toBe('cancelled');
    await expect(page.getByRole('button', { name: 'Cancel' })).toBeHidden();
    release();
    await ready(page);
    await letAMinutePass(page);
    expect(await sandbox.dials()).toEqual([]);
  });

  test('a click is refused as expired after ten seconds, and never dialled', async ({
    page,
    servers,
    sandbox,
  }) => {
    await page.clock.install();
    const release = await holdModule(page);
    await open(page, servers, callTag());
    await dialButton(page).click();
    await expect(status(page)).toContainText('Connecting…');
    await page.clock.fastForward(9_000);
    expect(await names(page)).not.toContain('callrefused');
    await page.clock.fastForward(1_500);
    expect((await theEvent(page, 'callrefused')).code).toBe('expired');
    await expect(status(page)).toContainText('It took too long, so nothing was sent.');
    release();
    await ready(page);
    await letAMinutePass(page);
    expect(await sandbox.dials()).toEqual([]);

    // Not lost: another click dials.
    await dialButton(page).click();
    await theEvent(page, 'callaccepted');
    expect(await sandbox.dials()).toHaveLength(1);
  });

  test('what a visitor types stays when it comes', async ({ page, servers, sandbox }) => {
    const release = await holdModule(page);
    await open(page, servers, callbackTag());
    const form = await fillIn(page, { topic: 'Support', name: 'Grace Hopper' });
    release();
    await form.getByRole('checkbox').blur();
    await ready(page);
    await expect(form.getByLabel('Your name')).toHaveValue('Grace Hopper');
    // As it was typed, or as a phone field has written it by then.
    await expect(form.getByLabel('Your phone number')).toHaveValue(/^\+49 30 23125-?100$/);
    await expect(form.getByLabel('What is it about?')).toHaveValue('support');
    await expect(form.getByRole('checkbox')).toBeChecked();
    await form.getByRole('button', { name: 'Call me back' }).click();
    await theEvent(page, 'callbackqueued');
    const queued = async () => (await sandbox.requests()).filter(({ path }) => /\/callback$/.test(path));
    await expect.poll(queued).toHaveLength(1);
  });
});

test.describe('a fetch that rejects with something that is no Error', () => {
  for (const name of ['a text', 'nothing', 'null', 'a DOMException', 'a number that is thrown']) {
    for (const form of ['module', 'plain']) {
      test(`is an ordinary failure of the ${form} button: ${name}`, async ({
        page,
        servers,
        sandbox,
      }) => {
        await page.clock.install();
        await openSettled(page, servers, callTag(WITH_PAYLOAD), { form });
        await page.evaluate(breakFetch, name);
        await dialButton(page).evaluate((button) => button.click());
        const told = async () => {
          await page.clock.fastForward(1_000);
          return events(page, 'callrefused');
        };
        await expect.poll(told).toHaveLength(1);
        // Either the assertion or the session could not be had: nothing was sent.
        const { code } = await theEvent(page, 'callrefused');
        expect(['session_missing', 'relay_unreachable']).toContain(code);
        expect(await sandbox.dials()).toEqual([]);

        await page.evaluate(() => window.mendFetch());
        await page.clock.fastForward(5_000);
        await dialButton(page).click();
        await theEvent(page, 'callaccepted');
        expect(await sandbox.dials()).toHaveLength(1);
        if (form === 'module') expect(await events(page, 'patchcorderror')).toEqual([]);
      });
    }

    test(`leaves the plain button where it keeps the module away: ${name}`, async ({
      page,
      servers,
      sandbox,
    }) => {
      await page.addInitScript(breakFetch, name);
      await open(page, servers, callTag(WITH_PAYLOAD));
      await moduleFailed(page);
      await page.evaluate(() => window.mendFetch());
      await dialButton(page).click();
      await theEvent(page, 'callaccepted');
      expect(await sandbox.dials()).toHaveLength(1);
    });
  }
});

/** Runs in the page: `fetch` fails in the way of that name, until it is mended. */
function breakFetch(name) {
  const failures = {
    'a text': () => Promise.reject('blocked'),
    nothing: () => Promise.reject(),
    null: () => Promise.reject(null),
    'a DOMException': () => Promise.reject(new DOMException('no', 'AbortError')),
    'a number that is thrown': () => {
      throw 7;
    },
  };
  const real = window.fetch;
  window.fetch = failures[name];
  window.mendFetch = () => {
    window.fetch = real;
  };
}
