//! Where a configuration has its secrets: in its own text, or in files of their own.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::overrides::reference;

/// The keys whose values are secrets, in every section …
const SECRETS: &[&str] = &[
    "api_key",
    "auth_token",
    "client_secret",
    "old_token",
    "password",
    "refresh_token",
    "secret",
    "token",
];
/// … and in this one alone, because elsewhere a `key` is public or a path.
const KEY_OF: &str = "encryption_key";
/// A secret where it is the address of a server, which has a password in it.
const DATABASE: &str = "database";

/// Where secrets are, and what else decides who is believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AtRest {
    /// The keys whose secret stands in the text itself, as `account[0].grant.password`.
    pub in_text: Vec<String>,
    /// Files that hold a secret.
    pub secret_files: Vec<PathBuf>,
    /// Files that hold something else, as a public key.
    pub other_files: Vec<PathBuf>,
}

impl AtRest {
    /// Of a configuration as it is written; relative paths are relative to `base`.
    pub fn of(table: &Table, base: &Path) -> Self {
        let mut at_rest = Self::default();
        for (key, value) in table {
            at_rest.visit(key, key, key, value, base);
        }
        at_rest
    }

    fn visit(&mut self, path: &str, section: &str, key: &str, value: &Value, base: &Path) {
        match value {
            Value::Table(table) => match reference(table) {
                Some(("file", name)) => {
                    let files = if is_secret(section, key) || key == DATABASE {
                        &mut self.secret_files
                    } else {
                        &mut self.other_files
                    };
                    files.push(base.join(name));
                }
                Some(_) => {}
                None => {
                    for (key, value) in table {
                        self.visit(&format!("{path}.{key}"), section, key, value, base);
                    }
                }
            },
            Value::Array(items) => {
                for (place, item) in items.iter().enumerate() {
                    self.visit(&format!("{path}[{place}]"), section, key, item, base);
                }
            }
            Value::String(text)
                if is_secret(section, key) || key == DATABASE && text.starts_with("postgres") =>
            {
                self.in_text.push(path.to_owned());
            }
            _ => {}
        }
    }
}

fn is_secret(section: &str, key: &str) -> bool {
    SECRETS.contains(&key) || key == "key" && section == KEY_OF
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_in_the_text_and_in_files_and_nothing_else_is_one() {
        let text = r#"
database = "postgres://relay:canary@db/relay"
audience = "https://relay.example"
tls = { cert = "cert.pem", key = "key.pem" }
[admin]
people = [{ name = "a", token = "canary" }, { name = "b", token = { file = "b.token" } }]
[[encryption_key]]
id = "a"
key = { file = "/etc/a.key" }
[[encryption_key]]
id = "b"
key = "canary"
[[account]]
grant = { type = "password", username = "u", password = { env = "PASSWORD" } }
[[account]]
grant = { type = "refresh_token", refresh_token = "canary" }
[[issuer]]
public_key = { file = "issuer.pub.pem" }
[[key]]
key = "pk_demo"
captcha = { service = "turnstile", site_key = "x", secret = "canary" }
"#;
        let at_rest = AtRest::of(&toml::from_str(text).unwrap(), Path::new("/etc/relay"));
        let mut in_text = at_rest.in_text;
        in_text.sort();
        assert_eq!(
            in_text,
            [
                "account[1].grant.refresh_token",
                "admin.people[0].token",
                "database",
                "encryption_key[1].key",
                "key[0].captcha.secret",
            ]
        );
        assert_eq!(
            at_rest.secret_files,
            [Path::new("/etc/relay/b.token"), Path::new("/etc/a.key")]
        );
        assert_eq!(
            at_rest.other_files,
            [Path::new("/etc/relay/issuer.pub.pem")]
        );
        let plain: Table = toml::from_str("database = 'relay.db'").unwrap();
        assert_eq!(AtRest::of(&plain, Path::new(".")), AtRest::default());
    }

    /// A secret that is added to the configuration has to be added here.
    #[test]
    fn every_secret_of_the_configuration_is_known_here() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files: Vec<_> = std::fs::read_dir(folder.join("src/config"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.push(folder.join("../core/src/provider/babelforce/mod.rs"));
        files.push(folder.join("../core/src/provider/samespace/past_calls.rs"));
        let mut found = 0;
        for file in files {
            let source = std::fs::read_to_string(&file).unwrap();
            for line in source.lines() {
                let field = line.trim().trim_start_matches("pub ").trim_end_matches(',');
                let Some((name, "Secret" | "Option<Secret>")) = field.split_once(": ") else {
                    continue;
                };
                found += 1;
                let known = SECRETS.contains(&name) || ["key", DATABASE].contains(&name);
                assert!(known, "{}: {name}", file.display());
            }
        }
        assert!(found >= 10, "{found}");
    }
}
