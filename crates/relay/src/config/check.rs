//! What the types of the file cannot say: references, limits, keys that verify.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use patchcord_core::capability::Capability;
use patchcord_core::number::PhoneNumber;
use patchcord_core::provider;
use patchcord_core::secret::Secret;
use patchcord_phone::Region;

use super::{
    AccountConfig, Agent, AgentId, AgentIds, AtRest, CallbackPolicy, Config, ConfigError, Identity,
    SiteKey, Target, Topic, address, admin, agent_api, data_region, encryption, fields, hosts,
    hours, issuers, limits, metrics, notify, proof, raw, retention, rotation, scim, sign_in, tls,
};
use crate::hours::Hours;
use crate::policy::number::{NotAPrefix, NumberRules, Prefix};

use crate::store::Database;
use crate::store::run::Liveness;

/// The most callbacks that one relay hands over at the same time.
const MOST_AT_ONCE: u16 = 1000;

/// Checks the file as a whole; relative paths are relative to `base`.
pub fn check(file: raw::File, base: &Path) -> Result<Config, ConfigError> {
    let listen = file.listen.parse().map_err(|_| {
        ConfigError::new(
            "listen",
            format!("`{}` is no address", file.listen),
            "Write an IP address and a port, as 127.0.0.1:4100.",
        )
    })?;
    if file.audience.is_empty() {
        return Err(ConfigError::new(
            "audience",
            "it is empty",
            "Write the relay's public address, as https://relay.example.",
        ));
    }
    let numbers = NumberRules {
        countries: countries(&file.countries)?,
        refuse_prefixes: prefixes(&file.refuse_prefixes)?,
    };
    let region = region("region", &file.region)?;
    let account_per_day = account_limits(&file.account)?;
    let accounts = accounts(file.account)?;
    let limits = limits::limits(file.limits)?;
    let hours = hours::all(file.hours)?;
    let topics = topics(file.topic, &accounts, &hours)?;
    data_region::check(&file.key, file.data_region.as_deref(), &topics, &accounts)?;
    let public_origin = public_origin(file.public_origin, &file.audience)?;
    let host_names = hosts::Names::of(&accounts, &region);
    Ok(Config {
        hash: String::new(),
        at_rest: AtRest::default(),
        listen,
        tls: tls::tls(file.tls, base),
        connections: tls::connections(file.connections)?,
        database: database(&file.database, base),
        liveness: Liveness {
            dead_after: Duration::from_secs(file.dead_after.into()),
        },
        audience: file.audience,
        web: file.web.map(|web| base.join(web)),
        policy: file.policy,
        proxies: limits::proxies(&file.trusted_proxies, file.forwarded_header)?,
        limits,
        account_per_day,
        numbers,
        quiet_hours: file.quiet_hours.as_ref().map(hours::quiet).transpose()?,
        duplicate_window: Duration::from_secs(file.duplicate_window.into()),
        callbacks: CallbackPolicy {
            attempts: file.callbacks.attempts.max(1),
            backoff: Duration::from_secs(file.callbacks.backoff.into()),
            at_once: file.callbacks.at_once.clamp(1, MOST_AT_ONCE),
            overdue: Duration::from_secs(60 * u64::from(file.callbacks.overdue.max(1))),
        },
        agent_origins: origins("agent_origins", &file.agent_origins)?,
        hosts: hosts::hosts(file.host, &host_names, public_origin.as_deref())?,
        host_names,
        public_origin,
        admin: admin::admin(file.admin)?,
        encryption_keys: encryption::keys(file.encryption_key)?,
        webhooks: notify::webhooks(file.webhook)?,
        mail: notify::mail(file.mail)?,
        metrics: metrics::metrics(file.metrics)?,
        retention: retention::retention(&file.retention)?,
        issuers: issuers::issuers(file.issuer, base)?,
        agents: agents(file.agent, &accounts)?,
        directories: scim::directories(file.scim, &accounts)?,
        keys: keys(file.key, &topics, &region, limits.key_per_day)?,
        region,
        agent_ids: AgentIds::of(&accounts),
        sign_ins: accounts
            .iter()
            .filter_map(|(name, account)| Some((name.clone(), account.sign_in.clone()?)))
            .collect(),
        accounts,
        topics,
    })
}

/// Where browsers reach the relay: the audience, where nothing else is said and it is an origin.
fn public_origin(written: Option<String>, audience: &str) -> Result<Option<String>, ConfigError> {
    match written {
        Some(text) => origin("public_origin", &text).map(|()| Some(text)),
        None => Ok(origin("audience", audience)
            .is_ok()
            .then(|| audience.to_owned())),
    }
}

