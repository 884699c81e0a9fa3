// The line above the panel: a call that waits for the phone, and what went wrong.
import { make } from "../loader/dom.js";

/** Before what has the focus goes: the panel has it then, so that whoever uses the keyboard is not back at the top. */
export const leave = (element) => element.contains(document.activeElement) && document.querySelector("patchcord-panel").focus();

/** Shows one text at a time; `role="status"` has it read out. */
export class Bar {
  element = make("div.bar", { role: "status" });
  #text = make("span", {});
  #button = make("button", { type: "button" });

  /**
   * Shows a text with a button, until the button is pressed or `hide` is called. Nothing else is shown meanwhile. What is
   * shown already is not read out again.
   */
  show(text, label, pressed) {
    this.#button.onclick = () => {
      this.hide();
      pressed?.();
    };
    this.#button.textContent = label;
    const isShown = this.element.firstChild;
    if (!isShown || this.#text.textContent != text) this.#text.textContent = text;
    if (!isShown) this.element.append(this.#text, this.#button);
  }

  hide() {
    leave(this.element);
    this.element.replaceChildren();
  }
}
