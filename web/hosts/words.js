// What the frame itself says, beside the panel: the section `host` of web/texts.

import { loadWords, tagOf } from "../loader/language.js";

/** The texts in the page's language, by the end of their keys, with `dir`; `assets` is where their folder is. */
export const pageWords = (assets) => loadWords(new URL("host/", assets).href, tagOf(document.documentElement));

/** A text with its gaps filled. */
export const fill = (text, gaps) => text.replace(/\{(\w+)\}/g, (gap, name) => gaps[name] ?? gap);
