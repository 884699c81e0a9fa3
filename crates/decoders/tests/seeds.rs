//! The fuzzer's properties in a few seconds: its seeds as they are, seeds with mistakes in them, and anything.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support: a failure here is a failed test"
)]

use std::fs;
use std::path::Path;

use patchcord_decoders::TARGETS;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

/// What mistakes are made of.
const SPLINTERS: &[&[u8]] = &[
    b"\"",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\n",
    b"\r",
    b"\0",
    b"\xff",
    b"\\ud800",
    b"null",
    b"true",
    b"-1",
    b"1e400",
    b"9223372036854775808",
    b"json:",
    b"\xef\xbb\xbf",
    b"%00",
    b"../",
    b"+49",
    b"---\n",
];

#[derive(Debug, Clone)]
enum Mistake {
    Cut(Index, Index),
    Double(Index, Index),
    Byte(Index, u8),
    Splinter(Index, Index),
    Other(Index, Index),
}

fn mistake() -> impl Strategy<Value = Mistake> {
    let place = any::<Index>;
    prop_oneof![
        (place(), place()).prop_map(|(from, to)| Mistake::Cut(from, to)),
        (place(), place()).prop_map(|(from, to)| Mistake::Double(from, to)),
        (place(), any::<u8>()).prop_map(|(at, byte)| Mistake::Byte(at, byte)),
        (place(), place()).prop_map(|(at, which)| Mistake::Splinter(at, which)),
        (place(), place()).prop_map(|(at, which)| Mistake::Other(at, which)),
    ]
}

/// The seed with a mistake in it.
fn make(mut data: Vec<u8>, mistake: &Mistake, seeds: &[Vec<u8>]) -> Vec<u8> {
    let place = |index: &Index, data: &[u8]| index.index(data.len() + 1);
    match mistake {
        Mistake::Cut(from, to) => {
            let (from, to) = (place(from, &data), place(to, &data));
            data.drain(from.min(to)..from.max(to));
        }
        Mistake::Double(from, to) => {
            let (from, to) = (place(from, &data), place(to, &data));
            let part = data[from.min(to)..from.max(to)].to_vec();
            data.splice(from..from, part);
        }
        Mistake::Byte(at, byte) => {
            let at = place(at, &data);
            data.splice(at..(at + 1).min(data.len()), [*byte]);
        }
        Mistake::Splinter(at, which) => {
            let at = place(at, &data);
            data.splice(at..at, which.get(SPLINTERS).iter().copied());
        }
        Mistake::Other(at, which) => {
            let (other, at) = (which.get(seeds), place(at, &data));
            data.truncate(at);
            data.extend_from_slice(other.get(at..).unwrap_or_default());
        }
    }
    data
}

fn drive(name: &str, cases: u32) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/seeds")
        .join(name);
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let seeds: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    for seed in &seeds {
        (target.check)(seed);
    }
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let mistaken = (any::<Index>(), proptest::collection::vec(mistake(), 1..4)).prop_map(
        |(seed, mistakes)| {
            mistakes
                .iter()
                .fold(seed.get(&seeds).clone(), |data, mistake| {
                    make(data, mistake, &seeds)
                })
        },
    );
    let anything = proptest::collection::vec(any::<u8>(), 0..200);
    let input = prop_oneof![4 => mistaken, 1 => anything];
    TestRunner::new(config)
        .run(&input, |data| {
            (target.check)(&data);
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}

macro_rules! targets {
    ($($name:ident: $cases:literal,)*) => {
        $(#[test] fn $name() { drive(stringify!($name), $cases); })*

        #[test]
        fn every_target_is_tried_and_can_be_fuzzed() {
            let tried = [$(stringify!($name)),*];
            let known: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(tried.as_slice(), known);
            let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
            for name in known {
                assert!(fuzz.join(format!("targets/{name}.rs")).is_file(), "{name}");
            }
        }
    };
}

targets! {
    assertion: 1000,
    callback: 500,
    captcha: 1000,
    command: 2000,
    csv: 1000,
    desk: 500,
    desk_reply: 2000,
    header: 2000,
    http: 150,
    jwks: 300,
    number: 2000,
    payload: 2000,
    phone: 1000,
    proof: 1000,
    provider: 2000,
    rsql: 2000,
    scim: 2000,
    stream: 500,
    token: 1000,
}
