// The page scanner in Chromium, beside ringcentral-c2d on the same page: the work of one scan, its longest task, how it
// grows with the page, and what one changed row costs. Prints [{name, figure, goal, unit, detail}] as JSON. Started by
// `cargo xtask bench scan`.
import { readFile } from 'node:fs/promises';
import { chromium } from '@playwright/test';
import { launchOptions } from './browser.js';

const { E2E_RELAY_URL: relay, E2E_DEMO_URL: demo } = process.env;
const C2D = await readFile(new URL('node_modules/ringcentral-c2d/build/index.js', import.meta.url), 'utf8');
const ROWS = 7_000;
const MANY = 100_000;
const FEW = 100;
const RUNS = 5;
const CHANGES = 20;
/** Rounds of so many changes, at either length by turns. */
const ROUNDS = 3;
/** Their work against ours. */
const TIMES = 20;

/** Runs in the page before anything else. */
function prepare() {
  const row = (i, [before, after]) => {
    const n = String(2_000_000 + ((i * 137) % 7_999_999));
    const mobile = i % 3 ? `2026-0${1 + (i % 9)}-1${i % 10}` : `<a href="tel:+4940${n}">040 ${n}</a>`;
    const cells = [`Person ${i}`, `Company ${i % 97} GmbH`, `+49 30 ${n.slice(0, 3)} ${n.slice(3)}`, mobile, `A-${100_000 + i}`];
    cells.push(`${(i * 13.37).toFixed(2)} €`);
    return `<div class="row" data-id="${i}">${cells.map((cell) => before + cell + after).join('')}</div>`;
  };
  /** A cell: an element, or three around each other, as component libraries write it. */
  const CELLS = {
    plain: ['<div>', '</div>'],
    nested: ['<div class="cell"><span class="truncated"><span>', '</span></span></div>'],
  };
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));

  /** A page of so many rows, laid out, with a shadow root and an input below them. */
  window.fill = async (count, cell = 'plain') => {
    const rows = [];
    for (let i = 0; i < count; i += 1) rows.push(row(i, CELLS[cell]));
    document.querySelector('main').innerHTML = `<div>${rows.join('')}</div><div id="host"></div><input readonly value="+49 89 2180 0">`;
    document.querySelector('#host').attachShadow({ mode: 'open' }).innerHTML = '<p>+41 44 668 18 00</p>';
    await frame();
    await frame();
  };

  /** Has the page's scanner begin; resolves when it has read all of the page and marked what is seen. */
  window.scan = async () => {
    window.scanner ??= document.querySelector('patchcord-scan');
    const ready = new Promise((done) => window.scanner.addEventListener('patchcordready', done, { once: true }));
    window.scanner.removeAttribute('disabled');
    await ready;
    await new Promise((done) => setTimeout(done, 150));
    await frame();
  };

  window.stop = async () => {
    window.scanner.setAttribute('disabled', '');
    await frame();
    await frame();
  };

  /** Has theirs begin, as their README says; resolves when it has read all of the page, which it begins after a second. */
  window.match = async () => {
    window.c2d = new window.RingCentralC2D();
    while (!window.matches().length) await new Promise((done) => setTimeout(done, 100));
    await frame();
  };

  window.matches = () => [...window.c2d.observer._observer._matchesMap.values()].flat();

  /** Changes a row that is seen, and waits until the scanner has read it and marked it. */
  window.change = async (times) => {
    const cell = document.querySelector('.row > :nth-child(3)').firstChild;
    for (let i = 0; i < times; i += 1) {
      cell.data = `+49 30 555 ${4000 + i}`;
      await new Promise((done) => setTimeout(done, 200));
      await frame();
    }
  };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

const browser = await chromium.launch(launchOptions());

async function openPage() {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.grantPermissions(['local-network-access']);
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  await page.addInitScript(prepare);
  await page.route(`${demo}/bench`, (route) =>
    route.fulfill({
      contentType: 'text/html; charset=utf-8',
      body:
        '<!doctype html><html lang="en"><title>bench</title>' +
        '<style>.row{display:flex}.row>*{flex:1;padding:6px}</style>' +
        ['patchcord', 'patchcord-scan'].map((name) => `<script type="module" src="${relay}/${name}.js"></script>`).join('') +
        '<body><main></main><patchcord-scan disabled></patchcord-scan></body></html>',
    }),
  );
  await page.goto(`${demo}/bench`);
  await page.addScriptTag({ content: C2D });
  await page.waitForFunction(() => customElements.get('patchcord-scan'));
  return page;
}

/** The tasks of the page's own thread while `run` runs, in milliseconds: the longest, and the processor's time in all. */
async function tasksOf(page, run) {
  await page.requestGC();
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline', 'cc', '__metadata'] });
  await run();
  const { traceEvents } = JSON.parse(String(await browser.stopTracing()));
  const mains = traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const isMain = ({ pid, tid }) => mains.some((main) => main.pid === pid && main.tid === tid);
  const tasks = traceEvents.filter((event) => /RunTask$/.test(event.name) && event.dur && isMain(event));
  if (tasks.length === 0) throw new Error('the trace has no tasks');
  const frames = traceEvents.filter((event) => event.name === 'ProxyMain::BeginMainFrame' && event.dur && isMain(event));
  const sum = (events) => events.reduce((all, { dur, tdur }) => all + (tdur ?? dur), 0) / 1000;
  return {
    longest: Math.max(...tasks.map(({ tdur, dur }) => tdur ?? dur)) / 1000,
    // Drawing apart: their match draws nothing.
    work: sum(tasks) - sum(frames),
    drawing: sum(frames),
  };
}

