// Reads texts with the number engine, many at a time: each crossing into WebAssembly costs as much as several texts.

/** So many characters, or so many texts, are read at once. */
const CHARACTERS = 4_000;
const TEXTS = 64;
/** Longer texts are cut, so that none holds the page up. */
const LONGEST = 8_000;
/** Numbers in one place of an answer of the engine. */
const WIDTH = 5;
/** An extension is told as its digits, with a number of so many thousands of millions for how many they are. */
const LENGTH = 1e12;

/** `+49…;ext=12` of two numbers of the engine. */
const written = (number, extension) => {
  const length = Math.floor(extension / LENGTH);
  return "+" + number + (length ? ";ext=" + String(extension % LENGTH).padStart(length, "0") : "");
};

/** Where a text may be cut: after a line, else before a word, where no number goes on. */
const cutAt = (text, limit) => {
  const line = text.lastIndexOf("\n", limit);
  if (line > limit / 2) return line + 1;
  const word = /^[^]*[A-Za-z]{4}[^A-Za-z]{0,2}\s/.exec(text.slice(limit - 500, limit));
  return word ? limit - 500 + word[0].length : limit;
};

export class Reader {
  #engine;
  #leniency;
  #batches = new Map();
  #told;

  /** `told(key, spots)` is called for each text; a spot is `{start, end, number}`. */
  constructor(engine, leniency, told) {
    this.#engine = engine;
    this.#leniency = leniency;
    this.#told = told;
  }

  /** Looks for numbers in a text. */
  add(key, text, region = "") {
    const pieces = [];
    let from = 0;
    while (text.length - from > LONGEST) {
      const piece = text.slice(from, from + LONGEST);
      const at = cutAt(piece, LONGEST);
      pieces.push([from, piece.slice(0, at)]);
      from += at;
    }
    pieces.push([from, from ? text.slice(from) : text]);
    for (const [offset, piece] of pieces) {
      // What is left of an earlier piece goes on in the later ones.
      this.#put(key, piece, region, offset);
    }
  }

  #put(key, text, region, offset) {
    let batch = this.#batches.get(region);
    if (!batch) this.#batches.set(region, (batch = { keys: [], offsets: [], texts: [], size: 0 }));
    batch.keys.push(key);
    batch.offsets.push(offset);
    batch.texts.push(text.includes("\0") ? text.replaceAll("\0", " ") : text);
    batch.size += text.length;
    if (batch.size > CHARACTERS || batch.keys.length == TEXTS) this.#read(region, batch);
  }

  /** Reads what is waiting. */
  flush() {
    for (const [region, batch] of this.#batches) this.#read(region, batch);
  }

  #read(region, { keys, offsets, texts }) {
    this.#batches.delete(region);
    const spots = this.#engine.find(texts.join("\0"), region, this.#leniency);
    for (let at = 0; at < spots.length; ) {
      const text = spots[at];
      const found = [];
      for (; spots[at] == text; at += WIDTH) {
        found.push({
          start: spots[at + 1] + offsets[text],
          end: spots[at + 2] + offsets[text],
          number: written(spots[at + 3], spots[at + 4]),
        });
      }
      this.#told(keys[text], found);
    }
  }

  /** The number that a whole text is, if it is one. */
  whole(text, region = "") {
    const spot = this.#engine.read(text, region);
    return spot.length ? written(spot[0], spot[1]) : undefined;
  }

  /** The first number in a text. */
  first(text, region = "") {
    const spot = this.#engine.find(text.slice(0, LONGEST).replaceAll("\0", " "), region, this.#leniency);
    return spot.length ? written(spot[3], spot[4]) : undefined;
  }

  /** How a number is shown: `{international, region}`; no region where a number has none. */
  describe(number) {
    const [international, region] = this.#engine.describe(number).split("\n");
    return { international, region };
  }
}
