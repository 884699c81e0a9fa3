// Setting a CRM up in the relay's admin pages, as an administrator does: from nothing to a test call.
import { readFile, readdir } from 'node:fs/promises';
import { signIn } from './admin.js';
import { passes, withAxe } from './axe.js';
import { listOrigins } from './hosts.js';
import { expect, test } from './servers.js';

/** What the browser complained about. */
function watchConsole(page) {
  const said = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) said.push(message.text());
  });
  return said;
}

/** Fills the form for a host of a kind. */
async function begin(page, servers, kind, { name, origins }) {
  await page.goto(`${servers.relay}/admin/hosts`);
  await page.getByRole('link', { name: kind, exact: true }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Origins').fill(origins);
}

test('from nothing to a test call, and the frame is there', async ({ page, servers, sandbox }) => {
  await signIn(page, servers);
  await page.getByRole('navigation').getByRole('link', { name: 'CRMs' }).click();
  await begin(page, servers, 'Salesforce', { name: 'beta', origins: 'https://beta.lightning.force.com' });

  // The mapping, tried before it is kept.
  const lead = page.getByRole('group', { name: 'Lead' });
  await lead.getByLabel('Goes along').fill('name = Name\ncompany = Company\nplan = Plan__c');
  await page.getByLabel('Object type of the record').fill('Lead');
  await page.getByLabel('Fields of the record').fill(
    JSON.stringify({ Name: 'Grace Hopper', MobilePhone: '', Phone: '+49 30 23125100', Plan__c: { tier: 'gold', seats: [3, 5] } }),
  );
  await page.getByRole('button', { name: 'Show what becomes of it' }).click();
  const result = page.getByRole('status');
  await expect(result).toContainText('+49 30 23125100');
  await expect(result).toBeInViewport();
  const payload = JSON.parse(await result.locator('pre').textContent());
  expect(payload).toEqual({ name: 'Grace Hopper', plan: { tier: 'gold', seats: [3, 5] } });
  await expect(result).toContainText('Company');
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('beta');

  await page.locator('.end').getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'beta' })).toBeVisible();
  const paste = page.getByRole('region', { name: 'What to paste', exact: true });
  await expect(paste).toContainText('Trusted URLs');
  await expect(paste.getByRole('region', { name: 'Mapping' })).toContainText('"plan":"Plan__c"');

  const frame = await page.request.get(`${servers.relay}/hosts/beta`);
  expect(frame.headers()['content-security-policy']).toContain('frame-ancestors https://beta.lightning.force.com');
  expect(await frame.text()).toContain('"plan":"Plan__c"');

  // One real call, by the way that the agent's own click takes.
  const call = page.getByRole('region', { name: 'A test call' });
  await call.getByLabel('As').selectOption({ label: 'Alex Adler (005ALEX of acme)' });
  await call.getByLabel('The number').fill('+49 30 23125100');
  await call.getByRole('button', { name: 'Place one call' }).click();
  await expect(call.getByRole('status')).toContainText('accepted');
  await expect(call.getByRole('status')).toBeInViewport();
  expect((await sandbox.requests()).filter(({ path }) => path === '/apiv1/make_call')).toHaveLength(1);
  // Sent once more by the browser, it is the same call.
  page.on('dialog', (dialog) => dialog.accept());
  await page.reload();
  await expect(call.getByRole('status')).toContainText('accepted');
  expect((await sandbox.requests()).filter(({ path }) => path === '/apiv1/make_call')).toHaveLength(1);
  await page.goto(`${servers.relay}/admin/audit`);
  // Asked for twice, dialled once: the audit log has it as it was.
  const lines = page.getByRole('listitem');
  await expect(lines.filter({ hasText: 'test call asked' }).filter({ hasText: 'admin demo' })).toHaveCount(2);
  await expect(lines.filter({ hasText: 'call dialled' })).toHaveCount(1);
});

test("the values for Salesforce have the names of the package's own fields", async ({ page, servers }) => {
  await listOrigins(servers, 'acme-salesforce', ['https://acme.lightning.force.com'], 'provider = "babelforce"');
  const fields = new URL('../../web/salesforce/force-app/main/default/objects/Patchcord__mdt/fields/', import.meta.url);
  const texts = await Promise.all((await readdir(fields)).map((name) => readFile(new URL(name, fields), 'utf8')));
  const labels = texts.map((text) => /<label>(.*)<\/label>/.exec(text)[1]);
  await signIn(page, servers);
  await page.goto(`${servers.relay}/admin/hosts/acme-salesforce`);
  const list = page.getByRole('heading', { name: /Custom Metadata Types/ }).locator('+ dl');
  const names = await list.locator('dt').allTextContents();
  expect(names).toContain('Provider');
  for (const name of names) expect(labels).toContain(name);
});

