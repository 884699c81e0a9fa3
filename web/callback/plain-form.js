// The callback form until the module takes it over, and where it cannot: it asks the relay what to ask, builds the
// rows, and sends what is filled in.

import { check } from "../loader/check.js";
import { make } from "../loader/dom.js";
import { askFor, deliver } from "../loader/relay.js";
import { copy, freshKey, readNumber } from "../loader/values.js";
import { declared } from "./fields.js";
import { ask, option, row } from "./form.js";

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

const loadSheet = () => import(new URL("sheet.js", import.meta.url));
const loadDates = () => import(new URL("dates.js", import.meta.url));
const loadField = () => import(new URL("field.js", import.meta.url));
/** Rejects with a problem where it does not come. */
const loadProof = () => import(new URL("proof.js", import.meta.url)).catch(() => Promise.reject({ code: "relay_unreachable" }));

const cache = {};

/** What may be otherwise in a moment: the relay is not reached, is being restarted, has too much to do. */
const PASSING = /^(relay|internal|too_many|request)/;

/** Asks once for each key; after what passes, again. */
const once = (key, ask) =>
  (cache[key] ??= ask().catch((problem) => {
    if (PASSING.test(problem.code)) delete cache[key];
    throw problem;
  }));

/** Of the relay, as the visitor of a key. */
const asks = (relay, key) => (what) => askFor(relay + "/v1/" + what, { "Patchcord-Key": key });

/**
 * Has in an element what its form and the module need: the first time it is called, the form; each time, the rows
 * that the attributes and the relay ask for now.
 */
export const fill = async (control) => {
  const { element, host, isNear } = control;
  if (!control.checkMore) {
    control.checkMore = check;
    return control.changed();
  }
  if (!host.rows) begin(control);
  const options = control.options();
  const { fields, lang, manage, mode = "inline", region, relay, siteKey, topic } = options;
  const { texts } = host;
  const at = [relay, siteKey, lang].join(" ");
  if (mode != "inline" || control.sheet) {
    // Without it the form stays closed, and comes with the next click.
    await loadSheet().then(({ dress }) => dress(control), () => {});
  }
  host.managed = fromAddress(manage);
  // What was sent, and what became of it, for this tab.
  host.kept = ["patchcord", relay, siteKey, topic].join(" ");
  try {
    const get = asks(relay, siteKey);
    const config = host.managed
      ? { fields: [], topics: [] }
      : await once(at, async () => prepare(await get("config" + (lang ? "?lang=" + encodeURIComponent(lang) : ""))));
    // Without it the form asks for no time.
    const dates = await loadDates().catch(() => {});
    await isNear;
    const said = JSON.stringify([at, topic, region, host.managed, declared(element, fields)]);
    if (control.asked == said && control.askedIn == texts) return;
    Object.assign(control, { asked: said, askedIn: texts });
    host.config = config;
    const isToVouch = config.proof || config.captcha;
    host.proof = isToVouch ? async (id) => (await loadProof()).vouch(get, config, control.options().captcha, id) : undefined;
    host.choose = (box, topic, key = siteKey, at = "") => {
      const slots = ({ topic }) => asks(relay, key)("slots?days=14&topic=" + encodeURIComponent(topic));
      dates?.choose(box, topic, { at, lang, option, row, slots, texts, touched: host.touched });
    };
    host.when = (node, callback) => (node.textContent = dates?.whenOf(callback, texts, lang) ?? "");
    host.calendar = (callback) => dates.save("callback.ics", "text/calendar", dates.calendar(callback, texts));
    ask(control, options);
    control.failed = control.isLacking = undefined;
    // It is about to go.
    const isAgain = control.root.activeElement == control.again;
    if (control.root.activeElement) control.prove();
    if (host.managed || isKept(host.kept)) {
      control.want();
      control.swap?.();
      await control.wanted;
      if (host.managed && !control.live) await lookUp(control, host.managed);
    }
    if (!control.live && control.state != "accepted") control.show("idle");
    if (isAgain) host.rows.querySelector("input,select")?.focus();
    control.swap?.();
  } catch (problem) {
    if (control.failed != at) control.complain(problem);
    control.failed = at;
    control.isLacking = PASSING.test(problem.code);
    control.show("refused", problem);
    if (!control.isLacking) return;
    // Looked at again in a while, where it is seen then.
    control.asked = undefined;
    setTimeout(() => control.near.observe(element), 5e3);
  }
};

const isKept = (name) => {
  try {
    return sessionStorage.getItem(name) != null;
  } catch {
    // A page without storage keeps nothing.
  }
};

/** The request that the page's address names, `#patchcord=<id>.<token>`; on a page for that, without the name. */
const fromAddress = (isForThat) => {
  const [, name, id, token] = /^#(patchcord=)?([\w-]+)\.([\w-]+)$/.exec(location.hash) ?? [];
  return id && (name || isForThat) ? { id, manage_token: token } : undefined;
};

