//! The project's commands: `cargo xtask serve`, `build`, `test`, `bench`.
//!
//! Each one first installs the tools it lacks (see [`setup`]), so that a fresh clone needs rustup and Node and no more.

mod bench;
mod build;
mod probe;
mod recordings;
mod run;
mod schema;
mod serve;
mod setup;
mod sizes;
mod split;
mod test;

use std::env;
use std::process::ExitCode;

const HELP: &str = "\
usage: cargo xtask COMMAND

  serve [--port N]     build the page, serve it on this machine, rebuild when a source file changes
        [--dev]        quicker to build, slower to run
  build                build the page into dist/, a folder that any static host can serve, under any path
  test [STAGE ...]     everything that must hold before a change is merged (stages: see `test --list`)
  schema FOLDER        make the API's table of types anew, from FOLDER's openapi-definitions.json
  bench                measure, natively and in WebAssembly, and write docs/benchmarks.md
  setup                only install the tools that the other commands need
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", &[][..]),
    };
    let done = match command {
        "serve" => serve::command(rest),
        "build" => no_options(rest).and_then(|()| build::command()),
        "bench" => no_options(rest).and_then(|()| bench::command()),
        "test" => test::command(rest),
        "schema" => schema::command(rest),
        "setup" => no_options(rest).and_then(|()| setup::everything()),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(format!("there is no command {other:?}\n\n{HELP}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("xtask: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn no_options(rest: &[String]) -> run::Result<()> {
    match rest.first() {
        None => Ok(()),
        Some(option) => Err(format!("this command takes no {option:?}\n\n{HELP}")),
    }
}
