// What a test can ask of the sandbox, over its own HTTP interface.

export class Sandbox {
  /** @param {string} url its address */
  constructor(url) {
    this.url = url;
  }

  /** Every request the platforms got, oldest first. */
  async requests() {
    const { requests } = await this.#call('GET', 'requests');
    return requests;
  }

  /** Those of them that make a telephone ring. */
  async dials() {
    const requests = await this.requests();
    return requests.filter(
      ({ method, path }) =>
        method === 'POST' && (/\/make_call$/.test(path) || /\/agents\/[^/]+\/calls$/.test(path)),
    );
  }

  /** Empties the list of requests; nothing else changes. */
  async forget() {
    await this.#call('DELETE', 'requests');
  }

  /** Makes the platforms misbehave until `reset`. */
  async faults(faults) {
    await this.#call('POST', 'faults', { faults });
  }

  /** What both platforms know now: dock, agents, calls. */
  async state() {
    return this.#call('GET', 'state');
  }

  /** Moves a babelforce call on: `{state, finishReason?}` in the platform's words. */
  async setCall(id, change) {
    await this.#call('POST', `calls/${id}/state`, change);
  }

  /** Changes the sandbox's settings until `reset`. */
  async settings(settings) {
    await this.#call('POST', 'settings', settings);
  }

  /** One party of a babelforce call does something: `who` is `agent` or `customer`. */
  async do(call, who, what) {
    await this.#call('POST', `calls/${call}`, { who, do: what });
  }

  /** Something happens to an agent: `ring`, `stream`, `tokens/expire` … */
  async agent(id, what, body = {}) {
    await this.#call('POST', `agents/${id}/${what}`, body);
  }

  /** No requests, no faults, everybody as at the start. */
  async reset() {
    await this.#call('POST', 'reset');
  }

  /** Anything else that the sandbox can be told, after the table in its own documentation. */
  async tell(path, body) {
    return this.#call('POST', path, body);
  }

  async #call(method, path, body) {
    const response = await fetch(`${this.url}/_sandbox/${path}`, {
      method,
      headers: body ? { 'content-type': 'application/json' } : {},
      body: body ? JSON.stringify(body) : undefined,
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${method} /_sandbox/${path}: ${response.status} ${text}`);
    }
    return text ? JSON.parse(text) : undefined;
  }
}
