// The elements as parts of a page: when they load what, what they share, what they listen to, what
// they tell.
import { expect, test } from './servers.js';
import {
  FORMS,
  NUMBER,
  callTag,
  dialButton,
  events,
  loaderTag,
  names,
  open,
  openSettled,
  ready,
  status,
  theEvent,
} from './pages.js';

const RECORD = { system: 'acme-crm', type: 'Lead', id: '00Q1', name: 'Alex', url: 'https://crm.example/00Q1' };

/** The module's files that the page has asked for, by their ending. */
function watchModule(page) {
  const asked = [];
  page.on('request', (request) => {
    const found = /patchcord_widget(_bg\.wasm|\.js)$/.exec(request.url());
    if (found) asked.push(found[1]);
  });
  return asked;
}

test.describe('the module is fetched', () => {
  /** Opens a page whose element is out of sight from the start. */
  async function openOutOfSight(page, servers) {
    await open(page, servers, '');
    await page.evaluate((number) => {
      const space = document.createElement('div');
      space.style.height = '6000px';
      const call = document.createElement('patchcord-call');
      call.setAttribute('number', number);
      call.setAttribute('session-url', '/crm/assertion');
      document.querySelector('main').append(space, call);
    }, NUMBER);
    await expect(dialButton(page)).toBeAttached();
  }

  /** Two frames later, an observer that had something to say has said it. */
  const settle = (page) =>
    page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))),
    );

  test('not for an element that is far below', async ({ page, servers }) => {
    const asked = watchModule(page);
    await openOutOfSight(page, servers);
    await settle(page);
    expect(asked).toEqual([]);
    // It would have been noticed.
    await page.locator('patchcord-call').scrollIntoViewIfNeeded();
    await ready(page);
    expect(asked.sort()).toEqual(['.js', '_bg.wasm']);
  });

  test('when an element comes near, before it can be seen', async ({ page, servers }) => {
    const asked = watchModule(page);
    await openOutOfSight(page, servers);
    await settle(page);
    expect(asked).toEqual([]);
    await page.evaluate(() => {
      const { top } = document.querySelector('patchcord-call').getBoundingClientRect();
      window.scrollTo(0, top - window.innerHeight - 100);
    });
    await expect(page.locator('patchcord-call')).not.toBeInViewport();
    await ready(page);
  });

  for (const { name, act } of [
    {
      name: 'when an element is hovered',
      act: (element) =>
        element.evaluate((node) => node.dispatchEvent(new PointerEvent('pointerenter'))),
    },
    {
      name: 'when an element gets the focus',
      act: (element) =>
        element.getByRole('button').first().evaluate((node) => node.focus({ preventScroll: true })),
    },
    {
      name: 'when an element is clicked',
      act: (element) => element.getByRole('button').first().evaluate((node) => node.click()),
    },
  ]) {
    test(name, async ({ page, servers }) => {
      const asked = watchModule(page);
      await openOutOfSight(page, servers);
      await settle(page);
      expect(asked).toEqual([]);
      await act(page.locator('patchcord-call'));
      await ready(page);
      await expect(page.locator('patchcord-call')).not.toBeInViewport();
    });
  }

  test('once for 51 elements of both kinds, and by scripts as well', async ({ page, servers }) => {
    const asked = watchModule(page);
    const body = callTag().repeat(50) + '<patchcord-callback site-key="pk_demo"></patchcord-callback>';
    await open(page, servers, body);
    await page.evaluate(() => {
      for (const element of document.querySelectorAll('patchcord-call, patchcord-callback')) {
        element.dispatchEvent(new PointerEvent('pointerenter'));
      }
    });
    await ready(page, 51);
    const exported = await page.evaluate(async (loader) => {
      const { load } = await import(loader);
      const modules = await Promise.all([load(), load()]);
      return [modules[0] === modules[1], typeof modules[0].resolveEntity, typeof modules[0].Client];
    }, `${servers.relay}/patchcord.js`);
    expect(exported).toEqual([true, 'function', 'function']);
    expect(asked.sort()).toEqual(['.js', '_bg.wasm']);
  });
});

