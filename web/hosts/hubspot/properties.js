// What is kept of a call in HubSpot's record of it.

/** The outcome "Connected" that each HubSpot account has; the others are for people to choose. */
const CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7";

/**
 * HubSpot's properties of a call, all text. What the platform does not tell is absent.
 * @param {object} entry of the call log
 */
export const propertiesOf = ({ id, direction, number, name, startedAt, duration, outcome, notes }) => {
  const isIncoming = direction == "incoming";
  const properties = {
    hs_timestamp: startedAt,
    hs_call_title: `Call ${isIncoming ? "from" : "to"} ${name || number || "unknown"}`,
    hs_call_direction: isIncoming ? "INBOUND" : "OUTBOUND",
    hs_call_external_id: id,
  };
  if (number) properties[isIncoming ? "hs_call_from_number" : "hs_call_to_number"] = number;
  if (notes) properties.hs_call_body = asHtml(notes);
  if (outcome == "connected") {
    properties.hs_call_status = "COMPLETED";
    properties.hs_call_disposition = CONNECTED;
    if (duration !== undefined) properties.hs_call_duration = `${Math.round(duration * 1000)}`;
  }
  return properties;
};

const asHtml = (text) => {
  const escaped = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
  return text.replace(/[&<>]/g, (sign) => escaped[sign]).replace(/\r?\n/g, "<br>");
};
