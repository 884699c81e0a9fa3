// How a person comes to a number's card: by pointer, by touch, by focus, by keyboard.

import { boxesOf, numberAt, offsetOf } from "./places.js";
import { after, before } from "./walk.js";

/** Milliseconds that a pointer rests on a number before its card opens, and is away before it closes. */
const REST = 200;
const LEAVE = 400;

/**
 * Whether an event is the shortcut, as in `Alt+Shift+N`. By the key's place: with Alt many layouts write something else.
 * A browser that fills a form in has events without a key and a place.
 */
const isShortcut = (event, shortcut) => {
  const parts = shortcut.toLowerCase().split("+");
  const key = parts.pop();
  const held = (name) => parts.includes(name);
  return (
    (event.code?.toLowerCase() == "key" + key || event.key?.toLowerCase() == key) &&
    event.altKey == held("alt") &&
    event.shiftKey == held("shift") &&
    event.ctrlKey == (held("ctrl") || held("control")) &&
    event.metaKey == held("meta")
  );
};

export class Reach {
  #scan;
  #card;
  #open;
  #close;
  #shortcut;
  #signal;
  #heard = new WeakSet();
  #timer;
  #leaving;
  #resting;
  /** Where the focus was before the card took it. */
  #from;

  /** `open(found, box)` shows a card, `close()` hides it; `shortcut` is the keys for the next number. */
  constructor({ scan, card, open, close, shortcut, signal }) {
    this.#scan = scan;
    this.#card = card;
    this.#open = open;
    this.#close = close;
    this.#shortcut = shortcut;
    this.#signal = signal;
    const { node } = card;
    node.addEventListener("pointerenter", () => this.#stay(), { signal });
    node.addEventListener("pointerleave", (event) => event.pointerType == "mouse" && this.#leave(), { signal });
    node.addEventListener("keydown", (event) => this.#onCardKey(event), { signal });
    node.addEventListener("focusout", ({ relatedTarget }) => !node.contains(relatedTarget) && this.#leave(), { signal });
    signal.addEventListener("abort", () => {
      clearTimeout(this.#timer);
      clearTimeout(this.#leaving);
    });
  }

  /** Listens in a window, once. */
  listen(window) {
    if (this.#heard.has(window)) return;
    this.#heard.add(window);
    const options = { capture: true, passive: true, signal: this.#signal };
    const on = (type, listener, more) => window.addEventListener(type, listener, { ...options, ...more });
    on("pointermove", (event) => event.pointerType == "mouse" && !event.buttons && this.#onMove(event));
    on("pointerdown", (event) => this.#isOutside(event) && this.#shut());
    on("click", (event) => this.#onClick(event));
    on("focusin", (event) => this.#onFocus(event));
    on("keydown", (event) => this.#onKey(event), { passive: false });
    window.document.documentElement.addEventListener("pointerleave", () => this.#leave(), { signal: this.#signal });
  }

  /** The number whose card was open is gone, or moved. */
  check(current) {
    if (!current || this.#card.isBusy || this.#hasFocus()) return;
    if (!boxesOf(current).length) this.#close();
  }

  #isOutside(event) {
    return !event.composedPath().includes(this.#card.node);
  }

  #hasFocus() {
    return this.#card.node.matches(":focus-within");
  }

  #onMove(event) {
    if (!this.#isOutside(event)) return this.#stay();
    this.#resting = { path: event.composedPath(), x: event.clientX, y: event.clientY, window: event.view };
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const { path, x, y, window } = this.#resting;
      const hit = numberAt(this.#scan, path, x, y);
      if (hit) this.#show(hit, window);
      else this.#leave();
    }, REST);
  }

  #show({ found, box }, window = found.element.ownerDocument.defaultView) {
    this.#stay();
    // A call that is being placed is not covered by another number.
    if (this.#card.isBusy || !box) return;
    const { x, y } = offsetOf(window);
    this.#open(found, { left: box.left + x, right: box.right + x, top: box.top + y, bottom: box.bottom + y });
  }

  #stay() {
    clearTimeout(this.#leaving);
    this.#leaving = undefined;
  }

  #leave() {
    this.#leaving ??= setTimeout(() => {
      this.#leaving = undefined;
      if (!this.#card.isBusy && !this.#hasFocus() && !this.#card.node.matches(":hover")) this.#close();
    }, LEAVE);
  }

  /** Closed by a key: where the pointer came to a moment before opens nothing any more. */
  #dismiss() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#close();
  }

  #shut() {
    if (!this.#card.isBusy) this.#close();
  }

  /** A tap or a click on a number opens its card at once; what the page does with it, it does too. */
  #onClick(event) {
    if (!event.detail || !this.#isOutside(event) || !event.view.getSelection().isCollapsed) return;
    const hit = numberAt(this.#scan, event.composedPath(), event.clientX, event.clientY);
    if (hit) this.#show(hit, event.view);
  }

  /** The focus came to a link or an input with a number: its card opens beside it, and leaves the focus there. */
  #onFocus(event) {
    const [target] = event.composedPath();
    const [found] = (this.#isOutside(event) && this.#scan.at(target)) || [];
    if (found?.start === undefined && found && target.matches(":focus-visible")) this.#show({ found, box: boxesOf(found)[0] });
  }

  #onKey(event) {
    if (event.key == "Escape" && this.#card.isOpen && this.#isOutside(event)) return this.#dismiss();
    if (!this.#shortcut || !isShortcut(event, this.#shortcut)) return;
    event.preventDefault();
    this.go(after);
  }

  #onCardKey(event) {
    const go = { ArrowDown: after, ArrowUp: before }[event.key];
    if (go) {
      event.preventDefault();
      this.go(go);
    } else if (event.key == "Escape") {
      event.stopPropagation();
      const from = this.#from;
      this.#from = undefined;
      this.#dismiss();
      from?.focus();
    }
  }

  /** Goes to the next number, or to the one before: shows its card and gives it the focus. */
  go(direction, from) {
    const to = this.#next(direction, from ?? this.#current ?? document.activeElement);
    if (!to) return;
    if (!this.#hasFocus()) this.#from = deepActive();
    to.element.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.#show({ found: to, box: boxesOf(to)[0] });
    this.#current = to;
    this.#card.node.focus();
  }

  #current;

  #next(direction, from) {
    const isBack = direction == before;
    const current = from?.number ? from : undefined;
    const start = current?.node ?? (from && from != document.body ? from : document.documentElement);
    if (!start.isConnected) return this.#first(after(document.documentElement));
    // By where they are: a text may have been read again since.
    const isAhead = (one) => (isBack ? one.start < current.start : one.start > current.start);
    const here = current ? (this.#scan.at(start) ?? []).filter(isAhead) : [];
    if (isBack) here.reverse();
    return here.find(isShown) ?? this.#first(direction(start), isBack, current);
  }

  #first(nodes, isBack, current) {
    for (const node of nodes) {
      const all = (this.#scan.at(node) ?? []).filter((found) => found.node == node);
      if (isBack) all.reverse();
      const found = all.find((one) => isShown(one) && !(current && this.#isSame(one, current)));
      if (found) return found;
    }
    return undefined;
  }

  /** The same number twice in a row is one. */
  #isSame(one, other) {
    if (one.number != other.number) return false;
    const row = this.#scan.rowOf(one.element);
    return row && row == this.#scan.rowOf(other.element);
  }
}

const isShown = (found) => boxesOf(found).length > 0;

/** What has the focus, also inside of open shadow roots and frames. */
const deepActive = () => {
  let active = document.activeElement;
  for (;;) {
    const inner = active?.shadowRoot?.activeElement ?? frameActive(active);
    if (!inner) return active;
    active = inner;
  }
};

const frameActive = (frame) => {
  try {
    return frame?.contentDocument?.activeElement;
  } catch {
    return null;
  }
};
