//! What a new host of each kind begins with.

use super::credential::CredentialDraft;
use super::draft::{Draft, TypeDraft};
use crate::hosts::Kind;
use crate::relay::Relay;

/// What people call a kind, and what it is.
pub struct Words {
    /// Its name.
    pub name: &'static str,
    /// What it puts where.
    pub what: &'static str,
    /// Which origins are meant.
    pub origins: &'static str,
    /// An origin as it may look.
    pub example: &'static str,
    /// Its page of the documentation.
    pub guide: &'static str,
}

/// The words for a kind.
pub fn words(kind: Kind) -> Words {
    match kind {
        Kind::Salesforce => Words {
            name: "Salesforce",
            what: "The phone in the utility bar, call buttons on record pages and lists. Needs no telephony licence.",
            origins: "The origin of Lightning Experience, and of each Experience site with call buttons. For the phone as a Visualforce page, that page's origin, too.",
            example: "https://acme.lightning.force.com",
            guide: "docs/guides/salesforce.md",
        },
        Kind::OpenCti => Words {
            name: "Salesforce Open CTI",
            what: "A call centre's softphone in Lightning: every phone field can be clicked. Salesforce retires it in February 2028, and new service orgs do not have it.",
            origins: "The origin of Lightning Experience.",
            example: "https://acme.lightning.force.com",
            guide: "docs/guides/salesforce-open-cti.md",
        },
        Kind::Voice => Words {
            name: "Salesforce Voice",
            what: "Partner telephony in the omni-channel console. Needs a Salesforce Voice licence for each agent.",
            origins: "The origin of Lightning Experience.",
            example: "https://acme.lightning.force.com",
            guide: "docs/guides/salesforce-voice.md",
        },
        Kind::Hubspot => Words {
            name: "HubSpot",
            what: "A calling app: HubSpot's own call buttons use it.",
            origins: "HubSpot's origin for your account: app.hubspot.com, or app-eu1.hubspot.com for data in the EU.",
            example: "https://app.hubspot.com",
            guide: "docs/guides/hubspot.md",
        },
        Kind::Zendesk => Words {
            name: "Zendesk",
            what: "An app in the top bar and in tickets. Call logs need Talk Partner Edition.",
            origins: "Your Zendesk's own origin.",
            example: "https://acme.zendesk.com",
            guide: "docs/guides/zendesk.md",
        },
        Kind::Page => Words {
            name: "Any other page",
            what: "A page of your own that has the phone in a frame.",
            origins: "The origin of that page, and of every page around it.",
            example: "https://crm.example.com",
            guide: "docs/guides/any-page.md",
        },
    }
}

/// The form for a new host.
pub fn draft(relay: &Relay, kind: Kind) -> Draft {
    let sign_ins = &relay.hosts.names().sign_ins;
    let sign_in = sign_ins.iter().next().filter(|_| !kind.vouches());
    Draft {
        name: String::new(),
        kind,
        origins: String::new(),
        provider: String::new(),
        sign_in: sign_in.cloned().unwrap_or_default(),
        system: String::new(),
        region: String::new(),
        types: types(kind),
        credential: CredentialDraft::default(),
    }
}

fn types(kind: Kind) -> Vec<TypeDraft> {
    let types: &[(&str, &str, &str)] = match kind {
        Kind::Salesforce | Kind::OpenCti => &[
            (
                "Contact",
                "MobilePhone, Phone",
                "name = Name\ntitle = Title\naccount = Account.Name",
            ),
            (
                "Lead",
                "MobilePhone, Phone",
                "name = Name\ncompany = Company",
            ),
            ("Account", "Phone", "name = Name"),
        ],
        // Without a credential only Name is told.
        Kind::Voice => &[
            (
                "Contact",
                "MobilePhone, Phone",
                "name = Name\ntitle = Title\naccount = Account.Name",
            ),
            (
                "Lead",
                "MobilePhone, Phone",
                "name = Name\ncompany = Company",
            ),
        ],
        // Without a credential only what HubSpot tells with a click, as countryCode.
        Kind::Hubspot => &[
            (
                "Contact",
                "mobilephone, phone",
                "title = jobtitle\nowner = hubspot_owner_id\ncountry = countryCode",
            ),
            (
                "Company",
                "phone",
                "industry = industry\nowner = hubspot_owner_id\ncountry = countryCode",
            ),
        ],
        Kind::Zendesk => &[
            ("ticket", "", "subject = subject\nname = requester.name"),
            ("user", "", "name = name\nemail = email"),
        ],
        Kind::Page => &[("Contact", "mobile, phone", "name = name")],
    };
    let types = types.iter().map(|(kind, number, payload)| TypeDraft {
        kind: (*kind).to_owned(),
        number: (*number).to_owned(),
        payload: (*payload).to_owned(),
    });
    types.collect()
}

/// A record of a type to try a mapping with, as the CRM would give its fields; JSON.
pub fn sample(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Salesforce | Kind::OpenCti | Kind::Voice => (
            "Contact",
            "{\n  \"Name\": \"Grace Hopper\",\n  \"Title\": \"Analyst\",\n  \"MobilePhone\": null,\n  \"Phone\": \"+49 30 23125100\",\n  \"Account.Name\": \"Harbour Ltd\"\n}",
        ),
        Kind::Hubspot => (
            "Contact",
            "{\n  \"jobtitle\": \"Analyst\",\n  \"mobilephone\": \"+49 30 23125100\",\n  \"hubspot_owner_id\": \"4711\",\n  \"countryCode\": \"DE\"\n}",
        ),
        Kind::Zendesk => (
            "ticket",
            "{\n  \"subject\": \"The heating is cold\",\n  \"requester.name\": \"Grace Hopper\"\n}",
        ),
        Kind::Page => (
            "Contact",
            "{\n  \"name\": \"Grace Hopper\",\n  \"mobile\": \"+49 30 23125100\"\n}",
        ),
    }
}
