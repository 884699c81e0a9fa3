// What both ends of the bridge have in common: its version, its errors, its request ids, copies.

/** The version of the messages. */
export const VERSION = 1;

/** What a request was refused for: a stable code, the field where it is one's fault, a text for a developer. */
export class BridgeError extends Error {
  name = "BridgeError";

  constructor({ code, field, message }) {
    super(message ?? code);
    this.code = code;
    if (field) this.field = field;
  }
}

/** An error as it goes over the bridge. */
export const plain = ({ code = "internal", field, message } = {}) => ({ code, ...(field && { field }), message: message ?? code });

/** An object of names and values. By its name, not its prototype: it may come from another realm. */
export const isObject = (value) => ({}).toString.call(value) == "[object Object]";

/** A copy as JSON has it. Throws for what has none. */
export const copy = (value) => JSON.parse(JSON.stringify(value));

/** A fresh id, also where there is no secure context. */
export const freshId = () =>
  crypto.randomUUID?.() ?? crypto.getRandomValues(new Uint8Array(24)).reduce((id, byte) => id + byte.toString(36), "k");

/** `promise`, or a refusal after so many milliseconds. */
export const within = (limit, promise, problem) => {
  let timer;
  const late = new Promise((_, refuse) => {
    timer = setTimeout(() => refuse(new BridgeError(problem)), limit);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

/** Does what has an id once, and gives whoever asks again the same answer. What has failed may be asked for anew. */
export class Once {
  #answers = new Map();

  do(id, work) {
    const known = this.#answers.get(id);
    if (known) return known;
    const answer = work();
    this.#answers.set(id, answer);
    answer.catch(() => this.#answers.delete(id));
    // A page stays open for days: the oldest answers go.
    if (this.#answers.size > 500) this.#answers.delete(this.#answers.keys().next().value);
    return answer;
  }
}
