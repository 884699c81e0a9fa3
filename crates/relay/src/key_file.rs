//! Which encryption keys a relay has: the configured ones, or a file beside its SQLite database.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::config::{Config, read_encryption_key};
use crate::random::{self, NoRandomness};
use crate::seal::{EncryptionKey, KEY_BYTES, Keyring, SealError};
use crate::store::Database;

/// The file's name, in the folder of the database.
const NAME: &str = "relay.key";
/// What its key is called.
const ID: &str = "file";

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Several relays share the database: a file that one of them made would be of no use to the others.
    #[error(
        "with PostgreSQL the relays need an encryption key in common; make one with `openssl rand -base64 32` and give it to each as [[encryption_key]] with `id` and `key`"
    )]
    NotConfigured,
    /// The file.
    #[error("the key file {0} cannot be read or made")]
    File(PathBuf, #[source] io::Error),
    /// What is in it.
    #[error(
        "{0} is no key file (base64 of {KEY_BYTES} bytes); put the right one back, or, if it is lost for good, remove it: what it sealed then has to be entered again"
    )]
    Content(PathBuf),
    /// The random source failed.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The library failed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// The keys of a relay with this configuration.
///
/// # Errors
/// As [`keyring`].
pub fn of(config: &Config) -> Result<Keyring, KeyError> {
    let sqlite = match &config.database {
        Database::Sqlite(path) => Some(path.as_path()),
        Database::Postgres(_) => None,
    };
    keyring(&config.encryption_keys, sqlite)
}

/// The configured keys; where there are none, the key in the file beside `sqlite`, which is made at the first
/// start.
///
/// # Errors
/// No configured key without an SQLite file, or a key file that cannot be used.
pub fn keyring(configured: &[EncryptionKey], sqlite: Option<&Path>) -> Result<Keyring, KeyError> {
    if !configured.is_empty() {
        return Ok(Keyring::new(configured)?);
    }
    let path = beside(sqlite.ok_or(KeyError::NotConfigured)?);
    let failed = |error| KeyError::File(path.clone(), error);
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make(&path)?;
            fs::read_to_string(&path).map_err(failed)?
        }
        read => read.map_err(failed)?,
    };
    let mode = fs::metadata(&path).map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        tracing::warn!(file = %path.display(), "others can read the key file; make it private with chmod 600");
    }
    let key = read_encryption_key(&text).ok_or(KeyError::Content(path))?;
    let id = ID.to_owned();
    Ok(Keyring::new(&[EncryptionKey { id, key }])?)
}

/// Where the key file of this SQLite database is.
pub fn beside(database: &Path) -> PathBuf {
    database.with_file_name(NAME)
}

/// Written whole under another name first: a crash leaves a whole key or none.
fn make(path: &Path) -> Result<(), KeyError> {
    let text = Zeroizing::new(STANDARD.encode(random::bytes::<KEY_BYTES>()?));
    let unfinished = path.with_extension(format!("key.{}", std::process::id()));
    let write = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&unfinished)?;
        writeln!(file, "{}", text.as_str())?;
        file.sync_all()?;
        // Unlike a rename, a link never replaces what another process made in the meantime.
        match fs::hard_link(&unfinished, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            linked => linked,
        }?;
        fs::remove_file(&unfinished)?;
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    };
    write().map_err(|error| KeyError::File(path.to_owned(), error))?;
    tracing::info!(file = %path.display(), "made an encryption key; keep it with your backups, apart from the database");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::Place;

    const PLACE: Place<'static> = Place {
        table: "t",
        row: "r",
        column: "c",
    };

    #[test]
    fn the_key_file_is_made_once_private_and_opens_what_it_sealed() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("relay.db");
        let sealed = keyring(&[], Some(&database)).unwrap().seal("x", PLACE);
        let again = keyring(&[], Some(&database)).unwrap();
        assert_eq!(again.open(&sealed.unwrap(), PLACE).unwrap().expose(), "x");
        let files: Vec<_> = fs::read_dir(folder.path()).unwrap().flatten().collect();
        assert_eq!(files.len(), 1, "{files:?}");
        let mode = files[0].metadata().unwrap().permissions().mode();
        assert_eq!(
            (files[0].file_name().to_str(), mode & 0o777),
            (Some(NAME), 0o600)
        );
    }

    #[test]
    fn a_damaged_key_file_is_an_error_and_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(NAME);
        fs::write(&file, "c2hvcnQ=\n").unwrap();
        let error = keyring(&[], Some(&folder.path().join("relay.db"))).unwrap_err();
        assert!(matches!(error, KeyError::Content(_)));
        assert_eq!(fs::read_to_string(&file).unwrap(), "c2hvcnQ=\n");
    }

    #[test]
    fn a_configured_key_needs_no_file_and_without_a_file_there_has_to_be_one() {
        let key = EncryptionKey {
            id: "a".into(),
            key: Zeroizing::new([1; KEY_BYTES]),
        };
        let folder = tempfile::tempdir().unwrap();
        keyring(&[key], Some(&folder.path().join("relay.db"))).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(matches!(keyring(&[], None), Err(KeyError::NotConfigured)));
    }
}
