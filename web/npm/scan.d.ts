export type * from './elements.js';

/** Defines `<patchcord-scan>`. Does nothing where there are no custom elements, or where it is defined already. */
export function define(): Promise<void>;
