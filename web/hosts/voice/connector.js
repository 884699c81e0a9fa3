// What Salesforce asks of a telephony partner, done by the panel. What is absent here is something that the panel
// cannot do: the SDK then answers that it is not implemented, with the error that Salesforce shows for it.

import {
  ActiveCallsResult,
  AgentConfigResult,
  AgentVendorStatusInfo,
  CallResult,
  CapabilitiesResult,
  Constants,
  GenericResult,
  HangupResult,
  InitResult,
  Phone,
  PhoneContactsResult,
  VendorConnector,
} from "@salesforce/scv-connector-base/src/main/index.js";
import { typeOf } from "../open-cti/record.js";
import { phoneCallOf } from "./call.js";
import { holdOf, muteOf, recordingOf } from "./calls.js";

const { AGENT_STATUS, ERROR_TYPE, EVENT_TYPE, PHONE_TYPE } = Constants;

/** How high the sign-in of the platform is, in pixels. */
export const SIGN_IN = 240;

/** A second click on the same number within this time, in ms, is the same click. */
const TWICE = 3e3;

/** Codes of a dial that blame the number. */
const NUMBER = /number/;

export class PatchcordConnector extends VendorConnector {
  #frame;
  #calls;
  #agent;
  #dialled;

  /** `agent()`: how the agent stands, and whether that is at work. */
  constructor(frame, calls, agent) {
    super();
    this.#frame = frame;
    this.#calls = calls;
    this.#agent = agent;
  }

  /** Salesforce shows the frame for as long as nobody has signed in. */
  async init() {
    return new InitResult({ showLogin: !(await this.#agent()).isIn, loginFrameHeight: SIGN_IN });
  }

  async getCapabilities() {
    return new CapabilitiesResult({
      hasMute: true,
      hasRecord: true,
      hasMerge: false,
      hasSwap: false,
      // The SDK's own log has numbers in it.
      debugEnabled: false,
    });
  }

  async getAgentConfig() {
    const type = PHONE_TYPE.DESK_PHONE;
    return new AgentConfigResult({ phones: [type], selectedPhone: new Phone({ type }) });
  }

  async getActiveCalls() {
    return new ActiveCallsResult({ activeCalls: this.#calls.all.map(phoneCallOf) });
  }

  /** The platform's phone book is in the panel. */
  async getPhoneContacts() {
    return new PhoneContactsResult({ contacts: [], contactTypes: [] });
  }

  async dial({ phoneNumber = "", prefix = "", extension, recordId, name }) {
    const type = typeOf(recordId);
    const record = recordId && { id: recordId, ...(type && { type }), ...(name && { name }) };
    const request = {
      number: prefix + phoneNumber,
      ...(record && { record }),
      // All that Salesforce tells of the record; its other fields cannot be asked for from here.
      ...(type && { entity: type, fields: { Id: recordId, ...(name && { Name: name }) } }),
      ...(extension && { extension }),
    };
    const key = JSON.stringify(request);
    // The first click is answered, and Salesforce hears of its call once.
    if (this.#dialled == key) return new Promise(() => {});
    this.#dialled = key;
    try {
      const call = await this.#calls.dial(() => this.#frame.dial(request), { number: request.number, name, record });
      return new CallResult({ call: phoneCallOf(call) });
    } catch ({ code = "" }) {
      // Not the message: the SDK writes it into the console, and the number is in it. Salesforce has words of its own.
      throw { type: NUMBER.test(code) ? ERROR_TYPE.INVALID_DESTINATION : ERROR_TYPE.GENERIC_ERROR, message: code };
    } finally {
      setTimeout(() => this.#dialled == key && (this.#dialled = undefined), TWICE);
    }
  }

  async acceptCall({ callId }) {
    const isSo = ({ state }) => state == "connected";
    return new CallResult({ call: phoneCallOf(await this.#do(callId, "answer", EVENT_TYPE.CALL_CONNECTED, isSo)) });
  }

  async declineCall({ callId }) {
    return new CallResult({ call: phoneCallOf(await this.#do(callId, "hangup", EVENT_TYPE.HANGUP)) });
  }

  async endCall({ callId }) {
    return new HangupResult({ calls: phoneCallOf(await this.#do(callId, "hangup", EVENT_TYPE.HANGUP)) });
  }

  async hold({ callId }) {
    return holdOf(await this.#do(callId, "hold", EVENT_TYPE.HOLD_TOGGLE, ({ held }) => held));
  }

  async resume({ callId }) {
    return holdOf(await this.#do(callId, "unhold", EVENT_TYPE.HOLD_TOGGLE, ({ held }) => !held));
  }

  async mute() {
    return muteOf(await this.#do(this.#calls.current?.callId, "mute", EVENT_TYPE.MUTE_TOGGLE, ({ muted }) => muted));
  }

  async unmute() {
    return muteOf(await this.#do(this.#calls.current?.callId, "unmute", EVENT_TYPE.MUTE_TOGGLE, ({ muted }) => !muted));
  }

  async pauseRecording({ callId }) {
    return recordingOf(await this.#do(callId, "unrecord", EVENT_TYPE.RECORDING_TOGGLE, ({ recording }) => !recording));
  }

  async resumeRecording({ callId }) {
    return recordingOf(await this.#do(callId, "record", EVENT_TYPE.RECORDING_TOGGLE, ({ recording }) => recording));
  }

  async sendDigits(digits) {
    const call = this.#calls.current;
    if (!call) throw new Error("There is no call.");
    await this.#frame.act(call.call ?? call.id, "digit", digits);
  }

  /** The agent's state is the platform's. Salesforce may only not count on somebody whose phone is signed out. */
  async setAgentStatus(status) {
    const { isIn } = await this.#agent();
    return new GenericResult({ success: isIn || status == AGENT_STATUS.OFFLINE });
  }

  async getAgentStatus() {
    const { state } = await this.#agent();
    return new AgentVendorStatusInfo({ statusId: state, statusType: state, statusName: state });
  }

  /** The work after a call is the platform's, too; the SDK waits for no answer to these. */
  wrapUpCall() {}
  handleMessage() {}
  downloadLogs() {}

  #do(id, word, event, isSo = () => false) {
    return this.#calls.seen(id, event, isSo, (call) => this.#frame.act(call.call ?? call.id, word));
  }
}
