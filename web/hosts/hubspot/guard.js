// Which messages reach HubSpot's SDK. By itself it takes its first one from any page that frames it.

/**
 * Whether a message is HubSpot's: from the page around the frame, and that page is listed.
 * @param {MessageEvent} event
 * @param {string[]} origins
 */
export const isTaken = ({ source, origin, data }, origins) => {
  if (source != window.parent || source == window || !origins.includes(origin)) return false;
  // Two that would have the SDK talk to another origin, and errors, which it answers with errors.
  if (typeof data?.type != "string" || /^(SET_WIDGET_URL|ERROR)$/.test(data.type)) return false;
  return data.type != "SYNC" || !data.hostUrl || data.hostUrl == origin;
};
