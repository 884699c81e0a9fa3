/** A record of the CRM, as it travels with a call. */
export interface HostRecord {
  /** By default the host's own. */
  system?: string;
  type: string;
  id: string;
  name?: string;
  url?: string;
}

/** What is dialled: a number, or a record that the host's entity mapping makes one of. */
export type DialRequest = (
  | { number: string; entity?: string; fields?: object }
  | { number?: string; entity: string; fields: object }
) & {
  record?: HostRecord;
  /** Any JSON object of at most 16 384 bytes and 16 levels; arrives value for value. */
  payload?: object;
  /** 1 to 11 digits. */
  extension?: string;
};

/** A call, as far as the platform tells. */
export interface HostCall {
  id: string;
  /** The platform's id, once it is known. */
  call?: string;
  direction: 'outgoing' | 'incoming';
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
  number: string;
  name?: string;
  held: boolean;
  muted: boolean;
  recording: boolean;
  record?: HostRecord;
  payload?: object;
  /** Milliseconds since the epoch. */
  connectedAt?: number;
  reason?: string;
  /** Seconds; absent where the platform does not tell it. */
  duration?: number;
}

/** A call that is over, to be kept. The same `id` is the same call, also after a reload. */
export interface LogEntry {
  id: string;
  direction: 'outgoing' | 'incoming';
  number: string;
  name?: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** Milliseconds since the epoch. */
  connectedAt?: number;
  /** Seconds; absent where the platform does not tell it. */
  duration?: number;
  outcome: 'connected' | 'not_connected' | 'handed_over' | 'unknown';
  notes?: string;
  record?: HostRecord;
  payload?: object;
  provider?: string;
}

/** How the agent stands. A number can be dialled in `ready` alone. */
export type AgentState =
  | 'starting'
  | 'ready'
  | 'busy'
  | 'away'
  | 'stale'
  | 'signed_out'
  | 'stopped'
  | (string & {});

export interface HostEvents {
  /** The phone listens. What was asked for before is on its way. */
  ready: Record<string, never>;
  /** `because` is what is in the way where the agent is `busy`. */
  agent: { state: AgentState; because?: string };
  call: HostCall;
  /** Open this record, or what has this number. */
  show: { record: HostRecord; number?: undefined } | { record?: undefined; number: string };
  /** Bring the phone to where the agent sees it. A hidden one has been shown already. */
  reveal: Record<string, never>;
  /** What the phone would like to have, in CSS pixels; the iframe has been resized already. */
  size: { width: number; height: number };
  /** The phone cannot be reached, or a button's click was refused. */
  error: { code: string; field?: string; message: string };
}

export interface MountOptions {
  /** Where the iframe is put. */
  container: Pick<HTMLElement, 'append' | 'ownerDocument'>;
  /** The name of the host, as in the relay's `[[host]]`. */
  host: string;
  /** The relay's address; by default the one that this script came from. */
  relay?: string | URL;
  /** Gives an assertion that your backend has signed for the agent who is signed in. Called again for each session. */
  assertion?: () => Promise<string>;
  /** Instead of `assertion`: an address on this page's origin that answers a POST with `{"assertion": "…"}`. */
  sessionUrl?: string | URL;
  /** Keeps a call that is over. What rejects is tried again, with growing pauses. */
  log?: (entry: LogEntry) => void | Promise<unknown>;
  /** Clicks on the `<patchcord-call>` of this page are dialled by the phone. */
  buttons?: boolean;
  /** The iframe's title, which is read out; `Phone` by default. */
  title?: string;
  /** The iframe's class. */
  className?: string;
  /** A fixed height, in CSS pixels or as CSS has it; by default as high as the phone wants to be. */
  height?: number | string;
  /** The most that the phone may grow to, in CSS pixels; 900 by default. */
  maxHeight?: number;
  /** The iframe's `allow`; `autoplay` by default. */
  allow?: string;
  /** The language of the phone: `ar`, `de`, `en`, `es`, `fr`, `ja`; in another one it speaks English. */
  lang?: string;
}

export interface Phone {
  readonly element: HTMLIFrameElement;
  /**
   * Dials. Resolves with the call's id in events. Rejects with a `BridgeError` and nothing was dialled, except for
   * `no_reply` and `interrupted`: then nobody knows. Asked before the phone is ready, it is kept for 10 s.
   * A signal takes back what was not dialled yet, and rejects with its reason.
   */
  dial(request: DialRequest, how?: { signal?: AbortSignal }): Promise<{ id: string }>;
  /** Only puts it into the dialler. */
  offer(request: DialRequest, how?: { signal?: AbortSignal }): Promise<unknown>;
  show(): void;
  hide(): void;
  readonly visible: boolean;
  /** `undefined` until the phone has said so. */
  readonly agent: AgentState | undefined;
  lang: string | undefined;
  /** Returns what ends it. */
  on<Name extends keyof HostEvents>(name: Name, listener: (detail: HostEvents[Name]) => void): () => void;
  /** Takes the phone away. A call goes on at the platform. */
  dispose(): void;
}

/** Why something was refused: a stable code, the field where it is one's fault, a text for a developer. */
export class BridgeError extends Error {
  constructor(problem: { code: string; field?: string; message?: string });
  readonly name: 'BridgeError';
  readonly code: string;
  readonly field?: string;
}

/** Puts the phone into a page. Throws a `BridgeError` for an option that is not as it has to be. */
export function mount(options: MountOptions): Phone;
