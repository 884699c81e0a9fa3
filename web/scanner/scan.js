// The scan of a page: finds numbers, follows what changes, forgets what goes.

import { Found, parentOf } from "./found.js";
import { near } from "./near.js";
import { Pieces, isText } from "./pieces.js";
import { Reader } from "./reader.js";
import { LANGUAGES, LINK, hasEnough, hasPlus, isShownOnly, learn, patternFor, regionOfLanguage } from "./rules.js";
import { Run, hasParts } from "./run.js";
import { watchShadows } from "./shadows.js";
import { Slices } from "./slices.js";
import { List, Steps, after, frameOf, outside } from "./walk.js";

const { ELEMENT_NODE, TEXT_NODE } = Node;
/** Attributes that say something about their element alone. */
const OWN = /^(href|value|readonly|disabled|type)$/;
/** What the browser makes an element's text of. */
const TEXTS = NodeFilter.SHOW_TEXT | NodeFilter.SHOW_CDATA_SECTION;

/**
 * Where a page takes longer than so many milliseconds, what is seen of it comes first: a little before the first marks
 * are drawn.
 */
const SEEN = 80;
/** So many elements around a text are asked each time what holds in them; what holds further out is kept. */
const ASKED = 3;
/** What holds where there is no page. */
const NOWHERE = { isIn: false };

export class Scan {
  /**
   * The number of each text and element that has one; a list where there are several; no more than its digits where it is
   * all of the text, as in most cells of a table, until it is asked for. Whatever the page drops is dropped from here with
   * it.
   */
  #found = new WeakMap();
  #reader;
  #slices;
  #rules;
  #rows;
  #region;
  /** Whether a number without a + may be one: a region is named somewhere. */
  #isNational;
  #changed;
  #dirty = new Map();
  /** What holds for the texts in an element; forgotten whenever something changes that may decide it. */
  #places = new WeakMap();
  /** The outermost element that was asked for the last number, and what holds there: most numbers are near to the last. */
  #asked;
  #around;
  /** What was read last; none where all is read. */
  #last;
  #observer;
  #roots = new WeakSet();
  #stopping = new AbortController();

  /** The documents that are looked at: the page's, and those of its frames. */
  documents = new Set();
  /** Inputs that may have a number, with what was in them: what a script writes into one is told by nobody. */
  inputs = new Map();

