import {
  act, announce, arrivals, badge, button, choice, deeds, element, facts, list, live, payload,
  portrait, time, toggle,
} from '/_sandbox/page.js';

const STATES = {
  init: ['Being placed', 'calm'],
  scheduled: ['Waiting', 'warm'],
  queued: ['Waiting', 'warm'],
  ringing: ['Ringing', 'warm'],
  'in-progress': ['Connecting', 'warm'],
  bridged: ['Connected', 'good'],
  completed: ['Ended', 'calm'],
  canceled: ['Cancelled', 'calm'],
  busy: ['Busy', 'bad'],
  'no-answer': ['No answer', 'bad'],
  purged: ['Removed', 'calm'],
  failed: ['Failed', 'bad'],
};
const LINES = {
  available: ['Free', 'good'],
  ringing: ['Ringing', 'warm'],
  'in-call': ['In a call', 'busy'],
  'wrap-up': ['Wrap-up', 'busy'],
  busy: ['Blocked: busy', 'bad'],
  declined: ['Blocked: declined', 'bad'],
  unreachable: ['Blocked: unreachable', 'bad'],
};
const MEMBERS = {
  pending: ['Ringing', 'warm'],
  added: ['In', 'good'],
  removing: ['Leaving', 'calm'],
  removed: ['Left', 'calm'],
  failed: ['Did not come', 'bad'],
};
const STEPS = ['ringing', 'in-progress', 'bridged'];
const OVER = new Set(['completed', 'canceled', 'busy', 'no-answer', 'purged', 'failed']);
const TASKS_OVER = new Set(['Completed', 'Canceled', 'Failed']);
const KINDS = {
  transfer: 'Transfer',
  conference: 'Invitation to a conference',
};
const REFUSALS = [
  ['Busy', 'busy'],
  ['No answer', 'no_answer'],
  ['Decline', 'decline'],
  ['Unreachable', 'unreachable'],
];

const fresh = arrivals();
const freshTasks = arrivals();
const freshPushed = arrivals();
const part = (id) => document.getElementById(id);

live(({ babelforce }) => {
  const { agents, calls, conferences, queues, tasks, presences, groups, pushed } = babelforce;
  const names = new Map(agents.map(({ id, name }) => [id, name]));
  const queue = (id) => queues.find((one) => one.id === id)?.name;
  const waiting = calls.filter(({ state }) => state === 'scheduled' || state === 'queued');
  const placed = calls.filter((call) => !waiting.includes(call)).reverse();
  placed.sort((a, b) => OVER.has(a.state) - OVER.has(b.state));
  const free = agents.filter(({ enabled, line }) => enabled && line === 'available')
    .map(({ id, name }) => ({ id, name }));
  const target = (call) => calls.find(({ id }) => id === call.transfer?.leg);

  const groupNames = ({ groups: ids }) =>
    groups.filter(({ id }) => ids.includes(id)).map(({ name }) => name).join(', ');
  list(part('agents'), agents.map((agent) => ({ ...agent, presences, group: groupNames(agent) })),
    agentCard);
  list(part('pushed'), pushed.toReversed().map((one) => ({
    ...one, to: one.agent_id ? names.get(one.agent_id) : 'Everybody' })), pushedCard);
  list(part('conferences'), conferences.map((conference) => ({
    ...conference,
    members: conference.members.map((member) => ({ ...member, name: memberName(member, names) })),
  })), conferenceCard);
  list(part('calls'), placed.map((call) => ({
    ...call,
    agent: names.get(call.agent_id),
    queue: queue(call.queue_id),
    target: target(call) && (names.get(target(call).agent_id) ?? target(call).to),
  })), callCard);
  list(part('callbacks'), waiting.map((call) => ({ ...call, free, queue: queue(call.queue_id) })),
    callbackCard);
  list(part('tasks'), tasks.toReversed().map((task) => ({ ...task, queue: queue(task.queue_id) })),
    taskCard);
  offerAgents(agents);
  part('no-calls').hidden = placed.length > 0;
  part('no-callbacks').hidden = waiting.length > 0;
  part('no-tasks').hidden = tasks.length > 0;
  part('no-pushed').hidden = pushed.length > 0;
  const ringing = calls.filter(({ state }) => state === 'ringing').length;
  document.title = `${ringing ? `(${ringing}) ` : ''}babelforce agent desk · Patchcord sandbox`;
  for (const call of fresh(calls)) {
    const agent = names.get(call.agent_id);
    announce(call.queue_id && !agent ? `New callback for ${call.to}`
      : `New call ${agent ? `for ${agent}` : ''}: ${far(call)}`);
  }
  for (const task of freshTasks(tasks)) announce(`New task ${task.type}`);
  for (const one of freshPushed(pushed)) announce(`Message: ${one.message}`);
  tick();
});

