// Marks numbers without a change to the page: the browser's own highlights for texts, boxes in a layer of our own for
// what has no text (inputs, icons) and where there are no highlights.

import { parentOf } from "./found.js";
import { CURRENT, NUMBER, dress } from "./looks.js";
import { near } from "./near.js";
import { boxesOf, isThere, offsetOf } from "./places.js";

/** The highlights of one document. */
class Painter {
  #window;
  #reach;
  #names = new Map();
  #ranges = new Map();

  constructor(window, reach) {
    this.#window = window;
    this.#reach = reach;
    for (const name of [NUMBER, CURRENT]) {
      const highlight = new window.Highlight();
      window.CSS.highlights.set(name, highlight);
      this.#names.set(name, highlight);
    }
  }

  /** Whether a text is one that highlights show. */
  reaches({ node }) {
    return this.#reach == "all" || node.getRootNode() == this.#window.document;
  }

  show(name, all) {
    const highlight = this.#names.get(name);
    const shown = this.#ranges.get(name) ?? new Map();
    const next = new Map();
    for (const found of all) {
      const wanted = rangeOf(found);
      let range = shown.get(found);
      // A link may have more in it now, or less.
      if (range?.endOffset != wanted.endOffset) highlight.add((range = new this.#window.StaticRange(wanted)));
      next.set(found, range);
    }
    for (const [found, range] of shown) if (next.get(found) != range) highlight.delete(range);
    this.#ranges.set(name, next);
  }

  clear() {
    const { highlights } = this.#window.CSS;
    for (const [name, highlight] of this.#names) if (highlights.get(name) == highlight) highlights.delete(name);
  }
}

/** A number's range; of a link's, everything in it. */
const rangeOf = ({ node, start, endNode, end }) =>
  start === undefined
    ? { startContainer: node, startOffset: 0, endContainer: node, endOffset: node.childNodes.length }
    : { startContainer: node, startOffset: start, endContainer: endNode, endOffset: end };

/** Whether highlights can show it: it has a text that the browser draws. */
const isText = ({ element, start }) =>
  start !== undefined || (element.localName == "a" && !element.shadowRoot && /\S/.test(element.textContent));

export class Marks {
  #scan;
  #layer;
  #painters = new Map();
  #drawn = "";
  #boxed = [];
  /** The number whose card is open. */
  current;

  /** `layer`: an element of our own, over the page. */
  constructor(scan, layer) {
    this.#scan = scan;
    this.#layer = layer;
  }

  #painterOf(document) {
    let painter = this.#painters.get(document);
    if (painter) return painter;
    const reach = dress(document);
    if (reach) this.#painters.set(document, (painter = new Painter(document.defaultView, reach)));
    return painter;
  }

  /** Marks what is near the part of the page that is seen now. */
  paint() {
    const boxed = [];
    for (const document of this.#scan.documents) {
      if (!document.defaultView) continue;
      const painter = this.#painterOf(document);
      const texts = [];
      near(document, (node) => {
        for (const found of this.#scan.at(node) ?? []) {
          if (found.node != node || !isThere(found)) continue;
          (painter && isText(found) && painter.reaches(found) ? texts : boxed).push(found);
        }
      });
      painter?.show(NUMBER, texts);
      painter?.show(CURRENT, texts.filter((found) => this.#isCurrent(found)));
    }
    this.#boxed = boxed;
    this.follow();
  }

  /** Puts the boxes where their numbers are now, each cut to what can be seen of it. */
  follow() {
    const layer = this.#layer;
    const clips = new Map();
    const boxes = this.#boxed.flatMap((found) => {
      const { x, y } = offsetOf(found.node.ownerDocument.defaultView);
      return boxesOf(found)
        .map((box) => cut(box, clipOf(found.start === undefined ? parentOf(found.element) : found.element, clips)))
        .filter(({ left, right, top, bottom }) => right > left && bottom > top)
        .map(({ left, right, top, bottom }) => [left + x, top + y, right - left, bottom - top, this.#isCurrent(found)]);
    });
    // It goes with the page as that scrolls.
    const origin = boxes.length ? layer.getBoundingClientRect() : {};
    for (const box of boxes) {
      box[0] -= origin.left;
      box[1] -= origin.top;
    }
    // Nothing is written where nothing has moved: this is asked after each scroll.
    const drawn = JSON.stringify(boxes);
    if (drawn == this.#drawn) return;
    this.#drawn = drawn;
    while (layer.childElementCount > boxes.length) layer.lastChild.remove();
    while (layer.childElementCount < boxes.length) layer.append(document.createElement("i"));
    boxes.forEach(([left, top, width, height, isCurrent], at) => {
      const { classList, style } = layer.children[at];
      style.transform = `translate(${left}px,${top}px)`;
      style.width = width + "px";
      style.height = height + "px";
      classList.toggle("current", isCurrent);
    });
  }

  /** By where it is: its text may have been read again since. */
  #isCurrent({ node, start }) {
    return node == this.current?.node && start == this.current.start;
  }

  clear() {
    for (const painter of this.#painters.values()) painter.clear();
    this.#painters.clear();
    this.#boxed = [];
    this.#layer.replaceChildren();
    this.#drawn = "";
  }
}

const EVERYTHING = { left: -Infinity, right: Infinity, top: -Infinity, bottom: Infinity };
const NOTHING = { left: 0, right: 0, top: 0, bottom: 0 };

const cut = (one, other) => ({
  left: Math.max(one.left, other.left),
  right: Math.min(one.right, other.right),
  top: Math.max(one.top, other.top),
  bottom: Math.min(one.bottom, other.bottom),
});

/** What can be seen of what is in an element: whatever scrolls or clips around it cuts it. `known`: of this look. */
const clipOf = (element, known) => {
  if (!element || element == element.ownerDocument.body || !element.parentNode) return EVERYTHING;
  let clip = known.get(element);
  if (clip) return clip;
  const { overflow, visibility } = getComputedStyle(element);
  clip = visibility == "visible" ? clipOf(parentOf(element), known) : NOTHING;
  if (overflow != "visible") clip = cut(clip, element.getBoundingClientRect());
  known.set(element, clip);
  return clip;
};
