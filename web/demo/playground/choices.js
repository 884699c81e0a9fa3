// What can be chosen, and the address that says it: whoever opens the same address sees the same.

/** By name: what may be chosen; the first is chosen until somebody says otherwise. */
const WORDS = {
  element: ["callback", "call", "panel"],
  mode: ["inline", "popup", "float", "slide"],
  fields: ["few", "all"],
  theme: ["none", "paper", "harbour", "signal"],
  scheme: ["auto", "light", "dark"],
  density: ["theme", "compact", "comfortable", "roomy"],
  font: ["theme", "page", "system", "serif", "rounded", "mono"],
  lang: ["page", "en", "de", "fr", "es", "ar", "ja"],
  dir: ["auto", "ltr", "rtl"],
  corner: ["bottom-end", "bottom-start", "top-end", "top-start"],
  narrow: ["no", "yes"],
};

/** By name: what it has to look like; by default there is none. */
const VALUES = {
  accent: /^#[0-9a-f]{6}$/,
  radius: /^([01]?\d|2[0-4])$/,
  label: /^.{1,60}$/u,
};

/** The choices of an address; what it says wrongly counts as not said. */
export function readChoices(query) {
  const said = new URLSearchParams(query);
  const choices = {};
  for (const [name, words] of Object.entries(WORDS)) {
    choices[name] = words.includes(said.get(name)) ? said.get(name) : words[0];
  }
  for (const [name, form] of Object.entries(VALUES)) {
    choices[name] = form.test(said.get(name) ?? "") ? said.get(name) : undefined;
  }
  return choices;
}

/** The address of choices, without what goes without saying. */
export function writeChoices(choices) {
  const said = new URLSearchParams();
  for (const name of [...Object.keys(WORDS), ...Object.keys(VALUES)]) {
    const value = choices[name];
    if (value && value !== WORDS[name]?.[0]) said.set(name, value);
  }
  const query = said.toString();
  return query && `?${query}`;
}

/** Whether a choice matters for what is chosen. */
export function matters(what, { element, mode }) {
  if (what === "float") return element === "callback" && mode === "float";
  if (what === "label") return element === "call" || (element === "callback" && mode !== "inline");
  return what === element;
}
