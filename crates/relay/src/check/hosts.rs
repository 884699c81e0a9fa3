//! Whether agents can come in by the hosts: the frame's script is there, browsers show it inside of the CRM, and the
//! relay's credential reads what is mapped.

use patchcord_core::entity::EntityMapping;
use reqwest::Url;

use super::Finding;
use crate::config::address;
use crate::hosts::Host;
use crate::records::Unread;
use crate::relay::Relay;

/// The script of every frame.
const SCRIPT: &str = "patchcord-host.js";

/// Each host, from the configuration and from the database; nothing is asked of the CRMs.
pub fn hosts(relay: &Relay) -> Vec<Finding> {
    let mut findings: Vec<_> = relay
        .hosts
        .unserved()
        .into_iter()
        .map(|one| Finding::new(format!("host {}", one.name), Err(one.problem)))
        .collect();
    for host in relay.hosts.all() {
        let result = frame(relay, &host).map(|()| {
            let own = relay.config.public_origin.as_deref().unwrap_or_default();
            format!("{own}/hosts/{}", host.name)
        });
        findings.push(Finding::new(format!("host {}", host.name), result));
    }
    findings
}

/// Whether each host's credential reads the types that are mapped. The CRMs are asked for a record that there is not:
/// no data comes.
pub async fn records(relay: &Relay) -> Vec<Finding> {
    let mut findings = Vec::new();
    for host in relay.hosts.all() {
        let Some(source) = &host.records else {
            continue;
        };
        let types = host.entities.iter().flat_map(EntityMapping::types);
        for (kind, _) in types {
            let asked = host.asked(kind, source.no_ones_id());
            let read = match asked {
                Ok(asked) => relay.records.read(&asked).await,
                Err(unread) => Err(unread),
            };
            let result = match read {
                Ok(_) | Err(Unread::NotFound(_)) => Ok(format!("can be read in {}", source.crm())),
                Err(unread) => Err(match unread.said() {
                    Some(said) => format!("{unread}: {said} {}", unread.remedy()),
                    None => format!("{unread}. {}", unread.remedy()),
                }),
            };
            findings.push(Finding::new(format!("host {} {kind}", host.name), result));
        }
    }
    findings
}

fn frame(relay: &Relay, host: &Host) -> Result<(), String> {
    match &relay.config.web {
        None => {
            return Err(
                "its frame has no script: set `web` to the folder of the built widget".into(),
            );
        }
        Some(web) if !web.join(SCRIPT).is_file() => {
            return Err(format!(
                "{} has no {SCRIPT}: build the widget anew",
                web.display()
            ));
        }
        Some(_) => {}
    }
    let own = relay.config.public_origin.as_deref().unwrap_or_default();
    let url = Url::parse(own).map_err(|error| format!("public_origin: {error}"))?;
    if url.scheme() != "https" && !address::is_loopback(&url) {
        return Err(format!(
            "browsers show no frame of {own} inside of an https page: set `public_origin` to the relay's https address"
        ));
    }
    if host.sign_in.is_none() && relay.config.issuers.is_empty() {
        return Err(
            "nobody may sign for its agents: add an [[issuer]], or `sign_in` to the host".into(),
        );
    }
    Ok(())
}
