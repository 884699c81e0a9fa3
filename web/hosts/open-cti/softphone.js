// The softphone in the utility bar: its size, its label and its icon follow the agent and the call.

/** What the platform takes, in pixels. */
const HEIGHT = [240, 2560];
const WIDTH = [200, 1920];
/** What the browser and Salesforce have above and below the softphone, in pixels, roughly: it stands on the bar. */
const AROUND = 260;
const within = ([least, most], pixels) => Math.min(most, Math.max(least, Math.round(pixels)));

export class Softphone {
  #set;
  #words;
  #name;
  #state = "starting";
  #calls = new Map();
  #last = {};

  /** `set(method, args)` is asked only for what is not so already. `name`: the call centre's. `words`: the frame's. */
  constructor(set, name, words) {
    this.#set = set;
    this.#words = words;
    this.#name = name;
    this.#change("setSoftphonePanelLabel", { label: name });
    this.#change("setSoftphonePanelIcon", { key: "call" });
    this.#draw();
  }

  agent(state) {
    this.#state = state;
    this.#draw();
  }

  call(call) {
    if (/^(ended|refused|unknown|handed_over)$/.test(call.state)) this.#calls.delete(call.id);
    else this.#calls.set(call.id, call);
    this.#draw();
  }

  size({ width, height }) {
    // Not higher than the window, or the call's buttons would be beyond its upper edge.
    const fits = Math.min(height, outerHeight - AROUND);
    if (height) this.#change("setSoftphonePanelHeight", { heightPX: within(HEIGHT, fits) });
    if (width) this.#change("setSoftphonePanelWidth", { widthPX: within(WIDTH, width) });
  }

  /** Not remembered: the agent may have closed it since. */
  open() {
    this.#set("setSoftphonePanelVisibility", { visible: true });
  }

  #draw() {
    const call = [...this.#calls.values()].at(-1);
    const state = this.#words[`state.${this.#state}`];
    const who = call && (call.name || call.record?.name || call.number || "…");
    const label = who ?? (state ? `${this.#name}: ${state}` : this.#name);
    const icon = !call ? "call" : call.direction == "incoming" ? "incoming_call" : "outbound_call";
    this.#change("setSoftphoneItemLabel", { label });
    this.#change("setSoftphoneItemIcon", { key: icon });
  }

  #change(method, args) {
    const now = JSON.stringify(args);
    if (this.#last[method] == now) return;
    this.#last[method] = now;
    this.#set(method, args);
  }
}
