// What the plain controls send with, and what is in the plain form. Loaded where there is a form, and where the
// module cannot be used. Shares no state with the loader: a control brings what is needed.

import { make } from "./dom.js";
import { agentHeaders, askFor, deliver } from "./relay.js";
import { copy, freshKey, readNumber } from "./values.js";

/** Sends a kept click: `[outcome, data]`. */
export const sendCall = (control, early) => {
  const { at, callerId, id, number, payload, prefill, provider, record, relay } = early;
  return deliver(control, at, relay + "/v1/calls", () => agentHeaders(early), id, {
    ...readNumber(number),
    provider,
    caller_id: callerId,
    prefill: prefill || undefined,
    record,
    payload,
  });
};

/** Asks the relay what a form has to ask, once for each key, and builds its fields. */
export const fill = async (control, once, loadStyle) => {
  const { host } = control;
  const { relay, siteKey } = control.options();
  const at = relay + " " + siteKey;
  try {
    const get = (what) => askFor(relay + "/v1/" + what, { "Patchcord-Key": siteKey });
    const config = await once(at, async () => prepare(await get("config")));
    await loadStyle();
    if (host.config == config) return;
    if (!host.config) watchNumber(control);
    host.config = config;
    control.proveWith(config.proof && get);
    ask(control, config);
    control.show("idle");
    control.swap();
  } catch (problem) {
    if (control.asked != at) control.complain(problem);
    control.show("refused", problem);
  }
  control.asked = at;
};

/** Makes a phone field of the number's input once somebody goes to it, in this form or in the module's. */
const watchNumber = (control) =>
  control.root.addEventListener("focusin", async ({ target }) => {
    // Where WebAssembly is refused there is no engine either.
    if (target.type != "tel" || control.reverted) return;
    const { lang, region = control.host.config.region } = control.options();
    try {
      const { enhance } = await import(new URL("field.js", import.meta.url));
      await enhance(target, { lang, region });
      // Without it the input takes a number with + and the country code, as its hint says.
    } catch {}
  });

/** Says of each field what both forms need to know: what the browser may fill in, and whether it is hidden. */
const prepare = (config) => {
  const { fields, honeypot } = config;
  for (const field of fields) {
    const { name } = field;
    field.autocomplete = { company: "organization", email: name, name }[name] ?? "on";
  }
  // Whoever fills in what nobody can see is no person.
  if (honeypot) fields.push({ autocomplete: "off", hidden: true, label: honeypot, name: honeypot });
  return config;
};

/** Builds the fields. */
const ask = (control, { consent, fields, region, topics }) => {
  const { texts } = control;
  const options = control.options();
  const text = (key) => texts["callback." + key] ?? "";
  const row = (label, required, name, input, hint = "", hidden) => {
    input.name = name;
    input.required = required;
    input.part = "input";
    const optional = required ? "" : make("small", 0, " " + text("optional"));
    return make("label.field", { hidden, part: "label" }, make("span", 0, label, optional), input, make("small.hint", 0, hint));
  };
  const rows = fields
    .filter(({ hidden, name, required }) => hidden || required || !options.fields || options.fields.split(/[ ,]+/).includes(name))
    .map(({ autocomplete, hidden, label, max, name, required }) =>
      row(label, required, "fields." + name, make("input", { autocomplete, maxlength: max }), "", hidden));
  const hint = text("number.hint." + (options.region ?? region)) || text("number.hint");
  rows.push(row(text("number"), true, "number", make("input", { type: "tel", autocomplete: "tel", pattern: "\\s*\\+[\\d\\s\\-.\\/\\(\\)]{7,24}", title: hint }), hint));
  if (!options.topic && topics[1]) {
    const choice = topics.map(({ topic, label }) => make("option", { value: topic }, label));
    rows.push(row(text("topic"), true, "topic", make("select", 0, ...choice)));
  }
  if (consent) {
    const box = make("input", { type: "checkbox", name: "consent", required: "" });
    rows.push(make("label.consent", { part: "label" }, box, make("span", 0, consent.text)));
  }
  control.rows.replaceChildren(...rows);
};

/** Sends what is filled in; the browser itself has checked that nothing is missing. */
export const submit = async (control) => {
  const { config, proof } = control.host;
  const { payload, relay, siteKey, topic } = control.options();
  const values = Object.fromEntries(new FormData(control.form));
  const number = readNumber(control.form.number.dataset.number ?? values.number);
  if (control.flight) return;
  if (!number) return control.show("refused", { code: "invalid_number" });
  const fields = {};
  for (const name in values) if (values[name] && name.startsWith("fields.")) fields[name.slice(7)] = values[name];
  const body = {
    ...number,
    topic: topic ?? values.topic ?? config.topics[0].topic,
    fields,
    payload,
    consent: config.consent ? { version: config.consent.version, given: true } : undefined,
    page: location.origin + location.pathname,
  };
  let text;
  try {
    text = JSON.stringify(body);
  } catch {
    return control.show("refused", { code: "payload_invalid" });
  }
  // The same request goes out under the same key, so that sending it again does not count twice.
  if (control.last != text) control.key = freshKey();
  control.last = text;
  const detail = { id: control.key, ...number, provider: undefined, payload: copy(payload) };
  if (!control.emit("callbackrequested", detail)) return;
  control.cancelled = false;
  control.show("waiting");
  const headers = async () => {
    body.proof = await proof?.(control.key);
    return { "Patchcord-Key": siteKey };
  };
  const [outcome, data] = await deliver(control, Date.now(), relay + "/v1/callbacks", headers, control.key, body);
  if (outcome != "unknown") control.last = 0;
  const { at, reference } = data;
  if (outcome == "accepted") thank(control, { ...number, ...data });
  control.settle(outcome, data, { at, reference });
  if (outcome == "accepted") control.done.focus();
};

/** The screen after success. */
const thank = ({ done, texts }, data) => {
  const text = (key, name) => (texts["callback." + key] ?? "").replace(`{${name}}`, data[name]);
  done.replaceChildren(
    make("b", 0, text(data.state == "handed_over" ? "passed" : "queued")),
    make("span", 0, text("queued.number", "number")),
    make("span", 0, text("reference", "reference")),
  );
};
