/** What the visitor has said about being remembered: `wait` until they have said something. */
export type CampaignConsent = 'granted' | 'denied' | 'wait';

/** How it watches. */
export interface CampaignOptions {
  /** `wait` by default: nothing is kept or passed along before it is `granted`. */
  consent?: CampaignConsent;
  /** The name of the page's data layer; `dataLayer` by default. It is made where there is none. */
  dataLayer?: string;
}

/** What is pushed to the data layer. Nothing that a visitor typed is in it. */
export interface CampaignEvent {
  event:
    | `patchcord_callback_${'requested' | 'queued' | 'refused' | 'unknown'}`
    | `patchcord_call_${'requested' | 'accepted' | 'refused' | 'unknown' | 'ended'}`;
  /** The idempotency key: the same for all events of one call or callback, and no other's. */
  patchcord_id: string;
  patchcord_provider?: string;
  patchcord_code?: string;
  patchcord_reason?: string;
  /** In seconds. */
  patchcord_duration?: number;
  /** `utm_source` and so on. */
  patchcord_campaign?: Record<string, string>;
}

/**
 * Keeps the landing page's campaign parameters in the tab's session storage, puts them under `payload.campaign` of
 * callback forms, and pushes what becomes of calls and callbacks to the data layer. Once for a page.
 *
 * Gives a function that says that the visitor's choice has changed. It needs a browser.
 */
export function start(options?: CampaignOptions): (consent: CampaignConsent) => void;
