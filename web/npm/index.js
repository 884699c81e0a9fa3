// `patchcord`: does nothing by being imported, in a browser as in Node. `patchcord/auto` defines the elements at once.

/** Defines <patchcord-call> and <patchcord-callback>; where there are no custom elements, as in Node, it does nothing. */
export const define = async () => {
  if (globalThis.customElements) await import("./patchcord.js");
};

/** Gives the module (`Client`, `resolveEntity`, …), the same one that the elements use. Defines them, too. */
export const load = async () => (await import("./patchcord.js")).load();
