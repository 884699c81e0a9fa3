// What an id says about its record. The first three characters are the object's, the same in every org.

const TYPES = {
  "001": "Account",
  "003": "Contact",
  "006": "Opportunity",
  "00Q": "Lead",
  500: "Case",
};

const ID = /^[a-zA-Z0-9]{15}([a-zA-Z0-9]{3})?$/;

/** The standard object that an id belongs to; `undefined` for a custom one, whose prefix each org has for itself. */
export const typeOf = (id) => TYPES[id?.slice(0, 3)];

/** The contract's record; `undefined` where there is no id. `origin`: of the org, for the record's address. */
export const recordOf = ({ type, id, name }, origin) => {
  if (!id) return;
  type ||= typeOf(id);
  return {
    ...(type && { type }),
    id,
    ...(name && { name }),
    url: `${origin}/lightning/r/${type ? type + "/" : ""}${id}/view`,
  };
};

/** Which field of a Task points at a record: people have one, everything else has the other. */
export const pointerTo = (id) => (ID.test(id) ? (/^(003|00Q)/.test(id) ? "WhoId" : "WhatId") : undefined);

/** What Salesforce says where a record cannot be pointed at: its field, or a status of the database. */
const OF_RECORD = /Wh(o|at)Id|ENTITY_IS_DELETED|CROSS_REFERENCE|CONVERTED_LEAD|converted lead|entity is deleted|cross.reference/i;

/** Whether a Task was refused for the record that it points at. */
export const isOfRecord = ({ errors }) => OF_RECORD.test(JSON.stringify(errors ?? ""));
