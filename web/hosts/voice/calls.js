// The calls that Salesforce was told of, and what it asked for and waits to see.

import {
  CallResult,
  Constants,
  HangupResult,
  HoldToggleResult,
  MuteToggleResult,
  RecordingToggleResult,
  publishEvent,
} from "@salesforce/scv-connector-base/src/main/index.js";
import { DOUBT_MS } from "../calls.js";
import { isOver, phoneCallOf } from "./call.js";

const { EVENT_TYPE } = Constants;

/** How long a command may take to show, in ms: the platform rings a telephone in between. */
const PATIENCE = 15e3;

export const holdOf = (call) =>
  new HoldToggleResult({ isThirdPartyOnHold: false, isCustomerOnHold: Boolean(call.held), calls: [phoneCallOf(call)] });
export const muteOf = (call) => new MuteToggleResult({ isMuted: Boolean(call.muted) });
export const recordingOf = (call) => new RecordingToggleResult({ isRecordingPaused: !call.recording });

/** The flags of a call: what is published when one changes. */
const FLAGS = {
  held: (call) => [EVENT_TYPE.HOLD_TOGGLE, holdOf(call)],
  muted: (call) => [EVENT_TYPE.MUTE_TOGGLE, muteOf(call)],
  recording: (call) => [EVENT_TYPE.RECORDING_TOGGLE, recordingOf(call)],
};

/** With the id that Salesforce knows it by, the platform's where it was told, and the record that Salesforce dialled. */
const named = (call, old) => ({
  ...call,
  callId: old?.callId ?? call.call ?? call.id,
  record: call.record ?? old?.record,
  name: call.name ?? old?.name,
});

/** What is new in a call, in the order that it is told. */
function* newsOf(call, old) {
  if (!old) yield [EVENT_TYPE.CALL_STARTED, new CallResult({ call: phoneCallOf(call) })];
  if (isOver(call)) return void (yield [EVENT_TYPE.HANGUP, new HangupResult({ calls: phoneCallOf(call) })]);
  if (call.state == "connected" && old?.state != "connected") {
    yield [EVENT_TYPE.CALL_CONNECTED, new CallResult({ call: phoneCallOf(call) })];
  }
  for (const [flag, event] of Object.entries(FLAGS)) {
    if (Boolean(call[flag]) != Boolean(old?.[flag])) yield event(call);
  }
}

export class Calls {
  /** Those that go on, by their ids in the panel. */
  #calls = new Map();
  #waiting = new Set();
  /** Dials that are under way: what is told of a call before its dial was answered waits for it. */
  #dials = new Set();
  #early = [];

  /** Whether Salesforce listens. What was before, it asks for when it begins to. */
  isOpen = false;

  /** The calls that go on. */
  get all() {
    return [...this.#calls.values()];
  }

  /** The panel begins anew, and will tell of all that goes on. */
  forget() {
    this.#calls.clear();
  }

  /** The call that the agent speaks in. */
  get current() {
    return this.all.findLast(({ state }) => state == "connected") ?? this.all.at(-1);
  }

  /**
   * Places a call that Salesforce asked for. The SDK tells Salesforce that it has begun when this is answered, and
   * the rest comes after it. Answered once the platform shows the call: its id is what Salesforce keeps.
   */
  async dial(place, about) {
    const dial = {};
    const shown = new Promise((done) => (dial.done = done));
    this.#dials.add(dial);
    try {
      ({ id: dial.id } = await place());
      this.#hearEarly(dial);
      const timer = setTimeout(dial.done, PATIENCE, { id: dial.id, state: "requested" });
      const call = await shown;
      clearTimeout(timer);
      if (isOver(call)) throw { code: call.code ?? call.state, message: call.message };
      const begun = named({ direction: "outgoing", ...about, ...call, state: "requested" });
      this.#calls.set(begun.id, begun);
      return begun;
    } finally {
      // Behind what the SDK does with the answer.
      setTimeout(() => {
        this.#dials.delete(dial);
        if (!this.#dials.size) for (const call of this.#early.splice(0)) this.take(call);
      });
    }
  }

  #hearEarly(dial) {
    const call = this.#early.findLast((early) => early.id == dial.id && (early.call || isOver(early)));
    if (call) dial.done(call);
  }

  /**
   * Sends a command, and waits for the event that it brings about: whoever waits tells Salesforce of it.
   * `isSo`: whether there is nothing left to do.
   */
  async seen(id, event, isSo, send) {
    const now = this.all.find(({ callId }) => callId == id);
    if (!now) throw new Error("There is no such call.");
    if (isSo(now)) return now;
    const waiting = { id, event };
    const seen = new Promise((done, fail) => {
      waiting.done = done;
      waiting.timer = setTimeout(fail, PATIENCE, new Error("The phone system has not done it."));
    });
    this.#waiting.add(waiting);
    try {
      const [call] = await Promise.all([seen, send(now)]);
      return call;
    } finally {
      clearTimeout(waiting.timer);
      this.#waiting.delete(waiting);
    }
  }

  /** Takes each state of a call, and publishes what is new and nobody waits for. */
  take(call) {
    if (this.#dials.size && call.direction != "incoming" && !this.#calls.has(call.id)) {
      this.#early.push(call);
      for (const dial of this.#dials) this.#hearEarly(dial);
      return;
    }
    const old = this.#calls.get(call.id);
    // What is over before anybody heard of it is none of Salesforce's calls.
    if (!old && isOver(call)) return;
    call = named(call, old);
    if (isOver(call)) this.#calls.delete(call.id);
    else this.#calls.set(call.id, call);
    if (call.state == "unknown") setTimeout(() => this.#doubt(call), DOUBT_MS);
    for (const [event, payload] of newsOf(call, old)) {
      const asked = [...this.#waiting].filter((waiting) => waiting.id == call.callId && waiting.event == event);
      for (const { done } of asked) done(call);
      if (!asked.length && this.isOpen) publishEvent({ eventType: event, payload });
    }
  }

  /** The platform has shown nothing of it: Salesforce need not wait any longer. */
  #doubt(call) {
    if (this.#calls.get(call.id) == call) this.take({ ...call, state: "ended", reason: "failed" });
  }
}
