// `patchcord/panel`: does nothing by being imported. `patchcord/panel/auto` defines the element at once.

/** Defines <patchcord-panel>; where there are no custom elements it does nothing. */
export const define = async () => {
  if (globalThis.customElements) await import("./patchcord-panel.js");
};

/** Gives a module of the panel; `patchcord_direct` has the class `Samespace`. Defines the element, too. */
export const load = async (name) => (await import("./patchcord-panel.js")).load(name);
