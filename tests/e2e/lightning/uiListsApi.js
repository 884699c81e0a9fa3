// Stands in for `lightning/uiListsApi`, as it is documented.

import { Asking } from './wire.js';
import { found } from './uiRecordApi.js';

export const getListRecordsByName = Asking(({ objectApiName, listViewApiName, optionalFields }) => {
  if (!objectApiName || !listViewApiName) return undefined;
  const records = window.org.records.filter(({ apiName }) => apiName === objectApiName);
  return { records: records.map((record) => found(record, optionalFields ?? [])) };
});
