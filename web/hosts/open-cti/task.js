// A call as Salesforce keeps it: a completed Task.

import { pointerTo } from "./record.js";

/** A call's outcome in the words of a report. */
const OUTCOMES = {
  connected: "Connected",
  not_connected: "Not connected",
  handed_over: "Handed over",
  unknown: "Unknown",
};

/** The most that a Task's field takes, in characters. */
const SUBJECT = 255;
const DESCRIPTION = 32000;

/** The day of a moment where the person is, as Salesforce takes it. */
const dayOf = (ms) => {
  const date = new Date(ms);
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
};

/** The records that the call is about: the person and what else there is, each in its own field. */
const pointers = ({ record, payload }) => {
  // A person account is an account here, and a contact for the one who was called.
  const ids = [record?.id, payload?.personAccount && payload.contactId, payload?.personAccount && payload.accountId];
  const found = {};
  for (const id of ids) {
    const field = pointerTo(id);
    if (field) found[field] ??= id;
  }
  return found;
};

/**
 * The Task of an entry of the call log. `CallObject` is the call's own id: by it the Task is found again.
 */
export const taskOf = (entry) => ({
  entityApiName: "Task",
  Subject: `Call: ${[entry.name ?? entry.record?.name, entry.number].filter(Boolean).join(", ")}`.slice(0, SUBJECT),
  Status: "Completed",
  TaskSubtype: "Call",
  CallType: entry.direction == "incoming" ? "Inbound" : "Outbound",
  CallObject: entry.id,
  CallDisposition: OUTCOMES[entry.outcome] ?? OUTCOMES.unknown,
  ActivityDate: dayOf(entry.startedAt),
  ...(entry.duration !== undefined && { CallDurationInSeconds: Math.round(entry.duration) }),
  ...(entry.notes && { Description: entry.notes.slice(0, DESCRIPTION) }),
  ...pointers(entry),
});

/** The same Task, about nobody. */
export const withoutRecord = ({ WhoId: _who, WhatId: _what, ...task }) => task;
