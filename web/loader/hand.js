// Where the module takes over from the plain controls, and where they go on without it. Loaded with the module, once
// somebody is at an element.

import { around } from "./around.js";
import { check } from "./check.js";
import { make } from "./dom.js";

/** The controls to be told when the module dies: those that are on a page. */
const controls = new Set();
let dead, module;

/** @returns {Promise<object>} the module, the same for all; rejects where it cannot be used. */
export const load = () =>
  (module ??= (async () => {
    try {
      // Beside its glue, not after it.
      const wasm = fetch(new URL("patchcord_widget_bg.wasm", import.meta.url));
      wasm.catch(() => {});
      const found = await import(new URL("patchcord_widget.js", import.meta.url));
      await found.default({ module_or_path: wasm });
      found.onPanic(bury);
      return found;
    } catch (error) {
      bury(error);
      throw error;
    }
  })());

/** The module cannot be used any more: every control goes on by itself. */
const bury = (why) => {
  if (dead) return;
  dead = why + "";
  module = Promise.reject(why);
  module.catch(() => {});
  // Before it is needed: by then the network may be gone.
  import(new URL("plain.js", import.meta.url)).catch(() => {});
  // Not now: the module may be in the middle of a call.
  for (const control of controls) queueMicrotask(() => control.isHere && control.revert(why));
};

// An address that names a request: a page may be told another one without being loaded again.
addEventListener("hashchange", () => {
  for (const control of controls) control.follow?.();
});

/** Calls into the module; if that throws, the module is done for. */
const guard = (call) => {
  try {
    call();
  } catch (error) {
    bury(error);
  }
};

/** What a control can do once the module may be there. */
const methods = {
  around,
  checkMore: check,

  /** Hands over to the module, if this is a moment for it; has it look at new options where it has the control. */
  swap(isNew) {
    const { host, live, module, place, plain, root } = this;
    if (this.isHere) controls.add(this);
    if (live) {
      if (isNew) guard(() => live.update());
      return;
    }
    const isTime = module && !dead && this.isHere && !this.problem && !this.held && host.texts;
    if (!isTime || !this.isIdle?.()) return;
    const box = Object.assign(make("div"), this.way);
    const isFocused = plain.contains(root.activeElement);
    host.pending = this.handOver?.();
    // A dead module goes on with what it was doing, and what it then writes down was told to nobody.
    guard(() => (this.live = (this.form ? module.mountCallback : module.mountCall)(box, (this.lent = Object.create(host)))));
    host.pending = undefined;
    // Where it failed a kept click is still here, and the plain control sends it.
    if (!this.live) return this.takeBack?.();
    this.early = 0;
    place.replaceChildren(box);
    if (isFocused) box.querySelector(".main").focus({ preventScroll: true });
  },

  /** Takes the module's control out and puts the plain one in. */
  drop() {
    const { live, root } = this;
    if (!this.isHere) controls.delete(this);
    if (!live) return;
    const { activeElement } = root;
    this.live = undefined;
    if (!dead) guard(() => live.free());
    this.host.last = this.lent.last;
    this.takeBack?.();
    this.place.replaceChildren(this.plain);
    // Somebody may be filling in what the plain form takes over.
    activeElement?.focus({ preventScroll: true });
  },

  /** The module is dead, perhaps with this control's request on its way. */
  lose() {
    if (!this.live) return;
    this.drop();
    if (this.flight) this.settle("unknown", { code: "module_failed" });
  },
};

/** Gives a control to the module as soon as that is there; rejects where it will not be. */
export const take = async (control) => {
  Object.assign(control, methods);
  // Looked at before the module shows anything, and told with the next look.
  control.problem ??= control.check();
  control.changed();
  control.swap();
  // A dead module is not listened to any more: what it was doing is over, and was told as unknown.
  control.host.emit = (name, detail) => !dead && control.emit(name, detail);
  control.module = await load();
  control.swap();
};
