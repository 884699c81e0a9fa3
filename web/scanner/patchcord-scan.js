// Patchcord's page scanner: defines <patchcord-scan>.
//
// A file of its own: only pages that ask for it download it. Finds phone numbers on the page, marks them without a
// change to the page, and shows a card with a <patchcord-call>. How it works: docs/scanner.md.

import { make } from "../loader/dom.js";
import { dirOf, loadWords, tagOf } from "../loader/language.js";
import { Card } from "./card.js";
import { dress, undress } from "./looks.js";
import { Marks } from "./marks.js";
import { Reach } from "./reach.js";
import { joined } from "./reader.js";
import { Rows } from "./rows.js";
import { readRules } from "./rules.js";
import { Scan } from "./scan.js";
import { soon } from "./slices.js";
import { after } from "./walk.js";

const assets = new URL("./assets/dev/", import.meta.url);
const asset = (path) => new URL(path, assets).href;

/** What is handed on to each card's <patchcord-call>, as it stands. */
const HANDED_ON = ["relay", "theme", "session-url", "provider", "caller-id", "confirm", "prefill"];
const ATTRIBUTES = [...HANDED_ON, "lang", "region", "include", "exclude", "data", "leniency", "entity", "shortcut", "disabled", "texts"];
const PROPERTIES = ["entity", "record", "payload", "assertion", "texts"];
const LENIENCIES = ["possible", "valid", "strict", "exact"];
const SHORTCUT = "Alt+Shift+N";
/** Milliseconds between two looks at what is seen, while the page scrolls. */
const PAUSE = 100;
/** Milliseconds between two looks at inputs. */
const INPUTS = 1_000;

const cache = {};
const once = (key, ask) =>
  (cache[key] ??= ask().catch((error) => {
    // Asked for again by the next element.
    delete cache[key];
    throw error;
  }));

const sheet = new CSSStyleSheet();
const loadStyle = () =>
  once("style", async () => {
    const response = await fetch(asset("scanner.css"));
    if (!response.ok) throw new Error("scanner.css: " + response.status);
    sheet.replaceSync(await response.text());
  });

const loadEngine = () =>
  once("engine", async () => {
    const module = await import(asset("patchcord_scanner.js"));
    await module.default({ module_or_path: asset("patchcord_scanner_bg.wasm") });
    // It reads its two tables at their first use: one task for each.
    module.read(joined([]), "DE");
    await new Promise(soon);
    module.read(joined(["+49301234567"]), "");
    return module;
  });

const loadOwnWords = (...own) => once(JSON.stringify(own), () => loadWords(asset("scanner/"), ...own));

/** The call element comes from the loader beside this file, once for the page. */
const loadCall = async () => {
  if (!customElements.get("patchcord-call")) await import(new URL("./patchcord.js", import.meta.url).href);
};

/** After the next frame; soon in a page that is not seen, which has none. */
const nextFrame = () =>
  new Promise((done) => (document.hidden ? soon(done) : requestAnimationFrame(() => soon(done))));

const elements = new Set();

class ScanElement extends HTMLElement {
  static observedAttributes = ATTRIBUTES;

