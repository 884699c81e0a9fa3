// The line above the panel: a call that waits for the phone, and what went wrong.
import { make } from "../loader/dom.js";

/** Shows one text at a time; `role="status"` has it read out. */
export class Bar {
  element = make("div.bar", { role: "status" });

  /** Shows a text with a button, until the button is pressed or `hide` is called. Nothing else is shown meanwhile. */
  show(text, label, pressed) {
    const button = make("button", { type: "button" }, label);
    button.onclick = () => {
      this.hide();
      pressed?.();
    };
    this.element.replaceChildren(make("span", {}, text), button);
  }

  hide() {
    this.element.replaceChildren();
  }
}