/** The frame of the form, and what a control with a form does. */
const begin = (control) => {
  const { element, form, host, label, main, plain, second } = control;
  const rows = (host.rows = make("div.rows"));
  const done = (control.done = make("div.done", { part: "status", tabindex: -1, hidden: "" }));
  main.append(label);
  control.takeBack = () => form.prepend(rows);
  form.prepend(rows);
  const again = (control.again = make("button.plain", { type: "button", hidden: "" }));
  again.onclick = () => control.changed();
  form.append(main, second, again);
  plain.append(done);
  // What was wrong is perhaps put right.
  rows.addEventListener("input", ({ target }) => mark(target.closest(".field").querySelectorAll("[name]"), {}));
  form.onsubmit = (event) => {
    event.preventDefault();
    submit(control);
  };
  // Early, so that nobody waits for it. What goes wrong is told when the form is sent.
  control.prove = () => host.proof?.().catch(() => {});
  element.addEventListener("focusin", () => control.prove(), { once: true });
  element.addEventListener("callbackrefused", () => control.prove());
  host.touched = new Promise((done) => control.plain.getRootNode().addEventListener("focusin", done, { once: true }));
  control.paint = () => {
    const state = control.paintStatus();
    label.textContent = control.texts["callback.submit"];
    rows.hidden = main.hidden = !host.config || host.managed || state == "invalid";
    again.textContent = control.texts["callback.retry"];
    again.hidden = state != "refused" || !control.isLacking;
    form.hidden = state == "accepted";
    done.hidden = !form.hidden;
  };
  // Not while someone is typing, and not before the relay has said what to ask.
  control.isIdle = () =>
    host.config && !control.flight && (control.isHanding || (control.state == "idle" && !form.contains(control.root.activeElement)));
  // Frameworks put children and attributes in when the element is there already.
  new MutationObserver(() => control.changed()).observe(element, { attributes: true, characterData: true, childList: true, subtree: true });
  // The address names another request than the one that is shown. It is told by hand.js.
  control.follow = () => {
    const named = fromAddress(control.options().manage);
    if (!named || named.id == host.managed?.id || control.flight) return;
    host.managed = named;
    control.drop();
    control.show("idle");
    control.changed();
  };
  watchNumber(control);
  // No button before the rows are there: it would jump when they come.
  main.hidden = true;
};

/** Makes a phone field of the number's input once somebody goes to it, in this form or in the module's. */
const watchNumber = (control) =>
  control.root.addEventListener("focusin", async ({ target }) => {
    // Where WebAssembly is refused there is no engine either.
    if (target.type != "tel" || control.reverted) return;
    const { lang, region = control.host.config.region, texts } = control.options();
    try {
      const { enhance } = await loadField();
      await enhance(target, { lang, region, texts });
      // Without it the input takes a number with + and the country code, as its hint says.
    } catch {}
  });

/** Says of each field what the browser may fill in, and adds the one that nobody can see. */
const prepare = (config) => {
  const { fields, honeypot } = config;
  for (const field of fields) {
    const { name } = field;
    field.autocomplete ??= { company: "organization", email: name, name }[name] ?? "on";
  }
  // Whoever fills in what nobody can see is no person.
  if (honeypot) fields.push({ autocomplete: "off", hidden: true, label: honeypot, name: honeypot });
  return config;
};

/** What was answered: `{at, consent, fields, number, topic}`. */
const answers = (rows) => {
  const all = { fields: {} };
  for (const { checked, dataset, disabled, name, type, value } of rows.querySelectorAll("[name]")) {
    const text = value.trim();
    const answer = type == "checkbox" ? checked : name == "number" ? (dataset.number ?? text) : text;
    if (disabled || answer === "") continue;
    if (name.startsWith("fields.")) all.fields[name.slice(7)] = answer;
    else all[name] = answer;
  }
  return all;
};

