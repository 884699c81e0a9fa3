/* tslint:disable */
/* eslint-disable */
/** What a provider, or the relay, made of a request. */
export type Outcome = "accepted" | "refused" | "unknown";

/** The CRM record behind a call. */
export interface CrmRecord {
    system: string;
    type: string;
    id: string;
    name?: string;
    url?: string;
}

/** An assertion that the CRM's backend has signed, or the code of a sign-in at the platform. */
export type SignedIn = string | { code: string };

export interface ClientOptions {
    /** The relay's origin, as in `https://relay.example.com`. */
    relay: string;
    /** Gives the CRM's signed assertion about the agent. */
    assertion?: () => SignedIn | Promise<SignedIn>;
    /** Or: a same-origin address that answers `{assertion}` to a POST. */
    sessionUrl?: string;
    /** The site's publishable key, for callbacks. */
    siteKey?: string;
}

export interface CallRequest {
    /** E.164, as in `+4930123456`. */
    number: string;
    extension?: string;
    provider?: string;
    caller_id?: string;
    prefill?: boolean;
    auto_record?: boolean;
    record?: CrmRecord;
    payload?: Record<string, unknown>;
}

export interface Call {
    id: string;
    provider: string;
    number: string;
    outcome: Outcome | null;
    /** `requested`, `handed_over`, `ringing`, `connecting`, `connected`, `ended`, `refused`, `unknown`, or newer. */
    state: string;
    held: boolean;
    muted: boolean;
    recording: boolean;
    code?: string;
    message?: string;
    notice?: string;
    reason?: string;
    /** In seconds. */
    duration?: number;
    created_at: string;
    event: number;
}

/** The value of a field: text, or whether a box is ticked. */
export type FieldValue = string | boolean;

export interface CallbackRequest {
    /** E.164. */
    number: string;
    extension?: string;
    topic: string;
    /** RFC 3339; absent for as soon as possible. */
    at?: string;
    fields?: Record<string, FieldValue>;
    payload?: Record<string, unknown>;
    consent?: { version: string; given: true };
    /** Where the configuration says so: a solved ALTCHA challenge, base64. */
    proof?: string;
    /** Where the configuration says so: the captcha service's answer. */
    captcha?: string;
    page?: string;
}

export interface Callback {
    id: string;
    reference: string;
    state: string;
    at: string | null;
    /** When the relay means to hand it over. */
    due?: string;
    topic: string;
    topic_label?: string;
    /** Its last digits, for whoever has the manage token. */
    number?: string;
    /** The business's time zone, where it has opening hours. */
    zone?: string | null;
    /** Whether a time can be chosen for it, and whether it can still be changed or called off. */
    schedule?: boolean;
    changeable?: boolean;
    site_key?: string;
    code?: string;
    message?: string;
    manage_token?: string;
    /** The page where the visitor can change it, or call it off. */
    manage_url?: string;
}

/** Which callback, and the right to it: what `callback` gave. */
export type ManagedCallback = Pick<Callback, "id" | "manage_token">;

export interface SlotsRequest {
    topic: string;
    /** RFC 3339; now by default. */
    from?: string;
    /** 1 to 31; 7 by default. */
    days?: number;
}

export interface Slots {
    /** The business's time zone; UTC where the topic has no opening hours. */
    zone: string;
    /** From one time to the next. */
    minutes: number;
    /** RFC 3339 in UTC, in order. */
    slots: string[];
}

export interface Provider {
    provider: string;
    capabilities: string[];
}

export interface Topic {
    topic: string;
    label: string;
    /** Whether a visitor may name a time. */
    schedule?: boolean;
    /** Absent where it is called around the clock. */
    hours?: { zone: string; open: boolean; opens_at: string | null } | null;
    /** What becomes of a wish for as soon as possible while it is closed. */
    when_closed?: "wait" | "refuse";
}

export interface Field {
    name: string;
    type?: "text" | "email" | "select" | "checkbox" | "date" | "hidden";
    label: string;
    required: boolean;
    max?: number;
    options?: { value: string; label: string }[];
    /** YYYY-MM-DD. */
    min_date?: string;
    max_date?: string;
    /** Asked for these topics only. */
    topics?: string[];
    autocomplete?: string;
}

export interface Config {
    region: string;
    /** With a site key. */
    topics?: Topic[];
    consent?: { version: string; text: string; parts?: { text: string; url?: string }[] } | null;
    fields?: Field[];
    /** How many fields of its own a page may add to those. */
    page_fields?: number;
    /** Whether a callback has to bring a proof of work, from `GET /v1/challenge`. */
    proof?: "altcha" | null;
    captcha?: { service: string; site_key: string } | null;
    /** The name of a field that a form has but does not show. */
    honeypot?: string | null;
    /** With a session; the first is the default. */
    providers?: Provider[];
}

/** What a rejected promise carries. */
export interface PatchcordError extends Error {
    name: "PatchcordError";
    code: string;
    field?: string;
    remedy?: string;
    /** Of `call` and `callback`: whether it is proven that nothing was done. */
    outcome?: "refused" | "unknown";
}

export interface AskOptions {
    /** Ends the request. */
    signal?: AbortSignal;
}

export interface SendOptions {
    /** Calls off what was not sent yet. What was sent cannot be called back; its outcome still arrives. */
    signal?: AbortSignal;
    /** 16 to 128 characters of `A-Z a-z 0-9 - _`; a fresh one by default. */
    idempotencyKey?: string;
}

