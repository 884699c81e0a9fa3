// Patchcord's number engine and phone field for a page of its own: nothing is fetched before it is asked for.

// The build replaces `dev` by a hash of what is in there.
const assets = new URL("./assets/dev/", import.meta.url);
const asset = (file) => import(new URL(file, assets).href);

/**
 * The number engine: `{read, check, type, regions}`, see docs/numbers.md.
 * @returns {Promise<object>}
 */
export const load = async () => (await asset("numbers.js")).load();

/**
 * Makes a phone field of an input.
 * @param {HTMLInputElement} input
 * @param {{lang?: string, region?: string, texts?: Record<string, string>}} [options]
 */
export const enhance = async (input, options = {}) => (await asset("field.js")).enhance(input, options);
