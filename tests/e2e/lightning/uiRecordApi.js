// Stands in for `lightning/uiRecordApi`, as it is documented: only what was asked for is there.

import { Asking } from './wire.js';

export const getRecord = Asking(({ recordId, fields = [], optionalFields = [] }) => {
  const asked = [...fields, ...optionalFields];
  if (!recordId || asked.length === 0) return undefined;
  const record = window.org.records.find(({ id }) => id === recordId);
  if (!record) throw { body: { message: `There is no record ${recordId}.` } };
  return found(record, asked);
});

/** A record with the fields that were asked for, `Contact.Account.Name`. */
export function found(record, asked) {
  const fields = {};
  for (const name of asked) {
    const [type, ...path] = name.split('.');
    if (type !== record.apiName) throw { body: { message: `${name} is no field of ${record.apiName}.` } };
    take(record.fields, path, fields);
  }
  return { apiName: record.apiName, id: record.id, fields };
}

function take(from, [name, ...rest], to) {
  if (!(name in from)) return;
  const value = from[name];
  if (rest.length === 0) {
    to[name] = { displayValue: null, value };
  } else if (value === null) {
    to[name] = { displayValue: null, value: null };
  } else {
    to[name] ??= { displayValue: null, value: { fields: {} } };
    take(value, rest, to[name].value.fields);
  }
}
