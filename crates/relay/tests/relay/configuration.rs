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
        (
            "name = \"Alex Adler\"",
            "name = \"Alex Adler\"\nteam = \" \"",
            "agent[0].team",
        ),
        (
            "region = \"DE\"",
            "region = \"DE\"\nadmin = { origin = \"https://relay.acme.example\", people = [{ name = \"a\", token = \"canary-admin-token-of-at-least-32-bytes\", role = \"boss\" }] }",
            "admin.people[0].role",
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
        (
            "region = \"DE\"",
            "region = \"DE\"\nrefuse_prefixes = [\"+4915\", \"4916\"]",
            "refuse_prefixes[1]",
        ),
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

/// The path that the error names where this stands before the first account and this in the first topic.
fn path_of_times(file: &str, topic: &str) -> Option<String> {
    let text = config("http://127.0.0.1:1")
        .replacen("[[account]]", &format!("{file}\n[[account]]"), 1)
        .replacen(
            "topic = \"sales\"\n",
            &format!("topic = \"sales\"\n{topic}\n"),
            1,
        );
    parse(&text).err().map(|error| {
        assert!(!error.problem.is_empty() && !error.remedy.is_empty());
        error.path
    })
}

#[test]
fn opening_hours_are_read_and_every_mistake_in_them_is_named() {
    const OFFICE: &str = r#"
[[hours]]
name = "office"
zone = "Europe/Berlin"
monday = ["09:00-12:30", "13:30-18:00"]
friday = ["09:00-24:00"]
saturday = ["00:00-02:00"]
holidays = ["12-25", "2027-05-06"]
exceptions = [{ date = "2026-12-24", open = ["09:00-12:00"] }, { date = "2026-12-31", open = [] }]
"#;
    let topic = "hours = \"office\"\nwhen_closed = \"refuse\"\nslot = 30\nlead = 60";
    assert_eq!(path_of_times(OFFICE, topic), None);
    for (from, to, path) in [
        ("Europe/Berlin", "Europe/Bonn", "hours[0].zone"),
        ("monday", "mondays", "hours[0].mondays"),
        ("09:00-12:30", "9-12", "hours[0].monday[0]"),
        ("09:00-24:00", "22:00-02:00", "hours[0].friday[0]"),
        ("09:00-12:30", "09:00-14:00", "hours[0].monday"),
        ("12-25", "25.12.", "hours[0].holidays[0]"),
        ("2026-12-24", "24.12.2026", "hours[0].exceptions[0].date"),
        ("2026-12-24", "2026-12-31", "hours[0].exceptions[1].date"),
        (
            "\"09:00-12:00\"",
            "\"closed\"",
            "hours[0].exceptions[0].open[0]",
        ),
        (
            "open = []",
            "closed = true",
            "hours[0].exceptions[1].closed",
        ),
    ] {
        assert!(OFFICE.contains(from), "{from}");
        let found = path_of_times(&OFFICE.replacen(from, to, 1), topic);
        assert_eq!(found.as_deref(), Some(path), "{to}");
    }
    let never = "[[hours]]\nname = \"office\"\nzone = \"UTC\"";
    assert_eq!(path_of_times(never, "").as_deref(), Some("hours[0]"));
    let twice = format!("{OFFICE}{OFFICE}");
    assert_eq!(path_of_times(&twice, "").as_deref(), Some("hours[1].name"));
    for (topic, path) in [
        ("hours = \"shop\"", "topic[0].hours"),
        ("when_closed = \"wait\"", "topic[0].when_closed"),
        (
            "hours = \"office\"\nwhen_closed = \"maybe\"",
            "topic[0].when_closed",
        ),
        ("slot = 4", "topic[0].slot"),
        ("lead = 100000", "topic[0].lead"),
    ] {
        assert_eq!(
            path_of_times(OFFICE, topic).as_deref(),
            Some(path),
            "{topic}"
        );
    }
}

#[test]
fn limits_and_proxies_are_read_and_every_mistake_in_them_is_named() {
    for (lines, path) in [
        (
            "trusted_proxies = [\"10.0.0.0/8\", \"::1\"]\nforwarded_header = \"forwarded\"",
            None,
        ),
        (
            "trusted_proxies = [\"10.0.0.0/8\", \"proxy\"]",
            Some("trusted_proxies[1]"),
        ),
        ("forwarded_header = \"x-real-ip\"", Some("forwarded_header")),
        ("policy = \"maybe\"", Some("policy")),
    ] {
        assert_eq!(path_of_times(lines, "").as_deref(), path, "{lines}");
    }
    for (from, to, path) in [
        (
            "limits = { visitor_per_hour = 10000",
            "limits = { visitor_per_hour = 0",
            "limits.visitor_per_hour",
        ),
        (
            "limits = { ",
            "limits = { visitor_per_week = 1, ",
            "limits.visitor_per_week",
        ),
        (
            "key = \"pk_demo\"",
            "key = \"pk_demo\"\nper_day = 0",
            "key[0].per_day",
        ),
        (
            "timeout = 2",
            "timeout = 2\nper_day = 0",
            "account[0].per_day",
        ),
    ] {
        assert_eq!(path_of(from, to), path, "{to}");
    }
}

#[test]
fn quiet_hours_are_read_and_every_mistake_in_them_is_named() {
    for (quiet, path) in [
        ("from = \"20:00\", to = \"08:00\"", None),
        (
            "from = \"20:00\", to = \"08:00\", days = [\"saturday\", \"sunday\"]",
            None,
        ),
        ("from = \"20:00\"", Some("quiet_hours")),
        ("from = \"8 pm\", to = \"08:00\"", Some("quiet_hours.from")),
        ("from = \"20:00\", to = \"25:00\"", Some("quiet_hours.to")),
        ("from = \"20:00\", to = \"20:00\"", Some("quiet_hours")),
        (
            "from = \"20:00\", to = \"08:00\", days = [\"Sunday\"]",
            Some("quiet_hours.days[0]"),
        ),
        (
            "from = \"20:00\", to = \"08:00\", sundays = true",
            Some("quiet_hours.sundays"),
        ),
    ] {
        let found = path_of_times(&format!("quiet_hours = {{ {quiet} }}"), "");
        assert_eq!(found.as_deref(), path, "{quiet}");
    }
}

#[test]
fn hosts_are_read_and_every_mistake_in_them_is_named() {
    let good = crate::panel::with_agent_api(&config("http://127.0.0.1:1")) + crate::hosts::HOSTS;
    assert_eq!(parse(&good).unwrap().hosts.len(), 7);
    for (from, to, path) in [
        ("name = \"cti\"", "name = \"force\"", "host[1].name"),
        ("name = \"cti\"", "name = \"Open CTI\"", "host[1].name"),
        ("name = \"cti\"", "name = \"-cti\"", "host[1].name"),
        ("name = \"cti\"", "name = \"\"", "host[1].name"),
        ("kind = \"open-cti\"", "kind = \"open_cti\"", "host[1].kind"),
        ("[\"https://app.hubspot.com\"]", "[]", "host[3].origins"),
        (
            "https://app.hubspot.com",
            "https://app.hubspot.com/",
            "host[3].origins[0]",
        ),
        (
            "https://app.hubspot.com",
            "https://*.hubspot.com",
            "host[3].origins[0]",
        ),
        (
            "https://app.hubspot.com",
            "http://app.hubspot.com",
            "host[3].origins[0]",
        ),
        (
            "https://app.hubspot.com",
            "https://127.1",
            "host[3].origins[0]",
        ),
        (
            "http://localhost:4102",
            "http://localhost.evil.example",
            "host[5].origins[1]",
        ),
        (
            "provider = \"babelforce\"\nregion",
            "provider = \"skype\"\nregion",
            "host[3].provider",
        ),
        (
            "sign_in = \"babelforce\"\nprovider",
            "sign_in = \"samespace\"\nprovider",
            "host[3].sign_in",
        ),
        (
            "provider = \"babelforce\"\nregion = \"AT\"",
            "provider = \"babelforce\"\nregion = \"Austria\"",
            "host[3].region",
        ),
        (
            "system = \"zendesk-acme\"",
            "system = \" \"",
            "host[4].system",
        ),
        (
            "system = \"zendesk-acme\"",
            "sistem = \"x\"",
            "host[4].sistem",
        ),
        (
            "{ number = [\"MobilePhone\", \"Phone\"], payload = { name = \"Name\", plan = \"Plan__c\" } }",
            "{ number = [] }",
            "host[0].entities.Contact",
        ),
        (
            "number = [\"MobilePhone\", \"Phone\"]",
            "numbers = [\"Phone\"]",
            "host[0].entities.Contact.numbers",
        ),
        (
            "plan = \"Plan__c\"",
            "plan = \"\"",
            "host[0].entities.Contact.payload",
        ),
        (
            "system = \"zendesk-acme\"\nsign_in = \"babelforce\"",
            "",
            "host[4].sign_in",
        ),
        (
            "region = \"DE\"",
            "public_origin = \"https://relay.example/\"\nregion = \"DE\"",
            "public_origin",
        ),
        (
            "audience = \"https://relay.acme.example\"",
            "audience = \"the relay\"",
            "public_origin",
        ),
    ] {
        assert!(good.contains(from), "{from}");
        let error = parse(&good.replacen(from, to, 1)).expect_err(to);
        assert_eq!(error.path, path, "{error}");
        assert!(!error.problem.is_empty() && !error.remedy.is_empty());
    }
    let nobody_signs_in = config("http://127.0.0.1:1") + crate::hosts::HOSTS;
    let nobody_signs_in = parse(&nobody_signs_in).unwrap_err();
    assert_eq!(nobody_signs_in.path, "host[2].sign_in");
}
