//! Runs steps one after the other, goes on after a failure, counts and reports.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;

use crate::follow::{self, minutes};
use crate::process;
use crate::steps::{Count, Step};
use crate::workspace::Workspace;

/// Tests that passed and failed.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
}

struct Ended {
    name: &'static str,
    command: String,
    tally: Tally,
    output: String,
}

/// Runs all steps. The last line is `N passed, N failed`.
pub fn run(_ws: &Workspace, steps: Vec<Step>) -> Result<ExitCode> {
    let start = Instant::now();
    let mut total = Tally::default();
    let mut failures = Vec::new();
    let mut table = String::new();
    for step in steps {
        process::progress(step.name);
        let begin = Instant::now();
        let ended = run_one(step);
        let Tally { passed, failed } = ended.tally;
        let line = format!(
            "{:<34}{:>5} passed {:>4} failed {:>7}",
            ended.name,
            passed,
            failed,
            minutes(begin.elapsed())
        );
        eprintln!("    {line}");
        table += &format!("{line}\n");
        total.passed += passed;
        total.failed += failed;
        if failed > 0 {
            eprintln!("{}", ended.output);
            failures.push(ended);
        }
    }
    // Again at the end: in a long log this is where one looks.
    for failure in &failures {
        println!(
            "\n--- failed: {} ({})\n{}",
            failure.name, failure.command, failure.output
        );
    }
    println!("\n{table}{:<58}{:>7}\n", "in all", minutes(start.elapsed()));
    println!("{} passed, {} failed", total.passed, total.failed);
    Ok(if total.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn run_one(mut step: Step) -> Ended {
    let command = process::line(&step.command);
    let (succeeded, mut output) = match follow::run(&mut step.command) {
        // Test results last: what a build says comes before them.
        Ok(ended) => (ended.status.success(), ended.err + &ended.out),
        Err(error) => (false, format!("cannot start: {error}\n")),
    };
    let counted = match step.count {
        Count::Check => Tally {
            passed: u64::from(succeeded),
            failed: u64::from(!succeeded),
        },
        Count::Runner => {
            let counted = counted(&output);
            if counted == Tally::default() {
                output += "No test was run: that counts as one failure.\n";
            }
            settle(succeeded, counted)
        }
    };
    Ended {
        name: step.name,
        command,
        tally: counted,
        output,
    }
}

/// A runner that failed without saying so, or that ran nothing, counts as one failure.
fn settle(succeeded: bool, counted: Tally) -> Tally {
    let silent = (!succeeded || counted.passed == 0) && counted.failed == 0;
    Tally {
        failed: counted.failed + u64::from(silent),
        ..counted
    }
}

/// Adds up every `test result: … N passed; N failed` line.
fn counted(output: &str) -> Tally {
    output
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("test result:"))
        .fold(Tally::default(), |sum, line| Tally {
            passed: sum.passed + before(line, "passed"),
            failed: sum.failed + before(line, "failed"),
        })
}

/// The number before a word: 3 for `passed` in `ok. 3 passed; 0 failed`.
fn before(line: &str, word: &str) -> u64 {
    line.split([';', '.'])
        .filter_map(|part| part.trim().strip_suffix(word))
        .find_map(|number| number.trim().parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_results_of_all_test_programs_are_added_up() {
        let output = "\
running 3 tests
test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s
test a ... FAILED
test result: FAILED. 12 passed; 2 failed; 1 ignored; 0 filtered out; finished in 1.50s";
        let expected = Tally {
            passed: 15,
            failed: 2,
        };
        assert_eq!(counted(output), expected);
    }

    #[test]
    fn a_runner_that_does_not_compile_counts_as_one_failure() {
        let nothing = counted("error[E0308]: mismatched types");
        assert_eq!(settle(false, nothing).failed, 1);
    }

    #[test]
    fn a_runner_that_ran_nothing_counts_as_one_failure() {
        assert_eq!(settle(true, Tally::default()).failed, 1);
    }

    #[test]
    fn a_crash_after_passed_tests_counts_as_a_failure() {
        let some = Tally {
            passed: 4,
            failed: 0,
        };
        assert_eq!(settle(false, some).failed, 1);
        assert_eq!(settle(true, some), some);
    }
}
