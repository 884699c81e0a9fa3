//! The text of a new configuration.

use toml::Value;

use super::{ADMIN, Account, Answers, ENCRYPTION, ISSUER_PUBLIC, PASSWORD};
use crate::config::RETURN;

/// A commented file: closed by default, quiet hours and proof of work on.
pub fn config(answers: &Answers, kid: &str, site_key: &str) -> String {
    let Answers {
        origin,
        region,
        account,
        crm,
        org,
        site,
    } = answers;
    let (origin, region, crm, org) = (text(origin), text(region), text(crm), text(org));
    let at = |path: &str| text(&format!("{}{path}", answers.origin));
    let scim = at("/scim/v2");
    let (sign_in, look_up) = optional_of(account, &at(RETURN), &org);
    let (kid, account) = (text(kid), account_of(account));
    let mut config = format!(
        r#"# A Patchcord relay. docs/configuration.md explains every key; `patchcord-relay check` tries this file out.
# A secret can be text, {{ file = "name" }} or {{ env = "NAME" }}.

# Where it listens. Put a proxy with TLS in front of it, or see `tls` in docs/configuration.md.
listen = "127.0.0.1:4100"
# An SQLite file for one relay; "postgres://…" for several.
database = "relay.db"
# What an assertion must name in `aud`: the relay's public address.
audience = {origin}
# The built widget (dist/web), to be served by this relay:
# web = "web"

# Closed by default: ordinary fixed and mobile numbers of these countries, nothing else.
region = {region}
countries = [{region}]
# Nobody is called back at these times, by the clock where the number is.
quiet_hours = {{ from = "20:00", to = "08:00", days = ["sunday"] }}
# Your own proxies, which say who asks in X-Forwarded-For; without them all visitors would count as one.
trusted_proxies = ["127.0.0.1", "::1"]
# At most so many callbacks a day for each publishable key, and callbacks and dials in all.
limits = {{ key_per_day = 500, relay_per_day = 10000 }}
# The pages that agents work in.
agent_origins = [{crm}]

# Days that personal data is kept.
[retention]
requests = 30
consent = 1827
audit = 365

# What seals tokens in the database.
[[encryption_key]]
id = "first"
key = {{ file = "{ENCRYPTION}" }}

# Numbers for Prometheus, on an address of their own:
# [metrics]
# listen = "127.0.0.1:4109"

# The pages for operators, under /admin.
[admin]
origin = {origin}
people = [
    {{ name = "operator", token = {{ file = "{ADMIN}" }} }},
    # Somebody who sees the statistics and nothing else (`umask 077; openssl rand -base64 32 > supervisor.token`):
    # {{ name = "supervisor", token = {{ file = "supervisor.token" }}, role = "supervisor" }},
]

# The platform.
[[account]]
name = "main"
{account}{sign_in}
# Who vouches for agents: the CRM's backend signs with issuer.pem, and names this `kid`.
[[issuer]]
iss = {crm}
org = {org}
kid = {kid}
algorithm = "ES256"
public_key = {{ file = "{ISSUER_PUBLIC}" }}

# Who an agent of the CRM is at the platform. One entry for each:
# [[agent]]
# org = {org}
# sub = "the CRM's id of the person"
# identities = [{{ account = "main", agent = "the platform's id of the person" }}]
# caller_ids = ["+49…"]

# An identity provider (Entra ID, Okta) that says who may dial, at {scim}: docs/provisioning.md. Its
# token: `umask 077; openssl rand -base64 32 > scim.token`. Take `others` out when it has sent everybody: then nobody
# else may.
# [[scim]]
# org = {org}
# token = {{ file = "scim.token" }}
# account = "main"
# others = "allowed"
{look_up}# groups = [{{ name = "Supervisors", may = ["supervisor"] }}]
"#
    );
    if let Some(site) = site {
        config.push_str(&format!(
            r#"
# The website that takes callbacks. The key is public and stands in the page.
[[key]]
key = "{site_key}"
origins = [{site}]
topics = ["callback"]
consent = {{ version = "1", text = "You may call me on this number about my request." }}
# Some work for the visitor's browser, and a field that people do not see.
proof = {{ max = 50000, min_fill = 2 }}
honeypot = "homepage"
fields = [{{ name = "name", label = "Your name", required = true, max = 80 }}]

[[topic]]
topic = "callback"
label = "Callback"
account = "main"
{target}"#,
            site = text(site),
            target = target_of(&answers.account),
        ));
    }
    config
}

fn account_of(account: &Account) -> String {
    match account {
        Account::Samespace {
            cluster_id,
            cloud_id,
            ..
        } => format!(
            "provider = \"samespace\"\ncluster_id = {}\ncloud_id = {}\n",
            text(cluster_id),
            text(cloud_id)
        ),
        Account::Babelforce {
            environment,
            username,
            ..
        } => format!(
            "provider = \"babelforce\"\nenvironment = {}\ngrant = {{ type = \"password\", username = {}, password = {{ file = \"{PASSWORD}\" }} }}\n",
            text(environment),
            text(username)
        ),
    }
}

/// What only some platforms have, as comments: that agents sign in there, and that it knows the CRM's ids.
fn optional_of(account: &Account, back: &str, org: &str) -> (String, &'static str) {
    match account {
        Account::Samespace { .. } => (String::new(), ""),
        Account::Babelforce { .. } => (
            format!(
                "# Agents without a CRM sign in at babelforce; the client is registered there, with this address:\n\
                 # sign_in = {{ client_id = \"the client\", redirect_uri = {back}, org = {org} }}\n"
            ),
            "# Who they are is asked of babelforce, which has the CRM's id as `sourceId`; without this the identity provider\n\
             # has to send the attribute `agent`.\n\
             # look_up = \"source_id\"\n",
        ),
    }
}

fn target_of(account: &Account) -> String {
    match account {
        Account::Samespace { cloud_id, team, .. } => {
            format!(
                "space_id = {}\nteam_name = {}\n",
                text(cloud_id),
                text(team)
            )
        }
        Account::Babelforce { queue_id, .. } => format!("queue_id = {}\n", text(queue_id)),
    }
}

/// Quoted, whatever is in it.
fn text(value: &str) -> String {
    Value::String(value.to_owned()).to_string()
}
