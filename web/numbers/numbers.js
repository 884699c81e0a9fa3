// The number engine: a WebAssembly module that a page loads when it needs it, and what its answers mean.

/**
 * @typedef {object} NumberRead
 * @property {string} wrong why it cannot be called: `""` if it can, else `invalid`, `country`, `short`, `long`, `length`,
 *   `local`, `none` or `extension` (see docs/numbers.md)
 * @property {boolean} valid
 * @property {string} [e164] `+49301234567`; missing where there is no number at all, like all that follows
 * @property {string} [extension]
 * @property {string} [kind] `fixed_line`, `mobile`, …
 * @property {string} [region] two letters; empty where the number is of no country
 * @property {string} [national] as it is written within its country
 * @property {string} [international]
 */

// In the order of `reason` and `Kind` in the module.
const WRONG = ",invalid,country,short,long,length,local,none,extension".split(",");
const KINDS =
  "fixed_line,mobile,fixed_line_or_mobile,toll_free,premium_rate,shared_cost,personal_number,voip,pager,uan,voicemail,unknown".split(
    ",",
  );
/** So many units of a text are handed over; no number is as long. */
const ROOM = 512;

let loading;
/** What the module exports. */
let module;
/** Where a text is put and an answer found, in the module's memory. */
let units;

/** @returns {Promise<typeof engine>} the engine; asked for again where it did not come. */
export const load = () =>
  (loading ??= (async () => {
    const file = await fetch(new URL("./patchcord_numbers_bg.wasm", import.meta.url));
    // Nothing but numbers is handed over, so what wasm-bindgen would keep objects in stays empty.
    const imports = { "./patchcord_numbers_bg.js": { __wbindgen_init_externref_table() {} } };
    ({ exports: module } = (await WebAssembly.instantiate(await file.arrayBuffer(), imports)).instance);
    // It reads its two tables at their first use, 20 and 35 ms: one task for each, and none in the middle of typing.
    engine.regions();
    await new Promise((resolve) => setTimeout(resolve));
    module.check(put("+49301234567"), 0);
    return engine;
  })().catch((error) => {
    loading = undefined;
    throw error;
  }));

/** What an element dials: `+49…;ext=12` for a number as people write it in a region; `undefined` if there is none, or no engine. */
export const dialable = async (text, region) => {
  try {
    const { e164, extension, valid } = (await load()).read(text, region.toUpperCase());
    return valid ? e164 + (extension && ";ext=" + extension) : undefined;
    // The element says that it takes E.164.
  } catch {}
};

/** Puts a text where the module reads it; gives its length. */
const put = (text) => {
  // A memory that has grown is another one.
  if (!units?.length) units = new Uint16Array(module.memory.buffer, module.units(), ROOM);
  const length = Math.min(text.length, ROOM);
  for (let i = 0; i < length; i++) units[i] = text.charCodeAt(i);
  return length;
};

/** The answer of this length. */
const answer = (length) => String.fromCharCode(...units.subarray(0, length));

/** A region's two letters as the module takes them; 0 for none. */
const packed = (region) => (region.length == 2 ? region.charCodeAt(0) * 256 + region.charCodeAt(1) : 0);
const letters = (region) => (region ? String.fromCharCode(region >> 8, region & 255) : "");

const engine = {
  /** Reads a number as a person writes it. @returns {NumberRead} */
  read(text, region = "") {
    const [first, extension, e164, national, international] = answer(module.read(put(text), packed(region))).split("\n");
    const wrong = WRONG[first.charCodeAt() & 15];
    const kind = KINDS[first.charCodeAt(1) & 15];
    return { wrong, valid: !wrong, e164, extension, kind, region: kind && first.slice(2), national, international };
  },

  /** E.164 of a number that can be called, `undefined` for any other: the fastest answer, for lists. */
  check(text, region = "") {
    const length = module.check(put(text), packed(region));
    // A call with each digit by itself takes a tenth of the time that `answer` does, and what is cut off takes another
    // third, so most numbers have a call of their own. There are at most 15.
    return length == 11
      ? String.fromCharCode(43, units[0], units[1], units[2], units[3], units[4], units[5], units[6], units[7], units[8], units[9], units[10])
      : length == 12
        ? String.fromCharCode(43, units[0], units[1], units[2], units[3], units[4], units[5], units[6], units[7], units[8], units[9], units[10], units[11])
        : length
          ? String.fromCharCode(43, units[0], units[1], units[2], units[3], units[4], units[5], units[6], units[7], units[8], units[9], units[10], units[11], units[12], units[13], units[14]).slice(0, length + 1)
          : undefined;
  },

  /** Formats what is typed so far: `{caret, region, text}`, the caret in UTF-16 units. */
  type(text, caret, region = "") {
    const typed = text.length > ROOM ? 0 : module.typed(put(text), caret, packed(region));
    return typed
      ? { caret: (typed >> 8) & 255, region: letters(typed >>> 16), text: answer(typed & 255) }
      : { caret: Math.min(caret, text.length), region, text };
  },

  /** All regions: `[{region: "DE", code: "49"}, …]`, by country code, the main one of each first. */
  regions() {
    const all = [];
    for (let place = 0, one; (one = module.region_at(place)); place++)
      if (one >>> 16) all.push({ region: letters(one >>> 16), code: String(one & 65535) });
    return all;
  },
};
