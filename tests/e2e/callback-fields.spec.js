// What a callback form asks for: fields of every kind, from the relay and from the page, in both forms; what is wrong
// with an answer; consent with links.
import { passes, withAxe } from './axe.js';
import { expect, test } from './servers.js';
import { FORMS, callbackTag, moduleFailed, open, ready, says, tag, theEvent } from './pages.js';

const FULL = { 'site-key': 'pk_demo_full', topic: 'advice' };

/** Opens a page with a form, and waits until it has taken its last form. */
async function openForm(page, servers, body, form) {
  await open(page, servers, body, { form });
  await expect(page.getByLabel('Your name')).toBeVisible();
  await (form === 'plain' ? moduleFailed(page) : ready(page));
  return page.locator('patchcord-callback');
}

/** What the relay was sent, once it has answered. */
async function sendForm(page, servers, form) {
  const sent = page.waitForRequest(`${servers.relay}/v1/callbacks`);
  await form.getByRole('button', { name: 'Call me back' }).click();
  const body = (await sent).postDataJSON();
  await theEvent(page, 'callbackqueued');
  return body;
}

async function fillInWhatIsNeeded(form) {
  await form.getByLabel('Your name').fill('Ada Lovelace');
  await form.getByLabel('Your phone number').fill('+49 30 23125-100');
  await form.getByRole('checkbox', { name: /^You may call me/ }).check();
}

for (const kind of FORMS) {
  test(`the ${kind} form asks for every kind of field, and sends it by its kind`, async ({ page, servers, sandbox }) => {
    const form = await openForm(page, servers, callbackTag(FULL), kind);
    await fillInWhatIsNeeded(form);
    await form.getByLabel('E-mail').fill('ada@example.com');
    await form.getByLabel('How do you heat now?').selectOption({ label: 'Oil' });
    await form.getByLabel('Wanted by').fill('2027-03-01');
    await form.getByRole('checkbox', { name: 'I am a customer' }).check();
    const { fields, consent } = await sendForm(page, servers, form);
    expect(fields).toEqual({
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      heating: 'oil',
      wanted: '2027-03-01',
      customer: true,
    });
    expect(consent).toEqual({ version: '2026-11', given: true });
    await expect.poll(() => sandbox.dials()).toHaveLength(1);
  });

  test(`the ${kind} form asks for a topic's own fields with that topic only`, async ({ page, servers }) => {
    const form = await openForm(page, servers, callbackTag({ 'site-key': 'pk_demo_full' }), kind);
    const heating = form.getByLabel('How do you heat now?');
    await expect(heating).toBeVisible();
    await form.getByLabel('What is it about?').selectOption({ label: 'Service and repairs' });
    await expect(heating).toBeHidden();
    await fillInWhatIsNeeded(form);
    const { fields, topic } = await sendForm(page, servers, form);
    expect(topic).toBe('service');
    expect(fields).toEqual({ name: 'Ada Lovelace', customer: false });
  });

  test(`the ${kind} form takes fields and values from controls inside the element`, async ({ page, servers }) => {
    const body = `<patchcord-callback site-key="pk_demo_full" topic="advice">
      <input type="hidden" name="campaign" value="spring">
      <input type="hidden" name="heating" value="gas">
      <label>Your company <input name="company" required maxlength="40"></label>
      <label for="size">How large?</label>
      <select id="size" name="size"><option value="">?</option><option value="s">Small</option><option value="l">Large</option></select>
      <label>Send me the brochure <input type="checkbox" name="brochure" checked></label>
    </patchcord-callback>`;
    const form = await openForm(page, servers, body, kind);
    // What the page answers is not asked for.
    await expect(form.getByText('How do you heat now?')).toBeHidden();
    const company = form.getByRole('textbox', { name: 'Your company' });
    await expect(company).toHaveAttribute('maxlength', '40');
    await fillInWhatIsNeeded(form);
    await company.fill('Babbage & Co.');
    await form.getByRole('combobox', { name: 'How large?' }).selectOption({ label: 'Large' });
    await expect(form.getByRole('checkbox', { name: 'Send me the brochure' })).toBeChecked();
    const { fields } = await sendForm(page, servers, form);
    expect(fields).toEqual({
      name: 'Ada Lovelace',
      campaign: 'spring',
      heating: 'gas',
      customer: false,
      company: 'Babbage & Co.',
      size: 'l',
      brochure: true,
    });
  });

  test(`the ${kind} form says at the field what the relay refuses`, async ({ page, servers }) => {
    const form = await openForm(page, servers, callbackTag(FULL), kind);
    await fillInWhatIsNeeded(form);
    await form.getByLabel('How do you heat now?').selectOption({ label: 'Gas' });
    // For a browser this is an address, for the relay it is none that can be written to.
    const email = form.getByLabel('E-mail');
    await email.fill('ada@localhost');
    await form.getByRole('button', { name: 'Call me back' }).click();
    expect((await theEvent(page, 'callbackrefused')).code).toBe('invalid_field');
    await expect(email).toHaveAttribute('aria-invalid', 'true');
    await expect(email).toBeFocused();
    await expect(email).toHaveAccessibleDescription(/A field has a value that is not allowed/);
    await email.fill('ada@example.com');
    await expect(email).not.toHaveAttribute('aria-invalid');
  });
}

