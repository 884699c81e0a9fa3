import type { CrmRecord } from './assets/patchcord_widget.js';

/** What the module exports: `Client`, `resolveEntity` and what the loader itself uses. */
export type PatchcordModule = typeof import('./assets/patchcord_widget.js');

/**
 * Loads the module, once: the elements of the page share it.
 * Rejects where WebAssembly is refused; the elements then work in their plain form.
 */
export function load(): Promise<PatchcordModule>;

/** What all elements have. The attributes are described in the README. */
export interface PatchcordElement extends HTMLElement {
  /** Travels with the call or callback, value for value; at most 16 384 bytes as JSON, 16 levels deep. */
  payload: object | undefined;
  /** Returns an assertion that the CRM's backend has signed. An alternative to `session-url`. */
  assertion: (() => Promise<string>) | undefined;
}

/** `<patchcord-call number="+49…">` */
export interface PatchcordCallElement extends PatchcordElement {
  record: CrmRecord | undefined;
}

/** `<patchcord-callback site-key="pk_…">` */
export interface PatchcordCallbackElement extends PatchcordElement {}

/** `detail` of every call event. */
export interface CallDetail {
  /** The idempotency key of the click. */
  id: string;
  /** The relay's id, once it has named the call. */
  call?: string;
  number: string;
  provider?: string;
  record?: CrmRecord;
  payload?: object;
}

/** A stable code, and a text: the provider's own, word for word, where it gave one. */
export interface Reason {
  code: string;
  message?: string;
}

/** The events, all of which bubble and cross shadow roots. */
export interface PatchcordEvents {
  /** Cancelable: `preventDefault()` keeps the call from being made. */
  callrequested: CustomEvent<CallDetail>;
  callaccepted: CustomEvent<CallDetail>;
  callrefused: CustomEvent<CallDetail & Reason>;
  callunknown: CustomEvent<CallDetail & Reason>;
  callstate: CustomEvent<
    CallDetail & { state: string; held: boolean; muted: boolean; recording: boolean }
  >;
  callended: CustomEvent<CallDetail & { reason?: string; duration?: number }>;
  /** Cancelable. */
  callbackrequested: CustomEvent<CallDetail>;
  callbackqueued: CustomEvent<CallDetail & { at: string | null; reference: string }>;
  callbackrefused: CustomEvent<CallDetail & Reason>;
  callbackunknown: CustomEvent<CallDetail & { code: string }>;
  patchcordready: CustomEvent;
  patchcorderror: CustomEvent<Reason & { field?: string }>;
}

declare global {
  interface HTMLElementTagNameMap {
    'patchcord-call': PatchcordCallElement;
    'patchcord-callback': PatchcordCallbackElement;
  }
  interface HTMLElementEventMap extends PatchcordEvents {}
}
