//! That somebody agreed to be called: kept apart from the callback, without the plain number, so that it can be
//! shown when the callback has long been deleted, and be erased by itself.

use super::{Conn, Store};
use crate::clock::Millis;
use crate::random::Hash;

/// What was agreed to, by whom, when and where.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Consent {
    /// The callback.
    pub callback: String,
    /// The publishable key of the page.
    pub site_key: String,
    /// Of the number that was to be called ([`crate::fingerprint`]).
    pub number_hash: Vec<u8>,
    /// The version of the text.
    pub version: String,
    /// SHA-256 of the text, as it was configured then, links as they were written; where it was in several
    /// languages, of a line `tag: text` for each, in the order of their tags.
    pub text_hash: Vec<u8>,
    /// The page's address, as the browser gave it.
    pub page: Option<String>,
    /// When.
    pub given_at: Millis,
}

/// Keeps a proof.
///
/// # Errors
/// A database that does not answer.
pub async fn insert(tx: &mut Conn, consent: &Consent) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO consent_proof (callback, site_key, number_hash, version, text_hash, page, given_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&consent.callback)
    .bind(&consent.site_key)
    .bind(&consent.number_hash)
    .bind(&consent.version)
    .bind(&consent.text_hash)
    .bind(&consent.page)
    .bind(consent.given_at)
    .execute(tx)
    .await?;
    Ok(())
}

/// Deletes the proofs of a number. How many there were.
///
/// # Errors
/// A database that does not answer.
pub async fn erase(tx: &mut Conn, number: &Hash) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM consent_proof WHERE number_hash = $1")
        .bind(number.as_slice())
        .execute(tx)
        .await?;
    Ok(done.rows_affected())
}

impl Store {
    /// The proofs of a number, the oldest first.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn consents(&self, number: &Hash) -> Result<Vec<Consent>, sqlx::Error> {
        sqlx::query_as(
            "SELECT callback, site_key, number_hash, version, text_hash, page, given_at FROM consent_proof
             WHERE number_hash = $1 ORDER BY given_at, callback",
        )
        .bind(number.as_slice())
        .fetch_all(self.read())
        .await
    }
}
