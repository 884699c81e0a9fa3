// What a page that was made for babelforce's embed has said about the next calls: `session` for one of them, `context`
// for all.

import { copy, isObject } from "./wire.js";

/** Salesforce's addresses of a record: its type, where they have it, and its id. */
const SALESFORCE = /\/lightning\/r\/(?:(\w+)\/)?(\w{18}|\w{15})\/view/;

export class EmbedData {
  session = {};
  context = {};

  /** Adds what a page has set. Throws for what is no plain JSON object. */
  add(layer, given) {
    if (given === undefined) return;
    if (!isObject(given)) throw new TypeError(`${layer} has to be an object`);
    Object.assign(this[layer], copy(given));
  }

  /** The payload and the record of the next call. A key of the session wins. */
  forCall(origin) {
    const payload = { ...this.context, ...this.session };
    const record = asRecord(payload.mostRecentUrl, origin);
    return { ...(Object.keys(payload).length && { payload }), ...(record && { record }) };
  }
}

/** The record that a page of the CRM shows, as far as its address tells. */
function asRecord(address, origin) {
  let url;
  try {
    url = new URL(address, origin);
  } catch {
    return undefined;
  }
  if (typeof address != "string" || !/^https?:$/.test(url.protocol)) return undefined;
  const [, type = "Page", id = url.pathname + url.search + url.hash] = SALESFORCE.exec(url.pathname) ?? [];
  return { type, id, url: url.href };
}
