// A number on the page.

/** An extension is told as its digits, with a number of so many thousands of millions for how many they are. */
const LENGTH = 1e12;

/** The element that a text or an element is in; of one right in a shadow root, the host. */
export const parentOf = ({ parentElement, parentNode }) => parentElement ?? parentNode?.host;

export class Found {
  #digits;
  #extension;

  /** `digits` and `extension` as the number engine tells them; `node` alone where an element stands for it. */
  constructor(digits, extension, node, start, endNode, end) {
    this.#digits = digits;
    this.#extension = extension;
    /** The text that it begins in, or the element that stands for it. */
    this.node = node;
    /** Where it begins in `node`; `undefined` where an element stands for it. */
    this.start = start;
    /** The text that it ends in, and where. */
    this.endNode = endNode;
    this.end = end;
  }

  /** The element that it is in, now; none where its text is gone. */
  get element() {
    const { node, start } = this;
    return start === undefined ? node : parentOf(node);
  }

  /** `+49…`, with `;ext=` where it has an extension. Written when it is asked for: most never are. */
  get number() {
    const extension = this.#extension;
    const length = Math.floor(extension / LENGTH);
    return "+" + this.#digits + (length ? ";ext=" + String(extension % LENGTH).padStart(length, "0") : "");
  }
}
