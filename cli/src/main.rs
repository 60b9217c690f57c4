//! `kubarium` without a browser: each command is a file of this folder.

mod bench;

use std::env;
use std::process::ExitCode;

const HELP: &str = "\
usage: kubarium COMMAND

  bench [--once]    carry out the loads that `cargo xtask bench` measures
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["bench"] => bench::bench(false),
        ["bench", "--once"] => bench::bench(true),
        ["help" | "--help" | "-h"] => print!("{HELP}"),
        _ => {
            eprint!("{HELP}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
