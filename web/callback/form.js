// The rows of the callback form, for whoever shows them: the plain control, or the module, which takes them over with
// what was typed. The markup is the same for both. Somebody may be filling them in while the page changes what is asked:
// what is still asked stays where it is.

import { make } from "../loader/dom.js";
import { declared, merged } from "./fields.js";

/** A row: a label, an input, what helps and what is wrong. */
export const row = (texts, id, label, input, { hidden, hint = "", name = id, required, topics }) => {
  Object.assign(input, { id, name, required, part: "input" });
  input.setAttribute("aria-describedby", `${id}-hint ${id}-error`);
  const isBox = input.type == "checkbox";
  const words = make("span.label", 0, ...[label].flat());
  const optional = make("small.optional", 0, (!required && texts["callback.optional"]) || "");
  const head = isBox
    ? [make("label.consent", { part: "label" }, input, words)]
    : [make("label", { part: "label", for: id }, words, optional), input];
  const node = make(
    "div.field",
    { part: "field", hidden: hidden ? "" : undefined },
    ...head,
    make("small.hint", { id: id + "-hint", part: "hint" }, hint),
    make("small.wrong", { id: id + "-error", part: "error" }),
  );
  node.topics = topics;
  return node;
};

/** An option of a list. */
export const option = (value, label) => make("option", { value }, label);

/** The input of a field. */
const inputOf = (texts, { autocomplete, max = 500, max_date: last, min_date: first, options = [], type }) => {
  if (type == "select") {
    const select = make("select", { autocomplete }, option("", texts["callback.choose"]));
    select.append(...options.map(({ value, label }) => option(value, label)));
    return select;
  }
  const input = make("input", { autocomplete, type, min: first || undefined, max: last || undefined });
  if (!type || type == "email") input.maxLength = max;
  return input;
};

/** Words, some of which may be links: `[{text, url?}]`. */
const linked = (parts) =>
  parts.map(({ text, url }) => (url ? make("a", { href: url, target: "_blank", rel: "noopener", part: "link" }, text) : text));

/** Whether a visitor has filled an input in. */
const isTyped = ({ checked, defaultChecked, defaultValue, options, type, value }) => {
  if (type == "checkbox") return checked != defaultChecked;
  const given = options ? [...options].find((option) => option.defaultSelected)?.value : defaultValue;
  return value != (given ?? "");
};

/** Puts into an input what the page gives, unless a visitor has filled it in. */
const give = (input, given) => {
  const { checked, options, type, value } = input;
  const isOwn = isTyped(input);
  if (type == "checkbox") {
    input.defaultChecked = given === true;
    input.checked = isOwn ? checked : given === true;
    return;
  }
  const text = given ?? "";
  if (options) for (const option of options) option.defaultSelected = option.value == text;
  else input.defaultValue = text;
  const next = isOwn ? value : text;
  if (input.value != next) input.value = next;
};

/** Puts nodes into a place without moving those that are there already in this order: what is moved loses the focus. */
const put = (place, nodes) => {
  for (const node of [...place.children]) if (!nodes.includes(node)) node.remove();
  nodes.forEach((node, i) => place.children[i] != node && place.insertBefore(node, place.children[i] ?? null));
};

/** Remembers which of the rows' inputs has the focus, and where its caret is; gives what puts both back. */
const heldFocus = (rows) => {
  const root = rows.getRootNode();
  const { activeElement: active } = root;
  if (!active || !rows.contains(active)) return () => {};
  const { name, selectionEnd, selectionStart } = active;
  return () => {
    if (root.activeElement == active) return;
    const input = rows.contains(active) ? active : rows.querySelector(`[name="${name}"]`);
    input?.focus({ preventScroll: true });
    if (selectionStart != null && input?.selectionStart != null) input.setSelectionRange(selectionStart, selectionEnd);
  };
};

/**
 * Puts the rows for a configuration into `host.rows`. A row that asks for the same as before stays as it is; another one
 * gets what was filled in.
 */
export const ask = ({ element, host, texts }, options) => {
  const { config, rows } = host;
  const { consent, region, topics } = config;
  const text = (key) => texts["callback." + key] ?? "";
  const before = new Map([...rows.children].map((node) => [node.said, node]));
  const typed = [...rows.querySelectorAll("[name]")].filter(isTyped);
  const giveFocus = heldFocus(rows);
  /** The row that says this, or a new one. */
  const kept = (said, build) => {
    const key = JSON.stringify(said);
    const node = before.get(key) ?? build();
    // One of two with the same name is one row only.
    before.delete(key);
    node.said = key;
    return node;
  };
  const fields = merged(config, declared(element, options.fields)).map(({ value, ...field }) => {
    const { label, name, required, topics, type } = field;
    const hidden = field.hidden || type == "hidden";
    const node = kept([field, text("optional"), text("choose")], () =>
      row(texts, "fields." + name, label ?? name, inputOf(texts, field), { hidden, required: required && !hidden, topics }),
    );
    give(node.querySelector("[name]"), value);
    return node;
  });
  const hint = text("number.hint." + (options.region ?? region)) || text("number.hint");
  const list = fields.filter(({ topics }) => !topics);
  list.push(
    kept(["number", text("number"), hint], () => {
      const pattern = "\\s*\\+[\\d\\s\\-.\\/\\(\\)]{7,24}";
      const number = make("input", { type: "tel", autocomplete: "tel", pattern, title: hint });
      return row(texts, "number", text("number"), number, { hint, required: true });
    }),
  );
  let choice;
  if (!options.topic && topics[1]) {
    const choices = topics.map(({ topic, label }) => [topic, label]);
    const node = kept(["topic", text("topic"), choices], () => {
      const select = make("select", 0, ...choices.map(([topic, label]) => option(topic, label)));
      return row(texts, "topic", text("topic"), select, { required: true });
    });
    choice = node.querySelector("select");
    list.push(node);
  }
  list.push(...fields.filter(({ topics }) => topics));
  const when = kept("when", () => make("div.when"));
  list.push(when);
  if (consent) {
    // With its version: who has agreed to one text has not agreed to the next one.
    const box = () => make("input", { type: "checkbox", value: consent.version });
    list.push(kept(["consent", consent], () => row(texts, "consent", linked(consent.parts ?? [consent]), box(), { required: true })));
  }
  put(rows, list);
  for (const was of typed) {
    if (rows.contains(was)) continue;
    const input = rows.querySelector(`[name="${was.name}"]`);
    if (input?.type == "checkbox") input.checked = input.value == was.value ? was.checked : input.checked;
    else if (input) input.value = was.value;
    // What a phone field has read of it.
    if (input && was.dataset.number) input.dataset.number = was.dataset.number;
  }
  /** What is asked for one topic only. */
  const follow = () => {
    const name = options.topic ?? choice?.value ?? topics[0]?.topic;
    for (const field of fields) {
      if (!field.topics) continue;
      const input = field.querySelector("[name]");
      input.disabled = !field.topics.includes(name);
      field.hidden = input.disabled || input.type == "hidden";
    }
    const topic = topics.find(({ topic }) => topic == name) ?? {};
    const said = JSON.stringify([topic, options.relay, options.siteKey]);
    if (when.choice == said && when.texts == texts) return;
    Object.assign(when, { choice: said, texts });
    // The time that was chosen, or is about to be.
    host.choose(when, topic, undefined, when.querySelector("[name=at]:enabled")?.value || when.wish);
  };
  if (choice) choice.onchange = follow;
  follow();
  giveFocus();
};
