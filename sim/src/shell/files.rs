//! Linux: fs/namei.c, as far as programs in containers notice: a tree of files, layers, mounts, permissions.
//!
//! Not done: hard links between names, sticky and set-id bits' effects, quotas, times of access.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use crate::clock::Time;

/// Of one file at most so many bytes are kept; what comes after them is only counted.
pub const FILE_BYTES_KEPT: usize = 256 * 1024;
/// The size that a program shows; its bytes are not there.
const PROGRAM_BYTES: u64 = 1_048_576;
/// Longest chain of symbolic links that is followed (Linux: MAXSYMLINKS).
const LINKS_FOLLOWED: usize = 40;

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

/// A file's bytes: those that are kept, then so many that are only counted (and read as zeros).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Content {
    pub bytes: Rc<Vec<u8>>,
    pub counted: u64,
}

impl Content {
    pub fn len(&self) -> u64 {
        self.bytes.len() as u64 + self.counted
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Puts `data` at `offset`; bytes beyond [`FILE_BYTES_KEPT`] are only counted.
    fn put(&mut self, offset: u64, data: &[u8]) {
        let end = offset + data.len() as u64;
        let kept = self.bytes.len() as u64;
        if self.counted == 0 && offset <= kept && end <= FILE_BYTES_KEPT as u64 {
            let bytes = Rc::make_mut(&mut self.bytes);
            let from = offset as usize;
            let over = (bytes.len() - from).min(data.len());
            bytes[from..from + over].copy_from_slice(&data[..over]);
            bytes.extend_from_slice(&data[over..]);
        } else if end > self.len() {
            self.counted = end - kept;
        }
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Content { bytes: Rc::new(text.as_bytes().to_vec()), counted: 0 }
    }
}
impl From<Vec<u8>> for Content {
    fn from(mut bytes: Vec<u8>) -> Self {
        let counted = bytes.len().saturating_sub(FILE_BYTES_KEPT) as u64;
        bytes.truncate(FILE_BYTES_KEPT);
        Content { bytes: Rc::new(bytes), counted }
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
    /// Bytes that the files take.
    pub fn bytes(&self) -> u64 {
        self.nodes.values().map(|n| if let Kind::File(c) = &n.kind { c.len() } else { 0 }).sum()
    }
    pub fn is_default(&self) -> bool {
        self.nodes.is_empty()
    }
}

/// Whether `key` is `folder` or lies below it.
fn within(key: &str, folder: &str) -> bool {
    folder.is_empty()
        || key == folder
        || (key.len() > folder.len() && key.starts_with(folder) && key.as_bytes()[folder.len()] == b'/')
}

/// A tree of a volume (or a part of it) seen at a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mount {
    /// Absolute, without a trailing slash.
    pub path: Rc<str>,
    /// The key of the volume's tree.
    pub volume: Rc<str>,
    /// Where in the volume it starts; empty for its root.
    pub sub_path: Rc<str>,
    pub read_only: bool,
}

/// Trees that outlive containers, by key.
pub type Volumes = BTreeMap<Rc<str>, Tree>;

/// Who asks for a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Creds {
    pub uid: u32,
    pub gid: u32,
    pub groups: Rc<[u32]>,
}

/// The files as a process sees them: a writable layer over a read-only one, with volumes mounted.
pub struct Fs<'a> {
    pub lower: Option<&'a Tree>,
    pub upper: &'a mut Tree,
    pub mounts: &'a [Mount],
    pub volumes: &'a mut Volumes,
    /// The root file system may not be written (mounts may).
    pub read_only: bool,
}

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Absolute, without links on the way.
    pub path: String,
    mount: Option<usize>,
    key: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Links {
    Follow,
    /// The last name is not followed if it is a link.
    Keep,
}

const READ: u16 = 4;
const WRITE: u16 = 2;

