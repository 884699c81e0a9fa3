// The number engine: a WebAssembly module that a page loads when it needs it, and what its lines mean.

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

let loading;

/** @returns {Promise<typeof engine>} the engine; asked for again where it did not come. */
export const load = () =>
  (loading ??= (async () => {
    module = await import("./patchcord_numbers.js");
    await module.default({ module_or_path: new URL("./patchcord_numbers_bg.wasm", import.meta.url) });
    // It reads its two tables at their first use, 20 and 35 ms: one task for each, and none in the middle of typing.
    module.regions();
    await new Promise((resolve) => setTimeout(resolve));
    module.check("+49301234567", 0);
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

let module;

/** A region's two letters as the module takes them; 0 for none. */
const letters = (region) => (region.length == 2 ? region.charCodeAt(0) * 256 + region.charCodeAt(1) : 0);

const engine = {
  /** Reads a number as a person writes it. @returns {NumberRead} */
  read(text, region = "") {
    const [wrong, e164, extension, kind, its, national, international] = module.read(text, letters(region)).split("\n");
    return { wrong, valid: !wrong, e164, extension, kind, region: its, national, international };
  },

  /** E.164 of a number that can be called, `undefined` for any other: the fastest answer, for lists. */
  check(text, region = "") {
    const digits = module.check(text, letters(region));
    return digits ? "+" + digits : undefined;
  },

  /** Formats what is typed so far: `{caret, region, text}`, the caret in UTF-16 units. */
  type(text, caret, region = "") {
    const [at, its, formatted] = module.typed(text, caret, letters(region)).split("\n");
    return { caret: +at, region: its, text: formatted };
  },

  /** All regions: `[{region: "DE", code: "49"}, …]`, by country code, the main one of each first. */
  regions: () =>
    module
      .regions()
      .trim()
      .split("\n")
      .map((line) => ({ region: line.slice(0, 2), code: line.slice(2) })),
};
