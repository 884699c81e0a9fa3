// What a frame keeps in its origin's storage, which browsers hold apart for each site that frames the relay, and may
// refuse in a frame: then it is kept as long as the page.

const open = (name) => {
  try {
    return window[name];
  } catch {
    const kept = {};
    return { getItem: (key) => kept[key] ?? null, setItem: (key, text) => (kept[key] = text) };
  }
};

/** Shared by all windows, also after a reload. */
export const storage = open("localStorage");
/** This window's own, also after a reload. */
export const ownStorage = open("sessionStorage");

/** Runs when no other window does; where the browser refuses that, too, when nothing else of this page does. */
let queue = Promise.resolve();
export const alone = async (name, run) => {
  try {
    await navigator.locks.query();
  } catch {
    return (queue = queue.then(run, run));
  }
  return navigator.locks.request(name, run);
};
