// What the four elements are for TypeScript: their attributes, properties, methods and events. The frameworks' types
// (react.d.ts, vue.d.ts) are made of these; tests/package compares them with the sources.

import type { CrmRecord } from './assets/patchcord_widget.js';

export type { CrmRecord };

/** What calls are placed with: a provider of the relay's accounts. */
export type ProviderName = 'samespace' | 'babelforce' | 'webhook' | (string & {});

/** Travels with a call or callback, value for value: at most 16 384 bytes as JSON, and 16 levels deep. */
export type Payload = Record<string, unknown>;

/** Gives the assertion that the CRM's backend has signed for its agent, or the code of a sign-in at the platform. */
export type Assertion = () => Promise<string | { code: string }>;

/** What the captcha service has told the page, or what gives it once it is asked. */
export type CaptchaAnswer = string | Promise<string> | (() => string | undefined | Promise<string | undefined>);

/** Texts by their keys, as in `{"callback.submit": "Call me"}`. */
export type Texts = Record<string, string>;

/** Attributes of all elements, as they are written. */
export interface PatchcordAttributes {
  /** The relay's origin, as in `https://relay.example.com`. By default where the script came from: name it in a bundle. */
  relay?: string;
  /** The country of numbers that are written without a country code: two letters, as in `DE`. */
  region?: string;
  /** The language, as in `de`; the page's by default. */
  lang?: string;
  /** `auto`, the default, is what the page has: its `color-scheme`. */
  theme?: 'auto' | 'light' | 'dark';
  /** An address on the page's origin that answers `{"assertion": "…"}` to a POST, for the agent who is signed in. */
  'session-url'?: string;
  /** Texts of your own in the place of the built-in ones, as JSON; the property of that name takes an object. */
  texts?: string;
}

/** Attributes of `<patchcord-call>`. */
export interface PatchcordCallAttributes extends PatchcordAttributes {
  /** What travels along, as JSON; the property of that name takes an object. */
  payload?: string;
  /** E.164 as in `+49 30 123456;ext=12`, or with `region` as it is written there. */
  number: string;
  /** The agent's first identity by default. */
  provider?: ProviderName;
  /** The number that is shown to who is called: one of the agent's. */
  'caller-id'?: string;
  /** The button's text. */
  label?: string;
  /** Asks before it dials. */
  confirm?: boolean;
  /** Only fills the number in, where the platform can. */
  prefill?: boolean;
  /** Nothing can be clicked. */
  disabled?: boolean;
  /** `tel`: a link that the agent's own phone dials, where the call cannot be placed. */
  fallback?: 'tel';
}

/** A field of a callback form, as the relay's configuration has it or as a page declares it. */
export interface CallbackField {
  name: string;
  type?: 'text' | 'email' | 'select' | 'checkbox' | 'date' | 'hidden';
  label?: string;
  required?: boolean;
  /** The most characters. */
  max?: number;
  /** Of a `select`. */
  options?: { value: string; label: string }[];
  /** Of a `date`: `YYYY-MM-DD`. */
  min_date?: string;
  max_date?: string;
  /** What the browser may fill in, as HTML's `autocomplete`. */
  autocomplete?: string;
  /** Asked for these topics only. */
  topics?: string[];
  value?: string | boolean;
}

/** Attributes of `<patchcord-callback>`. */
export interface PatchcordCallbackAttributes extends PatchcordAttributes {
  /** What travels along, as JSON; the property of that name takes an object. */
  payload?: string;
  /** The site's publishable key, as in `pk_live_…`; only an element with `manage` needs none. */
  'site-key'?: string;
  /** What it is about; without it the visitor chooses among the key's topics. */
  topic?: string;
  /** In the page (the default), behind a button that opens a dialog, in a corner, or at the page's edge. */
  mode?: 'inline' | 'popup' | 'float' | 'slide';
  /** The text of the button that opens it. */
  label?: string;
  /** Whether it is shown, where `mode` is not `inline`. */
  open?: boolean;
  /** Names of the fields to show, separated by spaces, or a JSON array of fields. All by default. */
  fields?: string;
  /** Shows the request that the page's address names, and asks for none. */
  manage?: boolean;
}

