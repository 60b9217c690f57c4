//! A tree of files as plain data: what names stand for, and what files hold.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use crate::clock::Time;

/// Of one file at most so many bytes are kept; what comes after them is only counted.
pub const FILE_BYTES_KEPT: usize = 256 * 1024;

/// The size that a program shows; its bytes are not there.
const PROGRAM_BYTES: u64 = 1_048_576;

/// Why a file operation failed; displayed as `strerror` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errno {
    Absent,
    NotFolder,
    IsFolder,
    Exists,
    ReadOnly,
    Denied,
    NotPermitted,
    Loop,
    NotEmpty,
    Busy,
    Invalid,
    NoSpace,
    Stale,
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Errno::Absent => "No such file or directory",
            Errno::NotFolder => "Not a directory",
            Errno::IsFolder => "Is a directory",
            Errno::Exists => "File exists",
            Errno::ReadOnly => "Read-only file system",
            Errno::Denied => "Permission denied",
            Errno::NotPermitted => "Operation not permitted",
            Errno::Loop => "Too many levels of symbolic links",
            Errno::NotEmpty => "Directory not empty",
            Errno::Busy => "Device or resource busy",
            Errno::Invalid => "Invalid argument",
            Errno::NoSpace => "No space left on device",
            Errno::Stale => "Stale file handle",
        })
    }
}

/// Writes a file's bytes when somebody reads them; the same each time.
pub trait Writer: fmt::Debug {
    fn bytes(&self) -> Vec<u8>;
}

/// A file's bytes: those that are kept, then so many that are only counted (and read as zeros).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Content {
    kept: Kept,
    pub counted: u64,
}

#[derive(Clone, Debug)]
enum Kept {
    Bytes(Rc<Vec<u8>>),
    /// Nobody need ever read them.
    Unwritten(Rc<dyn Writer>),
}

impl Kept {
    fn bytes(&self) -> Rc<Vec<u8>> {
        match self {
            Kept::Bytes(bytes) => bytes.clone(),
            Kept::Unwritten(writer) => Rc::new(writer.bytes()),
        }
    }
}
impl Default for Kept {
    fn default() -> Self {
        Kept::Bytes(Rc::default())
    }
}
// Bytes are the same whether they are written yet or not.
impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Kept::Unwritten(a), Kept::Unwritten(b)) if Rc::ptr_eq(a, b) => true,
            _ => self.bytes() == other.bytes(),
        }
    }
}
impl Eq for Kept {}
impl Hash for Kept {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes().hash(state);
    }
}

impl Content {
    /// What is written when it is read. At most [`FILE_BYTES_KEPT`].
    pub fn unwritten(writer: Rc<dyn Writer>) -> Content {
        Content { kept: Kept::Unwritten(writer), counted: 0 }
    }
    /// Those that are kept.
    pub fn bytes(&self) -> Rc<Vec<u8>> {
        self.kept.bytes()
    }
    pub fn len(&self) -> u64 {
        self.bytes().len() as u64 + self.counted
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Puts `data` at `offset`; bytes beyond [`FILE_BYTES_KEPT`] are only counted.
    pub(super) fn put(&mut self, offset: u64, data: &[u8]) {
        let end = offset + data.len() as u64;
        let kept = self.bytes().len() as u64;
        if self.counted == 0 && offset <= kept && end <= FILE_BYTES_KEPT as u64 {
            let mut bytes = match std::mem::take(&mut self.kept) {
                Kept::Bytes(bytes) => bytes,
                unwritten => unwritten.bytes(),
            };
            let all = Rc::make_mut(&mut bytes);
            let from = offset as usize;
            let over = (all.len() - from).min(data.len());
            all[from..from + over].copy_from_slice(&data[..over]);
            all.extend_from_slice(&data[over..]);
            self.kept = Kept::Bytes(bytes);
        } else if end > self.len() {
            self.counted = end - kept;
        }
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Content { kept: Kept::Bytes(Rc::new(text.as_bytes().to_vec())), counted: 0 }
    }
}

impl From<Vec<u8>> for Content {
    fn from(mut bytes: Vec<u8>) -> Self {
        let counted = bytes.len().saturating_sub(FILE_BYTES_KEPT) as u64;
        bytes.truncate(FILE_BYTES_KEPT);
        bytes.shrink_to_fit();
        Content { kept: Kept::Bytes(Rc::new(bytes)), counted }
    }
}

/// What a name in a tree stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    File(Content),
    Folder,
    Link(Rc<str>),
    /// A character device: `null`, `zero`, `full`, `random`, `stdout` ...
    Device(Rc<str>),
    /// A program of an image: what runs is known by this name.
    Program(Rc<str>),
    /// Removed from the layer below.
    Gone,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    pub kind: Kind,
    /// Permission bits, as `chmod` takes them (0 to 0o7777).
    pub mode: u16,
    pub uid: u32,
    pub gid: u32,
    pub changed: Time,
}

