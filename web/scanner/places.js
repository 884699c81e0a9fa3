// Where a number is: its range, its boxes, and which one is under the pointer.

/** One range for each document, used again and again: a browser updates every living one at each change of the page. */
const ranges = new WeakMap();

const rangeOf = ({ node, start, endNode, end }) => {
  const { ownerDocument } = node;
  let range = ranges.get(ownerDocument);
  if (!range) ranges.set(ownerDocument, (range = ownerDocument.createRange()));
  range.setStart(node, start);
  range.setEnd(endNode, end);
  return range;
};

/** Whether a number is still where it was found. */
export const isThere = ({ node, endNode = node, start, end }) =>
  node.isConnected && endNode.isConnected && (start === undefined || (start <= node.length && end <= endNode.length));

/** The boxes of a number in its own window; none where it is not shown. */
export const boxesOf = (found) => {
  if (!isThere(found)) return [];
  if (found.start === undefined) return [found.element.getBoundingClientRect()].filter(({ width, height }) => width && height);
  const range = rangeOf(found);
  const boxes = [...range.getClientRects()].filter(({ width, height }) => width && height);
  range.collapse();
  return boxes;
};

/** How far a window's own place is from the page's: frames in frames. */
export const offsetOf = (window) => {
  let x = 0;
  let y = 0;
  for (let frame = window.frameElement; frame; frame = frame.ownerDocument.defaultView.frameElement) {
    const box = frame.getBoundingClientRect();
    x += box.left + frame.clientLeft;
    y += box.top + frame.clientTop;
  }
  return { x, y };
};

const has = ({ left, right, top, bottom }, x, y) => x >= left - 1 && x <= right + 1 && y >= top - 1 && y <= bottom + 1;

/** The number at a point, and its box there: `{found, box}`. `path`: the event's, through open shadow roots. */
export const numberAt = (scan, path, x, y) => {
  const [inner] = path;
  for (const node of inner?.childNodes ?? []) {
    for (const found of scan.at(node) ?? []) {
      const box = boxesOf(found).find((box) => has(box, x, y));
      if (box) return { found, box };
    }
  }
  for (const node of path) {
    const [found] = scan.at(node) ?? [];
    if (found) return { found, box: boxesOf(found).find((box) => has(box, x, y)) ?? boxesOf(found)[0] };
  }
  return undefined;
};
