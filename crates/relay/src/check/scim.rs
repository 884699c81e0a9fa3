//! Whether identity providers can provision: they reach the relay, somebody vouches for their people, and who they sent
//! can sign in.

use std::collections::{BTreeMap, BTreeSet};

use patchcord_core::outcome::Outcome;
use patchcord_core::provider::people::Find;
use reqwest::Url;

use super::Finding;
use super::accounts::explain;
use crate::config::{Directory, LookUp, Others, address};
use crate::http::problem::chain;
use crate::relay::Relay;
use crate::scim::verdict::{self, Verdict};
use crate::store::person;
use crate::store::person_group;

/// An id that no agent has.
const NOBODY: &str = "patchcord-relay check";
/// The most people and groups of one organisation that are looked at.
const MOST: i64 = 100_000;

/// Each identity provider, and who it sent so far. A platform that is asked who people are is asked for somebody whom
/// there is not.
pub async fn scim(relay: &Relay) -> Vec<Finding> {
    let mut findings = Vec::new();
    for directory in relay.config.directories.values() {
        let subject = format!("scim {}", directory.org);
        let result = reached(relay, directory).map(|address| {
            let mut text = format!("takes people at {address}");
            if directory.tokens.len() > 1 {
                text.push_str("; the token before is taken, too: take `old_token` out when nobody sends it any more");
            }
            text
        });
        findings.push(Finding::new(subject.clone(), result));
        if directory.look_up == LookUp::SourceId {
            let result = looked_up(relay, directory).await;
            findings.push(Finding::new(format!("{subject}, look_up"), result));
        }
        match kept(relay, directory).await {
            Ok((verdicts, groups)) => {
                findings.push(Finding::new(
                    format!("{subject}, people"),
                    judge(directory, &verdicts),
                ));
                // Where nobody was sent yet, no group was either.
                if !verdicts.is_empty() {
                    findings.extend(missing(directory, &groups, &subject));
                }
            }
            Err(error) => findings.push(Finding::new(
                format!("{subject}, people"),
                Err(format!("cannot be read: {}", chain(&error))),
            )),
        }
    }
    findings
}

/// Where the identity provider asks, if it can, and its people can sign in at all.
fn reached(relay: &Relay, directory: &Directory) -> Result<String, String> {
    let Some(own) = relay.config.public_origin.as_deref() else {
        return Err(
            "nobody knows where it asks: set `public_origin` to the relay's address".into(),
        );
    };
    let url = Url::parse(own).map_err(|error| format!("public_origin: {error}"))?;
    if url.scheme() != "https" && !address::is_loopback(&url) {
        return Err(format!(
            "its token would go over {own} in clear: give the relay TLS, or a proxy that has it, and set `public_origin`"
        ));
    }
    let org = &directory.org;
    let vouches = relay.config.issuers.iter().any(|issuer| issuer.org == *org);
    let signs_in = relay.config.sign_ins.values().any(|way| way.org == *org);
    if !vouches && !signs_in {
        return Err(format!(
            "its people cannot sign in: nobody vouches for {org}. Add an [[issuer]] with org = \"{org}\", or `sign_in` with it to an account"
        ));
    }
    Ok(format!("{own}/scim/v2"))
}

/// Whether the platform says who somebody is.
async fn looked_up(relay: &Relay, directory: &Directory) -> Result<String, String> {
    let name = &directory.account;
    let account = relay.accounts.get(name);
    let people = account.and_then(|account| account.provider.people());
    let (Some(account), Some(people)) = (account, people) else {
        return Err(format!(
            "account {name} cannot be asked; leave `look_up` out"
        ));
    };
    let find = Find::Source {
        system: directory.system.clone(),
        id: NOBODY.to_owned(),
    };
    let asked = find.asked();
    let answer = account
        .ask(
            |token| people.list(&asked, 1, token),
            |reply| people.read_list(1, reply),
        )
        .await;
    match answer.unwrap_or_else(|because| Err(Outcome::Refused(because))) {
        Ok(_) => Ok(format!("can be asked of account {name}")),
        Err(outcome) => {
            let said = outcome.because().map_or_else(String::new, explain);
            Err(format!(
                "account {name} does not say who its agents are ({said}); its user there has to be allowed to list them, or the identity provider sends `agent`"
            ))
        }
    }
}

type Kept = (Vec<Verdict>, BTreeSet<String>);

/// Whether each of the people can sign in, and the names of the groups in lower case.
async fn kept(relay: &Relay, directory: &Directory) -> Result<Kept, sqlx::Error> {
    let (org, store) = (&directory.org, &relay.store);
    let everybody = person::Wanted::default();
    let (people, _) = store.people(org, &everybody, 0, MOST).await?;
    let every = person_group::Wanted::default();
    let (groups, _) = store.person_groups(org, &every, 0, MOST).await?;
    let imported = verdict::imported(store).await?;
    let verdicts = people.iter();
    let verdicts = verdicts.map(|person| verdict::of(&relay.config, person, &imported));
    let names = groups.iter().map(|group| person::key(&group.name));
    Ok((verdicts.collect(), names.collect()))
}

/// Whether everybody who is active can sign in. Nobody is named.
fn judge(directory: &Directory, people: &[Verdict]) -> Result<String, String> {
    if people.is_empty() {
        return match directory.others {
            Others::Allowed => {
                Ok("are none yet; whoever is configured or imported may dial".into())
            }
            Others::Refused => Err(format!(
                "are none yet, so nobody of {} may dial: start provisioning at the identity provider, and write others = \"allowed\" until it has sent everybody",
                directory.org
            )),
        };
    }
    let (mut ready, mut off) = (0, 0);
    let mut kept: BTreeMap<&str, usize> = BTreeMap::new();
    for verdict in people {
        match verdict {
            Verdict::In(_) => ready += 1,
            Verdict::Off => off += 1,
            Verdict::Kept { why, .. } => *kept.entry(why).or_default() += 1,
        }
    }
    if !kept.is_empty() {
        let why: Vec<String> = kept
            .iter()
            .map(|(why, count)| format!("{count} {why}"))
            .collect();
        return Err(format!(
            "of {} provisioned {ready} can sign in, {off} are switched off, and others should but cannot ({}); /admin/provisioning says who, and what each wants",
            people.len(),
            why.join(", ")
        ));
    }
    let others = match directory.others {
        Others::Refused => "nobody else may",
        Others::Allowed => {
            "whoever else is configured or imported may, too, until others = \"allowed\" is taken out"
        }
    };
    Ok(format!(
        "can sign in: {ready} of {} provisioned, {off} are switched off; {others}",
        people.len()
    ))
}

/// Groups that may something, and that nobody has sent.
fn missing(directory: &Directory, groups: &BTreeSet<String>, subject: &str) -> Vec<Finding> {
    let unknown = directory
        .groups
        .keys()
        .filter(|name| !groups.contains(*name));
    unknown
        .map(|name| {
            let wrong = "was not provisioned, so nobody may what its members may: compare `name` with the group's displayName, and assign the group at the identity provider";
            Finding::new(format!("{subject}, group {name}"), Err(wrong.into()))
        })
        .collect()
}
