// What the dock and the desk have in common: the live connection and the pieces of a card.

/** Makes an element. Properties are set as such; `aria-…`, `data-…` and `role` as attributes. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes('-') || name === 'role') made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** A number that JavaScript cannot hold exactly keeps the digits that were sent. */
class Exact {
  constructor(source) {
    this.source = source;
  }
}

function parse(text) {
  return JSON.parse(text, (_key, value, context) =>
    typeof value === 'number' && context && String(value) !== context.source
      ? new Exact(context.source)
      : value);
}

/** Calls `render(state)` with the whole state, now and after every change. */
export function live(render) {
  const link = document.getElementById('link');
  const say = (text, state) => {
    if (link.textContent !== text) link.textContent = text;
    link.dataset.state = state;
  };
  const source = new EventSource('/_sandbox/events');
  source.addEventListener('state', (event) => {
    say('Live', 'live');
    render(parse(event.data));
  });
  source.addEventListener('failure', (event) => say(event.data, 'lost'));
  source.addEventListener('error', () => say('Reconnecting', 'lost'));
}

/** Tells the sandbox what the person did. The change comes back through `live`. */
async function tell(path, body) {
  const reply = await fetch(`/_sandbox/${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!reply.ok) throw new Error((await reply.json()).message);
}

/** The same, and says so where it did not work. */
export function act(path, body) {
  tell(path, body).catch((error) => complain(`That did not work: ${error.message}`));
}

let silence;

/** Says something to a person who listens. */
export function announce(text) {
  say(text, 'unseen');
}

/** Says something to everybody. */
function complain(text) {
  say(text, 'complaint');
}

function say(text, kind) {
  const news = document.getElementById('news');
  news.className = kind;
  news.textContent = text;
  clearTimeout(silence);
  silence = setTimeout(() => {
    news.className = 'unseen';
    news.textContent = '';
  }, 5000);
}

/** A function that names the items it has not seen before; none at its first call. */
export function arrivals() {
  let seen;
  return (items) => {
    const fresh = seen ? items.filter((item) => !seen.has(item.id)) : [];
    seen = new Set(items.map((item) => item.id));
    return fresh;
  };
}

const drawn = new WeakMap();

/**
 * Shows `items` in `container`. An element is made anew only when its item has changed, so that
 * focus and what a person has folded stay where they are.
 */
export function list(container, items, draw) {
  const first = !drawn.has(container);
  const before = drawn.get(container) ?? new Map();
  const after = new Map();
  for (const item of items) {
    const key = item.id;
    const text = JSON.stringify(item);
    const old = before.get(key);
    if (old?.text === text) {
      after.set(key, old);
      continue;
    }
    const node = draw(item);
    if (!old && !first) node.classList.add('arrived');
    const focused = old?.node.contains(document.activeElement)
      ? document.activeElement.dataset.action : undefined;
    if (old) {
      const folded = [...old.node.querySelectorAll('details')].map((part) => part.open);
      node.querySelectorAll('details').forEach((part, index) => {
        part.open = folded[index] ?? part.open;
      });
      old.node.replaceWith(node);
    }
    if (focused !== undefined) {
      (node.querySelector(`[data-action="${focused}"]`) ?? node.querySelector('button, select'))?.focus();
    }
    after.set(key, { text, node });
  }
  for (const [key, { node }] of before) if (!after.has(key)) node.remove();
  let place = container.firstChild;
  for (const { node } of after.values()) {
    if (node === place) place = place.nextSibling;
    else container.insertBefore(node, place);
  }
  drawn.set(container, after);
}

export function button(label, kind, path, body) {
  return element('button', {
    type: 'button',
    className: kind,
    textContent: label,
    onclick: () => act(path, body),
    'data-action': label,
  });
}

/** A switch with its label. */
export function toggle(label, on, path, body) {
  return element('button', {
    type: 'button',
    className: 'switch',
    role: 'switch',
    onclick: () => act(path, body(!on)),
    'aria-checked': String(on),
    'data-action': label,
  }, element('span', { className: 'knob' }), label);
}

/** A choice with a label that is only heard. */
export function choice(label, options, chosen, path, body) {
  const select = element('select', {
    onchange: () => act(path, body(select.value)),
    'aria-label': label,
    'data-action': label,
  }, ...options.map(([value, text]) => new Option(text, value, false, value === chosen)));
  return select;
}

/** A row of buttons with the name of whoever does what they say. */
export function deeds(who, ...buttons) {
  return element('div', { className: 'deeds', role: 'group', 'aria-label': who },
    element('span', { className: 'quiet', textContent: who }),
    element('div', { className: 'actions' }, ...buttons));
}

export function badge(text, tone) {
  return element('span', { className: `badge ${tone}`, textContent: text });
}

export function portrait(name) {
  const initials = name.split(' ').map((word) => word[0]).join('').slice(0, 2);
  return element('span', { className: 'portrait', textContent: initials, 'aria-hidden': 'true' });
}

export function time(at) {
  const date = new Date(at);
  const today = date.toDateString() === new Date().toDateString();
  const text = today
    ? date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' })
    : date.toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
  return element('time', { dateTime: date.toISOString(), textContent: text });
}

/** Label and value pairs; those without a value are left out. */
export function facts(pairs) {
  const given = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '');
  if (given.length === 0) return null;
  return element('dl', { className: 'facts' }, ...given.flatMap(([name, value]) => [
    element('dt', { textContent: name }),
    element('dd', {}, value),
  ]));
}

/** The payload as a tree that can be folded. */
export function payload(value, title) {
  if (value === null || value === undefined) {
    return element('p', { className: 'quiet', textContent: `No ${title.toLowerCase()}` });
  }
  return element('div', { className: 'payload' },
    element('h4', { textContent: title }),
    branch(value) ?? leaf(value));
}

function branch(value) {
  if (value === null || typeof value !== 'object' || value instanceof Exact) return null;
  const entries = Object.entries(value);
  if (entries.length === 0) return leaf(Array.isArray(value) ? 'empty list' : 'empty object', 'none');
  const kind = Array.isArray(value) ? 'tree items' : 'tree';
  return element('ul', { className: kind }, ...entries.map(([key, inner]) => {
    const name = element('span', {
      className: 'key', textContent: Array.isArray(value) ? Number(key) + 1 : key });
    const nested = branch(inner);
    if (!nested?.matches('ul')) return element('li', { className: 'pair' }, name, nested ?? leaf(inner));
    return element('li', {}, element('details', { open: true }, element('summary', {}, name), nested));
  }));
}

function leaf(value, kind) {
  const exact = value instanceof Exact;
  const type = kind ?? (value === null ? 'none' : exact ? 'number' : typeof value);
  return element('span', { className: `value ${type}`, textContent: exact ? value.source : String(value) });
}
