// The assertions that a page made for babelforce's embed hands over as its token, each used once.

import { BridgeError, within } from "./wire.js";

/** How long the page may take for another one: milliseconds. */
const LIMIT = 30_000;

export class EmbedTokens {
  #fresh;
  #last;
  #waiting;
  #ask;

  /** `ask` has the page hand its token over again. */
  constructor(ask) {
    this.#ask = ask;
  }

  /** Takes what the page handed over. Throws where it is no assertion, or the one that was used already. */
  take(token) {
    if (typeof token != "string" || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) {
      throw new BridgeError({
        code: "assertion_invalid",
        field: "token",
        message: "The token has to be an assertion that your backend has signed. One of babelforce's own is not taken.",
      });
    }
    if (token == this.#last) {
      if (!this.#waiting) return;
      throw new BridgeError({ code: "assertion_replayed", field: "token", message: "Each assertion is used once: sign another one." });
    }
    this.#fresh = token;
    this.#waiting?.(this.#use());
  }

  async next() {
    if (this.#fresh && !isOver(this.#fresh)) return this.#use();
    const token = new Promise((give) => (this.#waiting = give));
    if (this.#last) this.#ask();
    const problem = { code: "request_timeout", message: "The page hands over no token." };
    return within(LIMIT, token, problem).finally(() => (this.#waiting = undefined));
  }

  #use() {
    this.#last = this.#fresh;
    this.#fresh = undefined;
    return this.#last;
  }
}

/** Whether an assertion says that it is over. What it says is not trusted: the relay looks at it. */
function isOver(token) {
  try {
    const claims = JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
    return claims.exp * 1000 < Date.now();
  } catch {
    return false;
  }
}
