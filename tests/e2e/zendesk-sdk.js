// A stand-in for Zendesk's SDK, with what its documentation says of the client: Zendesk serves the SDK itself, and no
// registry has it. `ZAF_SDK=<file>` has the tests use a file instead, such as the official SDK.
import { readFile } from 'node:fs/promises';

/** The script that Zendesk serves. */
export async function zafSdk() {
  const file = process.env.ZAF_SDK;
  return file ? readFile(file, 'utf8') : `(${standIn})();`;
}

/** Runs in the app's page. */
function standIn() {
  const query = new URLSearchParams(location.search);
  const origin = query.getAll('origin').at(-1);
  const appGuid = query.get('app_guid');
  let registered;
  const registration = new Promise((done) => (registered = done));
  const answers = new Map();
  const handlers = new Map();
  let last = 0;

  const say = (key, message, instanceGuid = appGuid) =>
    parent.postMessage(JSON.stringify({ key, message, appGuid, instanceGuid }), origin);
  addEventListener('message', (event) => {
    if (event.origin !== origin || event.source !== parent) return;
    const data = JSON.parse(event.data);
    if (data.id && answers.has(data.id)) {
      const { done, fail } = answers.get(data.id);
      answers.delete(data.id);
      if (data.error) fail(Object.assign(new Error(data.error.message), data.error));
      else done(data.result);
      return;
    }
    const name = data.key.replace(/^zaf\./, '');
    if (name === 'app.registered') registered(data.message);
    for (const handler of handlers.get(name) ?? []) handler(data.message);
  });

  class Client {
    constructor(guid) {
      this.guid = guid;
    }
    on(name, handler) {
      handlers.set(name, [...(handlers.get(name) ?? []), handler]);
      registration.then(() => say(`iframe.on:${name}`, { subscriberCount: handlers.get(name).length }, this.guid));
    }
    trigger(name, data) {
      registration.then(() => say(`iframe.trigger:${name}`, data, this.guid));
    }
    async context() {
      return (await registration).context;
    }
    async metadata() {
      return (await registration).metadata;
    }
    instance(guid) {
      return guid === appGuid ? this : new Client(guid);
    }
    async #ask(request, params, path) {
      await registration;
      const id = ++last;
      const result = await new Promise((done, fail) => {
        answers.set(id, { done, fail });
        parent.postMessage(JSON.stringify({ id, request, params, appGuid, instanceGuid: this.guid }), origin);
      });
      const error = typeof path === 'string' && result.errors?.[path];
      if (error) throw Object.assign(new Error(error.message), error);
      return result;
    }
    get(path) {
      return this.#ask('get', [path].flat(), path);
    }
    invoke(action, ...values) {
      return this.#ask('invoke', { [action]: values }, action);
    }
    async request(options) {
      await registration;
      const key = `request:${++last}`;
      return new Promise((done, fail) => {
        handlers.set(`${key}.done`, [({ responseArgs }) => done(responseArgs[0])]);
        handlers.set(`${key}.fail`, [({ responseArgs }) => fail(responseArgs[0])]);
        say(key, typeof options === 'string' ? { url: options } : options);
      });
    }
  }

  window.ZAFClient = {
    init() {
      if (!origin || !appGuid) return false;
      say('iframe.handshake', { version: 'stand-in' });
      return new Client(appGuid);
    },
  };
}
