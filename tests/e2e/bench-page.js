// What a callback form costs the page that it is on before anybody touches it, beside other embeds on the same page:
// bytes, the longest task, Largest Contentful Paint and Cumulative Layout Shift; and how soon its module is there once
// somebody goes to a field. All of it on a processor that is made four times slower. Prints [{name, figure, goal, unit,
// detail}] as JSON. Started by `cargo xtask bench page`.
import { chromium } from '@playwright/test';
import { launchOptions } from './browser.js';
import { EMBEDS, Site } from './bench-page-site.js';
import { Servers } from './servers.js';

const RUNS = Number(process.env.BENCH_RUNS ?? 20);
/** How much slower the processor is made. */
const SLOWER = 4;
/** Nothing has been asked for during so many milliseconds: the page is at rest. */
const REST_MS = 700;
/** Brotli bytes of the loader (docs/contract.md). */
const LOADER_BYTES = 4_000;
const TASK_MS = 10;
const READY_MS = 500;
/** What two loads of the same page may differ by. */
const LCP_NOISE_MS = 40;

/** Runs in the page before anything else. */
function observe() {
  addEventListener('patchcordready', () => (window.readyAt = performance.now()));
  window.shifted = 0;
  window.painted = 0;
  new PerformanceObserver((list) => {
    for (const { hadRecentInput, value } of list.getEntries()) if (!hadRecentInput) window.shifted += value;
  }).observe({ type: 'layout-shift', buffered: true });
  new PerformanceObserver((list) => {
    for (const { startTime } of list.getEntries()) window.painted = startTime;
  }).observe({ type: 'largest-contentful-paint', buffered: true });
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Counts the bytes of bodies as they come over the network, and knows when nothing is coming any more. */
async function watchNetwork(page) {
  const session = await page.context().newCDPSession(page);
  const headers = new Map();
  const open = new Set();
  const network = { bytes: 0, files: [], last: performance.now() };
  const over = ({ requestId }) => {
    open.delete(requestId);
    network.last = performance.now();
  };
  session.on('Network.requestWillBeSent', ({ requestId, request }) => {
    if (!request.url.startsWith('data:')) open.add(requestId);
    network.last = performance.now();
  });
  session.on('Network.responseReceived', ({ requestId, response }) => headers.set(requestId, response));
  session.on('Network.loadingFinished', (event) => {
    const response = headers.get(event.requestId);
    const isCached = response?.fromDiskCache || response?.fromPrefetchCache;
    const size = isCached ? 0 : Math.max(0, event.encodedDataLength - (response?.encodedDataLength ?? 0));
    // The page itself is longer by the element's tag.
    if (response?.mimeType !== 'text/html') network.bytes += size;
    if (response) network.files.push(`${new URL(response.url).pathname.split('/').pop() || '/'} ${size}`);
    over(event);
  });
  session.on('Network.loadingFailed', over);
  await session.send('Network.enable');
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
  network.rest = async () => {
    while (open.size > 0 || performance.now() - network.last < REST_MS) {
      await page.evaluate(() => new Promise((done) => requestIdleCallback(done, { timeout: 100 })));
    }
  };
  return network;
}

/**
 * The tasks of the page's own thread in a trace in which scripts of the page ran, in milliseconds of its processor. What
 * observes the page has no address; what goes on after an `await` has none either, and is told by how long it takes.
 */
function scriptTasks(traceEvents) {
  const mains = traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const isMain = ({ pid, tid }) => mains.some((main) => main.pid === pid && main.tid === tid);
  const events = traceEvents.filter((event) => event.dur !== undefined && isMain(event));
  const tasks = events.filter(({ name }) => /RunTask$/.test(name));
  if (tasks.length === 0) throw new Error('the trace has no tasks');
  const named = /^(EvaluateScript|FunctionCall|v8\.compile.*|v8\.evaluateModule)$/;
  const ofPage = ({ args, name, dur }) =>
    name === 'RunMicrotasks' ? dur > 1_000 : named.test(name) && /^http/.test(args?.data?.url ?? args?.fileName ?? '');
  const scripts = events.filter(ofPage);
  const runs = ({ ts, dur, pid, tid }) =>
    scripts.some((script) => script.pid === pid && script.tid === tid && script.ts >= ts && script.ts <= ts + dur);
  return tasks.filter(runs).map(({ tdur, dur }) => (tdur ?? dur) / 1000);
}

/** Opens the page with one embed in a browser that has seen nothing yet, and leaves it alone. */
async function load(browser, site, embed) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.grantPermissions(['local-network-access']);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.addInitScript(observe);
  const network = await watchNetwork(page);
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline', 'v8', '__metadata'] });
  await page.goto(site.address(embed));
  await network.rest();
  const { traceEvents } = JSON.parse(String(await browser.stopTracing()));
  const { painted, shifted } = await page.evaluate(() => ({ painted: window.painted, shifted: window.shifted }));
  await context.close();
  // The observers above are scripts, too: they run in every page alike.
  return { bytes: network.bytes, files: network.files, longest: Math.max(0, ...scriptTasks(traceEvents)), painted, shifted };
}