/** Sends what is filled in; the browser itself has checked that nothing is missing. */
const submit = async (control) => {
  if (control.flight || control.isHanding) return;
  const { host } = control;
  const { config, proof, rows } = host;
  control.cancelled = false;
  if (!control.reverted) {
    // The module sends it, if it is about to be there: it keeps it, and follows it.
    control.isHanding = true;
    control.show("waiting");
    control.want();
    await Promise.race([control.wanted, pause(2e3)]);
    control.held = false;
    if (!control.cancelled) control.swap?.();
    control.isHanding = false;
    if (control.live) return control.place.querySelector("form").requestSubmit();
    control.show("idle");
    if (control.cancelled) return;
  }
  const { payload, relay, siteKey, topic } = control.options();
  const given = answers(rows);
  const number = readNumber(given.number);
  if (!number) return control.show("refused", { code: "invalid_number" });
  let body = {
    ...number,
    topic: topic ?? given.topic ?? config.topics[0].topic,
    at: given.at,
    fields: given.fields,
    payload,
    consent: config.consent ? { version: config.consent.version, given: true } : undefined,
    page: location.origin + location.pathname,
  };
  let text;
  try {
    text = JSON.stringify(body);
  } catch {
    return control.show("refused", { code: "payload_invalid" });
  }
  // The same request goes out under the same key, and as it was, so that sending it again does not count twice. For a
  // day: no longer does the relay know it. The module does the same with `last`.
  let { last } = host;
  const isAgain = last?.body?.startsWith(text.slice(0, -1)) && Date.now() < last.at + 864e5;
  if (isAgain) body = JSON.parse(last.body);
  else last = { at: Date.now(), key: freshKey() };
  const detail = { id: last.key, ...number, provider: undefined, payload: copy(payload) };
  if (!control.emit("callbackrequested", detail)) return;
  control.show("waiting");
  const headers = async () => {
    if (!isAgain && proof) Object.assign(body, JSON.parse(`{${await proof(last.key)}}`));
    host.last = { ...last, body: JSON.stringify(body) };
    return { "Patchcord-Key": siteKey };
  };
  let [outcome, data] = await deliver(control, Date.now(), relay + "/v1/callbacks", headers, last.key, body);
  // What is wrong with a request is said only where none was taken under its key; any other no leaves it open.
  if (isAgain && outcome == "refused" && data.status != 422) [outcome, data] = ["unknown", { code: "no_reply" }];
  if (outcome != "unknown") host.last = undefined;
  const { at, reference } = data;
  if (outcome == "accepted") thank(control, { ...number, ...data });
  control.settle(outcome, data, { at, reference });
  if (outcome == "accepted") control.done.focus();
  else mark(rows.querySelectorAll("[name]"), data, control.words(data)[0]);
};

/** Goes to the field that a refusal is about, and says there what is wrong with it; takes it back of all others. */
const mark = (inputs, { field }, words) => {
  for (const input of inputs) {
    const isIt = input.name == field?.replace("consent.version", "consent");
    input.closest(".field").querySelector(".wrong").textContent = isIt ? words : "";
    input.ariaInvalid = isIt ? "true" : null;
    if (isIt) input.focus();
  }
};

/** Asks the relay about a callback. */
const askAbout = (control, { id, manage_token: token }, init) =>
  askFor(control.options().relay + "/v1/callbacks/" + encodeURIComponent(id), { "Patchcord-Manage": token }, undefined, init);

/** Where there is no module: the request that the page's address names, as it is. */
const lookUp = async (control, named) => {
  const told = await askAbout(control, named);
  // By then it may name another one.
  if (control.host.managed.id != named.id) return;
  thank(control, { ...named, ...told });
  control.show("accepted", {});
};

const SAID = { handed_over: "passed", refused: "state.refused", expired: "state.expired", unknown: "state.unknown", cancelled: "state.cancelled" };

/** A request that was taken: how it stands, and what can be done about it. */
const thank = (control, callback) => {
  const { done, host, texts } = control;
  const text = (key, name) => (texts["callback." + key] ?? "").replace(`{${name}}`, callback[name]);
  const button = (kind, part, key, onclick) =>
    Object.assign(make("button." + kind, { type: "button", part }, text(key)), { onclick });
  const said = SAID[callback.state];
  const comes = !said || said == "passed";
  const when = make("span.time");
  host.when(when, callback);
  const save = button("plain", "calendar", "calendar", () => host.calendar(callback));
  save.hidden = !comes || !callback.at;
  const ask = (isAsked) => {
    acts.hidden = isAsked;
    sure.hidden = sure.inert = !isAsked;
    (isAsked ? no : done).focus();
  };
  const cancel = button("plain", "cancel", "cancel", () => ask(true, (news.textContent = "")));
  // What goes out at once is gone before somebody could call it off.
  cancel.hidden = !/queued|due/.test(callback.state) || callback.changeable == false || !when.textContent;
  const yes = button("main", "button", "cancel.yes", async () => {
    sure.inert = true;
    try {
      const told = await askAbout(control, callback, { method: "DELETE" });
      thank(control, { ...callback, ...told, number: callback.number });
    } catch (problem) {
      // Without a reply it may have arrived.
      const { code } = problem;
      news.textContent = control.words(code == "relay_unreachable" ? { code: "no_reply" } : problem).join(" ");
    }
    ask(false);
  });
  const no = button("plain", undefined, "cancel.no", () => ask(false));
  const sure = make("div.sure", { role: "group", "aria-label": text("cancel.sure"), hidden: "" }, make("span", 0, text("cancel.sure")), yes, no);
  const link = !cancel.hidden && callback.manage_url ? [make("a", { href: callback.manage_url, part: "link" }, text("link"))] : [];
  const acts = make("div.acts", 0, save, cancel, ...link);
  const news = make("span.news", { role: "status" });
  done.dataset.state = callback.state;
  done.replaceChildren(
    make("b", 0, text(said ?? "queued")),
    ...(comes ? [make("span", 0, text("queued.number", "number")), when] : []),
    make("span", 0, text("reference", "reference")),
    acts,
    sure,
    news,
  );
};
