// Patchcord's loader: defines <patchcord-call> and <patchcord-callback>.
//
// Shows plain controls at once; they work by themselves. Fetches the WebAssembly module when an element is
// near, and hands over to it between two clicks. What the parts owe each other: docs/contract.md.
//
// Every visitor downloads this before anything else: it has 4 kB, so it says everything once, and what the
// plain controls send with is a file of its own (plain.js).

import { CallbackControl } from "./callback.js";
import { CallControl } from "./call.js";
import { define } from "./element.js";
import { loadHand, useAssets } from "./module.js";

// The build replaces `dev` by a hash of what is in there.
useAssets(new URL("./assets/dev/", import.meta.url));

define("patchcord-call", CallControl);
define("patchcord-callback", CallbackControl);

/** Gives the module's namespace (`Client`, `resolveEntity`, …), from the one import that all elements share. */
export const load = async () => (await loadHand()).load();
