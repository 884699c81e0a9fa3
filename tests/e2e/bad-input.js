// What the specs about bad input and bad luck have in common.

/** An object that is nested `levels` deep. */
export function nested(levels) {
  return levels === 1 ? { end: true } : { in: nested(levels - 1) };
}

/** A payload of exactly `bytes` as compact JSON. */
export function ofSize(bytes) {
  return { text: 'x'.repeat(bytes - '{"text":""}'.length) };
}

/** How often the platforms acted on a request to dial. */
export async function rung(sandbox) {
  return (await sandbox.dials()).filter(({ handled }) => handled).length;
}

/** Starts the relay anew with another configuration. */
export async function changed(servers, change) {
  await servers.configure(change);
  await servers.restartRelay();
}