test('what is wrong is said at its field, and what was written stays', async ({ page, servers }) => {
  await signIn(page, servers);
  await begin(page, servers, 'Any other page', { name: 'beta', origins: 'https://crm.example.com/leads' });
  // The enter key saves.
  await page.getByLabel('Name', { exact: true }).press('Enter');
  await expect(page.getByRole('alert')).toContainText('Origins: `https://crm.example.com/leads` is no origin');
  await expect(page.getByLabel('Origins')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByLabel('Origins')).toHaveValue('https://crm.example.com/leads');
  await page.getByLabel('Origins').fill('https://crm.example.com');
  await page.getByLabel('Name', { exact: true }).press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'beta' })).toBeVisible();

  await page.getByRole('link', { name: 'Change, or try the mapping' }).click();
  await page.getByRole('button', { name: 'Another object type' }).click();
  await page.getByLabel('Object type', { exact: true }).last().fill('Lead');
  await page.getByLabel('Fields with the number').last().fill('phone');
  await page.locator('.end').getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Lead: phone')).toBeVisible();
  await page.getByRole('link', { name: 'Remove' }).click();
  await page.getByRole('button', { name: 'Remove beta' }).click();
  await expect(page.getByRole('link', { name: 'beta', exact: true })).toHaveCount(0);
  expect((await page.request.get(`${servers.relay}/hosts/beta`)).status()).toBe(404);
});

test('a key that reads records is entered once, shown to nobody, and a record tried with it', async ({ page, servers }) => {
  await signIn(page, servers);
  await begin(page, servers, 'HubSpot', { name: 'hub', origins: 'https://app.hubspot.com' });
  const key = 'pat-eu1-sandbox-token';
  await page.getByLabel('Service key').fill(key);
  await page.getByLabel("Address of HubSpot's API").fill(servers.sandbox.url);
  await page.locator('.end').getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'hub' })).toBeVisible();

  const record = page.getByRole('region', { name: 'Try a record' });
  await record.getByLabel('Object type').selectOption('Contact');
  await record.getByLabel('Its id').fill('501');
  await record.getByRole('button', { name: 'Read it' }).click();
  await expect(record.getByText('This is Ada Lovelace.')).toBeVisible();
  await expect(record.getByText('+49 1522 8817386')).toBeInViewport();
  expect(JSON.parse(await record.locator('pre').textContent())).toEqual({ title: 'Analyst' });
  await record.getByLabel('Its id').fill('999');
  await record.getByRole('button', { name: 'Read it' }).click();
  await expect(record.getByRole('alert')).toContainText('HubSpot has no such record');

  await page.getByRole('link', { name: 'Change, or try the mapping' }).click();
  await expect(page.getByLabel('Service key')).toHaveValue('');
  await expect(page.getByText('One is kept.')).toBeVisible();
  expect(await page.content()).not.toContain(key);
  await page.getByLabel('Take the credential away').check();
  await page.locator('.end').getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('nobody reads them')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Try a record' })).toHaveCount(0);
});

for (const theme of ['light', 'dark']) {
  test(`each kind's pages, ${theme}, are for everybody and fit a phone`, async ({ page, servers }, { outputDir }) => {
    test.slow();
    const said = watchConsole(page);
    await page.emulateMedia({ colorScheme: theme });
    await withAxe(page);
    await signIn(page, servers);
    const hosts = ['acme-salesforce', 'acme-open-cti', 'acme-voice', 'acme-hubspot', 'acme-zendesk', 'acme-page'];
    const paths = [
      '/admin/hosts',
      '/admin/new-host?kind=salesforce',
      '/admin/new-host?kind=voice',
      '/admin/hosts/acme-salesforce/unmapped',
      ...hosts.map((name) => `/admin/hosts/${name}`),
    ];
    for (const path of paths) {
      for (const width of [1280, 320]) {
        await page.setViewportSize({ width, height: 800 });
        await page.goto(`${servers.relay}${path}`);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await passes(page, `${path} at ${width}`);
        const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(over, `${path} at ${width} is not wider than the window`).toBeLessThanOrEqual(0);
        const name = path.replace(/\W+/g, '-').slice(1);
        await page.screenshot({ path: `${outputDir}/${name}-${theme}-${width}.png`, fullPage: true });
      }
    }
    expect(said).toEqual([]);
  });
}

test('a click on a value selects all of it', async ({ page, servers }) => {
  await signIn(page, servers);
  await page.goto(`${servers.relay}/admin/hosts/acme-open-cti`);
  await page.getByRole('region', { name: "The call centre's definition" }).click();
  const selected = await page.evaluate(() => getSelection().toString());
  expect(selected.trim()).toMatch(/^<callCenter>[^]*<\/callCenter>$/);
  expect(selected).toContain(`${servers.relay}/hosts/acme-open-cti`);
});
