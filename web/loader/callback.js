// <patchcord-callback>, and its plain form: the browser itself checks what is filled in.

import { Control, copy, make, readNumber } from "./element.js";
import { loadStyle, once } from "./module.js";
import { askFor, deliver, freshKey } from "./relay.js";

export class CallbackControl extends Control {
  prefix = "callback.";
  mount = "mountCallback";
  need = "site-key";

  build() {
    this.main.append(this.label);
    this.rows = make("div.rows");
    this.form = make("form", { part: "form" }, this.rows, this.main, this.second, this.status);
    this.done = make("div.done", { part: "status", tabindex: -1 });
    this.form.onsubmit = (event) => {
      event.preventDefault();
      this.submit();
    };
    return make("div.box callback", 0, this.form, this.done);
  }

  /** Asks the relay what the form has to ask. */
  async refresh() {
    const { host } = this;
    const { relay, siteKey } = this.options();
    const at = relay + " " + siteKey;
    if (this.problem || this.flight || !host.texts) return;
    try {
      const config = await once(at, () => askFor(relay + "/v1/config", { "Patchcord-Key": siteKey }));
      await loadStyle();
      if (host.config == config) return;
      host.config = config;
      this.ask(config);
      this.show("idle");
      this.swap();
    } catch (problem) {
      if (this.asked != at) this.complain(problem);
      this.show("refused", problem);
    }
    this.asked = at;
  }

  /** Builds the fields. */
  ask({ consent, fields = [], region, topics = [] }) {
    const { texts } = this;
    const options = this.options();
    const text = (key) => texts["callback." + key] ?? "";
    const row = (label, required, name, input, hint = "") => {
      input.name = name;
      input.required = required;
      input.part = "input";
      const optional = required ? "" : make("small", 0, " " + text("optional"));
      return make("label.field", { part: "label" }, make("span", 0, label, optional), input, make("small.hint", 0, hint));
    };
    const rows = fields
      .filter(({ name, required }) => required || !options.fields || options.fields.split(/[ ,]+/).includes(name))
      .map(({ label, max, name, required }) =>
        row(label, required, "fields." + name, make("input", { maxlength: max, autocomplete: /^(name|email)$/.test(name) ? name : "on" })));
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
    this.rows.replaceChildren(...rows);
  }

  paint() {
    const { data, done, form, main, rows, texts } = this;
    const state = this.paintStatus();
    this.label.textContent = texts["callback.submit"];
    rows.hidden = main.hidden = !this.host.config || state == "invalid";
    form.hidden = state == "accepted";
    done.hidden = !form.hidden;
    if (form.hidden) {
      const text = (key, name) => (texts["callback." + key] ?? "").replace(`{${name}}`, data[name]);
      done.replaceChildren(
        make("b", 0, text(data.state == "handed_over" ? "passed" : "queued")),
        make("span", 0, text("queued.number", "number")),
        make("span", 0, text("reference", "reference")),
      );
    }
  }

  /** What is filled in, by the names of the form's fields. */
  values() {
    return Object.fromEntries(new FormData(this.form));
  }

  async submit() {
    const { config } = this.host;
    const { payload, relay, siteKey, topic } = this.options();
    const values = this.values();
    const number = readNumber(values.number);
    if (this.flight) return;
    if (!number) return this.show("refused", { code: "invalid_number" });
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
      return this.show("refused", { code: "payload_invalid" });
    }
    // The same request goes out under the same key, so that sending it again does not count twice.
    if (this.last != text) this.key = freshKey();
    this.last = text;
    const detail = { id: this.key, ...number, provider: undefined, payload: copy(payload) };
    if (!this.emit("callbackrequested", detail)) return;
    this.cancelled = false;
    this.show("waiting");
    const headers = () => ({ "Patchcord-Key": siteKey });
    const [outcome, data] = await deliver(this, Date.now(), relay + "/v1/callbacks", headers, this.key, body);
    if (outcome != "unknown") this.last = 0;
    const { at, reference } = data;
    this.settle(outcome, { ...number, ...data }, { at, reference });
    if (outcome == "accepted") this.done.focus();
  }

  /** Not while someone is typing, and not before the relay has said what to ask. */
  isIdle() {
    return this.host.config && !this.flight && this.state == "idle" && !this.form.contains(this.root.activeElement);
  }

  handOver() {
    return { fields: this.values() };
  }
}
