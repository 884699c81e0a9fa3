// Shadow roots that are attached later. Nothing else tells: no mutation is recorded for one.

/** Calls `attached` with the host of each open shadow root that is attached in a window from now on. */
export const watchShadows = (window, signal, attached) => {
  const { prototype } = window.Element;
  const own = Object.getOwnPropertyDescriptor(prototype, "attachShadow");
  // Where a page's sandbox has closed it, roots are found when they are there before their hosts.
  if (!own?.writable) return;
  const original = own.value;
  const attachShadow = {
    attachShadow() {
      const root = original.apply(this, arguments);
      if (!signal.aborted && root.mode == "open") attached(this);
      return root;
    },
  }.attachShadow;
  prototype.attachShadow = attachShadow;
  signal.addEventListener("abort", () => {
    // Somebody else may have wrapped it meanwhile: then it stays, and does nothing.
    if (prototype.attachShadow == attachShadow) prototype.attachShadow = original;
  });
};
