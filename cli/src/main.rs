//! `kubarium` without a browser: each command is a file of this folder.

mod bench;
mod changes;
mod lesson;
mod play;
mod swarm;
mod verdicts;

use kubarium_sim::schema::descriptions;
use std::env;
use std::process::ExitCode;

const HELP: &str = "\
usage: kubarium COMMAND

  play DIR --out OUT           play every scene under DIR (folders with a steps.txt) and every
                               lesson (lesson.LANGUAGE.md), and write what came of them
  bench [--once] [LOAD]        carry out the loads that `cargo xtask bench` measures
  swarm [--runs N] [--seed S]  play random runs, and look for what must never happen
  verdicts CORPUS --out FILE   answer each manifest of a folder (or of a file of verdicts) as the API server would
";

fn main() -> ExitCode {
    descriptions::give(descriptions::TEXT);
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["play", folder, "--out", out] | ["play", "--out", out, folder] => {
            return play::run(folder.as_ref(), out.as_ref());
        }
        ["scene", folder, "--out", out] => return play::one(folder.as_ref(), out.as_ref()),
        ["bench"] => bench::bench(false, None),
        ["bench", "--once"] => bench::bench(true, None),
        ["bench", load] => bench::bench(false, Some(load)),
        ["bench", "--once", load] => bench::bench(true, Some(load)),
        ["swarm", ..] => return done(swarm::command(&arguments[1..])),
        ["verdicts", ..] => return done(verdicts::command(&arguments[1..])),
        ["help" | "--help" | "-h"] => print!("{HELP}"),
        _ => {
            eprint!("{HELP}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn done(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("kubarium: {problem}");
            ExitCode::FAILURE
        }
    }
}
