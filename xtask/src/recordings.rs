//! The recordings of a real cluster: each scene is played here and judged, and its marks are held against those of
//! `tests/recorded.txt`, where every scene that does not pass has its reason.

use crate::run::{Result, about, cargo, output, root, run};
use crate::setup;
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::process::Command;

const MARKS_FILE: &str = "tests/recorded.txt";
const HEAD: &str = "\
# What the judge (tests/judge) says of each scene of tests/recorded: four marks in hundredths, 100 being all as it was in
# the real cluster. A scene passes with 90 in each; one that does not has a reason here. The tests fail if a mark is lower
# than here, if a scene with a reason passes, or if one without does not. After an improvement:
#     UPDATE_EXPECT=1 cargo xtask test recordings
# transcript events lives objects
";
const PASS: u32 = 90;

/// A line of the list.
#[derive(Clone, Debug, PartialEq)]
struct Scene {
    marks: [u32; 4],
    /// Why it does not pass.
    reason: String,
}

impl Scene {
    fn passes(&self) -> bool {
        self.marks.iter().all(|mark| *mark >= PASS)
    }
}

type Scenes = BTreeMap<String, Scene>;

pub fn test() -> Result<()> {
    let played = root().join("target/played");
    let _ = fs::remove_dir_all(&played);
    run(cargo()
        .args(["run", "--quiet", "--release", "--package", "kubarium-cli", "--", "play", "tests/recorded", "--out"])
        .arg(&played))?;
    let python = setup::python()?;
    let judged =
        output(Command::new(python).current_dir(root()).args(["tests/judge/judge.py", "tests/recorded"]).arg(&played))?;
    let now = read_judgement(&judged)?;
    let path = root().join(MARKS_FILE);
    let expected = read_list(&fs::read_to_string(&path).unwrap_or_default())?;
    if let Some(sum) = judged.lines().last() {
        println!("{sum}");
    }
    if env::var_os("UPDATE_EXPECT").is_some() {
        let said = |name: &str| fs::read_to_string(played.join(name).join("transcript.txt")).unwrap_or_default();
        return fs::write(&path, write_list(&now, &expected, said)).map_err(about(&path));
    }
    let problems = compare(&now, &expected);
    for problem in &problems {
        println!("{problem}");
    }
    match problems.len() {
        0 => Ok(()),
        count => Err(format!("{count} scenes are not as {MARKS_FILE} says")),
    }
}

/// The judge's lines: `pass  transcript 1.00  events 0.95  lives 1.00  objects 1.00  workloads/deploy-recreate`.
fn read_judgement(text: &str) -> Result<Scenes> {
    let scene = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().filter(|word| *word != "pass").collect();
        let ["transcript", a, "events", b, "lives", c, "objects", d, name] = words[..] else {
            return None;
        };
        let mut marks = [0; 4];
        for (mark, word) in marks.iter_mut().zip([a, b, c, d]) {
            *mark = word.replacen('.', "", 1).parse().ok()?;
        }
        Some((name.to_string(), Scene { marks, reason: String::new() }))
    };
    let scenes: Scenes = text.lines().filter_map(scene).collect();
    if scenes.is_empty() { Err("the judge marked no scene".into()) } else { Ok(scenes) }
}

fn read_list(text: &str) -> Result<Scenes> {
    let mut scenes = Scenes::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let (scene, reason) = line.split_once(" # ").unwrap_or((line, ""));
        let mut words = scene.split_whitespace();
        let marks: Vec<u32> = words.by_ref().take(4).filter_map(|word| word.parse().ok()).collect();
        let (Ok(marks), Some(name)) = (marks.try_into(), words.next()) else {
            return Err(format!("{MARKS_FILE}: cannot read {line:?}"));
        };
        scenes.insert(name.to_string(), Scene { marks, reason: reason.to_string() });
    }
    Ok(scenes)
}

/// The list as it should be now. A scene that needs a reason keeps the one that a person gave; else one is made up from
/// what was printed in it (`said`) and from its marks.
fn write_list(now: &Scenes, old: &Scenes, said: impl Fn(&str) -> String) -> String {
    let mut list = HEAD.to_string();
    for (name, scene) in now {
        let [a, b, c, d] = scene.marks;
        let line = format!("{a:3} {b:3} {c:3} {d:3}  {name}");
        if scene.passes() {
            list.push_str(&line);
        } else {
            let kept = old.get(name).map(|old| &old.reason).filter(|reason| !reason.is_empty() && !made_up(reason));
            let reason = kept.cloned().unwrap_or_else(|| make_up(scene, &said(name)));
            list.push_str(&format!("{line:72} # {reason}"));
        }
        list.push('\n');
    }
    list
}

