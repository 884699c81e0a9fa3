//! The credential with which the relay reads a host's records: entered here, kept sealed, never shown.

use maud::{Markup, html};
use patchcord_core::secret::Secret;

use super::draft::Wrong;
use super::form::{self, Shown};
use crate::admin::access::Order;
use crate::config::RawRecords;
use crate::hosts::Kind;

/// With what records are read, where the relay has to read them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CredentialDraft {
    /// HubSpot's address, or empty.
    pub url: String,
    /// The org's address, or empty.
    pub domain: String,
    /// The app, or empty.
    pub client_id: String,
    /// The secret, where it was written anew.
    pub secret: Secret,
    /// What is kept, with its secret, which nobody is shown.
    pub held: Option<RawRecords>,
    /// What becomes of it.
    pub wish: Wish,
}

/// What becomes of a credential that is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Wish {
    /// It stays, unless another one is written.
    #[default]
    Keep,
    /// It is taken away.
    Forget,
}

/// The field of the secret with which a host of this kind has its records read; none where it needs none.
pub fn secret_field(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Hubspot => Some("records.token"),
        Kind::Voice => Some("records.client_secret"),
        Kind::Salesforce | Kind::OpenCti | Kind::Zendesk | Kind::Page => None,
    }
}

impl CredentialDraft {
    /// What is kept.
    pub fn of(held: Option<RawRecords>) -> Self {
        let shown = held.clone().unwrap_or_default();
        Self {
            url: shown.url.unwrap_or_default(),
            domain: shown.domain.unwrap_or_default(),
            client_id: shown.client_id.unwrap_or_default(),
            secret: Secret::default(),
            held: held.filter(|held| held.secret().is_some()),
            wish: Wish::Keep,
        }
    }

    /// Reads a form; `held` is what is kept by now.
    pub fn read(order: &Order, kind: Kind, held: Option<RawRecords>) -> Self {
        let secret = secret_field(kind).map_or("", |field| order.field(field));
        Self {
            url: order.field("records.url").to_owned(),
            domain: order.field("records.domain").to_owned(),
            client_id: order.field("records.client_id").to_owned(),
            secret: Secret::new(secret.trim()),
            held: held.filter(|held| held.secret().is_some()),
            wish: match order.field("records.forget") {
                "" => Wish::Keep,
                _ => Wish::Forget,
            },
        }
    }

    /// As it would stand in the configuration; not checked yet.
    ///
    /// # Errors
    /// The secret is missing for what was changed.
    pub fn raw(&self, kind: Kind) -> Result<Option<RawRecords>, Wrong> {
        let Some(field) = secret_field(kind) else {
            return Ok(None);
        };
        if self.wish == Wish::Forget {
            return Ok(None);
        }
        let mut raw = RawRecords {
            url: given(&self.url),
            domain: given(&self.domain),
            client_id: given(&self.client_id),
            ..RawRecords::default()
        };
        if !self.secret.is_empty() {
            raw.put_secret(kind, self.secret.clone());
            return Ok(Some(raw));
        }
        match &self.held {
            // Nobody has a secret sent somewhere else who does not know it.
            Some(held) if !raw.is_same_but_secret(held) => Err(Wrong {
                field: field.to_owned(),
                problem: "the one that is kept belongs to what was here before".to_owned(),
                remedy: "Enter the secret for the new address or app, too.".to_owned(),
            }),
            Some(held) => Ok(Some(held.clone())),
            None => Ok(Some(raw).filter(|raw| *raw != RawRecords::default())),
        }
    }
}

