// Patchcord's loader as a static resource: defines <patchcord-call>, in a script that is no module.
//
// `import.meta.url` is what the component (patchcordLoader) says before it loads this: under Lightning Web Security a
// script does not know its own address.

import { CallControl } from "./call.js";
import { define } from "./element.js";
import { useAssets } from "./module.js";

useAssets(new URL("./", import.meta.url));

define("patchcord-call", CallControl);
