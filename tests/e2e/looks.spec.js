// How the elements look: what docs/theming.md promises of colours, themes, density, directions, contrast, motion and
// paper.
import { readFile } from 'node:fs/promises';
import { passes, withAxe } from './axe.js';
import { THEMES, contrast, wear } from './colours.js';
import { FORMS, callTag, callbackTag, dialButton, events, fillIn, open, openSettled, ready, theEvent } from './pages.js';
import { expect, test } from './servers.js';

/** Opens a page with several elements and waits until each has taken its last form. */
async function openAll(page, servers, tags, { form = 'module' } = {}) {
  await open(page, servers, tags.join(''), { form });
  if (form === 'module') return ready(page, tags.length);
  const given = async () => {
    // A form is content as it is until somebody comes to it.
    await page.evaluate(() => document.querySelector('patchcord-callback').dispatchEvent(new PointerEvent('pointerenter')));
    return (await events(page, 'patchcorderror')).filter(({ detail }) => detail.code === 'module_failed');
  };
  await expect.poll(given).toHaveLength(tags.length);
}

/** Colours of brands: dark, light, grey, pure, and those in the middle, where white and black are hardly readable. */
const ACCENTS = [
  '#000000', '#ffffff', '#777777', '#7a7a7a', '#ff0000', '#e80000', '#00ff00', '#0000ff', '#ffff00', '#ff00ff',
  '#00ffff', '#7a2048', '#ffcc00', '#f97316', '#16a34a', '#8b5cf6', '#aa44dd', '#0ea5e9', '#be123c', '#64748b',
];

const property = (element, name, value) =>
  element.evaluate((node, [key, text]) => node.style.setProperty(`--patchcord-${key}`, text), [name, value]);
const style = (locator, name) => locator.evaluate((node, key) => getComputedStyle(node)[key], name);
const height = async (locator) => (await locator.boundingBox()).height;
const send = (page) => page.locator('patchcord-callback').getByRole('button', { name: 'Call me back' });
const number = (page) => page.locator('patchcord-callback').getByLabel('Your phone number');

for (const scheme of ['light', 'dark']) {
  test(`on any accent words can be read, and as a link and as a ring it is seen: ${scheme}`, async ({ page, servers }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await openSettled(page, servers, callTag({ confirm: true }));
    const element = page.locator('patchcord-call');
    await element.getByRole('button').click();
    const [yes, no] = [element.getByRole('button', { name: 'Call now' }), element.getByRole('button', { name: 'Cancel' })];
    for (const accent of ACCENTS) {
      await property(element, 'accent', accent);
      expect(await contrast(yes), `words on ${accent}`).toBeGreaterThanOrEqual(4.5);
      expect(await contrast(no), `${accent} as a link`).toBeGreaterThanOrEqual(4.5);
      await yes.hover();
      expect(await contrast(yes), `words on ${accent}, hovered`).toBeGreaterThanOrEqual(4.5);
      await no.hover();
    }
    await no.focus();
    await page.keyboard.press('Shift+Tab');
    await expect(yes).toBeFocused();
    for (const accent of ACCENTS) {
      await property(element, 'accent', accent);
      expect(await style(yes, 'outlineStyle')).toBe('solid');
      expect(await contrast(yes, 'outlineColor'), `the ring in ${accent}`).toBeGreaterThanOrEqual(3);
    }
  });

  for (const theme of THEMES) {
    test(`the theme ${theme} can be read and its fields be seen: ${scheme}`, async ({ page, servers }) => {
      await withAxe(page);
      await page.emulateMedia({ colorScheme: scheme });
      await openAll(page, servers, [callbackTag(), callTag()]);
      await wear(page, theme);
      expect(await style(number(page), 'fontFamily'), 'it is worn').not.toBe(await style(page.locator('body'), 'fontFamily'));
      await passes(page, theme);
      expect(await contrast(number(page), 'borderTopColor')).toBeGreaterThanOrEqual(3);
      expect(await contrast(number(page))).toBeGreaterThanOrEqual(4.5);
      await number(page).focus();
      expect(await contrast(number(page), 'outlineColor')).toBeGreaterThanOrEqual(3);
      await send(page).click();
      await expect(number(page)).toHaveAttribute('aria-invalid', 'true');
      expect(await contrast(number(page), 'borderTopColor')).toBeGreaterThanOrEqual(3);
      await passes(page, `${theme}, with mistakes`);
    });
  }
}

