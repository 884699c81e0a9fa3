//! The codes of the contract, as `tests/fixtures/codes.json` has them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use patchcord_core::error::Code;
use patchcord_core::outcome::Outcome;
use patchcord_relay::http::problem::Problem;
use serde_json::Value;

static FIXTURE: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../tests/fixtures/codes.json")).expect("JSON")
});
static PROBLEMS: LazyLock<BTreeMap<String, u16>> =
    LazyLock::new(|| serde_json::from_value(FIXTURE["problems"].clone()).expect("problems"));

/// The status of a code of a problem document, if it is one.
pub fn status(code: &str) -> Option<u16> {
    PROBLEMS.get(code).copied()
}

/// Whether a code says that nobody knows what became of something.
pub fn is_unknown(code: &str) -> bool {
    let codes = FIXTURE["unknown"].as_array().expect("codes");
    codes.iter().any(|own| own == code)
}

/// What refused has a code of the contract, and it was the asker's fault.
pub fn check_problem(problem: &Problem) {
    let code = problem.code().as_str();
    assert_eq!(status(code), Some(problem.status().as_u16()), "{code}");
    assert!(problem.status().is_client_error(), "{code}");
}

/// An outcome has a code of its own group.
pub fn check_outcome(outcome: &Outcome) {
    let group = match outcome {
        Outcome::Accepted => return,
        // What a provider cannot do is refused before it is asked.
        Outcome::Refused(because) if because.code == Code::CapabilityMissing => return,
        Outcome::Refused(_) => "refused",
        Outcome::Unknown(_) => "unknown",
    };
    let code = outcome.because().map(|because| because.code.as_str());
    let codes = FIXTURE[group].as_array().expect("codes");
    assert!(codes.iter().any(|own| own.as_str() == code), "{outcome:?}");
}
