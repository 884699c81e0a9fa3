//! `patchcord-relay init`

use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;

use clap::ValueEnum;
use patchcord_relay::config::{Config, Environment};
use patchcord_relay::http::problem::chain;
use patchcord_relay::init::{self, Account, Answers};

use super::print;

/// What is not given is asked for, on a terminal.
#[derive(clap::Args)]
pub struct Arguments {
    /// The folder to write into
    #[arg(long, default_value = ".")]
    folder: PathBuf,
    /// The relay's public origin, as https://relay.example
    #[arg(long)]
    origin: Option<String>,
    /// The country that is dialled, as DE
    #[arg(long)]
    region: Option<String>,
    /// The platform
    #[arg(long)]
    provider: Option<Provider>,
    /// Samespace: the first part of the host
    #[arg(long)]
    cluster_id: Option<String>,
    /// Samespace: the part of usernames after the @
    #[arg(long)]
    cloud_id: Option<String>,
    /// Samespace: the team that calls back
    #[arg(long)]
    team: Option<String>,
    /// babelforce: `services`, an environment's name, or a domain
    #[arg(long)]
    environment: Option<String>,
    /// babelforce: the user that the relay signs in as
    #[arg(long)]
    username: Option<String>,
    /// babelforce: the id of the queue that calls back
    #[arg(long)]
    queue_id: Option<String>,
    /// The origin of the pages that agents work in, as https://crm.example
    #[arg(long)]
    crm: Option<String>,
    /// What the CRM calls its organisation
    #[arg(long)]
    org: Option<String>,
    /// The website that takes callbacks, as https://www.example; none without
    #[arg(long)]
    site: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Provider {
    Samespace,
    Babelforce,
}

/// Writes a configuration and its keys, and says what to do next.
pub fn run(arguments: Arguments) -> Result<(), String> {
    let folder = arguments.folder.clone();
    let answers = answers(arguments)?;
    let made = init::write(&folder, &answers).map_err(|error| chain(&error))?;
    for (path, is) in &made.files {
        print(&format!("{}: {is}\n", path.display()))?;
    }
    // A mistake in an answer is told at once.
    let config = folder.join(init::CONFIG);
    Config::load(&config, &Environment::default())
        .map_err(|error| format!("{error}\nCorrect it in {}.", config.display()))?;
    print(&format!(
        "\nThe CRM's backend signs a JWT for each agent session: header {{\"alg\": \"ES256\", \"kid\": \"{kid}\"}}, claims\n\
         {{\"iss\": \"{crm}\", \"aud\": \"{origin}\", \"org\": \"{org}\", \"sub\": \"<the person's id>\", \"iat\": now,\n\
         \"exp\": now + 60, \"jti\": \"<random, once>\"}}. Move issuer.pem there; the relay does not need it.\n\n\
         Next: add the agents to {config}, then `patchcord-relay check --config {config}`.\n",
        kid = made.kid,
        crm = answers.crm,
        origin = answers.origin,
        org = answers.org,
        config = config.display(),
    ))
}

fn answers(given: Arguments) -> Result<Answers, String> {
    let origin = ask(
        given.origin,
        "--origin",
        "The relay's public origin, as https://relay.example",
    )?;
    let region = ask(
        given.region,
        "--region",
        "The country that is dialled, as DE",
    )?;
    let provider = match given.provider {
        Some(provider) => provider,
        None => Provider::from_str(
            &ask(None, "--provider", "The platform: samespace or babelforce")?,
            true,
        )?,
    };
    let site = match given.site {
        None if std::io::stdin().is_terminal() => Some(ask(
            None,
            "--site",
            "The website that takes callbacks, as https://www.example; empty for none",
        )?)
        .filter(|site| !site.is_empty()),
        site => site,
    };
    // Who calls back matters only where somebody asks for it.
    let target = |value: Option<String>, flag, what| match &site {
        Some(_) => ask(value, flag, what),
        None => Ok(String::new()),
    };
    let account = match provider {
        Provider::Samespace => Account::Samespace {
            cluster_id: ask(
                given.cluster_id,
                "--cluster-id",
                "Samespace: the first part of the host",
            )?,
            cloud_id: ask(
                given.cloud_id,
                "--cloud-id",
                "Samespace: the part of usernames after the @",
            )?,
            team: target(given.team, "--team", "Samespace: the team that calls back")?,
        },
        Provider::Babelforce => Account::Babelforce {
            environment: ask(
                given.environment,
                "--environment",
                "babelforce: services, an environment's name, or a domain",
            )?,
            username: ask(
                given.username,
                "--username",
                "babelforce: the user that the relay signs in as",
            )?,
            queue_id: target(
                given.queue_id,
                "--queue-id",
                "babelforce: the id of the queue that calls back",
            )?,
        },
    };
    Ok(Answers {
        origin,
        region,
        account,
        crm: ask(
            given.crm,
            "--crm",
            "The origin of the pages that agents work in",
        )?,
        org: ask(given.org, "--org", "What the CRM calls its organisation")?,
        site,
    })
}

/// The value of the flag, or what is typed in.
fn ask(given: Option<String>, flag: &str, question: &str) -> Result<String, String> {
    if let Some(given) = given {
        return Ok(given);
    }
    let mut input = std::io::stdin().lock();
    if !input.is_terminal() {
        return Err(format!("{flag} is missing: {question}"));
    }
    print(&format!("{question}\n> "))?;
    let mut line = String::new();
    input
        .read_line(&mut line)
        .map_err(|error| format!("cannot read the answer: {error}"))?;
    Ok(line.trim().to_owned())
}
