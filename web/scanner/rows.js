// What is known about a number: the record and the data of the row that it stands in.

/** A row, where no mapping says what one is. */
const ROW = "tr,[role=row],li,article,[itemscope]";

/** The nearest ancestor that a selector finds, also from inside of a shadow root. */
const closest = (element, selector) => {
  for (; element; element = element.getRootNode().host) {
    const found = element.closest(selector);
    if (found) return found;
  }
  return null;
};

/**
 * A value of a row. `source`: `selector` is the text of what it finds, `selector@attribute` an attribute of it,
 * `@attribute` the row's own; `=text` is that text.
 */
const valueOf = (row, source) => {
  if (source[0] == "=") return source.slice(1);
  const [, selector, attribute] = /^(.*?)(?:@([\w:.-]+))?$/s.exec(source);
  const element = selector.trim() ? row.querySelector(selector) : row;
  if (!element) return undefined;
  return attribute ? (element.getAttribute(attribute) ?? undefined) : element.textContent.trim().replace(/\s+/g, " ");
};

const objectOf = (row, sources) => {
  if (!sources) return undefined;
  // One attribute that has it all, as JSON.
  if (typeof sources == "string") {
    const text = valueOf(row, sources);
    try {
      return text && JSON.parse(text);
    } catch {
      return undefined;
    }
  }
  const entries = Object.entries(sources).map(([key, source]) => [key, valueOf(row, source)]);
  const filled = entries.filter(([, value]) => value !== undefined);
  return filled.length ? Object.fromEntries(filled) : undefined;
};

/** Rows, by an entity mapping: `{selector: {record, payload, region}}`. */
export class Rows {
  #mapping;
  #selector;

  /** Throws where the mapping is none. */
  constructor(mapping = {}) {
    this.#mapping = Object.entries(mapping);
    this.#selector = this.#mapping.map(([selector]) => selector).join() || ROW;
    const probe = document.createElement("p");
    probe.matches(this.#selector);
    for (const [, { record, payload, region }] of this.#mapping) {
      objectOf(probe, record);
      objectOf(probe, payload);
      if (region) valueOf(probe, region);
    }
    this.hasRegions = this.#mapping.some(([, { region }]) => region);
  }

  /** The row that an element is in, if it is in one. */
  rowOf(element) {
    return closest(element, this.#selector);
  }

  #of(element) {
    const row = this.#mapping.length ? this.rowOf(element) : null;
    return { row, what: row && this.#mapping.find(([selector]) => row.matches(selector))?.[1] };
  }

  /** `{record, payload}` for a number in an element. */
  about(element) {
    const { row, what } = this.#of(element);
    return what ? { record: objectOf(row, what.record), payload: objectOf(row, what.payload) } : {};
  }

  /** The region of the row's record, two letters. */
  regionOf(element) {
    const { row, what } = this.#of(element);
    const region = what?.region && valueOf(row, what.region);
    return /^[a-z]{2}$/i.test(region) ? region.toUpperCase() : undefined;
  }
}
