//! Tests that read like documents: commands, and what they print. `UPDATE_EXPECT=1` writes what is printed now.
//!
//! A file of tests/transcripts is text with blocks apart by an empty line: `== NAME` begins a file of the user's folder
//! (up to a line `==`), `$ LINE` a command with what it prints below, `wait 5s` lets time pass. All else is prose. Lines
//! `< TEXT` right after a command are typed when it asks for input, one after the other; `< ^C` and `< ^D` are keys.

use kubarium_sim::clock::{Span, Time};
use kubarium_sim::command::Command;
use kubarium_sim::dice::Dice;
use kubarium_sim::fingerprint;
use kubarium_sim::history::History;
use kubarium_sim::schema::descriptions;
use kubarium_sim::setup::Setup;
use std::fs;
use std::path::{Path, PathBuf};

/// A command that has not ended after this time never will.
const LONGEST: Span = Span::minutes(30);

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e == "txt") {
            found.push(path);
        }
    }
}

/// Between two things that are typed.
const TYPING: Span = Span(500);

/// Types what stands behind `< `.
fn type_in(history: &mut History, session: u32, text: &str) {
    history.seek(history.now() + TYPING);
    history.command(match text {
        "^C" => Command::Interrupt { session },
        "^D" => Command::Input { session, text: "\u{4}".into() },
        "^P^Q" => Command::Input { session, text: "\u{10}\u{11}".into() },
        line => Command::Input { session, text: format!("{line}\n").into() },
    });
    history.seek(history.now() + TYPING);
}

/// Runs a command line to its end, types `input` into it, and answers what it printed.
fn run(history: &mut History, line: &str, input: &[&str]) -> String {
    history.command(Command::Run { line: line.into() });
    let started = history.now();
    let mut input = input.iter();
    loop {
        history.seek(history.now() + Span(50));
        let (number, session) = history.cluster().sessions.iter().next_back().expect("it was started");
        if session.ended.is_some() && &*session.line == line {
            return session.output.iter().map(|chunk| &*chunk.text).collect();
        }
        let number = *number;
        if session.asks()
            && let Some(text) = input.next()
        {
            type_in(history, number, text);
        }
        assert!(history.now() < started + LONGEST, "`{line}` does not end");
    }
}

/// Plays a transcript; answers it with what is printed now.
fn play(text: &str, history: &mut History) -> String {
    let mut out = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        if let Some(name) = line.strip_prefix("== ") {
            let content: Vec<&str> = lines.by_ref().take_while(|l| *l != "==").collect();
            let text = content.join("\n") + "\n";
            out.push_str(&text);
            out.push_str("==\n");
            history.command(Command::Write { name: name.into(), text: text.into() });
        } else if let Some(command) = line.strip_prefix("$ ") {
            let typed: Vec<&str> =
                std::iter::from_fn(|| lines.next_if(|l| l.starts_with("< "))).map(|l| &l[2..]).collect();
            typed.iter().for_each(|text| out.push_str(&format!("< {text}\n")));
            while lines.next_if(|l| !l.is_empty()).is_some() {}
            let printed = run(history, command, &typed);
            // An empty line would end the block.
            out.extend(printed.lines().map(str::trim_end).filter(|l| !l.is_empty()).flat_map(|l| [l, "\n"]));
        } else if let Some(seconds) = line.strip_prefix("wait ").and_then(|w| w.strip_suffix('s')) {
            history.seek(history.now() + Span::secs(seconds.parse().expect("whole seconds")));
        }
    }
    out
}

/// Lives a second time, jumping about, and must come to the same end.
fn live_twice(path: &Path, history: &History) {
    let (journal, end) = (history.journal().to_vec(), history.end());
    let mut again = History::replay(Setup::default().cluster(), journal, end);
    for n in 0..6 {
        let whom = path.to_string_lossy();
        again.seek(Time(Dice(7).below(end.0 + 1, &whom, &n.to_string())));
    }
    again.seek(end);
    assert_eq!(fingerprint::of(again.cluster()), fingerprint::of(history.cluster()), "{} lived twice", path.display());
}

#[test]
fn transcripts() {
    descriptions::give(descriptions::TEXT);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/transcripts");
    let update = std::env::var("UPDATE_EXPECT").is_ok_and(|v| v == "1");
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    files(&root, &mut found);
    assert!(!found.is_empty(), "there are transcripts");
    for path in found {
        let expect = fs::read_to_string(&path).expect("a text");
        let mut history = History::new(Setup::default().cluster());
        let got = play(&expect, &mut history);
        live_twice(&path, &history);
        if got == expect {
            continue;
        }
        if update {
            fs::write(&path, got).expect("it can be written");
        } else {
            let line = expect
                .lines()
                .zip(got.lines())
                .position(|(a, b)| a != b)
                .unwrap_or(expect.lines().count().min(got.lines().count()));
            let [was, is] = [&expect, &got].map(|t| t.lines().nth(line).unwrap_or("(end)").to_string());
            wrong.push(format!("{}:{}\n  expected: {was}\n  printed:  {is}", path.display(), line + 1));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
