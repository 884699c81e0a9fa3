//! Salesforce: one row by its query language, `GET /services/data/v66.0/query?q=SELECT …`, with a token by OAuth 2.0's
//! client credentials, as which a user of the org runs (`POST /services/oauth2/token`).
//!
//! The query and not the record's own address, because only it has fields of a parent, as `Account.Name`. Nothing of a
//! request is in the query but names of the mapping and an id that have been checked: letters, digits, `_` and dots.
//!
//! Salesforce's values keep their kinds: a compound field, as `MailingAddress`, is an object. The token is kept until
//! Salesforce refuses it, then another one is asked for, once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use patchcord_core::http::{Request, percent_encode};
use patchcord_core::secret::Secret;
use serde_json::Value;

use super::unread::json;
use super::{Asked, Found, LIMIT, Unread};
use crate::config::address;
use crate::outbound::Outbound;
use crate::random::{self, Hash};

const CRM: &str = "Salesforce";
/// Spring '26; Salesforce keeps a version for three years and more.
const VERSION: &str = "v66.0";
/// Well formed, and no object's.
pub const NO_ONES_ID: &str = "000000000000000AAA";
/// The most parents between a record and a field (Salesforce's own limit).
const MOST_PARENTS: usize = 5;

/// An org of Salesforce's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salesforce {
    /// The org's own address (My Domain), without a slash at the end.
    pub domain: String,
    /// The consumer key of the external client app.
    pub client_id: String,
    /// The consumer secret.
    pub client_secret: Secret,
}

/// A name of an object or a field, as `Plan__c`.
pub fn is_name(name: &str) -> bool {
    (1..=120).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A field's name, or that of a parent's field, as `Account.Owner.Name`.
pub fn is_path(path: &str) -> bool {
    path.split('.').count() <= MOST_PARENTS + 1 && path.split('.').all(is_name)
}

/// An id of 15 or 18 characters.
pub fn is_id(id: &str) -> bool {
    matches!(id.len(), 15 | 18) && id.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// A token, and where it is good.
#[derive(Debug, Clone)]
struct Token {
    access: Secret,
    instance: String,
}

/// The tokens that this relay has.
#[derive(Debug, Default)]
pub struct Tokens(Mutex<BTreeMap<Hash, Token>>);

impl Tokens {
    fn get(&self, key: &Hash) -> Option<Token> {
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.get(key).cloned()
    }

    fn put(&self, key: Hash, token: Token) {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.insert(key, token);
    }
}

/// Why a query has no rows.
enum Missed {
    /// The token is not good any more.
    Token(Unread),
    /// Another token changes nothing.
    Other(Unread),
}

impl Salesforce {
    pub(super) async fn read(
        &self,
        outbound: &Outbound,
        tokens: &Tokens,
        asked: &Asked<'_>,
    ) -> Result<Found, Unread> {
        let fields = &asked.fields;
        let select = select(asked.kind, asked.id, fields);
        let key = self.key();
        let at_hand = match tokens.get(&key) {
            Some(token) => Some(query(outbound, &token, &select).await),
            None => None,
        };
        let read = match at_hand {
            None | Some(Err(Missed::Token(_))) => {
                self.with_another(outbound, tokens, key, &select).await
            }
            Some(read) => read,
        };
        let row = match read {
            Ok(row) => row.ok_or(Unread::NotFound(CRM))?,
            Err(Missed::Token(unread) | Missed::Other(unread)) => return Err(unread),
        };
        Ok(Found {
            name: None,
            fields: fields
                .iter()
                .filter_map(|path| Some(((*path).to_owned(), value(&row, path)?)))
                .collect(),
        })
    }

    /// Under which its token is kept: another secret has another one.
    fn key(&self) -> Hash {
        let parts = [&self.domain, &self.client_id, self.client_secret.expose()];
        random::hash(parts.join("\n").as_bytes())
    }

    async fn with_another(
        &self,
        outbound: &Outbound,
        tokens: &Tokens,
        key: Hash,
        select: &str,
    ) -> Result<Option<Value>, Missed> {
        let token = self.grant(outbound).await.map_err(Missed::Other)?;
        tokens.put(key, token.clone());
        query(outbound, &token, select).await
    }

    async fn grant(&self, outbound: &Outbound) -> Result<Token, Unread> {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &self.client_id),
            ("client_secret", self.client_secret.expose()),
        ];
        let request = Request::form(format!("{}/services/oauth2/token", self.domain), &form);
        let (status, body) = json(CRM, outbound.send(request, LIMIT).await)?;
        let word = |key| body.get(key).and_then(Value::as_str);
        if status != 200 {
            let (code, message) = (word("error"), word("error_description"));
            let (code, message) = (code.unwrap_or_default(), message.unwrap_or_default());
            // OAuth says 400; for whoever set this up it is the credential.
            let status = if status == 400 { 401 } else { status };
            return Err(Unread::refused(CRM, status, code, message));
        }
        let unreadable = Unread::Unreadable(CRM);
        let access = word("access_token").filter(|token| is_token(token));
        let access = access.ok_or_else(|| unreadable.clone())?;
        let instance = match word("instance_url") {
            None => self.domain.clone(),
            // Where the token goes has to be as safe as where it comes from.
            Some(text) => address::https(text)
                .map(|url| url.origin().ascii_serialization())
                .ok_or(unreadable)?,
        };
        Ok(Token {
            access: Secret::new(access),
            instance,
        })
    }
}

