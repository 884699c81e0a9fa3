// <patchcord-callback>: the button of a form that is not in the page, and the frame of the form. What is in it comes
// with plain.js.

import { make } from "./dom.js";
import { Control } from "./element.js";
import { loadPlain } from "./module.js";

export class CallbackControl extends Control {
  static methods = {
    show() {
      this.setAttribute("open", "");
    },
    hide() {
      this.removeAttribute("open");
    },
  };
  prefix = "callback.";
  need = "site-key";

  build() {
    this.form = make("form", { part: "form" }, this.status);
    this.trigger = make("button", { part: "trigger", type: "button" });
    this.trigger.onclick = () => this.element.show();
    this.root.append(this.trigger);
    return make("div.box callback", 0, this.form);
  }

  constructor(element) {
    super(element);
    // Who goes through the page by keys comes from far away in one step.
    addEventListener("keydown", () => this.changed((this.isSeen = true)), { once: true });
  }

  /** Of a form that is far there is nothing yet; what is at the page's edge is seen wherever the element is. */
  isFar() {
    return !this.isSeen && !this.element.matches("[open],[mode=float],[mode=slide]");
  }

  /** Has there be what has to be: of a form that is closed only its button, until somebody comes to that. */
  refresh() {
    const { plain, problem, texts, trigger } = this;
    const { label, mode = "inline", open } = this.options();
    const isThere = mode == "inline" || problem;
    trigger.hidden = isThere;
    Object.assign(trigger, this.way).className = "main trigger " + mode;
    trigger.textContent = label ?? texts["callback.submit"] ?? "✆";
    plain.hidden = !isThere && !this.sheet;
    // A button with words of its own needs nothing else until somebody comes to it.
    if (isThere || !label) this.come();
    if (open) this.want();
    if (problem || this.flight || !this.host.texts || !(isThere || this.wanted)) return;
    loadPlain().then(
      ({ fill }) => fill(this),
      () => this.lack(),
    );
  }

  paint() {
    this.paintStatus();
  }
}