test('a theme is dark where its page is, and a page’s own rule goes before it', async ({ page, servers }) => {
  await openSettled(page, servers, callTag());
  const button = dialButton(page);
  const colours = async () => [await style(button, 'backgroundColor'), await style(button, 'color')];
  for (const theme of THEMES) {
    await wear(page, theme);
    const element = page.locator('patchcord-call');
    await element.evaluate((node) => node.setAttribute('theme', 'light'));
    const [ground, words] = await colours();
    await element.evaluate((node) => node.setAttribute('theme', 'dark'));
    // One of them has the same yellow on both.
    if (theme !== 'signal') expect((await colours())[0]).not.toBe(ground);
    else expect(await colours()).toEqual([ground, words]);
  }
  // Before the theme in the document, and more weighty all the same.
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('patchcord-call { --patchcord-accent: rgb(1 2 3); }');
    document.adoptedStyleSheets = [sheet, ...document.adoptedStyleSheets];
  });
  expect(await style(button, 'backgroundColor')).toBe('rgb(1, 2, 3)');
});

for (const form of FORMS) {
  test(`the ${form} form is as light or dark as its page, whatever the system is`, async ({ page, servers }) => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await openSettled(page, servers, callbackTag(), { form });
    const says = (scheme) => page.evaluate((text) => (document.documentElement.style.colorScheme = text), scheme);
    const ground = () => style(number(page), 'backgroundColor');
    await says('light');
    const light = await ground();
    expect(light).toBe('rgb(255, 255, 255)');
    await says('light dark');
    const dark = await ground();
    expect(dark).not.toBe(light);
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await ground()).toBe(light);
    await says('dark');
    expect(await ground()).toBe(dark);
    // On a coloured part of a page its words are as the others there.
    await page.evaluate(() => (document.querySelector('main').style.color = 'rgb(1, 2, 3)'));
    const label = page.locator('patchcord-callback').getByText('Your phone number', { exact: true });
    expect(await style(label, 'color')).toBe('rgb(1, 2, 3)');
    // And where the element says it, it is so there.
    await page.locator('patchcord-callback').evaluate((node) => node.setAttribute('theme', 'light'));
    expect(await ground()).toBe(light);
    expect(await contrast(number(page))).toBeGreaterThanOrEqual(4.5);
  });

  test(`density moves the ${form} form together, and nothing gets too low`, async ({ page, servers }) => {
    await openSettled(page, servers, callbackTag(), { form });
    const element = page.locator('patchcord-callback');
    const usual = await height(element);
    expect(await height(number(page))).toBe(44);
    expect(await height(send(page))).toBe(44);
    await property(element, 'density', '0.75');
    expect(await height(send(page))).toBeGreaterThanOrEqual(33);
    expect(await height(send(page))).toBeLessThan(44);
    expect(await height(element)).toBeLessThan(usual * 0.9);
    await property(element, 'density', '1.25');
    expect(await height(number(page))).toBe(55);
    await property(element, 'density', '0');
    for (const low of [number(page), send(page)]) expect(await height(low)).toBeGreaterThanOrEqual(24);
  });

  test(`the ${form} elements are mirrored from right to left, but for numbers`, async ({ page, servers }) => {
    await page.setViewportSize({ width: 320, height: 700 });
    await openAll(page, servers, [callbackTag({ dir: 'rtl' }), callTag({ dir: 'rtl' })], { form });
    const call = dialButton(page);
    const left = async (locator) => (await locator.boundingBox()).x;
    expect(await left(call.locator('.icon'))).toBeGreaterThan(await left(call.getByText('Call')));
    const box = page.locator('patchcord-callback').getByRole('checkbox');
    expect(await left(box)).toBeGreaterThan(160);
    expect(await style(number(page), 'direction')).toBe('ltr');
    expect(await style(number(page), 'textAlign')).toBe('right');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  });

  test(`on paper the ${form} form has its words and fields and nothing to press`, async ({ page, servers }) => {
    await openAll(page, servers, [callbackTag(), callTag()], { form });
    const element = page.locator('patchcord-callback');
    await page.emulateMedia({ media: 'print' });
    await expect(send(page)).toBeHidden();
    await expect(number(page)).toBeVisible();
    await expect(element.getByText('You may call me on this number')).toBeVisible();
    // Whom one could have called is said, on no ground.
    await expect(dialButton(page)).toBeVisible();
    expect(await style(dialButton(page), 'backgroundColor')).toBe('rgba(0, 0, 0, 0)');
    await expect(dialButton(page).locator('.icon')).toBeHidden();
    expect(await contrast(dialButton(page))).toBeGreaterThan(7);
  });
}

