// The playground: choices on the left, what comes of them on the right, and the address that says them.

import { make } from "/crm/dom.js";
import { matters, readChoices, writeChoices } from "./choices.js";
import { codeOf } from "./code.js";
import { Preview } from "./preview.js";

const form = document.querySelector("#choices");
const frame = document.querySelector("#preview");
const shown = document.querySelector("#code");
const copied = document.querySelector("#copied");
const { elements } = form;

/** What a colour and a radius start from. */
const USUAL = { accent: "#7a2048", radius: "8" };

let choices = readChoices(location.search);
let preview;

/** What is chosen in the form. */
function chosen() {
  const said = new URLSearchParams(new FormData(form));
  for (const name of ["accent", "radius"]) if (!elements[`own-${name}`].checked) said.delete(name);
  said.set("narrow", elements.narrow.checked ? "yes" : "no");
  return readChoices(said);
}

/** Puts the choices into the form. */
function fill() {
  for (const [name, value] of Object.entries(choices)) {
    if (name === "narrow") elements.narrow.checked = value === "yes";
    else if (elements[name]) elements[name].value = value ?? USUAL[name] ?? "";
  }
  for (const name of ["accent", "radius"]) elements[`own-${name}`].checked = Boolean(choices[name]);
}

/** Shows what is chosen: in the form, in the preview, as code. */
function show() {
  for (const part of form.querySelectorAll("[data-for]")) part.hidden = !matters(part.dataset.for, choices);
  document.querySelector("#radius-shown").textContent = `${elements.radius.value}px`;
  for (const name of ["accent", "radius"]) elements[name].disabled = !elements[`own-${name}`].checked;
  const code = codeOf(choices);
  shown.replaceChildren(...code.map(([kind, text]) => (kind ? make("span", { class: kind }, text) : text)));
  copied.textContent = "";
  document.querySelector(".stage").classList.toggle("narrow", choices.narrow === "yes");
  preview?.show(shown.textContent, {
    scheme: choices.scheme,
    floats: choices.element === "callback" && choices.mode !== "inline",
  });
}

form.addEventListener("input", () => {
  choices = chosen();
  history.replaceState(null, "", location.pathname + writeChoices(choices));
  show();
});
form.addEventListener("submit", (event) => event.preventDefault());

document.querySelector("#reset").addEventListener("click", () => {
  choices = readChoices("");
  history.replaceState(null, "", location.pathname);
  fill();
  show();
});

document.querySelector("#copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(shown.textContent);
    copied.textContent = "Copied";
  } catch {
    // There is no clipboard, or it is not allowed: marked, it can be copied by hand.
    getSelection().selectAllChildren(shown);
    copied.textContent = "Marked: copy it by hand";
  }
});

function begin() {
  preview = new Preview(frame);
  show();
}

fill();
show();
if (frame.contentDocument?.readyState === "complete" && frame.contentWindow.location.pathname !== "blank") begin();
else frame.addEventListener("load", begin, { once: true });
