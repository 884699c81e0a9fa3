// A desk's stream in Chromium: how long the panel's module takes for one patch (read, taken in, shown), and how long
// the page's longest task is while 50 patches a second arrive. Prints [{name, figure, goal, unit, detail}] as JSON.
// Started by `cargo xtask bench stream`.
import { chromium } from '@playwright/test';
import { launchOptions } from './browser.js';

const { E2E_RELAY_URL: relay, E2E_DEMO_URL: demo } = process.env;
const RUNS = 20;
const PATCHES = 3000;
const SECOND = { patches: 50, seconds: 2 };

/** Runs in the page before anything else: plays the platform's stream, and takes its commands. */
function play() {
  const text = new TextEncoder();
  const frame = (message) => {
    const body = text.encode(JSON.stringify(message));
    const bytes = new Uint8Array(5 + body.length);
    new DataView(bytes.buffer).setUint32(1, body.length);
    bytes.set(body, 5);
    return bytes;
  };
  const call = (number, more) => ({
    id: `61b4c5d8f79bb206a67b6d35a6f1${number.toString(16).padStart(4, '0')}`,
    direction: 'CALL_DIRECTION_INBOUND',
    state: 'CALL_LIFECYCLE_BRIDGED',
    source: 'CALL_SOURCE_QUEUE',
    from: '+4915228817386',
    to: '+493012345600',
    queueName: 'Sales',
    establishedAt: '1795650915758',
    canTransferToApplication: true,
    recordingTags: [],
    ...more,
  });
  const agent = {
    id: '0a1b2c3d4e5f60718293a4b5c6d7e8f9',
    name: 'Alex Adler',
    number: '+493012345678',
    presence: 'AGENT_STATE_IN_CALL',
    presenceName: 'available',
    presenceLabel: 'Available',
    presenceOptions: [{ name: 'available', label: 'Available', available: true }],
    displayAs: '+493012345600',
    availableNumbers: ['+493012345600', '+493012345601'],
    canRecord: true,
    availableTags: ['sale', 'complaint'],
    phonebook: Array.from({ length: 20 }, (_, i) => ({ label: `Contact ${i}`, number: `+4930900091${i}` })),
  };
  const config = {
    calls: { enabled: true, allowTransfer: true, allowConference: true },
    history: { enabled: true },
    phonebook: { enabled: true },
    account: { enabled: true, allowDeviceSwitch: true, allowStatusChange: true },
  };
  // What happens on a busy desk: mostly calls.
  const patch = (i) => {
    if (i % 20 === 7) return { agent: { ...agent, presence: i % 40 === 7 ? 'AGENT_STATE_RINGING' : 'AGENT_STATE_IN_CALL' } };
    if (i % 20 === 13) return { wrapUp: { active: false, remainingSeconds: 0 } };
    return { callUpsert: call(i % 3, { onHold: i % 2 === 0, muted: i % 3 === 0 }) };
  };

  let seq = 0;
  let open;
  let opened;
  const listen = () => (opened = new Promise((resolve) => (window.openedStream = resolve)));
  listen();
  const original = window.fetch;
  window.fetch = function fetch(...given) {
    const url = String(given[0]?.url ?? given[0]);
    if (!url.includes('/v1/agent/')) return original.apply(this, given);
    if (!url.endsWith('/Subscribe')) {
      return Promise.resolve(new Response('{}', { headers: { 'content-type': 'application/json' } }));
    }
    seq += 1;
    const snapshot = frame({
      seq: String(seq),
      snapshot: { agent, activeCalls: [call(0), call(1), call(2)], conferences: [], wrapUp: {}, sms: [], config },
    });
    const stream = new ReadableStream(
      {
        start: (controller) => (open = { controller, queue: [snapshot] }),
        // Asked for when everything before was taken in.
        pull(controller) {
          const next = open.queue.shift();
          if (next) return controller.enqueue(next);
          open.wanted = true;
          open.drained?.();
          window.openedStream();
        },
      },
      { highWaterMark: 0 },
    );
    return Promise.resolve(new Response(stream, { headers: { 'content-type': 'application/connect+json' } }));
  };

  const send = (bytes) => {
    open.queue.push(bytes);
    if (open.wanted) {
      open.wanted = false;
      open.controller.enqueue(open.queue.shift());
    }
  };

  /** Milliseconds for so many patches, which come as a network brings them, and their size. */
  window.flood = async (count) => {
    await opened;
    const all = [];
    for (let i = 0; i < count; i += 1) all.push(frame({ seq: String((seq += 1)), patch: patch(i) }));
    const bytes = new Uint8Array(await new Blob(all).arrayBuffer());
    const pieces = [];
    for (let at = 0; at < bytes.length; at += 16_384) pieces.push(bytes.slice(at, at + 16_384));
    const drained = new Promise((resolve) => (open.drained = resolve));
    const begin = performance.now();
    for (const piece of pieces) send(piece);
    await drained;
    const took = performance.now() - begin;
    // The next run has a stream of its own.
    listen();
    open.controller.close();
    return { took, bytes: bytes.length };
  };

  /** So many patches a second, for some seconds. */
  window.trickle = async (perSecond, seconds) => {
    await opened;
    const begin = performance.now();
    for (let i = 0; i < perSecond * seconds; i += 1) {
      const due = begin + (i * 1000) / perSecond;
      await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
      send(frame({ seq: String((seq += 1)), patch: patch(i) }));
    }
  };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** The longest task of the page's own thread in a trace, in milliseconds. */
function longestTask(trace) {
  const { traceEvents } = JSON.parse(trace);
  const mains = traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const isMain = ({ pid, tid }) => mains.some((main) => main.pid === pid && main.tid === tid);
  const tasks = traceEvents.filter((event) => /RunTask$/.test(event.name) && event.dur && isMain(event));
  if (tasks.length === 0) throw new Error('the trace has no tasks');
  return Math.max(...tasks.map(({ dur }) => dur)) / 1000;
}

const browser = await chromium.launch(launchOptions());
try {
  const context = await browser.newContext({ viewport: { width: 420, height: 780 } });
  await context.grantPermissions(['local-network-access']);
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.addInitScript(play);
  await page.route(`${demo}/bench`, (route) =>
    route.fulfill({
      contentType: 'text/html; charset=utf-8',
      body:
        '<!doctype html><title>bench</title>' +
        `<script type="module" src="${relay}/patchcord-panel.js"></script>` +
        '<patchcord-panel provider="babelforce" session-url="/crm/assertion"></patchcord-panel>',
    }),
  );
  await page.goto(`${demo}/bench`);
  await page.getByText('Alex Adler').first().waitFor();

  const perPatch = [];
  let size = 0;
  for (let run = 0; run < RUNS; run += 1) {
    const { took, bytes } = await page.evaluate((count) => window.flood(count), PATCHES);
    perPatch.push((took * 1000) / PATCHES);
    size = bytes / PATCHES;
  }
  const longest = [];
  for (let run = 0; run < RUNS; run += 1) {
    await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline', '__metadata'] });
    await page.evaluate(({ patches, seconds }) => window.trickle(patches, seconds), SECOND);
    longest.push(longestTask(String(await browser.stopTracing())));
  }
  const rate = 1_000_000 / median(perPatch);
  console.log(
    JSON.stringify([
      {
        name: 'patch',
        figure: median(perPatch),
        goal: 10,
        unit: 'µs',
        detail: `${Math.round(rate)} patches a second (${Math.round(size)} bytes each), median of ${RUNS} runs of ${PATCHES}`,
      },
      {
        name: 'longest task',
        figure: median(longest),
        goal: 50,
        unit: 'ms',
        detail: `while ${SECOND.patches} patches a second arrive, median of ${RUNS} runs; the longest of all ${Math.max(...longest).toFixed(1)} ms`,
      },
    ]),
  );
} finally {
  await browser.close();
}
