//! What is wrong with a configuration is said with its path and a remedy.

use std::path::Path;

use patchcord_relay::config::{Config, ConfigError, Environment};

use crate::support::config;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, Path::new("."), &Environment::default())
}

/// The path that the error names after `from` was replaced by `to`.
fn path_of(from: &str, to: &str) -> String {
    let text = config("http://127.0.0.1:1");
    assert!(text.contains(from), "{from}");
    let error = parse(&text.replacen(from, to, 1)).expect_err(to);
    assert!(!error.problem.is_empty() && !error.remedy.is_empty());
    error.path
}

#[test]
fn the_configuration_of_the_tests_and_of_the_demo_are_right() {
    parse(&config("http://127.0.0.1:1")).unwrap();
    parse(include_str!("../../../../web/demo/relay.toml")).unwrap();
}

#[test]
fn every_mistake_is_named_by_its_path() {
    for (from, to, path) in [
        ("audience = ", "audiense = ", "audiense"),
        (
            "listen = \"127.0.0.1:0\"",
            "listen = \"localhost\"",
            "listen",
        ),
        ("region = \"DE\"", "region = \"Germany\"", "region"),
        ("region = \"DE\"", "region = \"ZZ\"", "region"),
        ("[\"DE\", \"AT\"]", "[]", "countries"),
        ("[\"DE\", \"AT\"]", "[\"DE\", \"XX\"]", "countries[1]"),
        ("[\"DE\", \"AT\"]", "\"DE\"", "countries"),
        (
            "[\"https://crm.acme.example\"]",
            "[\"https://crm.acme.example/\"]",
            "agent_origins[0]",
        ),
        (
            "[\"https://crm.acme.example\"]",
            "[\"*\"]",
            "agent_origins[0]",
        ),
        ("timeout = 2", "timeout = 0", "account[0].timeout"),
        ("timeout = 2", "timeout = \"2\"", "account[0].timeout"),
        ("cloud_id = ", "cloud = ", "account[0].cloud"),
        (
            "provider = \"samespace\"",
            "provider = \"skype\"",
            "account[0].provider",
        ),
        (
            "name = \"babelforce\"",
            "name = \"samespace\"",
            "account[1].name",
        ),
        (
            "algorithm = \"HS256\"",
            "algorithm = \"none\"",
            "issuer[0].algorithm",
        ),
        (
            "algorithm = \"HS256\"",
            "algorithm = \"RS256\"",
            "issuer[0]",
        ),
        (
            "canary-signing-secret-of-at-least-32-bytes",
            "short",
            "issuer[0].secret",
        ),
        (
            "kid = \"hs\"",
            "kid = \"hs\"\ncolour = \"red\"",
            "issuer[0].colour",
        ),
        (
            "account = \"samespace\", agent = \"alex@acme\"",
            "account = \"other\", agent = \"alex@acme\"",
            "agent[0].identities[0].account",
        ),
        (
            "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
            "alex",
            "agent[0].identities[1].agent",
        ),
        (
            "caller_ids = [\"+493012345678\"]",
            "caller_ids = [\"030\"]",
            "agent[0].caller_ids[0]",
        ),
        ("key = \"pk_demo\"", "key = \"demo\"", "key[0].key"),
        (
            "topics = [\"sales\", \"support\", \"now\"]",
            "topics = [\"hr\"]",
            "key[0].topics[0]",
        ),
        (
            "origins = [\"https://www.acme.example\"]",
            "origins = [\"https://WWW.acme.example\"]",
            "key[0].origins[0]",
        ),
        (
            "account = \"samespace\"\nspace_id",
            "account = \"none\"\nspace_id",
            "topic[0].account",
        ),
        (
            "team_name = \"helpdesk\"",
            "team = \"helpdesk\"",
            "topic[0].team",
        ),
        ("topic = \"support\"", "topic = \"sales\"", "topic[1].topic"),
    ] {
        assert_eq!(path_of(from, to), path, "{to}");
    }
}

#[test]
fn a_syntax_error_names_its_line_and_does_not_quote_it() {
    let error = parse("listen = \"a\"\nsecret = \"canary-in-a-broken-line\n").unwrap_err();
    assert_eq!(error.path, "line 2");
    assert!(!error.to_string().contains("canary"), "{error}");
}

#[test]
fn no_error_quotes_a_secret_that_is_in_the_wrong_place() {
    let text = config("http://127.0.0.1:1");
    for (from, to) in [
        ("timeout = 2", "timeout = \"canary\""),
        (
            "password = \"sandbox-password\" }",
            "password = [\"canary\"] }",
        ),
        (
            "grant = { type = \"password\", ",
            "grant = { type = \"canary\", ",
        ),
        (
            "password = \"sandbox-password\" }",
            "password = \"sandbox-password\", canary = 1 }",
        ),
        ("grant = {", "grant = \"canary\"\ngrunt = {"),
        ("countries = [", "countries = \"canary\"\n_ = ["),
        (
            "secret = \"canary-signing-secret-of-at-least-32-bytes\"",
            "secret = [\"canary\"]",
        ),
    ] {
        assert!(text.contains(from), "{from}");
        let error = parse(&text.replacen(from, to, 1)).unwrap_err();
        // A key may be named, a value may not be quoted.
        assert!(
            !error
                .problem
                .replace("unknown field `canary`", "")
                .contains("canary"),
            "{error}"
        );
    }
}

#[test]
fn a_value_from_the_environment_is_named_when_it_is_wrong() {
    let text = config("http://127.0.0.1:1");
    let environment = Environment::from([("PATCHCORD_COLOUR", "red")]);
    let error = Config::parse(&text, Path::new("."), &environment).unwrap_err();
    assert!(error.to_string().contains("PATCHCORD_COLOUR"), "{error}");
    let environment = Environment::from([
        ("PATCHCORD_AUDIENCE", "https://elsewhere.example"),
        ("PATCHCORD_ACCOUNT_1_TIMEOUT", "7"),
    ]);
    let config = Config::parse(&text, Path::new("."), &environment).unwrap();
    assert_eq!(config.audience, "https://elsewhere.example");
    assert_eq!(config.accounts["babelforce"].timeout.as_secs(), 7);
}