/// A file, unless it is the address of a PostgreSQL server.
fn database(text: &Secret, base: &Path) -> Database {
    let address = text.expose();
    if address.starts_with("postgres://") || address.starts_with("postgresql://") {
        Database::Postgres(text.clone())
    } else {
        Database::Sqlite(base.join(address))
    }
}

fn countries(codes: &[String]) -> Result<BTreeSet<Region>, ConfigError> {
    let mut countries = BTreeSet::new();
    for (place, code) in codes.iter().enumerate() {
        let path = format!("countries[{place}]");
        countries.insert(parse_region(code, &path)?);
    }
    if countries.is_empty() {
        return Err(ConfigError::new(
            "countries",
            "it is empty, so nothing could be dialled",
            "List the countries to dial, as [\"DE\"].",
        ));
    }
    Ok(countries)
}

/// What accounts say about their daily caps.
fn account_limits(list: &[raw::Account]) -> Result<BTreeMap<String, u32>, ConfigError> {
    let mut caps = BTreeMap::new();
    for (place, account) in list.iter().enumerate() {
        if let Some(most) = account.per_day {
            let path = format!("account[{place}].per_day");
            caps.insert(account.name.clone(), limits::per_day(&path, most)?);
        }
    }
    Ok(caps)
}

fn prefixes(texts: &[String]) -> Result<Vec<Prefix>, ConfigError> {
    let mut prefixes = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        let prefix = text.parse().map_err(|error: NotAPrefix| {
            ConfigError::new(
                format!("refuse_prefixes[{place}]"),
                error.to_string(),
                "Write + and the first digits, the country code first: +4915.",
            )
        })?;
        prefixes.push(prefix);
    }
    Ok(prefixes)
}

/// A country code with numbers behind it.
pub fn region(path: &str, code: &str) -> Result<String, ConfigError> {
    parse_region(code, path)?;
    Ok(code.to_owned())
}

fn parse_region(code: &str, path: &str) -> Result<Region, ConfigError> {
    code.parse().map_err(|_| {
        ConfigError::new(
            path,
            format!("`{code}` is no country"),
            "Write two capitals (ISO 3166-1), as DE.",
        )
    })
}

fn origins(path: &str, texts: &[String]) -> Result<BTreeSet<String>, ConfigError> {
    for (place, text) in texts.iter().enumerate() {
        origin(&format!("{path}[{place}]"), text)?;
    }
    Ok(texts.iter().cloned().collect())
}

/// An origin exactly as browsers send it: a stray slash would silently lock a page out.
pub fn origin(path: &str, text: &str) -> Result<(), ConfigError> {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let usual_port = if text.starts_with("https://") {
        ":443"
    } else {
        ":80"
    };
    let exact = host.is_some_and(|host| {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-:[]".contains(&b);
        !host.is_empty() && host.bytes().all(allowed) && !host.ends_with(usual_port)
    });
    if exact {
        return Ok(());
    }
    Err(ConfigError::new(
        path,
        format!("`{text}` is no origin"),
        "Write scheme and host in lower case, a port only where it is not the usual one, and no path: https://crm.example.",
    ))
}

fn accounts(list: Vec<raw::Account>) -> Result<BTreeMap<String, AccountConfig>, ConfigError> {
    let mut accounts = BTreeMap::new();
    for (place, account) in list.into_iter().enumerate() {
        let path = format!("account[{place}]");
        if !(1..=300).contains(&account.timeout) {
            return Err(ConfigError::new(
                format!("{path}.timeout"),
                "it is not between 1 and 300",
                "Write seconds, as 10.",
            ));
        }
        let settings = serde_json::to_value(&account.settings).map_err(|_| {
            ConfigError::new(
                &path,
                "it has a value that JSON does not have",
                "Use text, numbers, booleans and lists.",
            )
        })?;
        let provider = provider::configure(&account.provider, settings).map_err(|error| {
            of_provider(
                &path,
                &error,
                "Correct the account; docs/configuration.md lists the keys of each provider.",
            )
        })?;
        let timeout = Duration::from_secs(account.timeout.into());
        if account.auth_token.is_some() && !provider.can(Capability::RotateToken) {
            return Err(ConfigError::new(
                format!("{path}.auth_token"),
                format!("{} has no such token", provider.name()),
                "Leave it out.",
            ));
        }
        let auth_token = account.auth_token;
        let rotate_every = rotation::every(&path, account.rotate_every, auth_token.as_ref())?;
        if provider.can(Capability::Campaign) && auth_token.is_none() {
            return Err(ConfigError::new(
                format!("{path}.campaign"),
                "the account has no `auth_token`, which numbers are added with",
                "Configure the token that the platform shows.",
            ));
        }
        let address = account.agent_api;
        let at = address.as_deref();
        let sign_in = sign_in::sign_in(&path, provider.as_ref(), account.sign_in, at)?;
        let agent_api = agent_api::agent_api(&path, provider.as_ref(), address, sign_in.as_ref())?;
        let entry = AccountConfig {
            provider: provider.into(),
            timeout,
            data_region: account.data_region,
            auth_token,
            rotate_every,
            sign_in,
            agent_api,
        };
        if accounts.insert(account.name.clone(), entry).is_some() {
            return Err(twice(&format!("{path}.name"), &account.name));
        }
    }
    if accounts.is_empty() {
        return Err(ConfigError::new(
            "account",
            "there is none",
            "Add an [[account]] with its provider: samespace, babelforce or webhook.",
        ));
    }
    Ok(accounts)
}

