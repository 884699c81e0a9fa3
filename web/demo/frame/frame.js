// Acme Service: the customers, and what became of the calls with them.

import { make } from "/crm/dom.js";
import { records } from "/crm/records.js";
import { startPhone } from "/frame/phone.js";

const KEPT = "acme-calls";
const AGENT = {
  starting: "The phone is starting …",
  ready: "Ready: click a number.",
  busy: "Busy.",
  away: "Away.",
  stale: "The phone has lost its connection.",
  signed_out: "Sign in to call.",
  stopped: "The phone has stopped.",
};
const OUTCOME = {
  connected: "Talked",
  not_connected: "Nobody answered",
  handed_over: "Handed to the dock",
  refused: "Not placed",
  unknown: "Nobody knows",
};
const customers = records.filter(({ type, fields }) => type !== "Account" && (fields.MobilePhone || fields.Phone));
const status = document.querySelector("#agent");
const rows = new Map();

/** Keeps a call that is over. An entry that comes again is the same call. */
function keep(entry) {
  const kept = calls().filter(({ id }) => id !== entry.id);
  sessionStorage.setItem(KEPT, JSON.stringify([entry, ...kept]));
  showCalls();
}

/** Shows whose call it is. */
function open({ record, number }) {
  const digits = (text = "") => text.replace(/\D/g, "");
  const whose = ({ id, fields }) =>
    record ? record.id === id : [fields.MobilePhone, fields.Phone].some((one) => digits(one) === digits(number));
  select(customers.find(whose));
}

function select(customer) {
  for (const [one, row] of rows) row.classList.toggle("current", one === customer);
  rows.get(customer)?.scrollIntoView({ block: "nearest" });
}

async function call(customer) {
  const { type, id, fields } = customer;
  select(customer);
  const record = { system: "acme-crm", type, id, name: fields.Name, url: `${location.origin}/crm/#${id}` };
  try {
    // The relay's mapping says which field is dialled and which of them travel along.
    await phone.dial({ entity: type, fields, record });
  } catch ({ message }) {
    status.textContent = message;
  }
}

function calls() {
  return JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
}

function showCalls() {
  document.querySelector("#no-calls").hidden = calls().length > 0;
  document.querySelector("#calls").replaceChildren(
    ...calls().map(({ record, number, startedAt, duration, outcome }) =>
      make(
        "li",
        {},
        make("time", {}, new Date(startedAt).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })),
        make("b", {}, record?.name ?? number),
        make("span", {}, duration === undefined ? OUTCOME[outcome] : `${OUTCOME[outcome]}, ${duration} s`),
      ),
    ),
  );
}

for (const customer of customers) {
  const { Name, Company, MobilePhone, Phone } = customer.fields;
  const number = (MobilePhone || Phone).replace(";ext=", " ext. ");
  const button = make("button", { type: "button", "aria-label": `Call ${Name}, ${number}` }, number);
  button.addEventListener("click", () => call(customer));
  const row = make(
    "tr",
    {},
    make("th", { scope: "row" }, Name),
    make("td", { class: "company" }, Company),
    make("td", {}, button),
  );
  rows.set(customer, row);
  document.querySelector("#customers").append(row);
}
showCalls();

const phone = startPhone({ keep, open });
phone.on("agent", ({ state }) => {
  status.textContent = AGENT[state] ?? "";
});
phone.on("error", ({ message }) => {
  status.textContent = message;
});
