// Reads texts with the number engine, many at a time: each crossing into WebAssembly costs as much as several texts.

/** So many characters are read at once. */
const CHARACTERS = 16_000;
/** Longer texts are cut, so that none holds the page up. */
const LONGEST = 8_000;
/** Between two texts; none has it. */
const BETWEEN = "\0";

const encoder = new TextEncoder();
/** Texts as the engine takes them. */
export const joined = (texts) => encoder.encode(texts.join(BETWEEN));

/** A text without what stands between texts. */
const clean = (text) => (text.indexOf(BETWEEN) < 0 ? text : text.replaceAll(BETWEEN, " "));

/** Where a text may be cut: after a line, else before a word, where no number goes on. */
const cutAt = (text, limit) => {
  const line = text.lastIndexOf("\n", limit);
  if (line > limit / 2) return line + 1;
  const word = /^[^]*[A-Za-z]{4}[^A-Za-z]{0,2}\s/.exec(text.slice(limit - 500, limit));
  return word ? limit - 500 + word[0].length : limit;
};

/** Texts that wait, by region; `read(texts, region, keys, froms)` is called with those of one. */
class Batches {
  #read;
  #waiting = new Map();

  constructor(read) {
    this.#read = read;
  }

  put(text, region, key, from) {
    let batch = this.#waiting.get(region);
    if (!batch) this.#waiting.set(region, (batch = { texts: [], keys: [], froms: [], size: 0 }));
    batch.texts.push(clean(text));
    batch.keys.push(key);
    batch.froms.push(from);
    batch.size += text.length;
    if (batch.size > CHARACTERS) this.#send(region, batch);
  }

  flush() {
    for (const [region, batch] of this.#waiting) this.#send(region, batch);
  }

  #send(region, { texts, keys, froms }) {
    this.#waiting.delete(region);
    this.#read(texts, region, keys, froms);
  }
}

export class Reader {
  #engine;
  #leniency;
  #texts = new Batches((texts, region, keys, froms) => this.#find(texts, region, keys, froms));
  #links = new Batches((texts, region, keys) => this.#readWhole(texts, region, keys));
  #found;
  #stands;

  /**
   * `found(key, start, end, digits, extension, length)` is called for each number in a text of such a length,
   * `stands(key, digits, extension)` for each link that is one.
   */
  constructor(engine, leniency, found, stands) {
    this.#engine = engine;
    this.#leniency = leniency;
    this.#found = found;
    this.#stands = stands;
  }

  /** Looks for numbers in a text. */
  add(key, text, region = "") {
    let from = 0;
    while (text.length - from > LONGEST) {
      const piece = text.slice(from, from + LONGEST);
      const at = cutAt(piece, LONGEST);
      this.#texts.put(piece.slice(0, at), region, key, from);
      from += at;
    }
    this.#texts.put(from ? text.slice(from) : text, region, key, from);
  }

  /** Reads a text that is one number as a whole. */
  addWhole(key, text, region = "") {
    this.#links.put(text, region, key, 0);
  }

  /** Reads what is waiting. */
  flush() {
    this.#texts.flush();
    this.#links.flush();
  }

  #find(texts, region, keys, froms) {
    const spots = this.#engine.find(joined(texts), region, this.#leniency);
    for (let at = 0; at < spots.length; at += 5) {
      const text = spots[at];
      const from = froms[text];
      const { length } = texts[text];
      this.#found(keys[text], from + spots[at + 1], from + spots[at + 2], spots[at + 3], spots[at + 4], from + length);
    }
  }

  #readWhole(texts, region, keys) {
    const numbers = this.#engine.read(joined(texts), region);
    keys.forEach((key, at) => {
      if (numbers[2 * at]) this.#stands(key, numbers[2 * at], numbers[2 * at + 1]);
    });
  }

  /** The first number in a text: its digits and its extension. */
  first(text, region = "") {
    const spots = this.#engine.find(joined([clean(text.slice(0, LONGEST))]), region, this.#leniency);
    return spots.length ? [spots[3], spots[4]] : undefined;
  }

  /** How a number is shown: `{international, region}`; no region where a number has none. */
  describe(number) {
    const [international, region] = this.#engine.describe(number).split("\n");
    return { international, region };
  }
}
