// Call buttons beside the phone: a click is handed to the phone instead of being dialled by the button.

/** Within so many milliseconds a button's second click is a part of its first one. */
const SAME_CLICK = 3_000;

/** Has the clicks of all `<patchcord-call>` of a document go to the phone. Gives what ends that. */
export function takeButtons(page, link, tell) {
  /** When a button was clicked last; those at work have no time yet. */
  const clicked = new WeakMap();
  const take = async (event) => {
    const [button] = event.composedPath();
    // A panel in this page dials by itself.
    if (button.localName == "patchcord-panel" || event.defaultPrevented) return;
    event.preventDefault();
    if (Date.now() < clicked.get(button)) return;
    clicked.set(button, Infinity);
    const { number, record, payload } = event.detail;
    const extension = /;ext=(\d{1,11})$/.exec(button.getAttribute("number"))?.[1];
    const request = { number, ...(extension && { extension }), ...(record && { record }), ...(payload && { payload }) };
    try {
      await link.ask(button.hasAttribute("prefill") ? "offer" : "dial", request);
      clicked.set(button, Date.now() + SAME_CLICK);
    } catch ({ code, field, message }) {
      clicked.delete(button);
      tell("error", { code, ...(field && { field }), message });
    }
  };
  page.addEventListener("callrequested", take);
  return () => page.removeEventListener("callrequested", take);
}
