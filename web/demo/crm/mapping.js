// The entity mapping: which field is dialled and what travels with the call.

import { defaultMapping, phoneFields } from "./records.js";

/** How long the buttons wait for the module before they work without a payload, in ms. */
const PATIENCE = 1000;

const defaultText = JSON.stringify(defaultMapping, null, 2);
const editor = document.querySelector("#mapping-text");
const status = document.querySelector("#mapping-status");
const output = document.querySelector("#mapping-result");
const target = document.querySelector("#mapping-target");
const reset = document.querySelector("#mapping-reset");

// `loading` (buttons wait), `ready` (resolveEntity is there) or `missing` (numbers only).
let state = { name: "loading" };
// The last mapping that could be used: a half-typed one does not disturb the buttons.
let mapping = defaultMapping;

/**
 * Starts the panel. `changed` is called whenever numbers or payloads may be different, `shown`
 * returns the record whose result the panel shows.
 */
export function startMapping({ changed, shown }) {
  const refresh = () => {
    read(shown());
    changed();
  };
  editor.value = defaultText;
  editor.addEventListener("input", refresh);
  reset.addEventListener("click", () => {
    editor.value = defaultText;
    refresh();
  });
  const become = (next) => {
    state = next;
    refresh();
  };
  const patience = setTimeout(() => become({ name: "missing", reason: "slow" }), PATIENCE);
  loadModule()
    .then(({ resolveEntity }) => become({ name: "ready", resolveEntity }))
    .catch((error) => become({ name: "missing", reason: "refused", error }))
    .finally(() => clearTimeout(patience));
  refresh();
}

/** The module's functions come from the loader, which the elements share. */
async function loadModule() {
  const { load } = await import("__RELAY__/patchcord.js");
  return load();
}

/** `{number, payload, waiting}` for a record, under the mapping as it stands. */
export function resolve(record) {
  const number = phoneFields.map((name) => record.fields[name]).find((text) => text?.trim());
  if (state.name !== "ready") {
    return { number, payload: undefined, waiting: state.name === "loading" };
  }
  return { ...state.resolveEntity(mapping, record.type, record.fields), waiting: false };
}

/** The panel for `record`; called again when another one is selected. */
export function read(record) {
  target.textContent = `${record.fields.Name} (${record.type})`;
  editor.readOnly = state.name !== "ready";
  const fault = state.name === "ready" ? takeMapping(record) : null;
  editor.setAttribute("aria-invalid", String(fault !== null));
  const { number, payload } = resolve(record);
  output.textContent =
    state.name === "ready"
      ? JSON.stringify({ number: number ?? null, payload }, null, 2)
      : JSON.stringify({ number: number ?? null }, null, 2);
  const [tone, text] = fault === null ? message(number) : ["bad", fault];
  status.dataset.tone = tone;
  if (status.textContent !== text) {
    status.textContent = text;
  }
}

function message(number) {
  switch (state.name) {
    case "loading":
      return ["wait", "Loading the module…"];
    case "ready":
      return number
        ? ["good", "Valid. The buttons use it now."]
        : ["wait", "Valid, but it finds no number in this record."];
    default:
      return [
        "bad",
        state.reason === "slow"
          ? "The module is slow to load. Until it is there, the buttons dial the first number " +
            "of a record and send no payload."
          : "The module cannot be loaded here. The buttons dial the first number of a record " +
            "and send no payload.",
      ];
  }
}

/** Takes the text over if it is a usable mapping. Returns what is wrong, or null. */
function takeMapping(record) {
  let candidate;
  try {
    candidate = JSON.parse(editor.value);
  } catch (error) {
    return `Not valid JSON, the last valid mapping stays in use. ${error.message}`;
  }
  try {
    state.resolveEntity(candidate, record.type, record.fields);
  } catch (error) {
    return `Not a mapping, the last valid one stays in use. ${error?.message ?? error}`;
  }
  mapping = candidate;
  return null;
}
