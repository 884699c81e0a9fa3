// The entity mapping: which field is dialled and what travels with the call.

import { defaultMapping, phoneFields } from "./records.js";

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
  loadModule()
    .then(({ resolveEntity }) => become({ name: "ready", resolveEntity }))
    .catch((error) => {
      console.warn("Patchcord's module cannot be loaded:", error);
      become({ name: "missing" });
    });
  refresh();
}

/** The module's functions come from the loader, which the elements share. */
async function loadModule() {
  const { load } = await import("__RELAY__/patchcord.js");
  return load();
}

/**
 * What a button needs for a record, under the mapping as it stands: `{number, payload, waiting}`,
 * and `fault` where the mapping cannot be used for it.
 */
export function resolve(record) {
  if (state.name !== "ready") {
    const filled = phoneFields.find((name) => record.fields[name]?.trim());
    return { number: record.fields[filled], waiting: state.name === "loading" };
  }
  try {
    return { ...state.resolveEntity(mapping, record.type, record.fields), waiting: false };
  } catch (error) {
    return { waiting: false, fault: String(error?.message ?? error) };
  }
}

/** The panel for `record`; called again when another one is selected. */
export function read(record) {
  target.textContent = `${record.fields.Name} (${record.type})`;
  editor.readOnly = state.name !== "ready";
  const mistake = takeMapping();
  const { number, payload, fault } = resolve(record);
  output.textContent = JSON.stringify({ number: number ?? null, payload }, null, 2);
  const [tone, text] = verdict({ mistake, fault, number });
  editor.setAttribute("aria-invalid", String(Boolean(mistake ?? fault)));
  status.dataset.tone = tone;
  if (status.textContent !== text) {
    status.textContent = text;
  }
}

function verdict({ mistake, fault, number }) {
  if (state.name === "loading") {
    return ["wait", "Loading the module…"];
  }
  if (state.name === "missing") {
    return [
      "bad",
      "The module cannot be loaded here, so the buttons dial a record's first number and send no payload.",
    ];
  }
  if (mistake) {
    return ["bad", `Not valid JSON; the last valid mapping stays in use. ${mistake}`];
  }
  if (fault) {
    return ["bad", `This record cannot be called. ${fault}`];
  }
  return number
    ? ["good", "Valid, and in use."]
    : ["wait", "Valid, but it finds no number in this record."];
}

/** Takes the text over if it is JSON. Returns what is wrong with it, or null. */
function takeMapping() {
  try {
    mapping = JSON.parse(editor.value);
    return null;
  } catch (error) {
    return error.message;
  }
}
