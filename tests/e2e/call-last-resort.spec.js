// A call that cannot be placed: what is wrong and what to do, and, where the page wants it, a link that calls with the
// person's own phone. It is never followed by itself.
import { passes, withAxe } from './axe.js';
import { expect, test } from './servers.js';
import { FORMS, NUMBER, callTag, dialButton, openSettled, status, theEvent } from './pages.js';

const LAST = { fallback: 'tel' };

for (const form of FORMS) {
  test(`the ${form} button says that the agent is not logged in to the dock, and what to do`, async ({ page, servers }) => {
    await withAxe(page);
    await openSettled(page, servers, callTag({ ...LAST, 'session-url': '/crm/assertion?user=005SAM' }), { form });
    await dialButton(page).click();
    const { code } = await theEvent(page, 'callrefused');
    expect(code).toBe('agent_not_logged_in');
    await expect(status(page)).toContainText('You are not logged in to your dock.');
    await expect(status(page)).toContainText('Log in there, then call again.');
    const link = page.locator('patchcord-call').getByRole('link', { name: 'Call with your own phone' });
    await expect(link).toHaveAttribute('href', `tel:${NUMBER}`);
    await passes(page, 'refused');
  });

  test(`the ${form} button offers the own phone where the relay cannot be reached, and takes it back`, async ({ page, servers, sandbox }) => {
    await openSettled(page, servers, callTag(LAST), { form });
    await page.route(`${servers.relay}/v1/**`, (route) => route.abort('connectionrefused'));
    await dialButton(page).click();
    await theEvent(page, 'callrefused');
    const link = page.locator('patchcord-call').getByRole('link', { name: 'Call with your own phone' });
    await expect(link).toBeVisible();
    expect(page.url()).toBe(`${servers.demo}/t/`);
    await page.unroute(`${servers.relay}/v1/**`);
    await dialButton(page).click();
    await theEvent(page, 'callaccepted');
    await expect(link).toHaveCount(0);
    expect(await sandbox.dials()).toHaveLength(1);
  });

  test(`the ${form} button offers nothing where the number itself is refused, or the page does not want it`, async ({ page, servers }) => {
    await openSettled(page, servers, callTag({ ...LAST, number: '+12125550142' }), { form });
    await dialButton(page).click();
    expect((await theEvent(page, 'callrefused')).code).toBe('number_not_allowed');
    await expect(page.locator('patchcord-call').getByRole('link')).toHaveCount(0);
  });
}