/** Milliseconds from the focus to the module, on a page that was there before. */
async function readyAfterFocus(browser, site) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.grantPermissions(['local-network-access']);
  const took = [];
  for (let run = 0; run <= RUNS; run += 1) {
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    await page.addInitScript(observe);
    const network = await watchNetwork(page);
    await page.goto(site.address('form'));
    const name = page.getByLabel('Your name');
    await name.waitFor();
    await network.rest();
    const after = await page.evaluate(async () => {
      const element = document.querySelector('patchcord-callback');
      const field = element.shadowRoot.querySelector('input[autocomplete="name"]');
      const begun = performance.now();
      const ready = window.readyAt ?? new Promise((done) => addEventListener('patchcordready', () => done(performance.now()), { once: true }));
      field.focus();
      // The module takes the form's place between two key strokes, so somebody has to be typing.
      field.blur();
      return Math.max(0, (await ready) - begun);
    });
    // The first fills the cache.
    if (run > 0) took.push(after);
    await page.close();
  }
  await context.close();
  return took;
}

/** What is typed from the moment at which the field can be seen is there when the module has taken over. */
async function typesFromFirstPaint(browser, site) {
  const typed = 'Ada Lovelace, from the first letter to the last';
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.grantPermissions(['local-network-access']);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.addInitScript(observe);
  await watchNetwork(page);
  await page.goto(site.address('form'), { waitUntil: 'commit' });
  const name = page.getByLabel('Your name');
  await name.waitFor();
  await name.focus();
  await page.keyboard.type(typed, { delay: 5 });
  // The module takes over when nobody is typing.
  await name.blur();
  await page.waitForFunction(() => window.readyAt);
  const value = await name.inputValue();
  if (value !== typed) throw new Error(`of what was typed, “${value}” is left`);
  await context.close();
}

// The other embeds ask for servers of their makers.
const withoutInternet = launchOptions();
withoutInternet.args.push('--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1');
const browser = await chromium.launch(withoutInternet);
const servers = await Servers.start();
const site = await Site.start(servers.relay);
try {
  // The website's address is one that its key allows.
  await servers.stopRelay();
  await servers.configure((text) => text.replace(/(key = "pk_demo"\n[^[]*?origins = \[)/, `$1"${site.origin}", `));
  await servers.startRelay();

  const loads = Object.fromEntries(Object.keys(EMBEDS).map((embed) => [embed, []]));
  for (let run = 0; run < RUNS; run += 1) {
    // In turns, so that a slow moment of the machine is everybody's.
    for (const embed of Object.keys(EMBEDS)) loads[embed].push(await load(browser, site, embed));
  }
  const of = (embed, what) => median(loads[embed].map((one) => one[what]));
  const more = (embed) => of(embed, 'bytes') - of('none', 'bytes');
  const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  const others = (tell) => Object.entries(EMBEDS).filter(([, { other }]) => other).map(([embed, { other }]) => `${other} ${tell(embed)}`).join(', ');
  const figures = [];
  for (const [embed, { about }] of Object.entries(EMBEDS).filter(([, { goal }]) => goal)) {
    figures.push({
      name: `${embed}: bytes`,
      figure: more(embed),
      goal: LOADER_BYTES,
      unit: 'B',
      detail: `over the network for ${about}, nothing touched, median of ${RUNS}; ${others((other) => kB(more(other)))}`,
    });
  }
  for (const [embed, { about }] of Object.entries(EMBEDS).filter(([, { ours }]) => ours)) {
    figures.push(
      {
        name: `${embed}: task`,
        figure: of(embed, 'longest'),
        goal: TASK_MS,
        unit: 'ms',
        detail: `the longest with a script in it for ${about}, ${SLOWER} times slower, median of ${RUNS}; all ${Math.max(...loads[embed].map(({ longest }) => longest)).toFixed(1)}; the page alone ${of('none', 'longest').toFixed(1)}; ${others((other) => `${of(other, 'longest').toFixed(0)} ms`)}; ${kB(more(embed))} in all`,
      },
      {
        name: `${embed}: LCP`,
        figure: Math.max(0, of(embed, 'painted') - of('none', 'painted')),
        goal: LCP_NOISE_MS,
        unit: 'ms',
        detail: `later than without (${of('none', 'painted').toFixed(0)} ms), median of ${RUNS}; ${others((other) => `${(of(other, 'painted') - of('none', 'painted')).toFixed(0)} ms`)}`,
      },
      {
        name: `${embed}: CLS`,
        figure: Math.max(0, of(embed, 'shifted') - of('none', 'shifted')),
        goal: 0.001,
        unit: '',
        detail: `more than without; ${others((other) => of(other, 'shifted').toFixed(3))}`,
      },
    );
  }
  await typesFromFirstPaint(browser, site);
  const ready = await readyAfterFocus(browser, site);
  figures.push({
    name: 'module ready',
    figure: median(ready),
    goal: READY_MS,
    unit: 'ms',
    detail: `after the focus, from a warm cache, ${SLOWER} times slower, median of ${RUNS}; the longest ${Math.max(...ready).toFixed(0)}; what is typed meanwhile is kept`,
  });
  if (process.env.BENCH_FILES) for (const embed of Object.keys(EMBEDS)) console.error(embed, loads[embed].at(-1).files.join(', '));
  console.log(JSON.stringify(figures));
} finally {
  await browser.close();
  await site.stop();
  await servers.stop();
}
