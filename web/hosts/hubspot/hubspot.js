// HubSpot: the frame is a calling app, spoken to through HubSpot's calling SDK.
import CallingExtensions from "@hubspot/calling-extensions-sdk";
import { callOf, endOf } from "./call.js";
import { Engagements } from "./engagements.js";
import { isTaken } from "./guard.js";
import { propertiesOf } from "./properties.js";
import { objectOf, requestOf } from "./record.js";

export { CallLog, Notes } from "../keeping.js";

/** HubSpot answers what it is told of a call within so many milliseconds, or not at all. */
const ANSWER_MS = 10_000;

export async function connect(settings, frame) {
  const engagements = new Engagements(settings.name, ANSWER_MS);
  /** Calls of this page that HubSpot is told of, by their ids: the steps so far, one after the other. */
  const steps = new Map();
  /** The call that the agent is in, for HubSpot's own button that ends it. */
  let current;
  /** What HubSpot said of itself: its origin and the account. */
  let account;
  /** The number whose record is to be opened once HubSpot has found it. */
  let wanted;
  /** What the panel wants; said again when HubSpot listens. */
  let size;
  let state = "starting";
  let isLoggedIn = false;

  const sdk = new CallingExtensions({
    debugMode: false,
    eventHandlers: {
      onReady({ engagementId, portalId, hostUrl } = {}) {
        account = { portalId, hostUrl };
        engagements.adopt({ engagementId });
        isLoggedIn = isKnown(state);
        sdk.initialized({ isLoggedIn, engagementId });
        if (isLoggedIn) tellAvailable();
        if (size) sdk.resizeWidget(size);
        begin();
      },
      onDialNumber: (data) => frame.dial(requestOf(data, account, settings)).catch(refuse),
      onEndCall: () => current && frame.act(current, "hangup").catch(refuse),
      onVisibilityChanged: ({ isMinimized, isHidden } = {}) => frame.visible(!isMinimized && !isHidden),
      onCreateEngagementSucceeded: (data) => engagements.created(data),
      onEngagementCreated: (data) => engagements.created(data),
      onCreateEngagementFailed: (data) => engagements.failed(data, "created"),
      onUpdateEngagementSucceeded: (data) => engagements.updated(data),
      onUpdateEngagementFailed: (data) => engagements.failed(data, "updated"),
      onCallerIdMatchSucceeded({ callerIdMatches = [] } = {}) {
        // Of several HubSpot itself lets the agent choose.
        if (wanted && callerIdMatches.length == 1) navigate(callerIdMatches[0].objectCoordinates);
        wanted = undefined;
      },
      // Nothing in the phone depends on the rest: HubSpot itself says what went wrong.
      defaultEventHandler() {},
    },
  });
  let begin;
  const ready = new Promise((resolve) => (begin = resolve));

  // The SDK takes its first message from any page, and writes numbers to the console. Its own listener is replaced by
  // one that asks who is speaking.
  const { iFrameManager } = sdk;
  iFrameManager.logDebugMessage = () => {};
  removeEventListener("message", iFrameManager.messageHandler);
  const hear = (event) => isTaken(event, settings.origins) && iFrameManager.onMessage(event);
  addEventListener("message", hear);

  const refuse = ({ code, message }) => code != "cancelled" && sdk.sendError({ message });
  const navigate = (objectCoordinates) => sdk.navigateToRecord({ objectCoordinates, openIn: "CURRENT_TAB" });
  const tellAvailable = () => (state == "ready" ? sdk.userAvailable() : sdk.userUnavailable());

  /** Has HubSpot make its record of a call; resolves with its id. */
  const create = (call) => {
    const answer = engagements.answer(call.externalCallId, "created", ANSWER_MS);
    if (call.direction == "incoming") sdk.incomingCall(call.told);
    else sdk.outgoingCall(call.told);
    return answer;
  };

  /** The next that HubSpot is told of a call, by one window alone and after a reload no second time. */
  const advance = async (call) => {
    const id = call.call ?? call.id;
    await ready;
    if (!(await engagements.claim(id))) return;
    const isFirst = await engagements.reach(id, "begun");
    // Its answer is waited for only where it is needed.
    if (isFirst) create(callOf(id, call)).catch(() => {});
    if (call.state == "connected" && (await engagements.reach(id, "answered"))) {
      sdk.callAnswered({ externalCallId: id });
    }
    if (call.state == "ended") await end(id, endOf(call));
  };

  const end = async (id, callEndStatus) => {
    if (!(await engagements.reach(id, "ended"))) return;
    sdk.callEnded({ externalCallId: id, engagementId: await engagements.idOf(id, ANSWER_MS), callEndStatus });
  };

  return {
    agent(now) {
      state = now;
      if (!account) return;
      if (isLoggedIn != isKnown(state)) {
        isLoggedIn = !isLoggedIn;
        if (isLoggedIn) sdk.userLoggedIn();
        else sdk.userLoggedOut();
      }
      if (isLoggedIn) tellAvailable();
    },
    call(call) {
      const id = call.call ?? call.id;
      const isLive = /^(ringing|connecting|connected)$/.test(call.state);
      if (isLive) current = id;
      else if (current == id) current = undefined;
      // What was only asked for may be refused: HubSpot hears of a call once there is one.
      if (!isLive && !/^(handed_over|ended)$/.test(call.state)) return;
      const next = (steps.get(id) ?? Promise.resolve()).then(() => advance(call));
      steps.set(id, next);
    },
    show({ record, number }) {
      wanted = record ? undefined : number;
      const { objectId, objectTypeId } = objectOf(record, settings);
      // HubSpot opens contacts and companies alone.
      if (account?.portalId && /^0-[12]$/.test(objectTypeId))
        navigate({ portalId: account.portalId, objectId, objectTypeId });
    },
    async log(entry) {
      const { id } = entry;
      await ready;
      await steps.get(id);
      let engagementId = await engagements.idOf(id, ANSWER_MS);
      if (!engagementId) {
        // No window has had HubSpot make a record: the call was over too soon, or HubSpot failed.
        await engagements.claim(id);
        await engagements.reach(id, "begun");
        engagementId = await create(callOf(id, entry));
      }
      // One that ended while no window looked.
      if (/connected$/.test(entry.outcome)) await end(id, endOf(entry));
      const answer = engagements.answer(id, "updated", ANSWER_MS);
      sdk.callCompleted({
        externalCallId: id,
        engagementId,
        hideWidget: false,
        engagementProperties: propertiesOf(entry),
      });
      await answer;
      steps.delete(id);
    },
    size(now) {
      size = now;
      if (account) sdk.resizeWidget(size);
    },
    close: () => removeEventListener("message", hear),
  };
}

/** Whether somebody is signed in at the platform. */
const isKnown = (state) => /^(ready|busy|stale)$/.test(state);
