// The page that the frame is in: its window, and which of the listed origins it has.

import { BridgeError } from "./wire.js";

/**
 * Listens to the page around the frame. `take(data, origin, accept, at)` accepts what it knows: the origin of the first
 * such message is the only one from then on; `at` is when it came, in ms since the epoch. To anybody who is not
 * listed the frame is silent.
 */
export function listen(origins, take) {
  const page = window.parent;
  // Where the browser says which page this is, no other one is even written to.
  let origin = location.ancestorOrigins?.[0];
  if (page == window || (origin && !origins.includes(origin))) {
    throw new BridgeError({
      code: "origin_not_allowed",
      field: "origins",
      message: `This page is made for a frame in a page of ${origins.join(", ") || "a listed origin"}.`,
    });
  }
  const heard = ({ source, origin: from, data, at = Date.now() }) => {
    if (source != page || !origins.includes(from) || (origin && origin != from)) return;
    take(data, from, () => (origin = from), at);
  };
  addEventListener("message", heard);
  return {
    /** Takes what was said before anybody listened here. */
    catchUp: (events) => events.forEach(heard),
    send(message) {
      for (const target of origin ? [origin] : origins) page.postMessage(message, target);
    },
    close: () => removeEventListener("message", heard),
  };
}
