// What HubSpot says with a click, as a request of the frame.
//
// Its SDK gives the record and the number, no property of the record. `objectId` is the record of the page, which need
// not be the one that is called, and is 0 where there is none; `calleeInfo` is the one that is called.

const TYPES = { "0-1": "Contact", "0-2": "Company", "0-3": "Deal", "0-5": "Ticket" };
const NAMES = { CONTACT: "0-1", COMPANY: "0-2", DEAL: "0-3", TICKET: "0-5" };

/**
 * @param {object} data of DIAL_NUMBER
 * @param {{hostUrl?: string, portalId?: number}} account
 */
export const requestOf = (data, account, { entities = {} }) => {
  const { phoneNumber, phone_number: older, calleeInfo, objectId, objectType, ...carried } = data ?? {};
  const number = phoneNumber ?? older ?? "";
  const object = calleeInfo
    ? { id: calleeInfo.calleeId, typeId: calleeInfo.calleeObjectTypeId }
    : { id: objectId, typeId: NAMES[objectType] ?? objectType };
  const record = recordOf(object, account, carried.portalId);
  const entity = record?.type;
  const isMapped = entity && Object.hasOwn(entities, entity);
  const region = carried.countryCode || undefined;
  // The mapping chooses; without one everything goes along.
  return { number, region, record, entity, fields: carried, payload: isMapped ? undefined : carried };
};

/** The contract's record; `undefined` where HubSpot names none. */
const recordOf = ({ id, typeId }, { hostUrl, portalId } = {}, portal = portalId) => {
  if (!/^[1-9]\d*$/.test(id) || !/^\d+-\d+$/.test(typeId)) return undefined;
  return {
    type: TYPES[typeId] ?? typeId,
    id: `${id}`,
    url: hostUrl && portal ? `${hostUrl}/contacts/${portal}/record/${typeId}/${id}` : undefined,
  };
};

/** HubSpot's coordinates of a record of the contract; empty where it is not one of HubSpot's. */
export const objectOf = (record, { kind, system = kind }) => {
  if (record?.system != system || !/^[1-9]\d*$/.test(record.id)) return {};
  const [objectTypeId] = Object.entries(TYPES).find(([, name]) => name == record.type) ?? [record.type];
  return { objectId: Number(record.id), objectTypeId };
};
