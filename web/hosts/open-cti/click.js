// What a click on a phone number tells, as the frame takes it.

import { recordOf } from "./record.js";

/** The "key=value" pairs of a comma-separated text; what is no pair is kept in `params`, word for word. */
export const pairsOf = (params) => {
  const parts = typeof params == "string" ? params.split(",").map((part) => part.trim()) : [];
  const pairs = parts.map((part) => /^([^=]+?)\s*=\s*(.*)$/s.exec(part));
  const rest = parts.filter((part, at) => part && !pairs[at]);
  return Object.fromEntries([
    ...pairs.filter(Boolean).map(([, key, value]) => [key, value]),
    ...(rest.length ? [["params", rest.join(", ")]] : []),
  ]);
};

/** A person account is two records: the click names the one that it is not on. */
const personOf = ({ personAccount, accountId, contactId }) =>
  personAccount ? { personAccount: true, ...(accountId && { accountId }), ...(contactId && { contactId }) } : {};

/**
 * The number as it is dialled. The documentation says that it is a number, and it comes as a text, too; a call
 * centre's own prefix for calls abroad stands for the +.
 */
export const numberOf = (number, abroad) => {
  const text = String(number ?? "").trim();
  const digits = abroad && text.startsWith(abroad) ? text.slice(abroad.length) : undefined;
  return digits ? "+" + digits : text;
};

/** `{number, record?, payload?}` of a click. */
export const requestOf = (click, { origin, abroad }) => {
  const { number, recordId: id, recordName: name, objectType: type, params } = click;
  const record = recordOf({ type, id, name }, origin);
  const payload = { ...personOf(click), ...pairsOf(params) };
  return {
    number: numberOf(number, abroad),
    ...(record && { record }),
    ...(Object.keys(payload).length && { payload }),
  };
};
