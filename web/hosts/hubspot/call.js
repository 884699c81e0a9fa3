// A call, as HubSpot is told of it.

/** What is said when it begins. The agent's own number is not known, and so is not said. */
export const callOf = (id, { direction, number, startedAt = Date.now() }) => {
  const other = direction == "incoming" ? "fromNumber" : "toNumber";
  return {
    direction,
    externalCallId: id,
    told: { externalCallId: id, [other]: number || undefined, callStartTime: startedAt, createEngagement: true },
  };
};

/**
 * HubSpot's word for how it ended; `undefined` where the platform does not tell. There is a duration where somebody
 * was talked to.
 */
export const endOf = ({ outcome, duration, reason }) => {
  if (reason == "failed") return "FAILED";
  return outcome == "connected" || duration !== undefined ? "COMPLETED" : undefined;
};
