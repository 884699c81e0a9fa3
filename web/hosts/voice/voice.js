// Salesforce Voice with Partner Telephony, by Salesforce's own SDK.

import { Constants, GenericResult, LogoutResult, initializeConnector, publishEvent } from "@salesforce/scv-connector-base/src/main/index.js";
import { Calls } from "./calls.js";
import { PatchcordConnector, SIGN_IN } from "./connector.js";
import { hearSignIn, showSignIn } from "./sign-in.js";

const { EVENT_TYPE } = Constants;

/** States in which somebody is signed in at the platform. */
const IN = /^(ready|busy)$/;
/** States that pass by themselves: nobody has been asked to sign in yet. */
const PASSING = /^(starting|stale)$/;

/** How long Salesforce waits for the panel to know how the agent stands, in ms. */
const PATIENCE = 2e3;

export async function connect(settings, frame) {
  const { origins } = settings;
  if (new URLSearchParams(location.search).has("sign-in")) return showSignIn(settings, frame.words);
  // The SDK takes the first offer of any page that looks like Salesforce, and none after it. So it may hear of none
  // but those of the list.
  addEventListener(
    "message",
    (event) => {
      const isOurs = event.source == parent && origins.includes(event.origin);
      if (event.data?.type == "SETUP_CONNECTOR" && !isOurs) event.stopImmediatePropagation();
    },
    true,
  );

  const calls = new Calls();
  let state = "starting";
  let isIn = false;
  /** Whether Salesforce has been told how the agent stands. */
  let isAsked = false;
  let settle;
  const settled = new Promise((done) => (settle = done));

  let code;
  hearSignIn(settings, (given) => {
    // Another window's.
    if (isIn) return;
    code = given;
    calls.forget();
    frame.retell();
    frame.restart();
  });

  const agent = async () => {
    await Promise.race([settled, new Promise((done) => setTimeout(done, PATIENCE))]);
    isAsked = true;
    calls.isOpen = isIn;
    return { state, isIn };
  };
  initializeConnector(new PatchcordConnector(frame, calls, agent));
  // Salesforce may have made its offer before this was loaded, and it makes it once.
  for (const { data, origin, source, ports } of frame.early) {
    dispatchEvent(new MessageEvent("message", { data, origin, source, ports: [...ports] }));
  }

  const host = {
    agent(now) {
      state = now;
      if (PASSING.test(now)) return;
      settle();
      if (IN.test(now) == isIn) return;
      isIn = IN.test(now);
      // Before, Salesforce gets it as the answer to its offer.
      if (!isAsked) return;
      calls.isOpen = isIn;
      const payload = isIn ? new GenericResult({ success: true }) : new LogoutResult({ success: true, loginFrameHeight: SIGN_IN });
      publishEvent({ eventType: isIn ? EVENT_TYPE.LOGIN_RESULT : EVENT_TYPE.LOGOUT_RESULT, payload });
    },

    call: (call) => calls.take(call),

    async assertion() {
      const given = code && { code };
      code = undefined;
      if (given) return given;
      // Who is asked for a session has none: Salesforce shows the page to sign in on.
      host.agent("signed_out");
      throw new Error("signed out");
    },
  };
  return host;
}
