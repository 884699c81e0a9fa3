// What the agent writes down of a call: kept with it while it is typed, and logged with it.
import { make } from "../loader/dom.js";
import { leave } from "./bar.js";
import { fill } from "./words.js";

/** Whoever has typed nothing for so many milliseconds after a call has done with it. */
export const IDLE_MS = 60_000;

/** A field below the panel, while there is a call and until its notes are written. */
export class Notes {
  element = make("div.notes", { hidden: "" });
  #words;
  #keep;
  #written;
  #text = make("textarea", { rows: 2, maxlength: 8000 });
  #label = make("span", {});
  #save = make("button", { type: "button", hidden: "" });
  /** The id of the call that it is about. */
  #id;
  /** Whether anything was typed about it here: another window may have its notes. */
  #isTyped;
  /** Calls that go on and are not written about yet: their numbers, by their ids. */
  #others = new Map();
  #timer;

  /**
   * @param {(id: string, notes: string | undefined, until: number, isLast?: boolean) => void} keep the log is not written
   * before `until`; `isLast` is the last that this page can say
   * @param {(id: string) => string} written what was kept of a call before it was this page's
   */
  constructor(words, keep, written) {
    this.#words = words;
    this.#keep = keep;
    this.#written = written;
    this.#save.textContent = words.save;
    this.#save.onclick = () => this.#done();
    this.#text.oninput = () => {
      this.#isTyped = true;
      this.#wait();
    };
    addEventListener("pagehide", () => this.#isTyped && this.#id && this.#tell(Date.now() + IDLE_MS, true));
    this.element.append(make("label", {}, this.#label, this.#text), this.#save);
  }

  /** A call goes on. The one that is written about stays until it is over. */
  begin(id, number) {
    if (this.#id) return void (id != this.#id && this.#others.set(id, number));
    this.#id = id;
    this.#isTyped = false;
    this.#text.value = this.#written(id);
    this.#save.hidden = true;
    this.#label.textContent = fill(number ? this.#words.notes : this.#words.notes_hidden, { number });
    this.element.hidden = false;
  }

  /** It is over: what was begun may be written to its end, for a while. */
  end(id) {
    this.#others.delete(id);
    if (this.#id != id) return;
    const isEmpty = !this.#isTyped || !this.#text.value;
    if (isEmpty && document.activeElement != this.#text) return this.#isTyped ? this.#done() : this.#close();
    this.#save.hidden = false;
    this.#wait();
  }

  #wait() {
    this.#tell(Date.now() + IDLE_MS);
    clearTimeout(this.#timer);
    // A call that goes on is not over because nobody types.
    if (!this.#save.hidden) this.#timer = setTimeout(() => this.#done(), IDLE_MS);
  }

  #done() {
    this.#tell(0);
    this.#close();
  }

  #tell(until, isLast) {
    this.#keep(this.#id, this.#isTyped ? this.#text.value : undefined, until, isLast);
  }

  #close() {
    clearTimeout(this.#timer);
    this.#id = undefined;
    leave(this.element);
    this.element.hidden = true;
    // The newest of those that have come in the meantime.
    const [id, number] = [...this.#others].at(-1) ?? [];
    this.#others.delete(id);
    if (id) this.begin(id, number);
  }
}
