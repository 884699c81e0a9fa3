// A call of the panel as Salesforce Voice takes it.

import { CallInfo, Constants, Contact, PhoneCall, PhoneCallAttributes } from "@salesforce/scv-connector-base/src/main/index.js";

const { CALL_STATE, CALL_TYPE, HANGUP_REASON, PARTICIPANT_TYPE, REMOVE_PARTICIPANT_VARIANT } = Constants;

/** Whether nothing more is told of a call. One that is unknown may still be shown by the platform. */
export const isOver = ({ state }) => /^(ended|refused|handed_over)$/.test(state);

/** What Salesforce's call card offers: what the panel can do, and no more. */
const infoOf = (call) =>
  new CallInfo({
    isOnHold: Boolean(call.held),
    isMuted: Boolean(call.muted),
    isRecordingPaused: !call.recording,
    callStateTimestamp: call.connectedAt ? new Date(call.connectedAt) : null,
    // The agent's own telephone rings: Salesforce has no part in the sound.
    isSoftphoneCall: false,
    swapEnabled: false,
    conferenceEnabled: false,
    addCallerEnabled: false,
    extensionEnabled: false,
    showAddCallerButton: false,
    showAddBlindTransferButton: false,
    showMergeButton: false,
    showSwapButton: false,
    removeParticipantVariant: REMOVE_PARTICIPANT_VARIANT.NEVER,
  });

/** The SDK's call. `callId` is what Salesforce gives back with every request, and keeps in the call's record. */
export const phoneCallOf = (call) => {
  const contact = new Contact({
    ...(call.number && { phoneNumber: call.number }),
    ...(call.name && { name: call.name }),
    ...(call.record?.id && { id: call.record.id, recordId: call.record.id }),
  });
  const state = isOver(call) ? CALL_STATE.ENDED : call.state == "connected" ? CALL_STATE.CONNECTED : CALL_STATE.RINGING;
  return new PhoneCall({
    callId: call.callId,
    callType: call.direction == "incoming" ? CALL_TYPE.INBOUND : CALL_TYPE.OUTBOUND,
    phoneNumber: call.number,
    contact,
    state,
    callAttributes: new PhoneCallAttributes({ participantType: PARTICIPANT_TYPE.INITIAL_CALLER, isOnHold: Boolean(call.held) }),
    callInfo: infoOf(call),
    ...(isOver(call) && {
      reason: call.state == "refused" || call.reason == "failed" ? HANGUP_REASON.PHONE_CALL_ERROR : HANGUP_REASON.PHONE_CALL_ENDED,
    }),
  });
};
