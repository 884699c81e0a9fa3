// Loads the static resource, which defines <patchcord-call>: once for all components of the page.

import PATCHCORD from "@salesforce/resourceUrl/patchcord";
import { loadScript } from "lightning/platformResourceLoader";

let loading;

/** @returns {Promise<void>} rejects where the page does not let it work: without Lightning Web Security, for example */
export function loadPatchcord(component) {
    loading ??= load(component).catch((error) => {
        // Asked for again by the next component.
        loading = undefined;
        throw error;
    });
    return loading;
}

async function load(component) {
    const address = `${PATCHCORD}/patchcord.js`;
    // The script asks this: under Lightning Web Security it does not know where it comes from.
    window.patchcordAt = new URL(address, window.location.href).href;
    await loadScript(component, address);
    if (!window.customElements?.get("patchcord-call")) {
        throw new Error("The page does not let a custom element be defined.");
    }
}
