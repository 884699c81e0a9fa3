// What is near the part of the page that is seen. Marks are painted for that alone: a browser goes through all of them
// whenever the page changes.

import { isClosed } from "./rules.js";

/** Shorter lists are not worth a look at where they are. */
const SHORT = 16;
/** Longer ones are searched by halves, so they have to go down the page, or up. */
const LONG = 256;

/** A child of each long list that was near last time: mostly it still is, and no list has to be searched again. */
const lastSeen = new WeakMap();

/** Calls `visit` with the texts and elements of a document that are near what is seen of it. */
export const near = (document, visit) => {
  const height = document.defaultView?.innerHeight;
  // A frame may be gone by now, or not shown: then everything in it would be near.
  if (!height) return;

  /** Where an element is: -1 above, 0 near, 1 below. What has no box may have children somewhere else. */
  const side = (element) => {
    const { bottom, top, width, height: own } = element.getBoundingClientRect();
    if (!own && !width) return 0;
    return bottom < -height ? -1 : top > 2 * height ? 1 : 0;
  };

  const enter = (node) => {
    const { nodeType } = node;
    if (nodeType != Node.TEXT_NODE && nodeType != Node.ELEMENT_NODE) return;
    if (nodeType == Node.ELEMENT_NODE && isClosed(node)) return;
    visit(node);
    if (nodeType == Node.TEXT_NODE) return;
    if (node.shadowRoot) children(node.shadowRoot);
    children(node);
  };

  /** An element of a list, and the texts right before it. */
  const enterItem = (element) => {
    for (let text = element.previousSibling; text && text.nodeType != Node.ELEMENT_NODE; text = text.previousSibling) enter(text);
    if (side(element) == 0) enter(element);
  };

  const children = (parent) => {
    let count = 0;
    for (let node = parent.firstElementChild; node && count <= LONG; node = node.nextElementSibling) count++;
    if (count <= SHORT) {
      for (let node = parent.firstChild; node; node = node.nextSibling) enter(node);
    } else if (count <= LONG) {
      for (let node = parent.firstElementChild; node; node = node.nextElementSibling) enterItem(node);
    } else {
      const start = startOf(parent);
      if (!start) return;
      lastSeen.set(parent, start);
      let node = start;
      for (; node && !side(node); node = node.previousElementSibling) enterItem(node);
      for (node = start.nextElementSibling; node && !side(node); node = node.nextElementSibling) enterItem(node);
      if (node) return;
    }
    if (count > SHORT) {
      for (let text = parent.lastChild; text && text.nodeType != Node.ELEMENT_NODE; text = text.previousSibling) enter(text);
    }
  };

  /** A child of a long list that is near. */
  const startOf = (parent) => {
    const last = lastSeen.get(parent);
    // What has no box is nowhere, and would be near for good.
    const isNear = (element) => element.getClientRects().length && side(element) == 0;
    if (last?.parentNode == parent && isNear(last)) return last;
    // As on most pages that have just come. A browser counts a whole list before it gives any of it.
    const first = parent.firstElementChild;
    if (isNear(first)) return first;
    const list = parent.children;
    // Chats are written upwards.
    const up = first.getBoundingClientRect().top > parent.lastElementChild.getBoundingClientRect().top ? -1 : 1;
    let from = 0;
    let until = list.length;
    while (from < until) {
      const half = (from + until) >> 1;
      if (side(list[half]) * up >= 0) until = half;
      else from = half + 1;
    }
    return list[from] && side(list[from]) == 0 ? list[from] : undefined;
  };

  if (document.documentElement) enter(document.documentElement);
};
