// How marked texts look: a style sheet of the page's own documents, for the browser's highlights.

export const NUMBER = "patchcord-number";
export const CURRENT = "patchcord-current";

// One colour for light and dark pages: it has three times the contrast of white and of black. Safari knows no thickness
// in the short form of a line.
const COLOUR = "var(--patchcord-mark,#3b7ddd)";
const LINE = `text-decoration-line:underline;text-decoration-thickness:2px;text-decoration-color:${COLOUR};text-decoration-style:`;

/** `whose`: the elements that say it. */
const lookOf = (whose) => `@media screen{
${whose}::highlight(${NUMBER}){${LINE}dotted}
${whose}::highlight(${CURRENT}){${LINE}solid;background-color:color-mix(in srgb,${COLOUR} 22%,transparent)}}`;

/** Whether elements have the looks of highlights from the root, as the specification says and not all browsers do. */
const isInherited = ({ documentElement, defaultView }) => {
  const inner = documentElement?.lastElementChild;
  // In a frame that is not shown Firefox tells nothing.
  return inner && defaultView.getComputedStyle(inner, `::highlight(${NUMBER})`)?.textDecorationLine == "underline";
};

/** Where a page has more elements, a new style sheet holds it up: the browser asks them all for their looks again. */
const MANY = 5_000;

/** By document: its sheet, and what that reaches; neither where it has none. */
const sheets = new Map();

/**
 * Has a document know the looks, the sooner the better. Which of its texts can be highlighted: `all`, the `document`'s but
 * not those in shadow roots, or `undefined`: none.
 */
export const dress = (document) => {
  const { defaultView: window } = document;
  if (sheets.has(document)) return sheets.get(document).reach;
  const can = window?.Highlight && window.CSS.highlights && document.getElementsByTagName("*").length <= MANY;
  let sheet;
  let reach;
  if (can) {
    sheet = new window.CSSStyleSheet();
    // On the root: everything inherits it, shadow roots too, and no element is asked by itself.
    sheet.replaceSync(lookOf(":root"));
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    reach = "all";
    if (!isInherited(document)) {
      sheet.replaceSync(lookOf(""));
      reach = "document";
    }
  }
  sheets.set(document, { sheet, reach });
  return reach;
};

/** Takes the looks back from every document. */
export const undress = () => {
  for (const [document, { sheet: own }] of sheets) {
    if (own) document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet != own);
  }
  sheets.clear();
};
