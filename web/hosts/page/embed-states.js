// What babelforce's embed calls the states of a call, in both of its spellings.

const STATES = { ringing: "ringing", connecting: "in_progress", connected: "bridged", refused: "failed" };

/** The states that a call has come to, in the order in which a page expects them; none where the embed has no word. */
export function embedStates({ state, reason }, told) {
  if (state == "ended") return [reason == "failed" || !told.includes("bridged") ? "failed" : "completed"];
  const word = STATES[state];
  // Pages act on `in_progress`, and a call that is bridged has been in progress.
  const before = word == "bridged" && !told.includes("in_progress") ? ["in_progress"] : [];
  return word ? [...before, word] : [];
}

/** A state as the older widget writes it. */
export const older = (state) => state.replaceAll("_", "-");