test('fields as JSON narrow and extend what is asked for, also when they are set later as a property', async ({ page, servers }) => {
  const fields = JSON.stringify(['email', { name: 'plan', type: 'select', label: 'Your plan', options: [{ value: 'a', label: 'Basic' }] }]);
  const form = await openForm(page, servers, tag('patchcord-callback', { ...FULL, fields }), 'module');
  await expect(form.getByLabel('E-mail')).toBeVisible();
  await expect(form.getByLabel('Your plan')).toBeVisible();
  // Needed by the relay.
  await expect(form.getByLabel('How do you heat now?')).toBeVisible();
  await expect(form.getByLabel('Wanted by')).toHaveCount(0);

  await form.getByLabel('Your name').fill('Ada');
  await form.evaluate((element) => {
    element.fields = [{ name: 'email', label: 'Where we write to', required: true }, { name: 'floor', label: 'Floor' }];
  });
  await expect(form.getByLabel('Floor')).toBeVisible();
  await expect(form.getByLabel('Where we write to')).toHaveAttribute('required', '');
  await expect(form.getByLabel('Your plan')).toHaveCount(0);
  // What was typed stays.
  await expect(form.getByLabel('Your name')).toHaveValue('Ada');
});

test('children that come later are read, and what is typed stays', async ({ page, servers }) => {
  const form = await openForm(page, servers, callbackTag(FULL), 'module');
  await form.getByLabel('Your name').fill('Ada');
  await form.evaluate((element) => {
    element.insertAdjacentHTML('beforeend', '<label>Floor <input name="floor"></label>');
  });
  await expect(form.getByRole('textbox', { name: 'Floor' })).toBeVisible();
  await expect(form.getByLabel('Your name')).toHaveValue('Ada');
});

test('the form says beside each field what is wrong, above the button that something is, and takes it back', async ({
  page,
  servers,
}) => {
  await withAxe(page);
  const form = await openForm(page, servers, callbackTag(FULL), 'module');
  await form.getByLabel('E-mail').fill('nobody');
  await form.getByLabel('Wanted by').fill('2040-01-01');
  await form.getByRole('button', { name: 'Call me back' }).click();
  for (const [label, said] of [
    ['Your name', 'Please fill this in.'],
    ['E-mail', 'This is not an e-mail address.'],
    ['Wanted by', 'Please choose another date.'],
    ['How do you heat now?', 'Please fill this in.'],
    ['Your phone number', 'Please give a number that we can call.'],
  ]) {
    await expect(form.getByLabel(label)).toHaveAccessibleDescription(new RegExp(said));
  }
  await says(page, 'Please check what is marked.');
  await expect(form.getByLabel('Your name')).toBeFocused();
  await passes(page, 'marked');
  await form.getByLabel('Your name').fill('Ada');
  await expect(form.getByLabel('Your name')).not.toHaveAttribute('aria-invalid');
});

test('consent is a text with a link, in the language of the page', async ({ page, servers }) => {
  const form = await openForm(page, servers, callbackTag(FULL), 'module');
  const link = form.getByRole('link', { name: 'privacy policy' });
  await expect(link).toHaveAttribute('href', 'https://www.acme.example/privacy');
  await expect(link).toHaveAttribute('rel', 'noopener');
  await form.evaluate((element) => element.setAttribute('lang', 'de'));
  await expect(form.getByRole('link', { name: 'Datenschutzerklärung' })).toBeVisible();
  await expect(form.getByLabel('Womit heizen Sie jetzt?')).toBeVisible();
});
