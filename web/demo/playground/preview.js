// The preview: a page in a frame, with the very code on it that is there to copy.

/** The least height of the frame, in pixels: for what grows with its content, and for what floats. */
const LEAST = 240;
const FLOATS = 560;
/** The margins of the page in it. */
const MARGINS = 48;

export class Preview {
  #frame;
  #floats;
  #sheet;
  /** The element on the page. */
  #element;

  /** `frame` has loaded its page. */
  constructor(frame) {
    this.#frame = frame;
    const { document, CSSStyleSheet, ResizeObserver } = frame.contentWindow;
    this.#sheet = new CSSStyleSheet();
    document.adoptedStyleSheets = [this.#sheet];
    new ResizeObserver(() => this.#fit()).observe(document.body);
  }

  /** Shows code. `scheme` is what the page around the element says of itself; `floats`, whether it is over the page. */
  show(code, { scheme, floats }) {
    const { document } = this.#frame.contentWindow;
    // A style sheet's text is taken out first: as markup, this page's policy would refuse it.
    const [style, rules = ""] = /<style>([^]*)<\/style>/.exec(code) ?? [""];
    const written = new DOMParser().parseFromString(code.replace(style, ""), "text/html");
    // Of a script or a theme that was there before only what differs is touched: nothing flickers.
    for (const { src } of written.scripts) {
      if (![...document.scripts].some((script) => script.src === src)) {
        document.head.append(Object.assign(document.createElement("script"), { type: "module", src }));
      }
    }
    this.#link(written.querySelector("link")?.href);
    this.#sheet.replaceSync(rules);
    this.#put(written.body.lastElementChild);
    document.documentElement.style.colorScheme = scheme === "auto" ? "light dark" : scheme;
    document.body.classList.toggle("floats", floats);
    this.#floats = floats;
    this.#fit();
  }

  /** Links a theme, or none. The one before goes when the new one is there. */
  #link(href) {
    const { document } = this.#frame.contentWindow;
    const old = [...document.querySelectorAll("link[data-theme]")];
    if (old.some((link) => link.href === href) && old.length === 1) return;
    const gone = () => old.forEach((link) => link.remove());
    if (!href) return gone();
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: gone, onerror: gone });
    link.dataset.theme = "";
    document.head.append(link);
  }

  /** Puts an element on the page, or has the one that is there follow. */
  #put(wanted) {
    const { document } = this.#frame.contentWindow;
    const there = this.#element;
    const differs = (name) => there.getAttribute(name) !== wanted.getAttribute(name);
    if (there?.localName !== wanted.localName || differs("mode") || differs("site-key")) {
      this.#element = document.importNode(wanted, true);
      there?.remove();
      document.body.append(this.#element);
      return;
    }
    for (const { name } of [...there.attributes]) {
      if (!wanted.hasAttribute(name) && name !== "open") there.removeAttribute(name);
    }
    for (const { name, value } of wanted.attributes) {
      if (there.getAttribute(name) !== value) there.setAttribute(name, value);
    }
  }

  #fit() {
    const { body } = this.#frame.contentDocument;
    const height = Math.ceil(body.getBoundingClientRect().height) + MARGINS;
    this.#frame.style.blockSize = `${Math.max(height, this.#floats ? FLOATS : LEAST)}px`;
  }
}
