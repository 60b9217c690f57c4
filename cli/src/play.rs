//! `kubarium play`: scenes (folders with a `steps.txt`) and lessons played on a simulated cluster, and what came of them.

use crate::changes::Recorder;
use crate::lesson;
use kubarium_lesson::step::Step;
use kubarium_sim::clock::{Date, Span, Time};
use kubarium_sim::command::Command;
use kubarium_sim::history::History;
use kubarium_sim::kubectl;
use kubarium_sim::setup::Setup;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

/// The namespace that a scene has for itself; what is written calls it `default`.
pub const NAMESPACE: &str = "kubarium-scene";
/// How long before a scene its cluster begins.
const LEAD: Span = Span(5_000);
/// How long a scene is watched after its last step.
const TAIL: Span = Span(1_500);
/// A command that has not ended after this is left behind.
const LONGEST_COMMAND: Span = Span(3_600_000);
/// A scene that takes longer than this hangs.
const PATIENCE: Duration = Duration::from_secs(180);
/// Steps of the simulation at one go; a scene that needs more between two looks hangs.
const BUDGET: u32 = 5_000_000;

/// Plays every scene and lesson under `folder`, each in a process of its own: one that fails fails alone.
pub fn run(folder: &Path, out: &Path) -> ExitCode {
    let scenes = scenes(folder);
    if scenes.is_empty() {
        eprintln!("no folder with a steps.txt or a lesson.*.md under {}", folder.display());
        return ExitCode::from(2);
    }
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(scene) = scenes.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let below = scene.strip_prefix(folder).expect("a scene lies under its folder");
                    let target = if scene.is_file() { out.join(below.with_extension("")) } else { out.join(below) };
                    let program = env::current_exe().expect("a program that runs has a path");
                    let child = process::Command::new(program).arg("scene").arg(scene).arg("--out").arg(target).spawn();
                    if !child.is_ok_and(ends_well) {
                        eprintln!("failed: {}", scene.display());
                        failed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner();
    println!("{} scenes played, {failed} failed", scenes.len());
    ExitCode::from(u8::from(failed > 0))
}

/// Waits for a scene's process, but not for ever.
fn ends_well(mut child: process::Child) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        match child.try_wait() {
            Ok(None) => thread::sleep(Duration::from_millis(5)),
            Ok(Some(status)) => return status.success(),
            Err(_) => return false,
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    false
}

/// Plays the scene in `folder`, or the lesson of that name.
pub fn one(folder: &Path, target: &Path) -> ExitCode {
    let played = match lesson::is_one(folder) {
        true => lesson::play(folder, target),
        false => Scene::play(folder).and_then(|scene| scene.write(target)),
    };
    match played {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{}: {why}", folder.display());
            ExitCode::FAILURE
        }
    }
}

fn scenes(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![];
    if folder.join("steps.txt").is_file() {
        found.push(folder.to_path_buf());
    }
    let mut below: Vec<PathBuf> = fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    below.sort();
    for path in below {
        if path.is_dir() {
            found.extend(scenes(&path));
        } else if lesson::is_one(&path) {
            found.push(path);
        }
    }
    found
}

/// A scene being played.
struct Scene {
    history: History,
    /// When it began.
    start: Time,
    recorder: Recorder,
    transcript: String,
}

impl Scene {
    fn play(folder: &Path) -> Result<Scene, String> {
        let steps = fs::read_to_string(folder.join("steps.txt")).map_err(|e| e.to_string())?;
        let comment = |name: &str| steps.lines().find_map(|l| l.strip_prefix("# ")?.strip_prefix(name).map(str::trim));
        let mut setup = Setup::default();
        if let Some(start) = comment("start:").and_then(Date::parse_rfc3339) {
            setup.epoch = start.to_unix() * 1000;
        }
        setup.epoch -= LEAD.0 as i64;
        // The scenes about scaling were recorded beside a metrics-server, all others without one.
        let group = folder.parent().and_then(|p| p.file_name()).map_or(String::new(), |n| n.to_string_lossy().into());
        setup.metrics_server = comment("metrics-server:").map_or(group == "scaling", |text| text == "yes");
        let name = folder.file_name().map_or(String::new(), |n| n.to_string_lossy().into_owned());
        let whole = comment("scope:") == Some("cluster");
        // A scene about the whole cluster has the namespace `default` itself.
        if !whole {
            setup.namespaces.push(NAMESPACE.into());
        }
        let mut cluster = setup.cluster();
        if !whole {
            kubectl::set_namespace(&mut cluster, NAMESPACE);
        }
        let mut history = History::new(cluster);
        for (path, text) in files(folder, "") {
            history.command(Command::Write { name: path.into(), text: text.into() });
        }
        history.run(Time(0) + LEAD, BUDGET);
        let recorder = Recorder::new(&name, whole, Time(0) + LEAD, history.cluster());
        let mut scene = Scene { history, start: Time(0) + LEAD, recorder, transcript: String::new() };
        for line in steps.lines() {
            scene.step(line)?;
        }
        scene.pass(scene.history.now() + TAIL);
        Ok(scene)
    }

