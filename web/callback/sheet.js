// A form that is not in the page: a button opens it, in a dialog above the page (`popup`), in a sheet over its corner
// (`float`), or in one that comes from its edge (`slide`). What was typed stays while it is closed.

import { make } from "../loader/dom.js";

/** Where somebody begins: the first field, or what is shown in its place. */
const begin = (sheet) =>
  sheet.querySelector(":is(.rows,.done) :is(input,select,button,a):not([disabled],[hidden] *,.region)") ?? sheet;

const build = (control) => {
  const { element, root } = control;
  const close = make("button.close", { type: "button", part: "close" });
  const title = make("b", { id: "title", part: "title" });
  const body = make("div.body", { part: "body" }, control.plain);
  const sheet = make("dialog.sheet", { part: "dialog", tabindex: -1, "aria-labelledby": "title" }, make("div.head", 0, title, close), body);
  close.onclick = () => element.hide();
  // Told later than it happens: what was closed here may be about to open again by then.
  sheet.onclose = () => {
    if (!control.closed) element.hide();
    control.closed = false;
  };
  sheet.onkeydown = (event) => {
    // The lists of the phone field close by it, too.
    if (event.key != "Escape" || event.defaultPrevented) return;
    // Not by the browser, which would tell it later.
    event.preventDefault();
    element.hide();
  };
  sheet.onclick = (event) => {
    // What is outside of a modal dialog is its backdrop.
    if (event.target == sheet && sheet.matches(":modal")) element.hide();
  };
  root.append(sheet);
  control.trigger.ariaHasPopup = "dialog";
  control.place = body;
  control.sheet = sheet;
};

/** Brings the sheet into the state that the element's attributes name. */
export const dress = (control) => {
  if (!control.sheet) build(control);
  const { sheet, texts, trigger } = control;
  const { mode = "inline", open } = control.options();
  const isInline = mode == "inline";
  const name = trigger.textContent;
  sheet.className = "sheet " + mode;
  sheet.querySelector(".head b").textContent = name;
  sheet.querySelector(".close").setAttribute("aria-label", texts["callback.close"] ?? "×");
  control.plain.hidden = false;
  trigger.setAttribute("aria-expanded", open);
  if ((open || isInline) && !sheet.open) {
    if (mode == "popup") sheet.showModal();
    else sheet.show();
    if (!isInline) begin(sheet).focus({ preventScroll: mode != "popup" });
  } else if (!open && !isInline && sheet.open) {
    control.closed = true;
    sheet.close();
  }
};
