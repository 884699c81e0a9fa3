// Goes through a page in pieces, step by step, while it changes: an element with little in it is one piece, whose text
// the browser tells at once.

import { isClosed } from "./rules.js";

/** An element with more elements in it is no piece; what is in it is. */
const SMALL = 256;
/** Elements of one step: between two looks at the clock. */
const STEP = 512;

const { ELEMENT_NODE, TEXT_NODE } = Node;

/** The pieces of a root, the texts between them, and the elements in both that have an open shadow root. */
export class Pieces {
  #root;
  #visit;
  /** What comes next; `undefined` at the end. */
  #node;
  #elements;
  #hosts = [];
  /** Where to go on if what comes next is somewhere else by then: itself and what comes after it, nearest first. */
  #waiting = [];

  /** `root`: a document, a shadow root or an element; `visit`: `{piece(element), text(node), host(element)}`. */
  constructor(root, visit) {
    this.#root = root;
    this.#visit = visit;
    this.#node = root.nodeType == ELEMENT_NODE ? root : root.firstChild;
    this.#elements = (root.ownerDocument ?? root).createTreeWalker(root, NodeFilter.SHOW_ELEMENT);
  }

  step() {
    if (this.#waiting.length) this.#goOn();
    const { host, piece, text } = this.#visit;
    let node = this.#node;
    for (let left = STEP; node && left > 0; left--) {
      const { nodeType } = node;
      if (nodeType == ELEMENT_NODE) {
        const size = this.#sizeOf(node);
        left -= size;
        if (size > SMALL) {
          if (node.shadowRoot) host(node);
          node = node.firstChild;
          continue;
        }
        if (this.#hosts.length) this.#hosts.forEach((one) => host(one));
        if (!isClosed(node)) piece(node);
      } else if (nodeType == TEXT_NODE) text(node);
      node = this.#past(node);
    }
    this.#node = node;
    return Boolean(node);
  }

  /** How many elements there are in one, with itself, as far as it matters; notes those with a shadow root. */
  #sizeOf(element) {
    const walker = this.#elements;
    this.#hosts = element.shadowRoot ? [element] : [];
    if (!element.firstElementChild) return 1;
    const end = this.#elementPast(element);
    walker.currentNode = element;
    let size = 1;
    for (let one; size <= SMALL && (one = walker.nextNode()) != end; size++) if (one.shadowRoot) this.#hosts.push(one);
    return size;
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
    this.#waiting = [];
    const root = this.#root;
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
