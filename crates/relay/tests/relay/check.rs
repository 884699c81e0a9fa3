//! `patchcord-relay check`: what is wrong around the configuration, against real files and sockets.

use std::fs::{self, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::http::header;
use patchcord_sandbox::Sandbox;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

use crate::command::{Process, command};
use crate::support::config;

/// What the command printed.
pub struct Told {
    pub ok: bool,
    pub out: String,
    pub err: String,
}

impl Told {
    /// The line about a thing.
    #[track_caller]
    pub fn about(&self, subject: &str) -> &str {
        let found = self.out.lines().find(|line| {
            let line = line.get(7..).unwrap_or_default();
            line.starts_with(subject)
        });
        found.unwrap_or_else(|| panic!("nothing about {subject}: {}{}", self.out, self.err))
    }

    #[track_caller]
    pub fn is_fine(&self, subject: &str, text: &str) {
        let line = self.about(subject);
        assert!(line.starts_with("ok ") && line.contains(text), "{line}");
    }

    #[track_caller]
    pub fn is_wrong(&self, subject: &str, text: &str) {
        let line = self.about(subject);
        assert!(line.starts_with("WRONG ") && line.contains(text), "{line}");
        assert!(!self.ok && self.err.contains("to mend"), "{}", self.err);
    }
}

/// A configuration in a folder, with nothing wrong about it.
pub struct Place {
    pub sandbox: Sandbox,
    pub folder: TempDir,
    pub config: String,
}

impl Place {
    pub async fn new() -> Self {
        let sandbox = Sandbox::start(SocketAddr::from(([127, 0, 0, 1], 0)))
            .await
            .unwrap();
        let place = Self {
            config: without_ambiguity(config(&sandbox.url())),
            folder: TempDir::new().unwrap(),
            sandbox,
        };
        place.mode("", 0o700);
        place
    }

    /// What the CRMs behind the sandbox were asked: paths and queries.
    pub async fn asked_of_crms(&self) -> Vec<String> {
        let url = format!("{}/_sandbox/requests", self.sandbox.url());
        let log = crate::support::Ask::new(reqwest::Method::GET, url)
            .send()
            .await;
        let requests = log.json["requests"].as_array().unwrap().clone();
        let paths = requests
            .iter()
            .map(|one| format!("{} {}", one["path"], one["query"]));
        paths
            .filter(|path| path.contains("/crm/") || path.contains("/services/data/"))
            .collect()
    }

    /// Writes this configuration and looks at it.
    pub async fn check(&self, config: &str) -> Told {
        self.check_with(config, &[], &[]).await
    }

    pub async fn check_with(
        &self,
        config: &str,
        arguments: &[&str],
        environment: &[(&str, &Path)],
    ) -> Told {
        fs::write(self.path("relay.toml"), config).unwrap();
        let mut command = command(self.folder.path());
        command.arg("check").args(arguments);
        let output = command
            .envs(environment.iter().copied())
            .output()
            .await
            .unwrap();
        Told {
            ok: output.status.success(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), Permissions::from_mode(mode)).unwrap();
    }
}

/// The configuration of most tests has somebody twice.
fn without_ambiguity(config: String) -> String {
    config.replacen("005TWICE", "005ONCE", 1)
}

/// Before the first section: after it the key would belong to that one.
fn with(config: &str, line: &str) -> String {
    config.replacen("\n[[account]]", &format!("{line}\n\n[[account]]"), 1)
}

#[tokio::test]
async fn check_says_whether_the_platforms_answer() {
    let place = Place::new().await;
    let good = place.config.clone();
    let told = place.check(&good).await;
    assert!(told.ok, "{}{}", told.out, told.err);
    told.is_fine("account samespace", "answers");
    told.is_fine("account babelforce", "gives a token");
    told.is_fine("database", "this version");

    let twice = good.replacen("005ONCE", "005TWICE", 1);
    place
        .check(&twice)
        .await
        .is_wrong("agent 005TWICE", "2 times");

    let wrong = good.replace("sandbox-password", "canary-wrong-password");
    let told = place.check(&wrong).await;
    told.is_wrong("account babelforce", "provider_rejected_credentials");
    assert!(!told.out.contains("canary") && !told.err.contains("canary"));

    let Place {
        sandbox,
        folder,
        config,
    } = place;
    sandbox.stop().await;
    fs::write(folder.path().join("relay.toml"), config).unwrap();
    let output = command(folder.path()).arg("check").output().await.unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(
        !output.status.success()
            && out.contains("does not answer")
            && out.contains("provider_unreachable"),
        "{out}"
    );
}

#[tokio::test]
async fn a_configuration_that_cannot_be_read_and_a_database_that_cannot_be_opened_are_told() {
    let place = Place::new().await;
    let told = place
        .check(&place.config.replace("audience =", "audiense ="))
        .await;
    assert!(!told.ok && told.err.contains("audiense"), "{}", told.err);

    let nowhere = place.config.replace("\"relay.db\"", "\"nowhere/relay.db\"");
    let told = place.check(&nowhere).await;
    told.is_wrong("database", "nowhere");
    told.is_fine("files", "out of other users' reach");

    fs::write(place.path("relay.key"), "no key").unwrap();
    place
        .check(&place.config)
        .await
        .is_wrong("encryption key", "relay.key");
}

/// A platform whose clock goes differently.
async fn platform(ahead: i64) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().fallback(async move || {
        let by = Duration::from_secs(ahead.unsigned_abs());
        let now = SystemTime::now();
        let there = if ahead < 0 { now - by } else { now + by };
        [(header::DATE, httpdate::fmt_http_date(there))]
    });
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[tokio::test]
async fn a_clock_that_is_half_a_minute_off_is_wrong() {
    let place = Place::new().await;
    let at = async |ahead| {
        let url = format!("base_url = \"{}\"", platform(ahead).await);
        let base = format!("base_url = \"{}\"", place.sandbox.url());
        place.check(&place.config.replace(&base, &url)).await
    };
    // The sandbox, which is babelforce here, has this machine's time.
    let told = at(0).await;
    assert!(told.ok, "{}", told.out);
    let agrees = told.out.matches("clock agrees with account").count();
    assert_eq!(agrees, 2, "{}", told.out);
    let told = at(25).await;
    assert!(told.ok && told.out.contains("s off from what account samespace says"));
    for (ahead, told_as) in [
        (45, "behind what account samespace"),
        (-45, "ahead of what account samespace"),
    ] {
        let told = at(ahead).await;
        assert!(!told.ok && told.out.contains(told_as), "{}", told.out);
        assert!(told.out.contains("clock agrees with account babelforce"));
        assert!(told.out.contains("NTP"), "what to do");
    }
}

#[tokio::test]
async fn files_that_other_users_can_read_or_change_are_wrong() {
    let place = Place::new().await;
    let secret = place.config.replacen(
        &format!("secret = \"{}\"", crate::support::SIGNING_SECRET),
        "secret = { file = \"signing\" }",
        1,
    );
    fs::write(place.path("signing"), crate::support::SIGNING_SECRET).unwrap();
    let reach = "out of other users' reach";
    place.mode("signing", 0o666);
    let told = place.check(&secret).await;
    told.is_fine("files", reach);
    let made = |name| fs::metadata(place.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((made("relay.db"), made("relay.key")), (0o600, 0o600));

    // Now they can enter the folder. A group's members are no others.
    place.mode("", 0o755);
    place.mode("relay.toml", 0o640);
    place.mode("signing", 0o660);
    place.check(&secret).await.is_fine("files", reach);

    let shown = |name| format!("file {}", place.path(name).display());
    place.mode("relay.toml", 0o644);
    let told = place.check(&secret).await;
    told.is_wrong(&shown("relay.toml"), "chmod o-r ");
    told.is_wrong(&shown("relay.toml"), "account[1].grant.password");
    assert!(
        !told
            .about(&shown("relay.toml"))
            .contains("sandbox-password")
    );
    place.mode("relay.toml", 0o640);

    for name in ["signing", "relay.key", "relay.db"] {
        place.mode(name, 0o604);
        place
            .check(&secret)
            .await
            .is_wrong(&shown(name), "read it; `chmod o-r ");
        place.mode(name, 0o606);
        place
            .check(&secret)
            .await
            .is_wrong(&shown(name), "`chmod o-rw ");
        place.mode(name, 0o600);
    }
    // A log is there while a relay works; one that was left behind has the mode that the database had.
    let process = Process::start(command(place.folder.path())).await;
    for log in ["relay.db-wal", "relay.db-shm"] {
        place.mode(log, 0o606);
        place
            .check(&secret)
            .await
            .is_wrong(&shown(log), "`chmod o-rw ");
        place.mode(log, 0o600);
    }
    place.check(&secret).await.is_fine("files", reach);
    process.end("-TERM").await;

    // Where they can change the folder, they can put their own file there.
    place.mode("", 0o757);
    let told = place.check(&secret).await;
    told.is_wrong(&shown("signing"), "in its place");
    place.mode("", 0o1757);
    place.check(&secret).await.is_fine("files", reach);
}

#[tokio::test]
async fn what_is_public_may_be_read_by_all_but_changed_by_nobody_else() {
    let place = Place::new().await;
    let key = keys("es256.pub.pem");
    fs::copy(key, place.path("issuer.pub.pem")).unwrap();
    let issuer = "\n[[issuer]]\niss = \"https://other.example\"\norg = \"other\"\nkid = \"es\"\nalgorithm = \"ES256\"\npublic_key = { file = \"issuer.pub.pem\" }\n";
    let config = format!("{}{issuer}", place.config);
    place.mode("", 0o755);
    fs::write(place.path("relay.toml"), "").unwrap();
    place.mode("relay.toml", 0o600);
    place.mode("issuer.pub.pem", 0o644);
    place.check(&config).await.is_fine("files", "reach");
    place.mode("issuer.pub.pem", 0o646);
    let subject = format!("file {}", place.path("issuer.pub.pem").display());
    place.check(&config).await.is_wrong(&subject, "chmod o-w ");
}

fn keys(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/relay/keys")
        .join(name)
}

#[tokio::test]
async fn a_certificate_is_read_paired_with_its_key_and_has_time_left() {
    let place = Place::new().await;
    let check = async |cert: &str, key: &str| {
        let (cert, key) = (keys(cert), keys(key));
        let line = format!("tls = {{ cert = {cert:?}, key = {key:?} }}");
        place.check(&with(&place.config, &line)).await
    };
    let told = check("tls-1.cert.pem", "tls-1.key.pem").await;
    told.is_fine("tls", "holds for ");
    let told = check("tls-1.cert.pem", "tls-2.key.pem").await;
    told.is_wrong("tls", "cannot be used together");
    let told = check("tls-over.cert.pem", "tls-over.key.pem").await;
    told.is_wrong("tls", "ended ");
    let told = check("nothing.pem", "tls-1.key.pem").await;
    told.is_wrong("tls", "nothing.pem cannot be read");
    let told = check("tls-1.key.pem", "tls-1.key.pem").await;
    told.is_wrong("tls", "has no certificate");
    let told = check("tls-1.cert.pem", "es256.pub.pem").await;
    told.is_wrong("tls", "es256.pub.pem cannot be read as PEM");
}

/// A listener, and its port.
async fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

fn acceptor() -> TlsAcceptor {
    let chain = CertificateDer::pem_file_iter(keys("tls-1.cert.pem"))
        .unwrap()
        .collect::<Result<Vec<_>, _>>()
        .unwrap();
    let key = PrivateKeyDer::from_pem_file(keys("tls-1.key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// A mail server for one client; gives back the commands that it was given.
fn mail_server(listener: TcpListener, tls: Option<TlsAcceptor>) -> oneshot::Receiver<String> {
    let (tell, told) = oneshot::channel();
    tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let seen = match tls {
            None => converse(socket).await,
            Some(tls) => match tls.accept(socket).await {
                Ok(stream) => converse(stream).await,
                Err(_) => "no TLS".to_owned(),
            },
        };
        drop(tell.send(seen));
    });
    told
}

/// Takes the password `right` alone.
async fn converse(stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite) -> String {
    let (read, mut write) = tokio::io::split(stream);
    let mut lines = BufReader::new(Box::pin(read)).lines();
    let mut write = Box::pin(&mut write);
    let mut seen = String::new();
    drop(write.write_all(b"220 test\r\n").await);
    while let Ok(Some(line)) = lines.next_line().await {
        seen.push_str(&line);
        seen.push('\n');
        let answer = match line.split(' ').next().unwrap() {
            "EHLO" => "250-test\r\n250 AUTH PLAIN",
            // AUTH PLAIN \0relay\0right
            "AUTH" if line.ends_with("AHJlbGF5AHJpZ2h0") => "235 welcome",
            "AUTH" => "535 who are you",
            "QUIT" => break,
            _ => "250 yes",
        };
        drop(write.write_all(format!("{answer}\r\n").as_bytes()).await);
    }
    seen
}

fn mail(scheme: &str, port: u16, password: Option<&str>) -> String {
    let credentials = password.map_or(String::new(), |password| {
        format!("username = \"relay\"\npassword = \"{password}\"\n")
    });
    format!(
        "\n[mail]\nsmtp = \"{scheme}://127.0.0.1:{port}\"\nfrom = \"relay@acme.example\"\nto = [\"desk@acme.example\"]\n{credentials}"
    )
}

#[tokio::test]
async fn the_mail_server_is_signed_in_to_and_gets_no_mail() {
    let place = Place::new().await;
    let (server, port) = listener().await;
    let seen = mail_server(server, None);
    let told = place
        .check(&(place.config.clone() + &mail("smtp", port, Some("right"))))
        .await;
    told.is_fine("mail", "takes relay");
    let seen = seen.await.unwrap();
    assert!(seen.contains("EHLO") && seen.contains("AUTH"), "{seen}");
    assert!(!seen.contains("MAIL") && !seen.contains("DATA"), "{seen}");

    let (server, port) = listener().await;
    let seen = mail_server(server, None);
    let config = place.config.clone() + &mail("smtp", port, Some("canary-wrong"));
    let told = place.check(&config).await;
    told.is_wrong("mail", "compare `mail.username` and `mail.password`");
    assert!(!told.out.contains("canary") && !told.err.contains("canary"));
    assert!(seen.await.unwrap().contains("AUTH"));

    let (server, port) = listener().await;
    drop(server);
    let told = place
        .check(&(place.config.clone() + &mail("smtp", port, None)))
        .await;
    told.is_wrong("mail", "compare host, port");
}

#[tokio::test]
async fn a_mail_server_over_tls_has_to_be_one_that_this_machine_trusts() {
    let place = Place::new().await;
    let roots = keys("tls-1.cert.pem");
    for (environment, fine) in [
        (&[("SSL_CERT_FILE", roots.as_path())][..], true),
        (&[], false),
    ] {
        let (server, port) = listener().await;
        let seen = mail_server(server, Some(acceptor()));
        let config = place.config.clone() + &mail("smtps", port, Some("right"));
        let told = place.check_with(&config, &[], environment).await;
        let seen = seen.await.unwrap();
        if fine {
            told.is_fine("mail", "over TLS");
            assert!(seen.contains("AUTH"), "{seen}");
        } else {
            told.is_wrong("mail", "an authority that this machine trusts");
            assert!(!seen.contains("AUTH"), "{seen}");
        }
    }
}

fn webhook(url: &str) -> String {
    format!(
        "\n[[webhook]]\nname = \"crm\"\nurl = \"{url}/canary-path\"\nsecret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"\nevents = [\"call.*\"]\n"
    )
}

/// A server for one client; gives back how much it was sent after the handshake, or that there was none.
fn silent(listener: TcpListener, tls: Option<TlsAcceptor>) -> oneshot::Receiver<Option<usize>> {
    let (tell, told) = oneshot::channel();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut sent = Vec::new();
        let read = match tls {
            None => socket.read_to_end(&mut sent).await.map(Some),
            Some(tls) => match tls.accept(socket).await {
                Ok(mut stream) => stream.read_to_end(&mut sent).await.map(Some),
                Err(_) => Ok(None),
            },
        };
        // A connection that is closed without a goodbye is closed.
        tell.send(read.unwrap_or(Some(sent.len()))).unwrap();
    });
    told
}

#[tokio::test]
async fn the_hosts_of_webhooks_are_connected_to_and_sent_nothing() {
    let place = Place::new().await;
    let roots = keys("tls-1.cert.pem");
    let check = async |url: &str, trusted: &[(&str, &Path)]| {
        let config = place.config.clone() + &webhook(url);
        let told = place.check_with(&config, &[], trusted).await;
        assert!(!told.out.contains("canary"), "{}", told.out);
        told
    };
    let trusted = &[("SSL_CERT_FILE", roots.as_path())][..];

    let (server, port) = listener().await;
    let sent = silent(server, Some(acceptor()));
    let told = check(&format!("https://localhost:{port}"), trusted).await;
    told.is_fine("webhook crm", "localhost answers over TLS");
    assert_eq!(sent.await.unwrap(), Some(0));

    let (server, port) = listener().await;
    let sent = silent(server, Some(acceptor()));
    let told = check(&format!("https://localhost:{port}"), &[]).await;
    told.is_wrong("webhook crm", "no TLS with localhost");
    assert_ne!(sent.await.unwrap(), Some(1));

    let (server, port) = listener().await;
    let sent = silent(server, None);
    let told = check(&format!("http://127.0.0.1:{port}"), &[]).await;
    told.is_fine("webhook crm", "takes connections");
    assert_eq!(sent.await.unwrap(), Some(0));

    let (server, port) = listener().await;
    drop(server);
    let told = check(&format!("https://127.0.0.1:{port}"), &[]).await;
    told.is_wrong("webhook crm", "takes no connection");

    let told = check("https://nowhere.invalid", &[]).await;
    told.is_wrong("webhook crm", "nowhere.invalid does not resolve");
}

#[tokio::test]
async fn a_host_needs_its_frames_script_an_address_that_browsers_show_and_somebody_who_signs() {
    let place = Place::new().await;
    let host =
        "\n[[host]]\nname = \"erp\"\nkind = \"page\"\norigins = [\"https://erp.acme.example\"]\n";
    let web = place.folder.path().join("web");
    let config = format!("{}{host}", place.config);
    place.check(&config).await.is_wrong("host erp", "`web`");

    fs::create_dir(&web).unwrap();
    fs::write(web.join("patchcord.js"), "loader").unwrap();
    let config = config.replacen("region =", "web = \"web\"\nregion =", 1);
    place
        .check(&config)
        .await
        .is_wrong("host erp", "patchcord-host.js");

    fs::write(web.join("patchcord-host.js"), "frame").unwrap();
    let told = place.check(&config).await;
    told.is_fine("host erp", "https://relay.acme.example/hosts/erp");

    let plain = "public_origin = \"http://relay.acme.example\"\nregion =";
    let http = config.replacen("region =", plain, 1);
    place
        .check(&http)
        .await
        .is_wrong("host erp", "`public_origin`");

    let (before, rest) = config.split_once("[[issuer]]").unwrap();
    let (_, after) = rest.split_once("[[agent]]").unwrap();
    let nobody = format!("{before}[[agent]]{after}");
    place
        .check(&nobody)
        .await
        .is_wrong("host erp", "[[issuer]]");
}

#[tokio::test]
async fn a_hosts_credential_is_tried_with_each_type_that_is_mapped_and_nothing_is_read() {
    let place = Place::new().await;
    let config = crate::records::with_hosts(&place.config);
    let told = place.check(&config).await;
    told.is_fine("host hub Contact", "can be read in HubSpot");
    told.is_fine("host hub 2-3456", "can be read in HubSpot");
    told.is_fine("host voice Contact", "can be read in Salesforce");
    // The org has no such field.
    told.is_wrong("host voice Lead", "400 INVALID_FIELD");
    told.is_wrong("host voice Lead", "No such column 'Nope__c'");
    let asked = place.asked_of_crms().await;
    assert!(!asked.is_empty());
    assert!(!asked.iter().any(|body| body.contains("501")), "{asked:?}");

    let told = place
        .check(&config.replace(crate::records::HUBSPOT_TOKEN, "canary-token"))
        .await;
    told.is_wrong("host hub Contact", "401 INVALID_AUTHENTICATION");
    assert!(!told.out.contains("canary"), "{}", told.out);
}
