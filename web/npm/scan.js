// `patchcord/scan`: does nothing by being imported. `patchcord/scan/auto` defines the element at once.

/** Defines <patchcord-scan>; where there are no custom elements it does nothing. */
export const define = async () => {
  if (globalThis.customElements) await import("./patchcord-scan.js");
};