test('who wants less motion sees none: what turns fades', async ({ page, context, servers }) => {
  await openSettled(page, servers, callTag());
  await context.setOffline(true);
  await dialButton(page).click();
  const icon = page.locator('patchcord-call .main .icon');
  await expect(page.locator('patchcord-call').getByRole('button', { name: 'Cancel' })).toBeVisible();
  expect(await style(icon, 'animationName')).toBe('turn');
  await page.emulateMedia({ reducedMotion: 'reduce' });
  expect(await style(icon, 'animationName')).toBe('fade');
});

test('who wants more contrast gets it', async ({ page, servers }) => {
  await openSettled(page, servers, callbackTag());
  const hint = page.locator('patchcord-callback').getByText('With country code');
  const before = [await contrast(number(page), 'borderTopColor'), await contrast(hint)];
  await page.emulateMedia({ contrast: 'more' });
  expect(await contrast(number(page), 'borderTopColor')).toBeGreaterThan(Math.max(7, before[0]));
  expect(await contrast(hint)).toBeGreaterThan(Math.max(7, before[1]));
});

for (const form of FORMS) {
  test(`in forced colours the ${form} elements have edges, rings and what they say`, async ({ page, servers }) => {
    await page.emulateMedia({ forcedColors: 'active' });
    await openAll(page, servers, [callbackTag(), callTag(), callTag({ disabled: true, label: 'Not now' })], { form });
    const system = (name) =>
      page.evaluate((colour) => {
        const probe = document.createElement('i');
        probe.style.color = colour;
        document.body.append(probe);
        const { color } = getComputedStyle(probe);
        probe.remove();
        return color;
      }, name);
    const button = page.getByRole('button', { name: /^Call \+/ });
    expect(await style(button, 'outlineStyle')).toBe('solid');
    expect(await style(button.locator('.icon'), 'backgroundColor')).toBe(await system('ButtonText'));
    const disabled = page.getByRole('button', { name: 'Not now' });
    expect(await style(disabled, 'color')).toBe(await system('GrayText'));
    await number(page).focus();
    expect(await style(number(page), 'outlineStyle')).toBe('solid');
    expect(await contrast(number(page), 'outlineColor')).toBeGreaterThanOrEqual(3);
    await fillIn(page);
    await send(page).click();
    await theEvent(page, 'callbackqueued');
    expect(await contrast(page.locator('patchcord-callback .done b').first())).toBeGreaterThanOrEqual(4.5);
  });
}

test('a page whose root is smaller or larger than usual changes no proportions', async ({ page, servers }) => {
  await openSettled(page, servers, callTag());
  const usual = await dialButton(page).boundingBox();
  for (const root of ['62.5%', '125%']) {
    await page.evaluate((size) => {
      document.documentElement.style.fontSize = size;
      document.body.style.fontSize = '16px';
    }, root);
    const box = await dialButton(page).boundingBox();
    expect([box.width, box.height]).toEqual([usual.width, usual.height]);
  }
});

test('every part that is listed is there, and every part that is there is listed', async ({ page, servers }) => {
  const text = await readFile(new URL('../../docs/theming.md', import.meta.url), 'utf8');
  /** The names in the table of an element. */
  const listed = (element) => {
    const [table] = text.split(`### \`<${element}>\``)[1].split('###');
    const names = [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell]) => cell.match(/(?<=`)[\w-]+(?=`)/g));
    return [...new Set(names)].sort();
  };
  const there = async (element) => {
    const names = await page.locator(element).evaluate(({ shadowRoot }) =>
      [...shadowRoot.querySelectorAll('[part]')].flatMap((node) => [...node.part]),
    );
    return [...new Set(names)].sort();
  };
  await openSettled(page, servers, callTag({ confirm: true }));
  // A link to dial with comes when nothing else did.
  expect([...(await there('patchcord-call')), 'fallback'].sort()).toEqual(listed('patchcord-call'));
  // Its sheet is made when it is opened, and what comes after when it was sent.
  await open(page, servers, callbackTag({ 'site-key': 'pk_demo_full', mode: 'float', label: 'Ring me' }));
  await page.getByRole('button', { name: 'Ring me' }).click();
  const form = page.locator('patchcord-callback');
  await expect(form.getByLabel('Your name')).toBeVisible();
  const before = await there('patchcord-callback');
  await form.getByLabel('Your name').fill('Ada Lovelace');
  await number(page).fill('+49 30 23125-100');
  await form.getByLabel('How do you heat now?').selectOption('gas');
  await form.getByRole('checkbox', { name: /^You may call me/ }).check();
  await send(page).click();
  await expect(form.getByText(/^Your reference/).filter({ visible: true })).toBeVisible();
  const all = [...new Set([...before, ...(await there('patchcord-callback'))])].sort();
  expect(all).toEqual(listed('patchcord-callback'));
});
