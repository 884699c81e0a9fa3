// The fixture of every spec: a sandbox, a relay and the demo's pages of this worker's own.
//
//   import { test, expect } from './servers.js';
//   test('…', async ({ page, servers }) => { await page.goto(`${servers.demo}/crm/`); … });
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test as base } from '@playwright/test';
import { freePorts, runCommand, startServer } from './processes.js';
import { Sandbox } from './sandbox.js';

export { expect } from '@playwright/test';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
// The ports that web/demo/relay.toml is written for.
const USUAL = { relay: 4100, sandbox: 4101, demo: 4102 };

export class Servers {
  #ports;
  #folder;
  #config;
  #running = {};

  static async start() {
    const servers = new Servers();
    const [relay, sandbox, demo] = await freePorts(3);
    servers.#ports = { relay, sandbox, demo };
    servers.#folder = await mkdtemp(join(tmpdir(), 'patchcord-e2e-'));
    servers.#config = join(servers.#folder, 'relay.toml');
    try {
      await servers.configure();
      servers.#running.sandbox = await startServer(
        'patchcord-sandbox',
        ['--listen', `127.0.0.1:${sandbox}`],
        { cwd: ROOT },
      );
      await servers.startRelay();
      servers.#running.demo = await startServer(
        'patchcord-demo',
        [
          '--listen',
          `127.0.0.1:${demo}`,
          '--relay',
          servers.relay,
          '--sandbox',
          `http://127.0.0.1:${sandbox}`,
        ],
        { cwd: ROOT },
      );
    } catch (error) {
      await servers.stop();
      throw error;
    }
    servers.sandbox = new Sandbox(`http://127.0.0.1:${sandbox}`);
    return servers;
  }

  /** The relay's address. */
  get relay() {
    return `http://127.0.0.1:${this.#ports.relay}`;
  }

  /** The address of the demo's pages: `/crm/` and `/site/`. */
  get demo() {
    return `http://127.0.0.1:${this.#ports.demo}`;
  }

  /** The relay's configuration file. */
  get config() {
    return this.#config;
  }

  get #database() {
    return join(this.#folder, 'relay.db');
  }

  /** What the relay has logged since its last start. */
  relayLog() {
    return this.#running.relay.log();
  }

  /** Writes the demo's configuration for these ports, after `change`; used at the next start. */
  async configure(change = (text) => text) {
    let text = await readFile(join(ROOT, 'web/demo/relay.toml'), 'utf8');
    // All at once: a port that was put in may begin with one that is looked for.
    const usual = Object.entries(USUAL);
    text = text.replace(/:(\d{4})\b/g, (whole, port) => {
      const found = usual.find(([, known]) => String(known) === port);
      return found ? `:${this.#ports[found[0]]}` : whole;
    });
    await writeFile(this.#config, change(text));
  }

  /** Starts the relay on its port, with the database of this worker. */
  async startRelay() {
    this.#running.relay = await startServer('patchcord-relay', ['--config', this.#config], {
      cwd: ROOT,
      env: {
        PATCHCORD_DATABASE: this.#database,
        PATCHCORD_WEB: process.env.E2E_WEB_DIR || join(ROOT, 'dist/web'),
      },
    });
  }

  /** Puts a number on the list of those that are not called, as an operator would. */
  async doNotCall(number) {
    await runCommand('patchcord-relay', ['do-not-call', '--config', this.#config, 'add', number], {
      cwd: ROOT,
      env: { PATCHCORD_DATABASE: this.#database },
    });
  }

  /** Stops the relay as an operator would. */
  async stopRelay() {
    await this.#stop('relay');
  }

  /** Stops the relay as a power cut would. */
  async killRelay() {
    const { relay } = this.#running;
    delete this.#running.relay;
    await relay.kill();
  }

  /** A restart in an orderly way; what the relay accepted it still knows. */
  async restartRelay() {
    await this.stopRelay();
    await this.startRelay();
  }

  /** Stops the sandbox: the platforms cannot be reached. */
  async stopSandbox() {
    await this.#stop('sandbox');
  }

  /** Starts the sandbox again on its port, as new. */
  async startSandbox() {
    this.#running.sandbox = await startServer(
      'patchcord-sandbox',
      ['--listen', `127.0.0.1:${this.#ports.sandbox}`],
      { cwd: ROOT },
    );
  }

  /**
   * As at the start of a test: every server up, the usual configuration, an empty sandbox, and a
   * relay that knows nothing of the test before: no call, no token.
   */
  async fresh() {
    if (!this.#running.sandbox) await this.startSandbox();
    await this.#stop('relay');
    await this.sandbox.reset();
    for (const rest of ['', '-wal', '-shm']) await rm(this.#database + rest, { force: true });
    await this.configure();
    await this.startRelay();
  }

  async stop() {
    const stopped = await Promise.allSettled(
      Object.keys(this.#running).map((name) => this.#stop(name)),
    );
    await rm(this.#folder, { recursive: true, force: true });
    const failed = stopped.find(({ status }) => status === 'rejected');
    if (failed) throw failed.reason;
  }

  async #stop(name) {
    const server = this.#running[name];
    delete this.#running[name];
    await server?.stop();
  }
}

export const test = base.extend({
  // One set of servers for all tests of a worker: starting them takes longer than most tests.
  workerServers: [
    async ({}, use) => {
      const servers = await Servers.start();
      await use(servers);
      await servers.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  servers: async ({ workerServers }, use) => {
    await workerServers.fresh();
    await use(workerServers);
  },
  sandbox: async ({ servers }, use) => {
    await use(servers.sandbox);
  },
});
