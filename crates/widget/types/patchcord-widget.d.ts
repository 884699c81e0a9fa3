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
