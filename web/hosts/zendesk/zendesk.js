// Zendesk: the frame is the top bar of an app, spoken to through Zendesk's own SDK.
//
// The app's other places (web/zendesk) tell which ticket is in front, and hand over clicks that reach them alone.
import { fieldsOf } from "../entity.js";
import { CallRecords } from "./call-records.js";
import { Places } from "./places.js";
import { open } from "./sdk.js";

export { CallLog, Notes } from "../keeping.js";

/** A second click on the same number within so many milliseconds, or the same one by another way, is one click. */
const AGAIN_MS = 1_000;
/** A click waits so long for its record, in milliseconds; then it goes without. */
const RECORD_MS = 3_000;
/** What Zendesk recommends for a phone, in CSS pixels. */
const WIDTH = [250, 320];
const HEIGHT = [405, 520];

export async function connect(settings, frame) {
  const { client, origin } = await open(settings.origins);
  const places = new Places(client, origin);
  const records = new CallRecords(client, settings.name);
  /** What Zendesk may refuse without harm to a call. */
  const ask = (...action) => client.invoke(...action).catch(() => {});

  /** How the agent is, for places that are opened later. */
  let status;
  let last = {};
  const dial = async (click) => {
    // One that the app has kept is older.
    const since = Date.now() - (click?.age || 0);
    // Nobody else is to hand it over once more.
    places.tell("patchcord.taken");
    const number = `${click?.number ?? ""}`.trim();
    if (last.number == number && Date.now() < last.at + AGAIN_MS) return;
    last = { number, at: Date.now() };
    // Zendesk's dial pad asks for the phone, without a number.
    if (!number) return ask("popover", "show");
    const place = await within(RECORD_MS, places.of(click, settings.entities));
    const found = place && (await within(RECORD_MS, places.read(place, fieldsOf(settings, place.type))));
    const request = { number, record: found?.record ?? place?.record, entity: place?.type, fields: found?.fields };
    await frame.dial(request, { since }).catch(({ code, message }) => code != "cancelled" && ask("notify", message, "error"));
  };

  client.on("voice.dialout", dial);
  client.on("patchcord.dialout", dial);
  client.on("patchcord.front", (front) => {
    places.heard(front);
    if (status && front?.guid) client.instance(front.guid).trigger("patchcord.agent", status);
  });
  client.on("pane.activated", () => frame.visible(true));
  client.on("pane.deactivated", () => frame.visible(false));
  client.get("currentUser.locale").then(
    (found) => found["currentUser.locale"] && frame.lang(found["currentUser.locale"]),
    // It stays as the browser has it.
    () => {},
  );
  frame.visible(false);
  places.tell("patchcord.hello");

  return {
    agent(state, because) {
      status = { state, because };
      places.tell("patchcord.agent", status);
    },
    // A ticket's name is what it is about, and nobody who is called.
    call: (call) => places.tell("patchcord.call", call.record?.type == "ticket" ? { ...call, name: undefined } : call),
    reveal: () => ask("popover", "show"),
    async show({ record, number }) {
      const target = record?.system == (settings.system ?? settings.kind) ? record : await records.find(number);
      if (target) ask("routeTo", target.type, target.id);
    },
    log: (entry) => records.write(entry),
    size: ({ width, height }) => ask("resize", { width: pixels(width, WIDTH), height: pixels(height, HEIGHT) }),
  };
}

const pixels = (wanted, [least, most]) => `${Math.min(Math.max(wanted, least), most)}px`;

/** What comes in time; what does not, or fails, is `undefined`. */
const within = (milliseconds, promise) =>
  Promise.race([promise.catch(() => undefined), new Promise((done) => setTimeout(done, milliseconds))]);
