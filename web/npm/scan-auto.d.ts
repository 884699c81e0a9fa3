// Importing it defines <patchcord-scan>; on a server it does nothing.

export type * from './elements.js';
