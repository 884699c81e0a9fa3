// Zendesk's SDK, loaded from Zendesk as Zendesk asks for, and only for a listed Zendesk.

const ADDRESS = "https://static.zdassets.com/zendesk_app_framework_sdk/2.0/zaf_sdk.min.js";

/**
 * Opens the channel to Zendesk. Where another page frames this one nothing is loaded, and nothing is said to anybody.
 * @returns {Promise<{client: object, origin: string}>}
 */
export const open = async (origins) => {
  const query = new URLSearchParams(location.search);
  // The SDK takes the last of several.
  const [origin, ...others] = query.getAll("origin");
  if (others.length || !origins.includes(origin)) {
    throw { code: "origin_unknown", message: "The Zendesk that shows this phone is not one of the host's origins." };
  }
  await load();
  // It reads the address itself, and talks with that origin alone.
  const client = window.ZAFClient.init();
  if (!client) throw { code: "host_unknown", message: "This is a phone for Zendesk: Patchcord's app opens it there." };
  return { client, origin };
};

const load = () =>
  new Promise((done, fail) => {
    const script = document.createElement("script");
    script.src = ADDRESS;
    script.onload = done;
    script.onerror = () => fail({ code: "host_unreachable", message: "Zendesk's SDK could not be loaded." });
    document.head.append(script);
  });
