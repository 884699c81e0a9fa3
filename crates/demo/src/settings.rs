//! The command line.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::assertion::{Secret, SecretTooShort};
use crate::origin::{NotAnOrigin, Origin};
use crate::pages::Pages;
use crate::policy::{NotAPolicy, Policy};

/// What `--help` prints.
pub const HELP: &str = "\
The Patchcord demo: a CRM page with its backend, and a business's website.

Usage: patchcord-demo [options]

  --listen ADDRESS    where to listen               [127.0.0.1:4102]; port 0 takes a free one
  --relay ORIGIN      the relay                     [http://127.0.0.1:4100]
  --sandbox ORIGIN    the sandbox, for links to it  [http://127.0.0.1:4101]
  --audience TEXT     the relay's `audience`        [the relay's origin]
  --pages FOLDER      the pages                     [web/demo]
  --csp POLICY        strict, no-wasm or off        [strict]
  --secret TEXT       signs assertions; better in the environment, as PATCHCORD_DEMO_SECRET
                                                    [the demo's secret]
  --help              this text
";

/// The secret in `web/demo/relay.toml`. It is public: it protects nothing but the demo.
const DEMO_SECRET: &str = "demo-secret-that-is-at-least-32-bytes-long";

/// What the command line asks for.
#[derive(Debug)]
pub enum Command {
    /// Print [`HELP`].
    Help,
    /// Serve.
    Serve(Box<Settings>),
}

/// How to serve.
#[derive(Debug)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The pages, and the addresses written into them.
    pub pages: Pages,
    /// The content security policy of a page that asks for no other.
    pub policy: Policy,
    /// What assertions name in `aud`.
    pub audience: String,
    /// Signs assertions.
    pub secret: Secret,
}

/// What is wrong with the command line.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// An option that does not exist.
    #[error("unknown option `{0}`; --help lists the options")]
    Unknown(String),
    /// An option without its value.
    #[error("{0} needs a value; --help lists the options")]
    NoValue(String),
    /// `--listen`
    #[error("--listen: `{0}` is no address; write it as 127.0.0.1:4102")]
    Listen(String),
    /// `--relay` or `--sandbox`
    #[error("{0}: {1}")]
    Origin(&'static str, NotAnOrigin),
    /// `--csp`
    #[error("--csp: {0}")]
    Policy(#[from] NotAPolicy),
    /// `--secret` or `PATCHCORD_DEMO_SECRET`
    #[error("--secret: {0}")]
    Secret(#[from] SecretTooShort),
    /// `--pages`
    #[error("--pages: there is no folder `{0}`; start in the repository's root or name web/demo")]
    Pages(PathBuf),
    /// An argument or variable that is no UTF-8.
    #[error("{0} is no UTF-8 text")]
    NotText(&'static str),
}

#[derive(Default)]
struct Given {
    listen: Option<String>,
    relay: Option<String>,
    sandbox: Option<String>,
    audience: Option<String>,
    pages: Option<String>,
    csp: Option<String>,
    secret: Option<String>,
}

impl Command {
    /// Reads the arguments (without the program's name) and the value of `PATCHCORD_DEMO_SECRET`.
    ///
    /// # Errors
    /// [`SettingsError`], which says what to write instead.
    pub fn read(
        arguments: impl IntoIterator<Item = OsString>,
        secret: Option<OsString>,
    ) -> Result<Self, SettingsError> {
        let mut given = Given {
            secret: secret
                .map(|text| utf8(text, "PATCHCORD_DEMO_SECRET"))
                .transpose()?,
            ..Given::default()
        };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let argument = utf8(argument, "an argument")?;
            let (name, joined) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (argument.as_str(), None),
            };
            let slot = match name {
                "--help" | "-h" => return Ok(Self::Help),
                "--listen" => &mut given.listen,
                "--relay" => &mut given.relay,
                "--sandbox" => &mut given.sandbox,
                "--audience" => &mut given.audience,
                "--pages" => &mut given.pages,
                "--csp" => &mut given.csp,
                "--secret" => &mut given.secret,
                // Only the name: what follows `=` may be a secret.
                other => return Err(SettingsError::Unknown(other.to_owned())),
            };
            let value = match joined {
                Some(value) => value,
                None => match arguments.next() {
                    Some(value) => utf8(value, "an argument")?,
                    None => return Err(SettingsError::NoValue(name.to_owned())),
                },
            };
            *slot = Some(value);
        }
        given
            .settings()
            .map(|settings| Self::Serve(Box::new(settings)))
    }
}

impl Given {
    fn settings(self) -> Result<Settings, SettingsError> {
        let listen = self.listen.unwrap_or_else(|| "127.0.0.1:4102".to_owned());
        let relay = origin("--relay", self.relay, "http://127.0.0.1:4100")?;
        let sandbox = origin("--sandbox", self.sandbox, "http://127.0.0.1:4101")?;
        let folder = PathBuf::from(self.pages.unwrap_or_else(|| "web/demo".to_owned()));
        if !folder.is_dir() {
            return Err(SettingsError::Pages(folder));
        }
        Ok(Settings {
            listen: listen.parse().map_err(|_| SettingsError::Listen(listen))?,
            policy: self
                .csp
                .map_or(Ok(Policy::default()), |text| text.parse())?,
            audience: self.audience.unwrap_or_else(|| relay.to_string()),
            secret: Secret::new(self.secret.unwrap_or_else(|| DEMO_SECRET.to_owned()))?,
            pages: Pages {
                folder,
                relay,
                sandbox,
            },
        })
    }
}

fn origin(
    option: &'static str,
    given: Option<String>,
    default: &str,
) -> Result<Origin, SettingsError> {
    given
        .as_deref()
        .unwrap_or(default)
        .parse()
        .map_err(|error| SettingsError::Origin(option, error))
}

fn utf8(text: OsString, what: &'static str) -> Result<String, SettingsError> {
    text.into_string().map_err(|_| SettingsError::NotText(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/demo");

    fn read(arguments: &[&str], secret: Option<&str>) -> Result<Command, SettingsError> {
        let arguments = ["--pages", PAGES]
            .iter()
            .chain(arguments)
            .map(OsString::from);
        Command::read(arguments, secret.map(OsString::from))
    }

    fn settings(arguments: &[&str]) -> Settings {
        match read(arguments, None) {
            Ok(Command::Serve(settings)) => *settings,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn without_options_the_demos_own_addresses_are_used() {
        let settings = settings(&[]);
        assert_eq!(settings.listen.to_string(), "127.0.0.1:4102");
        assert_eq!(settings.pages.relay.as_str(), "http://127.0.0.1:4100");
        assert_eq!(settings.audience, "http://127.0.0.1:4100");
        assert_eq!(settings.policy, Policy::Strict);
    }

    #[test]
    fn a_value_may_follow_an_equals_sign_and_the_audience_follows_the_relay() {
        let settings = settings(&["--relay=https://relay.example/", "--csp", "no-wasm"]);
        assert_eq!(settings.audience, "https://relay.example");
        assert_eq!(settings.policy, Policy::NoWasm);
    }

    #[test]
    fn each_mistake_is_named_with_what_to_write_instead() {
        for (arguments, message) in [
            (
                &["--listem", "x"][..],
                "unknown option `--listem`; --help lists the options",
            ),
            (
                &["--relay"][..],
                "--relay needs a value; --help lists the options",
            ),
            (
                &["--listen", "x"][..],
                "--listen: `x` is no address; write it as 127.0.0.1:4102",
            ),
            (
                &["--csp", "lax"][..],
                "--csp: `lax` is no policy; it is strict, no-wasm or off",
            ),
        ] {
            assert_eq!(read(arguments, None).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn no_message_repeats_a_secret() {
        for (arguments, secret) in [
            (&["--secret", "canary"][..], None),
            (&["--secrt=canary"][..], None),
            (&["--listen", "x"][..], Some("canary")),
        ] {
            let error = read(arguments, secret).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"));
        }
        let command = read(&[], Some("canary-canary-canary-canary-canary")).unwrap();
        assert!(!format!("{command:?}").contains("canary"));
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let arguments = ["--pages", "no-such-folder"].map(OsString::from);
        let error = Command::read(arguments, None).unwrap_err();
        assert!(error.to_string().contains("no-such-folder"), "{error}");
    }
}
