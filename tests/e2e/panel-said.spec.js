// What is read out to those who do not see the panel: each change, once.
import { expect, test } from './servers.js';
import { AGENTS, openPanel, signIn } from './panel.js';
import { Desk, atWork } from './desk.js';
import { button, dial, panel, press, theCall, word } from './calls.js';

let desk;

test.beforeEach(({ sandbox }) => {
  desk = new Desk(sandbox);
});

/** Opens a panel at work and writes down what its live regions say from then on. */
async function listen(page, servers) {
  await openPanel(page, servers);
  await signIn(page);
  await atWork(page);
  await page.evaluate(() => {
    window.said = [];
    for (const region of document.querySelector('patchcord-panel').shadowRoot.querySelectorAll('[aria-live]')) {
      const note = () => {
        // What was said is taken away again, which is nothing to hear.
        if (region.textContent) window.said.push(`${region.getAttribute('aria-live')}: ${region.textContent}`);
      };
      new MutationObserver(note).observe(region, { characterData: true, childList: true, subtree: true });
    }
  });
}

async function said(page) {
  return page.evaluate(() => window.said);
}

test('the story of a call is read out, each part once', async ({ page, servers, sandbox }) => {
  await sandbox.tell('settings', { wrap_up: { seconds: 60 } });
  await listen(page, servers);
  await dial(page);
  const id = await theCall(sandbox);
  await expect.poll(() => said(page)).toEqual(['polite: Calling Greta Gross']);
  await desk.act(id, { who: 'agent', do: 'answer' });
  await desk.act(id, { do: 'answer' });
  await expect(word(page)).toHaveText('Connected');
  for (const [name, shows] of [['Hold', 'Resume'], ['Resume', 'Hold'], ['Mute', 'Unmute'], ['Unmute', 'Mute']]) {
    await press(page, name);
    await expect(button(page, shows)).toBeVisible();
  }
  await press(page, 'Record');
  await expect(button(page, 'Stop')).toBeVisible();
  await press(page, 'Stop');
  await expect(button(page, 'Record')).toBeVisible();
  await desk.act(id, { do: 'hang_up' });
  await expect(panel(page).getByRole('article', { name: 'Time for notes' })).toBeVisible();
  const story = async () => (await said(page)).join(' ').replaceAll('polite: ', '').replace(/\d+ seconds$/, '… seconds');
  await expect.poll(story).toBe(
    'Calling Greta Gross Connected: Greta Gross On hold Resumed You are muted You can be heard ' +
      'Recording Recording stopped Call ended: Greta Gross Time for notes: … seconds',
  );
});

test('a call that comes is read out at once, and that it goes', async ({ page, servers }) => {
  await listen(page, servers);
  const id = await desk.ring();
  await expect.poll(() => said(page)).toEqual(['assertive: Incoming call: Greta Gross']);
  await desk.act(id, { do: 'hang_up' });
  await expect.poll(() => said(page)).toEqual([
    'assertive: Incoming call: Greta Gross',
    'polite: No connection: Greta Gross',
  ]);
  // Whoever looks around later does not come across it.
  for (const how of ['assertive', 'polite']) await expect(panel(page).locator(`[aria-live=${how}]`)).toHaveText('');
  // The next one by the same caller is another one.
  await desk.ring();
  await expect.poll(async () => (await said(page)).filter((one) => /Incoming/.test(one))).toHaveLength(2);
});

test('what is refused, and what a click does not do, is read out once', async ({ page, servers }) => {
  await listen(page, servers);
  await dial(page, 'nobody');
  await expect.poll(() => said(page)).toHaveLength(1);
  expect((await said(page))[0]).toMatch(/^polite: This is not a full phone number\./);
  await dial(page, '+12125550142');
  await expect(panel(page).locator('.notice')).toBeVisible();
  await expect.poll(() => said(page)).toHaveLength(2);
  expect((await said(page))[1]).toMatch(/^assertive: Calling: not done.*We cannot call this number\./);
});

test('who joins a conference and who leaves it is read out', async ({ page, servers, sandbox }) => {
  await listen(page, servers);
  const id = await desk.call();
  await expect(word(page)).toHaveText('Connected');
  await press(page, 'Add');
  await panel(page).getByRole('combobox').first().waitFor();
  await panel(page).getByRole('option', { name: /Sam Sommer/ }).click();
  const row = panel(page).getByRole('listitem').filter({ hasText: 'Sam Sommer' });
  await expect(row).toContainText('being called…');
  const { babelforce } = await sandbox.state();
  const leg = babelforce.calls.find(({ agent_id, finished }) => agent_id === AGENTS['005SAM'].id && finished === null);
  await desk.act(leg.id, { who: 'agent', do: 'answer' });
  await expect(row).toContainText('in the call');
  await desk.act(leg.id, { who: 'agent', do: 'hang_up' });
  await expect(row).toHaveCount(0);
  const about = async () => (await said(page)).filter((one) => /Sam Sommer/.test(one));
  await expect.poll(about).toEqual(['polite: Sam Sommer has joined', 'polite: Sam Sommer has left']);
  expect(id).not.toBe(leg.id);
});