impl Fs<'_> {
    /// Finds where `path` leads from the folder `cwd`. The last name need not exist.
    pub fn resolve(&self, cwd: &str, path: &str, links: Links) -> Result<Place, Errno> {
        if path.is_empty() {
            return Err(Errno::Absent);
        }
        let mut todo: Vec<String> = Vec::new();
        let push = |todo: &mut Vec<String>, text: &str| {
            todo.extend(text.split('/').rev().filter(|part| !part.is_empty() && *part != ".").map(str::to_string));
        };
        push(&mut todo, path);
        if !path.starts_with('/') {
            push(&mut todo, cwd);
        }
        let must_be_folder = path.ends_with('/') || path.ends_with("/.");
        let mut at = self.place(String::new());
        let mut followed = 0;
        while let Some(name) = todo.pop() {
            let last = todo.is_empty();
            if name == ".." {
                let up = at.path.rfind('/').map_or(String::new(), |i| at.path[..i].to_string());
                at = self.place(up);
                continue;
            }
            match self.node(&at).map(|n| &n.kind) {
                Some(Kind::Folder) => {}
                Some(_) => return Err(Errno::NotFolder),
                None => return Err(Errno::Absent),
            }
            let next = self.place(format!("{}/{name}", at.path));
            if let Some(Node { kind: Kind::Link(target), .. }) = self.node(&next)
                && (!last || links == Links::Follow || must_be_folder)
            {
                followed += 1;
                if followed > LINKS_FOLLOWED {
                    return Err(Errno::Loop);
                }
                let target = target.clone();
                push(&mut todo, &target);
                if target.starts_with('/') {
                    at = self.place(String::new());
                }
                continue;
            }
            at = next;
        }
        if must_be_folder && self.node(&at).is_some_and(|n| !n.is_folder()) {
            return Err(Errno::NotFolder);
        }
        Ok(at)
    }

    fn place(&self, path: String) -> Place {
        let mounted = self.mounts.iter().enumerate().filter(|(_, m)| within(&path, &m.path));
        match mounted.max_by_key(|(_, m)| m.path.len()) {
            Some((i, mount)) => {
                let rest = path[mount.path.len()..].trim_start_matches('/');
                let gap = if mount.sub_path.is_empty() || rest.is_empty() { "" } else { "/" };
                let key = format!("{}{gap}{rest}", mount.sub_path);
                Place { path, mount: Some(i), key }
            }
            None => Place { key: path.trim_start_matches('/').to_string(), mount: None, path },
        }
    }

    fn node(&self, place: &Place) -> Option<&Node> {
        let found = match place.mount {
            Some(i) => self.volumes.get(&self.mounts[i].volume)?.get(&place.key),
            None => self.upper.get(&place.key).or_else(|| self.lower.and_then(|lower| lower.get(&place.key))),
        };
        found.filter(|node| node.kind != Kind::Gone)
    }

    /// The node that `path` leads to.
    pub fn stat(&self, cwd: &str, path: &str, links: Links) -> Result<&Node, Errno> {
        let place = self.resolve(cwd, path, links)?;
        self.node(&place).ok_or(Errno::Absent)
    }

    /// What a file holds.
    pub fn read(&self, cwd: &str, path: &str, who: &Creds) -> Result<Content, Errno> {
        let node = self.stat(cwd, path, Links::Follow)?;
        if !allowed(node, who, READ) {
            return Err(Errno::Denied);
        }
        match &node.kind {
            Kind::File(content) => Ok(content.clone()),
            Kind::Folder => Err(Errno::IsFolder),
            _ => Ok(Content::default()),
        }
    }

    /// What a file holds as text, for programs that read their configuration.
    pub fn read_text(&self, path: &str) -> Option<String> {
        let content = self.read("/", path, &Creds::default()).ok()?;
        Some(String::from_utf8_lossy(&content.bytes).into_owned())
    }

    /// The names in a folder, sorted, with what they stand for.
    pub fn list(&self, cwd: &str, path: &str, who: &Creds) -> Result<Vec<(String, Node)>, Errno> {
        let place = self.resolve(cwd, path, Links::Follow)?;
        let node = self.node(&place).ok_or(Errno::Absent)?;
        if !node.is_folder() {
            return Err(Errno::NotFolder);
        }
        if !allowed(node, who, READ) {
            return Err(Errno::Denied);
        }
        let mut names: BTreeMap<String, Node> = BTreeMap::new();
        let mut add = |tree: &Tree| {
            names.extend(tree.children(&place.key).map(|(name, node)| (name.to_string(), node.clone())));
        };
        match place.mount {
            Some(i) => self.volumes.get(&self.mounts[i].volume).into_iter().for_each(&mut add),
            None => {
                self.lower.into_iter().for_each(&mut add);
                add(self.upper);
            }
        }
        for mount in self.mounts {
            if let Some(name) = mount.path.strip_prefix(place.path.as_str()).and_then(|rest| rest.strip_prefix('/'))
                && !name.contains('/')
                && let Some(node) = self.node(&self.place(mount.path.to_string()))
            {
                names.insert(name.to_string(), node.clone());
            }
        }
        names.retain(|_, node| node.kind != Kind::Gone);
        Ok(names.into_iter().collect())
    }

    fn tree_mut(&mut self, place: &Place) -> Result<&mut Tree, Errno> {
        match place.mount {
            Some(i) if self.mounts[i].read_only => Err(Errno::ReadOnly),
            Some(i) => self.volumes.get_mut(&self.mounts[i].volume).ok_or(Errno::Stale),
            None if self.read_only => Err(Errno::ReadOnly),
            None => Ok(self.upper),
        }
    }

    /// The node to change, copied up from the layer below if need be.
    fn change(&mut self, place: &Place) -> Result<&mut Node, Errno> {
        let node = self.node(place).ok_or(Errno::Absent)?;
        let copy = (place.mount.is_none() && self.upper.get(&place.key).is_none()).then(|| node.clone());
        let tree = self.tree_mut(place)?;
        if let Some(copy) = copy {
            tree.put(&place.key, copy);
        }
        tree.node_mut(&place.key).ok_or(Errno::Absent)
    }

    fn folder_of(&self, place: &Place) -> Result<&Node, Errno> {
        let up = place.path.rfind('/').map_or("", |i| &place.path[..i]);
        self.node(&self.place(up.to_string())).ok_or(Errno::Absent)
    }

    /// Makes or replaces a node, as `creat`, `mkdir` and `symlink` do.
    pub fn make(&mut self, place: &Place, mut node: Node, who: &Creds, now: Time) -> Result<(), Errno> {
        let folder = self.folder_of(place)?;
        let set_gid = folder.mode & 0o2000 != 0;
        let may = allowed(folder, who, WRITE);
        let gid = if set_gid { folder.gid } else { who.gid };
        self.tree_mut(place)?;
        if !may {
            return Err(Errno::Denied);
        }
        (node.uid, node.gid, node.changed) = (who.uid, gid, now);
        if set_gid && node.is_folder() {
            node.mode |= 0o2000;
        }
        self.tree_mut(place)?.put(&place.key, node);
        Ok(())
    }

    /// Opens for writing: makes the file if it is absent, empties it if `truncate`. Gives the resolved path.
    pub fn open_write(
        &mut self,
        cwd: &str,
        path: &str,
        truncate: bool,
        who: &Creds,
        now: Time,
    ) -> Result<Place, Errno> {
        let place = self.resolve(cwd, path, Links::Follow)?;
        match self.node(&place) {
            Some(node) if node.is_folder() => return Err(Errno::IsFolder),
            Some(Node { kind: Kind::Device(_), .. }) => return Ok(place),
            Some(node) => {
                let may = allowed(node, who, WRITE);
                self.tree_mut(&place)?;
                if !may {
                    return Err(Errno::Denied);
                }
                if truncate {
                    let node = self.change(&place)?;
                    (node.kind, node.changed) = (Kind::File(Content::default()), now);
                }
            }
            None if path.ends_with('/') => return Err(Errno::IsFolder),
            None => self.make(&place, Node::file(""), who, now)?,
        }
        Ok(place)
    }

    /// Writes at `offset` (`None`: at the end) of an open file; gives the offset after it.
    pub fn write(&mut self, path: &str, offset: Option<u64>, data: &[u8], now: Time) -> Result<u64, Errno> {
        let place = self.place(path.to_string());
        let node = self.change(&place)?;
        node.changed = now;
        let Kind::File(content) = &mut node.kind else { return Err(Errno::Invalid) };
        let at = offset.unwrap_or_else(|| content.len());
        content.put(at, data);
        Ok(at + data.len() as u64)
    }

    /// Lengthens a file by bytes that are only counted (what `dd if=/dev/zero` writes).
    pub fn grow(&mut self, path: &str, by: u64, now: Time) -> Result<(), Errno> {
        let place = self.place(path.to_string());
        let node = self.change(&place)?;
        node.changed = now;
        let Kind::File(content) = &mut node.kind else { return Err(Errno::Invalid) };
        content.counted += by;
        Ok(())
    }

    /// Changes mode, owner or time of what `path` leads to.
    pub fn alter(&mut self, cwd: &str, path: &str, who: &Creds, alter: impl FnOnce(&mut Node)) -> Result<(), Errno> {
        let place = self.resolve(cwd, path, Links::Follow)?;
        let owner = self.node(&place).ok_or(Errno::Absent)?.uid;
        self.tree_mut(&place)?;
        if who.uid != 0 && who.uid != owner {
            return Err(Errno::NotPermitted);
        }
        alter(self.change(&place)?);
        Ok(())
    }

    /// Removes a name and, for a folder, all below it.
    pub fn remove(&mut self, cwd: &str, path: &str, who: &Creds) -> Result<(), Errno> {
        let place = self.resolve(cwd, path, Links::Keep)?;
        self.node(&place).ok_or(Errno::Absent)?;
        if self.mounts.iter().any(|m| within(&m.path, &place.path)) || place.path.is_empty() {
            return Err(Errno::Busy);
        }
        let may = allowed(self.folder_of(&place)?, who, WRITE);
        let below = self.lower.is_some_and(|lower| place.mount.is_none() && lower.get(&place.key).is_some());
        let tree = self.tree_mut(&place)?;
        if !may {
            return Err(Errno::Denied);
        }
        tree.remove(&place.key);
        if below {
            let keys: Vec<String> = self
                .lower
                .iter()
                .flat_map(|lower| lower.iter())
                .filter(|(key, _)| within(key, &place.key))
                .map(|(key, _)| key.to_string())
                .collect();
            for key in keys {
                self.upper.put(&key, Node { kind: Kind::Gone, ..Node::folder() });
            }
        }
        Ok(())
    }

    /// Moves a name (with all below it) onto another.
    pub fn rename(&mut self, cwd: &str, from: &str, to: &str, who: &Creds, now: Time) -> Result<(), Errno> {
        let target = self.resolve(cwd, to, Links::Keep)?;
        self.copy(cwd, from, &target, who, now)?;
        self.remove(cwd, from, who)
    }

    /// Copies a name with all below it, keeping modes.
    pub fn copy(&mut self, cwd: &str, from: &str, to: &Place, who: &Creds, now: Time) -> Result<(), Errno> {
        let source = self.resolve(cwd, from, Links::Keep)?;
        if within(&to.path, &source.path) {
            return Err(Errno::Invalid);
        }
        let node = self.node(&source).ok_or(Errno::Absent)?.clone();
        let folder = node.is_folder();
        self.make(to, node, who, now)?;
        if folder {
            for (name, _) in self.list("/", &source.path, who)? {
                let inner = self.place(format!("{}/{name}", to.path));
                self.copy("/", &format!("{}/{name}", source.path), &inner, who, now)?;
            }
        }
        Ok(())
    }

    /// Bytes that the files at and below `path` take.
    pub fn bytes_below(&self, cwd: &str, path: &str) -> u64 {
        let Ok(node) = self.stat(cwd, path, Links::Keep) else { return 0 };
        if !node.is_folder() {
            return node.size();
        }
        let names = self.list(cwd, path, &Creds::default()).unwrap_or_default();
        names.iter().map(|(name, _)| self.bytes_below(cwd, &format!("{path}/{name}"))).sum()
    }
}

/// Whether the permission bits let `who` do what `want` (4 read, 2 write, 1 execute) asks. Root may all.
pub fn allowed(node: &Node, who: &Creds, want: u16) -> bool {
    let bits = if who.uid == node.uid {
        node.mode >> 6
    } else if who.gid == node.gid || who.groups.contains(&node.gid) {
        node.mode >> 3
    } else {
        node.mode
    };
    // Root reads and writes everything, but executes only what somebody may execute.
    if who.uid == 0 { want != 1 || node.mode & 0o111 != 0 || node.is_folder() } else { bits & want == want }
}
