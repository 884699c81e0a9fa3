// What a form asks for: what the relay's configuration lists, and what the page declares.

/** The types of fields that are shown, beside `hidden`; what is none of them is text. */
const TYPES = /^(email|select|checkbox|date|hidden)$/;

/** What stands in a label, without the control that may be in it. */
const words = (label) => {
  const copy = label?.cloneNode(true);
  copy?.querySelectorAll("input,select,textarea").forEach((control) => control.remove());
  return copy?.textContent.trim();
};

/** A form control inside the element, as a declaration. */
const read = (control) => {
  const { checked, dataset, labels, max, maxLength, min, name, options, required, type, value } = control;
  const field = {
    name,
    type: options ? "select" : type,
    // What is hidden has none.
    label: words(labels?.[0]) || control.getAttribute("aria-label") || control.placeholder || undefined,
    required,
    value: type == "checkbox" ? checked : value,
    topics: dataset.topics?.split(" "),
  };
  if (maxLength > 0) field.max = maxLength;
  if (options) field.options = [...options].filter((option) => option.value).map(({ value, text }) => ({ value, label: text }));
  if (type == "date") Object.assign(field, { min_date: min, max_date: max });
  field.autocomplete = control.getAttribute("autocomplete") ?? undefined;
  return field;
};

/** What the page says of fields: their names, or objects, in `fields`; and form controls inside the element. */
export const declared = (element, fields) => {
  let list = fields;
  if (typeof fields == "string") {
    try {
      list = JSON.parse(fields);
    } catch {
      list = fields.split(/[ ,]+/);
    }
  }
  const named = Array.isArray(list) ? list.map((field) => (typeof field == "string" ? { name: field, isName: true } : field)) : undefined;
  return { named, inside: [...element.querySelectorAll("[name]:is(input,select,textarea)")].map(read) };
};

/**
 * The fields of a form, in order. The page may say what a field is called, that it is needed and what is in it; what
 * the relay knows stays as strict as the relay has it.
 */
export const merged = (config, { named, inside }) => {
  const said = [...(named ?? []), ...inside];
  const of = (name) => said.find((field) => field.name == name && !field.isName) ?? {};
  const known = config.fields.map((field) => {
    const { label = field.label, required, type, value } = of(field.name);
    return { ...field, label, required: field.required || required, type: type == "hidden" ? type : field.type, value };
  });
  const isAsked = ({ hidden, name, required }) => hidden || required || !named || said.some((field) => field.name == name);
  const own = said.filter(({ isName, name }) => name && !isName && !config.fields.some((field) => field.name == name));
  return [...known.filter(isAsked), ...own].map((field) => ({ ...field, type: TYPES.exec(field.type)?.[0] }));
};
