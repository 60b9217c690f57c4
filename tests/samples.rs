//! The gallery of samples: each listed in both languages, accepted, and doing what tests/samples.txt says of it.

use kubarium_lesson::goal::Check;
use kubarium_lesson::index::Index;
use kubarium_lesson::step::Step;
use kubarium_sim::clock::{Span, Time};
use kubarium_sim::command::Command;
use kubarium_sim::history::History;
use kubarium_sim::setup::Setup;
use std::collections::BTreeSet;
use std::fs;

const FOLDER: &str = "static/samples";
/// How long anything may take to come to be.
const PATIENCE: Span = Span(600_000);
const GLANCE: Span = Span(100);
/// What a wide editor shows without being scrolled, and a screen without being scrolled far.
const WIDEST: usize = 88;
const LONGEST: usize = 80;

/// What is done with a sample, or must come to be of it.
enum Act {
    Apply,
    /// Another sample is there before.
    Beside(String),
    Step(Step),
    Check(Check),
}

struct Sample {
    path: String,
    text: String,
    acts: Vec<(String, Act)>,
}

fn index(lang: &str) -> Index {
    Index::read(&fs::read_to_string(format!("{FOLDER}/samples.{lang}.md")).expect("a list"))
}

fn listed(lang: &str) -> Vec<String> {
    index(lang).lessons().map(|one| one.path.clone()).collect()
}

fn samples() -> Vec<Sample> {
    let mut samples: Vec<Sample> = vec![];
    let script = fs::read_to_string("tests/samples.txt").expect("what is to be");
    for line in script.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let Some(line) = line.strip_prefix("  ") else {
            let text = fs::read_to_string(format!("{FOLDER}/{line}")).unwrap_or_else(|e| panic!("{line}: {e}"));
            samples.push(Sample { path: line.into(), text, acts: vec![] });
            continue;
        };
        let act = match (line, Step::read(line)) {
            ("apply", _) => Act::Apply,
            _ if line.starts_with("beside ") => Act::Beside(line["beside ".len()..].into()),
            (_, Ok(Some(step))) => Act::Step(step),
            _ => Act::Check(Check::read(line).unwrap_or_else(|what| panic!("{line}: {what}"))),
        };
        samples.last_mut().expect("a path comes first").acts.push((line.into(), act));
    }
    for sample in &mut samples {
        if !sample.acts.iter().any(|(_, act)| matches!(act, Act::Apply)) {
            sample.acts.insert(0, ("apply".into(), Act::Apply));
        }
    }
    samples
}

#[test]
fn every_sample_is_listed_in_both_languages_and_has_its_proof() {
    let there: BTreeSet<String> = fs::read_dir(FOLDER)
        .expect("a folder")
        .map(|entry| entry.expect("readable").path())
        .filter(|topic| topic.is_dir())
        .flat_map(|topic| fs::read_dir(topic).expect("a folder"))
        .map(|file| file.expect("readable").path().strip_prefix(FOLDER).expect("below").to_string_lossy().into_owned())
        .collect();
    assert_eq!(listed("en"), listed("ko"));
    assert_eq!(listed("en").into_iter().collect::<BTreeSet<_>>(), there);
    let proven: BTreeSet<String> = samples().into_iter().map(|sample| sample.path).collect();
    assert_eq!(proven, there);
    for lang in ["en", "ko"] {
        let index = index(lang);
        assert!(index.lessons().all(|one| !one.about.is_empty()), "each has its sentence ({lang})");
        let names: BTreeSet<&str> = index.lessons().map(|one| one.title.as_str()).collect();
        assert_eq!(names.len(), there.len(), "each has a title of its own ({lang})");
    }
}

#[test]
fn samples_are_short() {
    for Sample { path, text, .. } in samples() {
        let wide = text.lines().map(str::len).max().unwrap_or(0);
        assert!(wide <= WIDEST && text.lines().count() <= LONGEST, "{path}: {wide} wide");
    }
}

#[test]
fn every_sample_does_what_it_is_meant_to() {
    let wrong: Vec<String> = samples().iter().filter_map(|sample| play(sample).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn play(sample: &Sample) -> Result<(), String> {
    let mut history = History::new(Setup::default().cluster());
    for (line, act) in &sample.acts {
        match act {
            Act::Apply => apply(&mut history, &sample.path, &sample.text)?,
            Act::Beside(path) => {
                let text = fs::read_to_string(format!("{FOLDER}/{path}")).map_err(|e| format!("{path}: {e}"))?;
                apply(&mut history, path, &text)?;
            }
            Act::Step(Step::Type(line)) => _ = typed(&mut history, line)?,
            Act::Step(Step::Wait(span)) => history.seek(history.now() + *span),
            Act::Step(step) => return Err(format!("{}: {step:?} has no meaning here", sample.path)),
            Act::Check(check) => {
                if !comes_to_be(&mut history, check) {
                    let pods = typed(&mut history, "kubectl get pods,deployments,jobs -A -o wide")?;
                    let said = history.cluster().sessions.values().map(|s| s.text()).collect::<String>();
                    return Err(format!("{}: never `{line}`\n{pods}\n{said}", sample.path));
                }
            }
        }
    }
    Ok(())
}

fn apply(history: &mut History, path: &str, text: &str) -> Result<(), String> {
    let name = path.rsplit('/').next().expect("a file");
    history.command(Command::Write { name: name.into(), text: text.into() });
    let said = typed(history, &format!("kubectl apply -f {name}"))?;
    match said.lines().find(|line| !line.ends_with(" created") && !line.ends_with(" unchanged")) {
        Some(refused) => Err(format!("{path}: {refused}")),
        None => Ok(()),
    }
}

fn comes_to_be(history: &mut History, check: &Check) -> bool {
    let until = history.now() + PATIENCE;
    while !check.met(history.cluster(), Time(0)) {
        if history.now() > until {
            return false;
        }
        history.seek(history.now() + GLANCE);
    }
    true
}

/// Types a line and waits for its end; what it printed.
fn typed(history: &mut History, line: &str) -> Result<String, String> {
    history.command(Command::Run { line: line.into() });
    let since = history.now();
    let until = since + PATIENCE;
    loop {
        history.seek(history.now() + GLANCE);
        let mut sessions = history.cluster().sessions.values().rev();
        if let Some(session) = sessions.find(|s| *s.line == *line && s.started >= since && s.ended.is_some()) {
            return Ok(session.text());
        }
        if history.now() > until {
            return Err(format!("`{line}` does not end"));
        }
    }
}
