//! The relay's own certificate: whether it can be used, and for how long.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::sign::CertifiedKey;
use x509_cert::Certificate;
use x509_cert::der::Decode;

use crate::config::TlsFiles;

const DAY: u64 = 24 * 60 * 60;
/// Whoever renews by themselves does so with a third of the time left; with less than this part of it, nobody does.
const PART_LEFT: u32 = 10;

/// Reads certificate and key, and whether they belong together.
pub fn tls(files: &TlsFiles) -> Result<String, String> {
    let (cert, key) = (files.cert.display(), files.key.display());
    let chain = CertificateDer::pem_file_iter(&files.cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| format!("{cert} cannot be read as PEM ({error}); put the certificate there, and those it descends from behind it"))?;
    let Some(own) = chain.first() else {
        return Err(format!("{cert} has no certificate; put it there"));
    };
    let validity = Validity::of(own).ok_or_else(|| {
        format!("{cert} holds no certificate that can be read; put it there anew")
    })?;
    let private = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| {
        format!("{key} cannot be read as PEM ({error}); put the certificate's key there")
    })?;
    CertifiedKey::from_der(chain, private, &aws_lc_rs::default_provider()).map_err(|error| {
        format!("{cert} and {key} cannot be used together ({error}); put those there that were made together")
    })?;
    validity.judge(SystemTime::now())
}

/// From when until when a certificate holds, since the Unix epoch.
#[derive(Debug, Clone, Copy)]
struct Validity {
    from: Duration,
    until: Duration,
}

impl Validity {
    fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let read = Certificate::from_der(certificate).ok()?;
        let validity = read.tbs_certificate().validity();
        Some(Self {
            from: validity.not_before.to_unix_duration(),
            until: validity.not_after.to_unix_duration(),
        })
    }

    fn judge(self, now: SystemTime) -> Result<String, String> {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        if now < self.from {
            return Err("the certificate does not hold yet; compare this machine's clock".into());
        }
        let left = self.until.saturating_sub(now);
        let days = left.as_secs() / DAY;
        if left.is_zero() {
            let over = now.saturating_sub(self.until).as_secs() / DAY;
            return Err(format!(
                "the certificate ended {over} days ago; renew it, the relay reads it by itself"
            ));
        }
        if left < self.until.saturating_sub(self.from) / PART_LEFT {
            return Err(format!(
                "the certificate ends in {days} days; renew it, the relay reads it by itself"
            ));
        }
        Ok(format!("holds for {days} days"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_renewed_before_a_tenth_of_its_time_is_left() {
        let validity = Validity {
            from: Duration::from_secs(100 * DAY),
            until: Duration::from_secs(190 * DAY),
        };
        let on = |day: u64| validity.judge(UNIX_EPOCH + Duration::from_secs(day * DAY));
        assert_eq!(on(100).unwrap(), "holds for 90 days");
        assert_eq!(on(181).unwrap(), "holds for 9 days");
        for (day, told) in [
            (99, "not hold yet"),
            (182, "ends in 8 days"),
            (190, "ended 0 days ago"),
            (195, "ended 5 days ago"),
        ] {
            let error = on(day).unwrap_err();
            assert!(error.contains(told), "{day}: {error}");
        }
    }
}
