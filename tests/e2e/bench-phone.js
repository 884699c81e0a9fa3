// How long it takes to read and check a number, on one page of Chromium: ours, libphonenumber-js and
// google-libphonenumber, the same 10,000 texts, in turns. What each takes the first time is told beside.
// Prints [{name, figure, goal, unit, detail}] as JSON. Started by `cargo xtask bench phone`.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium } from '@playwright/test';
import { launchOptions } from './browser.js';

const { E2E_RELAY_URL: relay, E2E_DEMO_URL: demo } = process.env;
/** Gives the engine with `check(text, region)`; beside the loader's other assets. */
const MODULE = 'numbers.js';
const NUMBERS = 10_000;
/** Fresh pages, and what is measured on each: after so many passes Chromium has compiled what it will. */
const PAGES = 3;
const WARM_UP = 3;
const RUNS = 5;
/** Metadata of different dates may disagree about so many of a thousand numbers. */
const DISAGREEING = 5;

const require = createRequire(import.meta.url);
const OTHERS = [
  { name: 'libphonenumber-js', global: 'max', file: 'libphonenumber-js/bundle/libphonenumber-max.js', times: 5 },
  { name: 'libphonenumber-js, smallest metadata', global: 'min', file: 'libphonenumber-js/bundle/libphonenumber-min.js' },
  { name: 'google-libphonenumber', global: 'google', file: 'google-libphonenumber/dist/libphonenumber.js', times: 20 },
];

/** The same texts each time: numbers of every country in many spellings, a fifth of them mistaken. */
function mixedNumbers() {
  const { getExampleNumber } = require('libphonenumber-js/max');
  const examples = require('libphonenumber-js/examples.mobile.json');
  let state = 20_261_126;
  const below = (count) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * count);
  };
  const regions = Object.keys(examples);
  return Array.from({ length: NUMBERS }, (_, i) => {
    const region = regions[i % regions.length];
    const example = getExampleNumber(region, examples);
    const last = String(below(10_000)).padStart(4, '0');
    const spelt = [
      () => example.number,
      () => example.formatInternational(),
      () => example.formatNational(),
      () => example.formatNational().replace(/[ -]/g, ''),
      () => example.formatInternational().replace('+', '00'),
      () => `${example.formatInternational()} ext. ${below(1000)}`,
      () => `Tel: ${example.formatNational().replace(/ /g, '-')}`,
      () => example.formatInternational().replace(/ /g, '.'),
      () => example.getURI(),
      () => `${example.countryCallingCode} (${example.nationalNumber.slice(0, 3)}) ${example.nationalNumber.slice(3)}`,
    ][below(10)]();
    // Other last digits, so that no cache of whole numbers helps anybody.
    let left = last.length;
    const other = spelt.includes('ext.') ? spelt : [...spelt].reverse().map((c) => (left && /\d/.test(c) ? last[--left] : c)).reverse().join('');
    const text = below(5) ? other : [other.slice(0, -2), `${other}7`, other.slice(3), `${other.slice(0, 4)}0${other.slice(4)}`][below(4)];
    return [text, region];
  });
}

