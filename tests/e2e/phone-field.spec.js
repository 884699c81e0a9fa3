// The phone field of the callback form: a picker for the region, formatting while somebody types, words for what is
// wrong; and what goes to the relay.
import { expect, test } from './servers.js';
import { passes, withAxe } from './axe.js';
import { callbackTag, events, open, openSettled, says, theEvent } from './pages.js';

/** The form, with its number field made a phone field. */
async function field(page, servers, attributes = {}, options) {
  await openSettled(page, servers, callbackTag({ region: 'DE', ...attributes }), options);
  const form = page.locator('patchcord-callback');
  const input = form.locator('input[type="tel"]');
  await input.focus();
  await expect(input).toHaveAttribute('data-field', 'ready');
  return { form, input, picker: form.locator('.region') };
}

/** Where the caret stands. */
const caret = (input) => input.evaluate((node) => node.selectionStart);

/** What the field says is to be called, without what is between the digits. */
const toCall = (input) => input.evaluate((node) => node.dataset.number?.replace(/[ -]/g, ''));

/** Sends the form and gives the body that the relay got. */
async function send(page, form) {
  await form.getByLabel('Your name').fill('Ada Lovelace');
  await form.getByRole('checkbox').check();
  const request = page.waitForRequest((one) => one.method() === 'POST' && one.url().endsWith('/v1/callbacks'));
  await form.getByRole('button', { name: 'Call me back' }).click();
  const body = (await request).postDataJSON();
  await says(page, /^Thank you\./);
  return body;
}

test('a number as people write it at home is formatted while it is typed, and goes out in E.164', async ({ page, servers }) => {
  const { form, input, picker } = await field(page, servers);
  await expect(picker).toHaveText('DE +49');
  await input.pressSequentially('03090182012');
  await expect(input).toHaveValue('030 90182012');
  expect((await send(page, form)).number).toBe('+493090182012');
  expect((await theEvent(page, 'callbackqueued')).number).toBe('+493090182012');
});

test('an extension goes out beside its number', async ({ page, servers }) => {
  const { form, input } = await field(page, servers);
  await input.pressSequentially('030 90182012 ext. 34');
  const { number, extension } = await send(page, form);
  expect({ number, extension }).toEqual({ number: '+493090182012', extension: '34' });
});

test('the caret stays where somebody types, also in the middle, and deleting always deletes a digit', async ({ page, servers }) => {
  const { input } = await field(page, servers, { region: 'US' });
  await input.pressSequentially('2015550123');
  await expect(input).toHaveValue('(201) 555-0123');
  // Behind "(201) 5": one more digit makes it a number of another length.
  await input.evaluate((node) => node.setSelectionRange(7, 7));
  await page.keyboard.press('Backspace');
  await expect.poll(() => input.evaluate((node) => node.value.replace(/\D/g, ''))).toBe('201550123');
  const before = await caret(input);
  await page.keyboard.type('5');
  await expect(input).toHaveValue('(201) 555-0123');
  expect(await caret(input)).toBeGreaterThanOrEqual(before);
  expect(await input.evaluate((node) => node.value.slice(0, node.selectionStart).replace(/\D/g, ''))).toBe('2015');
  // Over what is between two digits, in both directions.
  await input.evaluate((node) => node.setSelectionRange(5, 5));
  await page.keyboard.press('Delete');
  await expect.poll(() => input.evaluate((node) => node.value.replace(/\D/g, ''))).toBe('201550123');
  for (let left = 9; left > 0; left -= 1) {
    await page.keyboard.press('End');
    await page.keyboard.press('Backspace');
    await expect.poll(() => input.evaluate((node) => node.value.replace(/\D/g, '').length)).toBe(left - 1);
  }
  await expect(input).toHaveValue('');
});

for (const [what, text, number] of [
  ['a link', 'tel:+44-20-7946-0018', '+442079460018'],
  ['brackets and slashes', '(030) 90 18 20-12', '+493090182012'],
  ['the usual mistake with a zero', '+49 (0)30 90182012', '+493090182012'],
  ['an international prefix', '0044 20 7946 0018', '+442079460018'],
  ['digits of another script', '٠٣٠ ٩٠١٨٢٠١٢', '+493090182012'],
  ['letters of a keypad', '+1 800 FLOWERS', '+18003569377'],
]) {
  test(`pasted ${what} is a number`, async ({ page, servers }) => {
    const { input } = await field(page, servers);
    await input.evaluate((node, pasted) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', pasted);
      const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
      if (node.dispatchEvent(event)) throw new Error('nobody took what was pasted');
    }, text);
    expect(await toCall(input)).toBe(number);
  });
}

