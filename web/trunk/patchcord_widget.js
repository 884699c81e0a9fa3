// With Trunk the page itself starts the module; the loader only waits for it.
export * from '/patchcord-widget.js';

export default () =>
  window.wasmBindings
    ? Promise.resolve()
    : new Promise((resolve) => {
        addEventListener('TrunkApplicationStarted', () => resolve(), { once: true });
      });
