// What both elements have in common: the custom element itself, its options, the way from the plain control
// to the module and back, its events.

import { make } from "./dom.js";
import { bury, controls, full, home, load, loadNumbers, loadStyle, loadTexts, whyDead } from "./module.js";
import { base } from "./style.js";
import { readNumber } from "./values.js";

const PROPERTIES = ["payload", "record", "assertion"];
const FLAGS = ["prefill", "confirm", "disabled"];
const ATTRIBUTES =
  "relay region lang theme session-url payload number provider caller-id label site-key topic mode fields".split(" ");

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
      for (const key of PROPERTIES) {
        Object.defineProperty(this.prototype, key, {
          get() {
            return this.#control.options()[key];
          },
          set(value) {
            this.#control.given[key] = value ?? undefined;
            this.#control.changed();
          },
        });
      }
    }
  }
  customElements.define(name, Element);
};

/** What an element does. Subclasses: `prefix`, `mount`, `need`, `build`, `paint`, `isIdle`, `handOver`, `goOn`. */
export class Control {
  given = {};
  /** Numbers as they are dialled, by how they and their region are written. */
  dialled = {};
  /** The few words that a control needs before the texts have come, or if they do not come. */
  texts = {
    cancel: "Cancel",
    "call.label": "Call {number}",
    "call.waiting": "Connecting…",
    "call.unknown": "We don't know whether the call was placed.",
    "code.other": "That did not work ({code}).",
  };
  /** What the plain control shows. */
  state = "idle";
  /** Tells when the element comes near the viewport. */
  near = new IntersectionObserver((seen) => seen.some((entry) => entry.isIntersecting) && this.want(), {
    rootMargin: "300px",
  });

  constructor(element) {
    const hold = () => (this.held = true);
    const release = () => setTimeout(() => this.swap((this.held = false)));
    const want = () => this.want();
    for (const [type, listener] of Object.entries({
      // Nothing is swapped between the two halves of a click.
      pointerdown: hold,
      keydown: hold,
      pointerup: release,
      pointerleave: release,
      keyup: release,
      focusout: release,
      pointerenter: want,
      focusin: want,
    })) {
      element.addEventListener(type, listener);
    }
    this.element = element;
    this.root = element.attachShadow({ mode: "open" });
    this.root.adoptedStyleSheets = [base, full];
    this.host = {
      options: () => this.options(),
      // A dead module is not listened to any more: what it was doing is over, and was told as unknown.
      emit: (name, detail) => !whyDead() && this.emit(name, detail),
    };
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
    loadStyle();
    controls.add(this);
    this.near.observe(element);
    this.changed();
  }

  disconnected() {
    // Not at once: a move takes it out and puts it back in.
    queueMicrotask(() => {
      if (this.element.isConnected) return;
      this.cancelled = true;
      this.early = 0;
      this.near.disconnect();
      controls.delete(this);
      this.drop();
    });
  }

  /** Something was set: looks at it once, when everything is set. */
  changed() {
    if (this.looking) return;
    this.looking = true;
    queueMicrotask(() => {
      this.looking = false;
      if (controls.has(this)) this.look();
    });
  }

  look() {
    const { dialled, label, main } = this;
    const { lang, number, region } = this.options();
    const key = number + region;
    if (number && region && !(key in dialled) && !readNumber(number)) {
      // As it is written in its region: the number engine has to read it first.
      main.disabled = label.textContent = number;
      return loadNumbers(number, region).then((text) => this.changed((dialled[key] = text)));
    }
    if (lang != this.lang) {
      this.lang = lang;
      loadTexts(lang).then(
        (texts) => {
          this.texts = this.host.texts = texts;
          // A mounted component keeps the texts that it was mounted with.
          if (!this.flight) this.drop();
          this.changed();
        },
        () => {},
      );
    }
    const problem = this.check();
    const said = problem && problem.code + problem.field;
    if (problem && said != this.said) this.complain(problem);
    this.said = said;
    this.problem = problem;
    if (problem && !this.flight) this.drop();
    this.guard(() => this.live?.update());
    this.refresh?.();
    this.paint();
    this.swap();
  }

