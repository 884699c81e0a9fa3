// Texts that are read as one: frameworks make several of what a person sees as one.

const { COMMENT_NODE, TEXT_NODE } = Node;

const isPart = (node) => node?.nodeType == TEXT_NODE || node?.nodeType == COMMENT_NODE;

/** Whether a text is one of several that are read as one. */
export const hasParts = (node) => isPart(node.previousSibling) || isPart(node.nextSibling);

export class Run {
  /** The texts, without empty ones, in their order. */
  nodes;
  /** Whether what was found in them before is forgotten. */
  isForgotten = false;

  /** All that are read as one with this one. */
  constructor(node) {
    const nodes = [node];
    const counts = ({ data, nodeType }) => data && nodeType == TEXT_NODE;
    for (let at = node.previousSibling; isPart(at); at = at.previousSibling) if (counts(at)) nodes.unshift(at);
    for (let at = node.nextSibling; isPart(at); at = at.nextSibling) if (counts(at)) nodes.push(at);
    this.nodes = nodes;
  }

  get text() {
    return this.nodes.map(({ data }) => data).join("");
  }

  /** Where a place in the text is: `[node, offset]`; an end belongs to the node before it. */
  place(offset, isEnd) {
    for (const node of this.nodes) {
      const { length } = node;
      if (offset < length || (isEnd && offset == length)) return [node, offset];
      offset -= length;
    }
    const node = this.nodes.at(-1);
    return [node, node.length];
  }
}
