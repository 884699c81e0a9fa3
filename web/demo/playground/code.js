// The code for what is chosen, in coloured pieces: `[kind, text]`.

import { matters } from "./choices.js";

const RELAY = "__RELAY__";

const DENSITY = { compact: "0.75", comfortable: "1", roomy: "1.25" };
const FONT = {
  system: "system-ui, sans-serif",
  serif: 'Georgia, "Times New Roman", serif',
  rounded: "ui-rounded, Quicksand, system-ui, sans-serif",
  mono: 'ui-monospace, "Cascadia Mono", "Liberation Mono", monospace',
};
/** Distances from the edges, start and end of each direction. */
const CORNER = {
  "bottom-start": { inline: "1.25rem auto" },
  "top-end": { block: "1.25rem auto" },
  "top-start": { block: "1.25rem auto", inline: "1.25rem auto" },
};

/** Everything that goes into a page: the script, the theme, what is set, and the element. */
export function codeOf(choices) {
  const name = `patchcord-${choices.element}`;
  const script = choices.element === "panel" ? "patchcord-panel.js" : "patchcord.js";
  const code = [
    ...open("script", { type: "module", async: true, src: `${RELAY}/${script}` }),
    ...close("script"),
  ];
  if (choices.theme !== "none") {
    code.push(...open("link", { rel: "stylesheet", href: `${RELAY}/themes/${choices.theme}.css` }), ["", "\n"]);
  }
  const set = propertiesOf(choices);
  if (set.length > 0) code.push(...open("style", {}), ["", "\n"], ...rule(name, set), ...close("style"));
  code.push(["", "\n"], ...open(name, attributesOf(choices)), ...close(name));
  return code;
}

/** The custom properties that say what the theme does not. */
function propertiesOf({ element, mode, theme, accent, radius, density, font, corner }) {
  const set = [];
  if (accent) set.push(["--patchcord-accent", accent], ...(theme === "none" ? [] : [["--patchcord-on-accent", "initial"]]));
  if (radius) set.push(["--patchcord-radius", `${radius}px`]);
  if (density !== "theme") set.push(["--patchcord-density", DENSITY[density]]);
  // A page that says nothing has the font of a typewritten letter.
  const face = FONT[font === "theme" && theme === "none" ? "system" : font];
  if (face) set.push(["--patchcord-font", face]);
  else if (font === "page" && theme !== "none") set.push(["--patchcord-font", "initial"]);
  if (matters("float", { element, mode })) {
    for (const [axis, value] of Object.entries(CORNER[corner] ?? {})) set.push([`--patchcord-corner-${axis}`, value]);
  }
  return set;
}

function attributesOf(choices) {
  const { element, mode, fields, scheme, lang, dir, label } = choices;
  const own = {
    callback: { "site-key": fields === "all" ? "pk_demo_full" : "pk_demo", mode: mode === "inline" ? undefined : mode },
    call: { number: "+493023125100", provider: "samespace", "session-url": "/crm/assertion" },
    panel: { provider: "babelforce", "session-url": "/crm/assertion" },
  }[element];
  return {
    ...own,
    label: matters("label", choices) ? label : undefined,
    theme: scheme === "auto" ? undefined : scheme,
    lang: lang === "page" ? undefined : lang,
    dir: dir === "auto" ? undefined : dir,
  };
}

function open(name, attributes) {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  // More than fit into a line stand below each other.
  const many = given.length > 3;
  const code = [["mark", "<"], ["tag", name]];
  for (const [key, value] of given) {
    code.push(["", many ? "\n  " : " "], ["name", key]);
    if (value !== true) code.push(["mark", "="], ["value", `"${escaped(value)}"`]);
  }
  return [...code, ["", many ? "\n" : ""], ["mark", ">"]];
}

function close(name) {
  return [["mark", "</"], ["tag", name], ["mark", ">"], ["", "\n"]];
}

function rule(name, set) {
  return [
    ["", "  "], ["tag", name], ["mark", " {"], ["", "\n"],
    ...set.flatMap(([key, value]) => [["", "    "], ["name", key], ["mark", ": "], ["value", value], ["mark", ";"], ["", "\n"]]),
    ["", "  "], ["mark", "}"], ["", "\n"],
  ];
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
