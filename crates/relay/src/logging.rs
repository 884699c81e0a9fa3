//! Where log lines go and what they look like.

use std::env::VarError;
use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Starts to log to the error output: `PATCHCORD_LOG` says what, `PATCHCORD_LOG_FORMAT` in which form.
///
/// # Errors
/// A variable that cannot be read.
pub fn start() -> Result<(), String> {
    let filter = match std::env::var("PATCHCORD_LOG") {
        Ok(text) => EnvFilter::try_new(text).map_err(|error| {
            format!("PATCHCORD_LOG: {error}; write `info`, or as in `patchcord_relay=debug`")
        })?,
        Err(VarError::NotPresent) => EnvFilter::new("info"),
        Err(VarError::NotUnicode(_)) => return Err("PATCHCORD_LOG is not UTF-8".into()),
    };
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match std::env::var("PATCHCORD_LOG_FORMAT").as_deref() {
        Ok("json") => lines
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .init(),
        Ok("text") | Err(VarError::NotPresent) => {
            lines.with_ansi(std::io::stderr().is_terminal()).init()
        }
        _ => return Err("PATCHCORD_LOG_FORMAT has to be `text` or `json`".into()),
    }
    Ok(())
}
