// Numbers as a CRM has them, in the form of their region: the call element reads them with the number engine.
import { expect, test } from './servers.js';
import { FORMS, callTag, dialButton, events, open, openSettled, says, theEvent } from './pages.js';

for (const [written, region, dialled] of [
  ['(030) 901820-12', 'DE', { number: '+493090182012' }],
  ['020 7946 0018 ext. 12', 'gb', { number: '+442079460018', extension: '12' }],
  ['00 43 1 512345', 'DE', { number: '+431512345' }],
]) {
  test(`"${written}" of ${region} is dialled as ${dialled.number}`, async ({ page, servers }) => {
    await openSettled(page, servers, callTag({ number: written, region }));
    const request = page.waitForRequest((one) => one.method() === 'POST' && one.url().endsWith('/v1/calls'));
    await dialButton(page).click();
    const { number, extension } = (await request).postDataJSON();
    expect({ number, extension }).toEqual({ extension: undefined, ...dialled });
    expect((await theEvent(page, 'callrequested')).number).toBe(dialled.number);
  });
}

test('the number is shown as it is written until it is read, and cannot be dialled before', async ({ page, servers }) => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route('**/patchcord_numbers_bg.wasm', async (route) => {
    await held;
    await route.continue();
  });
  await open(page, servers, callTag({ number: '030 90182012', region: 'DE' }));
  await says(page, '030 90182012', 'patchcord-call');
  const buttons = page.locator('patchcord-call').getByRole('button');
  await expect(buttons).toHaveCount(1);
  await expect(buttons).toBeDisabled();
  release();
  await expect(dialButton(page)).toHaveText('Call +493090182012');
  await expect(dialButton(page)).toBeEnabled();
  expect(await events(page, 'patchcorderror')).toEqual([]);
});

test('what is no number in its region is said to be none', async ({ page, servers }) => {
  await open(page, servers, callTag({ number: '0111 1234567', region: 'DE' }));
  expect((await theEvent(page, 'patchcorderror')).code).toBe('invalid_number');
  await says(page, 'This is not a full phone number.', 'patchcord-call');
});

test('another record brings another number, of another region', async ({ page, servers }) => {
  await openSettled(page, servers, callTag({ number: '030 90182012', region: 'DE' }));
  await expect(dialButton(page)).toHaveText('Call +493090182012');
  await page.locator('patchcord-call').evaluate((element) => {
    element.setAttribute('region', 'AT');
    element.setAttribute('number', '01 512345');
  });
  await expect(dialButton(page)).toHaveText('Call +431512345');
});

for (const form of FORMS) {
  test(`a number in E.164 asks for no engine, with the ${form} button`, async ({ page, servers }) => {
    const asked = [];
    page.on('request', (request) => asked.push(request.url()));
    await openSettled(page, servers, callTag({ number: '+49 30 90182012', region: 'DE' }), { form });
    await expect(dialButton(page)).toBeEnabled();
    expect(asked.filter((url) => /numbers/.test(url))).toEqual([]);
  });
}
