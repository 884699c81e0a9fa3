// The rows of the callback form, for whoever shows them: the plain control, or the module, which takes them over with
// what was typed. The markup is the same for both.

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
const inputOf = (texts, { autocomplete, max = 500, max_date: last, min_date: first, options = [], type, value }) => {
  if (type == "select") {
    const select = make("select", { autocomplete }, option("", texts["callback.choose"]));
    select.append(...options.map(({ value, label }) => option(value, label)));
    select.value = value ?? "";
    return select;
  }
  const input = make("input", { autocomplete, type, min: first || undefined, max: last || undefined });
  if (type == "checkbox") input.defaultChecked = value === true;
  else input.defaultValue = value ?? "";
  if (!type || type == "email") input.maxLength = max;
  return input;
};

/** Words, some of which may be links: `[{text, url?}]`. */
const linked = (parts) =>
  parts.map(({ text, url }) => (url ? make("a", { href: url, target: "_blank", rel: "noopener", part: "link" }, text) : text));

/** Whether a visitor has filled an input in. */
const isTyped = ({ checked, defaultChecked, defaultValue = "", type, value }) =>
  type == "checkbox" ? checked != defaultChecked : value != defaultValue;

/** Puts the rows for a configuration into `host.rows`, with what was filled in before. */
export const ask = ({ element, host, texts }, options) => {
  const { config, rows } = host;
  const { consent, region, topics } = config;
  const text = (key) => texts["callback." + key] ?? "";
  const typed = [...rows.querySelectorAll("[name]")].filter(isTyped);
  const fields = merged(config, declared(element, options.fields)).map((field) => {
    const { label, name, required, topics, type } = field;
    const hidden = field.hidden || type == "hidden";
    return row(texts, "fields." + name, label ?? name, inputOf(texts, field), { hidden, required: required && !hidden, topics });
  });
  const hint = text("number.hint." + (options.region ?? region)) || text("number.hint");
  const number = make("input", { type: "tel", autocomplete: "tel", pattern: "\\s*\\+[\\d\\s\\-.\\/\\(\\)]{7,24}", title: hint });
  const list = fields.filter(({ topics }) => !topics);
  list.push(row(texts, "number", text("number"), number, { hint, required: true }));
  let choice;
  if (!options.topic && topics[1]) {
    choice = make("select", 0, ...topics.map(({ topic, label }) => option(topic, label)));
    list.push(row(texts, "topic", text("topic"), choice, { required: true }));
  }
  list.push(...fields.filter(({ topics }) => topics));
  const when = make("div.when");
  list.push(when);
  if (consent) {
    const words = linked(consent.parts ?? [consent]);
    list.push(row(texts, "consent", words, make("input", { type: "checkbox" }), { required: true }));
  }
  rows.replaceChildren(...list);
  for (const { checked, dataset, name, value } of typed) {
    const input = rows.querySelector(`[name="${name}"]`);
    if (input?.type == "checkbox") input.checked = checked;
    else if (input) input.value = value;
    // What a phone field has read of it.
    if (input && dataset.number) input.dataset.number = dataset.number;
  }
  /** What is asked for one topic only. */
  const follow = () => {
    const name = options.topic ?? choice?.value ?? topics[0]?.topic;
    for (const field of fields) {
      if (field.topics) field.hidden = field.querySelector("[name]").disabled = !field.topics.includes(name);
    }
    host.choose(when, topics.find(({ topic }) => topic == name) ?? {});
  };
  if (choice) choice.onchange = follow;
  follow();
};
