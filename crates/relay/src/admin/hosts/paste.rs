//! What has to be pasted into a CRM, ready to copy: nothing in it is left to be filled in that the relay knows.

use maud::{Markup, html};
use patchcord_core::entity::EntityMapping;
use serde_json::json;

use super::presets;
use crate::config::IssuerKeys;
use crate::hosts::{Host, Kind};
use crate::relay::Relay;

/// The panel in a CRM's frame, in CSS pixels.
const WIDTH: u32 = 380;
const HEIGHT: u32 = 620;
/// The same for HubSpot, whose own bar is in it.
const HUBSPOT_HEIGHT: u32 = 640;

/// The values for a host, in the order in which the guide asks for them.
pub fn values(relay: &Relay, host: &Host) -> Markup {
    let own = relay.config.public_origin.as_deref().unwrap_or_default();
    let frame = format!("{own}/hosts/{}", host.name);
    let words = presets::words(host.kind);
    html! {
        section #paste aria-label="What to paste" {
            h2 { "What to paste into " (words.name) }
            p.quiet { "Each step is in " code { (words.guide) } " of the documentation. A click on a value selects all of it." }
            @match host.kind {
                Kind::Salesforce => (salesforce(relay, host, own)),
                Kind::OpenCti => (open_cti(relay, host, own, &frame)),
                Kind::Voice => (voice(host, &frame)),
                Kind::Hubspot => (hubspot(&frame)),
                Kind::Zendesk => (zendesk(host, own)),
                Kind::Page => (any_page(host, own)),
            }
            @if host.kind.vouches() && host.sign_in.is_none() { (issuer(relay, host)) }
        }
    }
}

/// One value, by what the CRM calls it.
fn value(name: &str, value: &str) -> Markup {
    html! { div { dt { (name) } dd { code.copy { (value) } } } }
}

/// A text of several lines.
fn text(name: &str, text: &str) -> Markup {
    html! {
        h4 { (name) }
        pre.copy role="region" tabindex="0" aria-label=(name) { (text) }
    }
}

fn salesforce(relay: &Relay, host: &Host, own: &str) -> Markup {
    html! {
        (trusted_url(own))
        (settings(relay, host, own))
    }
}

/// Salesforce's pages may load from, and show frames of, nobody else.
fn trusted_url(own: &str) -> Markup {
    html! {
        h3 { "Setup › Trusted URLs" }
        dl.facts {
            (value("API name", "Patchcord_Relay"))
            (value("URL", own))
            div { dt { "CSP context" } dd { "All" } }
            div { dt { "CSP directives" } dd { "connect-src (call buttons), frame-src (the phone)" } }
        }
    }
}

/// The custom metadata record of the package.
fn settings(relay: &Relay, host: &Host, own: &str) -> Markup {
    let issuer = issuers(relay).next();
    let (iss, kid) = issuer.unwrap_or(("https://ORG.my.salesforce.com", Some("KEY-ID")));
    html! {
        h3 { "Setup › Custom Metadata Types › Patchcord › Default" }
        dl.facts {
            (value("Relay", own))
            (value("Host", &host.name))
            (value("Audience", &relay.config.audience))
            (value("Issuer", iss))
            (value("Certificate", "Patchcord"))
            (value("Key id", kid.unwrap_or("KEY-ID")))
            @if let Some(provider) = &host.provider { (value("Provider", provider)) }
            (value("Region", &host.region))
        }
        @if let Some(entities) = &host.entities { (text("Mapping", &mapping(entities))) }
    }
}

/// A line for each object type.
fn mapping(entities: &EntityMapping) -> String {
    let types = entities.types().map(|(kind, mapping)| {
        let mapping = serde_json::to_string(mapping).unwrap_or_default();
        format!("  {}: {mapping}", json!(kind))
    });
    format!("{{\n{}\n}}", types.collect::<Vec<_>>().join(",\n"))
}

fn open_cti(relay: &Relay, host: &Host, own: &str, frame: &str) -> Markup {
    html! {
        h3 { "Setup › Call Centers › Import" }
        p { "Save this as " code { (host.name) ".xml" } ", import it, and add the agents under “Manage Call Center Users”." }
        (text("The call centre's definition", &call_centre(host, frame)))
        p.quiet { "A number that begins with the international prefix is dialled with + instead: 011 in North America." }
        (settings(relay, host, own))
    }
}

