//! `patchcord-relay check`

use std::path::Path;

use patchcord_core::number::PhoneNumber;
use patchcord_relay::check::call::TestCall;
use patchcord_relay::check::{self, Finding};
use patchcord_relay::clock::Clock;
use patchcord_relay::config::{AgentId, Config};
use patchcord_relay::relay::Relay;

use super::print;

#[derive(clap::Args)]
pub struct Arguments {
    /// Then call this number, once and really, as the agent of --org and --sub
    #[arg(long, value_name = "NUMBER", requires = "org", requires = "sub")]
    call: Option<PhoneNumber>,
    /// The CRM's organisation
    #[arg(long, requires = "call")]
    org: Option<String>,
    /// The CRM's id of the person
    #[arg(long, requires = "call")]
    sub: Option<String>,
    /// The platform to call through; by default the agent's first
    #[arg(long, requires = "call")]
    provider: Option<String>,
}

/// Prints what was looked at, and fails if anything of it is wrong.
pub async fn run(config: Config, path: &Path, arguments: Arguments) -> Result<(), String> {
    let mut wrong = 0;
    for finding in check::around(path, &config).await {
        wrong += tell(finding)?;
    }
    match Relay::beside(config, Clock::default()).await {
        Err(error) => wrong += tell(check::not_open(&error))?,
        Ok(relay) => {
            let fine = "can be opened, and is of this version".into();
            wrong += tell(Finding::new("database", Ok(fine)))?;
            for finding in check::accounts(&relay).await {
                wrong += tell(finding)?;
            }
            for finding in check::sign_ins(&relay).await {
                wrong += tell(finding)?;
            }
            for finding in check::scim(&relay).await {
                wrong += tell(finding)?;
            }
            for finding in check::hosts(&relay) {
                wrong += tell(finding)?;
            }
            for finding in check::records(&relay).await {
                wrong += tell(finding)?;
            }
            let Arguments {
                call,
                org,
                sub,
                provider,
            } = arguments;
            if let (Some(number), Some(org), Some(sub)) = (call, org, sub) {
                let id = AgentId { org, sub };
                let planned = TestCall::plan(&relay, &id, number, provider.as_deref()).await;
                let finding = match planned {
                    Ok(call) => {
                        print(&format!("{}\n", call.announcement()))?;
                        call.place(&relay).await
                    }
                    Err(finding) => finding,
                };
                wrong += tell(finding)?;
            }
            relay.stopping.cancel();
            relay.store.close().await;
        }
    }
    if wrong == 0 {
        Ok(())
    } else {
        Err(format!("{wrong} to mend"))
    }
}

/// Prints a finding; 1 if something is wrong.
fn tell(finding: Finding) -> Result<u32, String> {
    let subject = finding.subject;
    match finding.result {
        Ok(text) => print(&format!("ok     {subject} {text}\n")).map(|()| 0),
        Err(text) => print(&format!("WRONG  {subject}: {text}\n")).map(|()| 1),
    }
}
