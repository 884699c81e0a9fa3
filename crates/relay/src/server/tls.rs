//! TLS where no proxy does it. The certificate is read again when its file changes, and at SIGHUP.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use crate::config::TlsFiles;
use crate::http::problem::chain;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(60);

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file that cannot be read, or is no PEM.
    #[error("{0} cannot be read as PEM")]
    File(PathBuf, #[source] rustls::pki_types::pem::Error),
    /// A certificate file without a certificate.
    #[error("{0} has no certificate")]
    Empty(PathBuf),
    /// Key and certificate are no pair, or of a kind that is not known.
    #[error("certificate and key cannot be used together")]
    Pair(#[from] rustls::Error),
}

/// Accepts TLS.
pub struct Tls {
    acceptor: TlsAcceptor,
    current: Arc<Current>,
}

/// The certificate of the moment.
#[derive(Debug)]
struct Current {
    files: TlsFiles,
    key: RwLock<Arc<CertifiedKey>>,
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(
            self.key
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
        )
    }
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn new(files: &TlsFiles) -> Result<Self, TlsError> {
        let current = Arc::new(Current {
            files: files.clone(),
            key: RwLock::new(Arc::new(certified(files)?)),
        });
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(current.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            current,
        })
    }

    /// A client's handshake.
    ///
    /// # Errors
    /// A client that speaks no TLS, or breaks off.
    pub async fn accept(&self, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        self.acceptor.accept(stream).await
    }

    /// Reads the files again. What is wrong is logged, and the certificate stays as it was.
    pub fn reload(&self) {
        match certified(&self.current.files) {
            Ok(key) => {
                *self
                    .current
                    .key
                    .write()
                    .unwrap_or_else(PoisonError::into_inner) = Arc::new(key);
                tracing::info!("the certificate was read again");
            }
            Err(error) => {
                tracing::error!(error = chain(&error), "the certificate stays as it was");
            }
        }
    }

    /// Reads the files again when they change, and when the process gets a SIGHUP, until `stop`.
    pub async fn watch(self: Arc<Self>, stop: CancellationToken) {
        use tokio::signal::unix::{SignalKind, signal};
        let mut hangup = match signal(SignalKind::hangup()) {
            Ok(hangup) => hangup,
            Err(error) => return tracing::error!(%error, "SIGHUP cannot be handled"),
        };
        let mut seen = self.changed_at();
        let mut pulse = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = hangup.recv() => self.reload(),
                _ = pulse.tick() => {
                    let now = self.changed_at();
                    if now != seen {
                        seen = now;
                        self.reload();
                    }
                }
            }
        }
    }

    fn changed_at(&self) -> [Option<SystemTime>; 2] {
        let files = &self.current.files;
        [&files.cert, &files.key].map(|path| {
            std::fs::metadata(path)
                .and_then(|file| file.modified())
                .ok()
        })
    }
}

/// Reads certificate and key.
///
/// # Errors
/// What is wrong with them.
pub fn certified(files: &TlsFiles) -> Result<CertifiedKey, TlsError> {
    let of_file = |path: &PathBuf| {
        let path = path.clone();
        move |error| TlsError::File(path, error)
    };
    let chain = CertificateDer::pem_file_iter(&files.cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(of_file(&files.cert))?;
    if chain.is_empty() {
        return Err(TlsError::Empty(files.cert.clone()));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(of_file(&files.key))?;
    Ok(CertifiedKey::from_der(
        chain,
        key,
        &aws_lc_rs::default_provider(),
    )?)
}
