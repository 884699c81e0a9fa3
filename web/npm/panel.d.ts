export type * from './elements.js';

/** Defines `<patchcord-panel>`. Does nothing where there are no custom elements, or where it is defined already. */
export function define(): Promise<void>;

/** Where the platforms themselves are talked to, without a relay. */
export interface DirectOptions {
  /** The platform's address, as in `https://ph1c.samespace.com`. */
  direct: string;
  account: string;
  /** Says that whoever opens this page may call as anybody: Samespace asks nobody who they are. */
  trusted: true;
}

/** What became of a request to a platform. */
export interface DirectOutcome {
  outcome: 'accepted' | 'refused' | 'unknown';
  code?: string;
  message?: string;
}

/** Samespace without a relay: for closed networks only. */
export class Samespace {
  private constructor();
  dial(request: { agent: string; number: string; payload?: Record<string, unknown> }): Promise<DirectOutcome>;
  callback(request: { spaceId: string; teamName: string; number: string }): Promise<DirectOutcome>;
  /** The new token is in `authToken`: keep it before anything else. */
  resetToken(old: string): Promise<DirectOutcome & { authToken?: string }>;
}

/** The module for pages without a relay. */
export interface DirectModule {
  Samespace: new (options: DirectOptions) => Samespace;
}

/** Loads the module for pages without a relay, once. Rejects where WebAssembly is refused or there is no browser. */
export function load(name: 'patchcord_direct'): Promise<DirectModule>;
/** Loads a module of the panel before one is shown, once. */
export function load(name?: 'patchcord_panel' | 'patchcord_dialler'): Promise<unknown>;
