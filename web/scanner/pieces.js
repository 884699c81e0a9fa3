// Goes through a page in pieces, step by step, while it changes: siblings with little in them are one piece, whose text
// the browser tells at once.

import { isClosed } from "./rules.js";

/** An element with more elements in it is never part of a piece; what is in it is. */
const SMALL = 256;
/** Elements of a piece, if there are as many: a step, between two looks at the clock. */
const STEP = 512;
/** In a list, a piece has more, one part in so many of what was before it, because all of that is counted for a piece. */
const PARTS = 16;
/** Behind so many elements of a list counting costs more than asking for its texts one by one. */
const FAR = 65_536;

/** Elements whose text may be long and is never a piece's: a page's data as JSON, its styles. */
const LONG = ["script", "style", "noscript"];

const { CDATA_SECTION_NODE, COMMENT_NODE, ELEMENT_NODE, TEXT_NODE } = Node;

export const isText = ({ nodeType }) => nodeType == TEXT_NODE || nodeType == CDATA_SECTION_NODE;

/** The pieces of a root, and the elements in it that have an open shadow root. */
export class Pieces {
  #root;
  #visit;
  /** What such a text is somewhere in, so that it is no part of a piece; what is in it is. */
  #around = new Set();
  /** What comes next; `undefined` at the end. */
  #node;
  #elements;
  #range;
  /** What begins where the range ends, as long as nothing changes. */
  #behind;
  /** The parent of the last piece, and how many elements were in its pieces so far. */
  #parent;
  #passed = 0;
  /** Where to go on if what comes next is somewhere else by then: itself and what comes after it, nearest first. */
  #waiting = [];

  /** `root`: a document, a shadow root or an element; `visit`: `{piece(first, text), host(element)}`. */
  constructor(root, visit) {
    const document = root.ownerDocument ?? root;
    this.#root = root;
    this.#visit = visit;
    this.#node = root.nodeType == ELEMENT_NODE ? root : root.firstChild;
    this.#elements = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT);
    this.#range = document.createRange();
    for (const name of LONG) {
      for (let { parentNode: at } of root.querySelectorAll(name)) {
        for (; at && !this.#around.has(at); at = at.parentNode) this.#around.add(at);
      }
    }
  }

  step() {
    if (this.#waiting.length) this.#goOn();
    const first = this.#node;
    if (!first) return false;
    const { parentNode } = first;
    if (parentNode != this.#parent) this.#passed = 0;
    this.#parent = parentNode;
    const isFar = this.#passed > FAR;
    const most = isFar ? STEP : Math.max(STEP, this.#passed / PARTS);
    const hosts = [];
    let size = 0;
    let last;
    let next = first;
    while (next) {
      const { nodeType } = next;
      if (nodeType == ELEMENT_NODE) {
        const own = size < most && !isClosed(next) && !this.#around.has(next) ? this.#sizeOf(next, hosts) : Infinity;
        if (own > SMALL) break;
        size += own;
      }
      last = next;
      next = next == this.#root ? null : next.nextSibling;
      // Texts that are read as one stay together.
      if (size >= most && next?.nodeType != TEXT_NODE && next?.nodeType != COMMENT_NODE) break;
    }
    this.#passed += size;
    const { host, piece } = this.#visit;
    if (last) {
      this.#node = next ?? this.#past(last);
      for (const one of hosts) host(one);
      piece(first, isFar || first == last ? textOfEach(first, last) : this.#textOf(first, last, next));
    } else if (isClosed(first)) this.#node = this.#past(first);
    else {
      if (first.shadowRoot) host(first);
      this.#node = first.firstChild;
    }
    if (!this.#node) this.#leave();
    return Boolean(this.#node);
  }

  /** How many elements there are in one, with itself, as far as it matters; adds those with a shadow root to `hosts`. */
  #sizeOf(element, hosts) {
    const before = hosts.length;
    if (element.shadowRoot) hosts.push(element);
    if (!element.firstElementChild) return 1;
    const walker = this.#elements;
    const end = this.#elementPast(element);
    walker.currentNode = element;
    let size = 1;
    for (let one; (one = walker.nextNode()) != end; size++) {
      if (size > SMALL) {
        hosts.length = before;
        break;
      }
      if (one.shadowRoot) hosts.push(one);
    }
    return size;
  }

  /** The text of siblings; `next`: the one behind them. */
  #textOf(first, last, next) {
    const range = this.#range;
    // A place in a list is counted from its beginning, so it is asked for once.
    if (first == this.#behind) range.collapse(false);
    else range.setStartBefore(first);
    range.setEndAfter(last);
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

  pause() {
    const root = this.#root;
    this.#leave();
    this.#waiting = [];
    for (let node = this.#node; node && node != root; node = node.parentNode) {
      const { nextSibling, parentNode } = node;
      if (!this.#waiting.length) this.#waiting.push({ node, parentNode, nextSibling });
      if (nextSibling) this.#waiting.push({ node: nextSibling, parentNode, nextSibling: nextSibling.nextSibling });
    }
  }

  #goOn() {
    const waiting = this.#waiting;
    this.#waiting = [];
    const isThere = ({ node, parentNode, nextSibling }) =>
      node.parentNode == parentNode && node.nextSibling == nextSibling && this.#root.contains(node);
    if (isThere(waiting[0])) return;
    // Where nothing that came after is left as it was: what is new was told by itself.
    this.#node = (waiting.find(isThere) ?? waiting.find(({ node }) => this.#root.contains(node)))?.node;
  }
}

/** The text of siblings, one by one. */
const textOfEach = (first, last) => {
  let text = "";
  for (let node = first; ; node = node.nextSibling) {
    // A comment tells what is in it as its text.
    if (node.nodeType == ELEMENT_NODE || isText(node)) text += node.textContent;
    if (node == last) return text;
  }
};
