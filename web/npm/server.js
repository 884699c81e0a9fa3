// What the entries that define elements are where a page is only rendered: nothing.

/** There is no module without a browser. */
export const load = async () => {
  throw new Error("patchcord: load() needs a browser.");
};
