// The proof of work that a form sends where the relay asks for one (ALTCHA's format): the number that gives the
// challenge when it stands behind the salt and SHA-256 is taken of both. plain.js fetches this when it is needed.
//
// On the page's own thread, in slices too short to be noticed while typing. A worker would have to come from a
// blob, which the policies of careful pages refuse and report; and `crypto.subtle`, which pages without TLS do
// not have, takes longer for a digest than the few lines here.

/** The longest piece of work, in ms. */
const SLICE = 8;
/** How long a challenge is taken for good, in ms; for the relay it holds for ten minutes. */
const GOOD = 54e4;
/** How old a challenge is when it is answered, in ms: a form that was open for less looks like a robot's. */
const RIPE = 2e3;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// FIPS 180-4: the fractions of the roots of the first primes.
const primes = [];
for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime)) primes.push(n);
const steps = Int32Array.from(primes, (prime) => Math.cbrt(prime) * 2 ** 32);
const start = Int32Array.from(primes.slice(0, 8), (prime) => Math.sqrt(prime) * 2 ** 32);
const words = new Int32Array(64);

/** SHA-256 of a text of ASCII characters, as eight words. */
const digest = (text) => {
  const state = start.slice();
  const { length } = text;
  const end = (length + 8) | 63;
  for (let at = 0; at < end; at += 64) {
    for (let i = 0; i < 16; i++) {
      words[i] = 0;
      for (let n = at + i * 4, shift = 24; shift >= 0; n++, shift -= 8) {
        words[i] |= (n < length ? text.charCodeAt(n) : n == length ? 128 : 0) << shift;
      }
    }
    if (at + 64 > end) words[15] = length * 8;
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      if (i > 15) {
        const x = words[i - 15];
        const y = words[i - 2];
        words[i] =
          words[i - 16] +
          words[i - 7] +
          (((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)) +
          (((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10));
      }
      const s =
        (h +
          (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) +
          ((e & f) ^ (~e & g)) +
          steps[i] +
          words[i]) |
        0;
      const t = (((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) + ((a & b) ^ (a & c) ^ (b & c));
      h = g;
      g = f;
      f = e;
      e = (d + s) | 0;
      d = c;
      c = b;
      b = a;
      a = (s + t) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] += word));
  }
  return state;
};

/** The proof for a challenge, as the text that is sent. */
const solve = async ({ algorithm, challenge, maxnumber, salt, signature }) => {
  const wanted = Int32Array.from(challenge.match(/.{8}/g), (hex) => parseInt(hex, 16));
  for (let number = 0; ; await pause()) {
    for (const end = performance.now() + SLICE; performance.now() < end; number++) {
      if (number > maxnumber) throw { code: "proof_invalid" };
      if (digest(salt + number).every((word, i) => word == wanted[i])) {
        return btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
      }
    }
  }
};

/** What each form has, by the function that it asks the relay with. */
const forms = new WeakMap();

/**
 * The proof for the request `id` of a form: always the same one for the same request, sent anew as it was.
 * Without `id` it only begins, so that the proof is there when the form is sent. Rejects with a problem.
 */
const prove = async (get, id) => {
  const form = forms.get(get) ?? {};
  forms.set(get, form);
  if (id && id == form.id) return form.proof;
  let { next } = form;
  if (!next || Date.now() > next.at + GOOD) {
    next = form.next = {};
    next.proof = get("challenge").then((challenge) => {
      next.at = Date.now();
      return solve(challenge);
    });
    // Asked for again by whoever needs it next.
    next.proof.catch(() => (form.next = undefined));
  }
  if (!id) return;
  const proof = await next.proof;
  // No longer than that where somebody has put the clock back.
  await pause(Math.min(RIPE, next.at + RIPE - Date.now()));
  Object.assign(form, { id, proof, next: undefined });
  return proof;
};

/** What a captcha service has said to the page: the text that the page gives, or that a function of it gives. */
const answerOf = async (captcha) => {
  // Whoever builds the page has forgotten it.
  if (!captcha) throw { code: "missing_attribute", field: "captcha" };
  try {
    const answer = await (typeof captcha == "function" ? captcha() : captcha);
    if (answer && typeof answer == "string") return answer;
  } catch {
    // Whatever it was: there is no answer.
  }
  throw { code: "captcha_failed", field: "captcha" };
};

/**
 * What goes with the request `id` of a form, beside what was filled in, as members of its JSON: the proof, and the
 * answer of the captcha. The same ones for the same request. Without `id` it only begins. Rejects with a problem.
 */
export const vouch = async (get, config, captcha, id) => {
  if (!id) return config.proof && prove(get);
  const form = forms.get(get) ?? {};
  forms.set(get, form);
  if (config.captcha && form.answered != id) Object.assign(form, { answer: await answerOf(captcha), answered: id });
  const proof = config.proof ? await prove(get, id) : undefined;
  return JSON.stringify({ proof, captcha: form.answer }).slice(1, -1);
};
