// docs/start.md, done as it is printed: its files in an empty folder, its commands, its pages.
import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { commands, files } from './docs-page.js';
import { freePorts, runCommand, startServer } from './processes.js';
import { Sandbox } from './sandbox.js';

const WEB = fileURLToPath(new URL('../../dist/web', import.meta.url));
const RELAY = 'patchcord-relay';

/** The guide's folder with its servers running, on ports that nobody uses. */
async function follow(run) {
  const [relay, sandbox, site] = await freePorts(3);
  const here = (text) =>
    text.replaceAll(':4100', `:${relay}`).replaceAll(':4101', `:${sandbox}`).replaceAll(':4200', `:${site}`)
      // The web server listens on a number alone.
      .replaceAll('listen(4200', `listen(${site}`);
  const cwd = await mkdtemp(join(tmpdir(), 'patchcord-start-'));
  const servers = [];
  try {
    for (const [name, text] of await files('start.md')) await writeFile(join(cwd, name), here(text));
    await symlink(WEB, join(cwd, 'web'));

    const ways = {
      './patchcord-sandbox': () => start('patchcord-sandbox', ['--listen', `127.0.0.1:${sandbox}`]),
      'chmod 600 relay.toml': () => chmod(join(cwd, 'relay.toml'), 0o600),
      './patchcord-relay check --config relay.toml': () =>
        runCommand(RELAY, ['check', '--config', 'relay.toml'], { cwd }),
      './patchcord-relay --config relay.toml': () => start(RELAY, ['--config', 'relay.toml']),
      'node server.mjs': () => start(process.execPath, ['server.mjs']),
    };
    const start = async (name, args) => servers.push(await startServer(name, args, { cwd }));
    // Those before are for the checkout: `cargo xtask test` runs them or their like.
    const all = await commands('start.md');
    const own = all.slice(all.indexOf('cd ../first-call') + 1);
    expect(own, 'each command of the guide is known here').toEqual(Object.keys(ways));
    for (const line of own) await ways[line]();

    await run({ site: `http://127.0.0.1:${site}`, sandbox: new Sandbox(`http://127.0.0.1:${sandbox}`) });
  } finally {
    for (const server of servers.reverse()) await server.stop();
    await rm(cwd, { recursive: true, force: true });
  }
}

test('the five-minute guide ends in a callback and a call', async ({ page }) => {
  await follow(async ({ site, sandbox }) => {
    await page.goto(`${site}/`);
    const form = page.locator('patchcord-callback');
    await form.getByLabel('Your name').fill('Ada Lovelace');
    await form.getByLabel('Your phone number').fill('+49 30 23125100');
    await form.getByRole('button', { name: 'Call me back' }).click();
    await expect(form.getByText(/^Your reference: \S+$/).filter({ visible: true }).first()).toBeVisible();
    const arrived = async () => (await sandbox.dials()).map(({ path, body }) => [path, body]);
    await expect.poll(async () => (await arrived()).length).toBe(1);
    const [[path, callback]] = await arrived();
    expect(path).toMatch(/\/team\/make_call$/);
    expect(callback).toMatchObject({ number: '493023125100', attributes: { name: 'Ada Lovelace' } });

    await page.goto(`${site}/crm`);
    await page.locator('patchcord-call').getByRole('button', { name: /^Call/ }).click();
    await expect(page.locator('patchcord-call').getByRole('status')).toContainText('Sent to your dock');
    const [, [, call]] = await arrived();
    expect(call).toMatchObject({
      username: 'alex@acme',
      number: '493023125101',
      custom: { score: 87.5, products: ['heat pump'], patchcord_record: { system: 'my-crm', id: '17' } },
    });
    // What the guide says to look at.
    await page.goto(`${sandbox.url}/_sandbox/dock`);
    await expect(page.getByText('heat pump').first()).toBeVisible();
  });
});