test('a number with a plus sign shows its own region, whichever was chosen', async ({ page, servers }) => {
  const { input, picker } = await field(page, servers);
  await input.pressSequentially('+442079460018');
  await expect(input).toHaveValue('+44 20 7946 0018');
  await expect(picker).toHaveText('GB +44');
});

test('the region is found by name, letters or code, with the keyboard alone', async ({ page, servers }) => {
  const { form, input, picker } = await field(page, servers);
  await page.keyboard.press('Tab');
  await expect(picker).toBeFocused();
  await expect(picker).toHaveAccessibleName('DE +49, Country: Germany');
  await page.keyboard.press('Enter');
  const search = form.getByRole('combobox', { name: 'Search for a country' });
  await expect(search).toBeFocused();
  await expect(form.getByRole('option', { name: 'Germany' })).toHaveAttribute('aria-selected', 'true');
  for (const text of ['aust', 'cote', '+41', 'tr']) {
    await search.fill(text);
    await expect.poll(() => form.getByRole('option').count()).toBeGreaterThan(0);
  }
  await expect(form.getByRole('option').first()).toContainText(/Tr|T\u00fcrkiye/);
  await search.fill('nowhere at all');
  await says(page, 'No country is called that.');
  await search.fill('aust');
  await page.keyboard.press('ArrowDown');
  await expect(form.locator('li.active')).toContainText('Austria');
  await page.keyboard.press('Enter');
  await expect(input).toBeFocused();
  await expect(picker).toHaveText('AT +43');
  await page.keyboard.type('01512345');
  expect(await toCall(input)).toBe('+431512345');
  // Away and back: nothing is chosen.
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Escape');
  await expect(input).toBeFocused();
  await expect(picker).toHaveText('AT +43');
});

test('another region takes the number along', async ({ page, servers }) => {
  const { form, input, picker } = await field(page, servers);
  await input.pressSequentially('+493012345678');
  await picker.click();
  await form.getByRole('combobox', { name: 'Search for a country' }).fill('austria');
  await form.getByRole('option', { name: 'Austria' }).click();
  await expect(picker).toHaveText('AT +43');
  await expect.poll(() => input.evaluate((node) => node.value.replace(/\D/g, ''))).toBe('433012345678');
});

for (const [text, said] of [
  ['0309', 'The number is too short.'],
  ['030 9018201290182012', 'The number is too long.'],
  ['hello', 'This is not a phone number.'],
  ['+999 123456', 'The country code is missing. Choose a country or start with +.'],
  ['0111 1234567', 'There is no such number. Check the first digits.'],
]) {
  test(`"${text}" is not sent, and is told why`, async ({ page, servers }) => {
    const { form, input } = await field(page, servers);
    await input.fill(text);
    await form.getByLabel('Your name').fill('Ada Lovelace');
    await says(page, said);
    await expect(input).toHaveAttribute('aria-invalid', 'true');
    await form.getByRole('checkbox').check();
    await form.getByRole('button', { name: 'Call me back' }).click();
    await says(page, said);
    await expect(input).toBeFocused();
    expect(await events(page, 'callbackrequested')).toEqual([]);
    // Put right, it is no longer marked.
    await input.fill('030 90182012');
    await expect(input).not.toHaveAttribute('aria-invalid');
    expect((await send(page, form)).number).toBe('+493090182012');
  });
}

test('words that come up between the halves of a click take nothing from it', async ({ page, servers }) => {
  const { form, input } = await field(page, servers);
  await input.pressSequentially('0309');
  await form.getByRole('checkbox').click();
  await expect(form.getByRole('checkbox')).toBeChecked();
  await says(page, 'The number is too short.');
});

test('without the engine a number with its country code goes through as before', async ({ page, servers }) => {
  await page.route('**/patchcord_numbers_bg.wasm', (route) => route.abort());
  await openSettled(page, servers, callbackTag({ region: 'DE' }));
  const form = page.locator('patchcord-callback');
  const asked = page.waitForRequest('**/patchcord_numbers_bg.wasm');
  await form.locator('input[type="tel"]').fill('+49 30 90182012');
  await asked;
  expect((await send(page, form)).number).toBe('+493090182012');
});

