// The places of the app in Zendesk ("instances"), and the ticket, person or organisation that a click belongs to.

/** What a place shows: its type, where its values are, and where its name is. */
const SHOWN = {
  ticket_sidebar: [
    { type: "ticket", path: "ticket", name: "subject" },
    { type: "user", path: "ticket.requester", name: "name" },
    { type: "organization", path: "ticket.organization", name: "name" },
  ],
  user_sidebar: [
    { type: "user", path: "user", name: "name" },
    { type: "organization", path: "user.organization", name: "name" },
  ],
  organization_sidebar: [{ type: "organization", path: "organization", name: "name" }],
};

export class Places {
  #client;
  #origin;
  /** The place that is in front, as it told last. */
  #front;

  constructor(client, origin) {
    this.#client = client;
    this.#origin = origin;
  }

  /** A place says whether it is in front: `{guid, isFront}`. */
  heard({ guid, isFront } = {}) {
    if (isFront) this.#front = guid;
    else if (this.#front == guid) this.#front = undefined;
  }

  /** Says something to all other places. Nobody has to be there. */
  async tell(event, data) {
    const { instances } = await this.#client.get("instances").catch(() => ({}));
    for (const [guid, { location }] of Object.entries(instances ?? {})) {
      if (location != "top_bar") this.#client.instance(guid).trigger(event, data);
    }
  }

  /**
   * Where a click belongs: what Zendesk says with it, or else what is in front. Where neither is known, and it could be
   * one of several, `undefined`.
   * @param {{ticketId?: number, userId?: number}} click
   */
  async of({ ticketId, userId }, entities = {}) {
    const { instances } = await this.#client.get("instances");
    const all = Object.entries(instances).map(([guid, instance]) => ({ guid, ...instance }));
    const shown = all.filter(({ location }) => SHOWN[location]);
    let place;
    if (ticketId) place = shown.find((one) => `${one.ticketId}` == `${ticketId}`);
    else if (userId) place = shown.find((one) => `${one.userId}` == `${userId}`);
    else place = shown.find(({ guid }) => guid == this.#front) ?? (shown.length == 1 ? shown[0] : undefined);
    if (!place) {
      // Known, but shown by no place that could tell more.
      const [type, id] = ticketId ? ["ticket", ticketId] : ["user", userId];
      return id ? { type, record: this.#record(type, id) } : undefined;
    }
    const kinds = SHOWN[place.location];
    const kind = kinds.find(({ type }) => Object.hasOwn(entities, type)) ?? kinds[0];
    return { guid: place.guid, ...kind, meant: { ticket: ticketId, user: userId }[kind.type] };
  }

  /** The record of a place, and those of its fields that are mapped. */
  async read({ guid, type, path, name, record, meant }, names) {
    if (!guid) return { record, fields: {} };
    const keys = [...new Set(["id", name, ...names])];
    const found = await this.#client.instance(guid).get(keys.map((key) => `${path}.${key}`));
    const id = found[`${path}.id`];
    // Somebody else of the ticket was clicked than the one whom it shows.
    if (meant && `${meant}` != `${id}`) return { record: this.#record(type, meant), fields: {} };
    const fields = {};
    for (const key of keys) {
      const value = found[`${path}.${key}`];
      if (value !== undefined) fields[key] = value;
    }
    // A new ticket has no id.
    return { record: id ? this.#record(type, id, fields[name]) : undefined, fields };
  }

  #record(type, id, name) {
    return { type, id: `${id}`, name: name || undefined, url: `${this.#origin}/agent/${type}s/${id}` };
  }
}
