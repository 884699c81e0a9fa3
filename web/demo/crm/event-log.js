// The event log: every event of every Patchcord element on the page, newest first.

import { make } from "./dom.js";

const KEPT = 100;
const NAMES = [
  "callrequested",
  "callaccepted",
  "callrefused",
  "callunknown",
  "callstate",
  "callended",
  "patchcordready",
  "patchcorderror",
];
const TONES = {
  callaccepted: "good",
  callrefused: "bad",
  callunknown: "wait",
  patchcorderror: "bad",
};

const list = document.querySelector("#log-list");
const empty = document.querySelector("#log-empty");
const time = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

/** Listens on the document: the events bubble out of the elements. */
export function startLog() {
  for (const name of NAMES) {
    document.addEventListener(name, (event) => add(name, event.detail ?? {}));
  }
  document.querySelector("#log-clear").addEventListener("click", () => {
    list.replaceChildren();
    empty.hidden = false;
  });
}

function add(name, detail) {
  empty.hidden = true;
  const summary = make(
    "summary",
    {},
    make("time", {}, time.format(new Date())),
    make("span", { class: "name", "data-tone": TONES[name] }, name),
    make("span", { class: "gist" }, gist(detail)),
  );
  const entry = make(
    "details",
    {},
    summary,
    make("pre", { tabindex: 0, "aria-label": `Detail of ${name}` }, JSON.stringify(detail, null, 2)),
  );
  list.prepend(make("li", {}, entry));
  while (list.childElementCount > KEPT) {
    list.lastElementChild.remove();
  }
}

/** What to see without opening the entry. */
function gist({ record, provider, number, state, code, reason, message }) {
  const parts = [record?.name ?? number, provider, state ?? code ?? reason, message];
  return parts.filter(Boolean).join(" · ");
}
