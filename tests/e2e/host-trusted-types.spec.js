// Pages that enforce Trusted Types: nothing becomes HTML, or the address of a script, that no policy has passed.
import { expect, test } from './servers.js';
import { callTag, callbackTag, dialButton, events, fillIn, loaderTag, moduleFailed, names, ready, says, violations, watchEvents } from './pages.js';

/** Opens a page that enforces Trusted Types, with the policies of these names alone. */
async function open(page, servers, body, { policies, head = loaderTag(servers) }) {
  await page.context().grantPermissions(['local-network-access']);
  await watchEvents(page);
  const address = `${servers.demo}/t/trusted`;
  await page.route(address, (route) =>
    route.fulfill({
      contentType: 'text/html; charset=utf-8',
      headers: {
        'content-security-policy':
          `default-src 'none'; script-src ${servers.relay} 'wasm-unsafe-eval'; style-src 'self'; ` +
          `connect-src 'self' ${servers.relay}; require-trusted-types-for 'script'; trusted-types ${policies}`,
      },
      body: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A test</title>${head}</head><body><main>${body}</main></body></html>`,
    }),
  );
  await page.goto(address);
}

test('a call button has its module where the policy `patchcord` is listed, and dials', async ({ page, servers, sandbox }) => {
  await open(page, servers, callTag(), { policies: 'patchcord' });
  await ready(page);
  await dialButton(page).click();
  await expect.poll(() => names(page)).toEqual(['patchcordready', 'callrequested', 'callaccepted']);
  expect(await sandbox.dials()).toHaveLength(1);
  expect(await violations(page)).toEqual([]);
});

test('a callback form has its module, too, and sends', async ({ page, servers }) => {
  await open(page, servers, callbackTag({ topic: 'sales' }), { policies: 'patchcord' });
  await ready(page);
  const form = await fillIn(page);
  await form.getByRole('button', { name: 'Call me back' }).click();
  await says(page, /^Your reference: \S+$/);
  expect(await violations(page)).toEqual([]);
});

test('where no policy is listed, the plain button does the job', async ({ page, servers, sandbox }) => {
  await open(page, servers, callTag(), { policies: "'none'" });
  await moduleFailed(page);
  await dialButton(page).click();
  await expect.poll(() => names(page)).toContain('callaccepted');
  expect(await sandbox.dials()).toHaveLength(1);
  expect((await events(page, 'patchcordready')).length).toBe(0);
});

test('the panel needs no policy at all', async ({ page, servers }) => {
  await open(page, servers, '<patchcord-panel provider="samespace" session-url="/crm/assertion"></patchcord-panel>', {
    policies: "'none'",
    head: `<script type="module" src="${servers.relay}/patchcord-panel.js"></script>`,
  });
  await expect(page.getByLabel('Number to call')).toBeVisible();
  expect((await violations(page)).filter((what) => what.includes('trusted-types'))).toEqual([]);
});
