//! Where an account lives.

use crate::error::{Code, Error};
use crate::provider::base_url;

/// The base address of an account's API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment(String);

impl Environment {
    /// Reads an environment as people know it.
    ///
    /// | written | address |
    /// |---|---|
    /// | `apps`, `services`, or the account address `https://apps.babelforce.com` | `https://services.babelforce.com` |
    /// | a name, as `acme` | `https://acme.babelforce.com` |
    /// | a custom domain, as `calls.example.com` or `https://calls.example.com` | as it is, with `https` |
    ///
    /// # Errors
    /// [`Code::InvalidField`] with field `environment`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let invalid = || {
            Error::of(
                Code::InvalidField,
                "environment",
                "environment is \"apps\", the name of an environment, or a domain.",
            )
        };
        let url = if text.contains("://") {
            base_url(text, "environment")?
        } else if text.contains(['.', ':']) {
            base_url(&format!("https://{text}"), "environment")?
        } else if !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            format!("https://{text}.babelforce.com")
        } else {
            return Err(invalid());
        };
        // People sign in at "apps"; the API of those accounts is at "services".
        match url.as_str() {
            "https://apps.babelforce.com" => Ok(Self("https://services.babelforce.com".into())),
            _ => Ok(Self(url)),
        }
    }

    /// An address as it is, without a slash at its end.
    pub(super) fn at(url: String) -> Self {
        Self(url)
    }

    /// The address of a path, which starts with `/`.
    pub fn url(&self, path: &str) -> String {
        [&self.0, path].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_is_read_as_people_write_it() {
        let url = |text| Environment::parse(text).unwrap().url("/x");
        assert_eq!(url("apps"), "https://services.babelforce.com/x");
        assert_eq!(
            url("https://apps.babelforce.com/"),
            "https://services.babelforce.com/x"
        );
        assert_eq!(url("services"), "https://services.babelforce.com/x");
        assert_eq!(url("acme"), "https://acme.babelforce.com/x");
        assert_eq!(url("calls.example.com"), "https://calls.example.com/x");
        assert_eq!(url("http://127.0.0.1:4101"), "http://127.0.0.1:4101/x");
    }

    #[test]
    fn what_is_no_environment_is_refused() {
        for text in [
            "",
            " ",
            "a b",
            "a/b",
            "https://",
            "https://user@host",
            "https://host?x",
            "ftp://host",
        ] {
            let error = Environment::parse(text).expect_err(text);
            assert_eq!(error.field.as_deref(), Some("environment"));
        }
    }
}
