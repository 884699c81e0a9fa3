//! Proofs of work that were used.

use super::Conn;
use crate::proof::Verified;

/// Marks a proof as used. `false` if it was used before.
///
/// # Errors
/// A database that does not answer.
pub async fn use_once(tx: &mut Conn, proof: &Verified) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO used_proof (id, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
    )
    .bind(proof.id.as_slice())
    .bind(proof.expires_at)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}
