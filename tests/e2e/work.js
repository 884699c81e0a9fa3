// The proof of work of a test that asks the relay without a form.
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

/** The proof for one callback, not before the challenge is as old as the demo's relay wants it. */
export async function prove(servers, key = 'pk_demo') {
  const reply = await fetch(`${servers.relay}/v1/challenge`, { headers: { 'patchcord-key': key } });
  const { algorithm, challenge, maxnumber, salt, signature } = await reply.json();
  const given = Date.now();
  for (let number = 0; number <= maxnumber; number += 1) {
    if (createHash('sha256').update(salt + number).digest('hex') === challenge) {
      await pause(given + 2_000 - Date.now());
      return Buffer.from(JSON.stringify({ algorithm, challenge, number, salt, signature })).toString('base64');
    }
  }
  throw new Error(`no number up to ${maxnumber} gives ${challenge}`);
}
