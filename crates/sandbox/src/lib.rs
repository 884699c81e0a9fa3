//! A stand-in for Samespace and babelforce over real HTTP, both at their own paths on one port; and, for what a relay
//! asks a CRM, for HubSpot's CRM objects (`/crm/v3/objects/…`) and Salesforce's token and query (`/services/…`).
//!
//! It is an independent reading of the vendors' documents: it shares no code with the rest of
//! Patchcord, so that a mistake there shows here. Under `/_sandbox/` it keeps a log of every
//! request, can be told to misbehave, and shows a dock (Samespace) and an agent desk (babelforce).
//!
//! | under `/_sandbox/` | |
//! |---|---|
//! | `GET requests?path=`, `DELETE requests` | the request log, oldest first; `path` is a whole path, or a beginning followed by `*` |
//! | `GET`, `DELETE preflights` | browsers' questions whether a page may send a platform a request (`{at, path, origin, method, headers, allowed}`), oldest first; they are in no request log, and no fault meets them |
//! | `GET`, `POST`, `DELETE faults` | how to misbehave; `POST` replaces all faults |
//! | `GET`, `POST settings` | `expires_in` (seconds, or null), `auto_progress` (`{step_ms, until?}`, or null), and of the Agent API `heartbeat_ms`, `unanswered_pings` (or null), `features` (`{calls?, transfer?, conference?, messaging?, history?, phonebook?, outbound?, device_switch?, status_change?, screen_pop?}`), `wrap_up` (`{seconds?, can_cancel?, extension?}`); `sessions_page` (the most sessions of a page of Samespace's analytics, or null); `origins` (`{agent_api?, samespace?}`): see below |
//! | `POST reset` | back to the seed: state, settings, log, faults; streams end with `unavailable` |
//! | `GET state`, `GET events` | everything the pages show, once or after every change |
//! | `POST tokens/expire` | ends every access token, Salesforce's too; keeps the refresh tokens |
//! | `POST dock/users/{username}` | `{logged_in}` |
//! | `POST dock/calls/{id}` | `{display: "ringing" \| "answered" \| "ended"}` |
//! | `POST agents/{id}` | `{enabled?, presence?, number?, webrtc?, line_block?, can_record?, always_record?}`; `line_block` is `"unreachable"`, `"busy"`, `"declined"`, `"dnd"` or null |
//! | `POST agents/{id}/tokens/expire` | ends the access tokens of one agent |
//! | `POST agents/{id}/ring` | rings the agent: `{kind?: "inbound" \| "callback", number?, service_number?, queue?, session?, record?, script?}` → `{id}`; `number` null is withheld, `queue` null is none, `script` as below |
//! | `POST agents/{id}/stream` | `{action}`, with the stream as a whole: `"cut"`, `{"end": {code, message?}}` or `{"end": null}`, `"fall_silent"`, `"resume"`; or with its next frame, also of the next stream: `"skip"`, `"duplicate"`, `"reorder"`, `"merge"`, `"split"`, `{"cut_at": bytes}` |
//! | `POST agents/{id}/push` | `{kind?, title?, body?, data?}`: a notification on the agent's stream |
//! | `POST agents/{id}/sms` | `{from, text}`: a text message arrives |
//! | `POST calls/{id}` | `{who?: "customer" \| "agent", do: "answer" \| "hang_up" \| "busy" \| "no_answer" \| "decline" \| "unreachable"}`: what somebody does with their telephone; the customer is whoever is at the other end |
//! | `POST calls/{id}/script` | `{steps: [{who?, do, after_ms?}]}`: the same, one after the other |
//! | `POST calls/{id}/state` | `{state, finishReason?, agentId?}`: whatever is wished, in the Manager API's words |
//! | `POST members/{id}` | `{do: "hang_up"}`: a member of a conference |
//! | `GET`, `POST`, `DELETE scripts` | `{scripts: [{number, steps: [{do, after_ms?}], times?}]}`: what the telephone with this number does when it rings, be it a customer's, a transfer target's or an agent's own; `POST` replaces all |
//! | `POST tasks/{id}/state` | `{state}` |
//!
//! Who can sign in at babelforce:
//!
//! | username | password | |
//! |---|---|---|
//! | `relay@acme.example` | `sandbox-password` | the account's manager, no agent |
//! | `alex@acme.example` | `alex-password` | agent `0a1b2c3d4e5f60718293a4b5c6d7e8f9`, telephone +493012345678 |
//! | `sam@acme.example` | `sam-password` | agent `1b2c3d4e5f60718293a4b5c6d7e8f90a`, telephone +493012345679 |
//! | `kim@acme.example` | `kim-password` | agent `3d4e5f60718293a4b5c6d7e8f90a1b2c`, no telephone |
//!
//! Whom the CRMs let in: HubSpot the token `pat-eu1-sandbox-token`, Salesforce the client `3MVG9sandbox.client` with the
//! secret `sandbox-client-secret`. Both have a contact Ada Lovelace: `501`, and `0037S000004TqQXQA0`.
//!
//! Which pages may speak to what is in `origins`, each a list of origins:
//!
//! | part | a page may, if its origin is in |
//! |---|---|
//! | `/babelconnect.v1.Agent/*`, `/v1/agent/*`, `/oauth/token`, `/oauth/revoke`, `/oauth/logout`, `/auth/sso/*` | `agent_api`: at first the demo's, `http://127.0.0.1:4102`, `http://localhost:4102` and `http://127.0.0.1:4103` |
//! | Samespace's three paths | `samespace`: at first empty, because nothing is documented |
//! | everything else of babelforce, the Manager API above all; the CRMs | never |
//! | `/_sandbox/*` | in any case |

mod babelforce;
mod clock;
mod clockwork;
mod control;
mod cors;
mod crm;
mod exchange;
mod fault;
mod front;
mod ids;
mod log;
mod pages;
pub mod rsql;
mod samespace;
mod server;
mod settings;
mod shared;
mod world;

pub use server::Sandbox;