  #given = {};
  #turn = 0;
  #live;
  /** That it does not work, until the texts have come. */
  #failed = "Phone numbers on this page cannot be marked.";

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
  }

  connectedCallback() {
    // Set before the element was defined: an own property hides the accessor.
    for (const key of PROPERTIES) {
      if (Object.hasOwn(this, key)) {
        this.#given[key] = this[key];
        delete this[key];
      }
    }
    elements.add(this);
    // Before the page has all its rows, if it can be.
    if (!this.hasAttribute("disabled")) dress(document);
    this.#begin();
  }

  disconnectedCallback() {
    // Not at once: a move takes it out and puts it back in.
    queueMicrotask(() => {
      if (this.isConnected) return;
      elements.delete(this);
      this.#end();
      if (!elements.size) undress();
    });
  }

  attributeChangedCallback(name, old, now) {
    if (old != now && this.isConnected) this.#begin();
  }

  static {
    for (const key of PROPERTIES) {
      Object.defineProperty(this.prototype, key, {
        get() {
          return this.#given[key];
        },
        set(value) {
          this.#given[key] = value ?? undefined;
          if (/^(entity|texts)$/.test(key) && this.isConnected) this.#begin();
        },
      });
    }
  }

  /** The numbers of the page that were found so far, in its order, one of each in a row. */
  get numbers() {
    return (this.#live?.scan.all() ?? []).map(({ element, number }) => ({ element, number }));
  }

  #options() {
    const attributes = {};
    for (const name of HANDED_ON) attributes[name] = this.getAttribute(name) ?? undefined;
    const lang = tagOf(this);
    return { ...this.#given, texts: this.#texts(), attributes: { ...attributes, lang }, lang, theme: attributes.theme };
  }

  /** The page's own texts. */
  #texts() {
    const { texts } = this.#given;
    const given = this.getAttribute("texts");
    return texts ?? (given ? JSON.parse(given) : undefined);
  }

  /** Starts anew, once everything that is set now is set and everything that it needs is there. */
  async #begin() {
    const turn = ++this.#turn;
    await undefined;
    const isOld = () => turn != this.#turn || !this.isConnected;
    if (isOld()) return;
    this.#end();
    if (this.hasAttribute("disabled")) return;
    let settings;
    try {
      settings = this.#settings();
    } catch (field) {
      const message = `The attribute "${field}" of <patchcord-scan> has a value that cannot be used.`;
      return this.#tell("patchcorderror", { code: "unknown_attribute_value", field, message });
    }
    try {
      const { lang, texts } = this.#options();
      const [engine, words] = await Promise.all([loadEngine(), loadOwnWords(lang, texts), loadStyle(), loadCall()]);
      if (isOld()) return;
      const parts = this.#build(words);
      // After a frame: what is seen is looked at first, and the browser knows by then what that is.
      await nextFrame();
      if (!isOld()) this.#start(engine, settings, parts);
    } catch (error) {
      if (!isOld()) this.#fail(error);
    }
  }

  /** What the attributes say; throws the name of one that cannot be used. */
  #settings() {
    const text = (name) => this.getAttribute(name) ?? undefined;
    const leniency = LENIENCIES.indexOf(text("leniency") ?? "valid");
    if (leniency < 0) throw "leniency";
    const region = text("region")?.toUpperCase();
    if (region && !/^[A-Z]{2}$/.test(region)) throw "region";
    const rules = readRules({ include: text("include"), exclude: text("exclude"), data: text("data") });
    let rows;
    try {
      this.#texts();
    } catch {
      throw "texts";
    }
    try {
      rows = new Rows(this.#given.entity ?? JSON.parse(text("entity") ?? "{}"));
    } catch {
      throw "entity";
    }
    return { leniency, region, rules, rows };
  }

  /** What the element shows, when it does. */
  #build(words) {
    this.#failed = words.failed;
    const way = { lang: words.lang, dir: dirOf(this, words) };
    const layer = make("div.layer", { "aria-hidden": "true" });
    const enter = make("button.enter", { ...way, type: "button", "aria-keyshortcuts": this.#shortcut() }, words.enter);
    const card = new Card(() => this.#options(), words, way);
    this.shadowRoot.replaceChildren(layer, enter, card.node);
    return { layer, enter, card };
  }

  #start(engine, { leniency, region, rules, rows }, { layer, enter, card }) {
    const stopping = new AbortController();
    const { signal } = stopping;
    let painting, following, ready;
    const scan = new Scan({
      engine,
      leniency,
      rules,
      rows,
      region,
      changed: () => paint(),
      idle: () => {
        if (ready) return;
        ready = true;
        this.#tell("patchcordready");
      },
      failed: (error) => this.#fail(error),
    });
    const marks = new Marks(scan, layer);
    const close = () => {
      card.hide();
      marks.current = undefined;
      paint();
    };
    const reach = new Reach({
      scan,
      card,
      close,
      open: (found, box) => {
        if (found == marks.current && card.isOpen) return;
        const { record = this.record, payload = this.payload } = rows.about(found.element);
        card.show({ number: found.number, ...scan.describe(found.number), record, payload }, box);
        marks.current = found;
        paint();
      },
      shortcut: this.#shortcut(),
      signal,
    });
    enter.onclick = () => reach.go(after, document.documentElement);

    // After a frame, when the browser knows where everything is; then not again for a while.
    const paint = () => {
      painting ??= requestAnimationFrame(() => {
        painting = setTimeout(() => {
          painting = undefined;
          if (signal.aborted) return;
          for (const { defaultView } of scan.documents) if (defaultView) listen(defaultView);
          marks.paint();
          reach.check(marks.current);
        }, PAUSE);
      });
    };
    const heard = new WeakSet();
    const listen = (window) => {
      reach.listen(window);
      if (heard.has(window)) return;
      heard.add(window);
      const moved = () => {
        following ??= requestAnimationFrame(() => {
          following = undefined;
          if (!signal.aborted) marks.follow();
        });
        scan.checkInputs();
        paint();
      };
      for (const type of ["scroll", "resize", "toggle", "transitionend", "load"]) {
        window.addEventListener(type, moved, { capture: true, passive: true, signal });
      }
    };
    const inputs = setInterval(() => document.hidden || !scan.checkInputs() || paint(), INPUTS);
    signal.addEventListener("abort", () => {
      clearInterval(inputs);
      scan.stop();
      marks.clear();
      card.hide();
    });
    this.#live = { scan, stopping };
    listen(window);
    paint();
  }

  #shortcut() {
    return this.getAttribute("shortcut") ?? SHORTCUT;
  }

  /** Undoes everything. */
  #end() {
    this.#live?.stopping.abort();
    this.#live = undefined;
    this.shadowRoot.replaceChildren();
  }

  #fail(error) {
    this.#end();
    this.#tell("patchcorderror", { code: "module_failed", message: this.#failed + " " + error });
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, detail }));
  }
}

if (!customElements.get("patchcord-scan")) customElements.define("patchcord-scan", ScanElement);
