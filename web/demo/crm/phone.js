// The agent's panel beside the records. It is made when it is first opened: until then nothing of it is loaded.

import { asRecord } from "./calls.js";
import { make, setAttribute } from "./dom.js";
import { resolve } from "./mapping.js";

const page = new URL(location.href);
const user = page.searchParams.get("user");
const aside = document.querySelector("#phone");
const toggle = document.querySelector("#phone-toggle");
const provider = document.querySelector("#phone-provider");

let panel;
let current;

/** Tells the panel which record is open: what is dialled from there takes it along. */
export function about(record) {
  current = record;
  if (!panel) return;
  const { number, payload } = resolve(record);
  panel.record = asRecord(record);
  panel.payload = payload;
  setAttribute(panel, "number", number);
}

function build() {
  panel = make("patchcord-panel", {
    relay: "__RELAY__",
    "session-url": `/crm/assertion${user ? `?user=${encodeURIComponent(user)}` : ""}`,
    provider: provider.value,
    // Samespace has no desk of its own.
    dialler: provider.value === "samespace",
  });
  about(current);
  aside.querySelector(".panel").replaceChildren(panel);
}

function show(open) {
  aside.hidden = !open;
  document.body.classList.toggle("with-phone", open);
  toggle.setAttribute("aria-expanded", String(open));
  if (open && !panel) build();
  page.searchParams[open ? "set" : "delete"]("phone", "");
  history.replaceState(null, "", page.pathname + page.search.replace(/=(?=&|$)/, "") + location.hash);
}

/** Opens the panel where the address says so. */
export function startPhone() {
  toggle.onclick = () => show(aside.hidden);
  provider.onchange = build;
  if (page.searchParams.has("phone")) show(true);
}
