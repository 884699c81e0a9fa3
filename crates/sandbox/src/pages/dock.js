import {
  announce, arrivals, badge, button, element, facts, list, live, payload, portrait, time, toggle,
} from '/_sandbox/page.js';

const DISPLAYS = {
  ringing: ['Ringing', 'warm'],
  answered: ['Answered', 'good'],
  ended: ['Ended', 'calm'],
};

const fresh = arrivals();
const lanes = document.getElementById('lanes');
const stacks = new Map();

live(({ samespace }) => {
  const { users, teams, calls } = samespace;
  document.getElementById('space').textContent =
    `${samespace.cluster_id}.samespace.com, cloud ${samespace.cloud_id}`;
  const newest = calls.toReversed();
  const people = users.map((user) => ({
    ...user, id: user.username, calls: newest.filter(({ target }) => target.user === user.username),
  }));
  const groups = teams.map((team) => ({
    team, id: `team ${team}`, calls: newest.filter(({ target }) => target.team === team),
  }));
  const owners = [...people, ...groups];
  list(lanes, owners.map(({ calls: own, ...owner }) => ({ ...owner, empty: own.length === 0 })), lane);
  for (const owner of owners) list(stack(owner.id), owner.calls, card);
  const ringing = calls.filter(({ display }) => display === 'ringing').length;
  document.title = `${ringing ? `(${ringing}) ` : ''}Samespace dock · Patchcord sandbox`;
  for (const call of fresh(calls)) {
    const whom = call.target.user ?? `team ${call.target.team}`;
    announce(`New call for ${whom}: ${call.number}`);
  }
});

/** The cards of one lane outlive a change of its head. */
function stack(id) {
  if (!stacks.has(id)) stacks.set(id, element('div', { className: 'stack' }));
  return stacks.get(id);
}

function lane(owner) {
  const person = owner.username !== undefined;
  const name = person ? owner.name : `Team ${owner.team}`;
  const head = element('div', { className: 'who' },
    portrait(person ? owner.name : owner.team.toUpperCase()),
    element('div', {},
      element('h2', { textContent: name }),
      element('p', { className: 'quiet', textContent: person ? owner.username : 'For whoever is free' })),
    person ? toggle('Logged in', owner.logged_in, `dock/users/${owner.username}`,
      (on) => ({ logged_in: on })) : null);
  const idle = person && !owner.logged_in ? 'Logged out: calls are refused.'
    : person ? 'No calls yet.' : 'No callbacks yet.';
  return element('section', { className: 'lane', 'aria-label': name }, head, stack(owner.id),
    owner.empty ? element('p', { className: 'empty', textContent: idle }) : null);
}

function card(call) {
  const [word, tone] = DISPLAYS[call.display];
  const path = `dock/calls/${call.id}`;
  const ended = call.display === 'ended';
  return element('article', { className: `card ${tone}`, 'aria-label': `Call to ${call.number}` },
    element('div', { className: 'head' },
      element('h3', { className: 'number', textContent: call.number }), badge(word, tone)),
    facts([
      ['Arrived', time(call.at)],
      ['Caller ID', call.caller_id],
    ]),
    payload(call.payload, call.target.team ? 'Attributes' : 'Custom data'),
    ended ? null : element('div', { className: 'actions' },
      call.display === 'ringing' ? button('Answer', 'go', path, { display: 'answered' }) : null,
      button('Hang up', 'stop', path, { display: 'ended' })));
}
