// <patchcord-callback>: the frame of its plain form. What is in it comes with plain.js and the relay's answer.

import { make } from "./dom.js";
import { Control } from "./element.js";
import { loadPlain, loadProof, loadStyle, once } from "./module.js";

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
    // Early, so that nobody waits for it. What goes wrong is told when the form is sent.
    const begin = () => this.host.proof?.().catch(() => {});
    this.element.addEventListener("focusin", begin, { once: true });
    this.element.addEventListener("callbackrefused", begin);
    return make("div.box callback", 0, this.form, this.done);
  }

  /** Asks the relay what the form has to ask. */
  refresh() {
    if (this.problem || this.flight || !this.host.texts) return;
    loadPlain().then(
      ({ fill, submit }) => {
        this.submit = () => submit(this);
        fill(this, once, loadStyle);
      },
      () => this.show("refused", { code: "relay_unreachable" }),
    );
  }

  /** The form has to bring a proof of work; `get` asks the relay with its key. */
  proveWith(get) {
    this.host.proof = get ? async (id) => (await loadProof()).prove(get, id) : undefined;
  }

  paint() {
    const { done, form, main, rows } = this;
    const state = this.paintStatus();
    this.label.textContent = this.texts["callback.submit"];
    rows.hidden = main.hidden = !this.host.config || state == "invalid";
    form.hidden = state == "accepted";
    done.hidden = !form.hidden;
  }

  /** Not while someone is typing, and not before the relay has said what to ask. */
  isIdle() {
    return this.host.config && !this.flight && this.state == "idle" && !this.form.contains(this.root.activeElement);
  }

  /** What is filled in, by the names of the form's fields. */
  handOver() {
    const fields = Object.fromEntries(new FormData(this.form));
    // As it is called, which needs no phone field to be read.
    fields.number = this.form.number.dataset.number ?? fields.number;
    return { fields };
  }
}
