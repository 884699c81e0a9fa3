// Importing it defines <patchcord-call> and <patchcord-callback>; on a server it does nothing.

export type * from './elements.js';
export { load } from './index.js';
