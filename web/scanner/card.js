// The card of a number: what it is, and what can be done with it. It is a popover, so it is over everything and clipped
// by nothing.

import { make } from "../loader/dom.js";
import { countryOf } from "./words.js";

/** Pixels between a number and its card, and between the card and the window's edge. */
const GAP = 6;
/** A card whose call was accepted is kept for so many milliseconds: so long a second click there does nothing. */
const QUIET = 3_000;
/** What became of a copy is said for so many milliseconds, in the button's place. */
const SAID = 2_000;

export class Card {
  #sheets = new Map();
  #options;
  #words;

  /** `options()`: the element's; `words`: of its language; `way`: its `lang` and `dir`. */
  constructor(options, words, way) {
    this.#options = options;
    this.#words = words;
    this.node = make("div.card", { ...way, part: "card", popover: "manual", role: "dialog", tabindex: -1, "aria-description": words.keys });
  }

  get isOpen() {
    return this.node.matches(":popover-open");
  }

  /** A call that was asked for is not yet answered. */
  get isBusy() {
    return [...this.#sheets.values()].some(({ busy, node }) => busy && !node.hidden);
  }

  /** Shows a number: `about` is `{number, international, region, record, payload}`, `box` where it is in the window. */
  show(about, box) {
    const key = JSON.stringify([about.number, about.record, about.payload]);
    let sheet = this.#sheets.get(key);
    if (!sheet) this.#sheets.set(key, (sheet = this.#sheetOf(about)));
    // The button that has the focus goes: without it the card would close as one that was left.
    if (this.node.matches(":focus-within") && !sheet.node.matches(":focus-within")) this.node.focus();
    for (const [other, { busy, node, until = 0 }] of this.#sheets) {
      node.hidden = other != key;
      if (other == key || busy || until > Date.now()) continue;
      node.remove();
      this.#sheets.delete(other);
    }
    if (!sheet.node.isConnected) this.node.append(sheet.node);
    this.node.setAttribute("aria-label", this.#words.dialog.replace("{number}", about.international));
    this.node.showPopover();
    this.#place(box);
  }

  hide() {
    if (this.isOpen) this.node.hidePopover();
  }

  #place({ left, top, bottom, right }) {
    const { node } = this;
    const { clientWidth: width, clientHeight: height } = document.documentElement;
    const { offsetWidth, offsetHeight } = node;
    const isRight = getComputedStyle(node).direction == "rtl";
    const x = isRight ? right - offsetWidth : left;
    const below = bottom + GAP;
    const y = below + offsetHeight + GAP > height && top > offsetHeight + 2 * GAP ? top - GAP - offsetHeight : below;
    node.style.left = Math.max(GAP, Math.min(x, width - offsetWidth - GAP)) + "px";
    node.style.top = Math.max(GAP, Math.min(y, height - offsetHeight - GAP)) + "px";
  }

  #sheetOf({ number, international, region, record, payload }) {
    const { lang, theme } = this.#options();
    const words = this.#words;
    const call = this.#callOf({ number, record, payload });
    const copy = make("button", { type: "button", part: "button" }, words.copy);
    const said = make("span.said", { role: "status" });
    // Where the eyes are, for a moment, so that nothing moves; it is read out, too.
    const say = (text) => {
      copy.textContent = said.textContent = text;
      setTimeout(() => {
        copy.textContent = words.copy;
        said.textContent = "";
      }, SAID);
    };
    // There is none where the page is not secure.
    copy.hidden = !navigator.clipboard;
    copy.onclick = () =>
      navigator.clipboard.writeText(number.replace(/;.*/, "")).then(
        () => say(words.copied),
        () => say(words.refused),
      );
    const [, extension] = /;ext=(.*)/.exec(number) ?? [];
    const node = make(
      "div.sheet",
      { "data-theme": theme },
      make("b.number", { part: "number", dir: "ltr" }, international.replace(/ ext\. .*$/, "")),
      extension ? make("span.extension", { part: "extension" }, words.extension.replace("{extension}", extension)) : "",
      make("span.country", { part: "country" }, countryOf(region, lang)),
      make("div.actions", 0, call, copy, said),
    );
    const sheet = { node, busy: false };
    const settled = () => (sheet.busy = false);
    call.addEventListener("callrequested", (event) => {
      sheet.busy = true;
      // A listener of the page's, which comes after this one, may keep the call from being made: nothing follows then.
      queueMicrotask(() => event.defaultPrevented && settled());
    });
    call.addEventListener("callrefused", settled);
    call.addEventListener("callunknown", settled);
    call.addEventListener("callaccepted", () => {
      settled();
      sheet.until = Date.now() + QUIET;
    });
    return sheet;
  }

  /** The very element that a page writes for a call: its events, its states, its rules. */
  #callOf({ number, record, payload }) {
    const { attributes, assertion, texts } = this.#options();
    const call = make("patchcord-call", { ...attributes, exportparts: "button,label,status", number, label: this.#words.call });
    if (assertion) call.assertion = assertion;
    if (texts) call.texts = texts;
    if (record) call.record = record;
    if (payload) call.payload = payload;
    return call;
  }
}
