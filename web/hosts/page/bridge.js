// The frame's end of Patchcord's own messages.

import { clickAge, dialRequest, requestId, wrongField } from "./requests.js";
import { BridgeError, Once, VERSION, freshId, isObject, plain, within } from "./wire.js";

/** How long the page may take to say who the agent is, or to keep a call: milliseconds. */
const LIMIT = 30_000;

export class Bridge {
  #send;
  #settings;
  #frame;
  #once = new Once();
  /** What can still be taken back, by the id of the request. */
  #held = new Map();
  /** What the frame asked for and was not answered, by its id. */
  #asked = new Map();
  /** What the page is told once it has spoken. */
  #early = [];
  #listening = false;

  constructor(send, settings, frame) {
    this.#send = (message) => send({ patchcord: VERSION, ...message });
    this.#settings = settings;
    this.#frame = frame;
  }

  reads(data) {
    return isObject(data) && "patchcord" in data;
  }

  begin() {
    this.#send({ type: "ready" });
  }

  async take(data, _origin, at) {
    try {
      await this.#take(data, at);
    } catch (error) {
      const re = typeof data.id == "string" ? data.id : null;
      this.#send({ type: "answer", re, error: plain(error) });
    }
  }

  #take(data, at) {
    if (data.patchcord !== VERSION) throw wrongField("patchcord", `This frame speaks version ${VERSION}.`);
    if (data.type == "hello") this.#send({ type: "welcome", version: VERSION, host: this.#settings.name });
    this.#listening = true;
    for (const message of this.#early.splice(0)) this.#send(message);
    switch (data.type) {
      case "hello":
        return;
      case "dial":
      case "offer":
        return this.#do(data, at);
      case "cancel":
        return this.#held.get(data.re)?.abort();
      case "visible":
        if (typeof data.visible != "boolean") throw wrongField("visible", "visible has to be true or false.");
        return this.#frame.visible(data.visible);
      case "lang":
        if (typeof data.lang != "string") throw wrongField("lang", "lang has to be a language tag.");
        return this.#frame.lang(data.lang);
      case "answer":
        return this.#answered(data);
      default:
        throw wrongField("type", "There is no such message.");
    }
  }

  async #do(data, at) {
    const id = requestId(data);
    const since = at - clickAge(data);
    const answer = await this.#once.do(id, async () => {
      const hold = new AbortController();
      this.#held.set(id, hold);
      try {
        return { value: await this.#frame[data.type](dialRequest(data), { signal: hold.signal, since }) };
      } catch (error) {
        return { error: plain(error) };
      } finally {
        this.#held.delete(id);
      }
    });
    this.#send({ type: "answer", re: id, ...answer });
  }

  #answered({ re, value, error }) {
    const asked = this.#asked.get(re);
    if (error) asked?.refuse(new BridgeError(plain(error)));
    else asked?.give(value);
  }

  #tell(message) {
    if (this.#listening) this.#send(message);
    else this.#early.push(message);
  }

  #ask(type, id, more) {
    const message = { type, id, ...more };
    const answer = new Promise((give, refuse) => this.#asked.set(id, { give, refuse }));
    this.#tell(message);
    return within(LIMIT, answer, { code: "request_timeout", message: "The page does not answer." }).finally(() => {
      this.#asked.delete(id);
      this.#early = this.#early.filter((kept) => kept != message);
    });
  }

  async assertion() {
    const text = await this.#ask("assertion", freshId());
    if (typeof text == "string") return text;
    throw new BridgeError({ code: "assertion_invalid", message: "The page gave no assertion." });
  }

  async log(entry) {
    try {
      // An entry that comes again because its answer was late is the same request.
      await this.#ask("log", `log ${entry.id}`, { entry });
    } catch (error) {
      // A page that keeps no calls has kept what it wants to.
      if (error.code != "capability_missing") throw error;
    }
  }

  agent(state, because) {
    this.#tell({ type: "agent", state, ...(because && { because }) });
  }

  call(call) {
    this.#tell({ type: "call", call });
  }

  show(target) {
    this.#tell({ type: "show", ...target });
  }

  reveal() {
    this.#tell({ type: "reveal" });
  }

  size({ width, height }) {
    this.#tell({ type: "size", width, height });
  }
}
