// From click to request: a ready <patchcord-call> beside a bare `fetch` in a click handler, on one
// page, in turns. Prints {figure, goal, unit, detail} as JSON. Started by `cargo xtask bench click`.
import { chromium } from '@playwright/test';
import { launchOptions } from './browser.js';

const { E2E_RELAY_URL: relay, E2E_DEMO_URL: demo } = process.env;
const GOAL_MS = 1.5;
const WARM_UP = 20;
const SAMPLES = 150;

// A number each: a second call to the same number within 3 s is no second click to measure.
const numbers = Array.from(
  { length: WARM_UP + SAMPLES },
  (_, i) => `+4930231250${String(i).padStart(3, '0')}`,
);

/** Runs in a page of the demo, which has loaded the loader: makes it the page to be measured. */
function furnish({ relay, numbers, bare }) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    'body { margin: 0; } main { display: grid; grid-template-columns: repeat(8, 150px); }',
  );
  document.adoptedStyleSheets = [sheet];
  const main = document.createElement('main');
  for (const number of numbers) {
    const element = document.createElement('patchcord-call');
    element.setAttribute('relay', relay);
    element.setAttribute('session-url', '/crm/assertion');
    element.setAttribute('number', number);
    element.payload = { order: { id: number, lines: [1, 2, 3] } };
    main.append(element);
  }
  const button = document.createElement('button');
  button.id = 'bare';
  button.textContent = 'bare';
  button.addEventListener('click', () => {
    fetch(bare, { method: 'POST', body: '{}' }).catch(() => {});
  });
  document.body.replaceChildren(button, main);
}

/** Runs in the page before anything else: notes when a click happened and when a request left. */
function observe() {
  const original = window.fetch;
  let clicked;
  let waiting;
  window.fetch = function fetch(...given) {
    const now = performance.now();
    const [request] = given;
    const url = String(request instanceof Request ? request.url : request);
    if (waiting && url.endsWith(waiting.ending)) {
      waiting.left(now - clicked);
      waiting = undefined;
    }
    return original.apply(this, given);
  };
  addEventListener('click', ({ timeStamp }) => (clicked = timeStamp), { capture: true });
  /** Milliseconds from the next click to the request whose address ends like this. */
  window.nextRequest = (ending) => {
    window.measured = new Promise((left) => (waiting = { ending, left }));
    return new Promise((settled) => requestAnimationFrame(() => setTimeout(settled)));
  };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

const browser = await chromium.launch(launchOptions());
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 2400 } });
  page.setDefaultTimeout(20_000);
  await page.addInitScript(observe);
  await page.goto(`${demo}/site/`);
  await page.evaluate(furnish, { relay, numbers, bare: `${relay}/bare` });

  const elements = page.locator('patchcord-call');
  const bare = page.locator('#bare');

  async function measure(target, ending) {
    await target.hover();
    // A person's pointer rests before it clicks: what hovering costs is over by then.
    await page.evaluate((ending) => window.nextRequest(ending), ending);
    await page.mouse.down();
    await page.mouse.up();
    return page.evaluate(() => window.measured);
  }

  // The first click loads the module and opens the session; only later ones are measured.
  const first = elements.first();
  await first.evaluate((element) => {
    window.accepted = new Promise((resolve) => {
      element.addEventListener('callaccepted', resolve, { once: true });
    });
  });
  await first.getByRole('button').first().click();
  await page.evaluate(() => window.accepted.then(() => {}));

  const through = [];
  const direct = [];
  for (let i = 1; i < numbers.length; i += 1) {
    const button = elements.nth(i).getByRole('button').first();
    const one = await measure(button, '/v1/calls');
    const other = await measure(bare, '/bare');
    if (i >= WARM_UP) {
      through.push(one);
      direct.push(other);
    }
  }
  const [ours, theirs] = [median(through), median(direct)];
  console.log(
    JSON.stringify({
      figure: Math.max(0, ours - theirs),
      goal: GOAL_MS,
      unit: 'ms',
      detail: `median of ${through.length}: ${ours.toFixed(2)} ms through the element, ${theirs.toFixed(2)} ms with a bare fetch`,
    }),
  );
} finally {
  await browser.close();
}
