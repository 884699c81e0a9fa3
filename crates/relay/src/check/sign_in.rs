//! Whether agents who sign in at a platform come back, and whether single sign-on leads somewhere.

use super::Finding;
use super::accounts::explain;
use crate::config::{RETURN, SignIn};
use crate::relay::Relay;
use crate::sign_in::single_sign_on::{self, Nowhere};

/// Each account where agents sign in. A platform with single sign-on is asked where the tenant's people go; nobody is
/// sent there.
pub async fn sign_ins(relay: &Relay) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, rules) in &relay.config.sign_ins {
        let subject = format!("account {name}, sign_in");
        findings.push(Finding::new(subject, comes_back(relay, rules)));
        if let Some(tenant) = rules.ways.tenant() {
            let result = leads(relay, name, rules, tenant).await;
            findings.push(Finding::new(format!("account {name}, sso_tenant"), result));
        }
    }
    findings
}

/// The attempt is in a cookie of the address where it began: a browser that comes back to another has it not.
fn comes_back(relay: &Relay, rules: &SignIn) -> Result<String, String> {
    let Some(own) = relay.config.public_origin.as_deref() else {
        return Ok(format!("comes back to {}", rules.redirect_uri));
    };
    let expected = format!("{own}{RETURN}");
    if rules.redirect_uri == expected {
        return Ok(format!("comes back to {expected}"));
    }
    Err(format!(
        "comes back to {}, and browsers reach this relay at {own}: write {expected}, or set `public_origin`",
        rules.redirect_uri
    ))
}

async fn leads(relay: &Relay, name: &str, rules: &SignIn, tenant: &str) -> Result<String, String> {
    let why = match single_sign_on::leads_to(relay, name, rules, tenant).await {
        Ok(host) => return Ok(format!("leads to {host}")),
        Err(Nowhere::Unsafe) => "it names no https address with a `state` that protects".to_owned(),
        Err(Nowhere::Unsaid(because)) => because
            .as_ref()
            .map_or_else(|| "no answer".to_owned(), explain),
    };
    Err(format!(
        "leads nowhere ({why}); compare `sso_tenant` and `agent_api`"
    ))
}
