// <patchcord-call>, and its plain button.

import { make } from "./dom.js";
import { Control } from "./element.js";
import { loadPlain, whyDead } from "./module.js";
import { copy, freshKey, readNumber } from "./values.js";

export class CallControl extends Control {
  prefix = "call.";
  mount = "mountCall";
  need = "number";

  build() {
    const { main } = this;
    main.append(make("span.icon"), this.label);
    main.onclick = (event) => this.click(event);
    // A held Enter key clicks again and again.
    main.onkeydown = (event) => {
      // No `&&`: a handler that gives `false` takes every key away.
      if (event.repeat) event.preventDefault();
    };
    return make("div.box call", 0, main, this.second, this.status);
  }

  paint() {
    const { data, main, texts } = this;
    const { disabled, label, number = "", prefill } = this.options();
    const state = this.paintStatus();
    const spoken = number.replace(/;ext=(.*)/, (_, digits) => " " + (texts["call.extension"] ?? "").replace("{extension}", digits));
    const text = (key) => (texts[key] ?? texts["call.label"]).replace("{number}", spoken);
    this.label.textContent = state == "asking" ? text("call.confirm") : (label ?? text(prefill ? "call.prefill" : "call.label"));
    main.disabled = this.problem || disabled;
    if (state == "accepted") {
      this.headline.textContent = texts["state." + data.state] ?? "✓";
      this.advice.textContent = (texts["notice." + data.notice] ?? "").replace("{extension}", readNumber(number)?.extension);
    }
  }

  click({ detail: clicks }) {
    const options = this.options();
    if (this.flight || Date.now() < this.quiet) return;
    if (options.confirm && this.state != "asking") return this.show("asking");
    // The second half of a double click is no answer.
    if (options.confirm && clicks > 1) return;
    const id = freshKey();
    const { number, provider } = options;
    const detail = { id, number: readNumber(number).number, provider };
    try {
      for (const key of ["record", "payload"]) if (options[key]) options[key] = detail[key] = copy(options[key]);
    } catch {
      return this.show("refused", { code: "payload_invalid" });
    }
    if (!this.emit("callrequested", detail)) return this.show("idle");
    const early = (this.early = { ...options, id, at: Date.now() });
    this.cancelled = false;
    this.show("waiting");
    this.want();
    if (whyDead()) return this.goOn();
    setTimeout(() => this.early == early && this.settle("refused", { code: "expired" }), 1e4);
  }

  isIdle() {
    return this.early || (!this.flight && this.state != "asking");
  }

  /** The click that the module takes over, if there is one. */
  handOver() {
    this.show("idle");
    return this.early || undefined;
  }

  /** The module cannot be had: sends a kept click itself. */
  async goOn() {
    const { early } = this;
    this.early = 0;
    if (!early) return;
    const [outcome, data] = await loadPlain().then(
      ({ sendCall }) => sendCall(this, early),
      () => ["refused", { code: "relay_unreachable" }],
    );
    if (outcome != "refused") this.quiet = Date.now() + 3e3;
    this.settle(outcome, data, { call: data.id, state: data.state, provider: data.provider ?? early.provider });
  }
}