test('nothing of it is downloaded before somebody goes to the number, and nothing moves when it comes', async ({ page, servers }) => {
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname.split('/').pop()));
  await openSettled(page, servers, callbackTag({ region: 'DE' }));
  const form = page.locator('patchcord-callback');
  await form.getByLabel('Your name').focus();
  // The days that can be chosen come by themselves.
  await expect.poll(() => form.locator('[name="day"] option').count()).toBeGreaterThan(1);
  const places = () =>
    form.evaluate((element) =>
      [...element.shadowRoot.querySelectorAll('form *')]
        .filter((node) => !node.closest('.region, .regions'))
        .map((node) => Object.values(node.getBoundingClientRect().toJSON()).join()),
    );
  const before = await places();
  expect(asked.filter((name) => /field|numbers/.test(name))).toEqual([]);
  const input = form.locator('input[type="tel"]');
  await input.focus();
  await expect(input).toHaveAttribute('data-field', 'ready');
  expect(asked.filter((name) => /field|numbers/.test(name)).sort()).toEqual([
    'field.js',
    'patchcord_numbers_bg.wasm',
  ]);
  // The hint has other words; its place is the same.
  expect((await places()).length).toBe(before.length);
  const moved = (await places()).filter((place, at) => place.split(',')[1] !== before[at].split(',')[1]);
  expect(moved).toEqual([]);
});

test('what is typed before the module takes over is there afterwards', async ({ page, servers }) => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route('**/patchcord_widget_bg.wasm', async (route) => {
    await held;
    await route.continue();
  });
  await open(page, servers, callbackTag({ region: 'DE' }));
  const form = page.locator('patchcord-callback');
  const input = form.locator('input[type="tel"]');
  await input.focus();
  await expect(input).toHaveAttribute('data-field', 'ready');
  await input.pressSequentially('03090182012');
  await page.locator('h1').click();
  release();
  await expect.poll(() => events(page, 'patchcordready')).toHaveLength(1);
  // It is the same field, in the module's form.
  await expect(input).toHaveValue('030 90182012');
  expect((await send(page, form)).number).toBe('+493090182012');
});

for (const theme of ['light', 'dark']) {
  test(`axe finds nothing in the field, ${theme}, closed, open and wrong`, async ({ page, servers }) => {
    await withAxe(page);
    await page.emulateMedia({ colorScheme: theme });
    const { form, input, picker } = await field(page, servers, { theme });
    await page.evaluate((dark) => {
      if (dark) document.documentElement.style.cssText = 'background:#11161d;color:#eee';
    }, theme === 'dark');
    await passes(page, 'ready');
    await picker.click();
    await passes(page, 'open');
    await form.getByRole('combobox', { name: 'Search for a country' }).fill('zzz');
    await passes(page, 'nothing found');
    await page.keyboard.press('Escape');
    await input.fill('0309');
    await form.getByLabel('Your name').focus();
    await says(page, 'The number is too short.');
    await passes(page, 'wrong');
  });
}

test("any page makes phone fields of its own inputs, and reads numbers", async ({ page, servers }) => {
  await open(page, servers, '<form><p><label for="phone">Phone</label> <input id="phone" type="tel"></p></form>', { head: '' });
  const input = page.getByLabel('Phone');
  const read = await input.evaluate(async (node, relay) => {
    const { enhance, load } = await import(`${relay}/patchcord-numbers.js`);
    await enhance(node, { lang: 'en', region: 'ch' });
    const { check, read: readNumber, regions, type } = await load();
    const long = '1'.repeat(600);
    return {
      known: regions().length,
      first: regions()[0],
      checked: [check('044 668 18 00', 'CH'), check('044 668', 'CH'), check('０４４ 668 18 00', 'CH'), check(long, 'CH')],
      wrong: [readNumber('none', 'CH').wrong, readNumber(long, 'CH').wrong, readNumber('044 668', '').wrong],
      // What is typed beside a number stays, with its caret.
      typed: [type('0446681', 3, 'CH'), type('+1 416 555 0123', 99), type('no 😀', 4, 'CH'), type(long, 7, 'CH').text == long],
      extension: readNumber('+41 44 668 18 00 ext. 𝟏2').extension,
      number: readNumber('044 668 18 00', 'CH'),
    };
  }, servers.relay);
  expect(read).toEqual({
    known: 245,
    first: { region: 'US', code: '1' },
    checked: ['+41446681800', undefined, '+41446681800', undefined],
    wrong: ['invalid', 'long', 'country'],
    typed: [
      { text: '044 668 1', caret: 3, region: 'CH' },
      { text: '+1 416-555-0123', caret: 15, region: 'CA' },
      { text: 'no 😀', caret: 4, region: 'CH' },
      true,
    ],
    extension: '12',
    number: {
      wrong: '',
      valid: true,
      e164: '+41446681800',
      extension: '',
      kind: 'fixed_line',
      region: 'CH',
      national: '044 668 18 00',
      international: '+41 44 668 18 00',
    },
  });
  await input.pressSequentially('0446681800');
  await expect(input).toHaveValue('044 668 18 00');
  expect(await toCall(input)).toBe('+41446681800');
  await expect(page.locator('.region')).toHaveText('CH +41');
});