impl Node {
    pub fn file(content: impl Into<Content>) -> Node {
        Node { kind: Kind::File(content.into()), mode: 0o644, uid: 0, gid: 0, changed: Time(0) }
    }
    pub fn folder() -> Node {
        Node { kind: Kind::Folder, mode: 0o755, uid: 0, gid: 0, changed: Time(0) }
    }
    pub fn link(target: &str) -> Node {
        Node { kind: Kind::Link(target.into()), mode: 0o777, uid: 0, gid: 0, changed: Time(0) }
    }
    pub fn device(name: &str) -> Node {
        Node { kind: Kind::Device(name.into()), mode: 0o666, uid: 0, gid: 0, changed: Time(0) }
    }
    pub fn program(name: &str) -> Node {
        Node { kind: Kind::Program(name.into()), mode: 0o755, uid: 0, gid: 0, changed: Time(0) }
    }
    pub fn with_mode(mut self, mode: u16) -> Node {
        self.mode = mode;
        self
    }
    pub fn owned_by(mut self, uid: u32, gid: u32) -> Node {
        (self.uid, self.gid) = (uid, gid);
        self
    }
    pub fn is_folder(&self) -> bool {
        self.kind == Kind::Folder
    }
    pub fn size(&self) -> u64 {
        match &self.kind {
            Kind::File(content) => content.len(),
            Kind::Link(target) => target.len() as u64,
            Kind::Folder => 4096,
            Kind::Program(_) => PROGRAM_BYTES,
            Kind::Device(_) | Kind::Gone => 0,
        }
    }
}

/// A tree of files. Keys are paths without a leading slash; the root is the empty key. Clones share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tree {
    nodes: Rc<BTreeMap<Rc<str>, Node>>,
}

impl Tree {
    /// An empty tree: nothing but its root folder.
    pub fn new() -> Tree {
        let mut tree = Tree::default();
        tree.put("", Node::folder());
        tree
    }
    /// Whether it has nothing but its root folder.
    pub fn is_bare(&self) -> bool {
        self.nodes.len() <= 1
    }
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.nodes.get(key)
    }
    /// Puts a node at `key`, making the folders above it where they are missing.
    pub fn put(&mut self, key: &str, node: Node) {
        let nodes = Rc::make_mut(&mut self.nodes);
        let mut end = 0;
        while let Some(at) = key[end..].find('/') {
            nodes.entry(key[..end + at].into()).or_insert_with(Node::folder);
            end += at + 1;
        }
        nodes.insert(key.into(), node);
    }
    /// Removes `key` and all below it.
    pub fn remove(&mut self, key: &str) {
        let nodes = Rc::make_mut(&mut self.nodes);
        let below: Vec<Rc<str>> = nodes.keys().filter(|k| within(k, key)).cloned().collect();
        for k in below {
            nodes.remove(&k);
        }
    }
    pub fn node_mut(&mut self, key: &str) -> Option<&mut Node> {
        Rc::make_mut(&mut self.nodes).get_mut(key)
    }
    /// Every key with its node, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.nodes.iter().map(|(key, node)| (&**key, node))
    }
    /// The names directly in the folder `key`, with what they stand for.
    pub fn children<'a>(&'a self, key: &'a str) -> impl Iterator<Item = (&'a str, &'a Node)> {
        let from = if key.is_empty() { String::new() } else { format!("{key}/") };
        let skip = from.len();
        let range =
            self.nodes.range::<str, _>((std::ops::Bound::Included(from.as_str()), std::ops::Bound::<&str>::Unbounded));
        range
            .take_while(move |(k, _)| within(k, key) || k.is_empty())
            .filter(move |(k, _)| k.len() > skip && !k[skip..].contains('/'))
            .map(move |(k, node)| (&k[skip..], node))
    }
    /// A copy of what is at and below a path, links on the way being followed; `None` if there is nothing.
    pub fn part(&self, path: &str) -> Option<Tree> {
        let mut todo: Vec<String> = path.split('/').rev().map(str::to_string).collect();
        let mut at = String::new();
        for _ in 0..100 {
            let Some(name) = todo.pop() else { break };
            let next = if at.is_empty() { name } else { format!("{at}/{name}") };
            match self.get(&next)?.kind.clone() {
                Kind::Link(target) => todo.extend(target.split('/').rev().map(str::to_string)),
                _ => at = next,
            }
        }
        let mut part = Tree::default();
        for (key, node) in self.iter().filter(|(key, _)| within(key, &at)) {
            part.put(key[at.len()..].trim_start_matches('/'), node.clone());
        }
        Some(part)
    }
    /// Bytes that the files take.
    pub fn bytes(&self) -> u64 {
        self.nodes.values().map(|n| if let Kind::File(c) = &n.kind { c.len() } else { 0 }).sum()
    }
    /// The same where each file takes whole pages, as in memory.
    pub fn paged_bytes(&self) -> u64 {
        let sizes = self.nodes.values().map(|n| if let Kind::File(c) = &n.kind { c.len() } else { 0 });
        sizes.map(|size| size.next_multiple_of(4096)).sum()
    }
    pub fn is_default(&self) -> bool {
        self.nodes.is_empty()
    }
}

/// Whether `key` is `folder` or lies below it.
pub(super) fn within(key: &str, folder: &str) -> bool {
    folder.is_empty()
        || key == folder
        || (key.len() > folder.len() && key.starts_with(folder) && key.as_bytes()[folder.len()] == b'/')
}
