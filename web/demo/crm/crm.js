// Acme CRM: the list of records, and which of them is selected.

import { callButton, place, readable } from "./calls.js";
import { make, setAttribute } from "./dom.js";
import { startLog } from "./event-log.js";
import { read, resolve, startMapping } from "./mapping.js";
import { about, startPhone } from "./phone.js";
import { show } from "./record-view.js";
import { records } from "./records.js";

const agents = { "005ALEX": "Alex Adler", "005SAM": "Sam Sommer" };
const body = document.querySelector("#records");
const filters = document.querySelectorAll("input[name=type]");

const rows = records.map((record) => {
  const { Name, Company, Industry, Custom_Score__c: score, Tier__c: tier } = record.fields;
  const link = make("a", { href: `#${record.id}` }, Name);
  const number = make("td", { class: "number" });
  const holder = make("td", { class: "action" });
  const row = make(
    "tr",
    {},
    make("th", { scope: "row" }, link, make("span", { class: "sub" }, Company ?? Industry)),
    make("td", { class: "type" }, make("span", { class: "kind", "data-kind": record.type }, record.type)),
    number,
    make("td", { class: "tier" }, tier, score === undefined ? null : make("span", { class: "sub" }, `Score ${score}`)),
    holder,
  );
  body.append(row);
  return { record, row, link, number, holder, button: callButton(record, { label: "Call" }) };
});

function selected() {
  const id = location.hash.slice(1);
  return records.find((record) => record.id === id) ?? records[0];
}

function refreshButtons() {
  for (const { record, number, holder, button } of rows) {
    const entity = resolve(record);
    number.textContent = entity.number ? readable(entity.number) : "";
    place(button, holder, entity);
  }
  show(selected());
  about(selected());
}

function select() {
  const record = selected();
  for (const { record: candidate, row, link } of rows) {
    setAttribute(row, "class", candidate === record ? "current" : null);
    setAttribute(link, "aria-current", candidate === record ? "true" : null);
  }
  read(record);
  show(record);
  about(record);
}

function filter() {
  const wanted = document.querySelector("input[name=type]:checked").value;
  for (const { record, row } of rows) {
    row.hidden = wanted !== "all" && record.type !== wanted;
  }
}

function showAgent() {
  const page = new URL(location.href);
  const current = page.searchParams.get("user") ?? "005ALEX";
  const other = current === "005SAM" ? "005ALEX" : "005SAM";
  document.querySelector("#agent").textContent = agents[current] ?? current;
  page.searchParams.set("user", other);
  const link = document.querySelector("#switch-agent");
  link.href = page.pathname + page.search;
  link.textContent = `Switch to ${agents[other]}`;
}

for (const choice of filters) {
  choice.addEventListener("change", filter);
}
window.addEventListener("hashchange", () => {
  select();
  // The list is left by a link, so the place that it leads to takes the focus.
  document.querySelector("#record-name").focus();
});

startLog();
startMapping({ changed: refreshButtons, shown: selected });
showAgent();
select();
filter();
startPhone();
