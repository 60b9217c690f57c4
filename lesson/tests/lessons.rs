//! The lessons that come with the page: in every language the same, and played to their ends by their own steps.

use kubarium_lesson::index::Index;
use kubarium_lesson::play::{GLANCE, Move, Play};
use kubarium_lesson::{Lesson, Part};
use kubarium_sim::clock::Time;
use kubarium_sim::cluster::Cluster;
use kubarium_sim::history::History;
use kubarium_sim::setup::Setup;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

const LANGUAGES: [&str; 2] = ["en", "ko"];
/// A lesson is to be lived in real time by whoever does not speed it up, in milliseconds.
const LONGEST: u64 = 15 * 60_000;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../static/lessons")
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn index(lang: &str) -> Index {
    Index::read(&text(&folder().join(format!("lessons.{lang}.md"))))
}

fn lesson(path: &str) -> Rc<Lesson> {
    Rc::new(Lesson::read(&text(&folder().join(path))).unwrap_or_else(|flaw| panic!("{path}: {flaw}")))
}

/// The files that a lesson's links name, with their texts.
fn files(path: &str, lesson: &Lesson) -> Vec<(Rc<str>, Rc<str>)> {
    let home = folder().join(path);
    let home = home.parent().expect("a lesson lies in a folder");
    lesson.files.iter().map(|name| (name.as_str().into(), text(&home.join(name)).into())).collect()
}

#[test]
fn every_language_lists_the_same_lessons_by_their_titles() {
    let names = |lang: &str| index(lang).lessons().map(|l| l.name().to_string()).collect::<Vec<_>>();
    let listed = names("en");
    assert_eq!(listed, names("ko"));
    let entries = fs::read_dir(folder()).expect("the lessons are here").map(|e| e.expect("readable"));
    let there: BTreeSet<String> =
        entries.filter(|e| e.path().is_dir()).map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(listed.iter().cloned().collect::<BTreeSet<_>>(), there);
    for lang in LANGUAGES {
        for listed in index(lang).lessons() {
            assert_eq!(listed.path, format!("{}/lesson.{lang}.md", listed.name()));
            assert_eq!(listed.title, lesson(&listed.path).title, "{}", listed.path);
        }
    }
}

#[test]
fn a_lesson_asks_and_does_the_same_in_every_language() {
    let shape = |part: &Part| {
        let checks: Vec<_> = part.goals.iter().map(|goal| goal.check.clone()).collect();
        (part.steps.clone(), checks, part.tips.len(), part.blocks.len())
    };
    for (en, ko) in index("en").lessons().zip(index("ko").lessons()) {
        let (one, other) = (lesson(&en.path), lesson(&ko.path));
        assert_eq!(one.before, other.before, "{}", en.path);
        assert_eq!(one.files, other.files, "{}", en.path);
        let shapes = |lesson: &Lesson| lesson.parts.iter().map(shape).collect::<Vec<_>>();
        assert_eq!(shapes(&one), shapes(&other), "{}", en.path);
        let home = folder().join(en.name());
        for entry in fs::read_dir(home).expect("a folder").map(|e| e.expect("readable").file_name()) {
            let name = entry.to_string_lossy().into_owned();
            assert!(name.ends_with(".md") || one.files.contains(&name), "{}: nothing leads to {name}", en.name());
        }
    }
}

/// Plays a lesson to its end; tells of each part as it begins, and answers when the end was.
fn played(path: &str, mut begins: impl FnMut(&Part, &Cluster)) -> Time {
    let lesson = lesson(path);
    let mut play = Play::new(lesson.clone(), &files(path, &lesson), lesson.parts.len());
    let mut history = History::new(Setup::default().cluster());
    let mut begun = 0;
    loop {
        let next = play.next(history.cluster());
        if play.standing().is_some_and(|(part, _)| part == begun) {
            begins(&lesson.parts[begun], history.cluster());
            begun += 1;
        }
        match next {
            Move::Order(command) => history.command(command),
            Move::Pass(span) => history.seek(history.now() + span),
            Move::There => {
                assert_eq!(begun, lesson.parts.len(), "{path}");
                return history.now();
            }
            Move::Stuck(part) => {
                let (_, progress) = play.standing().expect("it is in a part");
                let sessions = history.cluster().sessions.values();
                let said: String = sessions.map(|s| format!("$ {}\n{}", s.line, s.text())).collect();
                panic!("{path}: goals of {:?} are not met: {:?}\n{said}", lesson.parts[part].title, progress.met);
            }
        }
    }
}

fn play_all(lang: &str) {
    for listed in index(lang).lessons() {
        let end = played(&listed.path, |_, _| ());
        assert!(end < Time(LONGEST), "{} takes {} ms", listed.path, end.0);
    }
}

#[test]
fn every_lesson_comes_to_its_end_in_english() {
    play_all("en");
}

#[test]
fn every_lesson_comes_to_its_end_in_korean() {
    play_all("ko");
}

/// A part whose goals are met before anything is done asks for nothing.
#[test]
fn goals_are_not_met_before_their_part() {
    for listed in index("en").lessons() {
        played(&listed.path, |part, cluster| {
            let since = cluster.now + GLANCE;
            let open = part.goals.iter().any(|goal| !goal.check.met(cluster, since));
            assert!(open || part.goals.is_empty(), "{}: {}: all is so already", listed.path, part.title);
        });
    }
}

/// What docs/lessons.md tells a teacher to write is a lesson, and in a list.
#[test]
fn the_example_of_the_documentation_is_sound() {
    let docs = text(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/lessons.md"));
    let between =
        |from: &str, to: &str| docs.split(from).nth(1).and_then(|rest| rest.split(to).next()).expect("an example");
    let index = Index::read(between("\n```markdown\n", "\n```\n"));
    let lesson = Lesson::read(between("\n````markdown\n", "\n````\n")).expect("a sound lesson");
    assert_eq!(index.lessons().next().map(|listed| listed.title.as_str()), Some(lesson.title.as_str()));
    assert_eq!((lesson.files.as_slice(), lesson.parts[0].goals.len()), (&["pods.yaml".to_string()][..], 1));
}
