// docs/events.md: its scripts are put into a page as they are printed, and do what the page says.
import { codeBlocks } from './docs-page.js';
import { callTag, callbackTag, dialButton, events, fillIn, names, openSettled, says, theEvent } from './pages.js';
import { expect, test } from './servers.js';

/** The page's script of that name. */
async function script(name) {
  const blocks = await codeBlocks('events.md');
  const found = blocks.find(({ before }) => before === `<!-- example: ${name} -->`);
  expect(found, `docs/events.md has an example ${name}`).toBeDefined();
  return found.text;
}

test('the listener for the CRM writes an ended call down', async ({ page, servers, sandbox }) => {
  await openSettled(page, servers, callTag({ provider: 'babelforce' }));
  await page.evaluate(() => {
    window.sent = [];
    navigator.sendBeacon = (url, body) => window.sent.push([url, JSON.parse(body)]);
  });
  await page.evaluate(await script('log'));
  await dialButton(page).click();
  const { id } = await theEvent(page, 'callaccepted');
  const live = async () => (await sandbox.state()).babelforce.calls.filter(({ finished }) => finished === null);
  await expect.poll(live).toHaveLength(1);
  await sandbox.setCall((await live())[0].id, { state: 'completed' });
  await theEvent(page, 'callended');
  const sent = await page.evaluate(() => window.sent);
  expect(sent).toEqual([['/crm/calls', expect.objectContaining({ id })]]);
});

test('the listener for analytics counts a request that the relay has', async ({ page, servers }) => {
  await openSettled(page, servers, callbackTag());
  await page.evaluate(await script('count'));
  const form = await fillIn(page, { topic: 'Sales' });
  await form.getByRole('button', { name: 'Call me back' }).click();
  await says(page, /^Your reference: \S+$/);
  const { reference } = await theEvent(page, 'callbackqueued');
  expect(await page.evaluate(() => window.dataLayer)).toEqual([{ event: 'callback_requested', reference }]);
  expect(await names(page)).toContain('callbackrequested');
});

for (const [agreed, calls] of [
  [false, 0],
  [true, 1],
]) {
  test(`the listener that asks lets ${calls ? 'a call through' : 'no call through'}`, async ({ page, servers, sandbox }) => {
    await openSettled(page, servers, callTag());
    await page.evaluate(() => {
      document.querySelector('patchcord-call').record = { system: 'crm', type: 'Lead', id: '17' };
    });
    await page.evaluate(await script('ask'));
    page.on('dialog', (dialog) => (agreed ? dialog.accept() : dialog.dismiss()));
    await dialButton(page).click();
    await expect.poll(() => events(page, 'callrequested')).toHaveLength(1);
    if (calls) await theEvent(page, 'callaccepted');
    // Once the sandbox has answered something else, whatever was sent before has arrived.
    expect(await sandbox.dials()).toHaveLength(calls);
  });
}
