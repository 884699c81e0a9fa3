// What the plain controls send with, and the callback form. Loaded where there is a form, and where the module cannot
// be used. Shares no state with the loader: a control brings what is needed.

import { around } from "./around.js";
import { agentHeaders, deliver } from "./relay.js";
import { readNumber } from "./values.js";

export { fill } from "../callback/plain-form.js";

/** Sends a kept click, and tells what became of it. */
export const sendCall = async (control, early) => {
  const { at, callerId, id, number, payload, prefill, provider, record, relay } = early;
  control.around = around;
  // Where the texts have not come.
  control.texts["call.unknown"] ??= "We don't know whether the call was placed.";
  const [outcome, data] = await deliver(control, at, relay + "/v1/calls", () => agentHeaders(early), id, {
    ...readNumber(number),
    provider,
    caller_id: callerId,
    prefill: prefill || undefined,
    record,
    payload,
  });
  if (outcome == "accepted") {
    const { texts } = control;
    data.headline = texts["state." + data.state] ?? "✓";
    data.advice = (texts["notice." + data.notice] ?? "").replace("{extension}", readNumber(number).extension);
  }
  if (outcome != "refused") control.quiet = Date.now() + 3e3;
  control.settle(outcome, data, { call: data.id, state: data.state, provider: data.provider ?? provider });
};
