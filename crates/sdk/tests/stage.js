// A stage for the tests: `fetch`, the clock, the timers and the network are the test's own.

const real = { fetch: globalThis.fetch, setTimeout: globalThis.setTimeout, now: Date.now };
const turn = () => new Promise((done) => real.setTimeout.call(globalThis, done, 0));

/** Sets the stage: `script` maps `METHOD path` to a list of replies, the last of which is repeated. */
export function set(script) {
  const stage = { log: [], timers: [], now: 1_700_000_000_000, online: true, streams: [], assertions: 0 };
  const replies = new Function(`return ${script}`)();
  globalThis.fetch = (url, init) => {
    const { pathname } = new URL(url);
    const at = `${init.method} ${pathname}`;
    stage.log.push({ at, headers: { ...init.headers }, body: init.body, now: stage.now, aborted: () => init.signal?.aborted });
    const list = replies[at] ?? [];
    const reply = list.length > 1 ? list.shift() : list[0];
    return typeof reply === "function" ? reply(init, stage) : Promise.resolve(reply ?? json(404, {}));
  };
  Date.now = () => stage.now;
  globalThis.setTimeout = (run, ms = 0) => stage.timers.push({ at: stage.now + ms, run });
  Object.defineProperty(navigator, "onLine", { configurable: true, get: () => stage.online });
  globalThis.stage = stage;
}

globalThis.json = (status, object, type = "application/json") =>
  new Response(JSON.stringify(object), { status, headers: { "Content-Type": type } });
globalThis.problem = (status, code) => json(status, { code, status, title: code }, "application/problem+json");
globalThis.never = () => new Promise(() => {});

/** A stream that the test writes to through `stage.streams`. */
globalThis.stream = (init, stage) => {
  const body = new ReadableStream({
    start(controller) {
      stage.streams.push(controller);
      init.signal.addEventListener("abort", () => controller.error(init.signal.reason));
    },
  });
  return Promise.resolve(new Response(body, { headers: { "Content-Type": "text/event-stream" } }));
};

export function write(index, text) {
  globalThis.stage.streams[index].enqueue(new TextEncoder().encode(text));
}

/** Puts everything back. */
export function strike() {
  globalThis.fetch = real.fetch;
  globalThis.setTimeout = real.setTimeout;
  Date.now = real.now;
  delete navigator.onLine;
  delete globalThis.stage;
}

/** Lets things happen, without letting time pass. */
export async function settle() {
  for (let i = 0; i < 20; i++) await turn();
}

/** Lets time pass, timer by timer, until it is `ms` later. */
export async function pass(ms) {
  const { stage } = globalThis;
  const end = stage.now + ms;
  for (;;) {
    await settle();
    const due = stage.timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
    if (!due) break;
    stage.timers.splice(stage.timers.indexOf(due), 1);
    stage.now = Math.max(stage.now, due.at);
    due.run();
  }
  stage.now = end;
}

export function goOnline(online) {
  globalThis.stage.online = online;
  if (online) globalThis.dispatchEvent(new Event("online"));
}

/** The requests to a path, as JSON. */
export const sent = (at) => JSON.stringify(globalThis.stage.log.filter((entry) => entry.at === at));
export const isAborted = (at) => globalThis.stage.log.findLast((entry) => entry.at === at).aborted();

/** Options of a client whose assertion is counted. */
export function options() {
  return {
    relay: "https://relay.test",
    siteKey: "pk_test",
    assertion: async () => `assertion ${++globalThis.stage.assertions}`,
  };
}

/** What a promise came to, so far: `pending`, `{value}` or `{error}` with what an error shows. */
export function watch(promise) {
  const seen = { now: "pending" };
  promise.then(
    (value) => (seen.now = { value }),
    ({ name, code, outcome, field }) => (seen.now = { error: { name, code, outcome, field } }),
  );
  return seen;
}

export const told = (seen) => JSON.stringify(seen.now);

export const evaluate = (script) => new Function(`return ${script}`)();