/** Runs in the page: how each of them reads one text. */
function readers() {
  const { max, min, google } = window;
  const js = (library) => (text, region) => {
    const read = library.parsePhoneNumberFromString(text, region);
    return read && { valid: read.isValid(), e164: read.number };
  };
  const util = google.PhoneNumberUtil.getInstance();
  const { E164 } = google.PhoneNumberFormat;
  window.readers = {
    max: js(max),
    min: js(min),
    google: (text, region) => {
      try {
        const read = util.parse(text, region);
        return { valid: util.isValidNumber(read), e164: util.format(read, E164) };
      } catch {
        return undefined;
      }
    },
    ours: window.ours,
  };
  /** Microseconds for all texts. */
  window.measure = (name, texts) => {
    const read = window.readers[name];
    const begin = performance.now();
    let length = 0;
    for (const [text, region] of texts) {
      const number = read(text, region);
      if (number?.valid) length += number.e164.length;
    }
    const took = performance.now() - begin;
    if (length === 0) throw new Error(`${name} knows none of these numbers`);
    return took * 1000;
  };
  /** The valid numbers among the texts, in order. */
  window.answers = (name, texts) =>
    texts.map(([text, region]) => {
      const number = window.readers[name](text, region);
      return number?.valid ? number.e164 : '';
    });
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** A page on which all engines are loaded, and have read one number. */
async function freshPage(context, url) {
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.route(`${demo}/bench`, (route) =>
    route.fulfill({ contentType: 'text/html; charset=utf-8', body: '<!doctype html><title>bench</title>' }),
  );
  await page.goto(`${demo}/bench`);
  for (const { file, global } of OTHERS) {
    await page.addScriptTag({ content: await readFile(new URL(`node_modules/${file}`, import.meta.url), 'utf8') });
    // All three call themselves the same.
    await page.evaluate((global) => {
      window[global] = window.libphonenumber;
      delete window.libphonenumber;
    }, global);
  }
  await page.evaluate(async (url) => {
    const engine = await (await import(url)).load();
    window.ours = (text, region) => {
      const e164 = engine.check(text, region);
      return e164 && { valid: true, e164 };
    };
  }, url);
  await page.evaluate(readers);
  return page;
}

/** Where the module is: the loader names the folder of its assets. */
async function ours() {
  const loader = await (await fetch(`${relay}/patchcord.js`)).text();
  const [folder] = loader.match(/assets\/[^/"'`]+\//) ?? [];
  if (!folder) throw new Error('the loader names no assets');
  return `${relay}/${folder}${MODULE}`;
}

const measure = (page, name, texts) =>
  page.evaluate(({ name, texts }) => window.measure(name, texts), { name, texts });

const browser = await chromium.launch(launchOptions());
try {
  const context = await browser.newContext();
  await context.grantPermissions(['local-network-access']);
  const url = await ours();
  const texts = mixedNumbers();
  const names = ['ours', ...OTHERS.map(({ global }) => global)];
  const fresh = Object.fromEntries(names.map((name) => [name, []]));
  const hot = Object.fromEntries(names.map((name) => [name, []]));
  const answers = {};
  for (let turn = 0; turn < PAGES; turn += 1) {
    const page = await freshPage(context, url);
    // In another order each time: what comes after much garbage pays for it.
    const order = names.map((_, i) => names[(i + turn) % names.length]);
    for (const name of order) {
      await measure(page, name, [['+4930901820', 'DE']]);
      fresh[name].push((await measure(page, name, texts)) / NUMBERS);
    }
    for (let run = 0; run < WARM_UP + RUNS; run += 1) {
      for (const name of order) {
        const took = await measure(page, name, texts);
        if (run >= WARM_UP) hot[name].push(took / NUMBERS);
      }
    }
    if (turn === 0) {
      for (const name of names) {
        answers[name] = await page.evaluate(({ name, texts }) => window.answers(name, texts), { name, texts });
      }
    }
    await page.close();
  }

  const agreeing = (name) => answers.ours.filter((answer, i) => answer === answers[name][i]).length;
  const valid = answers.google.filter((answer) => answer).length;
  if (valid < NUMBERS / 2) throw new Error(`only ${valid} of the numbers are valid`);
  if (NUMBERS - agreeing('google') > (NUMBERS * DISAGREEING) / 1000) {
    const example = texts[answers.ours.findIndex((answer, i) => answer !== answers.google[i])];
    throw new Error(`the answers differ for ${NUMBERS - agreeing('google')} numbers, first ${JSON.stringify(example)}`);
  }

  const beside = ({ name, global }, took) => {
    const [own, theirs] = [median(took.ours), median(took[global])];
    return `${(theirs / own).toFixed(1)} times as fast as ${name}: ${own.toFixed(2)} µs a number beside ${theirs.toFixed(2)} µs`;
  };
  const [, smallest] = OTHERS;
  const share = (other) => ({
    name: other.global === 'max' ? 'share of js' : 'share of Google',
    figure: (100 * median(hot.ours)) / median(hot[other.global]),
    goal: 100 / other.times,
    unit: '%',
    detail:
      `${beside(other, hot)}, median of ${PAGES * RUNS} runs of ${NUMBERS} (${valid} valid); ` +
      `the same answer for ${agreeing(other.global)}; the first time on a page ${beside(other, fresh)}` +
      (other.global === 'max' ? `; ${beside(smallest, hot)}` : ''),
  });
  console.log(JSON.stringify(OTHERS.filter(({ times }) => times).map(share)));
} finally {
  await browser.close();
}