const DIFFERENT: &str = "differs in ";
const MISSING: &str = " is not simulated yet";

fn made_up(reason: &str) -> bool {
    reason.starts_with(DIFFERENT) || reason.ends_with(MISSING)
}

/// The first thing that the simulation itself says it cannot do; else in what the scene differs.
fn make_up(scene: &Scene, said: &str) -> String {
    let missing = said.lines().find_map(|line| line.strip_suffix(MISSING));
    if let Some(what) = missing {
        return format!("{}{MISSING}", what.trim_start_matches("error: "));
    }
    let facets = ["its transcript", "its events", "the lives of its Pods", "its objects"];
    let low: Vec<&str> = facets.into_iter().zip(scene.marks).filter(|(_, mark)| *mark < PASS).map(|(f, _)| f).collect();
    format!("{DIFFERENT}{}", low.join(", "))
}

fn compare(now: &Scenes, expected: &Scenes) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, scene) in now {
        let Some(old) = expected.get(name) else {
            problems.push(format!("{name}: has no line in {MARKS_FILE}"));
            continue;
        };
        let lower = scene.marks.iter().zip(old.marks).any(|(now, old)| *now < old);
        if lower {
            problems.push(format!("{name}: marks {:?} were {:?}", scene.marks, old.marks));
        } else if scene.passes() && !old.reason.is_empty() {
            problems.push(format!("{name}: passes now; take its reason out of {MARKS_FILE}"));
        } else if !scene.passes() && old.reason.is_empty() {
            problems.push(format!("{name}: does not pass, and {MARKS_FILE} gives no reason"));
        }
    }
    let gone = expected.keys().filter(|name| !now.contains_key(*name));
    problems.extend(gone.map(|name| format!("{name}: is in {MARKS_FILE}, but was not judged")));
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    const JUDGED: &str = "\
pass  transcript 1.00  events 0.95  lives 1.00  objects 0.90  a/good
      transcript 1.00  events 0.20  lives 0.00  objects 0.89  b/bad
 0.80  a (2)
scenes 2, passed 1, mean transcript 1.000, events 0.575, lives 0.500, objects 0.895, all 0.7425
";

    #[test]
    fn what_is_written_is_read_back() {
        let now = read_judgement(JUDGED).expect("two scenes");
        let mut old = now.clone();
        old.get_mut("b/bad").expect("a scene").reason = "no quota yet".into();
        let list = write_list(&now, &old, |_| String::new());
        assert_eq!(read_list(&list), Ok(old.clone()));
        assert_eq!(compare(&now, &old), Vec::<String>::new());
    }

    #[test]
    fn reasons_are_made_up_until_a_person_gives_one() {
        let now = read_judgement(JUDGED).expect("two scenes");
        let check = |old: &str, said: &str, expect: &str| {
            let old = read_list(old).expect("a list");
            let list = read_list(&write_list(&now, &old, |_| said.to_string())).expect("a list");
            assert_eq!(list["b/bad"].reason, expect);
            assert_eq!(list["a/good"].reason, "");
        };
        check("", "error: kubectl top is not simulated yet\n", "kubectl top is not simulated yet");
        check("1 1 1 1 b/bad # differs in its events", "", "differs in its events, the lives of its Pods, its objects");
        check("1 1 1 1 b/bad # no quota", "error: kubectl top is not simulated yet\n", "no quota");
    }

    #[test]
    fn a_scene_that_changes_sides_is_a_problem() {
        let check = |list: &str, expect: &[&str]| {
            let problems = compare(&read_judgement(JUDGED).expect("scenes"), &read_list(list).expect("a list"));
            assert_eq!(problems, expect);
        };
        check("100 95 100 90 a/good\n100 20 0 80 b/bad # why", &[]);
        check(
            "100 95 100 90 a/good\n100 20 0 89 b/bad",
            &["b/bad: does not pass, and tests/recorded.txt gives no reason"],
        );
        check(
            "100 50 100 90 a/good # why\n100 20 1 89 b/bad # why",
            &[
                "a/good: passes now; take its reason out of tests/recorded.txt",
                "b/bad: marks [100, 20, 0, 89] were [100, 20, 1, 89]",
            ],
        );
        check(
            "100 95 100 90 a/good\n1 1 1 1 c/gone # why",
            &["b/bad: has no line in tests/recorded.txt", "c/gone: is in tests/recorded.txt, but was not judged"],
        );
    }
}
