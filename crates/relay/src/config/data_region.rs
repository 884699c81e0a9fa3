//! Where personal data may be: a key that names a region gets a relay and accounts of that region, or none.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{AccountConfig, ConfigError, Topic, raw};

/// Checks that what a key takes stays in its region: here, and at the account of each of its topics.
pub fn check(
    keys: &[raw::Key],
    ours: Option<&str>,
    topics: &BTreeMap<String, Arc<Topic>>,
    accounts: &BTreeMap<String, AccountConfig>,
) -> Result<(), ConfigError> {
    for (place, key) in keys.iter().enumerate() {
        let Some(wanted) = key.data_region.as_deref() else {
            continue;
        };
        let wrong = |what: &str, region: Option<&str>, remedy: &str| {
            let said = region.map_or("says no `data_region`".to_owned(), |region| {
                format!("is in `{region}`")
            });
            ConfigError::new(
                format!("key[{place}].data_region"),
                format!("it is `{wanted}`, but {what} {said}"),
                remedy,
            )
        };
        if ours != Some(wanted) {
            return Err(wrong(
                "this relay",
                ours,
                "Set the relay's own `data_region` to where its database is, or use a relay there.",
            ));
        }
        for topic in key.topics.iter().filter_map(|name| topics.get(name)) {
            let account = accounts.get(&topic.account);
            let region = account.and_then(|account| account.data_region.as_deref());
            if region != Some(wanted) {
                return Err(wrong(
                    &format!(
                        "the account `{}` of the topic `{}`",
                        topic.account, topic.topic
                    ),
                    region,
                    "Give the key topics whose account is in its region.",
                ));
            }
        }
    }
    Ok(())
}
