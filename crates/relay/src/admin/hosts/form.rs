//! The form in which a host is set up, with what is wrong at each field.

use maud::{Markup, html};

use super::credential;
use super::draft::{Draft, TypeDraft, Wrong};
use super::presets;
use super::preview::{self, Preview, Sample};
use crate::admin::access::Admin;
use crate::admin::page;
use crate::relay::Relay;

/// What is shown in the form.
pub struct Shown<'a> {
    /// The fields.
    pub draft: &'a Draft,
    /// Where it is sent.
    pub action: &'a str,
    /// The version that is changed; none for a new host.
    pub version: Option<i64>,
    /// The record that the mapping is tried with.
    pub sample: &'a Sample,
    /// What became of that.
    pub preview: Option<&'a Preview>,
    /// What is wrong.
    pub wrong: Option<&'a Wrong>,
    /// Whether there is one more empty object type.
    pub spare: Spare,
}

/// Whether the form has an empty object type at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spare {
    /// One.
    One,
    /// None.
    None,
}

/// The form.
pub fn form(relay: &Relay, admin: &Admin, shown: &Shown<'_>) -> Markup {
    let draft = shown.draft;
    let words = presets::words(draft.kind);
    let names = relay.hosts.names();
    let spare = TypeDraft::default();
    let types = draft.types.iter();
    let types = types.chain((shown.spare == Spare::One).then_some(&spare));
    html! {
        @if let Some(wrong) = shown.wrong {
            div.wrong role="alert" {
                p { strong { "Nothing was saved. " } (label(&wrong.field)) ": " (wrong.problem) "." }
                p { (wrong.remedy) }
            }
        }
        form.setup method="post" action=(shown.action) {
            (page::word(admin))
            // What the enter key presses.
            button.unseen name="do" value="save" tabindex="-1" aria-hidden="true" { "Save" }
            input type="hidden" name="kind" value=(draft.kind.as_str());
            @if let Some(version) = shown.version {
                input type="hidden" name="version" value=(version);
            }
            section aria-label="The CRM" {
                h2 { (words.name) }
                p.quiet { (words.what) }
                @if shown.version.is_none() {
                    (field(shown, "name", "Small letters, digits and hyphens, as acme-sales. It stands in the frame's address and cannot be changed later.", &html! {
                        input #name name="name" value=(draft.name) maxlength="64" required autocomplete="off" spellcheck="false"
                            aria-describedby="name-hint" aria-invalid=[invalid(shown, "name")];
                    }))
                }
                (field(shown, "origins", &format!("{} One a line. Nobody else can have the phone in a frame.", words.origins), &html! {
                    textarea #origins name="origins" rows="3" required spellcheck="false" placeholder=(words.example)
                        aria-describedby="origins-hint" aria-invalid=[invalid(shown, "origins")] { (draft.origins) }
                }))
                (field(shown, "sign_in", if draft.kind.vouches() {
                    "Leave it at the CRM where the CRM signs assertions: then nobody has to sign in."
                } else {
                    "This CRM cannot say who somebody is, so each agent signs in at the platform."
                }, &html! {
                    select #sign_in name="sign_in" aria-describedby="sign_in-hint" aria-invalid=[invalid(shown, "sign_in")] {
                        @if draft.kind.vouches() { option value="" selected[draft.sign_in.is_empty()] { "The CRM" } }
                        @else if names.sign_ins.is_empty() { option value="" { "No account has sign_in yet" } }
                        @for name in &names.sign_ins {
                            option value=(name) selected[*name == draft.sign_in] { "Signing in at " (name) }
                        }
                    }
                }))
                (field(shown, "provider", "What is dialled with where a click names nothing else.", &html! {
                    select #provider name="provider" aria-describedby="provider-hint" aria-invalid=[invalid(shown, "provider")] {
                        option value="" selected[draft.provider.is_empty()] { "Each agent's first identity" }
                        @for name in &names.providers {
                            option value=(name) selected[*name == draft.provider] { (name) }
                        }
                    }
                }))
                div.pair {
                    (field(shown, "region", &format!("Two capitals, as DE; empty for {}.", names.region), &html! {
                        input #region name="region" value=(draft.region) maxlength="2" size="4" autocomplete="off"
                            aria-describedby="region-hint" aria-invalid=[invalid(shown, "region")];
                    }))
                    (field(shown, "system", &format!("What records call the CRM; empty for {}.", draft.kind.system().unwrap_or("what the page says")), &html! {
                        input #system name="system" value=(draft.system) maxlength="64" autocomplete="off"
                            aria-describedby="system-hint" aria-invalid=[invalid(shown, "system")];
                    }))
                }
            }
            section aria-label="What goes along" {
                h2 { "What is dialled, and what goes along" }
                p.quiet { "For each object type of the CRM: the fields that may hold the number, and what the platform and its agents are told with the call." }
                @for (place, one) in types.enumerate() { (object_type(shown, place, one)) }
                button #more name="do" value="add" formaction={ (shown.action) "#more" } { "Another object type" }
            }
            (credential::section(shown))
            section #try aria-label="Try it" {
                h2 { "Try it with a record" }
                (field(shown, "sample_type", "One of the object types above.", &html! {
                    input #sample_type name="sample_type" value=(shown.sample.kind) autocomplete="off" spellcheck="false"
                        aria-describedby="sample_type-hint" aria-invalid=[invalid(shown, "sample_type")];
                }))
                (field(shown, "sample", "The fields as the CRM gives them, JSON. A field of another record, as Account.Name, is one name.", &html! {
                    textarea.code #sample name="sample" rows="7" spellcheck="false"
                        aria-describedby="sample-hint" aria-invalid=[invalid(shown, "sample")] { (shown.sample.fields) }
                }))
                button name="do" value="preview" formaction={ (shown.action) "#try" } { "Show what becomes of it" }
                @if let Some(preview) = shown.preview { (preview::show(preview)) }
            }
            div.end {
                button.main name="do" value="save" { "Save" }
                a href="/admin/hosts" { "Leave it as it is" }
            }
        }
    }
}

