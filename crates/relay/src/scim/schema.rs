//! What this relay's SCIM has (RFC 7643, 5 to 7; RFC 7644, 4): its schemas, resources and abilities, as documents.

use axum::http::HeaderValue;
use serde_json::{Value, json};

/// The content type of every document.
pub const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/scim+json");
/// People.
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// Groups of people.
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// Who a person is at the telephony platform. Its name has the one form that Entra ID takes for an extension.
pub const AGENT: &str = "urn:ietf:params:scim:schemas:extension:patchcord:2.0:User";
/// A change of some attributes.
pub const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// A list.
pub const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// A refusal.
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// The most resources of one page of a list.
pub const MOST: i64 = 200;

/// `ServiceProviderConfig`
pub fn service_provider(base: &str) -> Value {
    let no = json!({ "supported": false });
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": MOST },
        "changePassword": no, "sort": no,
        "etag": { "supported": true },
        "authenticationSchemes": [{
            "type": "oauthbearertoken", "name": "Bearer token",
            "description": "The token of the [[scim]] in the relay's configuration.", "primary": true,
        }],
        "meta": { "resourceType": "ServiceProviderConfig", "location": format!("{base}/ServiceProviderConfig") },
    })
}

/// The resources of `ResourceTypes`, by their ids.
pub fn resource_types(base: &str) -> Vec<(&'static str, Value)> {
    let one = |name: &'static str, path: &str, schema: &str, extensions: Value| {
        let document = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": name, "name": name, "endpoint": path, "schema": schema,
            "schemaExtensions": extensions,
            "meta": { "resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{name}") },
        });
        (name, document)
    };
    let agent = json!([{ "schema": AGENT, "required": false }]);
    vec![
        one("User", "/Users", USER, agent),
        one("Group", "/Groups", GROUP, json!([])),
    ]
}

/// An attribute's description.
struct Attribute {
    name: &'static str,
    kind: &'static str,
    text: &'static str,
    required: Required,
    uniqueness: &'static str,
    mutability: &'static str,
    exact: Exact,
}

/// Whether an attribute has to be there.
#[derive(PartialEq)]
enum Required {
    Yes,
    No,
}

/// Whether its case counts.
#[derive(PartialEq)]
enum Exact {
    Yes,
    No,
}

impl Attribute {
    const fn text(name: &'static str, text: &'static str) -> Self {
        Self {
            name,
            kind: "string",
            text,
            required: Required::No,
            uniqueness: "none",
            mutability: "readWrite",
            exact: Exact::No,
        }
    }

    fn document(&self) -> Value {
        json!({
            "name": self.name, "type": self.kind, "multiValued": false, "description": self.text,
            "required": self.required == Required::Yes, "caseExact": self.exact == Exact::Yes,
            "mutability": self.mutability, "returned": "default", "uniqueness": self.uniqueness,
        })
    }
}

/// The schemas of `Schemas`, by their ids.
pub fn schemas(base: &str) -> Vec<(&'static str, Value)> {
    let one = |id: &'static str, name: &str, text: &str, attributes: Vec<Value>| {
        let document = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
            "id": id, "name": name, "description": text, "attributes": attributes,
            "meta": { "resourceType": "Schema", "location": format!("{base}/Schemas/{id}") },
        });
        (id, document)
    };
    let external_id = || {
        let text = "The identity provider's own id.";
        let attribute = Attribute::text("externalId", text);
        let exact = Exact::Yes;
        Attribute { exact, ..attribute }.document()
    };
    let named = |name, text, uniqueness| {
        let required = Required::Yes;
        Attribute {
            required,
            uniqueness,
            ..Attribute::text(name, text)
        }
        .document()
    };
    let mut name = Attribute {
        kind: "complex",
        ..Attribute::text("name", "Shown where there is no displayName.")
    }
    .document();
    let mut members = Attribute {
        kind: "complex",
        ..Attribute::text("members", "People of the same organisation.")
    }
    .document();
    if let (Some(name), Some(members)) = (name.as_object_mut(), members.as_object_mut()) {
        let parts = ["givenName", "familyName"].map(|part| Attribute::text(part, "").document());
        name.insert("subAttributes".to_owned(), json!(parts));
        members.insert("multiValued".to_owned(), true.into());
        let parts = [named("value", "The `id` of a User.", "none")];
        members.insert("subAttributes".to_owned(), json!(parts));
    }
    let active = Attribute {
        kind: "boolean",
        ..Attribute::text("active", "Who is not active is signed out at once.")
    };
    let state = Attribute {
        mutability: "readOnly",
        ..Attribute::text(
            "state",
            "Whether provisioning lets them sign in, or why not.",
        )
    };
    let agent = Attribute {
        exact: Exact::Yes,
        ..Attribute::text("agent", "The platform's id of the agent.")
    };
    vec![
        one(
            USER,
            "User",
            "Somebody who may dial.",
            vec![
                named("userName", "The name to sign in with.", "server"),
                external_id(),
                Attribute::text("displayName", "What they are called.").document(),
                name,
                active.document(),
            ],
        ),
        one(
            GROUP,
            "Group",
            "People, and what they may do by the configuration.",
            vec![
                named("displayName", "The name in the configuration.", "server"),
                external_id(),
                members,
            ],
        ),
        one(
            AGENT,
            "Agent",
            "Who somebody is at the telephony platform.",
            vec![agent.document(), state.document()],
        ),
    ]
}