  /**
   * `engine`: the WebAssembly module; `rules` and `rows` as they were read; `region`: of national numbers;
   * `changed` is called after each slice that changed something, `idle` when all is read, `failed` with an error.
   */
  constructor({ engine, leniency, rules, rows, region, changed, idle, failed }) {
    this.#rules = rules;
    this.#rows = rows;
    this.#region = region;
    this.#isNational = Boolean(region || rows.hasRegions);
    this.#changed = changed;
    this.#reader = new Reader(
      engine,
      leniency,
      this.#take.bind(this),
      this.#standForLink.bind(this),
    );
    this.#slices = new Slices(() => {
      this.#reader.flush();
      // What the page drops is not kept for them.
      this.#asked = this.#last = undefined;
      idle();
    }, failed);
    this.#observer = new MutationObserver((records) => this.#note(records));
    this.#addDocument(document);
  }

  stop() {
    this.#stopping.abort();
    this.#slices.stop();
    this.#observer.disconnect();
  }

  /** The numbers that begin in a text, or that an element stands for. */
  at(node) {
    let found = this.#found.get(node);
    if (typeof found == "number") {
      found = isText(node) ? new Found(found, 0, node, 0, node, node.length) : new Found(found, 0, node);
      this.#found.set(node, found);
    }
    return found instanceof Found ? [found] : found;
  }

  /** The row that an element is in, if it is in one. */
  rowOf(element) {
    return this.#rows.rowOf(element);
  }

  /** How a number is shown. */
  describe(number) {
    return this.#reader.describe(number);
  }

  /** Every number in the order of the page, one of each in a row. */
  all() {
    const found = [];
    const rows = new Map();
    for (const node of after(document.documentElement)) {
      for (const one of this.at(node) ?? []) {
        if (one.node != node) continue;
        const row = this.#rows.rowOf(one.element) ?? one;
        const numbers = rows.get(row) ?? new Set();
        rows.set(row, numbers);
        if (!numbers.has(one.number)) found.push(one);
        numbers.add(one.number);
      }
    }
    return found;
  }

  /** Looks again at the inputs on the page: whether one has another value now. */
  checkInputs() {
    let changed = false;
    for (const [input, text] of this.inputs) {
      if (!input.isConnected) {
        this.inputs.delete(input);
      } else if (text != input.value) {
        this.#lookAtInput(input);
        this.#lookAtData(input);
        changed = true;
      }
    }
    return changed;
  }

  #addDocument(document) {
    const { signal } = this.#stopping;
    this.documents.add(document);
    learn(document.defaultView);
    watchShadows(document.defaultView, signal, (host) => this.#mark(host, false));
    // Hosts that came from the parser got their root after they were told.
    if (document.readyState != "complete") {
      document.defaultView.addEventListener("load", () => this.#lookThrough(document, false), { signal });
    }
    this.#addRoot(document);
  }

  #addRoot(root) {
    if (this.#roots.has(root)) return;
    this.#roots.add(root);
    this.#observer.observe(root, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
      attributeFilter: this.#rules.attributes,
    });
    if (root.defaultView) setTimeout(() => this.#lookAtSeen(root), SEEN);
    this.#lookThrough(root, false);
  }

  /** Looks at what a person sees, before all else that is still to come; where reading is past it, it is read. */
  #lookAtSeen(document) {
    const { defaultView } = document;
    if (!this.#slices.isBusy || !defaultView) return;
    const last = this.#last;
    if (last?.ownerDocument == document && last.getBoundingClientRect?.().top > defaultView.innerHeight) return;
    const seen = () => {
      const nodes = [];
      near(document, (node) => nodes.push(node));
      return nodes;
    };
    const look = (node) => (node.nodeType == TEXT_NODE ? this.#lookAtText(node) : this.#lookAtElement(node));
    this.#slices.addUrgent(this.#job(new List(seen, look)));
  }

  #job(...jobs) {
    return new Steps(jobs, () => {
      this.#reader.flush();
      this.#changed();
    });
  }

  /** `again`: what was found there before counts no more. */
  #lookThrough(root, again) {
    this.#isNational ||= Boolean(root.matches?.(LANGUAGES) || root.querySelector(LANGUAGES));
    const texts = (root.ownerDocument ?? root).createTreeWalker(root, TEXTS);
    const job = this.#job(
      ...this.#withData(root, again),
      new Pieces(root, {
        piece: (first, text) => this.#lookAtPiece(first, text, texts, again),
        special: (element) => this.#lookAtElement(element, again),
      }),
    );
    // What changes is small and seen; the page is neither.
    if (again) this.#slices.addUrgent(job);
    else this.#slices.add(job);
  }

  /** The elements of a root that may have an attribute that was asked for. */
  #withData(root, again) {
    const { data } = this.#rules;
    if (!data) return [];
    if (!again) return [new List(() => root.querySelectorAll(data), (element) => this.#lookAtData(element))];
    // An attribute of one may have been what another was found by.
    const all = () => [root, ...root.querySelectorAll("*")];
    return [new List(all, (node) => node.nodeType == ELEMENT_NODE && this.#lookAtElement(node, true))];
  }

  #lookAtText(node) {
    const run = hasParts(node) ? new Run(node) : undefined;
    // Those that are read as one are, with the first of them: it may be no more than a plus sign.
    if (run && run.nodes[0] != node) return;
    const text = run ? run.text : node.data;
    if (hasEnough(text, this.#isNational)) this.#read(node, run, text);
  }

  /** Looks for numbers in siblings with this text, from the first on: nodes are gone through as far as there may be some. */
  #lookAtPiece(first, text, texts, again) {
    const begin = () => {
      texts.currentNode = first;
      return isText(first) ? first : texts.nextNode();
    };
    if (again) {
      let left = text.length;
      for (let node = begin(); left > 0; node = texts.nextNode()) {
        left -= node.length;
        this.#found.delete(node);
      }
    }
    this.#last = first;
    const pattern = patternFor(text, this.#isNational);
    if (!pattern.test(text)) return;
    let node = begin();
    let start = 0;
    let end = node.length;
    do {
      const { lastIndex } = pattern;
      // The text that it ends in. What began in another element is no number, and the engine sees as much.
      while (end < lastIndex) {
        node = texts.nextNode();
        start = end;
        end += node.length;
      }
      const run = hasParts(node) ? new Run(node) : undefined;
      this.#read(node, run, run?.text ?? text.slice(start, end));
      if (run) {
        for (const { length } of run.nodes.slice(run.nodes.indexOf(node) + 1)) end += length;
        texts.currentNode = run.nodes.at(-1);
      }
      pattern.lastIndex = end;
    } while (pattern.test(text));
  }

  /** Reads a text, or several that are one, if numbers count there. */
  #read(node, run, text) {
    const place = this.#placeAround(node);
    if (!place.isIn || !place.isIncluded || place.isLink) return;
    const region = this.#regionOf(node, place);
    // What was found when it was looked at before, as what is seen is.
    if (!run) this.#found.delete(node);
    if (region || !this.#isNational || hasPlus(text)) this.#reader.add(run ?? node, text, region);
  }

  #lookAtElement(element, again) {
    const { localName } = element;
    if (again) this.#found.delete(element);
    if (localName == "a" || localName == "area") this.#lookAtLink(element);
    else if (localName == "input") this.#lookAtInput(element);
    else if (/^i?frame$/.test(localName)) this.#lookAtFrame(element, again);
    if (element.shadowRoot) this.#lookAtHost(element, again);
    this.#lookAtData(element);
  }

  #lookAtHost(element, again) {
    const { shadowRoot } = element;
    // Also where nothing counts any more: what was found there is forgotten.
    if (again && this.#roots.has(shadowRoot)) this.#lookThrough(shadowRoot, true);
    else if (this.#placeOf(element).isIn) this.#addRoot(shadowRoot);
  }

  #lookAtLink(element) {
    // Asked before its address: a text from the browser costs three times as much.
    if (!element.matches(LINK)) return;
    const href = element.getAttribute("href");
    const place = this.#rules.isChosen(element) ? this.#placeOf(element) : this.#placeAround(element);
    if (place.isIn && place.isIncluded) this.#reader.addWhole(element, href, this.#regionOf(element, place));
  }

  #lookAtInput(element) {
    this.#found.delete(element);
    const place = isShownOnly(element) && this.#countsAt(element);
    if (place) {
      const text = element.value;
      this.inputs.set(element, text);
      if (hasEnough(text)) this.#standForFirst(element, text, place);
    } else this.inputs.delete(element);
  }

  /** What an attribute says that was asked for counts more than what is in an input, and where a link goes. */
  #lookAtData(element) {
    const { data } = this.#rules;
    if (!data || !element.matches(data)) return;
    const place = this.#countsAt(element);
    const name = this.#rules.dataNames.find((name) => element.hasAttribute(name));
    const text = place && name && element.getAttribute(name);
    if (text) this.#standForFirst(element, text, place);
  }

  /** The first number in a text is what an element stands for. */
  #standForFirst(element, text, place) {
    const [digits, extension] = this.#reader.first(text, this.#regionOf(element, place)) ?? [];
    if (digits) this.#stand(element, digits, extension, text);
  }

  /** A link is read with others, after what an attribute of it says. */
  #standForLink(element, digits, extension) {
    if (this.#found.get(element)?.text) return;
    if (extension) this.#stand(element, digits, extension);
    else this.#found.set(element, digits);
  }

  /** An element stands for a number: its digits and its extension. */
  #stand(element, digits, extension, text) {
    const one = new Found(digits, extension, element);
    one.text = text;
    this.#found.set(element, one);
  }

  #lookAtFrame(element, again) {
    const inner = frameOf(element);
    if (again && this.#roots.has(inner)) this.#lookThrough(inner, true);
    if (!this.#placeOf(element).isIn) return;
    if (!this.#roots.has(element)) {
      this.#roots.add(element);
      // Where it goes, another document comes.
      element.addEventListener("load", () => this.#lookAtFrame(element), { signal: this.#stopping.signal });
    }
    if (inner?.defaultView && !this.#roots.has(inner)) {
      for (const old of this.documents) if (!old.defaultView) this.documents.delete(old);
      this.#addDocument(inner);
    }
  }

  /** What holds in an element, if a number there counts. */
  #countsAt(element) {
    const place = this.#placeOf(element);
    return place.isIn && place.isIncluded ? place : undefined;
  }

  /** What holds right around a text or an element. The same as `#placeOf`, with less work where there are many alike. */
  #placeAround(node) {
    let outermost = node;
    for (let left = ASKED; left; left--) {
      const element = outermost.parentElement;
      if (!element) break;
      if (element == this.#asked) return this.#around;
      if (!this.#rules.isPlain(element)) return this.#placeOf(element);
      outermost = element;
    }
    const above = outermost.parentNode;
    // Taken out of the page before its turn came.
    if (!above) return NOWHERE;
    const place = this.#placeAbove(above);
    this.#asked = outermost;
    this.#around = place;
    return place;
  }

  /** What holds for the texts in a node: most are places like the one around them. */
  #placeOf(node) {
    const known = this.#places.get(node);
    if (known) return known;
    const above = node.parentNode ?? outside(node);
    const around = above ? this.#placeAbove(above) : { isIn: true, isIncluded: false, isLink: false, lang: "" };
    if (node.nodeType != ELEMENT_NODE) return node.designMode == "on" ? { ...around, isIn: false } : around;
    const has = node.hasAttributes();
    const isIn = around.isIn && !this.#rules.isLeftOut(node, has);
    const isIncluded = around.isIncluded || this.#rules.isIncluded(node);
    const isLink = around.isLink || (has && node.localName == "a" && node.matches(LINK));
    const lang = (has && node.lang) || around.lang;
    if (isIn == around.isIn && isIncluded == around.isIncluded && isLink == around.isLink && lang == around.lang) return around;
    return { isIn, isIncluded, isLink, lang, region: regionOfLanguage(lang) };
  }

  /** The same, kept for whatever else is in there. */
  #placeAbove(node) {
    let place = this.#places.get(node);
    if (!place) this.#places.set(node, (place = this.#placeOf(node)));
    return place;
  }

  #regionOf(node, { region }) {
    const own = this.#rows.hasRegions && this.#rows.regionOf(isText(node) ? parentOf(node) : node);
    return own || this.#region || region;
  }

  /** A number was found in a text, or in several that are one. */
  #take(text, start, end, digits, extension, length) {
    const isRun = text instanceof Run;
    if (end - start == length && !extension && !isRun) return void this.#found.set(text, digits);
    // Two of them may have changed: then they were read twice.
    if (isRun && !text.isForgotten) {
      for (const node of text.nodes) this.#found.delete(node);
      text.isForgotten = true;
    }
    const one = isRun
      ? new Found(digits, extension, ...text.place(start, false), ...text.place(end, true))
      : new Found(digits, extension, text, start, text, end);
    const known = this.at(one.node);
    known?.push(one);
    this.#found.set(one.node, known ?? one);
  }

  /** Something came or changed there; it is looked at in the next slice. `deep`: with what is in it. */
  #mark(node, deep) {
    const dirty = this.#dirty;
    if (!dirty.size) this.#slices.addUrgent(this.#job({ step: () => this.#lookAgain(), pause() {} }));
    dirty.set(node, deep || dirty.get(node));
  }

  #lookAgain() {
    const dirty = this.#dirty;
    this.#dirty = new Map();
    this.#places = new WeakMap();
    this.#asked = undefined;
    for (const [node, deep] of dirty) {
      if (!node.isConnected) continue;
      if (node.nodeType == TEXT_NODE) {
        const { nodes } = new Run(node);
        for (const one of nodes) this.#found.delete(one);
        for (const one of nodes) this.#lookAtText(one);
      } else if (deep) this.#lookThrough(node, true);
      else this.#lookAtElement(node, true);
    }
  }

  #note(records) {
    for (const { addedNodes, attributeName, nextSibling, previousSibling, removedNodes, target, type } of records) {
      if (type == "attributes") this.#mark(target, !OWN.test(attributeName));
      else if (type == "characterData") this.#mark(target);
      else {
        for (const node of addedNodes) {
          if (node.nodeType == ELEMENT_NODE || node.nodeType == TEXT_NODE) this.#mark(node, true);
        }
        // What was read as one with what came or went.
        for (const node of [previousSibling, nextSibling]) if (node?.nodeType == TEXT_NODE) this.#mark(node);
        if (removedNodes.length) this.#changed();
      }
    }
  }
}
