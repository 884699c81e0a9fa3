// Does what a guide of docs/ says, as it is printed, in an empty folder and on ports that nobody uses.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { commands, files } from './docs-page.js';
import { freePorts, runCommand, startServer } from './processes.js';
import { Sandbox } from './sandbox.js';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));
/** The ports that the guides print: the relay's, the sandbox's, and the website's. */
const PRINTED = [4100, 4101, 4200];

/**
 * Writes a guide's files, runs its commands from `first` on, and then `look({folder, site, sandbox, said})` at what
 * came of it; `said` is what each command printed that ended by itself.
 */
export async function follow(guide, first, look) {
  const ports = await freePorts(3);
  const here = (text) =>
    text.replace(/\b(4100|4101|4200)\b/g, (printed) => ports[PRINTED.indexOf(Number(printed))]);
  const folder = await mkdtemp(join(tmpdir(), 'patchcord-guide-'));
  const running = [];
  const said = {};
  try {
    for (const [name, text] of await files(guide)) await writeFile(join(folder, name), here(text));
    await symlink(join(DIST, 'web'), join(folder, 'web'));
    const all = await commands(guide);
    const begin = all.indexOf(first);
    if (begin < 0) throw new Error(`docs/${guide} has no command \`${first}\``);
    for (const line of all.slice(begin)) said[line] = await run(here(line), { folder, ports, running });
    const [, sandbox, site] = ports.map((port) => `http://127.0.0.1:${port}`);
    await look({ folder, here, site, sandbox: new Sandbox(sandbox), said });
  } finally {
    for (const server of running.reverse()) await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** One command: what serves is left running, anything else has to end well. */
async function run(line, { folder: cwd, ports, running }) {
  const words = line.match(/'[^']*'|\S+/g).map((word) => word.replace(/^'|'$/g, ''));
  const env = {};
  while (/^[A-Z_0-9]+=/.test(words[0])) {
    const [name, value] = words.shift().split(/=(.*)/s);
    env[name] = value;
  }
  const [program, ...args] = words;
  if (program === './patchcord-sandbox') {
    const listen = ['--listen', `127.0.0.1:${ports[1]}`];
    return void running.push(await startServer('patchcord-sandbox', [...args, ...listen], { cwd, env }));
  }
  if (program === './patchcord-relay' && args[0] === '--config') {
    // `init` writes the usual port.
    env.PATCHCORD_LISTEN = `127.0.0.1:${ports[0]}`;
    return void running.push(await startServer('patchcord-relay', args, { cwd, env }));
  }
  if (program === './patchcord-relay') return runCommand('patchcord-relay', args, { cwd, env });
  if (program === 'node') return void running.push(await startServer(process.execPath, args, { cwd, env }));
  // The checkout is beside the reader's folder; here it is where it is.
  const real = args.map((word) => word.replace(/^\.\.\/patchcord\/dist\b/, DIST));
  const { stdout } = await promisify(execFile)(program, real, { cwd });
  return stdout;
}
