// The project's servers as child processes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { resolve as resolvePath } from 'node:path';

const START_LIMIT = 30_000;
const STOP_LIMIT = 5_000;

/** Ports on 127.0.0.1 that nobody uses, all different. */
export async function freePorts(count) {
  const held = await Promise.all(Array.from({ length: count }, holdPort));
  const ports = held.map((server) => server.address().port);
  await Promise.all(held.map((server) => once(server.close(), 'close')));
  return ports;
}

async function holdPort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/**
 * A running server binary, or a program by its whole path: started once it has printed `listening on …`.
 * `log()` is what it wrote to its standard error.
 */
export async function startServer(name, args, { cwd, env = {} }) {
  const child = spawn(resolvePath(binaries(), name), args, {
    cwd,
    env: { ...withoutOurs(process.env), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    log += text;
  });
  const ended = new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code));
    child.once('error', (error) => resolve(error.message));
  });
  // Not even a crash of the test runner leaves a server behind.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  ended.then(() => process.off('exit', kill));

  const first = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([line]) => line),
    ended.then((how) => `it ended (${how})`),
    after(START_LIMIT, 'it printed nothing'),
  ]);
  if (!first.startsWith('listening on ')) {
    child.kill('SIGKILL');
    throw new Error(`${name} does not listen: ${first}\n${log}`);
  }

  return {
    url: first.slice('listening on '.length),
    log: () => log,
    /** Ends it the way an operator would; resolves to its exit code, or the signal's name. */
    async stop() {
      child.kill('SIGTERM');
      const how = await Promise.race([ended, after(STOP_LIMIT, 'late')]);
      if (how === 'late') {
        child.kill('SIGKILL');
        await ended;
        throw new Error(`${name} did not stop within ${STOP_LIMIT / 1000} s of SIGTERM\n${log}`);
      }
      return how;
    },
    /** Ends it as a power cut would. */
    async kill() {
      child.kill('SIGKILL');
      return ended;
    },
  };
}

/** Runs one of the servers' commands to its end, which has to be a good one. */
export async function runCommand(name, args, { cwd, env = {} }) {
  const child = spawn(resolvePath(binaries(), name), args, {
    cwd,
    env: { ...withoutOurs(process.env), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    log += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${code}\n${log}`);
}

function binaries() {
  const folder = process.env.E2E_BIN_DIR;
  if (!folder) {
    throw new Error('E2E_BIN_DIR is not set: run the tests with `cargo xtask e2e`');
  }
  return folder;
}

/** The relay reads every PATCHCORD_… variable; a developer's own must not change a test. */
function withoutOurs(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('PATCHCORD_')));
}

function after(milliseconds, value) {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds, value).unref();
  });
}
