// Goes through a page in pieces, step by step, while it changes: siblings with little in them are one piece, whose text
// the browser tells at once.

import { isClosed, isSpecial } from "./rules.js";

/** An element with more elements in it is never part of a piece; what is in it is. */
const SMALL = 256;
const TOO_MANY = SMALL + 1;
/** Elements of a piece, if there are as many: a step, between two looks at the clock. */
const STEP = 512;
/** In a list, a piece has more, one part in so many of what was before it, because all of that is counted for a piece. */
const PARTS = 16;
/** As many elements as a slice has time for. */
const MOST = 4_096;

/** Elements whose text may be long and is never a piece's: a page's data as JSON, its styles. */
const isLong = ({ localName }) => localName == "script" || localName == "style";

const { CDATA_SECTION_NODE, ELEMENT_NODE, TEXT_NODE } = Node;

export const isText = ({ nodeType }) => nodeType == TEXT_NODE || nodeType == CDATA_SECTION_NODE;

/** The pieces of a root, and the elements in it that may be more than a text. */
export class Pieces {
  #root;
  #visit;
  /** What comes next; `undefined` at the end. */
  #node;
  #elements;
  /** Ends where reading is, from the first step on. */
  #range;
  #isPaused = false;
  /** What begins where the range ends, as long as nothing changes. */
  #behind;
  /** The parent of the last piece, and how many elements were in its pieces so far. */
  #parent;
  #passed = 0;

  /** `root`: a document, a shadow root or an element; `visit`: `{piece(first, text), special(element)}`. */
  constructor(root, visit) {
    this.#root = root;
    this.#visit = visit;
  }

  step() {
    if (!this.#range) this.#begin();
    else if (this.#isPaused) this.#goOn();
    this.#isPaused = false;
    const first = this.#node;
    if (!first) return false;
    const root = this.#root;
    const { parentNode } = first;
    if (parentNode != this.#parent) this.#passed = 0;
    this.#parent = parentNode;
    const found = [];
    const next = this.#nextTo(first, Math.min(MOST, Math.max(STEP, this.#passed / PARTS)), found);
    const { piece, special } = this.#visit;
    if (next != first) {
      const last = next ? next.previousSibling : first == root ? root : parentNode.lastChild;
      this.#node = next ?? this.#past(last);
      for (const one of found) special(one);
      piece(first, this.#textOf(first, last, next));
    } else if (isClosed(first)) {
      this.#node = this.#past(first);
      this.#range.selectNodeContents(first);
    } else {
      if (isSpecial(first)) special(first);
      this.#node = first.firstChild ?? this.#past(first);
      this.#range.setStart(first, 0);
      this.#range.collapse(true);
    }
    if (!this.#node) this.#leave();
    return Boolean(this.#node);
  }

  #begin() {
    const root = this.#root;
    const document = root.ownerDocument ?? root;
    this.#node = root.nodeType == ELEMENT_NODE ? root : (root.documentElement ?? root.firstChild);
    this.#elements = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT);
    this.#range = document.createRange();
  }

  /**
   * The element that a piece ends before: itself where the first is none of a piece, `null` where all siblings are.
   * Texts stay with what is before them, so those that are read as one are never cut. Adds what is special to `found`.
   */
  #nextTo(first, most, found) {
    const root = this.#root;
    const walker = this.#elements;
    let element = first.nodeType == ELEMENT_NODE ? first : first.nextElementSibling;
    let size = 0;
    if (element) walker.currentNode = element;
    while (element && size < most) {
      const next = element == root ? null : element.nextElementSibling;
      const end = next ?? this.#elementPast(element);
      const before = found.length;
      let own = 0;
      let one = element;
      do {
        own++;
        if (isSpecial(one)) {
          if (isLong(one)) own = TOO_MANY;
          found.push(one);
        }
        one = walker.nextNode();
      } while (one != end && own <= SMALL);
      if (own > SMALL) {
        found.length = before;
        break;
      }
      size += own;
      element = next;
    }
    this.#passed += size;
    return element;
  }

  /** The text of siblings; `next`: the one behind them. */
  #textOf(first, last, next) {
    const range = this.#range;
    // Inside of both: a place in their parent would be counted from its beginning, twice.
    if (first == this.#behind) range.collapse(false);
    else range.setStart(first, 0);
    range.setEnd(last, last.nodeType == ELEMENT_NODE ? last.childNodes.length : last.length);
    this.#behind = next;
    return range.toString();
  }

  /** A range in a list costs the page something whenever that changes. */
  #leave() {
    this.#behind = undefined;
    this.#range.setStart(this.#root.ownerDocument ?? this.#root, 0);
    this.#range.collapse(true);
  }

  /** The node after everything in this one. */
  #past(node) {
    for (const root = this.#root; node && node != root; node = node.parentNode) {
      const next = node.nextSibling;
      if (next) return next;
    }
    return undefined;
  }

  /** The element after everything in this one. */
  #elementPast(element) {
    for (const root = this.#root; element && element != root; element = element.parentNode) {
      const next = element.nextElementSibling;
      if (next) return next;
    }
    return null;
  }

  /** The page may change before the next step: the browser moves the range with what is before it. */
  pause() {
    this.#isPaused = true;
    this.#behind = undefined;
    this.#range?.collapse(false);
  }

  #goOn() {
    const { startContainer, startOffset } = this.#range;
    // A root that was taken out is read again where it is put in.
    const isThere = this.#root.contains(startContainer);
    this.#node = isThere ? (startContainer.childNodes[startOffset] ?? this.#past(startContainer)) : undefined;
  }
}
