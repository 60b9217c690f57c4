//! The user's desk beside the cluster: a folder of files, and the command lines that were started. Data only.

use crate::clock::Time;
use crate::value::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The user's files by their path (`web.yaml`, `folder/a.yaml`). Clones share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Folder(Rc<BTreeMap<Rc<str>, Rc<str>>>);

impl Folder {
    pub fn get(&self, path: &str) -> Option<&Rc<str>> {
        self.0.get(plain(path))
    }
    pub fn put(&mut self, path: &str, text: impl Into<Rc<str>>) {
        Rc::make_mut(&mut self.0).insert(plain(path).into(), text.into());
    }
    pub fn remove(&mut self, path: &str) {
        Rc::make_mut(&mut self.0).remove(plain(path));
    }
    /// The names right below a folder, sorted; none if there is no such folder.
    pub fn names_in(&self, path: &str) -> Vec<&str> {
        let within = format!("{}/", plain(path));
        let prefix = if plain(path).is_empty() { "" } else { within.as_str() };
        let mut names: Vec<&str> = self
            .0
            .keys()
            .filter_map(|k| k.strip_prefix(prefix))
            .map(|rest| rest.split('/').next().unwrap_or(rest))
            .collect();
        names.dedup();
        names
    }
    pub fn iter(&self) -> impl Iterator<Item = (&Rc<str>, &Rc<str>)> {
        self.0.iter()
    }
}

fn plain(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    let path = path.strip_prefix("./").unwrap_or(path);
    if path == "." { "" } else { path }
}

/// Which of its two streams a program wrote to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    Out,
    Err,
}

/// Something that was printed, and when.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Chunk {
    pub time: Time,
    pub stream: Stream,
    pub text: Rc<str>,
}

/// A command line that the user has started. One that has ended keeps its output.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Session {
    pub line: Rc<str>,
    pub started: Time,
    /// When it ended, and its exit code.
    pub ended: Option<(Time, i32)>,
    pub output: Vec<Chunk>,
    /// The kubectl that it runs.
    pub call: Option<Call>,
}

impl Session {
    /// All that it printed, both streams.
    pub fn text(&self) -> String {
        self.output.iter().map(|chunk| &*chunk.text).collect()
    }
}

/// A kubectl that runs: what it was started with, and what it remembers from one look at the cluster to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Call {
    /// The words after `kubectl`.
    pub argv: Vec<String>,
    pub started: Time,
    /// What came on standard input.
    pub stdin: String,
    /// No more input will come.
    pub closed: bool,
    /// `Null` until it has done its first work.
    pub memory: Value,
}
