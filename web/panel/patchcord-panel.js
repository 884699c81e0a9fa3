// Patchcord's agent panel: defines <patchcord-panel>.
//
// A file of its own, beside the loader of the buttons and forms: only pages with a panel download it. The panel is
// a WebAssembly module; there is no plain panel, so where the module cannot be used the element says so.

import { make } from "../loader/dom.js";
import { dirOf, forIntl, spoken, tagOf } from "../loader/language.js";

const assets = new URL("./assets/dev/", import.meta.url);
const asset = (path) => new URL(path, assets).href;

const PROPERTIES = ["payload", "record", "assertion", "texts"];
const ATTRIBUTES =
  "relay region lang theme session-url payload number provider phone direct account tenant redirect-uri agent dialler trusted texts".split(" ");

// Perhaps this page is the popup that a platform has sent back to after signing in. Whoever waits for what is in its
// address says so; then the popup has done its work.
const query = new URLSearchParams(location.search);
if (query.has("code") || query.has("error")) {
  const channel = new BroadcastChannel("patchcord-sign-in");
  channel.onmessage = ({ data }) => data == "taken " + (query.get("state") ?? query.get("code")) && close();
  channel.postMessage(location.search);
  opener?.postMessage(location.search, location.origin);
}

const cache = {};
const once = (key, ask) =>
  (cache[key] ??= ask().catch((error) => {
    // Asked for again by the next element.
    delete cache[key];
    throw error;
  }));

const text = (path) =>
  once(path, async () => {
    const response = await fetch(asset(path));
    if (!response.ok) throw new Error(path + ": " + response.status);
    return response.text();
  });

const sheet = new CSSStyleSheet();
const loadStyle = () => once("style", async () => sheet.replaceSync(await text("panel.css")));

const loadTexts = (lang) => text(`panel/${spoken(lang)}.json`).then(JSON.parse);

/** The module; another one where there is no relay. */
const load = (name = "patchcord_panel") =>
  once(name, async () => {
    const module = await import(asset(name + ".js"));
    await module.default({ module_or_path: asset(name + "_bg.wasm") });
    module.onPanic((why) => {
      // It cannot be had anew on this page.
      for (const panel of panels) if (panel.module == module) panel.fail(new Error(why), true);
    });
    return module;
  });

/** What is said where no texts have come. */
const FEW = {
  "panel.failed": "The phone could not be loaded.",
  "panel.failed.remedy": "Reload the page.",
  "desk.do.again": "Try again",
};

const panels = new Set();

class Panel extends HTMLElement {
  static observedAttributes = ATTRIBUTES;

