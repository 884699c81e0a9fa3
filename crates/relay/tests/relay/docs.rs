//! What the documents say about tests is true.

use std::collections::BTreeSet;
use std::path::Path;

use patchcord_relay::crash::POINTS;

#[test]
fn every_test_that_the_threat_model_names_is_there() {
    let page = include_str!("../../../../docs/security.md");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut sources = String::new();
    for folder in [folder.join("relay"), folder] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "rs") {
                sources += &std::fs::read_to_string(path).unwrap();
            }
        }
    }
    let named: BTreeSet<&str> = page
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| {
            word.len() > 15
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        })
        .collect();
    assert!(named.len() > 30, "{named:?}");
    for name in named {
        assert!(
            sources.contains(&format!("fn {name}(")),
            "there is no test {name}"
        );
    }
}

#[test]
fn the_smallest_platform_has_as_many_lines_as_its_page_says_and_no_more_than_400() {
    let page = include_str!("../../../../docs/third-platform.md");
    let files = [
        include_str!("../../../core/src/provider/webhook/mod.rs"),
        include_str!("../../../core/src/provider/webhook/template.rs"),
    ];
    let lines: usize = files.iter().map(|file| file.lines().count()).sum();
    assert!(
        page.contains(&format!(" {lines} lines in two files.")),
        "{lines}"
    );
    assert!(lines <= 400, "{lines}");
}

#[test]
fn every_crash_point_of_the_source_is_on_the_list_and_the_other_way_round() {
    let mut there = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = std::fs::read_to_string(path).unwrap();
            for rest in source.split("crash::point(\"").skip(1) {
                there.insert(rest.split('"').next().unwrap().to_owned());
            }
        }
    }
    let listed: BTreeSet<String> = POINTS.iter().map(|&point| point.to_owned()).collect();
    assert_eq!(there, listed);
}
