// Salesforce Open CTI, in Lightning Experience: the softphone of a call centre. Classic has another library, which
// is not spoken here.

import { fieldsOf } from "../entity.js";
import { requestOf } from "./click.js";
import { load } from "./library.js";
import { isOfRecord, pointerTo } from "./record.js";
import { Softphone } from "./softphone.js";
import { taskOf, withoutRecord } from "./task.js";

export { CallLog, Notes } from "../keeping.js";

/** The class of Patchcord's package for Salesforce. */
const APEX = "PatchcordPhone";

/** How long a click waits for the record's fields, in ms; then it goes without them. */
const FIELDS = 4e3;

/** How long the log waits for a caller to be found, in ms; then it goes without. */
const CALLER = 4e3;

/** How long the phone waits for the call centre's settings, in ms. */
const SETTINGS = 5e3;

/** A second click on the same number within this time, in ms, is the same click. */
const TWICE = 1e3;

export async function connect(settings, frame) {
  const query = new URLSearchParams(location.search);
  const origin = query.get("sfdcIframeOrigin");
  // In both cases nothing is loaded, and nothing is said to anybody.
  if (!origin || !query.get("mode")) {
    const message = "This is a softphone for Lightning Experience: a call centre opens it there. Salesforce Classic is not supported.";
    throw { code: "host_unknown", message };
  }
  if (!settings.origins.includes(origin)) {
    throw { code: "origin_unknown", message: "The org that shows this softphone is not one of the host's origins." };
  }
  const { ask, listen, constant } = await load(origin);
  const say = (problem) => frame.say(problem.message ?? problem.code);
  /** For what the platform may refuse without harm to a call: the person reads why. */
  const tell = (method, args) => ask(method, args).catch(say);

  const apex = async (methodName, params, patience) => {
    // A query, whose values are ids and names of fields: nothing in them needs to be escaped but what is no such thing.
    const pairs = Object.entries(params ?? {}).map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("%2C", ",")}`);
    const methodParams = params ? pairs.join("&") : {};
    const value = await ask("runApex", { apexClass: APEX, methodName, methodParams }, patience);
    return value?.runApex ?? value;
  };

  const centre = await ask("getCallCenterSettings", {}, SETTINGS).catch((problem) => (say(problem), {}));
  const abroad = centre?.["/reqDialingOptions/reqInternationalPrefix"];
  // A label or an icon that is refused is nobody's business but an administrator's.
  const quietly = (method, args) => ask(method, args).catch(({ message }) => console.warn(message));
  const softphone = new Softphone(quietly, centre?.["/reqGeneralInfo/reqDisplayName"] || "Patchcord", frame.words);

  /** The mapped fields of a record, as the user may read them. The click itself names only the record. */
  const withFields = async (request) => {
    const { type, id } = request.record ?? {};
    const names = fieldsOf(settings, type);
    if (!names.length) return request;
    try {
      const fields = JSON.parse(await apex("fields", { recordId: id, names: names.join(",") }, FIELDS));
      return { ...request, entity: type, fields };
    } catch (problem) {
      // The call counts more than what goes with it.
      say(problem);
      return request;
    }
  };

  const clicks = new Set();
  const onClick = async (click) => {
    const key = JSON.stringify([click.number, click.recordId]);
    if (clicks.has(key)) return;
    clicks.add(key);
    const since = Date.now();
    try {
      softphone.open();
      await frame.dial(await withFields(requestOf(click, { origin, abroad })), { since });
    } catch {
      // The frame has said why.
    } finally {
      setTimeout(() => clicks.delete(key), TWICE);
    }
  };
  listen("onClickToDial", onClick);

  /** Records that were found by a caller's number: for the log of that call. */
  const found = new Map();
  /** `deferred`: nothing is opened. */
  const search = async (number, { deferred }, patience) => {
    const callType = constant("CALL_TYPE", "INBOUND");
    // The search does not know the +.
    const searchParams = number.replace(/^\+/, "");
    const matches = await ask("searchAndScreenPop", { searchParams, callType, deferred }, patience);
    const ids = Object.keys(matches ?? {}).filter(pointerTo);
    if (ids.length == 1) found.set(number, { id: ids[0] });
  };
  /** The record that a call is about. A caller's is looked for again where the softphone was reloaded since it rang. */
  const recordOf = async ({ record, direction, number }) => {
    const isLost = !record && direction == "incoming" && number && !found.has(number);
    // A call whose caller cannot be looked for is kept all the same.
    if (isLost) await search(number, { deferred: true }, CALLER).catch(() => {});
    return record ?? found.get(number);
  };
  /** Has Salesforce write a Task. What it was about may be deleted, merged or converted by then: it is kept without. */
  const save = (task) =>
    ask("saveLog", { value: task }).catch((problem) => {
      if (!isOfRecord(problem)) throw problem;
      return ask("saveLog", { value: withoutRecord(task) });
    });

  /** Calls whose log was sent, and of which nobody knows whether it was kept. */
  const unsure = new Set();

  let enabled = false;
  /** Whether Apex has refused to say who the agent is. */
  let isRefused = false;
  const host = {
    async assertion() {
      try {
        const signed = await apex("assertion");
        if (isRefused) frame.say("");
        isRefused = false;
        return signed;
      } catch (problem) {
        // The panel only knows that nobody is signed in.
        isRefused = true;
        say(problem);
        throw problem;
      }
    },

    agent(state) {
      softphone.agent(state);
      if ((state == "ready") == enabled) return;
      enabled = state == "ready";
      tell(enabled ? "enableClickToDial" : "disableClickToDial");
    },

    call: (call) => softphone.call(call),

    show({ record, number }) {
      softphone.open();
      if (record) tell("screenPop", { type: constant("SCREENPOP_TYPE", "SOBJECT"), params: { recordId: record.id } });
      else if (number) search(number, { deferred: false }).catch(say);
    },

    async log(entry) {
      const record = await recordOf(entry);
      // The Task may be there: the window was closed, or the answer was lost. An org without the package cannot be
      // asked; what is unsure there is not written again.
      const logged = apex("logged", { callId: entry.id });
      if (await logged.catch((problem) => (unsure.has(entry.id) ? Promise.reject(problem) : ""))) return;
      unsure.add(entry.id);
      try {
        await save(taskOf({ ...entry, record }));
      } catch (problem) {
        if (problem.code != "host_silent") unsure.delete(entry.id);
        throw problem;
      }
      // So that the record's timeline has it; the log is kept either way.
      ask("refreshView").catch(() => {});
    },

    size: (size) => softphone.size(size),

    close: () => host.agent("stopped"),
  };
  // Without the package there is nobody to sign: the agent signs in at the platform.
  if (settings.signIn) delete host.assertion;
  tell("notifyInitializationComplete");
  return host;
}
