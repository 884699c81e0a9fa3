//! `patchcord-relay check`

use patchcord_relay::check;
use patchcord_relay::config::Config;
use patchcord_relay::http::problem::chain;

use super::print;

/// Prints what was looked at, and fails if anything of it is wrong.
pub async fn run(config: Config) -> Result<(), String> {
    let findings = check::check(config).await.map_err(|error| chain(&error))?;
    let mut wrong = 0;
    for finding in findings {
        match finding.result {
            Ok(text) => print(&format!("ok     {} {text}\n", finding.subject))?,
            Err(text) => {
                wrong += 1;
                print(&format!("WRONG  {}: {text}\n", finding.subject))?;
            }
        }
    }
    if wrong == 0 {
        Ok(())
    } else {
        Err(format!("{wrong} to mend"))
    }
}
