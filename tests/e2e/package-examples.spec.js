// The websites of examples/, built from the packed tarball: a callback and a call from each of them go through.
import { expect, test } from './servers.js';
import { dialButton, fillIn, ready, says, theEvent } from './pages.js';
import { serveFolder } from './package-sites.js';

/** What each of them sends along with a callback, as it is opened. */
const BIKE = { name: 'Tourer', price: 2490 };

async function openExample(page, servers, name) {
  const failures = [];
  page.on('pageerror', (error) => failures.push(String(error)));
  page.on('response', (response) => {
    if (response.status() >= 400) failures.push(`${response.status()} ${response.url()}`);
  });
  await page.goto(await serveFolder(page, servers, `dist/examples/${name}`));
  await expect(page.getByRole('heading', { name: 'Lindgren Bicycles' })).toBeVisible();
  return failures;
}

async function theCallback(sandbox) {
  const fitting = async () => (await sandbox.requests()).filter(({ path }) => path === '/apiv1/team/make_call');
  await expect.poll(fitting).toHaveLength(1);
  return (await fitting())[0].body;
}

for (const name of ['html', 'react', 'vue']) {
  test(`the ${name} example has a callback go through, with what the page sends along`, async ({ page, servers, sandbox }) => {
    const failures = await openExample(page, servers, name);
    const form = await fillIn(page);
    await form.getByRole('button', { name: 'Call me back' }).click();
    const { reference } = await theEvent(page, 'callbackqueued');
    await says(page, `Your reference is ${reference}.`, 'main');
    const { number, attributes } = await theCallback(sandbox);
    expect(number).toBe('493023125100');
    expect(attributes.bike).toEqual(BIKE);
    expect(failures).toEqual([]);
  });

  test(`the ${name} example has a call placed for its staff`, async ({ page, servers, sandbox }) => {
    const failures = await openExample(page, servers, name);
    await dialButton(page).click();
    await says(page, 'The call is on its way.', 'main');
    await expect.poll(() => sandbox.dials()).toHaveLength(1);
    expect(failures).toEqual([]);
  });
}

for (const name of ['react', 'vue']) {
  test(`in the ${name} example another choice becomes another payload, and the module takes over`, async ({ page, servers }) => {
    await openExample(page, servers, name);
    await page.getByRole('button', { name: 'Cargo' }).click();
    await expect(page.getByRole('heading', { name: 'about the Cargo?' })).toBeVisible();
    const form = page.locator('patchcord-callback');
    await expect.poll(() => form.evaluate(({ payload }) => payload)).toEqual({ bike: { name: 'Cargo', price: 4190 } });
    await ready(page, 2);
  });
}
