// A click on a number in the host: kept while the phone is not ready, dialled once, never late.
import { readNumber } from "../loader/values.js";
import { fieldsOf, resolve } from "./entity.js";
import { fill } from "./words.js";

/** A click is kept for so many milliseconds. */
const KEEP_MS = 10_000;
/** The same number again within so many is the same click. */
const AGAIN_MS = 3_000;
/** The relay answers within three seconds what a record says; a call is not kept for longer. */
const LOOK_UP_MS = 4_000;

export class Dialler {
  #settings;
  #panel;
  #bar;
  #words;
  #say;
  #last;
  /** The panel's last `agentstate`. */
  #agent = "starting";
  /** Ends the wait of a click that is kept. */
  #wake = () => {};

  /** @param {(text: string) => void} say shows a line until it is closed */
  constructor(settings, panel, bar, words, say) {
    this.#settings = settings;
    this.#panel = panel;
    this.#bar = bar;
    this.#words = words;
    this.#say = say;
    panel.addEventListener("agentstate", ({ detail }) => {
      this.#agent = detail.state;
      this.#wake();
    });
  }

  /** Dials; resolves with `{id}`, the call's id in events. Rejects with `{code, message}`, and nothing is dialled. */
  dial(request) {
    const wanted = resolve(this.#settings, request);
    const key = JSON.stringify([wanted.number, request.extension, wanted.record?.id]);
    const last = this.#last;
    if (last?.key == key && Date.now() < last.until) return last.promise;
    // Whoever clicks another number means that one.
    if (last) this.#cancel(last);
    const turn = { key, until: Infinity, isCancelled: false };
    this.#last = turn;
    turn.promise = this.#place(request, turn).then(
      (placed) => {
        turn.until = Date.now() + AGAIN_MS;
        this.#bar.hide();
        return placed;
      },
      (problem) => {
        turn.until = 0;
        throw this.#said(problem, wanted.number);
      },
    );
    return turn.promise;
  }

  /** Only puts it into the dialler. */
  async offer(request) {
    const wanted = resolve(this.#settings, request);
    this.#put({ ...wanted, number: wanted.number && (await this.#read(wanted.number, request.extension, request.region)) });
  }

  async #place(request, turn) {
    const { extension, region, signal, since = Date.now() } = request;
    const until = since + KEEP_MS;
    let isAsked = !this.#settings.records || !request.record?.id || !fieldsOf(this.#settings, request.entity).length;
    let wanted = resolve(this.#settings, request);
    // The record may have the number. It may be a promise.
    let number = wanted.number || isAsked ? this.#read(wanted.number, extension, region) : undefined;
    let filling;
    const id = crypto.randomUUID();
    signal?.addEventListener("abort", () => this.#cancel(turn));
    for (;;) {
      if (turn.isCancelled || signal?.aborted) throw { code: "cancelled" };
      // Whatever it has waited for: a click that is this old is not dialled any more.
      if (Date.now() >= until) throw { code: "expired" };
      const isFree = !this.#waits();
      if (isFree && isAsked && !number.then) {
        this.#put({ ...wanted, number });
        const refused = this.#panel.act("dial", "", id);
        if (refused === undefined) return { id };
        // `null`: it is not mounted; and what has just changed is told with the next event.
        if (refused !== null && !this.#waits()) throw { code: this.#agent == "ready" ? "not_allowed" : this.#agent, why: refused };
      }
      const shown = number?.then ? wanted.number : number;
      this.#bar.show(fill(this.#words.connecting, { number: shown ?? "…" }), this.#words.cancel, () => this.#cancel(turn));
      if (number?.then) {
        number = (await this.#wait(until, number)) ?? number;
      } else if (isFree && !isAsked) {
        const filled = await this.#wait(until, (filling ??= this.#filled(request)));
        if (!filled) continue;
        isAsked = true;
        wanted = resolve(this.#settings, filled);
        number ??= this.#read(wanted.number, extension, region);
      } else {
        await this.#wait(until);
      }
    }
  }

  /** What comes of a promise; nothing if the click is too old before, is taken back, or the agent's state changes. */
  #wait(until, promise) {
    return new Promise((done, fail) => {
      const timer = setTimeout(done, until - Date.now());
      this.#wake = () => {
        clearTimeout(timer);
        done();
      };
      promise?.then(done, fail);
    });
  }

  /** With what the relay reads of the record; without it where it cannot, which is said. What the click says wins. */
  async #filled(request) {
    const { record, entity, fields } = request;
    const query = new URLSearchParams({ type: entity, id: record.id });
    const found = await Promise.race([
      // A panel that is not there tells nothing.
      this.#panel.lookUp(`${this.#settings.name}/record?${query}`).catch(() => undefined),
      new Promise((done) => setTimeout(done, LOOK_UP_MS)),
    ]);
    if (!found?.fields) this.#say(this.#words.unread);
    return { ...request, record: { name: found?.name, ...record }, fields: { ...found?.fields, ...fields } };
  }

  #waits() {
    // Where nobody vouches for the agent, the panel has stopped until they have signed in.
    if (this.#agent == "stopped") return Boolean(this.#settings.signIn);
    return /^(starting|stale|signed_out|already_asked)$/.test(this.#agent);
  }

  #cancel(turn) {
    turn.isCancelled = true;
    // At once: what it waits for may take a while, and the line may be another click's by then.
    this.#bar.hide();
    this.#wake();
  }

  /** E.164, with the extension behind it; a promise of it where the number engine is needed. */
  #read(text, extension, region) {
    const written = (read) => {
      if (!read) throw { code: "invalid_number", field: "number" };
      const dialled = extension ?? read.extension;
      return dialled ? `${read.number};ext=${dialled}` : read.number;
    };
    const read = readNumber(text);
    return read ? written(read) : this.#national(text, region || this.#settings.region).then(written);
  }

  /** A number as it is written in the host's region: the engine is fetched for it. */
  async #national(text, region) {
    if (!/\p{Nd}/u.test(text)) return undefined;
    const { load } = await import(new URL("./patchcord-numbers.js", import.meta.url).href);
    const { valid, e164: number, extension } = (await load()).read(text, region);
    return valid ? { number, extension: extension || undefined } : undefined;
  }

  #put({ number, record, payload }) {
    this.#panel.setAttribute("number", number);
    this.#panel.record = record;
    this.#panel.payload = payload;
  }

  /** The problem, with words; also shown to the person, unless they have cancelled it. */
  #said({ code = "module_failed", field, why, message }, number) {
    why ||= this.#words[code] ?? message ?? fill(this.#words.other, { code });
    // What the host sent may be no number at all.
    const text = code == "expired" || !number ? why : this.#words.refused;
    const said = fill(text, { number, why });
    if (code != "cancelled") this.#bar.show(said, this.#words.close);
    return { code, field, message: said };
  }
}
