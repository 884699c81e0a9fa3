// The adapter of any page: it frames the phone, and speaks Patchcord's messages or those of babelforce's embed.

import { Bridge } from "./bridge.js";
import { Embed } from "./embed.js";
import { listen } from "./parent.js";
import { within } from "./wire.js";

export { CallLog, Notes } from "../keeping.js";

/** How long a page may take to say its first word: milliseconds. */
const LIMIT = 30_000;

export async function connect(settings, frame) {
  let heard;
  const first = new Promise((give) => (heard = give));
  /** Those who speak to the page; the page's first message chooses one. */
  let speakers;
  const page = listen(settings.origins, (data, origin, accept, at) => {
    const speaker = speakers.find((candidate) => candidate.reads(data));
    if (!speaker) return;
    accept();
    speakers = [speaker];
    heard(speaker);
    speaker.take(data, origin, at);
  });
  speakers = [new Bridge(page.send, settings, frame)];
  if (settings.kind == "page") speakers.push(new Embed(page.send, settings, frame));
  for (const speaker of speakers) speaker.begin();
  page.catchUp(frame.early);

  const all =
    (verb) =>
    (...what) => {
      for (const speaker of speakers) speaker[verb](...what);
    };
  const silent = { code: "request_timeout", message: "The page around this frame does not answer." };
  return {
    assertion: settings.signIn ? undefined : async () => (await within(LIMIT, first, silent)).assertion(),
    agent: all("agent"),
    call: all("call"),
    show: all("show"),
    reveal: all("reveal"),
    size: all("size"),
    async log(entry) {
      // A page that never speaks is one that only listens to the embed's messages: it keeps no calls.
      const speaker = speakers.length == 1 ? speakers[0] : await Promise.race([first, after(LIMIT)]);
      await speaker?.log(entry);
    },
    close: page.close,
  };
}

const after = (milliseconds) => new Promise((give) => setTimeout(give, milliseconds));
