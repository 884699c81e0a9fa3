//! `patchcord-relay init`: a configuration to begin with, and the keys for it. Nothing that is there is written over.

mod keys;
mod text;

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::random::NoRandomness;

/// The file names.
pub const CONFIG: &str = "relay.toml";
const ENCRYPTION: &str = "encryption.key";
const ADMIN: &str = "admin.token";
const ISSUER_PRIVATE: &str = "issuer.pem";
const ISSUER_PUBLIC: &str = "issuer.pub.pem";
const PASSWORD: &str = "babelforce.password";

/// What a configuration is made from.
#[derive(Debug, Clone)]
pub struct Answers {
    /// The relay's public origin, as `https://relay.example`.
    pub origin: String,
    /// The country that is dialled, as `DE`.
    pub region: String,
    /// The platform.
    pub account: Account,
    /// The origin of the pages that agents work in.
    pub crm: String,
    /// What the CRM calls its organisation.
    pub org: String,
    /// The website that takes callbacks, if there is one.
    pub site: Option<String>,
}

/// A tenancy at a platform, and who calls back there.
#[derive(Debug, Clone)]
pub enum Account {
    /// Samespace.
    Samespace {
        /// The first part of the host.
        cluster_id: String,
        /// The part of usernames after the `@`.
        cloud_id: String,
        /// The team that calls back.
        team: String,
    },
    /// babelforce.
    Babelforce {
        /// `services`, an environment's name, or a domain.
        environment: String,
        /// The user that the relay signs in as.
        username: String,
        /// The queue that calls back.
        queue_id: String,
    },
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// A file that is there, or cannot be written.
    #[error("{0} cannot be written (what is there is never written over)")]
    File(PathBuf, #[source] std::io::Error),
    /// The random source.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// The key pair.
    #[error("no key pair could be made")]
    KeyPair,
}

/// What was made, in the order of its files.
#[derive(Debug)]
pub struct Made {
    /// The files, each with what it is.
    pub files: Vec<(PathBuf, &'static str)>,
    /// The key's id that the CRM has to name.
    pub kid: String,
}

struct File {
    name: &'static str,
    is: &'static str,
    content: String,
    mode: u32,
}

/// Writes everything into a folder, or nothing.
///
/// # Errors
/// A file that is there already or cannot be written; no randomness.
pub fn write(folder: &Path, answers: &Answers) -> Result<Made, InitError> {
    let pair = keys::es256()?;
    let kid = format!("{}-1", answers.org);
    let site_key = crate::random::id("pk")?;
    let secret = |name, is, content| File {
        name,
        is,
        content,
        mode: 0o600,
    };
    let mut files = vec![
        secret(
            ENCRYPTION,
            "what seals tokens in the database; keep a copy apart from backups",
            keys::base64_secret()?,
        ),
        secret(
            ADMIN,
            "what you sign in to the admin pages with",
            keys::base64_secret()?,
        ),
        secret(
            ISSUER_PRIVATE,
            "for the CRM's backend alone: it signs who an agent is",
            pair.private,
        ),
        File {
            name: ISSUER_PUBLIC,
            is: "what the relay checks that with",
            content: pair.public,
            mode: 0o644,
        },
    ];
    if matches!(answers.account, Account::Babelforce { .. }) {
        files.push(secret(
            PASSWORD,
            "empty: write the babelforce user's password into it",
            String::new(),
        ));
    }
    files.push(File {
        name: CONFIG,
        is: "the configuration; read it",
        content: text::config(answers, &kid, &site_key),
        mode: 0o640,
    });
    for file in &files {
        let path = folder.join(file.name);
        if path.exists() {
            return Err(InitError::File(
                path,
                std::io::ErrorKind::AlreadyExists.into(),
            ));
        }
    }
    let mut made = Vec::new();
    for file in files {
        let path = folder.join(file.name);
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(file.mode)
            .open(&path)
            .and_then(|mut open| {
                open.write_all(file.content.as_bytes())?;
                open.sync_all()
            })
            .map_err(|error| InitError::File(path.clone(), error))?;
        made.push((path, file.is));
    }
    Ok(Made { files: made, kid })
}
