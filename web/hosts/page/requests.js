// What the page around the frame may ask for, checked: a request is what the frame's core takes, or an error that
// names the field.

import { BridgeError, copy, isObject } from "./wire.js";

/** A field that is not as it has to be. */
export const wrongField = (field, message, code = "invalid_field") => new BridgeError({ code, field, message });

const wrong = (...why) => {
  throw wrongField(...why);
};

const isText = (value) => typeof value == "string" && value.trim() != "";

const optionalText = (value, field) => {
  if (value !== undefined && !isText(value)) wrong(field, `${field} has to be a text.`);
  return value;
};

const object = (value, field, code) => {
  if (value === undefined) return undefined;
  if (!isObject(value)) wrong(field, `${field} has to be an object.`, code);
  try {
    return copy(value);
  } catch {
    return wrong(field, `${field} has to be plain JSON.`, code);
  }
};

const only = (given, known, prefix = "") => {
  const stranger = Object.keys(given).find((key) => !known.includes(key));
  if (stranger) wrong(prefix + stranger, `${prefix + stranger} is not known.`, "unknown_field");
};

const record = (given) => {
  const value = object(given, "record");
  if (!value) return undefined;
  only(value, ["system", "type", "id", "name", "url"], "record.");
  for (const key of ["type", "id"]) {
    if (value[key] === undefined) wrong("record." + key, `record.${key} is missing.`, "missing_field");
  }
  for (const key in value) if (!isText(value[key])) wrong("record." + key, `record.${key} has to be a text.`);
  return value;
};

const extension = (value) => {
  if (value !== undefined && !/^\d{1,11}$/.test(value)) wrong("extension", "extension has to be 1 to 11 digits.");
  return value;
};

/** How old the click is, in milliseconds; what an older page does not say is nothing. */
export function clickAge({ age = 0 }) {
  if (!(Number.isFinite(age) && age >= 0)) wrong("age", "age has to be milliseconds since the click.");
  return age;
}

/** A request to dial or to offer, from a message of the bridge. */
export function dialRequest({ patchcord: _version, type: _type, id: _id, age: _age, ...given }) {
  only(given, ["number", "record", "entity", "fields", "payload", "extension"]);
  const request = {
    number: optionalText(given.number, "number"),
    extension: extension(given.extension),
    record: record(given.record),
    entity: optionalText(given.entity, "entity"),
    fields: object(given.fields, "fields"),
    payload: object(given.payload, "payload", "payload_invalid"),
  };
  if (!request.number && !(request.entity && request.fields)) {
    wrong("number", "A number is needed, or an entity with its fields.", "missing_field");
  }
  for (const key in request) if (request[key] === undefined) delete request[key];
  return request;
}

/** The id of a request: what its answer is known by. */
export function requestId({ id }) {
  if (id === undefined) wrong("id", "A request needs an id.", "missing_field");
  if (!isText(id) || id.length > 128) wrong("id", "id has to be a text of at most 128 characters.");
  return id;
}
