// What all elements share: the full style sheet, the texts, and the scripts that come later.

import { spoken } from "./language.js";

const cache = {};
let assets;

/** What comes after it is done in a task of its own: on a slow phone a request alone is milliseconds of work. */
const pause = () => new Promise((done) => setTimeout(done));

/** The full style sheet: empty until it has come, adopted by every element from the start. */
export const full = new CSSStyleSheet();

/** Says where the module, the styles and the texts are. */
export const useAssets = (url) => (assets = url);

/** The relay of an element without a `relay` attribute: where the loader came from. */
export const home = () => assets.origin;

const asset = (path) => new URL(path, assets).href;

/** Asks once for each file that comes: `undefined` where it did not, and is asked for again by whoever needs it next. */
const fetched = (path) =>
  (cache[path] ??= pause().then(async () => {
    const reply = await fetch(asset(path));
    if (reply.ok) return reply.text();
    throw reply;
  }).catch(() => (cache[path] = undefined)));

/** Fills the full sheet; where it does not come, the plain controls stay plain: `undefined` is no rule of a sheet. */
export const loadStyle = () => fetched("patchcord.css").then((text) => full.replaceSync(text));

/** @returns {Promise<object>} an element's texts in a language; it rejects where they do not come. */
export const loadTexts = (prefix, lang) => fetched(`texts/${prefix}${spoken(lang)}.json`).then(JSON.parse);

/** @returns {Promise<object>} what hands over to the module; rejects where it does not come. */
export const loadHand = () => pause().then(() => import(asset("hand.js")));

/** @returns {Promise<object>} what the plain controls send with; asked for again if it did not come. */
export const loadPlain = () => pause().then(() => import(asset("plain.js")));

/** @returns {Promise<string?>} what is dialled for a number as it is written in a region. */
export const loadNumbers = (...number) => import(asset("numbers.js")).then((module) => module.dialable(...number), () => {});
