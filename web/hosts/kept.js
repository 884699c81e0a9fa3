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

/** A browser shows a change to its other windows long before so many milliseconds are over. */
const SHOWN_MS = 5_000;

let queue = Promise.resolve();

/**
 * Runs when no other window does, and sees all that others kept in their turns. Where the browser refuses that, it runs
 * when nothing else of this page does.
 */
export const alone = async (name, run) => {
  try {
    await navigator.locks.query();
  } catch {
    return (queue = queue.then(run, run));
  }
  // A line's end: no name has one, so none is the beginning of another.
  return navigator.locks.request(name, () => inTurn(`patchcord:turn:${name}\n`, run));
};

/**
 * Windows may be of several processes, and what one has stored comes to the others after the lock does. So each stores
 * the number of its turn last, and holds a lock with that number for a while: locks are the same everywhere at once.
 */
const inTurn = async (key, run) => {
  const { held } = await navigator.locks.query();
  const turns = held.filter(({ name }) => name.startsWith(key)).map(({ name }) => Number(name.slice(key.length)));
  const last = Math.max(0, ...turns);
  const stored = () => Number(storage.getItem(key));
  await shown(() => stored() >= last);
  try {
    return await run();
  } finally {
    const turn = Math.max(last, stored()) + 1;
    storage.setItem(key, turn);
    await hold(key + turn);
  }
};

/** Waits until something is true of what is stored. Not for ever: a person may have cleared it. */
const shown = (isTrue) =>
  new Promise((done) => {
    const look = () => isTrue() && end();
    const end = () => {
      clearTimeout(timer);
      removeEventListener("storage", look);
      done();
    };
    const timer = setTimeout(end, SHOWN_MS);
    addEventListener("storage", look);
    look();
  });

/** Holds a lock until others have surely seen what was stored before it; returns when it is held. */
const hold = (name) =>
  new Promise((isHeld) =>
    navigator.locks.request(name, { mode: "shared" }, () => {
      isHeld();
      return new Promise((done) => setTimeout(done, SHOWN_MS));
    }),
  );
