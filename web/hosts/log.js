// The call log: what the host keeps of a call, handed to it once, also after a reload and with several windows.
//
// A call is written into this origin's storage while it lasts, so that a reload does not lose its record, and is taken
// out when the host has it. Browsers keep that storage apart for each site that frames the relay; a log keeps it apart for
// each agent, since several people may use the same browser one after the other.

import { DOUBT_MS } from "./calls.js";
import { alone, storage } from "./kept.js";
import { IDLE_MS } from "./notes.js";

/** An entry that nobody took in so many milliseconds is given up. */
const KEPT_MS = 86_400_000;
/** A dial shows within so many milliseconds: a later call to its number is another one. */
const SHOWS_MS = 30_000;
/** What the host does not answer in so many milliseconds is tried again. */
const PATIENCE_MS = 30_000;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;
/** How often it is looked whether the agent has written their notes. */
const LOOK_MS = 250;
/** Ids of logged calls that are remembered. */
const REMEMBERED = 200;

const OUTCOMES = { handed_over: "handed_over", unknown: "unknown" };

export class CallLog {
  #name;
  #write;
  #say;
  #hasComplained = false;
  #isClosed = false;
  /** Calls of this page, by their ids in events. */
  #calls = new Map();
  /** The platform's ids of calls, by their ids in events. */
  #ids = new Map();

  /**
   * @param {string} name the host's, and whose calls they are
   * @param {(entry: object) => Promise<void>} write
   * @param {(why: string) => void} say tells the person that it did not work; `""` that it did
   */
  constructor(name, write, say) {
    this.#name = `patchcord:calls:${name}`;
    this.#write = write;
    this.#say = say;
  }

