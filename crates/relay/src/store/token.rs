//! Refresh tokens that replaced the configured one.

use super::Store;
use crate::clock::Millis;
use crate::random::Hash;

impl Store {
    /// Keeps an account's refresh token. `origin` is the hash of the configured token it descends from.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn keep_refresh_token(
        &self,
        account: &str,
        refresh_token: &str,
        origin: &Hash,
        now: Millis,
    ) -> Result<(), sqlx::Error> {
        let mut tx = self.begin().await?;
        sqlx::query("INSERT OR REPLACE INTO token (account, refresh_token, origin_hash, stored_at) VALUES (?, ?, ?, ?)")
            .bind(account)
            .bind(refresh_token)
            .bind(origin.as_slice())
            .bind(now)
            .execute(&mut *tx)
            .await?;
        tx.commit().await
    }

    /// An account's refresh token, unless another one was configured since.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn refresh_token(
        &self,
        account: &str,
        origin: &Hash,
    ) -> Result<Option<String>, sqlx::Error> {
        sqlx::query_scalar("SELECT refresh_token FROM token WHERE account = ? AND origin_hash = ?")
            .bind(account)
            .bind(origin.as_slice())
            .fetch_optional(&self.readers)
            .await
    }
}