  options() {
    const { element, given } = this;
    const options = {};
    for (const name of ATTRIBUTES) {
      options[name.replace(/-./, (hyphen) => hyphen[1].toUpperCase())] = element.getAttribute(name) ?? undefined;
    }
    for (const name of FLAGS) options[name] = element.hasAttribute(name);
    try {
      options.payload = JSON.parse(options.payload);
      // What is no JSON, and no address below, stays as it is: `check` says so.
    } catch {}
    for (const key in given) options[key] = given[key] ?? options[key];
    options.number = this.dialled[options.number + options.region] ?? options.number;
    options.lang ??= (element.closest("[lang]") ?? document.documentElement).lang;
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
    const { mode = "inline", number, payload = {}, provider = "samespace", relay, sessionUrl, theme = "auto" } = options;
    if (!this.element.getAttribute(need)) return { code: "missing_attribute", field: need };
    if (need == "number" && !readNumber(number)) return { code: "invalid_number", field: need };
    // By name: an object may come from another realm (an iframe, a CRM's sandbox).
    if ({}.toString.call(payload) != "[object Object]") return { code: "payload_invalid", field: "payload" };
    const right = {
      theme: /^(auto|light|dark)$/.test(theme),
      mode: mode == "inline",
      provider: /^(samespace|babelforce)$/.test(provider),
      relay: /^https?:/.test(relay),
      "session-url": !sessionUrl || sessionUrl.startsWith(location.origin + "/"),
    };
    for (const field in right) if (!right[field]) return { code: "unknown_attribute_value", field };
  }

  /** What happened and what to do, for a person. */
  words({ code, field, message, detail = message, remedy }) {
    const { texts } = this;
    const text = texts["code." + code] ?? detail ?? texts["code.other"];
    return [
      (detail || !text.includes("{m") ? text : texts[`code.${code}.silent`])
        .replace("{message}", detail)
        .replace("{field}", field)
        .replace("{code}", code),
      texts[`code.${code}.remedy`] ?? remedy,
    ];
  }

  complain(problem) {
    this.emit("patchcorderror", { ...problem, message: this.words(problem)[0] });
  }

  emit(name, detail) {
    const cancelable = name.endsWith("requested");
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
      : [texts[key], texts[key + ".remedy"]];
    this.plain.dataset.state = state;
    this.headline.textContent = headline;
    this.advice.textContent = advice;
    second.textContent = texts.cancel;
    second.hidden = !/waiting|asking/.test(state);
    return state;
  }

  /** Ends what the plain control was doing. */
  settle(outcome, data, more) {
    const detail = { ...this.flight, ...more };
    if (outcome != "accepted") Object.assign(detail, { code: data.code, message: this.words(data)[0] });
    this.early = 0;
    this.emit(this.prefix.slice(0, -1) + (more?.reference ? "queued" : outcome), detail);
    this.show(data.code == "cancelled" ? "idle" : outcome, data);
    this.swap();
  }

  /** The module is wanted: loads it, then hands over. */
  want() {
    this.near.disconnect();
    this.wanted ??= load().then(
      (module) => this.swap((this.module = module)),
      () => this.revert(),
    );
  }

  /** Hands over to the module, if this is a moment for it. */
  swap() {
    const { host, module, root } = this;
    const isTime = module && !whyDead() && !this.live && !this.problem && !this.held && host.texts;
    if (!isTime || !controls.has(this) || !this.isIdle()) return;
    const box = make("div");
    const focused = root.activeElement;
    host.pending = this.handOver();
    this.guard(() => (this.live = module[this.mount](box, host)));
    host.pending = undefined;
    // Where it failed a kept click is still here, and the plain control sends it.
    if (!this.live) return;
    this.early = 0;
    root.replaceChildren(box);
    if (focused) box.querySelector(".main").focus({ preventScroll: true });
  }

  /** Calls into the module; if that throws, the module is done for. */
  guard(call) {
    try {
      call();
    } catch (error) {
      bury(error);
    }
  }

  /** Takes the module's control out and puts the plain one in. */
  drop() {
    const { live } = this;
    if (!live) return;
    this.live = undefined;
    if (!whyDead()) this.guard(() => live.free());
    this.root.replaceChildren(this.plain);
  }

  /** The module is dead: the plain control goes on. */
  revert() {
    if (this.reverted) return;
    this.reverted = true;
    this.complain({ code: "module_failed", detail: whyDead() });
    if (this.live) {
      this.drop();
      if (this.flight) this.settle("unknown", { code: "module_failed" });
    }
    this.goOn?.();
  }
}