/// As Salesforce imports it: internal name first, display name second.
fn call_centre(host: &Host, frame: &str) -> String {
    let item = |order: u32, name: &str, label: &str, value: &str| {
        format!(
            "    <item sortOrder=\"{order}\" name=\"{name}\" label=\"{label}\">{value}</item>\n"
        )
    };
    let general = [
        item(
            0,
            "reqInternalName",
            "Internal Name",
            &internal_name(&host.name),
        ),
        item(1, "reqDisplayName", "Display Name", "Phone"),
        item(2, "reqAdapterUrl", "CTI Adapter URL", frame),
        item(3, "reqUseApi", "Use CTI API", "true"),
        item(
            4,
            "reqSoftphoneHeight",
            "Softphone Height",
            &HEIGHT.to_string(),
        ),
        item(
            5,
            "reqSoftphoneWidth",
            "Softphone Width",
            &WIDTH.to_string(),
        ),
        item(
            6,
            "reqSalesforceCompatibilityMode",
            "Salesforce Compatibility Mode",
            "Lightning",
        ),
    ];
    let dialling = [
        item(0, "reqOutsidePrefix", "Outside Prefix", ""),
        item(1, "reqLongDistPrefix", "Long Distance Prefix", ""),
        item(2, "reqInternationalPrefix", "International Prefix", "00"),
    ];
    format!(
        "<callCenter>\n  <section sortOrder=\"0\" name=\"reqGeneralInfo\" label=\"General Information\">\n{}  </section>\n  <section sortOrder=\"1\" name=\"reqDialingOptions\" label=\"Dialing Options\">\n{}  </section>\n</callCenter>\n",
        general.concat(),
        dialling.concat()
    )
}

/// Letters and digits, a letter first, at most 40: what Salesforce takes.
fn internal_name(name: &str) -> String {
    let plain = name.chars().filter(char::is_ascii_alphanumeric);
    let named: String = "Patchcord".chars().chain(plain).take(40).collect();
    named
}

fn voice(host: &Host, frame: &str) -> Markup {
    let vendor = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ConversationVendorInfo xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <developerName>Patchcord</developerName>\n    <masterLabel>Patchcord</masterLabel>\n    <vendorType>ServiceCloudVoicePartner</vendorType>\n    <connectorUrl>{frame}</connectorUrl>\n    <customLoginUrl>{frame}?sign-in</customLoginUrl>\n</ConversationVendorInfo>"
    );
    let centre = format!(
        "<callCenter>\n  <section sortOrder=\"0\" name=\"reqGeneralInfo\" label=\"General Information\">\n    <item sortOrder=\"0\" name=\"reqInternalName\" label=\"Internal Name\">{}</item>\n    <item sortOrder=\"1\" name=\"reqDisplayName\" label=\"Display Name\">Phone</item>\n    <item sortOrder=\"2\" name=\"reqVendorInfoApiName\" label=\"Conversation Vendor Info Developer Name\">Patchcord</item>\n  </section>\n  <section sortOrder=\"1\" name=\"reqHvcc\" label=\"Voice Settings\">\n    <item sortOrder=\"0\" name=\"reqTelephonyIntegrationCertificate\" label=\"Telephony Integration Certificate\">CERTIFICATE</item>\n  </section>\n</callCenter>",
        internal_name(&host.name)
    );
    html! {
        h3 { "The vendor" }
        p { "In an SFDX project, " code { "ConversationVendorInformation/Patchcord.ConversationVendorInformation-meta.xml" } ", deployed:" }
        (text("The vendor's definition", &vendor))
        h3 { "Setup › Partner Telephony Contact Centers › Create Contact Center" }
        p { "With the text of your certificate in the place of " code { "CERTIFICATE" } ":" }
        (text("The contact center's definition", &centre))
    }
}

fn hubspot(frame: &str) -> Markup {
    let settings = json!({
        "name": "Phone", "url": frame, "width": WIDTH, "height": HUBSPOT_HEIGHT,
        "isReady": false, "supportsCustomObjects": true, "supportsInboundCalling": true,
        "usesRemote": true, "usesCallingWindow": false,
    });
    let settings = serde_json::to_string_pretty(&settings).unwrap_or_default();
    let address = "https://api.hubapi.com/crm/v3/extensions/calling/APP_ID/settings?hapikey=KEY";
    let command = format!(
        "curl -X POST \"{address}\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{settings}'"
    );
    let ready = format!(
        "curl -X PATCH \"{address}\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{{\"isReady\": true}}'"
    );
    let alone = format!(
        "localStorage.setItem(\"LocalSettings:Calling:CallingExtensions\", JSON.stringify({{\n  isReady: true, name: \"Phone\", url: \"{frame}\",\n}}));"
    );
    html! {
        h3 { "The calling extension's settings" }
        p { "In a shell. " code { "APP_ID" } " is the id of your HubSpot app, " code { "KEY" } " the developer API key; neither is kept here. " code { "name" } " is what agents read." }
        (text("The settings, and the request that makes them", &command))
        (text("To try it before anybody else sees it: in HubSpot, the browser's console", &alone))
        (text("For everybody, once it works", &ready))
    }
}

