// One page for each place of the app. In the top bar the phone itself takes over: the relay's page. In the background
// it has the top bar loaded, and hands it the clicks that arrive here. In a sidebar it says which ticket, person or
// organisation is in front, and shows how the phone is.

/** A click is kept so many milliseconds for a phone that is loading. */
const KEPT_MS = 10000;

const WORDS = {
  en: {
    signed_out: "The phone is not signed in: open it in the bar at the top.",
    ready: "The phone is ready.",
    away: "The phone is not ready.",
    requested: "Calling {who} …",
    handed_over: "{who}: handed over to your phone.",
    ringing: "Ringing: {who}",
    connecting: "Connecting: {who}",
    connected: "In a call: {who}",
    ended: "The call has ended: {who}",
    refused: "Not called: {who}",
    unknown: "Nobody knows whether {who} was called: look at your phone.",
    relay: "The app's setting “Relay” has to be an address that begins with https://.",
    host: "The app's setting “Host” has to be the name of a host of the relay.",
  },
  de: {
    signed_out: "Das Telefon ist nicht angemeldet: Öffnen Sie es in der Leiste oben.",
    ready: "Das Telefon ist bereit.",
    away: "Das Telefon ist nicht bereit.",
    requested: "{who} wird angerufen …",
    handed_over: "{who}: an Ihr Telefon übergeben.",
    ringing: "Es klingelt: {who}",
    connecting: "Wird verbunden: {who}",
    connected: "Im Gespräch: {who}",
    ended: "Das Gespräch ist beendet: {who}",
    refused: "Nicht angerufen: {who}",
    unknown: "Niemand weiß, ob {who} angerufen wurde: Sehen Sie auf Ihr Telefon.",
    relay: "Die Einstellung „Relay“ der App muss eine Adresse sein, die mit https:// beginnt.",
    host: "Die Einstellung „Host“ der App muss der Name eines Hosts des Relays sein.",
  },
};

const client = window.ZAFClient.init();
let words = WORDS.en;

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
      kept = { click, until: Date.now() + KEPT_MS };
      (await topBar())?.trigger("patchcord.dialout", click);
    });
    // A phone that has begun only now has not heard it.
    client.on("patchcord.hello", async () => {
      const { click, until = 0 } = kept ?? {};
      if (Date.now() < until) (await topBar())?.trigger("patchcord.dialout", click);
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
  if (/^de\b/i.test(locale)) {
    words = WORDS.de;
    document.documentElement.lang = "de";
  }
  const context = await client.context();
  const place = context.location.endsWith("_sidebar") ? "sidebar" : context.location;
  await places[place]?.(context);
};

start().catch((problem) => say(typeof problem == "string" ? problem : `${problem?.message ?? problem}`, true));
