// The call buttons: one `<patchcord-call>` for each record and place, kept as long as the page.

import { make, setAttribute } from "./dom.js";

const page = new URL(location.href);
const user = page.searchParams.get("user");
const sessionUrl = user ? `/crm/assertion?user=${encodeURIComponent(user)}` : "/crm/assertion";

/** What Patchcord is told about a record: enough to find it again from the dock. */
export function asRecord({ type, id, fields }) {
  return {
    system: "acme-crm",
    type,
    id,
    name: fields.Name,
    url: `${page.origin}/crm/#${id}`,
  };
}

/** A call button. `provider` is left out for the agent's default. */
export function callButton(record, { provider, label } = {}) {
  const button = make("patchcord-call", {
    relay: "__RELAY__",
    "session-url": sessionUrl,
    provider,
    label,
  });
  button.record = asRecord(record);
  return button;
}

/** A number for people: an extension is part of the number, written as in a tel: link. */
export function readable(number) {
  return number.replace(";ext=", " ext. ");
}

/**
 * Puts a button into `place`, or "No number" if there is none to dial. While the mapping is not
 * resolved yet the button waits, so that no call leaves without its payload.
 */
export function place(button, holder, { number, payload, waiting }) {
  if (!number) {
    if (!holder.querySelector(".none")) {
      holder.replaceChildren(make("span", { class: "none" }, "No number"));
    }
    return;
  }
  setAttribute(button, "number", number);
  setAttribute(button, "disabled", waiting);
  button.payload = payload;
  if (button.parentNode !== holder) {
    holder.replaceChildren(button);
  }
}
