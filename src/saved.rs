//! A cluster as it leaves the page, in a link or a file: what was done to it, the moment, and how one looks at it.
//! docs/link-format.md is the description for others; what an older release has written stays readable.

pub mod figure;
pub mod journal;
pub mod link;

use crate::scene::Lens;
use kubarium_sim::api::Kind;
use kubarium_sim::clock::Time;
use kubarium_sim::history::{Entry, History};
use kubarium_sim::manifest::{self, json};
use kubarium_sim::setup::Setup;
use kubarium_sim::value::Value;
use std::rc::Rc;

/// Of the format. Members that are added do not raise it, members that change their meaning do.
pub const VERSION: i64 = 1;
/// The most text that is read, in bytes.
pub const MOST_TEXT: usize = 1 << 20;
/// How every saved cluster begins.
const MARK: &str = "[\"kubarium\",";
/// Ten years: the latest moment that is gone to.
const LATEST: u64 = 10 * 366 * 24 * 3_600_000;

/// Their names outside of the page.
pub const LENSES: [(Lens, &str); 4] =
    [(Lens::Cluster, "cluster"), (Lens::Ownership, "ownership"), (Lens::Network, "network"), (Lens::List, "list")];

/// The lens of a name.
pub fn lens(name: &str) -> Option<Lens> {
    LENSES.iter().find(|(_, n)| *n == name).map(|(lens, _)| *lens)
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Saved {
    /// What the cluster was made from; only seed, epoch and the numbers of nodes and Pods are written.
    pub setup: Setup,
    pub journal: Vec<Entry>,
    /// The moment on view.
    pub now: Time,
    /// The latest moment that was reached.
    pub end: Time,
    pub look: Look,
}

/// How one looks at it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Look {
    pub lens: Lens,
    /// Only what is in this namespace; none for all.
    pub namespace: Option<Rc<str>>,
    /// Kind, namespace and name of what is selected.
    pub selected: Option<[Rc<str>; 3]>,
    /// Where the camera is: what of the world is in the middle, across and down, and how near; each in thousandths.
    pub aim: Option<[u32; 3]>,
    /// `en` or `ko`.
    pub lang: Option<Rc<str>>,
}

/// What keeps a saved cluster from being opened, or opened whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Longer than may be read; nothing of it was.
    TooLong,
    /// Of a later version of the format.
    TooNew,
    /// Damaged, or no saved cluster at all.
    Broken,
}

/// What could be read, and what was wrong with it. Never neither.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    pub saved: Option<Saved>,
    pub flaw: Option<Flaw>,
}

impl Opened {
    pub(crate) fn nothing(flaw: Flaw) -> Opened {
        Opened { saved: None, flaw: Some(flaw) }
    }
}

/// Whether a text claims to be a saved cluster, as opposed to a manifest.
pub fn is_saved(text: &str) -> bool {
    text.starts_with(MARK)
}

impl Saved {
    /// A run of a cluster as it stands, and how one looks at it.
    pub fn of(history: &History, now: Time, look: Look) -> Saved {
        let start = history.start();
        let [nodes, pods] = [Kind::Node, Kind::Pod].map(|kind| start.store.count(kind));
        let setup = Setup {
            seed: start.dice.0,
            epoch: start.epoch,
            nodes: Setup::machines(nodes),
            pods: pods / nodes.max(1),
            ..Setup::default()
        };
        Saved { setup, journal: history.journal().to_vec(), now, end: history.end().max(now), look }
    }

    /// The run again, at its beginning: [`History::seek`] to `now` leads to the same cluster bit for bit.
    pub fn history(&self) -> History {
        History::replay(self.setup.cluster(), self.journal.clone(), self.end)
    }

    /// The files that the cluster was given and still has, in the order in which they came.
    pub fn files(&self) -> Vec<(Rc<str>, Rc<str>)> {
        use kubarium_sim::command::Command;
        let mut files: Vec<(Rc<str>, Rc<str>)> = Vec::new();
        for entry in &self.journal {
            match &entry.command {
                Command::Write { name, text } => match files.iter_mut().find(|f| f.0 == *name) {
                    Some(file) => file.1 = text.clone(),
                    None => files.push((name.clone(), text.clone())),
                },
                Command::Remove { name } => files.retain(|f| f.0 != *name),
                _ => {}
            }
        }
        files
    }

