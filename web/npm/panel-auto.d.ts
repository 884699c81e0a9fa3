// Importing it defines <patchcord-panel>; on a server it does nothing.

export type * from './elements.js';
export { load } from './panel.js';
