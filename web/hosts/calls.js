// What the panel tells of its calls, as a host hears it.

/**
 * A dial of which nobody knows counts as unknown for good after so many milliseconds: by then the panel has taken a silent
 * stream for dead (45 s), opened a new one and seen what calls there are.
 */
export const DOUBT_MS = 90_000;

/** What the events that are no `callstate` say. */
const SAYS = {
  callaccepted: { state: "requested", direction: "outgoing" },
  callrefused: { state: "refused", direction: "outgoing" },
  callunknown: { state: "unknown", direction: "outgoing" },
  callended: { state: "ended" },
  callstate: {},
};

/**
 * Has `hear(call)` called with each state that the platform reports, once. Gives what has all of it told once more, as far
 * as the panel tells it.
 */
export const followCalls = (panel, hear) => {
  const flags = { held: false, muted: false, recording: false };
  const last = new Map();
  /** When calls were first told as connected. */
  const since = new Map();
  /**
   * What calls were told with first, by the platform's ids: a panel that begins anew (in another language, after signing in)
   * knows them by those ids alone.
   */
  const first = new Map();
  const listen = ({ type, detail }) => {
    const call = { ...flags, ...SAYS[type], ...detail };
    const { id, call: platforms, record, payload } = call;
    if (platforms && !first.has(platforms)) first.set(platforms, { id, record, payload });
    if (platforms && first.get(platforms).id != id) Object.assign(call, first.get(platforms));
    call.name ??= call.record?.name;
    const now = [call.state, call.held, call.muted, call.recording].join();
    if (last.get(call.id) == now) return;
    last.set(call.id, now);
    if (call.state == "connected" && !since.has(call.id)) since.set(call.id, Date.now());
    // A call that ended while nobody looked: its duration says that it was connected.
    const connectedAt = since.get(call.id) ?? (call.duration === undefined ? undefined : Date.now() - call.duration * 1000);
    hear(connectedAt === undefined ? call : { ...call, connectedAt });
  };
  for (const name in SAYS) panel.addEventListener(name, listen);
  return () => last.clear();
};

/** Has `hear(state, because)` called with each change of the agent's state, once. */
export const followAgent = (panel, hear) => {
  let last;
  panel.addEventListener("agentstate", ({ detail: { state } }) => {
    // What is asked for and not done yet passes in a moment.
    if (state == last || state == "already_asked") return;
    last = state;
    const isWord = /^(ready|starting|stale|signed_out|stopped)$/.test(state);
    if (isWord) hear(state);
    else hear("busy", state);
  });
};
