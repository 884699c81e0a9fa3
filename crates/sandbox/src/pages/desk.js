import {
  announce, arrivals, badge, button, choice, element, facts, list, live, payload, portrait, time,
  toggle,
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
};
const STEPS = ['ringing', 'in-progress', 'bridged'];
const OVER = new Set(['completed', 'canceled', 'busy', 'no-answer', 'purged', 'failed']);
const TASKS_OVER = new Set(['Completed', 'Canceled', 'Failed']);

const fresh = arrivals();
const freshTasks = arrivals();
const part = (id) => document.getElementById(id);

live(({ babelforce }) => {
  const { agents, calls, queues, tasks, presences } = babelforce;
  const names = new Map(agents.map(({ id, name }) => [id, name]));
  const queue = (id) => queues.find((one) => one.id === id)?.name;
  const waiting = calls.filter(({ state }) => state === 'scheduled' || state === 'queued');
  const placed = calls.filter((call) => !waiting.includes(call)).reverse();
  placed.sort((a, b) => OVER.has(a.state) - OVER.has(b.state));
  const free = agents.filter(({ enabled, line }) => enabled && line === 'available')
    .map(({ id, name }) => ({ id, name }));

  list(part('agents'), agents.map((agent) => ({ ...agent, presences })), agentCard);
  list(part('calls'), placed.map((call) => ({
    ...call, agent: names.get(call.agent_id), queue: queue(call.queue_id),
  })), callCard);
  list(part('callbacks'), waiting.map((call) => ({ ...call, free, queue: queue(call.queue_id) })),
    callbackCard);
  list(part('tasks'), tasks.toReversed().map((task) => ({ ...task, queue: queue(task.queue_id) })),
    taskCard);
  part('no-calls').hidden = placed.length > 0;
  part('no-callbacks').hidden = waiting.length > 0;
  part('no-tasks').hidden = tasks.length > 0;
  const ringing = calls.filter(({ state }) => state === 'ringing').length;
  document.title = `${ringing ? `(${ringing}) ` : ''}babelforce agent desk · Patchcord sandbox`;
  for (const call of fresh(calls)) {
    announce(call.queue_id ? `New callback for ${call.to}`
      : `New call for ${names.get(call.agent_id)}: ${call.to}`);
  }
  for (const task of freshTasks(tasks)) announce(`New task ${task.type}`);
});

setInterval(() => {
  for (const clock of document.querySelectorAll('[data-since]')) {
    clock.textContent = length(Date.now() - Number(clock.dataset.since));
  }
}, 1000);

function length(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function agentCard(agent) {
  const path = `agents/${agent.id}`;
  const [line, tone] = agent.enabled ? LINES[agent.line] : ['Logged out', 'calm'];
  return element('article', { className: 'card', 'aria-label': agent.name },
    element('div', { className: 'who' },
      portrait(agent.name),
      element('div', {},
        element('h3', { textContent: agent.name }),
        element('p', { className: 'quiet', textContent: agent.number })),
      badge(line, tone)),
    facts([['E-mail', agent.email], ['Source ID', `${agent.source_id} (${agent.agent_source})`]]),
    element('div', { className: 'actions' },
      toggle('Logged in', agent.enabled, path, (on) => ({ enabled: on })),
      choice(`Presence of ${agent.name}`, agent.presences.map(({ name, label }) => [name, label]),
        agent.presence.name, path, (name) => ({ presence: name }))));
}

function callCard(call) {
  const [word, tone] = STATES[call.state];
  const over = OVER.has(call.state);
  const head = element('div', { className: 'head' },
    element('h3', { className: 'number', textContent: call.to }), badge(word, tone));
  const about = facts([
    ['Agent', call.agent],
    ['Queue', call.queue],
    ['Customer sees', call.from],
    ['Placed', time(call.created)],
    ['Talked', over && call.established ? length(call.finished - call.established) : null],
    ['Reason', over ? call.finish_reason : null],
    ['Recorded', call.auto_record ? 'yes' : null],
  ]);
  const data = payload(call.session, 'Session');
  const label = `Call to ${call.to}`;
  if (over) {
    return element('details', { className: 'card past', 'aria-label': label },
      element('summary', {}, head), about, data);
  }
  return element('article', { className: `card ${tone}`, 'aria-label': label },
    head, steps(call), about, data,
    element('div', { className: 'actions' }, ...callButtons(call)));
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

function callButtons(call) {
  const to = (label, kind, state, finishReason) =>
    button(label, kind, `calls/${call.id}/state`, finishReason ? { state, finishReason } : { state });
  switch (call.state) {
    case 'ringing': return [
      to('Answer', 'go', 'in-progress'),
      to('Decline', 'stop', 'failed', 'declined'),
    ];
    case 'in-progress': return [
      to('Customer answers', 'go', 'bridged'),
      to('Customer is busy', 'plain', 'busy'),
      to('Nobody answers', 'plain', 'no-answer'),
      to('Hang up', 'stop', 'completed', 'hangup'),
    ];
    case 'bridged': return [
      to('Hang up', 'stop', 'completed', 'hangup'),
      to('Customer hangs up', 'plain', 'completed', 'passive-hangup'),
    ];
    default: return [to('Hang up', 'stop', 'completed', 'hangup')];
  }
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
