// The page of a host's frame, served by the relay at /hosts/<name>: loads the host's adapter and mounts the panel.
import { make } from "../loader/dom.js";
import { mount } from "./frame.js";
import { sheet } from "./looks.js";
import { fill, pageWords } from "./words.js";

// The build replaces `dev` by a hash of what is in there.
const assets = new URL("./assets/dev/", import.meta.url);

/** Salesforce's component speaks the bridge of any page. */
const ADAPTERS = { salesforce: "page", page: "page", "open-cti": "open-cti", voice: "voice", hubspot: "hubspot", zendesk: "zendesk" };

const settings = JSON.parse(document.querySelector("#patchcord-host").textContent);
/** The page's words in its language, for as long as it has this one. */
const words = { failed: "The phone could not be loaded: {why}" };
const speak = async () => {
  Object.assign(words, await pageWords(assets));
  document.documentElement.dir = words.dir;
};

/** What was said before the adapter listens: Salesforce Voice offers itself once, as soon as this page has loaded. `at` is when it was said. */
const early = [];
const keep = (event) => early.push(Object.assign(event, { at: Date.now() }));
addEventListener("message", keep);

/** Whether a listed page frames this one; a browser that does not say leaves it to the page's policy and the adapter. */
const isListed = () => {
  const [parent] = location.ancestorOrigins ?? [];
  return window.parent != window && (!parent || settings.origins.includes(parent));
};

const start = async () => {
  document.adoptedStyleSheets = [sheet];
  const spoken = speak();
  if (!isListed()) {
    await spoken;
    return document.body.replaceChildren(make("p.alone", {}, words.alone));
  }
  const [adapter] = await Promise.all([
    import(new URL(`${ADAPTERS[settings.kind]}.js`, assets).href),
    import(new URL("./patchcord-panel.js", import.meta.url).href),
    spoken,
  ]);
  removeEventListener("message", keep);
  await mount(settings, adapter, early, words, speak);
};

start().catch((error) => {
  const why = error?.message ?? error?.code ?? error;
  document.body.replaceChildren(make("p.alone", { role: "alert" }, fill(words.failed, { why })));
});
