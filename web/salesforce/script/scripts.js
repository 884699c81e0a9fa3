// Every script that the loader would import by its address. Lightning Web Security reads a static resource and runs it as
// a text, from where nothing can be imported: they are all in the one script that this ends up in.

import * as hand from "./hand.js";
import * as numbers from "./numbers.js";
import * as widget from "./patchcord_widget.js";
import * as plain from "./plain.js";

const scripts = { "hand.js": hand, "numbers.js": numbers, "patchcord_widget.js": widget, "plain.js": plain };

/** @returns {Promise<object>} the script of this name. The build puts this in the place of the loader's imports. */
export const script = async (name) => scripts[name];