/**
 * Such work on a page of its own, which it has not looked at. Their script has run, so our engine has been started: that is
 * measured by itself.
 */
async function measured(work, cell) {
  const page = await openPage();
  await page.evaluate((cell) => window.fill(1, cell), cell);
  const start = await tasksOf(page, () => page.evaluate(work));
  await page.evaluate(() => (window.scanner ? window.stop() : window.c2d.dispose()));
  await page.evaluate(([rows, cell]) => window.fill(rows, cell), [ROWS, cell]);
  return { page, start, ...(await tasksOf(page, () => page.evaluate(work))) };
}

/** Processor milliseconds in the scanner's own scripts and module, by samples of the profiler. */
async function ownWork(page, run) {
  const session = await page.context().newCDPSession(page);
  await session.send('Profiler.enable');
  await session.send('Profiler.setSamplingInterval', { interval: 100 });
  await session.send('Profiler.start');
  await run();
  const { profile } = await session.send('Profiler.stop');
  await session.detach();
  const parents = new Map();
  const frames = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
  for (const { id, children = [] } of profile.nodes) for (const child of children) parents.set(child, id);
  const isOurs = (id) => {
    for (let at = id; at; at = parents.get(at)) if (/patchcord[_-]scan/.test(frames.get(at).url)) return true;
    return false;
  };
  let sum = 0;
  profile.samples.forEach((id, at) => {
    if (isOurs(id)) sum += profile.timeDeltas[at];
  });
  return sum / 1000;
}

try {
  const figures = [];
  const longest = [];
  const starts = [];
  /** Both on pages with such cells: what they took, by whose it is. */
  const compare = async (cell) => {
    const works = { ours: [], theirs: [], drawing: [] };
    for (let run = 0; run < RUNS; run += 1) {
      const their = await measured('window.match()', cell);
      const matched = await their.page.evaluate(() => window.matches().map(({ dataContext }) => dataContext.phoneNumber));
      await their.page.context().close();
      const our = await measured('window.scan()', cell);
      const found = await our.page.evaluate(() => window.scanner.numbers.map(({ number }) => number));
      const missed = matched.filter((number) => !found.includes(number));
      if (missed.length) throw new Error(`not found: ${missed.slice(0, 5).join(', ')} and ${missed.length} in all`);
      for (const hidden of ['+41446681800', '+498921800']) {
        if (!found.includes(hidden)) throw new Error(`${hidden} was not found`);
      }
      await our.page.context().close();
      works.theirs.push(their.work);
      works.ours.push(our.work);
      works.drawing.push(our.drawing);
      longest.push(our.longest);
      starts.push(our.start.longest);
    }
    const [ours, theirs, drawing] = [works.ours, works.theirs, works.drawing].map(median);
    return { ours, theirs, drawing, said: `ringcentral-c2d ${theirs.toFixed(0)} ms, ${(theirs / ours).toFixed(1)} times as much` };
  };
  const [plain, nested] = [await compare('plain'), await compare('nested')];
  figures.push({
    name: 'scan',
    figure: plain.ours,
    goal: plain.theirs / TIMES,
    unit: 'ms',
    detail:
      `of work for ${ROWS} rows, median of ${RUNS}; ${plain.said}; the browser draws for ${plain.drawing.toFixed(0)} ms meanwhile. ` +
      `With three elements in place of one for each cell ${nested.ours.toFixed(1)} ms; ${nested.said}`,
  });
  const all = (values) => `median of ${values.length}; the longest of all ${Math.max(...values).toFixed(1)} ms`;
  figures.push({ name: 'longest task', figure: median(longest), goal: 50, unit: 'ms', detail: `of such a scan, ${all(longest)}` });
  figures.push({ name: 'longest start', figure: median(starts), goal: 50, unit: 'ms', detail: `task while the engine starts, ${all(starts)}` });

  let page;
  const perRow = async (rows) => {
    const works = [];
    for (let run = 0; run < RUNS; run += 1) {
      // A page that nobody has looked at yet, without what is left of the one before.
      await page.evaluate((rows) => window.fill(rows), rows);
      await page.requestGC();
      works.push(await ownWork(page, () => page.evaluate(() => window.scan())));
      await page.evaluate(() => window.stop());
    }
    return (median(works) * 1000) / rows;
  };
  const perChange = async (rows) => {
    await page.evaluate((rows) => window.fill(rows), rows);
    await page.evaluate(() => window.scan());
    // Garbage of the scan is none of a change.
    await page.requestGC();
    await page.evaluate(() => window.change(5));
    const work = await ownWork(page, () => page.evaluate((times) => window.change(times), CHANGES));
    await page.evaluate(() => window.stop());
    return (work * 1000) / CHANGES;
  };
  page = await openPage();
  // Compiled code and a started engine: how it grows is asked, not how it begins.
  await perRow(ROWS);
  const [some, many] = [await perRow(ROWS), await perRow(MANY)];
  figures.push({
    name: 'a row of many',
    figure: many / some,
    goal: 1.25,
    unit: 'times',
    detail: `${many.toFixed(2)} µs a row at ${MANY} rows, ${some.toFixed(2)} µs at ${ROWS}`,
  });
  const changes = { few: [], many: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    changes.few.push(await perChange(FEW));
    changes.many.push(await perChange(MANY));
  }
  const [atFew, atMany] = [median(changes.few), median(changes.many)];
  figures.push({
    name: 'a changed row',
    figure: atMany / atFew,
    goal: 1.25,
    unit: 'times',
    detail: `${atMany.toFixed(0)} µs at ${MANY} rows, ${atFew.toFixed(0)} µs at ${FEW}: reading it and marking what is seen`,
  });
  console.log(JSON.stringify(figures));
} finally {
  await browser.close();
}
