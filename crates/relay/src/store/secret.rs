//! Secrets that the relays of one database made for themselves.

use zeroize::Zeroizing;

use super::{Conn, Store};
use crate::random::{self, NoRandomness};
use crate::seal::{Keyring, Place, SealError};

/// The bytes of a secret.
pub const BYTES: usize = 32;

/// Why a secret cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The database.
    #[error("the database cannot be read")]
    Database(#[from] sqlx::Error),
    /// The random source failed.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// It cannot be sealed, or not be opened with the configured keys.
    #[error("the secret `{0}` in the database cannot be used")]
    Sealed(&'static str, #[source] SealError),
}

impl Store {
    /// The secret of this name, in lower-case hex; made at the first start, by whichever relay is first.
    ///
    /// # Errors
    /// A database that does not answer, or an encryption key that is not there any more.
    pub async fn secret(
        &self,
        name: &'static str,
        keyring: &Keyring,
    ) -> Result<Zeroizing<String>, SecretError> {
        let place = Place {
            table: "secret",
            row: name,
            column: "sealed",
        };
        let fresh = Zeroizing::new(random::hex(&random::bytes::<BYTES>()?));
        let sealed = keyring
            .seal(&fresh, place)
            .map_err(|error| SecretError::Sealed(name, error))?;
        let kept: String = self
            .write(move |tx| Box::pin(async move { first(tx, name, &sealed).await }))
            .await?;
        let opened = keyring
            .open(&kept, place)
            .map_err(|error| SecretError::Sealed(name, error))?;
        Ok(Zeroizing::new(opened.expose().to_owned()))
    }
}

/// Keeps this one unless there is one; the one that is kept.
async fn first(tx: &mut Conn, name: &str, sealed: &str) -> Result<String, sqlx::Error> {
    sqlx::query("INSERT INTO secret (name, sealed) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
        .bind(name)
        .bind(sealed)
        .execute(&mut *tx)
        .await?;
    sqlx::query_scalar("SELECT sealed FROM secret WHERE name = $1")
        .bind(name)
        .fetch_one(tx)
        .await
}
