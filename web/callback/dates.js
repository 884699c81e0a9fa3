// Times, for a callback form: the free ones to choose from, what is said of one, and the calendar's file. A time is
// UTC; how it reads in a zone is always `Intl`'s affair.

import { forIntl } from "../loader/language.js";

const CLOCK = { hour: "numeric", minute: "2-digit" };
const DAY = { weekday: "long", day: "numeric", month: "long" };

/** The language of the page, as it is written where the visitor is: a page in `en` is read in Britain, too. */
const spelt = (lang) => {
  const tag = forIntl(lang);
  return navigator.languages.find((own) => own.split("-")[0] == tag) ?? tag;
};

const formats = new Map();

/** `null` where a zone is not known to this browser. Each is kept: making one takes a hundred times as long as using it. */
const format = (lang, options) => {
  const key = JSON.stringify([lang, options]);
  if (!formats.has(key)) {
    try {
      formats.set(key, new Intl.DateTimeFormat(spelt(lang), options));
    } catch {
      formats.set(key, null);
    }
  }
  return formats.get(key);
};

const nameOf = (lang, at) =>
  format(lang, { ...CLOCK, timeZoneName: "longGeneric" })
    .formatToParts(at)
    .find(({ type }) => type == "timeZoneName")?.value;

/** What the clock shows in the business's zone, with the zone's name; nothing where it shows the same as here. */
const there = (lang, at, zone) => {
  const all = { ...CLOCK, ...DAY };
  const elsewhere = zone && format(lang, { ...all, timeZone: zone });
  if (!elsewhere || elsewhere.format(at) == format(lang, all).format(at)) return;
  const isOtherDay = format(lang, { ...DAY, timeZone: zone }).format(at) != format(lang, DAY).format(at);
  return format(lang, { ...CLOCK, weekday: isOtherDay ? "short" : undefined, timeZone: zone, timeZoneName: "longGeneric" }).format(at);
};

const both = (here, elsewhere) => (elsewhere ? `${here} (${elsewhere})` : here);

/** A time in full: in the visitor's zone, and in the business's where that differs. */
export const inFull = (lang, at, zone) =>
  both(format(lang, { dateStyle: "full", timeStyle: "short" }).format(new Date(at)), there(lang, new Date(at), zone));

/** What is said of when a callback comes. */
export const whenOf = ({ at, due, zone }, texts, lang) => {
  if (at) return inFull(lang, at, zone);
  // Nobody is there before, or it is night where the number is.
  if (Date.parse(due) > Date.now() + 6e4) return texts["callback.from"].replace("{time}", inFull(lang, due, zone));
  return "";
};

/** The free times by the day that they are on in the visitor's calendar: `[label, times]` of each. */
const days = (lang, slots) => {
  const found = new Map();
  const day = format(lang, DAY);
  for (const at of slots) {
    const label = day.format(new Date(at));
    if (!found.has(label)) found.set(label, []);
    found.get(label).push(at);
  }
  return [...found];
};

/** What each time of one day reads like: `[at, label]`. */
const clocks = (lang, slots, zone) => {
  const clock = format(lang, { timeStyle: "short" });
  const labels = slots.map((at) => clock.format(new Date(at)));
  return slots.map((at, i) => {
    const label = labels[i];
    const date = new Date(at);
    // When the clock is put back, an hour comes twice.
    const isTwice = labels.indexOf(label) != labels.lastIndexOf(label);
    const here = isTwice ? format(lang, { ...CLOCK, timeZoneName: "shortOffset" }).format(date) : label;
    return [at, both(here, there(lang, date, zone))];
  });
};

/** What is said of a topic that is closed now, by the end of the text's key. */
const closedKey = (opens, schedule, isRefused) => {
  if (!opens) return "closed";
  if (schedule) return isRefused ? "closed.opens" : "closed.wait";
  return isRefused ? "closed.back" : "closed.then";
};

/**
 * Asks when to call: as soon as possible, or a day and a time. What is chosen is the value of `[name=at]`;
 * `box.take(at)` chooses a time.
 * @param {HTMLElement} box is filled
 * @param {object} topic as the configuration has it
 * @param {object} tools `at`, the time that is chosen as long as it is free; `row` and `option` of the form; `slots()`, a promise of the free times; `touched`, one of somebody being at the form
 */