  #given = {};
  #live;
  #turn = 0;
  #looking;
  #root;
  #texts;
  /** `lang` and `dir` of what is said. */
  #way;
  /** The module that is used; another one where there is no relay, or where the platform has no desk of its own. */
  #name;
  /** The same function for as long as there is one: pages that render again and again give a new one each time. */
  #assert = () => this.#given.assertion();

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
    panels.add(this);
    this.#begin();
  }

  disconnectedCallback() {
    // Not at once: a move takes it out and puts it back in.
    queueMicrotask(() => {
      if (this.isConnected) return;
      panels.delete(this);
      this.#end();
    });
  }

  attributeChangedCallback(name, old, now) {
    if (old != now) this.#changed(name);
  }

  static {
    for (const key of PROPERTIES) {
      Object.defineProperty(this.prototype, key, {
        get() {
          return this.#options()[key];
        },
        set(value) {
          const old = this.#given[key];
          this.#given[key] = value ?? undefined;
          const isSame = key == "texts" ? JSON.stringify(old) == JSON.stringify(value) : old === this.#given[key];
          if (!isSame && !(typeof old == "function" && typeof value == "function")) this.#changed(key);
        },
      });
    }
  }

  #changed(name) {
    if (!panels.has(this)) return;
    // Who is asked, and how it is said: another panel.
    if (!/^(payload|record|number|theme|region)$/.test(name)) {
      this.#name = undefined;
      return this.#begin();
    }
    if (this.#looking) return;
    this.#looking = true;
    queueMicrotask(() => {
      this.#looking = false;
      this.#guard(() => this.#live?.update());
    });
  }

  #options() {
    const options = {};
    for (const name of ATTRIBUTES) {
      options[name.replace(/-./, (hyphen) => hyphen[1].toUpperCase())] = this.getAttribute(name) ?? undefined;
    }
    options.trusted = this.hasAttribute("trusted");
    for (const name of ["payload", "texts"]) {
      try {
        options[name] = JSON.parse(options[name]);
        // What is no JSON, and no address below, stays as it is: the panel says so.
      } catch {}
    }
    for (const key in this.#given) options[key] = this.#given[key] ?? options[key];
    if (typeof options.assertion == "function") options.assertion = this.#assert;
    options.lang = forIntl(options.lang || tagOf(this));
    try {
      options.relay = options.relay ? new URL(options.relay).origin : assets.origin;
      options.sessionUrl &&= new URL(options.sessionUrl, document.baseURI).href;
    } catch {}
    return options;
  }

  /**
   * Does what a control of the panel does: `hold <call>`; `dial` dials what is offered, known by `id` in events.
   * @returns {string | null | undefined} nothing, or what is in the way
   */
  act(word, value = "", id = "") {
    return this.#live ? this.#live.act(word, value, id) : null;
  }

  /** Whose calls it shows, once that is known: the same text for the same agent, and for nobody else. */
  get owner() {
    return this.#live?.owner?.();
  }

  /** What the relay reads of a record in a CRM, at a path behind `/v1/hosts/`: a promise of `{name?, fields}`, or of nothing. */
  lookUp(path) {
    return new Promise((done) => this.#live.lookUp(path, done));
  }

  /** Mounts the panel anew, once everything that is set now is set and everything that it needs is there. */
  async #begin() {
    const turn = ++this.#turn;
    await undefined;
    const isOld = () => turn != this.#turn || !panels.has(this);
    if (isOld()) return;
    this.#end();
    const root = (this.#root = make("div.root", { "aria-busy": "true" }));
    this.shadowRoot.replaceChildren(root);
    const options = this.#options();
    const saying = loadTexts(options.lang).then((texts) => isOld() || this.#speak(texts, options));
    try {
      this.#name = options.direct ? "patchcord_direct" : this.hasAttribute("dialler") ? "patchcord_dialler" : this.#name;
      const loading = load(this.#name);
      const [module] = await Promise.all([loading, saying, loadStyle()]);
      if (isOld()) return;
      this.module = module;
      const seconds = new Intl.NumberFormat(options.lang, { style: "unit", unit: "second", unitDisplay: "long" });
      root.removeAttribute("aria-busy");
      const host = {
        options: () => this.#options(),
        emit: (name, detail) => this.#emit(name, detail),
        texts: this.#texts,
        seconds: (count) => seconds.format(count),
        without_desk: () => {
          // Once: the dialler needs none.
          if (this.#name) return;
          this.#name = "patchcord_dialler";
          this.#begin();
        },
      };
      this.#guard(() => (this.#live = module.mountPanel(root, host)));
    } catch (error) {
      // In the page's language, if it can be had.
      await saying.catch(() => {});
      if (!isOld()) this.fail(error);
    }
  }

  /** Says it in these texts, in place of which the page may have its own. */
  #speak(texts, { lang, texts: own }) {
    this.#texts = { ...texts, ...own };
    this.#way = { lang: texts.lang, dir: dirOf(this, texts) };
    Object.assign(this.#root, this.#way);
  }

  #end() {
    const live = this.#live;
    this.#live = undefined;
    this.#guard(() => live?.free());
  }

  #emit(name, detail) {
    const cancelable = name.endsWith("requested");
    return this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, cancelable, detail }));
  }

  #guard(call) {
    try {
      call();
    } catch (error) {
      this.fail(error);
    }
  }

  /** There is no panel: says so, in the few words that are here. */
  fail(error, dead) {
    this.#turn++;
    const live = this.#live;
    this.#live = undefined;
    try {
      // What is not dead lets go of its connection.
      if (!dead) live?.free();
    } catch {}
    const texts = { ...FEW, ...this.#texts };
    const button = make("button", { type: "button", part: "button" }, texts["desk.do.again"]);
    button.onclick = () => (dead ? location.reload() : this.#begin());
    const message = make("b", 0, texts["panel.failed"]);
    const advice = make("p", 0, texts["panel.failed.remedy"]);
    this.shadowRoot.replaceChildren(make("div.failed", { role: "alert", ...this.#way }, message, advice, button));
    this.#emit("patchcorderror", { code: "module_failed", message: error + "" });
  }
}

if (!customElements.get("patchcord-panel")) customElements.define("patchcord-panel", Panel);

export { load };
