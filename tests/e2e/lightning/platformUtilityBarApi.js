// Stands in for `lightning/platformUtilityBarApi`, as it is documented.

import { Telling } from './wire.js';

export const EnclosingUtilityId = Telling(() => window.org.utilityId);

const of = (utilityId) => {
  if (utilityId !== window.org.utilityId) throw new Error('there is no such utility');
};

export async function open(utilityId, { autoFocus } = {}) {
  of(utilityId);
  window.org.utility.push({ open: true, autoFocus });
  return true;
}

export async function updateUtility(utilityId, attributes) {
  of(utilityId);
  window.org.utility.push(attributes);
  return true;
}