export const choose = (box, topic, { at, lang, option, row, slots, texts, touched }) => {
  box.wish = at;
  const text = (key) => texts["callback." + key] ?? "";
  const { hours, schedule, when_closed: closing } = topic;
  const isClosed = hours && !hours.open && !(Date.parse(hours.opens_at) <= Date.now());
  const isRefused = isClosed && closing == "refuse";
  let hint = "";
  if (isClosed) {
    const opens = hours.opens_at && inFull(lang, hours.opens_at, hours.zone);
    hint = text(closedKey(opens, schedule, isRefused)).replace("{time}", opens);
  }
  if (!schedule) {
    box.textContent = hint;
    return;
  }
  const make = (name) => document.createElement(name);
  const [day, time] = [make("select"), make("select")];
  // There may be two of them: in the form, and below a request.
  const id = box.className;
  const dayRow = row(texts, id + "-day", text("when"), day, { hint, name: "day", required: true });
  const times = row(texts, id + "-at", text("time"), time, { name: "at", required: true });
  box.replaceChildren(dayRow, times);
  const soon = option("", isRefused ? text("choose") : text("soon"));
  day.required = isRefused;
  let found = [];
  const show = () => {
    const [, slots = []] = found[day.value] ?? [];
    time.replaceChildren(...clocks(lang, slots, hours?.zone).map(([at, label]) => option(at, label)));
    times.hidden = time.disabled = !slots.length;
  };
  day.onchange = () => show((box.wish = ""));
  /** Offers times, and says whether the one that is wished is among them. */
  const offer = (list) => {
    found = days(lang, list);
    day.replaceChildren(soon, ...found.map(([label], i) => option(i, label)));
    const wished = found.findIndex(([, slots]) => slots.includes(box.wish));
    if (wished >= 0) day.value = wished;
    show();
    if (wished >= 0) time.value = box.wish;
    return wished >= 0;
  };
  const say = (words) => (dayRow.querySelector(".hint").textContent = words);
  const load = async () => {
    try {
      const { slots: list } = await slots(topic);
      // Somebody has to choose anew, and is told.
      if (!offer(list) && box.wish) dayRow.querySelector(".wrong").textContent = texts["code.slot_not_available"];
      if (!found.length) say(text("times.none"));
      times.querySelector(".hint").textContent = text("zone").replace("{zone}", nameOf(lang, new Date(list[0] ?? Date.now())));
    } catch {
      say(text("times.missing"));
      box.addEventListener("focusin", () => load(say(hint)), { once: true });
    }
  };
  box.take = (at) => {
    box.wish = at;
    // Until it is known what else is free.
    offer([at]);
    load();
  };
  offer([]);
  if (at) box.take(at);
  else if (isRefused) load();
  else touched.then(load);
};

/** A line of a calendar file, in pieces of at most 75 bytes (RFC 5545, 3.1). */
const folded = (line) => {
  let bytes = 0;
  let out = "";
  for (const sign of line) {
    const length = new TextEncoder().encode(sign).length;
    if (bytes + length > 75) {
      out += "\r\n ";
      bytes = 1;
    }
    out += sign;
    bytes += length;
  }
  return out + "\r\n";
};

const escaped = (text) => text.replace(/[\\;,]/g, "\\$&").replace(/\r?\n/g, "\\n");

const utc = (time) => new Date(time).toISOString().replace(/[-:]|\.\d+/g, "");

/** The calendar file (RFC 5545) of a callback at a time. */
export const calendar = ({ at, id, manage_url: link, number, reference, topic_label: topic }, texts) => {
  const text = (key) => texts["callback." + key] ?? "";
  const title = text("calendar.title").replace("{topic}", topic ?? "").trim();
  const about = [number && text("queued.number").replace("{number}", number), text("reference").replace("{reference}", reference), link];
  return [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Patchcord//Callback//EN",
    "BEGIN:VEVENT",
    `UID:${id}@patchcord`,
    `DTSTAMP:${utc(Date.now())}`,
    `DTSTART:${utc(at)}`,
    "DURATION:PT15M",
    `SUMMARY:${escaped(title)}`,
    `DESCRIPTION:${escaped(about.filter(Boolean).join("\n"))}`,
    ...(link ? [`URL:${link}`] : []),
    "END:VEVENT",
    "END:VCALENDAR",
  ]
    .map(folded)
    .join("");
};

/** Hands a text over as a file. */
export const save = (name, type, text) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1e4);
};
