// A page for the tests: a host as the loader makes one, and a relay that answers at once.

const TEXTS = new Proxy(
  {},
  {
    // Every text is its own key, with the placeholder that it has.
    get(_, key) {
      if (typeof key !== "string" || key.endsWith(".silent")) return undefined;
      const name = { "callback.reference": "reference", "code.provider_refused": "message" }[key] ?? "number";
      return `[${key}] {${name}}`;
    },
  },
);

export function host(options) {
  const host = {
    options: () => ({ relay: "https://relay.test", assertion: () => "signed", number: "+49 30 123456", ...host.more }),
    more: JSON.parse(options),
    emit: (name, detail) => (host.events.push({ name, detail }), name !== host.prevented),
    events: [],
    texts: TEXTS,
    config: {
      region: "DE",
      topics: [{ topic: "sales", label: "Sales", schedule: true }, { topic: "support", label: "Support" }],
      consent: { version: "1", text: "I agree." },
    },
    rows: rows(),
    when: (node, { at }) => (node.textContent = at ?? ""),
    choose: (box) => (box.innerHTML = '<select name="at"><option>2027-01-01T10:00:00Z</option></select>'),
    calendar: () => host.events.push({ name: "calendar", detail: {} }),
  };
  return host;
}

/** The rows of a form as the loader builds them. */
function rows() {
  const rows = document.createElement("div");
  rows.className = "rows";
  for (const field of [
    '<input name="fields.name" required>',
    '<input name="fields.company">',
    '<input name="fields.email" type="email">',
    '<input name="fields.customer" type="checkbox">',
    '<input name="fields.wanted" type="date" max="2030-12-31">',
    '<input name="fields.elsewhere" required disabled>',
    '<input name="fields.homepage">',
    '<input name="number" type="tel" required>',
    '<select name="topic"><option>sales</option><option>support</option></select>',
    '<select name="at"><option></option><option>2027-01-01T09:00:00Z</option></select>',
    '<input name="consent" type="checkbox" required>',
  ]) {
    const row = document.createElement("div");
    row.className = "field";
    row.innerHTML = `${field}<small class="wrong"></small>`;
    rows.append(row);
  }
  return rows;
}

/** What is kept for the tab, as JSON; `text` is put in its place. */
export function kept(host, text) {
  host.kept = "patchcord test";
  if (text) sessionStorage.setItem(host.kept, text);
  return sessionStorage.getItem(host.kept) ?? "";
}

const real = globalThis.fetch;

/** Lets the relay answer calls and callbacks with `reply`, or never. */
export function relay(reply) {
  globalThis.requests = [];
  globalThis.fetch = async (url, { body, method }) => {
    const { pathname } = new URL(url);
    globalThis.requests.push({ pathname, method, body });
    if (pathname === "/v1/sessions") return json({ session: "s", expires_in: 900, providers: [] });
    return reply ? json(JSON.parse(reply)) : new Promise(() => {});
  };
}

const json = (object) => new Response(JSON.stringify(object), { headers: { "Content-Type": "application/json" } });

export function close() {
  globalThis.fetch = real;
  delete globalThis.requests;
}

export const forget = () => sessionStorage.clear();
export const requests = (pathname) => JSON.stringify(globalThis.requests.filter((sent) => sent.pathname === pathname));
export const events = (host) => host.events.map(({ name }) => name).join(" ");
export const last = (host) => JSON.stringify(host.events.at(-1).detail);

export async function settle() {
  for (let i = 0; i < 10; i++) await new Promise((done) => setTimeout(done));
}

/** What is wrong with a field, as it is said there. */
export const wrong = (root, name) => root.querySelector(`[name="${name}"] ~ .wrong`).textContent;
export const text = (root, selector) => root.querySelector(selector).textContent;
export const state = (root) => root.querySelector(".box").dataset.state;
export const isHidden = (root, selector) => root.querySelector(selector).hidden;
export const count = (root, selector) => root.querySelectorAll(selector).length;
export const click = (root, selector) => root.querySelector(selector).click();

/** Whether a key press is let through. */
export const key = (root, selector, repeat) =>
  root.querySelector(selector).dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", repeat, bubbles: true, cancelable: true }));

export function fill(root, name, value) {
  const input = root.querySelector("form").elements[name];
  if (typeof value === "boolean") input.checked = value;
  else input.value = value;
}

export const submit = (root) => root.querySelector("form").requestSubmit();

/** The form has to bring a proof of work; it comes when the test says so. */
export function prove(host) {
  host.proof = (id) => new Promise((resolve, reject) => Object.assign(host, { id, resolve, reject }));
}

/** The work is done; gives the key of the request that it was for. */
export function proved(host, proof) {
  host.resolve(proof);
  return host.id;
}

export function notProved(host, code) {
  host.reject({ code });
}
