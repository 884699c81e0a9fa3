// Agents who sign in by the platform's single sign-on, in the window that the panel opens.
import { expect, test } from './servers.js';
import { choose, live, openPanel } from './panel.js';

const OWN_PAGE = 'client_id = "babelconnect", redirect_uri';
const SSO = { alone: 'sso_tenant = "acme", redirect_uri', beside: `sso_tenant = "acme", ${OWN_PAGE}` };

/** The relay with this way to sign in at babelforce. */
async function relayWith(servers, way) {
  await servers.configure((text) => {
    expect(text).toContain(OWN_PAGE);
    return text.replace(OWN_PAGE, way);
  });
  await servers.restartRelay();
}

/** The window in which somebody signs in. */
async function signInWindow(page) {
  const button = page.getByRole('button', { name: /sign in/i });
  const [popup] = await Promise.all([page.waitForEvent('popup'), button.click()]);
  return popup;
}

test('an agent signs in at the identity provider, and their panel is live', async ({ page, servers }) => {
  await relayWith(servers, SSO.alone);
  await openPanel(page, servers);
  const popup = await signInWindow(page);
  await expect(popup).toHaveURL(/\/auth\/sso\/acme\/provider\?.*state=/);
  await choose(popup, '005ALEX');
  await live(page);
  await expect.poll(() => popup.isClosed()).toBe(true);
  // The page never saw a code or a token of the platform's.
  const seen = await page.evaluate(() => JSON.stringify([location.href, { ...localStorage }, { ...sessionStorage }]));
  expect(seen).not.toMatch(/access_token|code=/);
});

for (const [way, name, address] of [
  ['single sign-on', 'With single sign-on', /\/auth\/sso\/acme\/provider\?/],
  ['the platform’s own page', 'With user name and password', /\/oauth\/authorize\?/],
]) {
  test(`where there are two ways the window asks which, and ${way} leads to the panel`, async ({ page, servers }) => {
    await relayWith(servers, SSO.beside);
    await openPanel(page, servers);
    const popup = await signInWindow(page);
    await expect(popup.getByRole('heading', { name: 'Sign in' })).toBeVisible();
    await expect(popup.getByRole('link')).toHaveCount(2);
    await popup.getByRole('link', { name }).click();
    await expect(popup).toHaveURL(address);
    await choose(popup, '005ALEX');
    await live(page);
  });
}

test('somebody else at the identity provider is told so, and nobody is signed in', async ({ page, servers }) => {
  await relayWith(servers, SSO.alone);
  await openPanel(page, servers);
  const popup = await signInWindow(page);
  await choose(popup, '005SAM');
  await expect(popup.getByText('You signed in as somebody else. Sign in as yourself.')).toBeVisible();
  await popup.close();
  await expect(page.locator('patchcord-panel [data-state="live"]')).toHaveCount(0);
  await expect(page.getByRole('button', { name: /sign in|try again/i })).toBeVisible();
});