/** Clocks that count up from a time, or down to one. */
function tick() {
  for (const clock of document.querySelectorAll('[data-since]')) {
    clock.textContent = length(Date.now() - Number(clock.dataset.since));
  }
  for (const clock of document.querySelectorAll('[data-until]')) {
    clock.textContent = length(Number(clock.dataset.until) - Date.now() + 999);
  }
}

setInterval(tick, 1000);

function length(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** The number at the other end. */
function far(call) {
  const number = call.direction === 'inbound' ? call.from : call.to;
  return number || 'Withheld';
}

function kind({ source, direction }) {
  if (KINDS[source]) return KINDS[source];
  if (direction === 'inbound') return 'Inbound';
  return source === 'queue' ? 'Callback' : 'Dialled by the agent';
}

function memberName({ party }, names) {
  return names.get(party.agent) ?? ((party.customer ?? party.guest) || 'Withheld');
}

/** Who can be rung. What a person has chosen stays chosen. */
function offerAgents(agents) {
  const select = part('ring-agent');
  const chosen = select.value;
  const offered = agents.map(({ id, name }) => `${id} ${name}`).join();
  if (select.dataset.offered === offered) return;
  select.dataset.offered = offered;
  select.replaceChildren(...agents.map(({ id, name }) => new Option(name, id)));
  if (chosen) select.value = chosen;
}

part('ring').addEventListener('submit', (event) => {
  event.preventDefault();
  const { agent, number, kind } = Object.fromEntries(new FormData(event.target));
  act(`agents/${agent}/ring`, {
    kind: kind === 'callback' ? 'callback' : 'inbound',
    number: number || null,
    ...(kind === 'direct' ? { queue: null } : {}),
  });
});

function agentCard(agent) {
  const path = `agents/${agent.id}`;
  const [line, tone] = agent.enabled ? LINES[agent.line] : ['Logged out', 'calm'];
  const { session, wrap_up: wrapUp } = agent;
  const telephone = agent.webrtc ? 'In the browser' : agent.number || 'None';
  return element('article', { className: 'card', 'aria-label': agent.name },
    element('div', { className: 'who' },
      portrait(agent.name),
      element('div', {},
        element('h3', { textContent: agent.name }),
        element('p', { className: 'quiet', textContent: agent.email })),
      badge(line, tone)),
    facts([
      ['Telephone', telephone],
      ['Customers see', agent.display_as],
      ['Source ID', agent.source_id && `${agent.source_id} (${agent.agent_source})`],
      ['Groups', agent.group],
      ['Tags', agent.tags.join(', ')],
      ['Panel', session?.connected ? panelState(session) : 'Not open'],
      ['Wrap-up', wrapUp && element('span', {
        textContent: length(wrapUp.ends - Date.now() + 999), 'data-until': wrapUp.ends })],
    ]),
    element('div', { className: 'actions' },
      toggle('Logged in', agent.enabled, path, (on) => ({ enabled: on })),
      choice(`Presence of ${agent.name}`, agent.presences.map(({ name, label }) => [name, label]),
        agent.presence.name, path, (name) => ({ presence: name }))),
    agent.line_block ? element('div', { className: 'actions' },
      button('Open the line', 'plain', path, { line_block: null })) : null,
    session?.connected ? disturbances(agent) : null);
}

function panelState({ seq, silent, unanswered_pings: pings }) {
  const state = silent ? 'silent' : 'open';
  const unanswered = pings ? `, ${pings} ${pings === 1 ? 'ping' : 'pings'} unanswered` : '';
  return `${state}, ${seq} ${seq === 1 ? 'update' : 'updates'} told${unanswered}`;
}

/** The stream can be made to misbehave. */
function disturbances({ id, session }) {
  const disturb = (label, action) =>
    button(label, 'plain small', `agents/${id}/stream`, { action });
  return element('details', { className: 'more' },
    element('summary', { textContent: 'Disturb the stream' }),
    element('div', { className: 'actions' },
      disturb('Cut', 'cut'),
      disturb('End it', { end: null }),
      disturb('Token ended', { end: { code: 'unauthenticated', message: 'the token has ended' } }),
      session.silent ? disturb('Speak again', 'resume') : disturb('Fall silent', 'fall_silent'),
      disturb('Leave out the next', 'skip'),
      disturb('Double the next', 'duplicate'),
      disturb('Swap the next two', 'reorder')));
}

function conferenceCard(conference) {
  return element('article', { className: 'card busy', 'aria-label': 'Conference' },
    element('div', { className: 'head' },
      element('h3', { textContent: 'Conference' }),
      conference.state === 'created' ? null : badge('Ending', 'calm')),
    element('ul', { className: 'members' }, ...conference.members.map((member) => {
      const outside = member.party.agent === undefined;
      return element('li', {},
        element('span', { className: 'name', textContent: member.name }),
        badge(...MEMBERS[member.state]),
        member.moderator ? badge('Moderator', 'busy') : null,
        member.held ? badge('On hold', 'warm') : null,
        member.muted ? badge('Muted', 'warm') : null,
        outside && member.state === 'added'
          ? button('Hang up', 'plain small', `members/${member.id}`, { do: 'hang_up' }) : null);
    })));
}

function callCard(call) {
  const [word, tone] = STATES[call.state];
  const over = OVER.has(call.state);
  const head = element('div', { className: 'head' },
    element('h3', { className: 'number', textContent: far(call) }), badge(word, tone));
  const about = facts([
    ['Agent', call.agent ?? 'Nobody'],
    ['Kind', kind(call)],
    ['Queue', call.queue],
    [call.direction === 'inbound' ? 'Called' : 'They see',
      call.direction === 'inbound' ? call.to : call.from],
    ['Placed', time(call.created)],
    ['Talked', over && call.established ? length(call.finished - call.established) : null],
    ['Reason', over ? call.finish_reason : null],
    ['Digits', call.digits],
    ['Tags', call.recording?.tags.join(', ')],
    ['Transfer to', call.target],
    ['Recorded', over && call.recorded ? 'yes' : null],
  ]);
  // Everybody in a conference has the same.
  const data = call.source === 'conference' || (call.direction === 'inbound' && !call.session)
    ? null : payload(call.session, 'Session');
  const label = `Call ${call.direction === 'inbound' ? 'from' : 'to'} ${far(call)}`;
  if (over) {
    return element('details', { className: 'card past', 'aria-label': label },
      element('summary', {}, head), about, data);
  }
  return element('article', { className: `card ${tone}`, 'aria-label': label },
    head, steps(call), flags(call), about, data, ...callDeeds(call));
}

function flags(call) {
  const shown = [
    call.held ? badge('On hold', 'warm') : null,
    call.muted ? badge('Agent muted', 'warm') : null,
    call.recording ? badge('Recording', 'bad') : null,
    call.recording?.flagged ? badge('Flagged', 'busy') : null,
    call.device === 'browser' && call.state === 'ringing'
      ? badge('Rings in the browser', 'busy') : null,
  ].filter(Boolean);
  return shown.length ? element('div', { className: 'flags' }, ...shown) : null;
}

function steps(call) {
  const reached = STEPS.indexOf(call.state);
  return element('ol', { className: 'steps' }, ...STEPS.map((state, index) => {
    const step = element('li', {
      className: index <= reached ? 'reached' : '', textContent: STATES[state][0] });
    if (index === reached) step.setAttribute('aria-current', 'step');
    if (state === 'bridged' && call.established) {
      step.append(' ', element('span', {
        textContent: length(Date.now() - call.established), 'data-since': call.established }));
    }
    return step;
  }));
}

/** What each side can do now. */
function callDeeds(call) {
  const path = `calls/${call.id}`;
  const rows = [];
  const deed = (who, label, kind, what) => {
    const made = button(label, kind, path, { who, do: what });
    // Both sides have a "Hang up"; the focus stays with its own.
    made.dataset.action = `${who} ${what}`;
    return made;
  };
  const ringing = (who) => [
    deed(who, 'Answer', 'go small', 'answer'),
    ...REFUSALS.map(([label, what]) => deed(who, label, 'plain small', what)),
  ];
  const customerRings = call.agent ? call.state === 'in-progress' : call.state === 'ringing';
  // At the other end of an invitation is the conference; before a transfer is answered, nobody.
  const customerThere = call.state === 'bridged'
    ? call.source !== 'conference' || call.agent === undefined
    : call.direction === 'inbound' && call.agent !== undefined && !KINDS[call.source];
  const agentThere = call.state === 'in-progress' || call.state === 'bridged';
  if (call.agent) {
    if (call.state === 'ringing') {
      rows.push(deeds(call.agent, ...ringing('agent')));
    } else if (agentThere) {
      rows.push(deeds(call.agent, deed('agent', 'Hang up', 'stop small', 'hang_up')));
    }
  }
  const name = call.agent ? 'Customer' : far(call);
  if (customerRings) rows.push(deeds(name, ...ringing('customer')));
  else if (customerThere) {
    rows.push(deeds(name, deed('customer', 'Hang up', 'stop small', 'hang_up')));
  }
  return rows;
}

function callbackCard(call) {
  const path = `calls/${call.id}/state`;
  return element('article', { className: 'card warm', 'aria-label': `Callback to ${call.to}` },
    element('div', { className: 'head' },
      element('h3', { className: 'number', textContent: call.to }), badge(...STATES[call.state])),
    facts([['Queue', call.queue], ['Asked', time(call.created)], ['Customer sees', call.from]]),
    payload(call.session, 'Session'),
    call.free.length ? null
      : element('p', { className: 'quiet', textContent: 'Nobody is free to take it.' }),
    element('div', { className: 'actions' },
      ...call.free.map(({ id, name }) =>
        button(`Ring ${name}`, 'go', path, { state: 'ringing', agentId: id })),
      button('Cancel', 'plain', path, { state: 'canceled' })));
}

function taskCard(task) {
  const path = `tasks/${task.id}/state`;
  const over = TASKS_OVER.has(task.state);
  const tone = over ? 'calm' : task.state === 'Scheduled' ? 'busy' : 'warm';
  return element('article', { className: 'card', 'aria-label': `Task ${task.type}` },
    element('div', { className: 'head' },
      element('h3', { textContent: task.type }), badge(task.state, tone)),
    facts([
      ['Due', time(Number(task.scheduled_at.replace('at ', '')))],
      ['Queue', task.queue ?? task.queue_id],
    ]),
    payload(task.body, 'Body'),
    over ? null : element('div', { className: 'actions' },
      button('Complete', 'go', path, { state: 'Completed' }),
      button('Cancel', 'plain', path, { state: 'Canceled' })));
}

function pushedCard(pushed) {
  return element('article', { className: 'card', 'aria-label': `Message to ${pushed.to}` },
    element('h3', { textContent: pushed.message }),
    facts([['To', pushed.to], ['Pushed', time(pushed.at)]]),
    payload(pushed.data, 'Data'));
}
