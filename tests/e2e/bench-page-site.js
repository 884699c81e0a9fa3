// The website of `bench-page.js`: the same page with one embed or another, from a server of its own, compressed and
// kept by browsers as a website's files are.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { brotliCompressSync } from 'node:zlib';

const published = (name) => new URL(`node_modules/${name}`, import.meta.url);
const FILES = {
  '/house.svg': { type: 'image/svg+xml', at: new URL('../../web/demo/site/house-day.svg', import.meta.url) },
  '/cal.js': { type: 'text/javascript', at: published('@calcom/embed-core/dist/embed/embed.js') },
  '/typebot.js': { type: 'text/javascript', at: published('@typebot.io/js/dist/web.js') },
  '/intl-tel-input.js': { type: 'text/javascript', at: published('intl-tel-input/dist/js/intlTelInputWithUtils.min.js') },
  '/intl-tel-input.css': { type: 'text/css', at: published('intl-tel-input/dist/css/intlTelInput-no-assets.min.css') },
};

/** The room that a form takes, so that nothing moves when it comes: as the demo's website does it. */
const ROOM = '<style>patchcord-callback { display: block; min-block-size: 44rem; }</style>';
const loader = (relay) => `<script type="module" src="${relay}/patchcord.js"></script>`;
const form = '<patchcord-callback site-key="pk_demo"></patchcord-callback>';

/**
 * What the page has. `ours`: it is measured against the goals; `goal`: the bytes, too, as nothing of it but a button
 * can be seen; `other`: whose it is.
 */
export const EMBEDS = {
  none: { about: 'the page alone' },
  far: { about: 'a form further down', ours: true, goal: true, head: (relay) => ROOM + loader(relay), below: form },
  float: {
    about: 'a form behind a floating button',
    ours: true,
    goal: true,
    head: loader,
    below: '<patchcord-callback site-key="pk_demo" mode="float" label="Call me back"></patchcord-callback>',
  },
  form: { about: 'a form in view', ours: true, head: (relay) => ROOM + loader(relay), beside: form },
  // As its maker's page has it, with the package's file in the place of the hosted one.
  cal: {
    about: 'its floating button',
    other: '@calcom/embed-core',
    below:
      '<script>(function (C, A, L) { let p = function (a, ar) { a.q.push(ar); }; let d = C.document; C.Cal = C.Cal || function () { let cal = C.Cal; let ar = arguments; ' +
      'if (!cal.loaded) { cal.ns = {}; cal.q = cal.q || []; d.head.appendChild(d.createElement("script")).src = A; cal.loaded = true; } ' +
      'if (ar[0] === L) { const api = function () { p(api, arguments); }; const namespace = ar[1]; api.q = api.q || []; ' +
      'if (typeof namespace === "string") { cal.ns[namespace] = cal.ns[namespace] || api; p(cal.ns[namespace], ar); p(cal, ["initNamespace", namespace]); } else p(cal, ar); return; } p(cal, ar); }; ' +
      '})(window, "/cal.js", "init"); Cal("init", { origin: "https://cal.invalid" }); Cal("floatingButton", { calLink: "acme/call" });</script>',
  },
  typebot: {
    about: 'its bubble',
    other: '@typebot.io/js',
    below:
      '<script type="module">import Typebot from "/typebot.js"; Typebot.initBubble({ typebot: "acme", apiHost: "https://typebot.invalid", theme: { button: { backgroundColor: "#1D1D1D" } } });</script>',
  },
  iti: {
    about: 'one field',
    other: 'intl-tel-input with its utils',
    head: () => '<link rel="stylesheet" href="/intl-tel-input.css">',
    beside: '<input type="tel" id="phone" autocomplete="tel"><script type="module">import "/intl-tel-input.js"; intlTelInput(document.querySelector("#phone"), { initialCountry: "de" });</script>',
  },
};

function html({ head = () => '', beside = '', below = '' }, relay) {
  const paragraph =
    '<p>We plan, fit and look after heat pumps and solar systems in Berlin and Brandenburg. One team from the first visit to the yearly check, and a technician within 24 hours when it is cold.</p>';
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>A website</title>' +
    '<style>body { margin: 0 auto; max-width: 70rem; font: 18px/1.5 sans-serif; } .hero { display: grid; grid-template-columns: 1fr 1fr; gap: 3rem; min-height: 40rem; } section { min-height: 40rem; }</style>' +
    `${head(relay)}</head><body><h1>A warm house that runs on its own roof</h1><div class="hero"><div><img src="/house.svg" alt="" width="560" height="416">${paragraph}</div><div>${beside}</div></div>` +
    `<section><h2>What we do</h2>${paragraph.repeat(8)}</section><section><h2>How we work</h2>${paragraph.repeat(8)}</section>${below}</body></html>`
  );
}

export class Site {
  #server;
  #relay;
  #bodies = new Map();

  static async start(relay) {
    const site = new Site();
    site.#relay = relay;
    for (const [path, { at, type }] of Object.entries(FILES)) {
      site.#bodies.set(path, { type, cache: 'public, max-age=3600', body: brotliCompressSync(await readFile(at)) });
    }
    for (const [embed, parts] of Object.entries(EMBEDS)) {
      const body = brotliCompressSync(html(parts, relay));
      site.#bodies.set(`/${embed}`, { type: 'text/html; charset=utf-8', cache: 'no-cache', body });
    }
    site.#server = createServer((request, response) => {
      const found = site.#bodies.get(new URL(request.url, 'http://127.0.0.1').pathname);
      if (!found) return response.writeHead(404).end();
      response.writeHead(200, { 'content-type': found.type, 'content-encoding': 'br', 'cache-control': found.cache }).end(found.body);
    });
    site.#server.listen(0, '127.0.0.1');
    await once(site.#server, 'listening');
    return site;
  }

  get origin() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  address(embed) {
    return `${this.origin}/${embed}`;
  }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
