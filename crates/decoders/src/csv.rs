//! Agents from a CSV file: whole lines of known accounts, each person once for each.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use patchcord_relay::agents::import::{ImportError, read_csv};
use patchcord_relay::config::Config;

use crate::world;

static CONFIG: LazyLock<Config> = LazyLock::new(|| world::config(Path::new(".")));

/// Takes any bytes as a file.
pub fn check(data: &[u8]) {
    match read_csv(data, &CONFIG, 1_800_000_000_000) {
        Ok(mappings) => {
            let mut seen = BTreeSet::new();
            for mapping in mappings {
                assert!(!mapping.org.is_empty() && !mapping.sub.is_empty());
                assert_ne!(mapping.name.as_deref(), Some(""));
                let account = &CONFIG.accounts[&mapping.account];
                assert!(account.provider.check_agent(&mapping.agent).is_ok());
                let person = (mapping.org, mapping.sub, mapping.account);
                assert!(seen.insert(person), "somebody is there twice");
            }
        }
        Err(ImportError::Lines(lines)) => assert!(!lines.is_empty()),
        Err(ImportError::Store(error)) => panic!("no database was asked: {error}"),
    }
}
