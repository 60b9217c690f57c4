//! A lesson played to its end by its own steps: a teacher's way to know that it still does what its text says.

use kubarium_lesson::Lesson;
use kubarium_lesson::play::{self, Move, Play};
use kubarium_sim::history::History;
use kubarium_sim::setup::Setup;
use std::fs;
use std::path::Path;
use std::rc::Rc;

/// Whether a file is a lesson: `lesson.md`, `lesson.en.md`.
pub fn is_one(path: &Path) -> bool {
    let name = path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
    name.starts_with("lesson.") && name.ends_with(".md")
}

/// Plays the lesson and writes `transcript.txt` into the folder `target`.
///
/// # Errors
/// What is wrong with the text, which file is missing, which goals of which part were not met.
pub fn play(path: &Path, target: &Path) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|e| e.to_string())?;
    let lesson = Rc::new(Lesson::read(&text).map_err(|flaw| flaw.to_string())?);
    let home = path.parent().unwrap_or(Path::new(""));
    let file = |name: &String| {
        let text = fs::read_to_string(home.join(name)).map_err(|e| format!("{name}: {e}"))?;
        Ok((name.as_str().into(), text.into()))
    };
    let files = lesson.files.iter().map(file).collect::<Result<Vec<_>, String>>()?;
    let mut play = Play::new(lesson.clone(), &files, lesson.parts.len());
    let mut history = History::new(Setup::default().cluster());
    let stuck = loop {
        match play.next(history.cluster()) {
            Move::Order(command) => history.command(command),
            Move::Pass(span) => history.seek(history.now() + span),
            Move::There => break None,
            Move::Stuck(part) => break Some(part),
        }
    };
    let told = |e: std::io::Error| format!("{}: {e}", target.display());
    fs::create_dir_all(target).map_err(told)?;
    let text = play::transcript(&lesson, &play, history.cluster());
    fs::write(target.join("transcript.txt"), text).map_err(told)?;
    stuck.map_or(Ok(()), |part| Err(missed(&lesson, &play, part)))
}

fn missed(lesson: &Lesson, play: &Play, part: usize) -> String {
    let part = &lesson.parts[part];
    let met = play.standing().map_or(&[][..], |(_, progress)| &progress.met);
    let open = part.goals.iter().zip(met).filter(|(_, met)| !**met);
    let open: Vec<String> = open.map(|(goal, _)| kubarium_lesson::markdown::plain(&goal.words)).collect();
    format!("{:?}: not reached within {}: {}", part.title, play::patience(), open.join("; "))
}
