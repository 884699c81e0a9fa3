// The platform's side of an agent's desk: who rings, how the stream misbehaves, and what was sent.
import { expect } from '@playwright/test';
import { AGENTS, openPanel, panelMarkup, signIn } from './panel.js';

const SERVICE = '/babelconnect.v1.Agent';
/** Whom the agents talk to. */
export const CUSTOMER = '+4915228817386';

/** What a test does at the sandbox in the name of an agent's platform. */
export class Desk {
  #sandbox;
  #agent;

  constructor(sandbox, user = '005ALEX') {
    this.#sandbox = sandbox;
    this.#agent = AGENTS[user].id;
  }

  /** A customer calls the agent, who picks up: the call's id. */
  async call(options = {}) {
    const id = await this.ring(options);
    await this.act(id, { who: 'agent', do: 'answer' });
    return id;
  }

  /** A customer calls the agent: the call's id. */
  async ring(options = {}) {
    const { id } = await this.#sandbox.tell(`agents/${this.#agent}/ring`, { number: CUSTOMER, ...options });
    return id;
  }

  /** What somebody does with their telephone. */
  async act(call, act) {
    await this.#sandbox.tell(`calls/${call}`, act);
  }

  /** The stream, or its next frame, misbehaves. */
  async stream(action) {
    await this.#sandbox.tell(`agents/${this.#agent}/stream`, { action });
  }

  /** A notification comes on the stream. */
  async push(title) {
    await this.#sandbox.tell(`agents/${this.#agent}/push`, { title });
  }

  /** Changes the agent: presence, number and so on. */
  async agent(change) {
    await this.#sandbox.tell(`agents/${this.#agent}`, change);
  }

  /** Ends the agent's access tokens; their refresh tokens hold. */
  async expireTokens() {
    await this.#sandbox.tell(`agents/${this.#agent}/tokens/expire`);
  }

  /** How the agent is, as the sandbox knows it. */
  async known() {
    const { babelforce } = await this.#sandbox.state();
    return babelforce.agents.find(({ id }) => id === this.#agent);
  }

  /** The commands that reached the platform and were handled, as it got them; `kind` narrows them. */
  async sent(kind) {
    const commands = (await this.#requests('Send')).map(({ body }) => body);
    return kind ? commands.filter((command) => kind in command) : commands;
  }

  /** How often a stream was asked for. */
  async streams() {
    return (await this.#requests('Subscribe')).length;
  }

  async #requests(method) {
    const requests = await this.#sandbox.requests();
    return requests.filter(({ path, handled }) => handled && path === `${SERVICE}/${method}`);
  }
}

/** A page whose panel is at work: signed in at the platform, set up, live. */
export async function openDesk(page, servers, { user = '005ALEX', more, path } = {}) {
  await openPanel(page, servers, panelMarkup({ user, more }), { path });
  await signIn(page, user);
  await atWork(page);
}

/** Waits until a panel is current and set up. */
export async function atWork(page) {
  await expect(panel(page)).toHaveAttribute('data-state', 'live');
}

/** What a panel draws itself into. */
export function panel(page) {
  return page.locator('patchcord-panel .panel');
}

/** The card of the call with this id; without one, of the only call. */
export function card(page, call) {
  return page.locator(call ? `patchcord-panel [data-call="${call}"]` : 'patchcord-panel [data-call]');
}

/** A button on the card of the only call. */
export function button(page, name) {
  return card(page).getByRole('button', { name, exact: true });
}

/** Expects the only call to be in a state, in the panel's words. */
export async function expectState(page, word) {
  await expect(card(page).locator('.state .word')).toHaveText(word);
}

/** What tells that the connection is lost. */
export function lost(page) {
  return page.locator('patchcord-panel .banners').getByText(/^Connection lost at/);
}

/**
 * Has the page keep every state that its panels show, the newest last: `states(page)`. For pages that are opened
 * from now on.
 */
export async function watchStates(page) {
  await page.addInitScript(() => {
    window.states = [];
    const look = (root) => {
      const state = root.querySelector('.panel')?.dataset.state;
      if (state && window.states.at(-1) !== state) window.states.push(state);
    };
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function attachShadow(init) {
      const root = attach.call(this, init);
      new MutationObserver(() => look(root)).observe(root, {
        subtree: true,
        childList: true,
        attributes: true,
        attributeFilter: ['data-state'],
      });
      return root;
    };
  });
}

/** The states that a panel has shown since the page was opened, or since `forgetStates`. */
export async function states(page) {
  return page.evaluate(() => window.states);
}

/** Begins anew with what is shown now. */
export async function forgetStates(page) {
  await page.evaluate(() => window.states.splice(0, window.states.length - 1));
}

/** Has time pass for the page, in steps, until `done` holds. */
export async function hurry(page, done, step = 1_000) {
  await expect
    .poll(
      async () => {
        await page.clock.fastForward(step);
        return done();
      },
      { intervals: [50] },
    )
    .toBe(true);
}
