// HubSpot's records of calls ("engagements"): one for each call, also with several windows and after a reload.
//
// Which window tells HubSpot of a call, how far it has come and which id HubSpot gave is kept in this origin's storage.
// There is no number in it.
import { alone, ownStorage, storage } from "../kept.js";

/** A call is forgotten after so many milliseconds. */
const KEPT_MS = 86_400_000;
const STAGES = ["begun", "answered", "ended"];

export class Engagements {
  #name;
  /** This window, the same after a reload. */
  #window;
  /** What HubSpot is to answer, oldest first: `{id, what, done, fail}`. */
  #awaited = [];
  /** Ids that HubSpot was asked for by this page, by the call's. */
  #coming = new Map();
  /** Until when HubSpot may still give an id that this window asked for before it was reloaded, in ms since the epoch. */
  #lateUntil;
  /** Says that there is an id. */
  #news = new EventTarget();

  /**
   * @param {string} name the host's
   * @param {number} milliseconds how long HubSpot may take to answer
   */
  constructor(name, milliseconds) {
    this.#name = `patchcord:hubspot:${name}`;
    this.#lateUntil = Date.now() + milliseconds;
    this.#window = ownStorage.getItem(this.#name) ?? crypto.randomUUID();
    ownStorage.setItem(this.#name, this.#window);
  }

  /** Whether this window is the one that tells HubSpot of a call: the first that asks. */
  claim(id) {
    return this.#change(id, (call) => (call.by ??= this.#window) == this.#window);
  }

  /** Whether a stage of a call is new. */
  reach(id, stage) {
    return this.#change(id, (call) => {
      const isNew = STAGES.indexOf(stage) > STAGES.indexOf(call.stage);
      if (isNew) call.stage = stage;
      return isNew;
    });
  }

  /**
   * HubSpot's id of a call. Waits for one that is coming, to another window no longer than so many milliseconds;
   * `undefined` where none is.
   */
  async idOf(id, milliseconds) {
    const { by, engagement } = this.#read()[id] ?? {};
    if (engagement) return engagement;
    if (by && by != this.#window) return this.#given(id, milliseconds);
    const coming = this.#coming.get(id);
    if (by && !coming) return this.#given(id, this.#lateUntil - Date.now());
    return coming?.catch(() => undefined);
  }

  /** Waits until a call has an id. */
  #given(id, milliseconds) {
    return new Promise((done) => {
      const look = () => {
        const { engagement } = this.#read()[id] ?? {};
        if (engagement) end(engagement);
      };
      const end = (engagement) => {
        clearTimeout(timer);
        removeEventListener("storage", look);
        this.#news.removeEventListener("given", look);
        done(engagement);
      };
      const timer = setTimeout(end, milliseconds);
      addEventListener("storage", look);
      this.#news.addEventListener("given", look);
      look();
    });
  }

  /** What HubSpot answers to what it is told of a call next: its id. Rejects where it says no, or nothing in time. */
  answer(id, what, milliseconds) {
    const answer = new Promise((done, fail) => {
      const awaited = { id, what, done, fail };
      this.#awaited.push(awaited);
      setTimeout(() => {
        this.#drop(awaited);
        fail({ code: "host_unreachable", message: "HubSpot did not answer." });
      }, milliseconds);
    });
    if (what == "created") {
      this.#coming.set(id, answer);
      answer.catch(() => {});
    }
    return answer;
  }

  /** HubSpot has made its record. */
  async created(data) {
    const awaited = this.#find(data, "created");
    if (!data?.engagementId) return;
    if (!awaited) return this.adopt(data);
    await this.#give(awaited.id, data.engagementId);
    this.#drop(awaited);
    awaited.done(data.engagementId);
  }

  /**
   * HubSpot names a record that is not waited for here any more: that of a call which this window has begun, and whose id
   * it has not heard, since it was reloaded meanwhile.
   */
  async adopt({ engagementId, externalCallId }) {
    const kept = Object.entries(this.#read());
    if (!engagementId || kept.some(([, { engagement }]) => engagement == engagementId)) return;
    const isOpen = ([id, { by, engagement }]) => by == this.#window && !engagement && (externalCallId ?? id) == id;
    const open = kept.filter(isOpen);
    // Of several, HubSpot has to say which.
    if (open.length == 1) await this.#give(open[0][0], engagementId);
  }

  async #give(id, engagementId) {
    await this.#change(id, (call) => (call.engagement = engagementId));
    this.#news.dispatchEvent(new Event("given"));
  }

  /** HubSpot has taken a record's properties. */
  updated(data) {
    const awaited = this.#find(data, "updated");
    if (awaited) this.#drop(awaited);
    awaited?.done(data?.engagementId);
  }

  /** HubSpot has said no to what it was told. */
  failed(data, what) {
    const awaited = this.#find(data, what);
    if (awaited) this.#drop(awaited);
    awaited?.fail({ code: "host_refused", message: `HubSpot's record of the call was not ${what}.` });
  }

  /** Whom an answer is for: HubSpot does not always name the call; then it is the oldest. */
  #find({ externalCallId, engagementId } = {}, what) {
    const kept = this.#read();
    const candidates = this.#awaited.filter((awaited) => awaited.what == what);
    if (externalCallId) return candidates.find(({ id }) => id == externalCallId);
    const isNamed = ({ id }) => engagementId && kept[id]?.engagement == engagementId;
    return candidates.find(isNamed) ?? candidates[0];
  }

  #drop(awaited) {
    this.#awaited = this.#awaited.filter((one) => one != awaited);
  }

  /** Changes what is kept of a call; one window at a time. */
  #change(id, change) {
    return alone(this.#name, () => {
      const calls = this.#read();
      const call = (calls[id] ??= { at: Date.now() });
      const result = change(call);
      storage.setItem(this.#name, JSON.stringify(calls));
      return result;
    });
  }

  #read() {
    const calls = JSON.parse(storage.getItem(this.#name) ?? "{}");
    for (const id in calls) if (calls[id].at < Date.now() - KEPT_MS) delete calls[id];
    return calls;
  }
}