    /// A line for the whole, then a line for each entry of the journal: what is cut off is legible up to there.
    pub fn write(&self) -> String {
        let int = |n: u64| Value::Int(n as i64);
        let look = &self.look;
        let lens = LENSES.iter().find(|(l, _)| *l == look.lens).map_or("cluster", |(_, name)| name);
        let mut head = vec![
            ("seed", int(self.setup.seed)),
            ("epoch", Value::Int(self.setup.epoch)),
            ("entries", int(self.journal.len() as u64)),
            ("now", int(self.now.0)),
            ("end", int(self.end.0)),
            ("lens", Value::from(lens)),
        ];
        if self.setup.nodes.len() != Setup::default().nodes.len() {
            head.push(("nodes", int(self.setup.nodes.len() as u64)));
        }
        if self.setup.pods > 0 {
            head.push(("pods", int(self.setup.pods as u64)));
        }
        if let Some(namespace) = &look.namespace {
            head.push(("namespace", Value::from(&**namespace)));
        }
        if let Some(selected) = &look.selected {
            head.push(("selected", Value::list(selected.iter().map(|word| Value::from(&**word)).collect())));
        }
        if let Some(aim) = look.aim {
            head.push(("camera", Value::list(aim.iter().map(|n| int(u64::from(*n))).collect())));
        }
        if let Some(lang) = &look.lang {
            head.push(("lang", Value::from(&**lang)));
        }
        let head = Value::list(vec![Value::from("kubarium"), Value::Int(VERSION), Value::map(head)]);
        let lines = std::iter::once(head).chain(self.journal.iter().map(journal::write_entry));
        lines.map(|line| manifest::write::json(&line, 0) + "\n").collect()
    }

    /// Reads what [`Saved::write`] wrote, as far as it makes sense. Never fails otherwise than by a [`Flaw`].
    pub fn read(text: &str) -> Opened {
        if text.len() > MOST_TEXT {
            return Opened::nothing(Flaw::TooLong);
        }
        let mut lines = text.lines();
        let head = lines.next().and_then(|line| json::parse(line).ok()).filter(|_| is_saved(text));
        let head = head.as_ref().map_or(&[][..], |words| words.items());
        let [_, version, head, ..] = head else { return Opened::nothing(Flaw::Broken) };
        let journal = read_journal(lines);
        let number = |name: &str| head.get(name).as_int();
        let time = |name: &str| number(name).and_then(|n| u64::try_from(n).ok()).filter(|n| *n <= LATEST).map(Time);
        let (now, end) = (time("now"), time("end"));
        let whole = number("entries") == Some(journal.len() as i64) && now.is_some() && end.is_some();
        let flaw = match version.as_int() {
            Some(VERSION) => (!whole).then_some(Flaw::Broken),
            Some(n) if n > VERSION => Some(Flaw::TooNew),
            _ => return Opened::nothing(Flaw::Broken),
        };
        let last = journal.last().map_or(Time(0), |e| e.time);
        let now = now.unwrap_or(last);
        let standard = Setup::default();
        let setup = Setup {
            seed: number("seed").map_or(standard.seed, |n| n as u64),
            epoch: number("epoch").filter(|n| EPOCHS.contains(n)).unwrap_or(standard.epoch),
            nodes: number("nodes")
                .filter(|n| NODES.contains(n))
                .map_or(standard.nodes, |n| Setup::machines(n as usize)),
            pods: number("pods").filter(|n| PODS.contains(n)).map_or(0, |n| n as usize),
            ..standard
        };
        let end = end.unwrap_or(now).max(now).max(last);
        Opened { saved: Some(Saved { setup, journal, now, end, look: read_look(head) }), flaw }
    }
}

/// Milliseconds of the years 1970 to 2199: what the cluster's calendar is sure of.
const EPOCHS: std::ops::Range<i64> = 0..7_258_118_400_000;

/// How many nodes a cluster can begin with, and how many Pods on each.
const NODES: std::ops::RangeInclusive<i64> = 0..=5_000;
const PODS: std::ops::RangeInclusive<i64> = 0..=100;

/// Entries up to the first that makes no sense: what comes after one that is missing would be another story.
fn read_journal<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<Entry> {
    let mut last = 1;
    let entry = |line: &str| {
        let entry = journal::read_entry(&json::parse(line).ok()?)?;
        let fits = (last..=LATEST).contains(&entry.time.0);
        last = entry.time.0;
        fits.then_some(entry)
    };
    lines.map_while(entry).collect()
}

fn read_look(head: &Value) -> Look {
    let word = |value: &Value| value.as_str().map(Rc::<str>::from);
    let selected: Vec<Rc<str>> = head.get("selected").items().iter().filter_map(word).collect();
    let aim = |n: &Value| n.as_int().and_then(|n| u32::try_from(n).ok());
    let aim: Vec<u32> = head.get("camera").items().iter().filter_map(aim).collect();
    Look {
        lens: head.get("lens").as_str().and_then(lens).unwrap_or_default(),
        namespace: word(head.get("namespace")),
        selected: selected.try_into().ok(),
        aim: aim.try_into().ok(),
        lang: word(head.get("lang")).filter(|lang| matches!(&**lang, "en" | "ko")),
    }
}
