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
        let (account, refresh_token, origin) = (
            account.to_owned(),
            refresh_token.to_owned(),
            origin.to_vec(),
        );
        self.write(move |tx| {
            Box::pin(async move {
                sqlx::query(
                    "INSERT INTO token (account, sealed_refresh, origin_hash, refreshed_at) VALUES ($1, $2, $3, $4)
                     ON CONFLICT (account) DO UPDATE SET sealed_refresh = excluded.sealed_refresh,
                         origin_hash = excluded.origin_hash, refreshed_at = excluded.refreshed_at",
                )
                .bind(account)
                .bind(refresh_token)
                .bind(origin)
                .bind(now)
                .execute(tx)
                .await?;
                Ok(())
            })
        })
        .await
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
        sqlx::query_scalar(
            "SELECT sealed_refresh FROM token WHERE account = $1 AND origin_hash = $2",
        )
        .bind(account)
        .bind(origin.as_slice())
        .fetch_optional(self.read())
        .await
    }
}