  /** A dial is sent: should the page go before a word of it was told, its call is known by its number. */
  dialled({ id, number, provider, record, payload }) {
    const entry = { id, direction: "outgoing", number, name: record?.name, provider, record, payload, startedAt: Date.now() };
    this.#calls.set(id, entry);
    return this.#change(({ calls }) => {
      calls[id] = { ...entry, isOnlyDialled: true };
    });
  }

  /** Takes in what a call does. */
  async hear(call) {
    const known = this.#calls.get(call.id) ?? { startedAt: Date.now() };
    const { direction = "outgoing", number, name, connectedAt, record, payload, provider } = call;
    const entry = {
      direction,
      number,
      provider,
      ...known,
      // The platform's id, once there is one: it is the same after a reload and in another window.
      id: call.call ?? known.id ?? call.id,
      ...(name && { name }),
      ...(connectedAt && { connectedAt }),
      ...(record && { record }),
      ...(payload && { payload }),
    };
    const isOver = call.state == "ended" || call.state in OUTCOMES;
    // What becomes of a doubt may be told yet.
    if (isOver && call.state != "unknown") this.#calls.delete(call.id);
    else this.#calls.set(call.id, entry);
    this.#ids.set(call.id, entry.id);
    await this.#change(({ calls, logged }) => {
      // What was only dialled or is in doubt shows with the platform's id, and to who has not dialled it as a new call.
      const isNew = direction == "outgoing" && call.id == call.call && !calls[entry.id];
      const isAwaited = (one) => isNew && one.number == number && (one.isOnlyDialled || one.outcome == "unknown");
      // The newest: a redial may be about another record.
      const old = Object.values(calls).findLast((one) => one.id == known.id || isAwaited(one));
      if (old) {
        delete calls[old.id];
        delete old.isOnlyDialled;
      }
      if (old?.outcome == "unknown") {
        delete old.outcome;
        delete old.until;
      }
      // Logged as unknown, it is not logged again by its id there.
      if (known.id != entry.id && logged.includes(known.id)) logged.push(entry.id);
      if (call.state == "refused") return;
      calls[entry.id] = { ...entry, ...old, ...calls[entry.id], id: entry.id };
      if (isOver) end(calls[entry.id], call);
    });
    if (isOver) return this.#finish(entry.id);
  }

  /**
   * What the agent has written of a call, by its id in events; it is not logged before `until`, ms since the epoch.
   * Without `notes` nothing was written in this window, and those of another one stay as they are.
   * `isLast`: the page goes away, and waits for nobody else who writes.
   */
  note(id, notes, until, isLast) {
    const change = ({ calls }) => {
      const entry = calls[this.#ids.get(id)];
      if (!entry || (notes === undefined && entry.notes)) return;
      entry.until = until;
      if (notes) entry.notes = notes;
      else delete entry.notes;
    };
    return isLast ? this.#apply(change) : this.#change(change);
  }

  /** What was written of a call so far, by its id in events: after a reload that is the platform's. */
  notesOf(id) {
    return this.#read().calls[this.#ids.get(id) ?? id]?.notes ?? "";
  }

  /** Of which calls the platform still knows: the others have ended while nobody looked. */
  async settle(isLive) {
    const over = ({ outcome, isOnlyDialled, id }) => outcome || (!isOnlyDialled && !isLive(id));
    const found = Object.values(this.#read().calls).filter(over);
    await this.#change(({ calls }) => {
      for (const { id } of found) if (calls[id]) end(calls[id], {});
    });
    // One that a host refuses keeps no other one from it.
    for (const { id } of found) this.#finish(id);
  }

  /** Somebody else is here now: what is not handed over yet is so when this agent is back. */
  close() {
    this.#isClosed = true;
  }

  /** Hands a call that is over to the host, once it may be. */
  async #finish(id) {
    let pause = FIRST_PAUSE_MS;
    for (;;) {
      while (this.#isNoted(id)) await wait(LOOK_MS);
      const isDone = await this.#hand(id);
      if (isDone) return;
      if (isDone === undefined) continue;
      await wait(pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }

  /** Whether the agent still writes about it, in this window or in another one. */
  #isNoted(id) {
    return this.#read().calls[id]?.until > Date.now();
  }

  /** One window at a time. `false` if it has to be tried again, `undefined` where the agent has begun to write. */
  #hand(id) {
    return alone(this.#name, async () => {
      if (this.#isClosed) return true;
      const { until, ...entry } = this.#read().calls[id] ?? {};
      // Another window has done it, it was refused, or it is known now and goes on.
      if (!entry.outcome) return true;
      if (until > Date.now()) return undefined;
      try {
        await within(this.#write(entry));
      } catch (error) {
        this.#hasComplained = true;
        this.#say(`${error?.message ?? error?.code ?? error}`);
        return false;
      }
      if (this.#hasComplained) this.#say("");
      this.#hasComplained = false;
      const kept = this.#read();
      delete kept.calls[id];
      kept.logged = [...kept.logged, id].slice(-REMEMBERED);
      this.#keep(kept);
      return true;
    });
  }

  #change(change) {
    return alone(this.#name, () => this.#apply(change));
  }

  #apply(change) {
    const kept = this.#read();
    change(kept);
    this.#keep(kept);
  }

  #read() {
    const { calls = {}, logged = [] } = JSON.parse(storage.getItem(this.#name) ?? "{}");
    for (const id in calls) {
      const { startedAt, isOnlyDialled } = calls[id];
      if (startedAt < Date.now() - (isOnlyDialled ? SHOWS_MS : KEPT_MS) || logged.includes(id)) delete calls[id];
    }
    return { calls, logged };
  }

  #keep(kept) {
    storage.setItem(this.#name, JSON.stringify(kept));
  }
}

/** Notes in the entry of a call that it is over. */
const end = (entry, { state, duration }) => {
  if (duration !== undefined) entry.duration = duration;
  if (entry.outcome) return;
  entry.outcome = OUTCOMES[state] ?? (entry.connectedAt ? "connected" : "not_connected");
  if (state == "unknown") entry.until = Date.now() + DOUBT_MS;
  // The first window that hears of the end does not know whether the agent still writes in another one.
  else if (entry.notes) entry.until = Date.now() + IDLE_MS;
};

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

const within = (promise) =>
  Promise.race([promise, new Promise((_, fail) => setTimeout(() => fail(new Error("no answer")), PATIENCE_MS))]);
