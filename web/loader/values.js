/** `{number, extension}` of `+49 30 123456;ext=12`; `undefined` if it is none. */
export const readNumber = (text) =>
  /^(?<number>\+[1-9]\d{6,14})(;ext=(?<extension>\d{1,11}))?$/.exec(text.replace(/[\s\-./()\u2011\u2060]/g, ""))?.groups;

/** A copy as JSON has it; throws for what has none. */
export const copy = (value) => value && JSON.parse(JSON.stringify(value));

/** A fresh idempotency key, also where there is no secure context. */
export const freshKey = () =>
  crypto.randomUUID?.() ?? crypto.getRandomValues(new Uint8Array(24)).reduce((key, byte) => key + byte, "k");
