// What all elements share: the module, the full style sheet, the texts.

const cache = {};
let assets, dead;

/** The full style sheet: empty until it has come, adopted by every element from the start. */
export const full = new CSSStyleSheet();

/** The controls on the page, to be told when the module dies. */
export const controls = new Set();

/** Says where the module, the styles and the texts are. */
export const useAssets = (url) => (assets = url);

/** The relay of an element without a `relay` attribute: where the loader came from. */
export const home = () => assets.origin;

const asset = (path) => new URL(path, assets).href;

/** Asks once for each key. */
export const once = (key, ask) => (cache[key] ??= ask(key));

const fetched = (path) => once(path, async () => (await fetch(asset(path))).text());

/** Fills the full sheet; where it does not come, the plain controls stay plain. */
export const loadStyle = () => fetched("patchcord.css").then((text) => full.replaceSync(text), () => {});

/** @returns {Promise<object>} the texts of a language; it rejects where they do not come. */
export const loadTexts = (lang) => fetched(`texts/${/^de\b/i.test(lang) ? "de" : "en"}.json`).then(JSON.parse);

/** @returns {Promise<object>} the module; rejects where it cannot be used. */
export const load = () =>
  once("module", async () => {
    try {
      const module = await import(asset("patchcord_widget.js"));
      await module.default({ module_or_path: asset("patchcord_widget_bg.wasm") });
      module.onPanic(bury);
      return module;
    } catch (error) {
      bury(error);
      throw error;
    }
  });

/** @returns {Promise<object>} what the plain controls send with; asked for again if it did not come. */
export const loadPlain = () => import(asset("plain.js"));

/** @returns {Promise<object>} what a form proves its work with; rejects with a problem where it does not come. */
export const loadProof = () => import(asset("proof.js")).catch(() => Promise.reject({ code: "relay_unreachable" }));

/** @returns {Promise<string?>} what is dialled for a number as it is written in a region. */
export const loadNumbers = (...number) => import(asset("numbers.js")).then((module) => module.dialable(...number), () => {});

/** Why the module is not to be used, if it is not. */
export const whyDead = () => dead;

/** The module cannot be used any more: every control goes on by itself. */
export const bury = (why) => {
  if (dead) return;
  dead = why + "";
  cache.module = Promise.reject(why);
  cache.module.catch(() => {});
  // Before it is needed: by then the network may be gone.
  loadPlain().catch(() => {});
  // Not now: the module may be in the middle of a call.
  for (const control of controls) queueMicrotask(() => control.revert());
};