test('an element that is taken out and put back leaves nothing behind', async ({ page, servers }) => {
  await openSettled(page, servers, callTag({ payload: JSON.stringify({ text: 'x'.repeat(8_000) }) }));
  const client = await page.context().newCDPSession(page);
  /** JavaScript's heap, documents, nodes and listeners, after the garbage is gone. */
  const measure = async () => {
    await client.send('HeapProfiler.collectGarbage');
    await client.send('HeapProfiler.collectGarbage');
    const { jsEventListeners, nodes } = await client.send('Memory.getDOMCounters');
    const { usedSize } = await client.send('Runtime.getHeapUsage');
    return { jsEventListeners, nodes, usedSize };
  };
  /** Takes the element out and puts it back, each time waiting until the module is mounted again. */
  const cycle = (times) =>
    page.evaluate(async (count) => {
      const element = document.querySelector('patchcord-call');
      const place = element.parentNode;
      for (let round = 0; round < count; round += 1) {
        element.remove();
        await new Promise((done) => setTimeout(done));
        const mounted = new Promise((done) =>
          document.addEventListener('patchcordready', done, { once: true }),
        );
        place.append(element);
        await mounted;
      }
      window.seen.events.length = 0;
    }, times);

  // What is made once and kept is made now.
  await cycle(20);
  const before = await measure();
  await cycle(200);
  const after = await measure();
  await expect(page.getByRole('button', { name: /^Call / })).toHaveCount(1);
  // One leaked element each time would be 200 or more of each, and 1.6 MB of payloads.
  expect(after.nodes - before.nodes).toBeLessThan(50);
  expect(after.jsEventListeners - before.jsEventListeners).toBeLessThan(50);
  expect(after.usedSize - before.usedSize).toBeLessThan(500_000);
});

test('elements that were taken out for good are forgotten', async ({ page, servers }) => {
  await openSettled(page, servers, callTag());
  await page.evaluate(async () => {
    const place = document.querySelector('main');
    const first = document.querySelector('patchcord-call');
    window.gone = [];
    for (let round = 0; round < 50; round += 1) {
      const element = first.cloneNode();
      const mounted = new Promise((done) =>
        document.addEventListener('patchcordready', done, { once: true }),
      );
      place.append(element);
      element.dispatchEvent(new PointerEvent('pointerenter'));
      await mounted;
      element.remove();
      window.gone.push(new WeakRef(element));
    }
  });
  const client = await page.context().newCDPSession(page);
  const alive = async () => {
    await client.send('HeapProfiler.collectGarbage');
    return page.evaluate(() => window.gone.filter((reference) => reference.deref()).length);
  };
  // The engine may hold on to the last one or two.
  await expect.poll(alive).toBeLessThan(3);
});

test('an element that is moved within the page stays as it is', async ({ page, servers }) => {
  await openSettled(page, servers, callTag());
  await dialButton(page).click();
  await theEvent(page, 'callaccepted');
  await page.evaluate(() => {
    const section = document.createElement('section');
    document.querySelector('main').append(section);
    section.append(document.querySelector('patchcord-call'));
  });
  await expect(status(page)).toContainText('Sent to your dock');
  await expect(page.getByRole('button', { name: /^Call / })).toHaveCount(1);
});

