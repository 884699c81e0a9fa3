// The window in which an agent has signed in at the platform: hands the relay's code to the frame that opened it.
const code = new URLSearchParams(location.hash.slice(1)).get("patchcord_code");
if (code && opener) {
  // Only a page of the relay itself gets it.
  opener.postMessage({ patchcord: 1, code }, location.origin);
  close();
}
