// The frame of a host: the panel, and what the host and the panel say to each other. Every host has the same.
import { make } from "../loader/dom.js";
import { Bar } from "./bar.js";
import { followAgent, followCalls } from "./calls.js";
import { Dialler } from "./dial.js";
import { signIn } from "./sign-in.js";
import { fill } from "./words.js";

/** The panel's width, in CSS pixels. */
const WIDTH = 360;

/**
 * Mounts the panel and joins it with the host.
 * @param {object} settings of the relay's page
 * @param {{connect: Function, CallLog?: Function, Notes?: Function}} adapter the module; with the latter two where its host
 *   keeps calls (keeping.js)
 * @param {MessageEvent[]} early what was said before the adapter was loaded
 * @param {object} words in the page's language
 * @param {() => Promise<void>} speak has them in its language again, after it has changed
 */
export const mount = async (settings, adapter, early, words, speak) => {
  const [waits, notice] = [new Bar(), new Bar()];
  const panel = make("patchcord-panel", { provider: settings.provider, dialler: settings.dialler ? "" : undefined, tabindex: -1 });
  const place = make("div.phone", {});
  document.body.replaceChildren(waits.element, notice.element, place);

  const say = (text) => (text ? notice.show(text, words.close) : notice.hide());
  const dialler = new Dialler(settings, panel, waits, words, say);
  let host;
  let isVisible = true;
  const frame = {
    words,
    early,
    dial(request, how) {
      reveal();
      return dialler.dial({ ...request, ...how });
    },
    offer: (request) => dialler.offer(request),
    async act(call, word, value = "") {
      const refused = panel.act(`${word} ${call}`, value);
      if (refused !== undefined) throw { code: "not_allowed", message: refused || fill(words.other, { code: word }) };
    },
    visible(now) {
      isVisible = now;
    },
    lang(tag) {
      document.documentElement.lang = tag;
      panel.setAttribute("lang", tag);
      // Where they do not come the old ones stay.
      speak().catch(console.warn);
    },
    say,
    /** The panel begins anew, and asks again who the agent is. What a host has heard of calls it does not hear again. */
    restart() {
      panel.remove();
      place.append(panel);
    },
  };
  const reveal = () => isVisible || host.reveal?.();

  host = await adapter.connect(settings, frame);
  panel.assertion = host.assertion?.bind(host) ?? (settings.signIn ? bySigningIn(settings, words, place, { panel, restart: frame.restart }) : undefined);
  place.append(panel);
  listen(panel, host, { adapter, settings, frame, words, reveal, place });
  if (host.size) {
    const tell = () => {
      const height = Math.ceil(document.body.scrollHeight);
      if (height) host.size({ width: WIDTH, height });
    };
    new ResizeObserver(tell).observe(document.body);
  }
  addEventListener("pagehide", ({ persisted }) => persisted || host.close?.());
};

const listen = (panel, host, { adapter, settings, frame, words, reveal, place }) => {
  const live = new Set();
  const seen = new Set();
  /** What is kept of calls, and whose they are: `{owner?, log?, notes?, isSettled?}`. */
  let keeping = {};
  /** Several agents may use a browser one after the other, or one frame: each has what is their own. */
  const keep = () => {
    const { owner } = panel;
    if (!host.log || !owner || owner == keeping.owner) return keeping;
    keeping.log?.close();
    keeping.notes?.element.remove();
    const log = new adapter.CallLog(
      `${settings.name} ${owner}`,
      (entry) => host.log(entry),
      (why) => frame.say(why && fill(words.unlogged, { why })),
    );
    // What a dock takes is over at once, and goes on elsewhere.
    const notes = settings.dialler ? undefined : new adapter.Notes(words, (...what) => log.note(...what), (id) => log.notesOf(id));
    if (notes) place.after(notes.element);
    return (keeping = { owner, log, notes });
  };
  frame.retell = followCalls(panel, (call) => {
    const { log, notes } = keep();
    host.call?.(call);
    const id = call.call ?? call.id;
    const isOver = /^(ended|refused|handed_over)$/.test(call.state);
    live[isOver ? "delete" : "add"](id);
    if (call.direction == "incoming" && !isOver && !seen.has(id)) {
      seen.add(id);
      // Where there are several windows, the one that the agent looks at.
      if (document.visibilityState == "visible" && !call.connectedAt) {
        reveal();
        host.show?.(call.record ? { record: call.record } : { number: call.number });
      }
    }
    if (/^(ringing|connecting|connected)$/.test(call.state)) notes?.begin?.(call.id, call.number);
    // Known to the log before its notes are, and over in it after they may be.
    const heard = log?.hear(call);
    if (isOver) notes?.end?.(call.id);
    return heard;
  });
  // Written down before it is sent: what is told of a call says nothing of its record.
  panel.addEventListener("callrequested", ({ detail }) => keep().log?.dialled(detail));
  followAgent(panel, (state, because) => {
    host.agent?.(state, because);
    const kept = keep();
    // All calls that there are have been told by now.
    if (kept.isSettled || !/^(ready|busy)$/.test(state)) return;
    kept.isSettled = true;
    kept.log?.settle((id) => live.has(id));
  });
};

/** The agent's own sign-in in place of the host's word: asked for when a session is needed and there is none. */
const bySigningIn = (settings, words, place, { panel, restart }) => {
  let code, asking;
  return async () => {
    if (code) {
      const given = { code };
      code = undefined;
      return given;
    }
    asking ??= signIn(settings, words, place).then((given) => {
      [code, asking] = [given, undefined];
      panel.hidden = false;
      restart();
    });
    panel.hidden = true;
    throw new Error(words.signed_out);
  };
};