/** A relay, for a page that brings its own interface. */
export class Client {
    constructor(options: ClientOptions);
    /** What the site, or the agent, may do. */
    config(options?: AskOptions): Promise<Config>;
    /**
     * One click, one call: kept at most 10 s until network and session are there, sent once, and sent again
     * only under its own key. Resolves with the call, whatever its outcome; rejects where the relay refused it
     * (`outcome: "refused"`) or nobody knows whether it arrived (`outcome: "unknown"`).
     */
    call(request: CallRequest, options?: SendOptions): Promise<Call>;
    /** The same for a callback; needs `siteKey`. */
    callback(request: CallbackRequest, options?: SendOptions): Promise<Callback>;
    /** The times at which a callback can be had; needs `siteKey`. */
    slots(request: SlotsRequest, options?: AskOptions): Promise<Slots>;
    /** A callback as it is now. */
    getCallback(callback: ManagedCallback, options?: AskOptions): Promise<Callback>;
    /** Gives it another time; `null` is as soon as possible. Rejects with `too_late` once it is being handed over. */
    changeCallback(callback: ManagedCallback, at: string | null, options?: AskOptions): Promise<Callback>;
    /** Calls it off. Rejects with `too_late` once it is being handed over. */
    cancelCallback(callback: ManagedCallback, options?: AskOptions): Promise<Callback>;
    /** A call as it is now. */
    getCall(id: string, options?: AskOptions): Promise<Call>;
    /** Tells about every change of an accepted call until it is over; gives a number for `unwatch`. */
    watch(call: Call, listener: (call: Call) => void): number;
    unwatch(watch: number): void;
    /** Releases the client's memory and ends its watches. */
    free(): void;
}

/** For each CRM object type, the fields that may hold the number, and payload key → field. */
export type EntityMapping = Record<string, { number: string[]; payload?: Record<string, string> }>;

/** Which number to dial and which payload to send for a record. */
export function resolveEntity(
mapping: EntityMapping,
type: string,
fields: Record<string, unknown>,
): { number?: string; payload: Record<string, unknown> };


/** What an element hands to the module. */
export interface Host {
    options(): ElementOptions;
    /** Dispatches an event from the element; `false` if a listener prevented it. */
    emit(name: string, detail: object): boolean;
    texts: Record<string, string>;
    pending?: PendingClick;
    /** What `GET /v1/config` answered for the site key; `<patchcord-callback>` needs it. */
    config?: Config;
    /** The form's fields, which the module takes into its form; `<patchcord-callback>` needs them. */
    rows?: HTMLElement;
    /** The request that the page's address names: it is shown, and no form. */
    managed?: ManagedCallback;
    /** Under which name the tab's `sessionStorage` keeps the request. */
    kept?: string;
    /** Puts the choice of a time into `node`; the chosen one is the value of `[name=at]`. */
    choose?(node: HTMLElement, topic: Partial<Topic>, siteKey?: string, at?: string): void;
    /** Says in `node` when a callback comes. */
    when?(node: HTMLElement, callback: Callback): void;
    /** Saves the calendar's file of a callback. */
    calendar?(callback: Callback): void;
    /**
     * What goes with the request with this idempotency key, as members of its JSON: the proof of work, the answer of a
     * captcha. Without a key it only begins to work. Absent where neither is asked for. Rejects with a problem `{code, …}`.
     */
    proof?(id?: string): Promise<string | undefined>;
}

export interface ElementOptions {
    relay: string;
    region?: string;
    lang?: string;
    theme?: string;
    sessionUrl?: string;
    assertion?: () => SignedIn | Promise<SignedIn>;
    number?: string;
    provider?: string;
    callerId?: string;
    prefill?: boolean;
    confirm?: boolean;
    disabled?: boolean;
    label?: string;
    record?: CrmRecord;
    payload?: Record<string, unknown>;
    siteKey?: string;
    topic?: string;
    mode?: string;
    open?: boolean;
    manage?: boolean;
    fallback?: string;
    fields?: string | (string | Partial<Field>)[];
    captcha?: string | Promise<string> | (() => string | undefined | Promise<string | undefined>);
}

/** A click from before the module was there; it was announced by `callrequested` already. */
export interface PendingClick {
    id: string;
    /** In milliseconds since the epoch. */
    at: number;
    number: string;
    provider?: string;
    callerId?: string;
    prefill?: boolean;
    record?: CrmRecord;
    payload?: Record<string, unknown>;
}

export class Mounted {
    private constructor();
    /** The host's options or texts changed: reads them again. */
    update(): void;
    /** Unmounts and releases everything. */
    free(): void;
}

/** Renders a call button into `root`, an empty element inside a shadow root. */
export function mountCall(root: HTMLElement, host: Host): Mounted;
/** Renders a callback form into `root`, an empty element inside a shadow root. */
export function mountCallback(root: HTMLElement, host: Host): Mounted;
/** Calls `callback` once, with a text, if the module dies. */
export function onPanic(callback: (text: string) => void): void;



export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
    readonly memory: WebAssembly.Memory;
}

export type SyncInitInput = BufferSource | WebAssembly.Module;

/**
 * Instantiates the given `module`, which can either be bytes or
 * a precompiled `WebAssembly.Module`.
 *
 * @param {{ module: SyncInitInput }} module - Passing `SyncInitInput` directly is deprecated.
 *
 * @returns {InitOutput}
 */
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;

/**
 * If `module_or_path` is {RequestInfo} or {URL}, makes a request and
 * for everything else, calls `WebAssembly.instantiate` directly.
 *
 * @param {{ module_or_path: InitInput | Promise<InitInput> }} module_or_path - Passing `InitInput` directly is deprecated.
 *
 * @returns {Promise<InitOutput>}
 */
export default function __wbg_init (module_or_path?: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>): Promise<InitOutput>;
