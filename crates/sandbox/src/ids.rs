//! Identifiers and tokens. They only have to differ, also between two runs and after a reset;
//! nothing here is a secret.

use sha2::{Digest, Sha256};

/// A source of ids that never repeats itself.
pub(crate) struct Ids {
    run: u64,
    count: u64,
}

impl Ids {
    pub fn new(run: u64) -> Self {
        Self { run, count: 0 }
    }

    /// A number that has not been given before.
    pub fn number(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    /// 32 hex digits without hyphens: the form of babelforce's ids on the wire.
    pub fn hex(&mut self) -> String {
        let number = self.number();
        let digest = Sha256::digest(format!("{}-{}-{number}", self.run, std::process::id()));
        digest
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// A version 1 UUID, the form of Samespace's `auth_token`.
    pub fn uuid(&mut self) -> String {
        let hex = self.hex();
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        format!(
            "{}-{}-1{}-8{}-{}",
            part(0, 8),
            part(8, 12),
            part(13, 16),
            part(17, 20),
            part(20, 32)
        )
    }
}

/// An id from a request body, in the form of the wire. The vendor's own clients write ids there
/// with hyphens; only in a path do hyphens make an id unknown.
pub(crate) fn from_body(text: &str) -> Option<String> {
    let id = text.replace('-', "").to_ascii_lowercase();
    let hex = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    hex.then_some(id)
}
