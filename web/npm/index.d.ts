export type * from './elements.js';

/** What the module exports: `Client` and `resolveEntity` for an interface of your own, and what the elements use. */
export type PatchcordModule = typeof import('./assets/patchcord_widget.js');

/**
 * Defines `<patchcord-call>` and `<patchcord-callback>`. Does nothing where there are no custom elements (Node, a
 * server's rendering), or where they are defined already.
 *
 * A framework sets properties such as `payload` of elements that are defined: wait for it before the first rendering,
 * or import `patchcord/auto`.
 */
export function define(): Promise<void>;

/**
 * Loads the module, once: the elements of the page share it, and are defined by it, too. Rejects where WebAssembly is
 * refused (the elements then work in their plain form) and where there is no browser.
 */
export function load(): Promise<PatchcordModule>;
