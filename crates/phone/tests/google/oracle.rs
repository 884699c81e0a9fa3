//! Google's engine as a child process, and what it knows of each plan.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use serde::Deserialize;
use serde_json::{Value, json};

/// Questions are shared among as many processes.
const PROCESSES: usize = 2;

/// What an oracle knows of every numbering plan.
#[derive(Deserialize)]
pub struct World {
    /// Of the metadata: `9.0.43`.
    pub version: String,
    pub plans: Vec<Plan>,
}

#[derive(Deserialize)]
pub struct Plan {
    /// None for a plan that belongs to no country.
    pub region: Option<String>,
    pub country_code: u16,
    /// A pattern.
    pub international_prefix: String,
    pub national_prefix: String,
    /// A pattern.
    pub national_prefix_for_parsing: String,
    pub lengths: Vec<usize>,
    pub kinds: BTreeMap<String, Described>,
    /// Short and emergency numbers.
    pub short: BTreeMap<String, Described>,
}

/// One kind of numbers of a plan.
#[derive(Deserialize)]
pub struct Described {
    pub pattern: String,
    pub example: Option<String>,
}

impl World {
    pub fn known() -> Self {
        let answer = ask(&[json!({ "op": "plans" })]).remove(0);
        serde_json::from_value(answer).unwrap()
    }

    pub fn regions(&self) -> Vec<&str> {
        self.plans
            .iter()
            .filter_map(|plan| plan.region.as_deref())
            .collect()
    }
}

/// The answers to questions, in their order.
pub fn ask(questions: &[Value]) -> Vec<Value> {
    let share = questions.len().div_ceil(PROCESSES).max(1);
    thread::scope(|scope| {
        let processes: Vec<_> = questions
            .chunks(share)
            .map(|questions| scope.spawn(move || ask_one_process(questions)))
            .collect();
        processes
            .into_iter()
            .flat_map(|process| process.join().unwrap())
            .collect()
    })
}

fn ask_one_process(questions: &[Value]) -> Vec<Value> {
    let mut process = python().spawn().expect("Python 3 is needed: install it");
    let mut to = process.stdin.take().unwrap();
    let from = BufReader::new(process.stdout.take().unwrap());
    let answers: Vec<Value> = thread::scope(|scope| {
        // At the same time as the answers are read: pipes hold little.
        scope.spawn(move || {
            for question in questions {
                writeln!(to, "{question}").unwrap();
            }
        });
        from.lines()
            .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
            .collect()
    });
    assert!(process.wait().unwrap().success(), "the oracle failed");
    assert_eq!(answers.len(), questions.len(), "an answer each");
    answers
}

fn python() -> Command {
    let library = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../tools/phonenumbers");
    assert!(
        library.is_dir(),
        "Google's engine is not there: `cargo xtask google` fetches it and runs these tests"
    );
    let mut python = Command::new("python3");
    python
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/google/oracle.py"
        ))
        .env("PYTHONPATH", library)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    python
}
