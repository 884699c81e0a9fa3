// How marked texts look: a style sheet of the page's own documents, for the browser's highlights.

export const NUMBER = "patchcord-number";
export const CURRENT = "patchcord-current";

// On the root: everything inherits it, shadow roots too, and no element is asked by itself. One colour for light and
// dark pages: it has three times the contrast of white and of black.
const LOOK = `@media screen{
:root::highlight(${NUMBER}){text-decoration:underline dotted 2px var(--patchcord-mark,#3b7ddd)}
:root::highlight(${CURRENT}){text-decoration:underline solid 2px var(--patchcord-mark,#3b7ddd);background-color:color-mix(in srgb,var(--patchcord-mark,#3b7ddd) 22%,transparent)}}`;

/** Where a page has more elements, a new style sheet holds it up: the browser asks them all for their looks again. */
const MANY = 5_000;

/** By document: its sheet, or nothing where it has none. */
const sheets = new Map();

/** Has a document know the looks, the sooner the better; whether its numbers can be highlighted. */
export const dress = (document) => {
  const { defaultView: window } = document;
  if (sheets.has(document)) return Boolean(sheets.get(document));
  const can = window?.Highlight && window.CSS.highlights && document.getElementsByTagName("*").length <= MANY;
  let sheet;
  if (can) {
    sheet = new window.CSSStyleSheet();
    sheet.replaceSync(LOOK);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }
  sheets.set(document, sheet);
  return Boolean(sheet);
};

/** Takes the looks back from every document. */
export const undress = () => {
  for (const [document, own] of sheets) {
    if (own) document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet != own);
  }
  sheets.clear();
};
