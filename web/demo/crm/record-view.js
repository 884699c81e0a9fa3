// The selected record: who it is, the call buttons, all its fields.

import { callButton, place, readable } from "./calls.js";
import { make } from "./dom.js";
import { resolve } from "./mapping.js";

const panel = document.querySelector("#record");
const providers = [
  ["samespace", "Samespace"],
  ["babelforce", "babelforce"],
];
// Kept for each record, so that a running call is still there when its record is shown again.
const kept = new Map();

/** Shows a record in the detail pane. */
export function show(record) {
  const view = kept.get(record.id) ?? build(record);
  kept.set(record.id, view);
  if (panel.firstElementChild !== view.body) {
    panel.replaceChildren(view.body);
  }
  view.refresh();
}

function build(record) {
  const { Name: name, Company: company, Title: title } = record.fields;
  const slots = providers.map(([provider, label]) => ({
    button: callButton(record, { provider, label: `Call with ${label}` }),
    holder: make("div", { class: "slot" }),
  }));
  const dials = make("p", { class: "dials" });
  const body = make(
    "div",
    {},
    make(
      "header",
      { class: "who" },
      make("span", { class: "face", "aria-hidden": "true" }, initials(name)),
      make(
        "div",
        {},
        make("h2", { id: "record-name", tabindex: -1 }, name),
        make("p", {}, [title, company ?? record.fields.Industry].filter(Boolean).join(", ")),
      ),
      make("span", { class: "kind", "data-kind": record.type }, record.type),
    ),
    dials,
    make("div", { class: "calls" }, ...slots.map(({ holder }) => holder)),
    make(
      "div",
      { class: "fields", role: "group", "aria-label": "Fields", tabindex: 0 },
      make("dl", {}, ...Object.entries(record.fields).flatMap(([key, value]) => field(key, value))),
    ),
  );
  const refresh = () => {
    const entity = resolve(record);
    dials.textContent = entity.number ? `Dials ${readable(entity.number)}` : "There is no number to dial.";
    // One "no number" is enough: the line above says it.
    for (const { button, holder } of slots) {
      holder.hidden = !entity.number;
      place(button, holder, entity);
    }
  };
  return { body, refresh };
}

function initials(name) {
  return name
    .split(" ")
    .slice(0, 2)
    .map(([letter]) => letter)
    .join("");
}

function field(key, value) {
  const label = key.replace(/__c$/, "").replaceAll("_", " ").replace(/(?<=[a-z])(?=[A-Z])/g, " ");
  return [make("dt", {}, label, make("code", {}, key)), make("dd", {}, shown(value))];
}

/** A field's value, nested as deep as it is. */
function shown(value) {
  if (value === null || value === "" || (Array.isArray(value) && value.length === 0)) {
    return make("span", { class: "none" }, "none");
  }
  if (Array.isArray(value)) {
    return make("ul", {}, ...value.map((item) => make("li", {}, shown(item))));
  }
  if (typeof value === "object") {
    const pairs = Object.entries(value).map(([key, inner]) =>
      make("li", {}, make("span", { class: "key" }, `${key} `), shown(inner)),
    );
    return make("ul", { class: "pairs" }, ...pairs);
  }
  return typeof value === "number" ? value.toLocaleString("en-GB") : String(value);
}
