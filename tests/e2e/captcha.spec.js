// Where a key asks for a captcha, the page hands its answer to the form: as a text, or by a function that is asked for
// each request. The service is a stand-in that vouches for one answer, once.
import { createServer } from 'node:http';
import { expect, test } from './servers.js';
import { FORMS, callbackTag, events, fillIn, openSettled, says, theEvent } from './pages.js';

/** A captcha service that vouches for `good`, each time that it is given out. */
async function service(use) {
  const asked = [];
  const server = createServer(async (request, response) => {
    let form = '';
    for await (const chunk of request) form += chunk;
    const answer = new URLSearchParams(form).get('response');
    asked.push(answer);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ success: answer === 'good "one"' }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(`http://127.0.0.1:${server.address().port}/siteverify`, asked);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

async function askForCaptcha(servers, url) {
  const captcha = `captcha = { service = "turnstile", site_key = "0x1", secret = "secret", verify_url = "${url}" }`;
  await servers.configure((text) => text.replace('key = "pk_demo"\n', `key = "pk_demo"\n${captcha}\n`));
  await servers.restartRelay();
}

for (const form of FORMS) {
  test(`the ${form} form sends the answer of a captcha, and asks for another one after a refusal`, async ({ page, servers, sandbox }) => {
    await service(async (url, asked) => {
      await askForCaptcha(servers, url);
      await openSettled(page, servers, callbackTag({ topic: 'sales' }), { form });
      const element = await fillIn(page);
      await element.evaluate((node) => {
        const answers = ['bad', 'good "one"'];
        node.captcha = async () => answers.shift();
      });
      const send = element.getByRole('button', { name: 'Call me back' });
      await send.click();
      expect((await theEvent(page, 'callbackrefused')).code).toBe('captcha_failed');
      await says(page, 'We could not confirm that you are a person.');
      await send.click();
      await theEvent(page, 'callbackqueued');
      expect(asked).toEqual(['bad', 'good "one"']);
      await expect.poll(() => sandbox.dials()).toHaveLength(1);
    });
  });

  test(`the ${form} form says that the page gives no answer, and sends nothing`, async ({ page, servers }) => {
    await service(async (url, asked) => {
      await askForCaptcha(servers, url);
      await openSettled(page, servers, callbackTag({ topic: 'sales' }), { form });
      let sent = 0;
      page.on('request', (request) => (sent += request.url().endsWith('/v1/callbacks') ? 1 : 0));
      const element = await fillIn(page);
      const send = element.getByRole('button', { name: 'Call me back' });
      await send.click();
      const refusals = () => events(page, 'callbackrefused');
      await expect.poll(refusals).toHaveLength(1);
      expect((await refusals())[0].detail.code).toBe('missing_attribute');
      // A text, and a page that has none yet.
      await element.evaluate((node) => (node.captcha = () => ''));
      await send.click();
      await expect.poll(refusals).toHaveLength(2);
      expect((await refusals())[1].detail.code).toBe('captcha_failed');
      expect([sent, asked]).toEqual([0, []]);
      await element.evaluate((node) => (node.captcha = 'good "one"'));
      await send.click();
      await theEvent(page, 'callbackqueued');
      expect(asked).toEqual(['good "one"']);
    });
  });
}
