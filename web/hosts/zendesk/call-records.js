// Zendesk's records of calls: one request makes the record and the voice comment in the ticket (Talk Partner Edition).
import { storage } from "../kept.js";

/** What Zendesk shows of a call in the ticket. */
const FIELDS = [
  "direction",
  "from_line",
  "to_line",
  "call_started_at",
  "call_ended_at",
  "duration",
  "call_disposition",
  "external_id",
];
/** Calls whose record was asked for are remembered, the newest so many. */
const REMEMBERED = 200;

export class CallRecords {
  #client;
  #name;
  #about;

  /** @param {string} name the host's */
  constructor(client, name) {
    this.#client = client;
    this.#name = `patchcord:zendesk:${name}`;
  }

  /** The only person with a number; `undefined` where there is none, or several. */
  async find(number) {
    if (!number) return undefined;
    const query = new URLSearchParams({ query: `type:user phone:"${number}"` });
    const { results = [] } = await this.#client.request({ url: `/api/v2/search.json?${query}` }).catch(() => ({}));
    return results.length == 1 ? { type: "user", id: results[0].id } : undefined;
  }

  /** Keeps a call. What was asked for already, with no answer, is looked for first: Zendesk would make a second one. */
  async write(entry) {
    const about = await (this.#about ??= this.#learn());
    const asked = this.#asked();
    if (asked.includes(entry.id) && (await this.#isThere(entry).catch(refuse))) return;
    storage.setItem(this.#name, JSON.stringify([...asked, entry.id].slice(-REMEMBERED)));
    await this.#make(requestOf(entry, about), entry.id)
      .catch((reply) => {
        // The ticket was closed or deleted during the call, or the person was: it is kept without.
        if (!entry.record || !/^4(04|22)$/.test(reply?.status)) throw reply;
        return this.#make(requestOf(withoutRecord(entry), about), `${entry.id} alone`);
      })
      .catch((reply) => {
        // Zendesk has said no: there is no record.
        if (reply?.status >= 400 && reply.status < 500) this.#forget(entry.id);
        throw problemOf(reply);
      });
  }

  #make(request, key) {
    return this.#send("POST", "/api/v2/calls.json", request, { "Idempotency-Key": key });
  }

  async #isThere({ id, record }) {
    if (record?.type == "ticket") {
      const { comments = [] } = await this.#send(
        "GET",
        `/api/v2/tickets/${encodeURIComponent(record.id)}/comments.json`,
      );
      if (comments.some(({ data }) => data?.external_id == id)) return true;
      // It may have been kept without its ticket.
    }
    const query = new URLSearchParams({ query: `type:ticket comment:"${id}"` });
    return (await this.#send("GET", `/api/v2/search.json?${query}`)).count > 0;
  }

  async #learn() {
    try {
      const [{ appId }, { currentUser }] = await Promise.all([
        this.#client.metadata(),
        this.#client.get("currentUser"),
      ]);
      return { app: appId, agent: currentUser };
    } catch (problem) {
      this.#about = undefined;
      throw problemOf(problem);
    }
  }

  #send(type, url, body, headers) {
    return this.#client.request({
      url,
      type,
      headers,
      ...(body && { contentType: "application/json", data: JSON.stringify(body) }),
    });
  }

  #asked() {
    return JSON.parse(storage.getItem(this.#name) ?? "[]");
  }

  #forget(id) {
    storage.setItem(this.#name, JSON.stringify(this.#asked().filter((one) => one != id)));
  }
}

/** Zendesk's record of a call, and its comment. What the platform does not tell is absent. */
const requestOf = (entry, { app, agent }) => {
  const { id, direction, number, name, startedAt, connectedAt, duration, outcome, notes, record } = entry;
  const isIncoming = direction == "incoming";
  // The agent's own number is not known; Zendesk wants something for both ends.
  const [from, to] = isIncoming ? [number, agent.name] : [agent.name, number];
  const call = {
    app_id: app,
    external_id: id,
    agent_id: agent.id,
    direction: isIncoming ? "inbound" : "outbound",
    from_line: from || "unknown",
    to_line: to || "unknown",
    call_started_at: timeOf(connectedAt ?? startedAt),
  };
  if (duration !== undefined) call.duration = Math.round(duration);
  if (connectedAt && duration !== undefined) call.call_ended_at = timeOf(connectedAt + duration * 1000);
  if (outcome == "connected") call.completion_status = "completed";
  if (notes) call.call_disposition = notes;
  if (record?.type == "ticket") call.ticket_id = Number(record.id);
  if (record?.type == "user") call.end_user_id = Number(record.id);
  // A ticket's name is what it is about, and nobody who is called.
  const who = record?.type == "ticket" ? number : name || number;
  const title = `Call ${isIncoming ? "from" : "to"} ${who || "unknown"}`;
  const comment = { title, call_fields: FIELDS.filter((field) => field in call) };
  if (call.ticket_id) return { call, comment };
  // A comment without a ticket makes one, which Zendesk shows. Like Zendesk's own phone, none for a call that nobody took.
  if (!isIncoming && !/^(connected|handed_over)$/.test(outcome)) return { call };
  return { call, comment: { ...comment, subject: title, display_to_agent: agent.id } };
};

/** The same call, about nothing that Zendesk has. */
const withoutRecord = ({ record, name, ...entry }) => ({ ...entry, name: record.type == "ticket" ? undefined : name });

const timeOf = (milliseconds) => new Date(milliseconds).toISOString();

const refuse = (reply) => {
  throw problemOf(reply);
};

const problemOf = (reply) => ({
  code: "host_refused",
  message: `Zendesk did not keep the call${reply?.status ? ` (${reply.status})` : ""}.`,
});
