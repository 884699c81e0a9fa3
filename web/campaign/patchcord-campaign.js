// Where a visitor came from, told with their callback; and what became of it, told to the page's data layer.
//
//   <script type="module" src="https://relay.example.com/patchcord-campaign.js" data-consent="wait"></script>
//
// A number, a name or anything else that a visitor typed never gets into the data layer. docs/npm.md says it all.

const KEPT = "patchcord.campaign";
/** The landing page's parameters that are kept. */
const PARAMETER = /^(utm_[a-z_]{1,20}|gclid|gbraid|wbraid|fbclid|msclkid)$/;
/** So much of each, in characters, and so many of them. */
const LONGEST = 300;
const MOST = 16;
/** What the relay takes of a payload, in bytes. */
const ROOM = 16384;
/** The events that are told, and what of their details. */
const NAMES = ["callback", "call"].flatMap((what) =>
  ["requested", "queued", "accepted", "refused", "unknown", "ended"].map((how) => what + how),
);
const DETAILS = ["id", "provider", "code", "reason", "duration"];

/** What of some parameters is kept; nothing where there is none of them. */
const picked = (parameters) => {
  const found = [...parameters].filter(([name, value]) => value && PARAMETER.test(name)).slice(0, MOST);
  // By characters: half of one would be no text, and the relay would refuse it.
  return found.length ? Object.fromEntries(found.map(([name, value]) => [name, [...`${value}`].slice(0, LONGEST).join("")])) : undefined;
};

/** Storage may be switched off, or hold what others wrote. */
const kept = () => {
  try {
    return picked(Object.entries(JSON.parse(sessionStorage.getItem(KEPT))));
  } catch {}
};

const keep = (campaign) => {
  try {
    if (campaign) sessionStorage.setItem(KEPT, JSON.stringify(campaign));
    else sessionStorage.removeItem(KEPT);
  } catch {}
};

/**
 * Begins to watch; gives what says that the visitor's choice has changed.
 * @param {{consent?: "granted" | "denied" | "wait", dataLayer?: string}} [options]
 */
export const start = ({ consent = "wait", dataLayer = "dataLayer" } = {}) => {
  const landing = picked(new URL(location.href).searchParams);
  let campaign;
  const choose = (consent) => {
    // The newest click counts: who comes back by another advertisement has come by that one.
    campaign = consent == "granted" ? (landing ?? kept()) : undefined;
    if (campaign || consent == "denied") keep(campaign);
  };
  choose(consent);

  // As late as can be, so that a page that sets its own payload again and again is no obstacle.
  const add = (event) => {
    const form = campaign && event.composedPath().find(({ localName }) => localName == "patchcord-callback");
    const payload = form?.payload ?? {};
    if (!form || typeof payload != "object" || payload.campaign) return;
    const all = { ...payload, campaign };
    // A callback is worth more than where it came from.
    if (new Blob([JSON.stringify(all)]).size <= ROOM) form.payload = all;
  };
  for (const type of ["focusin", "pointerdown", "keydown", "click"]) addEventListener(type, add, true);

  for (const name of NAMES) {
    addEventListener(name, ({ detail, defaultPrevented }) => {
      if (defaultPrevented) return;
      const told = { event: name.replace(/^call(back)?/, "patchcord_$&_") };
      for (const key of DETAILS) if (detail[key] != null) told["patchcord_" + key] = detail[key];
      if (campaign) told.patchcord_campaign = campaign;
      (globalThis[dataLayer] ??= []).push(told);
    });
  }
  return choose;
};

// As a script of the page it begins by itself. A bundle that it is a part of has another name.
const tag =
  globalThis.document && [...document.scripts].find(({ src }) => src == import.meta.url && src.includes("patchcord-campaign.js"));
if (tag) {
  const { dataset } = tag;
  const choose = start({ consent: dataset.consent, dataLayer: dataset.layer });
  new MutationObserver(() => choose(dataset.consent)).observe(tag, { attributeFilter: ["data-consent"] });
}
