// The phone in its frame: everything that this page has for it.

import { mount } from "__RELAY__/patchcord-frame.js";

/** Puts the phone into the page. `keep` is given each call that is over, `open` whose call comes in. */
export function startPhone({ keep, open }) {
  const phone = mount({
    container: document.querySelector("#phone"),
    host: "acme-page",
    title: "Acme's phone",
    // This page's own backend signs who the agent is.
    sessionUrl: "/crm/assertion",
    log: keep,
  });
  phone.on("show", open);
  return phone;
}
