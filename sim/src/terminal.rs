//! The user's desk beside the cluster: a folder of files, and the command lines that were started. Data only.

use crate::clock::Time;
pub use crate::shell::Stream;
use crate::shell::{Kind, Mode, Node, Pid, Shell, Tree};
use crate::value::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Where the user's folder lies in his file system.
pub const HOME: &str = "/home/user";

/// The user's files. Paths are as typed in his folder (`web.yaml`, `folder/a.yaml`) or absolute. Clones share.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Folder {
    pub tree: Tree,
}

impl Default for Folder {
    fn default() -> Self {
        let mut tree = Tree::new();
        tree.put(&HOME[1..], Node::folder());
        Folder { tree }
    }
}

impl Folder {
    /// A file's text; what is no text in it is replaced.
    pub fn get(&self, path: &str) -> Option<Rc<str>> {
        match &self.tree.get(&key(path))?.kind {
            Kind::File(content) => Some(String::from_utf8_lossy(&content.bytes()).into()),
            _ => None,
        }
    }
    /// A file's bytes.
    pub fn bytes(&self, path: &str) -> Option<Rc<Vec<u8>>> {
        match &self.tree.get(&key(path))?.kind {
            Kind::File(content) => Some(content.bytes()),
            _ => None,
        }
    }
    /// What is at a path.
    pub fn node(&self, path: &str) -> Option<&Node> {
        self.tree.get(&key(path))
    }
    pub fn put_node(&mut self, path: &str, node: Node) {
        self.tree.put(&key(path), node);
    }
    pub fn is_folder(&self, path: &str) -> bool {
        self.tree.get(&key(path)).is_some_and(|node| node.kind == Kind::Folder)
    }
    pub fn put(&mut self, path: &str, text: &str) {
        self.tree.put(&key(path), Node::file(text));
    }
    pub fn remove(&mut self, path: &str) {
        self.tree.remove(&key(path));
    }
    /// The names right below a folder, sorted; none if there is no such folder.
    pub fn names_in(&self, path: &str) -> Vec<String> {
        let key = key(path);
        if self.tree.get(&key).is_none_or(|node| node.kind != Kind::Folder) {
            return vec![];
        }
        self.tree.children(&key).map(|(name, _)| name.to_string()).collect()
    }
    /// Every file of the user's own folder by its path in it.
    pub fn files(&self) -> impl Iterator<Item = (&str, &Node)> {
        let files = self.tree.iter().filter(|(_, node)| matches!(node.kind, Kind::File(_)));
        files.filter_map(|(key, node)| Some((key.strip_prefix(&HOME[1..])?.strip_prefix('/')?, node)))
    }
}

/// The key of a path in the tree.
fn key(path: &str) -> String {
    absolute(HOME, path)[1..].to_string()
}

/// A path, told in a folder, from the root: without `.`, `..` and needless slashes.
pub fn absolute(folder: &str, path: &str) -> String {
    let above = if path.starts_with('/') { "" } else { folder };
    let mut parts: Vec<&str> = vec![];
    for part in above.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
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
    /// The shell that runs it; none once it has ended.
    pub shell: Option<Shell>,
    /// The kubectls in it, by their processes.
    pub calls: BTreeMap<Pid, Call>,
}

impl Session {
    /// Whether what is typed goes to it: it runs, and one of its programs has asked for input.
    pub fn asks(&self) -> bool {
        self.shell.as_ref().is_some_and(Shell::asked)
    }

    /// Whether Ctrl-P Ctrl-Q leaves the container that it is attached to.
    pub fn can_detach(&self) -> bool {
        self.calls.values().any(|call| call.reads == Some(Mode::Keys) && call.memory.get("exec").is_null())
    }

    /// All that it printed, both streams.
    pub fn text(&self) -> String {
        self.output.iter().map(|chunk| &*chunk.text).collect()
    }
}

/// A kubectl (or `fault`) that runs: what it was started with, and what it remembers from one look at the cluster to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Call {
    pub program: Rc<str>,
    /// The words after it.
    pub argv: Vec<String>,
    pub started: Time,
    /// The folder that it was started in; empty stands for the user's own.
    pub cwd: Rc<str>,
    /// What came on standard input.
    pub stdin: String,
    /// No more input will come.
    pub closed: bool,
    /// Standard input is a terminal.
    pub terminal: bool,
    /// How it reads that, if it does.
    pub reads: Option<Mode>,
    /// `Null` until it has done its first work.
    pub memory: Value,
    /// What the server has warned of: each thing is passed on once.
    pub warned: Vec<Rc<str>>,
}
