// Walks through the page, and through what is known of it step by step.

import { STRIDE } from "./slices.js";

/** The last node in a node. */
const last = (node) => {
  while (node.lastChild) node = node.lastChild;
  return node;
};

/** Nodes that are known, one after the other. */
export class List {
  #nodes;
  #visit;
  #at = 0;

  /** `nodes()` is asked when their turn comes. */
  constructor(nodes, visit) {
    this.#nodes = nodes;
    this.#visit = visit;
  }

  step() {
    if (!this.#at) this.#nodes = this.#nodes();
    const nodes = this.#nodes;
    const visit = this.#visit;
    const end = Math.min(this.#at + STRIDE, nodes.length);
    while (this.#at < end) visit(nodes[this.#at++]);
    return end < nodes.length;
  }

  pause() {}
}

/** One job after the other, as one; `paused` is called after each slice. */
export class Steps {
  #jobs;
  #paused;

  constructor(jobs, paused) {
    this.#jobs = jobs;
    this.#paused = paused;
  }

  step() {
    if (!this.#jobs[0].step()) this.#jobs.shift();
    return this.#jobs.length > 0;
  }

  pause() {
    this.#jobs[0]?.pause();
    this.#paused();
  }
}

/** What is inside of a node and yet not among its children: its open shadow root, or a frame's document. */
export const inside = (node) => node.shadowRoot ?? frameOf(node);

/** The document of a frame of the page's own origin. */
export const frameOf = (node) => {
  if (!/^i?frame$/.test(node.localName)) return null;
  try {
    return node.contentDocument;
  } catch {
    return null;
  }
};

/** The element that a root is inside of: a shadow root's host, or a document's frame. */
export const outside = (root) => {
  if (root.host) return root.host;
  try {
    return root.defaultView?.frameElement;
  } catch {
    return null;
  }
};

const SHOWN = NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT;

/** A walker through the root that a node is in, at that node. */
const walkerAt = (node) => {
  const root = node.getRootNode();
  const walker = (root.ownerDocument ?? root).createTreeWalker(root, SHOWN);
  walker.currentNode = node;
  return walker;
};

/** The elements and texts after a node, in the order of the page, through shadow roots and frames. */
export function* after(node) {
  let walker = walkerAt(node);
  for (;;) {
    const inner = inside(walker.currentNode);
    const deeper = inner && walkerAt(inner);
    if (deeper?.nextNode()) walker = deeper;
    else {
      while (!walker.nextNode()) {
        const host = outside(walker.root);
        if (!host) return;
        walker = walkerAt(host);
      }
    }
    yield walker.currentNode;
  }
}

/** Those before it, backwards. */
export function* before(node) {
  let walker = walkerAt(node);
  for (;;) {
    const previous = walker.previousNode();
    if (previous) {
      const inner = inside(previous);
      if (inner?.lastChild) walker = walkerAt(last(inner));
    } else {
      const host = outside(walker.root);
      if (!host) return;
      walker = walkerAt(host);
    }
    yield walker.currentNode;
  }
}
