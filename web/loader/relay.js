// The relay's HTTP API, as far as the plain controls need it.

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** A signal that gives up after 20 s, where there is one: a sandbox may have signals that its `fetch` does not take. */
const inTime = () => {
  try {
    return new Request("data:,", { signal: AbortSignal.timeout(2e4) }).signal;
  } catch {}
};

/** One request: `[status, data]`; `data` is absent where the reply is no JSON object. Rejects without a reply. */
const ask = async (url, headers, body, init) => {
  const reply = await fetch(url, {
    method: body ? "POST" : "GET",
    headers: body ? { ...headers, "Content-Type": "application/json" } : headers,
    body: body && JSON.stringify(body),
    credentials: "omit",
    signal: inTime(),
    ...init,
  });
  const text = await reply.text();
  try {
    if (/^application\/(problem\+)?json/.test(reply.headers.get("content-type"))) return [reply.status, JSON.parse(text)];
  } catch {
    // No JSON after all: the same as any other reply that cannot be read.
  }
  return [reply.status];
};

/** What was asked for; throws a problem `{code, …}`. */
export const askFor = async (...request) => {
  const [status, data] = await ask(...request).catch(() => [0, { code: "relay_unreachable" }]);
  if (data && status > 199 && status < 300) return data;
  throw data?.code ? data : { code: "relay_unreadable" };
};

/** The header of an agent, with a session of its own: plain controls are rare, and so are their calls. */
export const agentHeaders = async ({ relay, assertion, sessionUrl }) => {
  let signed;
  try {
    signed = assertion
      ? await assertion()
      : (await ask(sessionUrl, {}, {}, { mode: "same-origin", credentials: "same-origin" }))[1].assertion;
  } catch {
    // Whatever it was: the page did not say who the agent is.
  }
  if (!signed) throw { code: "session_missing" };
  // Or the code of an agent who has signed in at the platform.
  const body = signed.code ? { code: signed.code } : { assertion: signed };
  return { Authorization: "Bearer " + (await askFor(relay + "/v1/sessions", {}, body)).session };
};

/**
 * Sends a click, once: kept until 10 s after `at` for what it needs.
 * @returns {Promise<[outcome: "accepted" | "refused" | "unknown", data: object]>} the call, or a problem
 */
export const deliver = async (control, at, url, headers, key, body) => {
  try {
    const late = () => {
      if (control.cancelled) throw { code: "cancelled" };
      if (Date.now() >= at + 1e4) throw { code: "expired" };
    };
    while (navigator.onLine === false) {
      late();
      await pause(99);
    }
    headers = await headers();
    late();
  } catch (problem) {
    return ["refused", problem];
  }
  control.show("working");
  const [status, data] = await ask(url, { ...headers, "Idempotency-Key": key }, body).catch(() => [0, { code: "no_reply" }]);
  const outcome = data?.outcome ?? data?.state;
  if (status < 300 && /^(accepted|queued|due|dispatching|handed_over)$/.test(outcome)) return ["accepted", data];
  const isNo = outcome == "refused" || (data?.code && status > 399 && (status < 500 || status == 503));
  return [isNo ? "refused" : "unknown", { code: isNo ? "provider_refused" : "relay_unreadable", ...data }];
};