    fn step(&mut self, line: &str) -> Result<(), String> {
        if !self.transcript.is_empty() && !line.is_empty() {
            self.transcript.push('\n');
        }
        let Some(step) = Step::read(line)? else {
            let _ = write!(self.transcript, "{line}{}", if line.is_empty() { "" } else { "\n" });
            return Ok(());
        };
        match &step {
            Step::Type(command) => self.type_in(command),
            Step::Wait(span) => {
                let _ = writeln!(self.transcript, "{line}");
                self.pass(self.history.now() + *span);
            }
            Step::Until(span) => {
                let _ = writeln!(self.transcript, "{line}");
                self.pass(self.start + *span);
            }
            Step::Befall { .. } => {
                let at = self.clock();
                let _ = writeln!(self.transcript, "@ {at}\n{line}");
                step.command().into_iter().for_each(|command| self.history.command(command));
                self.pass(self.history.now() + Span(1));
            }
        }
        Ok(())
    }

    /// Seconds since the scene's start, as transcripts show them.
    fn clock(&self) -> String {
        let tenths = self.history.now().since(self.start).0 / 100;
        format!("{}.{}s", tenths / 10, tenths % 10)
    }

    fn pass(&mut self, until: Time) {
        let recorder = &mut self.recorder;
        while !self.history.run_watched(until, BUDGET, &mut |time, change| recorder.note(time, change)) {}
    }

    /// Types a command and waits for its end.
    fn type_in(&mut self, command: &str) {
        let at = self.clock();
        let latest = self.history.now() + LONGEST_COMMAND;
        let before = self.history.cluster().sessions.keys().next_back().copied();
        self.history.command(Command::Run { line: command.into() });
        let ended = loop {
            self.pass(self.history.now() + Span(20));
            let last = self.history.cluster().sessions.iter().next_back();
            match last {
                Some((number, session)) if Some(*number) > before && session.ended.is_some() => break Some(session),
                _ if self.history.now() > latest => break None,
                _ => {}
            }
        };
        let _ = writeln!(self.transcript, "@ {at}\n$ {command}");
        let (text, code) = match ended {
            Some(session) => (session.text(), session.ended.map_or(0, |(_, code)| code)),
            None => ("(did not end)\n".into(), 124),
        };
        let text = text.replace(NAMESPACE, "default");
        let text = text.trim_end_matches('\n');
        self.transcript.push_str(text);
        if !text.is_empty() {
            self.transcript.push('\n');
        }
        if code != 0 {
            let _ = writeln!(self.transcript, "[exit {code}]");
        }
    }

    fn write(self, target: &Path) -> Result<(), String> {
        let told = |e: std::io::Error| format!("{}: {e}", target.display());
        fs::create_dir_all(target).map_err(told)?;
        fs::write(target.join("transcript.txt"), self.transcript).map_err(told)?;
        fs::write(target.join("changes.jsonl"), self.recorder.text()).map_err(told)
    }
}

/// The files of a scene's folder by their path in it: what its commands may read.
fn files(folder: &Path, prefix: &str) -> Vec<(String, String)> {
    let mut out = vec![];
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    entries.sort();
    for path in entries {
        let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
        if path.is_dir() {
            out.extend(files(&path, &format!("{name}/")));
        } else if prefix.is_empty() && ["steps.txt", "transcript.txt", "transcript.2.txt"].contains(&name.as_str())
            || name.ends_with(".jsonl")
        {
            continue;
        } else if let Ok(bytes) = fs::read(&path) {
            out.push((name, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    out
}
