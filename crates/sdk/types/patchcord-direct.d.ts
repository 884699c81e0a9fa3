/** What became of one request. `unknown`: it may have arrived; it is never repeated by itself. */
export interface Told {
  outcome: "accepted" | "refused" | "unknown";
  code?: string;
  /** The platform's own words. */
  message?: string;
}

/**
 * Samespace without a relay. Its requests carry no credential, so this is for closed networks only: whoever can open
 * the page can ring an agent.
 */
export class Samespace {
  /** `direct`: the platform's origin; `account`: the tenancy in usernames. Throws without `trusted: true`. */
  constructor(options: { direct: string; account: string; trusted: true });
  free(): void;
  dial(request: {
    agent: string;
    number: string;
    callerId?: string;
    record?: { system: string; type: string; id: string; name?: string; url?: string };
    payload?: Record<string, unknown>;
  }): Promise<Told>;
  callback(request: {
    spaceId: string;
    teamName: string;
    number: string;
    payload?: Record<string, unknown>;
  }): Promise<Told>;
  /** Keep `authToken` before anything else. Accepted without one: it has to be looked up. */
  resetToken(authToken: string): Promise<Told & { authToken?: string }>;
}