fn object_type(shown: &Shown<'_>, place: usize, draft: &TypeDraft) -> Markup {
    let name = |part: &str| format!("{part}.{place}");
    let (kind, number, payload) = (name("type"), name("number"), name("payload"));
    html! {
        fieldset.object {
            legend { @if draft.kind.is_empty() { "An object type" } @else { (draft.kind) } }
            (field(shown, &kind, "The CRM's name, as Contact. Empty it to take the type out.", &html! {
                input id=(kind) name=(kind) value=(draft.kind) maxlength="120" autocomplete="off" spellcheck="false"
                    aria-describedby=(format!("{kind}-hint")) aria-invalid=[invalid(shown, &kind)];
            }))
            (field(shown, &number, "In order, with commas: the first that is filled is dialled. Empty where the CRM says which number was clicked.", &html! {
                input id=(number) name=(number) value=(draft.number) maxlength="1000" autocomplete="off" spellcheck="false"
                    aria-describedby=(format!("{number}-hint")) aria-invalid=[invalid(shown, &number)];
            }))
            (field(shown, &payload, "A line each: the name it travels under, = and the field, as company = Company.", &html! {
                textarea.code id=(payload) name=(payload) rows="4" spellcheck="false"
                    aria-describedby=(format!("{payload}-hint")) aria-invalid=[invalid(shown, &payload)] { (draft.payload) }
            }))
        }
    }
}

/// A field with its name, what to write into it, and what is wrong with it.
pub fn field(shown: &Shown<'_>, name: &str, hint: &str, control: &Markup) -> Markup {
    let wrong = shown.wrong.filter(|wrong| wrong.field == name);
    html! {
        div.field {
            label for=(name) { (label(name)) }
            (control)
            p.quiet id=(format!("{name}-hint")) {
                @if let Some(wrong) = wrong { span.bad { (wrong.problem) ". " (wrong.remedy) } " " }
                (hint)
            }
        }
    }
}

/// Whether this field is what is wrong.
pub fn invalid(shown: &Shown<'_>, name: &str) -> Option<&'static str> {
    let wrong = shown.wrong.is_some_and(|wrong| wrong.field == name);
    wrong.then_some("true")
}

fn label(name: &str) -> &str {
    match name {
        "records.token" => return "Service key",
        "records.url" => return "Address of HubSpot's API",
        "records.domain" => return "The org's address",
        "records.client_id" => return "Consumer key",
        "records.client_secret" => return "Consumer secret",
        _ => {}
    }
    match name.split_once('.').map_or(name, |(part, _)| part) {
        "records" => "The record’s fields",
        "name" => "Name",
        "origins" => "Origins",
        "sign_in" => "Who says who the agent is",
        "provider" => "Platform",
        "region" => "Country",
        "system" => "System",
        "type" => "Object type",
        "number" => "Fields with the number",
        "payload" => "Goes along",
        "sample_type" => "Object type of the record",
        "sample" => "Fields of the record",
        _ => name,
    }
}
