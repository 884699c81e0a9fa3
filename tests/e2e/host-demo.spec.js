// The demo's page with the phone in a frame.
import { passes, withAxe } from './axe.js';
import { expect, test } from './servers.js';
import { frameOptions } from './hosts.js';
import { dials } from './host-page.js';

test.use({ launchOptions: frameOptions() });

test('a click on the demo’s page dials with the record, and the call is written down once', async ({
  page,
  servers,
  sandbox,
}) => {
  const violations = [];
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) violations.push(message.text());
  });
  await page.goto(`${servers.demo}/frame/`);
  await expect(page.getByText('Ready: click a number.')).toBeVisible({ timeout: 20_000 });
  await page.getByRole('row', { name: /Jana Petersen/ }).getByRole('button').click();
  const [{ body }] = await dials(sandbox);
  expect(body.number).toBe('4915228817386');
  expect(body.custom).toMatchObject({
    name: 'Jana Petersen',
    company: 'Nordlicht Wärme GmbH',
    score: 87,
    patchcord_record: { system: 'acme-crm', type: 'Lead', id: '00Q7S000001KQaA', name: 'Jana Petersen' },
  });
  const calls = page.getByRole('region', { name: 'Calls' }).getByRole('listitem');
  await expect(calls).toHaveCount(1);
  await expect(calls).toContainText('Jana Petersen');
  await expect(calls).toContainText('Handed to the dock');
  await page.reload();
  await expect(page.getByText('Ready: click a number.')).toBeVisible({ timeout: 20_000 });
  await expect(calls).toHaveCount(1);
  expect(violations).toEqual([]);
});

for (const theme of ['light', 'dark']) {
  test(`axe finds nothing on the demo’s page, nor in the frame: ${theme}`, async ({ page, servers }) => {
    await withAxe(page);
    await page.emulateMedia({ colorScheme: theme });
    await page.goto(`${servers.demo}/frame/`);
    await expect(page.getByText('Ready: click a number.')).toBeVisible({ timeout: 20_000 });
    await passes(page, 'as it is opened');
    await page.getByRole('button', { name: /Call Jana Petersen/ }).click();
    await expect(page.getByRole('region', { name: 'Calls' }).getByRole('listitem')).toHaveCount(1);
    await passes(page, 'after a call');
  });
}
