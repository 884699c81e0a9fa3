// Bad input in the page itself: attributes of the elements that cannot be right. Each case names the code that the
// page's script gets, and the words that the person reads.
import { expect, test } from './servers.js';
import {
  NUMBER,
  callTag,
  callbackTag,
  dialButton,
  events,
  open,
  says,
  status,
  theEvent,
} from './pages.js';

test.describe('an attribute that cannot be right is said at once, and the button stays shut', () => {
  for (const { name, attributes, code, field, text } of [
    {
      name: 'no number',
      attributes: { number: undefined },
      code: 'missing_attribute',
      field: 'number',
      text: 'Not set up: the attribute “number” is missing.',
    },
    {
      name: 'a number without a country code',
      attributes: { number: '030 23125100' },
      code: 'invalid_number',
      field: 'number',
      text: 'This is not a full phone number.',
    },
    {
      name: 'a number with a letter in it',
      attributes: { number: '+49302312510O' },
      code: 'invalid_number',
      field: 'number',
      text: 'This is not a full phone number.',
    },
    {
      name: 'an extension that is too long',
      attributes: { number: `${NUMBER};ext=123456789012` },
      code: 'invalid_number',
      field: 'number',
      text: 'This is not a full phone number.',
    },
    {
      name: 'a payload that is no JSON',
      attributes: { payload: '{name: Alex}' },
      code: 'payload_invalid',
      field: 'payload',
      text: 'The data of this record cannot be sent.',
    },
    {
      name: 'a payload that is no object',
      attributes: { payload: '[1, 2]' },
      code: 'payload_invalid',
      field: 'payload',
      text: 'The data of this record cannot be sent.',
    },
    {
      name: 'an unknown theme',
      attributes: { theme: 'pink' },
      code: 'unknown_attribute_value',
      field: 'theme',
      text: 'Not set up: the attribute “theme” has a value that is not known.',
    },
    {
      name: 'a relay that is no address',
      attributes: { relay: 'relay' },
      code: 'unknown_attribute_value',
      field: 'relay',
      text: 'Not set up: the attribute “relay” has a value that is not known.',
    },
    {
      name: 'a session address that is none',
      attributes: { 'session-url': 'javascript:alert(1)' },
      code: 'unknown_attribute_value',
      field: 'session-url',
      text: 'Not set up: the attribute “session-url” has a value that is not known.',
    },
  ]) {
    test(name, async ({ page, servers, sandbox }) => {
      await open(page, servers, callTag(attributes));
      expect(await theEvent(page, 'patchcorderror')).toMatchObject({
        code,
        field,
        message: expect.any(String),
      });
      await expect(status(page)).toContainText(text);
      await expect(dialButton(page)).toBeDisabled();
      await dialButton(page).evaluate((button) => button.click());
      expect(await events(page, 'callrequested')).toEqual([]);

      // Put right, it works.
      await page.locator('patchcord-call').evaluate((element, right) => {
        for (const [key, value] of Object.entries(right)) {
          if (value === null) element.removeAttribute(key);
          else element.setAttribute(key, value);
        }
      }, rightOnes(attributes));
      await dialButton(page).click();
      await theEvent(page, 'callaccepted');
      expect(await sandbox.dials()).toHaveLength(1);
    });
  }

  /** For the attributes of a case: what works instead; `null` takes one away. */
  function rightOnes(attributes) {
    const right = { number: NUMBER, 'session-url': '/crm/assertion', provider: 'samespace' };
    return Object.fromEntries(Object.keys(attributes).map((key) => [key, right[key] ?? null]));
  }

  for (const { name, attributes, code, field, text } of [
    {
      name: 'no site key',
      attributes: { 'site-key': undefined },
      code: 'missing_attribute',
      field: 'site-key',
      text: 'Not set up: the attribute “site-key” is missing.',
    },
    {
      name: 'an unknown mode',
      attributes: { mode: 'banner' },
      code: 'unknown_attribute_value',
      field: 'mode',
      text: 'Not set up: the attribute “mode” has a value that is not known.',
    },
    {
      name: 'an unknown site key',
      attributes: { 'site-key': 'pk_unknown' },
      code: 'key_unknown',
      text: 'This form is not set up correctly.',
    },
  ]) {
    test(`of the form: ${name}`, async ({ page, servers, sandbox }) => {
      await open(page, servers, callbackTag(attributes));
      await says(page, text);
      const detail = await theEvent(page, 'patchcorderror');
      expect(detail.code).toBe(code);
      if (field) expect(detail.field).toBe(field);
      await expect(page.getByRole('button', { name: 'Call me back' })).toBeHidden();
      expect(await sandbox.requests()).toEqual([]);
    });
  }
});