fn agents(
    list: Vec<raw::Agent>,
    accounts: &BTreeMap<String, AccountConfig>,
) -> Result<BTreeMap<AgentId, Vec<Arc<Agent>>>, ConfigError> {
    let mut agents: BTreeMap<AgentId, Vec<Arc<Agent>>> = BTreeMap::new();
    for (place, agent) in list.into_iter().enumerate() {
        let path = format!("agent[{place}]");
        if agent.identities.is_empty() {
            return Err(ConfigError::new(
                format!("{path}.identities"),
                "it is empty",
                "Say who the agent is at an account.",
            ));
        }
        for (nth, identity) in agent.identities.iter().enumerate() {
            let path = format!("{path}.identities[{nth}]");
            let account = known(&format!("{path}.account"), &identity.account, accounts)?;
            account
                .provider
                .check_agent(&identity.agent)
                .map_err(|error| {
                    ConfigError::new(
                        format!("{path}.agent"),
                        error.to_string(),
                        "Write the agent's id as the provider has it.",
                    )
                })?;
        }
        let mut caller_ids = Vec::new();
        for (nth, text) in agent.caller_ids.iter().enumerate() {
            caller_ids.push(text.parse::<PhoneNumber>().map_err(|error| {
                ConfigError::new(
                    format!("{path}.caller_ids[{nth}]"),
                    error.to_string(),
                    "Write it in E.164 form.",
                )
            })?);
        }
        let team = agent.team.as_deref().map(str::trim);
        if team.is_some_and(str::is_empty) {
            return Err(ConfigError::new(
                format!("{path}.team"),
                "it is empty",
                "Write the team's name, or leave it out.",
            ));
        }
        let team = team.map(str::to_owned);
        let id = AgentId {
            org: agent.org,
            sub: agent.sub,
        };
        let identities = agent
            .identities
            .into_iter()
            .map(|identity| Identity {
                account: identity.account,
                agent: identity.agent,
            })
            .collect();
        let entry = Agent {
            id: id.clone(),
            name: agent.name,
            identities,
            caller_ids,
            team,
            may: agent.may.into_iter().collect(),
        };
        agents.entry(id).or_default().push(Arc::new(entry));
    }
    Ok(agents)
}

fn topics(
    list: Vec<raw::Topic>,
    accounts: &BTreeMap<String, AccountConfig>,
    hours: &BTreeMap<String, Arc<Hours>>,
) -> Result<BTreeMap<String, Arc<Topic>>, ConfigError> {
    let mut hours = hours::Known {
        named: hours,
        accounts,
        platform: BTreeMap::new(),
    };
    let mut topics = BTreeMap::new();
    for (place, topic) in list.into_iter().enumerate() {
        let path = format!("topic[{place}]");
        let account = known(&format!("{path}.account"), &topic.account, accounts)?;
        if !account.provider.can(Capability::Callback) {
            return Err(ConfigError::new(
                format!("{path}.account"),
                format!("{} takes no callbacks", account.provider.name()),
                "Name an account whose provider does.",
            ));
        }
        let target = target(&path, &topic, account)?;
        let entry = Topic {
            times: hours::times(&path, &topic, &mut hours)?,
            topic: topic.topic.clone(),
            label: topic.label,
            schedule: topic.schedule,
            account: topic.account,
            target,
        };
        if topics
            .insert(topic.topic.clone(), Arc::new(entry))
            .is_some()
        {
            return Err(twice(&format!("{path}.topic"), &topic.topic));
        }
    }
    Ok(topics)
}

