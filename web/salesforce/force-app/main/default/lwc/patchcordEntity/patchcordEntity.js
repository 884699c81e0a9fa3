// The entity mapping: which field of a record holds the number, and which fields travel with the call.

/** What a record is called by, whichever of these its type has. */
const NAMES = ["Name", "CaseNumber", "Subject", "Title"];

/** The mapping as text, as an object. What is no JSON is an error that says so. */
export function readMapping(text) {
    if (!text) return {};
    try {
        return JSON.parse(text);
    } catch (error) {
        throw new Error(`The mapping is no JSON: ${error.message}`);
    }
}

/** The fields to ask for: `["Contact.Phone", "Contact.Account.Name", …]`. */
export function fieldsOf(mapping, type, numberField) {
    const entity = mapping[type] ?? {};
    const names = [...numbersOf(entity, numberField), ...Object.values(entity.payload ?? {}), ...NAMES];
    return [...new Set(names)].map((name) => `${type}.${name}`);
}

/** What a call to a record needs of it: `{number, name, payload}`. `record` is one of Salesforce's UI API. */
export function resolve(mapping, type, record, numberField) {
    const entity = mapping[type] ?? {};
    const payload = {};
    for (const [key, name] of Object.entries(entity.payload ?? {})) {
        const value = valueAt(record, name);
        // What the user may not see is not there; what is empty is null.
        if (value !== undefined) payload[key] = value;
    }
    return {
        number: numbersOf(entity, numberField)
            .map((name) => valueAt(record, name))
            .filter(isFilled)
            .map((value) => String(value).trim())[0],
        name: NAMES.map((name) => valueAt(record, name)).find(isFilled),
        payload,
    };
}

const numbersOf = (entity, numberField) => (numberField ? [numberField] : (entity.number ?? []));

const isFilled = (value) => (typeof value === "string" && value.trim() !== "") || typeof value === "number";

/** The value of `Phone` or `Account.Name`; `undefined` where there is no such field. */
function valueAt(record, path) {
    let value = record;
    for (const name of path.split(".")) {
        if (value === null) return null;
        value = value?.fields?.[name]?.value;
    }
    return value;
}
