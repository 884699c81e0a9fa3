// What both elements have in common: the custom element itself, its options, the way from the plain control
// to the module and back, its events.

import { make } from "./dom.js";
import { dirOf, tagOf } from "./language.js";
import { full, home, loadHand, loadNumbers, loadStyle, loadTexts } from "./module.js";
import { base } from "./style.js";
import { readNumber } from "./values.js";

const PROPERTIES = "payload record assertion texts fields captcha".split(" ");
const FLAGS = "prefill confirm disabled open manage".split(" ");
const ATTRIBUTES =
  "relay region lang theme session-url payload number provider caller-id label site-key topic mode fields fallback texts".split(" ");

/** What a script calls `caller-id`, `site-key`, `session-url`. A pattern that is used twice is compiled, on the page's time. */
const keyOf = (name) => name.replace("-i", "I").replace("-k", "K").replace("-u", "U");

/** Defines an element, unless someone did before. */
export const define = (name, Control) => {
  if (customElements.get(name)) return;
  class Element extends HTMLElement {
    static observedAttributes = ATTRIBUTES.concat(FLAGS);

    // Private: to the outside an element has its contract's members only.
    #control = new Control(this);

    connectedCallback() {
      this.#control.connected();
    }

    disconnectedCallback() {
      this.#control.disconnected();
    }

    attributeChangedCallback() {
      this.#control.changed();
    }

    static {
      Object.assign(this.prototype, Control.methods);
      for (const key of PROPERTIES) {
        Object.defineProperty(this.prototype, key, {
          get() {
            return this.#control.options()[key];
          },
          set(value) {
            this.#control.given[key] = value;
            this.#control.changed();
          },
        });
      }
    }
  }
  customElements.define(name, Element);
};

/**
 * What an element does. Subclasses: `prefix`, `need`, `isFar`, `build`, `paint`, `isIdle`,
 * `handOver`, `goOn`; what hands over to the module brings `swap`, `drop` and `lose` (hand.js).
 */
export class Control {
  given = {};
  /** Numbers as they are dialled, by how they and their region are written. */
  dialled = {};
  /** The few words that a control needs before the texts have come, or if they do not come. */
  texts = {
    cancel: "Cancel",
    "call.label": "Call {number}",
    "call.waiting": "Connecting…",
    "code.other": "That did not work ({code}).",
  };
  /** What the plain control shows. */
  state = "idle";
  /** Tells when the element comes near the viewport. */
  near = new IntersectionObserver(
    (seen) => {
      if (!seen.pop().isIntersecting) return;
      this.near.disconnect();
      this.changed((this.isSeen = true));
      // An agent clicks at once: to a button the module comes with it.
      if (!this.isFar) this.want();
    },
    { rootMargin: "300px" },
  );

  constructor(element) {
    this.element = element;
  }

  /** Puts the plain control into the element. */
  begin() {
    const { element } = this;
    const on = (types, listener) => types.split(" ").map((type) => element.addEventListener(type, listener));
    // Nothing is swapped between the two halves of a click.
    on("pointerdown keydown", () => (this.held = true));
    on("pointerup pointerleave keyup focusout", () => setTimeout(() => ((this.held = false), this.swap?.())));
    on("pointerenter focusin", () => this.want());
    this.root = element.attachShadow({ mode: "open" });
    this.root.adoptedStyleSheets = [base, full];
    this.host = { options: () => this.options() };
    this.label = make("span", { part: "label" });
    this.main = make("button.main", { part: "button" });
    this.second = make("button.plain", { type: "button", hidden: "" });
    this.headline = make("b");
    this.advice = make("span");
    this.status = make("span.status", { part: "status", role: "status" }, this.headline, this.advice);
    this.second.onclick = () => {
      this.cancelled = true;
      if (this.early) this.settle("refused", { code: "cancelled" });
      else if (!this.flight) this.show("idle");
      this.main.focus();
    };
    /** Where the control is. */
    this.place = this.root;
    this.root.append((this.plain = this.build()));
  }

  connected() {
    const { element } = this;
    // Set before the element was defined: an own property hides the accessor.
    for (const key of PROPERTIES) {
      if (Object.hasOwn(element, key)) {
        this.given[key] = element[key];
        delete element[key];
      }
    }
    this.isHere = true;
    this.near.observe(element);
    this.changed();
  }

  disconnected() {
    // Not at once: a move takes it out and puts it back in.
    queueMicrotask(() => {
      if (this.element.isConnected) return;
      this.cancelled = true;
      this.early = 0;
      this.isHere = false;
      this.drop?.();
    });
  }

  /** Something was set: looks at it once, when everything is set, and in a task of its own. */
  changed() {
    this.looking ||= setTimeout(() => {
      this.looking = 0;
      if (!this.isHere) return;
      if (this.root) this.look();
      // A button is found by keys and by screen readers wherever it is.
      else if (!this.isFar?.()) this.changed(this.begin());
    });
  }