/// Who calls back about a topic.
fn target(path: &str, topic: &raw::Topic, account: &AccountConfig) -> Result<Target, ConfigError> {
    if topic.campaign {
        return campaign(path, topic, account);
    }
    let target = serde_json::to_value(&topic.target).map_err(|_| {
        ConfigError::new(
            path,
            "it has a value that JSON does not have",
            "Use text, numbers and booleans.",
        )
    })?;
    account.provider.check_target(&target).map_err(|error| {
        of_provider(
            path,
            &error,
            "Correct the topic; it says who calls, in the provider's words.",
        )
    })?;
    Ok(Target::Agents(target))
}

fn campaign(
    path: &str,
    topic: &raw::Topic,
    account: &AccountConfig,
) -> Result<Target, ConfigError> {
    if !account.provider.can(Capability::Campaign) {
        return Err(ConfigError::new(
            format!("{path}.campaign"),
            format!("the account `{}` has no campaign", topic.account),
            "Give the account a `campaign`, or say who calls.",
        ));
    }
    if let Some(key) = topic.target.keys().next() {
        return Err(ConfigError::new(
            format!("{path}.{key}"),
            "the campaign says who calls",
            "Leave it out, or leave out `campaign`.",
        ));
    }
    Ok(Target::Campaign)
}

fn keys(
    list: Vec<raw::Key>,
    topics: &BTreeMap<String, Arc<Topic>>,
    default_region: &str,
    default_per_day: u32,
) -> Result<BTreeMap<String, Arc<SiteKey>>, ConfigError> {
    let mut keys = BTreeMap::new();
    for (place, key) in list.into_iter().enumerate() {
        let path = format!("key[{place}]");
        if !key.key.starts_with("pk_") {
            return Err(ConfigError::new(
                format!("{path}.key"),
                "it does not start with pk_",
                "Publishable keys do, so that nobody takes a secret for one.",
            ));
        }
        for (nth, topic) in key.topics.iter().enumerate() {
            known(&format!("{path}.topics[{nth}]"), topic, topics)?;
        }
        let region = match &key.region {
            Some(code) => region(&format!("{path}.region"), code)?,
            None => default_region.to_owned(),
        };
        let fields = fields::fields(&path, key.fields, &key.topics)?;
        let origins = origins(&format!("{path}.origins"), &key.origins)?;
        let entry = SiteKey {
            region,
            manage_page: manage_page(&path, key.manage_page.as_deref(), &origins)?,
            origins,
            per_day: limits::per_day(
                &format!("{path}.per_day"),
                key.per_day.unwrap_or(default_per_day),
            )?,
            topics: key.topics,
            consent: key.consent,
            proof: proof::proof(&path, key.proof)?,
            captcha: proof::captcha(&path, key.captcha)?,
            honeypot: proof::honeypot(&path, key.honeypot, &fields)?,
            page_fields: fields::page_fields(&path, key.page_fields)?,
            fields,
            key: key.key.clone(),
        };
        if keys.insert(key.key.clone(), Arc::new(entry)).is_some() {
            return Err(twice(&format!("{path}.key"), &key.key));
        }
    }
    Ok(keys)
}

/// The page on which callbacks of the key at `path` are managed. It asks the relay, so it is at one of the origins.
fn manage_page(
    path: &str,
    text: Option<&str>,
    origins: &BTreeSet<String>,
) -> Result<Option<String>, ConfigError> {
    let Some(text) = text else { return Ok(None) };
    let page = address::https(text).filter(|url| {
        url.fragment().is_none() && origins.contains(&url.origin().ascii_serialization())
    });
    match page {
        Some(url) => Ok(Some(url.into())),
        None => Err(ConfigError::new(
            format!("{path}.manage_page"),
            "it is no https:// address without # at one of the key's `origins`",
            "Write the page's address, as https://www.example/callback, or leave it out for the relay's own page.",
        )),
    }
}

/// What a provider says about its part of the file.
fn of_provider(path: &str, error: &patchcord_core::error::Error, remedy: &str) -> ConfigError {
    let problem = raw::without_values(&error.message);
    // Where the message quoted a value, the field may be that value.
    let path = match error.field.as_deref() {
        Some(field) if error.message.trim() == problem => format!("{path}.{field}"),
        _ => path.to_owned(),
    };
    ConfigError::new(path, problem, remedy)
}

pub fn known<'a, T>(
    path: &str,
    name: &str,
    all: &'a BTreeMap<String, T>,
) -> Result<&'a T, ConfigError> {
    all.get(name).ok_or_else(|| {
        let names: Vec<_> = all.keys().map(String::as_str).collect();
        ConfigError::new(
            path,
            format!("there is no `{name}`"),
            format!("Use one of: {}.", names.join(", ")),
        )
    })
}

pub fn twice(path: &str, name: &str) -> ConfigError {
    ConfigError::new(
        path,
        format!("`{name}` is there twice"),
        "Give each a name of its own.",
    )
}
