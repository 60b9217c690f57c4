//! `cargo xtask test`: everything that must hold before a change is merged, in stages, quick ones first.

use crate::build::{self, Mode};
use crate::run::{Result, cargo, root, run};
use crate::{probe, recordings, serve, setup, sizes};
use std::process::Command;
use std::time::{Duration, Instant};

/// A stage says by its return how many of its checks passed, and fails by an error.
struct Stage {
    name: &'static str,
    about: &'static str,
    run: fn() -> Result<()>,
}

const STAGES: [Stage; 8] = [
    Stage { name: "format", about: "rustfmt has nothing to change", run: format },
    Stage { name: "lint", about: "clippy has nothing to say", run: lint },
    Stage { name: "licences", about: "what we depend on is as deny.toml allows", run: licences },
    Stage { name: "rust", about: "the tests of all crates, and tests/*.rs", run: rust },
    Stage {
        name: "recordings",
        about: "scenes of a real cluster, as tests/recorded.txt knows them",
        run: recordings::test,
    },
    Stage { name: "wasm", about: "the same fingerprints natively and in WebAssembly", run: probe::test },
    Stage { name: "sizes", about: "what a visitor downloads", run: sizes::test },
    Stage { name: "browser", about: "the page in Chromium", run: browser },
];

/// Runs the named stages, or all, to their ends even when one fails, and tells how long each took.
pub fn command(names: &[String]) -> Result<()> {
    if names.first().is_some_and(|name| name == "--list") {
        for stage in STAGES {
            println!("{:10} {}", stage.name, stage.about);
        }
        return Ok(());
    }
    if let Some(unknown) = names.iter().find(|name| !STAGES.iter().any(|stage| stage.name == **name)) {
        return Err(format!("there is no stage {unknown:?}; `cargo xtask test --list` lists them"));
    }
    let chosen = STAGES.iter().filter(|stage| names.is_empty() || names.iter().any(|name| name == stage.name));
    let results: Vec<(&str, Duration, Result<()>)> = chosen
        .map(|stage| {
            println!("\n== {}: {}", stage.name, stage.about);
            let start = Instant::now();
            let result = (stage.run)();
            (stage.name, start.elapsed(), result)
        })
        .collect();
    println!();
    for (name, took, result) in &results {
        let said = result.as_ref().err().map_or("passed", String::as_str);
        println!("{name:10} {:6.1} s  {said}", took.as_secs_f32());
    }
    let failed = results.iter().filter(|(_, _, result)| result.is_err()).count();
    println!("{} passed, {failed} failed", results.len() - failed);
    if failed > 0 { Err("the tests do not pass".into()) } else { Ok(()) }
}

fn format() -> Result<()> {
    run(cargo().args(["fmt", "--all", "--check"]))
}

fn lint() -> Result<()> {
    run(cargo().args(["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"]))
}

fn rust() -> Result<()> {
    run(cargo().args(["test", "--quiet", "--workspace", "--no-fail-fast"]))
}

fn licences() -> Result<()> {
    run(Command::new(setup::cargo_deny()?).args(["--log-level", "error", "check", "licenses", "bans", "sources"]))
}

fn browser() -> Result<()> {
    let tools = setup::tools()?;
    let chromium = setup::chromium()?;
    build::build(&tools, Mode::Release)?;
    let (address, _) = serve::start(&root().join("dist"), Some(0))?;
    let files = build::files_below(&root().join("tests/browser"))?;
    let tests = files.iter().filter(|file| file.to_string_lossy().ends_with(".test.mjs"));
    let mut node = tools.node.script("--test");
    run(node
        .args(["--test-concurrency=1", "--test-reporter=spec"])
        .args(tests)
        .env("KUBARIUM_ADDRESS", address)
        .env("KUBARIUM_CHROMIUM", chromium))
}
