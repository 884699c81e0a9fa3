// One page for each place of the app. In the top bar the phone itself takes over: the relay's page. In the background
// it has the top bar loaded, and hands it the clicks that arrive here. In a sidebar it says which ticket, person or
// organisation is in front, and shows how the phone is.

/** A click is kept so many milliseconds for a phone that is loading. */
const KEPT_MS = 10000;

const client = window.ZAFClient.init();
let words = window.WORDS.en;

const say = (text, isWrong) => {
  const line = document.querySelector("p");
  line.textContent = text;
  line.className = isWrong ? "wrong" : "";
};

/** The phone's page at the relay, with what Zendesk's SDK reads from the address. */
const phone = ({ relay, host }) => {
  const address = URL.parse(relay ?? "");
  const isLocal = /^(localhost|127\.0\.0\.1)$/.test(address?.hostname);
  if (!address || (address.protocol != "https:" && !isLocal)) throw words.relay;
  if (!/^[a-z0-9-]+$/.test(host)) throw words.host;
  return `${address.origin}/hosts/${host}${location.search}`;
};

const topBar = async () => {
  const { instances } = await client.get("instances");
  const guid = Object.keys(instances).find((one) => instances[one].location == "top_bar");
  return guid && client.instance(guid);
};

const places = {
  async top_bar() {
    const { settings } = await client.metadata();
    location.replace(phone(settings));
  },

  async background() {
    // Zendesk loads the top bar only once somebody opens it, and gives clicks to nobody until then.
    (await topBar())?.invoke("preloadPane");
    let kept;
    client.on("voice.dialout", async (click) => {
      kept = { click, at: Date.now() };
      (await topBar())?.trigger("patchcord.dialout", click);
    });
    // A phone that has begun only now has not heard it.
    client.on("patchcord.hello", async () => {
      const { click, at = 0 } = kept ?? {};
      const age = Date.now() - at;
      if (age < KEPT_MS) (await topBar())?.trigger("patchcord.dialout", { ...click, age });
    });
    client.on("patchcord.taken", () => (kept = undefined));
  },

  async sidebar({ instanceGuid }) {
    let isFront = true;
    const tell = async () => (await topBar())?.trigger("patchcord.front", { guid: instanceGuid, isFront });
    const turn = (now) => () => {
      isFront = now;
      return tell();
    };
    client.on("app.activated", turn(true));
    client.on("app.deactivated", turn(false));
    client.on("patchcord.hello", tell);
    client.on("patchcord.agent", ({ state }) => {
      if (state != "busy") say(words[state == "stale" || state == "starting" ? "away" : state] ?? words.signed_out);
    });
    client.on("patchcord.call", ({ state, name, number }) => {
      if (words[state]) say(words[state].replace("{who}", name || number || "…"));
    });
    say(words.away);
    await tell();
  },
};

const start = async () => {
  const { "currentUser.locale": locale } = await client.get("currentUser.locale").catch(() => ({}));
  const [lang] = /^[a-z]+/i.exec(locale ?? "") ?? [];
  if (Object.hasOwn(window.WORDS, lang?.toLowerCase())) {
    document.documentElement.lang = lang.toLowerCase();
    document.documentElement.dir = lang.toLowerCase() == "ar" ? "rtl" : "ltr";
    words = window.WORDS[document.documentElement.lang];
  }
  const context = await client.context();
  const place = context.location.endsWith("_sidebar") ? "sidebar" : context.location;
  await places[place]?.(context);
};

start().catch((problem) => say(typeof problem == "string" ? problem : `${problem?.message ?? problem}`, true));
