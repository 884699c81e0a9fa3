// The host page's end of the bridge: puts the phone into a page, and talks with it.
//
//   import { mount } from "https://relay.example.com/patchcord-frame.js";
//   const phone = mount({ container, host: "acme", sessionUrl: "/patchcord-session" });
//   await phone.dial({ number: "+49 30 123456", record: { type: "Lead", id: "00Q1" } });

import { takeButtons } from "./page/buttons.js";
import { makeElement } from "./page/element.js";
import { Link } from "./page/link.js";
import { BridgeError } from "./page/wire.js";

export { BridgeError };

const EVENTS = ["ready", "agent", "call", "show", "reveal", "size", "error"];

/** Puts the phone into `container`. Throws a `BridgeError` for an option that is not as it has to be. */
export function mount(options) {
  const { container, host, log, buttons, lang } = options;
  const wrong = (field, message) => {
    throw new BridgeError({ code: field in options ? "invalid_field" : "missing_field", field, message });
  };
  if (typeof container?.append != "function") wrong("container", "container has to be an element of the page.");
  if (!/^[\w-]+$/.test(host ?? "")) wrong("host", "host has to be the name of a host of the relay.");
  const relay = originOf(options.relay ?? import.meta.url) ?? wrong("relay", "relay has to be the relay's address.");

  const listeners = new Map(EVENTS.map((name) => [name, new Set()]));
  const tell = (name, detail) => {
    // Whoever puts the phone into a page is told, also before they listen.
    if (name == "error" && !listeners.get(name).size) console.warn(`Patchcord: ${detail.message}`);
    for (const listener of [...listeners.get(name)]) {
      try {
        listener(detail);
      } catch (error) {
        // One listener's fault is no other's.
        reportError(error);
      }
    }
  };
  const element = makeElement(options, `${relay}/hosts/${host}`);
  const link = new Link(element, relay, {
    assertion: options.assertion ?? (options.sessionUrl && (() => fetchAssertion(options.sessionUrl))),
    log,
    tell,
  });
  if (lang !== undefined) link.lang = lang;
  const off = buttons && takeButtons(container.ownerDocument, link, tell);
  container.append(element.frame);

  return {
    /** The iframe. */
    element: element.frame,
    dial: (request, how) => link.ask("dial", request, how),
    offer: (request, how) => link.ask("offer", request, how),
    show: () => link.show(true),
    hide: () => link.show(false),
    get visible() {
      return link.visible;
    },
    /** How the agent stands; `undefined` until the phone has said so. */
    get agent() {
      return link.agent;
    },
    get lang() {
      return link.lang;
    },
    set lang(tag) {
      link.lang = tag;
    },
    on(name, listener) {
      const those = listeners.get(name);
      if (!those) throw new BridgeError({ code: "invalid_field", field: "event", message: `There is no event ${name}: they are ${EVENTS.join(", ")}.` });
      those.add(listener);
      return () => void those.delete(listener);
    },
    dispose() {
      off?.();
      link.close();
      element.frame.remove();
      for (const those of listeners.values()) those.clear();
    },
  };
}

function originOf(address) {
  try {
    const { origin, protocol } = new URL(address);
    return /^https?:$/.test(protocol) ? origin : undefined;
  } catch {
    return undefined;
  }
}

/** What the page's own backend signs, as for the elements' `session-url`. */
async function fetchAssertion(address) {
  const url = new URL(address, document.baseURI);
  if (url.origin != location.origin) {
    throw new BridgeError({ code: "invalid_field", field: "sessionUrl", message: "sessionUrl has to be on this page's origin." });
  }
  const response = await fetch(url, { method: "POST" });
  const { assertion } = response.ok ? await response.json().catch(() => ({})) : {};
  if (typeof assertion == "string") return assertion;
  throw new BridgeError({ code: "assertion_invalid", message: `${url.pathname} gave no assertion (${response.status}).` });
}