  look() {
    const { dialled, element, label, main } = this;
    const { lang, number, region, texts: own } = this.options();
    const said = lang + JSON.stringify(own);
    const key = number + region;
    if (number && region && !(key in dialled) && !readNumber(number)) {
      // As it is written in its region: the number engine has to read it first.
      main.disabled = label.textContent = number;
      return loadNumbers(number, region).then((text) => this.changed((dialled[key] = text)));
    }
    if (this.isNear && said != this.says) {
      this.says = said;
      loadTexts(this.prefix, lang).then(
        (texts) => {
          this.texts = this.host.texts = { ...texts, ...own };
          this.way = { lang: texts.lang, dir: dirOf(element, texts) };
          // A mounted component keeps the texts that it was mounted with.
          if (!this.flight) this.drop?.();
          this.changed();
        },
        () => this.lack(),
      );
    }
    const problem = this.check();
    const wrong = JSON.stringify(problem);
    if (problem && wrong != this.wrong) this.complain(problem);
    this.wrong = wrong;
    this.problem = problem;
    if (problem && !this.flight) this.drop?.();
    this.refresh?.();
    this.paint();
    this.swap?.(true);
  }

  options() {
    const { element, given } = this;
    const options = {};
    for (const name of ATTRIBUTES) options[keyOf(name)] = element.getAttribute(name) ?? undefined;
    for (const name of FLAGS) options[name] = element.hasAttribute(name);
    for (const name of ["payload", "texts"]) {
      try {
        options[name] &&= JSON.parse(options[name]);
        // What is no JSON, and no address below, stays as it is: `check` says so.
      } catch {}
    }
    for (const key in given) options[key] = given[key] ?? options[key];
    options.number = this.dialled[options.number + options.region] ?? options.number;
    options.lang ||= tagOf(element);
    try {
      options.relay = options.relay ? new URL(options.relay).origin : home();
      options.sessionUrl &&= new URL(options.sessionUrl, document.baseURI).href;
    } catch {}
    return options;
  }

  /** What is wrong with the attributes, as `{code, field}`. */
  check() {
    const options = this.options();
    const { need } = this;
    const { manage, mode = "inline", number, payload = {} } = options;
    if (!manage && !this.element.getAttribute(need)) return { code: "missing_attribute", field: need };
    if (need == "number" && !readNumber(number)) return { code: "invalid_number", field: need };
    // By name: an object may come from another realm (an iframe, a CRM's sandbox).
    if ({}.toString.call(payload) != "[object Object]") return { code: "payload_invalid", field: "payload" };
    if (!/^(inline|popup|float|slide)$/.test(mode)) return { code: "unknown_attribute_value", field: "mode" };
    // What is loaded later looks at the others (check.js).
    return this.checkMore?.(options);
  }

  /** What happened and what to do, for a person. */
  words({ code, field, message, detail = message, remedy }) {
    const { texts } = this;
    const key = "code." + code;
    const own = texts[key];
    // A text that quotes the provider needs something to quote.
    const text = (!detail && texts[key + ".silent"]) || own || detail || texts["code.other"];
    return [
      text
        .replace("{message}", detail)
        .replace("{field}", field)
        .replace("{code}", code),
      // In the words of who said what happened: the relay's are English, and for developers.
      own ? texts[key + ".remedy"] : remedy,
    ];
  }

  complain(problem) {
    this.emit("patchcorderror", { ...problem, message: this.words(problem)[0] });
  }

  emit(name, detail) {
    const cancelable = /requested$/.test(name);
    const goes = this.element.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, cancelable, detail }));
    if (cancelable) this.flight = goes && detail;
    else if (/(accepted|queued|refused|unknown)$/.test(name)) this.flight = 0;
    return goes;
  }

  /** The plain control shows something else. */
  show(state, data) {
    this.state = state;
    this.data = data;
    this.paint();
  }

  /** What both plain controls show in the same way; gives the state. */
  paintStatus() {
    const { data, prefix, problem, second, texts } = this;
    const state = problem ? "invalid" : this.state;
    const key = (state == "waiting" ? "call." : prefix) + state;
    const [headline = "", advice = ""] = /refused|invalid/.test(state)
      ? this.words(problem ?? data)
      : [data?.headline ?? texts[key], data?.advice ?? texts[key + ".remedy"]];
    Object.assign(this.plain, this.way).dataset.state = state;
    this.headline.textContent = headline;
    this.advice.textContent = advice;
    second.textContent = texts.cancel;
    second.hidden = !"waiting,asking".includes(state);
    return state;
  }

  /** Ends what the plain control was doing. */
  settle(outcome, data, more) {
    const detail = { ...this.flight, ...more };
    if (outcome != "accepted") Object.assign(detail, { code: data.code, message: this.words(data)[0] });
    this.early = 0;
    this.emit(this.prefix.slice(0, -1) + (more?.reference ? "queued" : outcome), detail);
    this.show(data.code == "cancelled" ? "idle" : outcome, data);
    this.swap?.();
  }

  /** Loads what is seen. */
  come() {
    if (!this.isNear) this.changed((this.isNear = loadStyle()));
  }

  /** What it needs did not come: asked for again by whoever comes to the element, and in a while where it is seen. */
  lack() {
    const problem = { code: "relay_unreachable" };
    this.says = this.isNear = 0;
    // A button works without its texts; of a form nothing would be there.
    if (this.form && !this.host.config && this.state != "refused") {
      this.complain(problem);
      this.show("refused", problem);
    }
    setTimeout(() => this.near.observe(this.element), 5e3);
  }

  /** The module is wanted: loads it, and what hands over to it. */
  want() {
    this.wanted ??= loadHand()
      .then(({ take }) => take(this))
      .catch((why) => this.revert(why));
    this.come();
  }

  /** There is no module, or no more: the plain control goes on. */
  revert(why) {
    if (this.reverted) return;
    this.reverted = true;
    this.complain({ code: "module_failed", detail: why + "" });
    this.lose?.();
    this.goOn?.();
  }
}
