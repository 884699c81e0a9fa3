// Signing in at the platform, where the host vouches for nobody: in a window of its own, since platforms let nobody
// frame their sign-in. The relay sends that window back to `/hosts/<name>/signed-in`, which hands over a code
// (web/hosts/signed-in.js); the session is opened with it.
import { make } from "../loader/dom.js";

const CLOSED_MS = 500;

/** Asks the agent to sign in, in `place`; resolves with the code. */
export const signIn = (settings, words, place) =>
  new Promise((resolve) => {
    const said = make("p", { role: "status" }, words.sign_in_why);
    const button = make("button.main", { type: "button" }, words.sign_in);
    const card = make("div.sign-in", {}, said, button);
    let popup, looks;

    const hear = ({ data, origin, source }) => {
      if (source !== popup || origin != location.origin || typeof data?.code != "string") return;
      clearInterval(looks);
      removeEventListener("message", hear);
      card.remove();
      resolve(data.code);
    };
    addEventListener("message", hear);

    button.onclick = () => {
      const back = `${location.origin}/hosts/${settings.name}/signed-in`;
      const query = new URLSearchParams({ account: settings.signIn, return: back });
      popup = open(`${location.origin}/v1/sign-in?${query}`, "patchcord-sign-in", "popup,width=480,height=640");
      said.textContent = popup ? words.sign_in_waiting : words.sign_in_blocked;
      clearInterval(looks);
      if (!popup) return;
      looks = setInterval(() => {
        if (!popup.closed) return;
        clearInterval(looks);
        said.textContent = words.sign_in_closed;
      }, CLOSED_MS);
    };
    place.append(card);
  });
