// The phone field: a region picker in front of an input, formatting while somebody types, and what is wrong, in words.
// Comes to an input of either callback form once somebody goes into it, and moves nothing on the page.

import { make } from "../loader/dom.js";
import { forIntl, loadWords, tagOf } from "../loader/language.js";
import { load } from "./numbers.js";
import { sheet } from "./field-sheet.js";

const TEXTS = new URL("./field/", import.meta.url).href;

/** Regions whose numbers begin alike are told apart by their letters alone. */
const LETTERS = /^[a-z]{2}$/i;

/** Fewer digits than a number has nearly everywhere. */
const FEW = 7;

let count = 0;

/** A button or finger is down: what is on the page must not move before it is up, or the click is lost. */
let pressed = false;
const UP = ["pointerup", "pointercancel"];
addEventListener("pointerdown", () => (pressed = true), true);
for (const type of UP) addEventListener(type, () => (pressed = false), true);

/**
 * Makes a phone field of an input.
 *
 * What is typed is in its `value`, as a person writes it. What is to be called is in its attribute `data-number`
 * (`+49 30 1234567;ext=12`: E.164 once the separators are out), and why it cannot be called in `data-wrong`; one of both is missing, or both where it is empty.
 *
 * @param {HTMLInputElement} input in a shadow root or document; its parent is a row of its own
 * @param {{lang?: string, region?: string, texts?: Record<string, string>}} options `lang`: else the input's; `texts`: the
 *   page's own in place of ours, by the keys of web/texts
 */
export const enhance = async (input, { lang = tagOf(input), region, texts }) => {
  if (input.dataset.field) return;
  input.dataset.field = "loading";
  try {
    const [engine, words] = await Promise.all([load(), loadWords(TEXTS, lang, texts)]);
    new PhoneField(input, engine, words, forIntl(lang), LETTERS.test(region) ? region.toUpperCase() : "");
  } catch (error) {
    // As it was: a number with + and the country code goes through without us.
    delete input.dataset.field;
    throw error;
  }
};

class PhoneField {
  constructor(input, engine, words, lang, region) {
    const names = new Intl.DisplayNames([lang, "en"], { type: "region" });
    Object.assign(this, { input, engine, words });
    this.all = engine
      .regions()
      .map(({ region, code }) => ({ region, code, name: names.of(region) }))
      .sort((a, b) => a.name.localeCompare(b.name, lang));
    const id = "patchcord-regions-" + ++count;
    this.button = make("button.region", { type: "button", dir: "ltr", "aria-haspopup": "listbox", "aria-expanded": false });
    this.search = make("input.search", {
      type: "search",
      role: "combobox",
      "aria-label": words.search,
      "aria-controls": id,
      "aria-expanded": true,
      "aria-autocomplete": "list",
      autocomplete: "off",
      placeholder: words.search,
    });
    this.list = make("ul", { id, role: "listbox", "aria-label": words.region });
    this.none = make("p", { role: "status" });
    this.sheet = make("div.regions", { hidden: "" }, this.search, this.none, this.list);
    this.place = region;
    this.#listen();
    this.#put();
    this.show();
    this.format();
    this.judge();
  }