/** Attributes of `<patchcord-panel>`. */
export interface PatchcordPanelAttributes extends PatchcordAttributes {
  /** What travels along, as JSON; the property of that name takes an object. */
  payload?: string;
  /** The agent's first identity by default. */
  provider?: ProviderName;
  /** Put into the dialler. */
  number?: string;
  /** The agent's own phone, E.164: set when the desk is set up. */
  phone?: string;
  /** The platform has no desk of its own: the smaller module is loaded at once. */
  dialler?: boolean;
  /** Without a relay: the platform's address. */
  direct?: string;
  /** Without a relay: the page of this origin that the platform sends back to after signing in. */
  'redirect-uri'?: string;
  /** Without a relay: whose single sign-on. */
  tenant?: string;
  /** Without a relay, Samespace: the account. */
  account?: string;
  /** Without a relay, Samespace: the agent. */
  agent?: string;
  /** Without a relay, Samespace: whoever opens this page may call as anybody. */
  trusted?: boolean;
}

/** Attributes of `<patchcord-scan>`; each card's `<patchcord-call>` gets those that it has too. */
export interface PatchcordScanAttributes extends PatchcordAttributes {
  /** Selectors: numbers inside of these count; the whole page by default. */
  include?: string;
  /** Selectors: nothing inside of these is looked at. */
  exclude?: string;
  /** Selectors of elements with a number in a `data-` attribute, as in `td[data-phone]`. */
  data?: string;
  /** How much a text has to look like a number; `valid` by default. */
  leniency?: 'possible' | 'valid' | 'strict' | 'exact';
  /** Rows and what goes with a call from one, as JSON. */
  entity?: string;
  /** Keys for the next number, `Alt+Shift+N` by default; empty for none. */
  shortcut?: string;
  /** Nothing is looked at, and what was marked is not any more. */
  disabled?: boolean;
  /** Of the cards' buttons, as at `<patchcord-call>`. */
  provider?: ProviderName;
  /** Of the cards' buttons: the number that is shown to who is called. */
  'caller-id'?: string;
  /** The cards' buttons ask before they dial. */
  confirm?: boolean;
  /** The cards' buttons only fill the number in, where the platform can. */
  prefill?: boolean;
}

/** What all elements have. */
export interface PatchcordElement extends HTMLElement {
  /** Travels with the call or callback. The attribute `payload` is the same as JSON. */
  payload: Payload | undefined;
  /** Gives an assertion. An alternative to `session-url`. */
  assertion: Assertion | undefined;
  /** Texts of your own in the place of the built-in ones, by their keys. */
  texts: Texts | undefined;
}

/**
 * A button that places a call for a signed-in agent.
 *
 * ```html
 * <patchcord-call number="+49 30 123456" relay="https://relay.example.com" session-url="/patchcord-session"></patchcord-call>
 * ```
 */
export interface PatchcordCallElement extends PatchcordElement {
  /** The CRM's record that the call is about. */
  record: CrmRecord | undefined;
}

/**
 * A form that asks to be called back.
 *
 * ```html
 * <patchcord-callback site-key="pk_live_…" relay="https://relay.example.com"></patchcord-callback>
 * ```
 */
export interface PatchcordCallbackElement extends PatchcordElement {
  /** The fields to show: their names, or fields. The attribute `fields` is the same as text. */
  fields: string | (string | CallbackField)[] | undefined;
  /** The answer of the captcha, where the key's configuration asks for one. A function is asked for each request. */
  captcha: CaptchaAnswer | undefined;
  /** Opens it, where `mode` is not `inline`. The focus goes into it. */
  show(): void;
  /** Closes it, where `mode` is not `inline`. What was typed stays, and the focus goes back. */
  hide(): void;
}

/** The agent's phone. Its script is `patchcord/panel/auto`. */
export interface PatchcordPanelElement extends PatchcordElement {
  /** The CRM's record that the next call is about. */
  record: CrmRecord | undefined;
  /**
   * Does what a control of the panel does, as in `act('hold', call)`; `dial` dials what is offered, known by `id` in
   * events. Returns nothing, or what is in the way.
   */
  act(word: string, value?: string, id?: string): string | null | undefined;
  /**
   * Whose calls it shows, once that is known: the same text for the same agent of the same platform, and for nobody else.
   * Not where there is no relay.
   */
  readonly owner: string | undefined;
  /**
   * What the relay reads of a record in a CRM, at a path behind `/v1/hosts/`; nothing where it cannot be read. For the
   * frames of hosts: it needs the panel to be there.
   */
  lookUp(path: string): Promise<{ name?: string; fields: Record<string, unknown> } | undefined>;
}

/** Finds numbers on the page and shows a call button at each. Its script is `patchcord/scan/auto`. */
export interface PatchcordScanElement extends PatchcordElement {
  /** What goes with numbers that are in no row. */
  record: CrmRecord | undefined;
  /** Rows and what goes with a call from one, by selector. */
  entity: Record<string, ScanRow> | undefined;
  /** The numbers that were found so far, in the order of the page, one of each in a row. */
  readonly numbers: { number: string; element: Element }[];
}

