// What is looked at, what is left out, and what may be a number at all.

/** Never looked into: what is no text for people, what a person writes in, our own elements, password managers'. */
const TAGS = new Set(
  ("head script style noscript template title code kbd samp textarea select patchcord-call patchcord-callback " +
    "patchcord-panel patchcord-scan com-1password-button com-1password-menu grammarly-extension").split(" "),
);
const MARKED =
  "[contenteditable]:not([contenteditable=false i]),[data-patchcord-ignore],[data-lastpass-root]," +
  "[data-lastpass-icon-root],[data-dashlanecreated]";

// Most elements are known by their classes, which a browser tells several times faster than a name.
/** Classes of elements that are no link, no input and no frame, and always looked into; these may have a shadow root. */
const HOSTS = "Div Span Paragraph Heading".split(" ");
/** And these never have one (HTML's standard, `attachShadow`). */
const OTHERS = "Table TableSection TableRow TableCell UList OList LI".split(" ");
const usual = new WeakMap();

/** Makes the usual elements of a window known: each window has classes of its own. */
export const learn = (window) => {
  for (const name of [...HOSTS, ...OTHERS]) usual.set(window[`HTML${name}Element`], HOSTS.includes(name));
};

const isUsual = ({ constructor }) => usual.has(constructor);

/** Whether there may be a number in an element that its text does not tell, or something else to go into. */
export const isSpecial = (element) => {
  const mayHost = usual.get(element.constructor);
  return mayHost === undefined || (mayHost && element.shadowRoot);
};

/** Whether an element is never looked into, whatever the options say: its text may be long, as a script's is. */
export const isClosed = (element) => !isUsual(element) && TAGS.has(element.localName);

/** Elements that may be no place like the one around them, if they have no attribute. */
const NAMED = new Set([...TAGS, "a"]);
/** Those that may be none because of an attribute. */
const BY_ATTRIBUTE = MARKED + ",[lang]";

/** Links that are numbers. */
export const LINK = '[href^="tel:" i]';

/** Elements whose language names a region. */
export const LANGUAGES = '[lang*="-"]';

/** Kinds of inputs whose value is a text that everybody may read. */
const READABLE = /^(text|tel|search|url|email|number)$/;

/** An input that nobody can write in, and that is not secret. */
export const isShownOnly = (input) => (input.readOnly || input.disabled) && READABLE.test(input.type);

// The first digit of each script's ten (Unicode's decimal digits with four hexadecimal digits).
const ZEROS =
  "0660 06f0 07c0 0966 09e6 0a66 0ae6 0b66 0be6 0c66 0ce6 0d66 0de6 0e50 0ed0 0f20 1040 1090 17e0 1810 1946 19d0 1a80 1a90 1b50 1bb0 1c40 1c50 a620 a8d0 a900 a9d0 a9f0 aa50 abf0 ff10";
const DIGITS =
  "0-9" +
  ZEROS.split(" ")
    .map((zero) => `\\u${zero}-\\u${(parseInt(zero, 16) + 9).toString(16).padStart(4, "0")}`)
    .join("");

/** Five digits with no more between them than numbers have. */
const fiveOf = (digits) => `[${digits}](?:[^${digits}A-Za-z]{0,5}[${digits}]){4}`;
/** The same, with a plus sign before them: without a region nothing else is a number. */
const plusFiveOf = (digits) => `[+\\uff0b][^${digits}A-Za-z]{0,9}` + fiveOf(digits);

// A class of many ranges costs a call for each character.
/** What nearly all numbers are written with. */
const USUAL = "0-9\\uff10-\\uff19";
/** Scripts with other digits, and with letters. */
const SCRIPTS = "\\u0660-\\u1c59\\ua620-\\uabf9";
const OTHER = new RegExp(`[${SCRIPTS}]`);

const usualFive = new RegExp(fiveOf(USUAL), "g");
const anyFive = new RegExp(fiveOf(DIGITS), "g");
// Letters behind a plus sign are rare, and the engine knows them from digits.
const plusFive = new RegExp(plusFiveOf(USUAL + SCRIPTS), "g");

/**
 * What in a text may be a number, one after the other, from its beginning: whatever has five digits is read by the
 * number engine. `isNational`: also without a plus sign.
 */
export const patternFor = (text, isNational) => {
  const pattern = !isNational ? plusFive : OTHER.test(text) ? anyFive : usualFive;
  pattern.lastIndex = 0;
  return pattern;
};

/** Whether a text may have a number. */
export const hasEnough = (text, isNational = true) => patternFor(text, isNational).test(text);

/** Without a region only an international number is a number. */
export const hasPlus = (text) => text.includes("+") || text.includes("\uff0b");

/** The region that a language tag names: `AT` of `de-AT`. A language alone names none: German is spoken in several. */
export const regionOfLanguage = (tag) => /^[a-z]{2,3}(?:-[a-z]{4})?-([a-z]{2})\b/i.exec(tag)?.[1].toUpperCase();

/** Attributes that decide what a node is, whatever the options say. */
const ALWAYS = ["href", "value", "readonly", "disabled", "type", "lang", "contenteditable", "data-patchcord-ignore"];

/** An element's rules, from its attributes; throws the name of an attribute that is no list of selectors. */
export const readRules = (options) => {
  const { include, exclude, data } = options;
  for (const name of ["include", "exclude", "data"]) {
    try {
      if (options[name]) document.createDocumentFragment().querySelector(options[name]);
    } catch {
      throw name;
    }
  }
  const attribute = /\[\s*(data-[\w.-]+)/g;
  if (data && !data.match(attribute)) throw "data";
  // What a selector asks for may come and go.
  const asked = [include, exclude, data].join();
  const chosen = [include, exclude, BY_ATTRIBUTE].filter(Boolean).join();
  // Where no list may choose one, it needs an attribute.
  const needsNone = asked != ",,";
  const isChosen = (element) => (needsNone || element.hasAttributes()) && element.matches(chosen);
  const attributes = new Set(ALWAYS);
  for (const [, name] of asked.matchAll(/\[\s*([\w-]+)/g)) attributes.add(name);
  if (/\.[\w-]/.test(asked)) attributes.add("class");
  if (/#[\w-]/.test(asked)) attributes.add("id");
  return {
    attributes: [...attributes],
    data,
    dataNames: data ? [...data.matchAll(attribute)].map(([, name]) => name) : [],
    // Whether an attribute or a list may make it another place than the one around it.
    isChosen,
    // Whether it is a place like the one around it, surely.
    isPlain: (element) => (isUsual(element) || !NAMED.has(element.localName)) && !isChosen(element),
    isLeftOut: (element, hasAttributes) =>
      isClosed(element) ||
      (hasAttributes && element.matches(MARKED)) ||
      Boolean(exclude && element.matches(exclude)),
    // Without such a list everything counts.
    isIncluded: (element) => !include || element.matches(include),
  };
};
