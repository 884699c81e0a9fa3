// <patchcord-call>, and its plain button.

import { make } from "./dom.js";
import { Control } from "./element.js";
import { loadPlain } from "./module.js";
import { copy, freshKey, readNumber } from "./values.js";

export class CallControl extends Control {
  prefix = "call.";
  need = "number";
  /** Of what another phone gets around, what can happen while nothing else is loaded. The rest: around.js. */
  around = /^(rel|exp)/;

  build() {
    const { main } = this;
    main.append(make("span.icon"), this.label);
    main.onclick = (event) => this.click(event);
    // A held Enter key clicks again and again.
    main.onkeydown = ({ repeat }) => !repeat;
    return make("div.box call", 0, main, this.second, this.status);
  }

  paint() {
    const { main, texts } = this;
    const { disabled, label, number = "", prefill } = this.options();
    const state = this.paintStatus();
    const spoken = number.replace(/;ext=(.*)/, (_, digits) => " " + (texts["call.extension"] ?? "").replace("{extension}", digits));
    const text = (key) => (texts[key] ?? texts["call.label"]).replace("{number}", spoken);
    this.label.textContent = state == "asking" ? text("call.confirm") : (label ?? text(prefill ? "call.prefill" : "call.label"));
    main.disabled = this.problem || disabled;
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
    if (this.reverted) return this.goOn();
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
  goOn() {
    const { early } = this;
    this.early = 0;
    if (!early) return;
    loadPlain().then(
      ({ sendCall }) => sendCall(this, early),
      () => this.settle("refused", { code: "relay_unreachable" }),
    );
  }

  /** Where nothing else is left, and the page wants it: a link, which a person may use. */
  emit(name, detail) {
    const { code, number } = detail;
    this.resort?.remove();
    if (name == "callrefused" && this.options().fallback == "tel" && this.around.test(code)) {
      this.resort = make("a", { href: "tel:" + number, part: "fallback" }, this.texts["call.fallback"] ?? number);
      this.place.querySelector(".status").append(this.resort);
    }
    return super.emit(name, detail);
  }
}