/// It stands in a header.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())
}

fn select(kind: &str, id: &str, fields: &BTreeSet<&str>) -> String {
    // Salesforce reads names without regard to capitals, and refuses one that is there twice.
    let mut names: Vec<&str> = Vec::new();
    for field in fields {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(field)) {
            names.push(field);
        }
    }
    format!(
        "SELECT {} FROM {kind} WHERE Id = '{id}' LIMIT 1",
        names.join(",")
    )
}

/// The row, if there is one.
async fn query(outbound: &Outbound, token: &Token, select: &str) -> Result<Option<Value>, Missed> {
    let url = format!(
        "{}/services/data/{VERSION}/query?q={}",
        token.instance,
        percent_encode(select)
    );
    let request = Request::get(url).with_bearer(&token.access);
    let reply = outbound.send(request, LIMIT).await;
    let (status, body) = json(CRM, reply).map_err(Missed::Other)?;
    if status != 200 {
        let first = body.get(0);
        let word = |key| first.and_then(|first| first.get(key)?.as_str());
        let (code, message) = (word("errorCode"), word("message"));
        let (code, message) = (code.unwrap_or_default(), message.unwrap_or_default());
        let unread = Unread::refused(CRM, status, code, message);
        return Err(match status {
            401 => Missed::Token(unread),
            _ => Missed::Other(unread),
        });
    }
    let rows = body.get("records").and_then(Value::as_array);
    let rows = rows.ok_or(Missed::Other(Unread::Unreadable(CRM)))?;
    Ok(rows.first().cloned())
}

/// The value at a path of names, capitals or not. Of a parent that is not there it is null, as the parent is.
fn value(row: &Value, path: &str) -> Option<Value> {
    let mut here = row;
    for name in path.split('.') {
        if here.is_null() {
            break;
        }
        let mut members = here.as_object()?.iter();
        let (_, inner) = members.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        here = inner;
    }
    Some(here.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_gets_into_a_query_but_names_and_an_id() {
        assert!(is_name("Contact") && is_name("Plan__c"));
        assert!(is_path("Account.Owner.Name") && is_path("MailingAddress"));
        assert!(is_id("0037S000004TqQX") && is_id("0037S000004TqQXQA0") && is_id(NO_ONES_ID));
        for bad in [
            "",
            "1a",
            "a-b",
            "a b",
            "a'",
            "Name FROM User",
            "(SELECT Id FROM Cases)",
            "é",
        ] {
            assert!(!is_name(bad) && !is_path(bad), "{bad}");
        }
        for bad in ["a.", ".a", "a..b", "a.b.c.d.e.f.g"] {
            assert!(!is_path(bad), "{bad}");
        }
        for bad in [
            "",
            "003",
            "0037S000004TqQ'",
            "0037S000004TqQX'; ",
            "0037S000004TqQXQA",
        ] {
            assert!(!is_id(bad), "{bad}");
        }
        let fields = BTreeSet::from(["Name", "NAME", "Account.Name"]);
        assert_eq!(
            select("Contact", "0037S000004TqQX", &fields),
            "SELECT Account.Name,NAME FROM Contact WHERE Id = '0037S000004TqQX' LIMIT 1"
        );
    }

    #[test]
    fn values_are_found_by_their_path_and_keep_their_kinds() {
        let row = json!({
            "Name": "Ada", "Score__c": 42.5, "MailingAddress": { "city": "Berlin", "state": null },
            "Account": { "Name": "Harbour", "Owner": null },
        });
        assert_eq!(value(&row, "name"), Some(json!("Ada")));
        assert_eq!(value(&row, "Score__c"), Some(json!(42.5)));
        assert_eq!(
            value(&row, "MailingAddress"),
            Some(json!({ "city": "Berlin", "state": null }))
        );
        assert_eq!(value(&row, "account.name"), Some(json!("Harbour")));
        assert_eq!(value(&row, "Account.Owner.Name"), Some(Value::Null));
        assert_eq!(value(&row, "Plan__c"), None);
    }

    #[test]
    fn another_secret_is_another_token() {
        let org = |secret: &str| Salesforce {
            domain: "https://acme.my.salesforce.com".to_owned(),
            client_id: "3MVG9".to_owned(),
            client_secret: Secret::new(secret),
        };
        assert_ne!(org("a").key(), org("b").key());
        assert!(!format!("{:?}", org("canary")).contains("canary"));
    }
}
