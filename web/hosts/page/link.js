// The host page's end: what is kept until the frame answers, what it is asked for, what it tells.

import { BridgeError, Once, VERSION, copy, freshId, isObject, plain } from "./wire.js";

/** A request is kept for so long while the frame has not answered `hello`: milliseconds. */
const KEPT = 10_000;
/** A request that was sent is answered within this, or nobody knows. The frame keeps a click for 10 s itself. */
const SENT = 60_000;
/** A frame that has not said a word by then is blocked, or not there. */
const SILENT = 20_000;

export class Link {
  #element;
  #relay;
  #page;
  /** Requests by their id: `{message, keptSince?, settle, isSent}`; times as of `performance.now()`. */
  #requests = new Map();
  #once = new Once();
  #isWelcome = false;
  #isReady = false;
  #isClosed = false;
  #lang;
  #silence;
  visible = true;
  /** How the agent stands, once the frame has said so. */
  agent;

  constructor(element, relay, page) {
    this.#element = element;
    this.#relay = relay;
    this.#page = page;
    addEventListener("message", this);
    this.#silence = setTimeout(() => this.#failed(), SILENT);
  }

  get lang() {
    return this.#lang;
  }

  set lang(tag) {
    this.#lang = tag;
    if (this.#isWelcome) this.#send({ type: "lang", lang: tag });
  }

  show(isVisible) {
    this.visible = isVisible;
    this.#element.show(isVisible);
    if (this.#isWelcome) this.#send({ type: "visible", visible: isVisible });
  }

  /** Asks the frame to dial or to offer; kept until it listens. Rejects with a `BridgeError`, or the signal's reason. */
  ask(type, request, { signal } = {}) {
    return new Promise((give, refuse) => {
      if (signal?.aborted) return refuse(signal.reason);
      if (this.#isClosed) return refuse(new BridgeError({ code: "cancelled", message: "The phone was taken away." }));
      let message;
      try {
        // As JSON has it: what has no copy in another window is no message.
        message = { ...copy(request), type, id: freshId() };
      } catch {
        return refuse(new BridgeError({ code: "invalid_json", message: "A request has to be plain JSON." }));
      }
      const { id } = message;
      const settle = (settled, value) => {
        clearTimeout(entry.timer);
        signal?.removeEventListener("abort", abort);
        this.#requests.delete(id);
        settled(value);
      };
      const abort = () => {
        // What the frame still keeps it gives up; what it has dialled it has dialled.
        if (entry.isSent) this.#send({ type: "cancel", re: id });
        settle(refuse, signal.reason);
      };
      const entry = {
        message,
        isSent: false,
        give: (value) => settle(give, value),
        refuse: (problem) => settle(refuse, new BridgeError(problem)),
      };
      signal?.addEventListener("abort", abort);
      this.#requests.set(id, entry);
      if (this.#isWelcome) this.#deliver(entry);
      else {
        entry.keptSince = performance.now();
        entry.timer = setTimeout(() => entry.refuse({ code: "expired", message: "The phone was not ready in time. Nothing was dialled." }), KEPT);
      }
    });
  }

  #deliver(entry) {
    if (entry.isSent) return;
    clearTimeout(entry.timer);
    entry.isSent = true;
    entry.timer = setTimeout(() => entry.refuse({ code: "no_reply", message: "The phone did not say what became of it." }), SENT);
    // What was kept here is kept for so much less there.
    const age = performance.now() - entry.keptSince;
    this.#send(age ? { ...entry.message, age } : entry.message);
  }

  #send(message) {
    this.#element.frame.contentWindow?.postMessage({ patchcord: VERSION, ...message }, this.#relay);
  }

  /** An event of the window. Only the iframe's own window, at the relay's origin, is listened to. */
  handleEvent({ source, origin, data }) {
    if (origin != this.#relay || !source || source != this.#element.frame.contentWindow) return;
    if (!isObject(data) || data.patchcord !== VERSION) return;
    switch (data.type) {
      case "ready":
        return this.#greet();
      case "welcome":
        return this.#welcome();
      case "answer":
        return this.#answered(data);
      case "assertion":
        return this.#serve(data, this.#page.assertion);
      case "log":
        return this.#serve(data, this.#page.log);
      case "agent":
        this.agent = data.state;
        return this.#page.tell("agent", { state: data.state, ...(data.because && { because: data.because }) });
      case "call":
        return this.#page.tell("call", data.call);
      case "show":
        return this.#page.tell("show", data.record ? { record: data.record } : { number: data.number });
      case "reveal":
        this.show(true);
        return this.#page.tell("reveal", {});
      case "size":
        this.#element.size(data);
        return this.#page.tell("size", { width: data.width, height: data.height });
    }
  }

  #greet() {
    // Ready once more: the frame has a new document, and what the old one was asked for it may have done.
    if (this.#isReady) {
      this.#isWelcome = false;
      this.agent = undefined;
      for (const entry of [...this.#requests.values()]) {
        if (entry.isSent) entry.refuse({ code: "interrupted", message: "The phone was reloaded. It may have dialled." });
      }
    }
    this.#isReady = true;
    clearTimeout(this.#silence);
    this.#send({ type: "hello" });
  }

  #welcome() {
    if (this.#isWelcome) return;
    this.#isWelcome = true;
    if (this.#lang !== undefined) this.#send({ type: "lang", lang: this.#lang });
    if (!this.visible) this.#send({ type: "visible", visible: false });
    for (const entry of [...this.#requests.values()]) this.#deliver(entry);
    this.#page.tell("ready", {});
  }

  #answered({ re, value, error }) {
    const entry = this.#requests.get(re);
    if (error) entry?.refuse(plain(error));
    else entry?.give(value);
  }

  /** Answers a request of the frame: each id once, and again with the same answer. */
  async #serve({ type, id, entry }, serve) {
    try {
      const missing = { code: "capability_missing", message: `The page has no ${type}.` };
      const value = await this.#once.do(id, async () => {
        if (!serve) throw new BridgeError(missing);
        return (await serve(entry)) ?? null;
      });
      this.#send({ type: "answer", re: id, value: type == "assertion" ? value : null });
    } catch (error) {
      this.#send({ type: "answer", re: id, error: plain(error) });
    }
  }

  #failed() {
    this.#page.tell("error", {
      code: "relay_unreachable",
      message: `${this.#element.frame.src} does not answer. Is the relay up, does it have this host, and is ${location.origin} one of the host's origins?`,
    });
  }

  /** Nothing is taken or sent any more; what was not answered is over. */
  close() {
    this.#isClosed = true;
    removeEventListener("message", this);
    clearTimeout(this.#silence);
    for (const entry of [...this.#requests.values()]) entry.refuse({ code: "cancelled", message: "The phone was taken away." });
  }
}
