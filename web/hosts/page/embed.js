// babelforce's own embed messages, so that a page that was made for the vendor's iframe works here. There are two
// spellings, today's and that of the older widget; a page gets the one that it speaks, and both until it has spoken.

import { EmbedData } from "./embed-data.js";
import { embedStates, older } from "./embed-states.js";
import { EmbedTokens } from "./embed-token.js";
import { BridgeError, isObject, plain } from "./wire.js";

/** A dial to the same number within so many milliseconds is the same click, told twice: these messages have no id. */
const SAME_CLICK = 3_000;

export class Embed {
  #send;
  #settings;
  #frame;
  #data = new EmbedData();
  #tokens = new EmbedTokens(() => this.begin());
  /** `current` or `older`; unknown until the page has spoken. */
  #spelling;
  #origin;
  #isIn = false;
  #last = {};
  /** The states of a call that were told, by its id. */
  #told = new Map();

  constructor(send, settings, frame) {
    this.#send = send;
    this.#settings = settings;
    this.#frame = frame;
  }

  reads(data) {
    return isObject(data) && data.type == "connect" && typeof data.module == "string" && typeof data.name == "string";
  }

  begin() {
    this.#tell("ready", {}, "init");
  }

  async take({ module, name, args = {} }, origin, at) {
    // `calls.dial` is today's name, `dial` the older one.
    this.#spelling ??= name.includes(".") ? "current" : "older";
    this.#origin = origin;
    try {
      await this.#take(`${module}.${name.split(".").at(-1)}`, isObject(args) ? args : {}, at);
    } catch (error) {
      const { code, message } = plain(error);
      this.#tell("cti.error", { code, message });
    }
  }

  #take(name, args, at) {
    switch (name) {
      case "auth.set":
        return this.#signedIn(args);
      case "calls.dial":
        return this.#dial(args, at);
      case "session.set":
      case "context.set":
        return this.#add(name.split(".")[0], args);
      case "app.setTab":
        // The panel's tabs are the agent's.
        return undefined;
      default:
        throw new BridgeError({ code: "invalid_field", message: `There is no message ${name}.` });
    }
  }

  #signedIn({ token, session, context }) {
    // With the first token only: later ones leave them alone.
    if (!this.#isIn) {
      this.#add("session", session);
      this.#add("context", context);
    }
    // Where agents sign in at the platform, the page vouches for nobody.
    if (!this.#settings.signIn) this.#tokens.take(token);
  }

  #add(layer, values) {
    try {
      this.#data.add(layer, values);
    } catch {
      throw new BridgeError({ code: "payload_invalid", message: `${layer} has to be plain JSON.` });
    }
  }

  async #dial({ number, to = number, dial = true }, since) {
    if (typeof to != "number" && (typeof to != "string" || !to.trim())) {
      throw new BridgeError({ code: "missing_field", message: "A dial needs a number." });
    }
    const verb = dial === false ? "offer" : "dial";
    const click = `${verb} ${to}`;
    if (this.#last.click == click && Date.now() - this.#last.at < SAME_CLICK) return;
    this.#last = { click, at: Date.now() };
    const { session } = this.#data;
    const request = { number: String(to), ...this.#data.forCall(this.#origin) };
    this.#data.session = {};
    try {
      await this.#frame[verb](request, { since });
    } catch (error) {
      // Nothing was placed: what was meant for that call is still there for the next attempt.
      this.#data.session = { ...session, ...this.#data.session };
      throw error;
    }
  }

  #tell(name, data, olderName = name) {
    if (this.#spelling != "older") this.#send({ type: "bcConnect", name, data });
    if (this.#spelling == "current") return;
    const { call } = data;
    const olderData = call ? { call: { ...call, state: older(call.state) } } : data;
    this.#send({ event: `babelconnect.${olderName}`, data: olderData, context: this.#data.context });
  }

  assertion() {
    return this.#tokens.next();
  }

  agent(state) {
    const isIn = /^(ready|busy|away)$/.test(state);
    // What is starting or stale is so for a moment: whoever was in still is.
    if (isIn == this.#isIn || /^(starting|stale)$/.test(state)) return;
    this.#isIn = isIn;
    if (!isIn) return this.#tell("user.logoff", {});
    // Who the agent is at babelforce is the relay's to know. A page that looks into these objects finds nothing there.
    this.#tell("agent.loaded", { agent: {} });
    this.#tell("user.loaded", { user: {} });
  }

  call(call) {
    const { id, direction, number, state } = call;
    const told = this.#told.get(id) ?? [];
    this.#told.set(id, told);
    const party = direction == "incoming" ? { type: "inbound", from: number } : { type: "outbound", to: number };
    for (const word of embedStates(call, told)) {
      if (told.includes(word)) continue;
      told.push(word);
      this.#tell("cti.call", { call: { id, state: word, ...party } });
    }
    if (state == "ended" || state == "refused") this.#told.delete(id);
    if (state == "unknown") this.#tell("cti.error", { code: call.reason ?? "no_reply", message: "Nobody can say whether the call was placed." });
  }

  /** These messages know no call log. */
  async log() {}

  // Nor these.
  show() {}
  reveal() {}
  size() {}
}
