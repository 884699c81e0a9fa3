// What is dialled for a record of the host: the contract's entity mapping, applied to the record's fields.

const isFilled = (value) => (typeof value == "string" ? value.trim() : typeof value == "number");

/**
 * @param {{entities?: object, kind: string, system?: string}} settings
 * @param {{number?: string | number, entity?: string, fields?: object, record?: object, payload?: object}} request
 * @returns {{number: string, record?: object, payload: object}}
 */
export const resolve = ({ entities = {}, kind, system = kind }, { number, entity, fields, record, payload }) => {
  const mapping = Object.hasOwn(entities, entity) ? entities[entity] : {};
  const valueOf = (name) => (Object.hasOwn(fields ?? {}, name) ? fields[name] : undefined);
  const mapped = {};
  for (const [key, name] of Object.entries(mapping.payload ?? {})) {
    const value = valueOf(name);
    if (value !== undefined) mapped[key] = value;
  }
  const first = isFilled(number) ? number : mapping.number?.map(valueOf).find(isFilled);
  return {
    number: `${first ?? ""}`.trim(),
    record: record?.id && textsOf({ system, type: entity, ...record }),
    payload: { ...mapped, ...payload },
  };
};

/** The names of the fields that a mapping reads, for a host that has to fetch them. */
export const fieldsOf = ({ entities = {} }, entity) => {
  const { number = [], payload = {} } = Object.hasOwn(entities, entity) ? entities[entity] : {};
  return [...new Set([...number, ...Object.values(payload)])];
};

/** A record as the contract has it: all text. */
const textsOf = ({ system, type, id, name, url }) => {
  const record = { system: `${system}`, type: `${type ?? ""}`, id: `${id}` };
  if (name) record.name = `${name}`;
  if (url) record.url = `${url}`;
  return record;
};
