// WebKitGTK, Safari's engine, over WebDriver (W3C) and a screen that nobody sees.
import { spawn } from 'node:child_process';
import { freePorts } from './processes.js';

export const name = 'WebKitGTK';

/** WebDriver's names of keys. */
const KEYS = { Alt: '\uE00A', Shift: '\uE008', Tab: '\uE004', Enter: '\uE007' };
const PATIENCE = 20_000;

/** Waits until something has come. */
async function until(ask) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Starts it. It tells nobody of a page's errors, so each page is asked for them before it is left. */
export async function start(heard) {
  const [port, display] = await freePorts(2);
  const screen = spawn('Xvfb', [`:${display}`, '-screen', '0', '1400x1100x24', '-nolisten', 'tcp'], { stdio: 'ignore' });
  const env = { ...process.env, DISPLAY: `:${display}`, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' };
  const driver = spawn(process.env.WEBKIT_DRIVER, [`--port=${port}`], { stdio: 'ignore', env });
  const stop = () => [driver, screen].forEach((process) => process.kill());
  const call = async (method, path, body) => {
    const reply = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const { value } = await reply.json();
    if (!reply.ok) throw new Error(`${path}: ${value.error}: ${value.message}`);
    return value;
  };
  const options = { binary: process.env.WEBKIT_BROWSER, args: ['--automation'] };
  const begin = () => call('POST', '/session', { capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': options } } });
  try {
    const { sessionId, capabilities } = await until(begin);
    const at = (path) => `/session/${sessionId}${path}`;
    const own = await call('GET', at('/window'));
    await call('POST', at('/window/rect'), { width: 1280, height: 1000 });
    const ask = (run, ...args) => call('POST', at('/execute/sync'), { script: `return (${run})(...arguments)`, args });
    const tellErrors = async () => {
      for (const text of await ask(() => window.__errors ?? [])) heard(text);
    };
    const act = (...sources) => call('POST', at('/actions'), { actions: sources });
    const pointer = (...actions) => ({ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions });
    const keys = (...actions) => ({ type: 'key', id: 'keys', actions });
    const to = ({ x, y }) => ({ type: 'pointerMove', origin: 'viewport', x: Math.round(x), y: Math.round(y), duration: 0 });
    const down = (value) => ({ type: 'keyDown', value: KEYS[value] ?? value });
    const up = (value) => ({ type: 'keyUp', value: KEYS[value] ?? value });
    return {
      version: `${capabilities.browserName} ${capabilities.browserVersion}`,
      go: async (url) => {
        await tellErrors();
        await call('POST', at('/url'), { url });
        await ask(() => {
          window.__errors = [];
          for (const type of ['error', 'unhandledrejection']) {
            addEventListener(type, ({ message, reason }) => window.__errors.push(`${message ?? reason}`));
          }
        });
      },
      ask,
      click: (place) => act(pointer(to(place), { type: 'pointerDown', button: 0 }, { type: 'pointerUp', button: 0 })),
      point: (place) => act(pointer(to(place))),
      type: (text) => act(keys(...[...text].flatMap((key) => [down(key), up(key)]))),
      press: (...names) => act(keys(...names.map(down), ...[...names].reverse().map(up))),
      picture: () => call('GET', at('/screenshot')),
      inPopup: async (run) => {
        const other = (await call('GET', at('/window/handles'))).find((handle) => handle !== own);
        if (!other) return undefined;
        await call('POST', at('/window'), { handle: other });
        try {
          return await ask(run);
        } finally {
          await call('POST', at('/window'), { handle: own });
        }
      },
      end: async () => {
        await tellErrors();
        await call('DELETE', at(''));
        stop();
      },
    };
  } catch (error) {
    stop();
    throw error;
  }
}
