// Salesforce never shows the connector. For signing in it shows a page beside it: the same address with `?sign-in`.

import { signIn } from "../sign-in.js";

/** Between the two pages of a host, which have one origin and are inside the same site. */
const channelOf = ({ name }) => new BroadcastChannel(`patchcord-voice:${name}`);

/** In the page beside it: asks the agent, for as long as Salesforce shows it, and hands over what the platform gave. */
export const showSignIn = async (settings, words) => {
  const channel = channelOf(settings);
  for (;;) channel.postMessage(await signIn(settings, words, document.body));
};

/** In the connector: each code that is handed over. */
export const hearSignIn = (settings, heard) => {
  channelOf(settings).onmessage = ({ data }) => heard(data);
};