  /** Puts the picker behind the input, so that its label stays the input's, and over its beginning. */
  #put() {
    const { button, input } = this;
    const root = input.getRootNode();
    if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    input.after(button, this.sheet);
    const row = input.parentNode;
    if (getComputedStyle(row).position == "static") row.style.position = "relative";
    input.dataset.field = "ready";
    input.inputMode = "tel";
    // Also in a page from right to left.
    input.dir = "ltr";
    const hint = input.parentNode.querySelector(".hint");
    if (hint) hint.textContent = this.words.hint;
    // The browser's own check knows the international form only.
    input.removeAttribute("pattern");
    const follow = () => {
      const { offsetHeight, offsetLeft, offsetTop, offsetWidth } = input;
      for (const node of [button, this.sheet]) {
        node.style.left = offsetLeft + "px";
        node.style.top = offsetTop + (node == button ? 0 : offsetHeight + 4) + "px";
      }
      button.style.height = offsetHeight + "px";
      this.sheet.style.width = offsetWidth + "px";
      input.style.paddingLeft = button.offsetWidth + 2 + "px";
    };
    this.follow = follow;
    new ResizeObserver(follow).observe(input);
  }

  #listen() {
    const { button, input, list, search } = this;
    let last = input.value;
    input.addEventListener("input", (event) => {
      if (event.isComposing) return;
      // Forwards over what is between two digits: the digit behind it is meant.
      if (event.inputType == "deleteContentForward" && digits(input.value) == digits(last)) {
        const at = input.selectionStart;
        const next = input.value.slice(at).search(/\d/);
        if (next >= 0) {
          input.value = input.value.slice(0, at + next) + input.value.slice(at + next + 1);
          input.setSelectionRange(at, at);
        }
      }
      this.format();
      last = input.value;
      this.judge();
    });
    // Not on `change`: a browser forgets that somebody typed once the value has been formatted.
    input.addEventListener("blur", ({ relatedTarget }) => {
      if (relatedTarget == button || this.sheet.contains(relatedTarget)) return;
      if (!pressed) return this.settle();
      const later = () => setTimeout(() => this.settle());
      for (const type of UP) addEventListener(type, later, { once: true });
    });
    input.addEventListener("paste", (event) => {
      const text = event.clipboardData?.getData("text/plain") ?? "";
      // Anything from which a number can be read: an address, a link, a whole line of a letter.
      const { e164, extension, international, valid } = this.engine.read(text, this.place);
      if (!valid) return;
      event.preventDefault();
      input.value = extension ? `${international}` : e164;
      input.setSelectionRange(input.value.length, input.value.length);
      input.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true, inputType: "insertFromPaste" }));
    });
    button.addEventListener("click", () => (this.sheet.hidden ? this.open() : this.close()));
    button.addEventListener("keydown", (event) => {
      if (/^Arrow(Up|Down)$/.test(event.key)) {
        event.preventDefault();
        this.open();
      }
    });
    search.addEventListener("input", (event) => {
      // It is no answer of the form's.
      event.stopPropagation();
      this.filter();
    });
    search.addEventListener("keydown", (event) => this.#key(event));
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("li");
      if (option) this.choose(option.dataset.region);
    });
    this.sheet.addEventListener("focusout", ({ relatedTarget }) => {
      if (!this.sheet.contains(relatedTarget) && relatedTarget != button) this.close("stay");
    });
  }

  #key(event) {
    const { active, list } = this;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step) {
      const options = [...list.children];
      const at = options.indexOf(active) + step;
      this.activate(options[Math.max(0, Math.min(options.length - 1, at))]);
    } else if (event.key == "Enter") {
      if (active) this.choose(active.dataset.region);
    } else if (event.key == "Escape") {
      event.stopPropagation();
      this.close();
    } else {
      return;
    }
    event.preventDefault();
  }

  open() {
    this.sheet.hidden = false;
    this.button.ariaExpanded = "true";
    this.search.value = "";
    this.filter();
    this.search.focus();
  }

  /** Goes back to the input, unless somebody went on elsewhere already. */
  close(stay) {
    if (this.sheet.hidden) return;
    this.sheet.hidden = true;
    this.button.ariaExpanded = "false";
    if (!stay) this.input.focus();
  }

  /** Shows the regions of which a name, the letters or the country code begin with what is searched. */
  filter() {
    const { all, list, place, search, words } = this;
    const wanted = plain(search.value).replace(/^(\+|00)/, "");
    const fits = ({ code, name, region }) =>
      !wanted || code.startsWith(wanted) || region.toLowerCase() == wanted || (" " + plain(name)).includes(" " + wanted);
    const found = all.filter(fits);
    list.replaceChildren(
      ...found.map(({ code, name, region }) => {
        const id = `${list.id}-${region}`;
        const option = make("li", { id, role: "option", "aria-selected": region == place, "data-region": region });
        option.append(make("span", 0, name), make("span.code", { dir: "ltr" }, "+" + code));
        return option;
      }),
    );
    this.none.textContent = found.length ? "" : words.nowhere;
    const own = !wanted && found.findIndex(({ region }) => region == place);
    this.activate(list.children[own > 0 ? own : 0], "center");
  }

  activate(option, block = "nearest") {
    this.active?.classList.remove("active");
    this.active = option;
    option?.classList.add("active");
    option?.scrollIntoView({ block });
    this.search.setAttribute("aria-activedescendant", option?.id ?? "");
  }

  /** Another region: what is typed is a number of it. */
  choose(region) {
    const { engine, input } = this;
    const { code } = this.all.find((one) => one.region == region);
    const before = engine.read(input.value, this.place);
    // A number that names another country gets the new one's code.
    if (/^\s*\+/.test(input.value)) {
      const rest = before.e164?.slice(1 + (this.#code(before.region) ?? "").length) ?? "";
      input.value = "+" + code + (before.region ? rest : "");
    }
    this.place = region;
    this.close();
    input.setSelectionRange(input.value.length, input.value.length);
    this.format();
    this.judge();
    this.show();
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  #code(region) {
    return this.all.find((one) => one.region == region)?.code;
  }

  show() {
    const { button, place, words } = this;
    const found = this.all.find(({ region }) => region == place);
    const text = found ? `${found.region} +${found.code}` : "+…";
    button.textContent = text;
    // What can be seen comes first, for who speaks to the page.
    button.ariaLabel = found ? `${text}, ${words.region}: ${found.name}` : `${text} ${words.choose}`;
    this.follow?.();
  }

  /** Formats what is in the input; the caret stays behind the digit that it is behind. */
  format() {
    const { input } = this;
    const caret = input.selectionStart ?? input.value.length;
    const { caret: at, region, text } = this.engine.type(input.value, caret, this.place);
    if (text != input.value) {
      input.value = text;
      if (input.matches(":focus")) input.setSelectionRange(at, at);
    }
    if (region && region != this.place && /^\s*\+/.test(text)) {
      this.place = region;
      this.show();
    }
  }

  /** Says to the form what is in the input. */
  judge() {
    const { dataset, value } = this.input;
    let { extension, international, wrong } = value.trim() ? this.engine.read(value, this.place) : {};
    // A few digits are a number that nobody has, but what is missing is the rest.
    if (wrong == "none" && digits(value).length < FEW) wrong = "short";
    delete dataset.number;
    delete dataset.wrong;
    if (wrong) dataset.wrong = wrong;
    else if (extension) dataset.number = international.slice(0, -extension.length).replace(/\D+$/, ";ext=" + extension);
    else if (international) dataset.number = international;
    // Where the browser itself checks the form it says the same words.
    this.input.setCustomValidity(wrong ? this.words[wrong] : "");
    if (!wrong) this.say("");
  }

  /** Somebody has gone on: says what is wrong. */
  settle() {
    const { wrong } = this.input.dataset;
    this.say(wrong ? this.words[wrong] : "");
  }

  say(text) {
    const { input } = this;
    const note = input.parentNode.querySelector(".wrong");
    if (!note || (!text && note.textContent != this.said)) return;
    this.said = note.textContent = text;
    if (text) input.setAttribute("aria-invalid", true);
    else input.removeAttribute("aria-invalid");
  }
}

const digits = (text) => text.replace(/\D/g, "");

/** Without accents and capitals, as people search. */
const plain = (text) =>
  text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .trim();
