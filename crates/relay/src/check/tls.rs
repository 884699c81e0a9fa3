//! The relay's own certificate: whether it can be used, and for how long.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio_rustls::rustls::pki_types::CertificateDer;
use x509_cert::Certificate;
use x509_cert::der::Decode;

use crate::config::TlsFiles;
use crate::http::problem::chain;
use crate::server;

const DAY: u64 = 24 * 60 * 60;
/// Whoever renews by themselves does so with a third of the time left; with less than this part of it, nobody does.
const PART_LEFT: u32 = 10;

/// Reads certificate and key as the server does, and whether they belong together.
pub fn tls(files: &TlsFiles) -> Result<String, String> {
    let certified = server::certified(files).map_err(|error| {
        let error = chain(&error);
        format!(
            "{error}; put the certificate, with those it descends from behind it, and its key there"
        )
    })?;
    let validity = certified.cert.first().and_then(Validity::of);
    let validity = validity.ok_or_else(|| {
        let cert = files.cert.display();
        format!("{cert} holds no certificate that can be read; put it there anew")
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