for (const form of FORMS) {
  test.describe(`the ${form} button`, () => {
    test('follows its attributes and properties', async ({ page, servers, sandbox }) => {
      await openSettled(page, servers, callTag(), { form });
      const element = page.locator('patchcord-call');
      await element.evaluate((node, record) => {
        node.setAttribute('number', '+49 152 28817386');
        node.setAttribute('caller-id', '+493012345678');
        node.setAttribute('label', 'Ring Jana');
        node.payload = { score: 87.5 };
        node.record = record;
      }, RECORD);
      const button = element.getByRole('button', { name: 'Ring Jana' });
      await button.click();
      const { record, payload, number } = await theEvent(page, 'callaccepted');
      expect({ record, payload, number }).toEqual({
        record: RECORD,
        payload: { score: 87.5 },
        number: '+4915228817386',
      });
      const [{ body }] = await sandbox.dials();
      expect(body).toEqual({
        username: 'alex@acme',
        number: '4915228817386',
        callerId: '+493012345678',
        custom: { score: 87.5, patchcord_record: RECORD },
      });
      await element.evaluate((node) => node.removeAttribute('label'));
      await expect(element.getByRole('button', { name: 'Call +49 152 28817386' })).toBeVisible();
    });

    test('keeps properties that were set before it was defined', async ({
      page,
      servers,
      sandbox,
    }) => {
      await open(page, servers, callTag({ payload: '{"from": "the attribute"}' }), { form, head: '' });
      await page.locator('patchcord-call').evaluate((element, record) => {
        element.payload = { from: 'the property' };
        element.record = record;
      }, RECORD);
      await page.addScriptTag({ url: `${servers.relay}/patchcord.js`, type: 'module' });
      await dialButton(page).click();
      await theEvent(page, 'callaccepted');
      const [{ body }] = await sandbox.dials();
      expect(body.custom).toEqual({ from: 'the property', patchcord_record: RECORD });
    });

    test('takes an assertion from a function of the page', async ({ page, servers, sandbox }) => {
      await openSettled(page, servers, callTag({ 'session-url': undefined }), { form });
      await page.locator('patchcord-call').evaluate((element) => {
        element.assertion = async () => {
          const reply = await fetch('/crm/assertion', { method: 'POST' });
          return (await reply.json()).assertion;
        };
      });
      await dialButton(page).click();
      await theEvent(page, 'callaccepted');
      expect(await sandbox.dials()).toHaveLength(1);
    });

    test('tells what the contract says, out of every shadow', async ({ page, servers }) => {
      await open(page, servers, '', { form });
      await page.evaluate(
        ([number, record]) => {
          const shell = document.createElement('div');
          const call = document.createElement('patchcord-call');
          call.setAttribute('number', `${number};ext=12`);
          call.setAttribute('session-url', '/crm/assertion');
          call.setAttribute('provider', 'babelforce');
          call.payload = { score: 87.5 };
          call.record = record;
          shell.attachShadow({ mode: 'open' }).append(call);
          document.querySelector('main').append(shell);
        },
        [NUMBER, RECORD],
      );
      await dialButton(page).click();
      const accepted = await theEvent(page, 'callaccepted');
      const requested = await theEvent(page, 'callrequested');
      const common = {
        id: expect.stringMatching(/^[A-Za-z0-9_-]{16,128}$/),
        number: NUMBER,
        provider: 'babelforce',
        record: RECORD,
        payload: { score: 87.5 },
      };
      expect(requested).toEqual(common);
      expect(accepted).toEqual({ ...common, call: expect.any(String), state: 'requested' });
      expect(accepted.id).toBe(requested.id);
      for (const { name, bubbles, composed, cancelable } of await events(page)) {
        expect({ name, bubbles, composed, cancelable }).toEqual({
          name,
          bubbles: true,
          composed: true,
          cancelable: name === 'callrequested',
        });
      }
      await expect(status(page)).toContainText('Dial the extension 12 by hand.');
    });

    test('sends nothing when the page prevents the request', async ({ page, servers, sandbox }) => {
      const sent = [];
      page.on('request', (request) => {
        if (request.url().startsWith(`${servers.relay}/v1/calls`)) sent.push(request.method());
      });
      await openSettled(page, servers, callTag(), { form });
      await page.evaluate(() => {
        window.prevent = (event) => event.preventDefault();
        document.addEventListener('callrequested', window.prevent);
      });
      await dialButton(page).click();
      await theEvent(page, 'callrequested');
      await page.evaluate(() => document.removeEventListener('callrequested', window.prevent));
      expect(await names(page)).not.toContain('callaccepted');
      expect(sent).toEqual([]);

      // Not taken as a click: the next one is dialled at once.
      await dialButton(page).click();
      await theEvent(page, 'callaccepted');
      expect(await sandbox.dials()).toHaveLength(1);
    });

    test('asks before it dials where it is to', async ({ page, servers, sandbox }) => {
      await openSettled(page, servers, callTag({ confirm: true }), { form });
      const element = page.locator('patchcord-call');
      await dialButton(page).click();
      await expect(element.getByText(`Call ${NUMBER} now?`).first()).toBeVisible();
      await element.getByRole('button', { name: 'Cancel' }).click();
      await expect(element.getByText(`Call ${NUMBER} now?`).first()).toBeHidden();
      expect(await names(page)).not.toContain('callrequested');

      await dialButton(page).click();
      // The module has an answer of its own, the plain button asks with its own label.
      await element.getByRole('button', { name: form === 'module' ? 'Call now' : /now\?$/ }).click();
      await theEvent(page, 'callaccepted');
      expect(await sandbox.dials()).toHaveLength(1);
    });

    test('is not asked and answered by one double click', async ({ page, servers, sandbox }) => {
      await openSettled(page, servers, callTag({ confirm: true }), { form });
      await dialButton(page).dblclick();
      await expect(page.getByText(`Call ${NUMBER} now?`).first()).toBeVisible();
      expect(await names(page)).not.toContain('callrequested');
      expect(await sandbox.dials()).toEqual([]);
    });

    test('does nothing while it is disabled', async ({ page, servers, sandbox }) => {
      await openSettled(page, servers, callTag({ disabled: true }), { form });
      await expect(dialButton(page)).toBeDisabled();
      await dialButton(page).evaluate((button) => button.click());
      expect(await names(page)).not.toContain('callrequested');
      await page.locator('patchcord-call').evaluate((element) => element.removeAttribute('disabled'));
      await dialButton(page).click();
      await theEvent(page, 'callaccepted');
      expect(await sandbox.dials()).toHaveLength(1);
    });

    test('speaks the language of the page or its own', async ({ page, servers }) => {
      await openSettled(page, servers, callTag(), { form });
      const element = page.locator('patchcord-call');
      await expect(element.getByRole('button', { name: `Call ${NUMBER}` })).toBeVisible();
      await element.evaluate((node) => node.setAttribute('lang', 'de'));
      await expect(element.getByRole('button', { name: /anrufen/ })).toBeVisible();
    });

    test('is dark where it is told to be, or where the system is', async ({ page, servers }) => {
      await page.emulateMedia({ colorScheme: 'light' });
      await openSettled(page, servers, callTag({ provider: 'samespace', number: '+12125550142' }), { form });
      // A refusal has the colours of the theme.
      await dialButton(page).click();
      await theEvent(page, 'callrefused');
      const element = page.locator('patchcord-call');
      const colour = () =>
        status(page)
          .locator('b')
          .evaluate((node) => getComputedStyle(node).color);
      const light = await colour();
      await element.evaluate((node) => node.setAttribute('theme', 'dark'));
      await expect.poll(colour).not.toBe(light);
      const dark = await colour();
      await element.evaluate((node) => node.setAttribute('theme', 'light'));
      await expect.poll(colour).toBe(light);
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await colour()).toBe(light);
      await element.evaluate((node) => node.setAttribute('theme', 'auto'));
      await expect.poll(colour).toBe(dark);
    });
  });
}

test('the loader can be loaded twice', async ({ page, servers }) => {
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  const twice = loaderTag(servers) + loaderTag(servers).replace('.js', '.js?again');
  await open(page, servers, callTag(), { head: twice });
  await ready(page);
  await expect(page.getByRole('button', { name: /^Call / })).toHaveCount(1);
  expect(errors).toEqual([]);
});