/** Where a row's fields are: `.name`, `a@href`, `@data-id`, or a text itself as `=Lead`. */
export interface ScanRow {
  record?: Record<keyof CrmRecord & string, string> | { [field: string]: string };
  payload?: string | { [field: string]: string };
  region?: string;
}

/** `detail` of every event of a call. */
export interface CallDetail {
  /** The idempotency key of the click; the panel's calls that came in have the platform's id. */
  id: string;
  /** The relay's id, once it has named the call. */
  call?: string;
  /** E.164. */
  number: string;
  provider?: string;
  record?: CrmRecord;
  payload?: Payload;
  /** Of the panel's calls. */
  direction?: 'outgoing' | 'incoming';
}

/** `detail` of every event of a callback. */
export interface CallbackDetail {
  /** The idempotency key of the request. */
  id: string;
  /** E.164. */
  number: string;
  provider?: string;
  payload?: Payload;
}

/** A stable code, and a text: the provider's own, word for word, where it gave one. */
export interface Reason {
  /** One of the contract's, as in `agent_not_logged_in`. */
  code: string;
  message?: string;
}

/** Of a call as far as the platform tells. */
export interface CallState {
  /** `handed_over` where nothing more will be told. */
  state:
    | 'requested'
    | 'handed_over'
    | 'ringing'
    | 'connecting'
    | 'connected'
    | 'ended'
    | 'refused'
    | 'unknown'
    | (string & {});
  held: boolean;
  muted: boolean;
  recording: boolean;
}

/** Something about the element itself: an attribute that cannot be used, a module that cannot be loaded. */
export interface ErrorDetail extends Reason {
  /** The attribute that it is about. */
  field?: string;
}

/** What every element tells of itself. */
export interface PatchcordReadyEventMap {
  /** The module has taken over; the element worked before. */
  patchcordready: CustomEvent<unknown>;
  patchcorderror: CustomEvent<ErrorDetail>;
}

/** Events of `<patchcord-call>`. They bubble and cross shadow roots. */
export interface PatchcordCallEventMap extends PatchcordReadyEventMap {
  /** Before anything is sent: `preventDefault()` keeps the call from being placed. */
  callrequested: CustomEvent<CallDetail>;
  /** The platform took it. */
  callaccepted: CustomEvent<CallDetail & { state?: string }>;
  /** It was not placed. */
  callrefused: CustomEvent<CallDetail & Reason>;
  /** Nobody can say whether it was placed. */
  callunknown: CustomEvent<CallDetail & Reason>;
  callstate: CustomEvent<CallDetail & CallState>;
  /** `duration` in seconds. */
  callended: CustomEvent<CallDetail & { reason?: string; duration?: number }>;
}

/** Events of `<patchcord-callback>`. They bubble and cross shadow roots. */
export interface PatchcordCallbackEventMap extends PatchcordReadyEventMap {
  /** Before anything is sent: `preventDefault()` keeps the request from being sent. */
  callbackrequested: CustomEvent<CallbackDetail>;
  /** The relay has it, durably. `at` is the time that was chosen, `null` for as soon as possible. */
  callbackqueued: CustomEvent<CallbackDetail & { at: string | null; reference: string }>;
  /** Nobody will call. */
  callbackrefused: CustomEvent<CallbackDetail & Reason>;
  /** Nobody can say whether the request has arrived. */
  callbackunknown: CustomEvent<CallbackDetail & Reason>;
}

/** Events of `<patchcord-panel>`: those of its calls, and how the agent stands. */
export interface PatchcordPanelEventMap extends PatchcordCallEventMap {
  /** `ready`, `starting`, `stale`, `signed_out`, `stopped`, or why nothing can be dialled now. */
  agentstate: CustomEvent<{ state: string }>;
}

/** Events of `<patchcord-scan>`: those of its cards' calls. `patchcordready` says that the page was read once. */
export interface PatchcordScanEventMap extends PatchcordCallEventMap {}

/** All of them. */
export interface PatchcordEventMap extends PatchcordCallbackEventMap, PatchcordPanelEventMap {}

declare global {
  interface HTMLElementTagNameMap {
    'patchcord-call': PatchcordCallElement;
    'patchcord-callback': PatchcordCallbackElement;
    'patchcord-panel': PatchcordPanelElement;
    'patchcord-scan': PatchcordScanElement;
  }
  // Elements, the document and the window: the events bubble.
  interface GlobalEventHandlersEventMap extends PatchcordEventMap {}
}
