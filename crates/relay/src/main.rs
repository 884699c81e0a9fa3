//! The relay's command line.

mod command;
mod logging;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match command::Arguments::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            // Nowhere to complain if even this fails.
            let _ = writeln!(std::io::stderr(), "{}", text.trim_end());
            ExitCode::FAILURE
        }
    }
}
