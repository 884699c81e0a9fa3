//! Keyed hashes of numbers and addresses: enough to count them and to find them again, of no use to who has a
//! copy of the database alone.
//!
//! A plain hash of a telephone number would be undone in minutes by trying all numbers. The key is made by the
//! first relay of a database and sealed there; it is not rotated, because what was hashed with it (the
//! do-not-call list) could not be found any more.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use aws_lc_rs::hmac;
use patchcord_core::number::PhoneNumber;

use crate::random::Hash;
use crate::seal::Keyring;
use crate::store::Store;
use crate::store::secret::SecretError;

/// The name of the secret in the database.
const SECRET: &str = "fingerprint";

/// Makes keyed hashes.
pub struct Fingerprints(hmac::Key);

impl fmt::Debug for Fingerprints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprints")
    }
}

impl Fingerprints {
    /// Those of this database.
    ///
    /// # Errors
    /// A database that does not answer, or an encryption key that is not there any more.
    pub async fn of(store: &Store, keyring: &Keyring) -> Result<Self, SecretError> {
        Ok(Self::with(store.secret(SECRET, keyring).await?.as_bytes()))
    }

    /// With a key of one's own.
    pub fn with(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// Of a number.
    pub fn number(&self, number: &PhoneNumber) -> Hash {
        self.hash("number", number.as_e164())
    }

    /// Of where a visitor comes from: an IPv4 address, or the /64 of an IPv6 one, because whoever has one of
    /// those has all of them.
    pub fn visitor(&self, address: IpAddr) -> Hash {
        self.hash("visitor", &network(address).to_string())
    }

    fn hash(&self, kind: &str, text: &str) -> Hash {
        let tag = hmac::sign(&self.0, format!("{kind}\n{text}").as_bytes());
        let mut hash = Hash::default();
        hash.copy_from_slice(tag.as_ref());
        hash
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let prefix = u128::from(address) & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from(prefix))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_is_an_ipv4_address_or_a_64_of_ipv6() {
        let hashes = Fingerprints::with(b"one");
        let of = |text: &str| hashes.visitor(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }

    #[test]
    fn another_database_has_other_hashes() {
        let number: PhoneNumber = "+493012345678".parse().unwrap();
        let (one, two) = (Fingerprints::with(b"one"), Fingerprints::with(b"two"));
        assert_eq!(one.number(&number), one.number(&number));
        assert_ne!(one.number(&number), two.number(&number));
    }
}
