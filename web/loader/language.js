// Which language an element speaks, and which way it is written.

/** The tag of a node's language: its own, else that of what it is in, else the page's, else the browser's. */
export const tagOf = (node) => (node.closest("[lang]") ?? document.documentElement).lang || navigator.language;

/** The language that there are texts in, for a tag: the build puts the names of web/texts in here. */
export const spoken = (tag) => /^(dev)\b/i.exec(tag)?.[1].toLowerCase() ?? "en";

/** `dir` for what is in a node: none where the page says one with its language or below that, else the language's. */
export const dirOf = (node, { dir }) => (node.closest("[lang],[dir]")?.dir ? "" : dir);

/** A tag that `Intl` takes. */
export const forIntl = (tag) => {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? "en";
  } catch {
    // As some pages write it: `de_DE`.
    return spoken(tag);
  }
};

/**
 * What a script of its own says: by the end of the texts' keys, with `dir`.
 * @param {string} folder where its part of web/texts is among the assets, with a slash at its end
 * @param {object} [own] the page's own texts by their whole keys, in place of ours
 */
export const loadWords = async (folder, tag, own = {}) => {
  const file = `${folder}${spoken(tag)}.json`;
  const reply = await fetch(file);
  if (!reply.ok) throw new Error(`${file}: ${reply.status}`);
  const all = Object.entries({ ...(await reply.json()), ...own });
  return Object.fromEntries(all.map(([key, text]) => [key.replace(/^\w+\./, ""), text]));
};