fn zendesk(host: &Host, own: &str) -> Markup {
    html! {
        h3 { "Admin Center › Apps and integrations › Apps › Zendesk Support apps › Upload private app" }
        p { "Zip what is in " code { "web/zendesk" } ", upload it, and give it these settings:" }
        dl.facts {
            (value("Relay", own))
            (value("Host", &host.name))
        }
    }
}

fn any_page(host: &Host, own: &str) -> Markup {
    // Where agents sign in at the platform, the page has nothing to say about who they are.
    let session = match host.sign_in {
        Some(_) => "",
        None => ", sessionUrl: \"/patchcord-session\"",
    };
    let lines = format!(
        "<div id=\"phone\"></div>\n<script type=\"module\">\n  import {{ mount }} from \"{own}/patchcord-frame.js\";\n  mount({{ container: document.querySelector(\"#phone\"), host: \"{}\"{session} }});\n</script>",
        host.name
    );
    html! {
        h3 { "In the page" }
        (text("The phone in a frame", &lines))
        @if host.sign_in.is_none() {
            p { code { "/patchcord-session" } " is an address of your page's own backend that answers a POST with " code { "{\"assertion\": …}" } "." }
        }
        (text("Where the page has a content security policy, added to it", &format!("script-src {own}; frame-src {own}")))
    }
}

/// What the relay has to know of whoever signs, and what it knows already.
fn issuer(relay: &Relay, host: &Host) -> Markup {
    let known: Vec<_> = issuers(relay).collect();
    let own = relay.config.public_origin.as_deref().unwrap_or_default();
    let is_salesforce = host.kind != Kind::Page;
    let (iss, org) = if is_salesforce {
        (
            "https://ORG.my.salesforce.com",
            "the organisation's id, 18 characters: `sf org display`",
        )
    } else {
        ("https://crm.example.com", "your name for the organisation")
    };
    let block = format!(
        "[[issuer]]\niss = \"{iss}\"\norg = \"ORG\"        # {org}\nkid = \"KEY-ID\"     # a name of your own, the same on both sides\nalgorithm = \"RS256\"\npublic_key = {{ file = \"patchcord.pem\" }}\n"
    );
    html! {
        h3 { "Who signs for the agents" }
        @if known.is_empty() {
            p.doubt { "The relay knows nobody yet who may sign: no agent can come in by this CRM." }
        } @else {
            p { "These may sign assertions already; their " code { "iss" } " and " code { "kid" } " go into the CRM's settings:" }
            ul.plain {
                @for (iss, kid) in &known {
                    li { code.copy { (iss) } " " @match kid { Some(kid) => { "key " code.copy { (kid) } }, None => { "keys by a key set (JWKS)" } } }
                }
            }
        }
        p { "Another one is added in the relay's configuration, which then has to be started anew. An assertion for it names " code.copy { (relay.config.audience) } " as " code { "aud" } ". Instead of " code { "kid" } " and " code { "public_key" } ", " code { "jwks_url" } " may name the address of a key set, or " code { "jwks_file" } " a file with one." }
        (text("For the relay's configuration", &block))
        @if is_salesforce {
            p.quiet { "The public key of an org's certificate: Setup › Certificate and Key Management, download it, then " code { "openssl x509 -in Patchcord.crt -pubkey -noout > patchcord.pem" } ". The org never gives the private key away, and " (own) " never needs it." }
        }
    }
}

/// Who may sign: `iss`, and the key's id where it is one key.
fn issuers(relay: &Relay) -> impl Iterator<Item = (&str, Option<&str>)> {
    let issuers = relay.config.issuers.iter();
    issuers.map(|issuer| {
        let kid = match &issuer.keys {
            IssuerKeys::One { kid, .. } => Some(kid.as_str()),
            IssuerKeys::File(_) | IssuerKeys::Url(_) => None,
        };
        (issuer.iss.as_str(), kid)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_internal_name_is_one_that_salesforce_takes() {
        assert_eq!(internal_name("acme-open-cti"), "Patchcordacmeopencti");
        let long = internal_name(&"1-".repeat(32));
        assert!(long.len() <= 40 && long.starts_with('P'), "{long}");
        assert!(long.bytes().all(|b| b.is_ascii_alphanumeric()));
    }
}