fn given(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The part of the form; nothing for a kind that needs none.
pub fn section(shown: &Shown<'_>) -> Markup {
    let draft = shown.draft;
    let credential = &draft.credential;
    let Some(secret) = secret_field(draft.kind) else {
        return html! {};
    };
    let is_hubspot = draft.kind == Kind::Hubspot;
    html! {
        section #records aria-label="The record's fields" {
            h2 { "The record’s fields" }
            p.quiet {
                @if is_hubspot { "HubSpot tells the phone which record was clicked, and none of its properties." }
                @else { "Salesforce Voice tells the phone a record's id and name, and no other field." }
                " With a credential of its own the relay reads the fields that are mapped above, when a number is clicked. Without one, id and type go along alone."
            }
            @if !is_hubspot {
                (form::field(shown, "records.domain", "The org's My Domain, as https://acme.my.salesforce.com.", &html! {
                    input id="records.domain" name="records.domain" value=(credential.domain) maxlength="200" autocomplete="off" spellcheck="false"
                        aria-describedby="records.domain-hint" aria-invalid=[form::invalid(shown, "records.domain")];
                }))
                (form::field(shown, "records.client_id", "The consumer key of the external client app.", &html! {
                    input id="records.client_id" name="records.client_id" value=(credential.client_id) maxlength="500" autocomplete="off" spellcheck="false"
                        aria-describedby="records.client_id-hint" aria-invalid=[form::invalid(shown, "records.client_id")];
                }))
            }
            (form::field(shown, secret, match &credential.held {
                Some(_) => "One is kept. Write another one to replace it; it is kept sealed and never shown.",
                None if is_hubspot => "A service key that may read these types. It is kept sealed and never shown.",
                None => "The consumer secret of the app. It is kept sealed and never shown.",
            }, &html! {
                input id=(secret) name=(secret) type="password" maxlength="500" autocomplete="new-password" spellcheck="false"
                    aria-describedby=(format!("{secret}-hint")) aria-invalid=[form::invalid(shown, secret)];
            }))
            @if is_hubspot {
                (form::field(shown, "records.url", "Empty for HubSpot's own, https://api.hubapi.com.", &html! {
                    input id="records.url" name="records.url" value=(credential.url) maxlength="200" autocomplete="off" spellcheck="false"
                        aria-describedby="records.url-hint" aria-invalid=[form::invalid(shown, "records.url")];
                }))
            }
            @if credential.held.is_some() {
                p {
                    label {
                        input type="checkbox" name="records.forget" value="yes" checked[credential.wish == Wish::Forget];
                        " Take the credential away: the relay forgets it"
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held() -> CredentialDraft {
        CredentialDraft::of(Some(RawRecords {
            domain: Some("https://acme.my.salesforce.com".to_owned()),
            client_id: Some("3MVG9".to_owned()),
            client_secret: Some(Secret::new("canary")),
            ..RawRecords::default()
        }))
    }

    #[test]
    fn a_secret_that_is_kept_stays_and_goes_to_no_other_address() {
        let kept = held().raw(Kind::Voice).unwrap().unwrap();
        assert_eq!(kept.secret(), Some(&Secret::new("canary")));
        let moved = CredentialDraft {
            domain: "https://evil.my.salesforce.com".to_owned(),
            ..held()
        };
        assert_eq!(
            moved.raw(Kind::Voice).unwrap_err().field,
            "records.client_secret"
        );
        let known = CredentialDraft {
            secret: Secret::new("another"),
            ..moved
        };
        let raw = known.raw(Kind::Voice).unwrap().unwrap();
        assert_eq!(raw.secret(), Some(&Secret::new("another")));
        assert_eq!(
            raw.domain.as_deref(),
            Some("https://evil.my.salesforce.com")
        );
    }

    #[test]
    fn it_can_be_taken_away_and_nothing_that_was_written_is_none() {
        let forgotten = CredentialDraft {
            wish: Wish::Forget,
            ..held()
        };
        assert_eq!(forgotten.raw(Kind::Voice), Ok(None));
        assert_eq!(CredentialDraft::default().raw(Kind::Hubspot), Ok(None));
        assert_eq!(held().raw(Kind::Page), Ok(None));
    }
}
