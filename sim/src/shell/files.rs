//! Linux: fs/namei.c, as far as programs in containers notice: a tree of files, layers, mounts, permissions.
//!
//! Not done: hard links between names, sticky and set-id bits' effects, quotas, times of access.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::tree::within;
pub use super::tree::*;
use crate::clock::Time;

/// Longest chain of symbolic links that is followed (Linux: MAXSYMLINKS).
const LINKS_FOLLOWED: usize = 40;

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
    /// Of a volume in memory: how many bytes it has.
    pub memory: Option<u64>,
}

impl Mount {
    /// Whether who has it can write until there is no room left.
    pub fn can_fill(&self) -> bool {
        self.memory.is_some() && !self.read_only
    }
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
        self.walk(cwd, path, links).map(|(path, _)| self.place(path))
    }

    /// The absolute path without links that `path` leads to, and what is there. Each name on the way is looked up once.
    fn walk(&self, cwd: &str, path: &str, links: Links) -> Result<(String, Option<&Node>), Errno> {
        if path.is_empty() {
            return Err(Errno::Absent);
        }
        let mut todo: Vec<&str> = Vec::new();
        fn push<'t>(todo: &mut Vec<&'t str>, text: &'t str) {
            todo.extend(text.split('/').rev().filter(|part| !part.is_empty() && *part != "."));
        }
        push(&mut todo, path);
        if !path.starts_with('/') {
            push(&mut todo, cwd);
        }
        let must_be_folder = path.ends_with('/') || path.ends_with("/.");
        let mut at = String::with_capacity(cwd.len() + path.len() + 1);
        let mut here = self.node_at(&at);
        let mut followed = 0;
        while let Some(name) = todo.pop() {
            let last = todo.is_empty();
            if name == ".." {
                at.truncate(at.rfind('/').unwrap_or(0));
                here = self.node_at(&at);
                continue;
            }
            match here.map(|n| &n.kind) {
                Some(Kind::Folder) => {}
                Some(_) => return Err(Errno::NotFolder),
                None => return Err(Errno::Absent),
            }
            let parent = at.len();
            at.push('/');
            at.push_str(name);
            here = self.node_at(&at);
            if let Some(Node { kind: Kind::Link(target), .. }) = here
                && (!last || links == Links::Follow || must_be_folder)
            {
                followed += 1;
                if followed > LINKS_FOLLOWED {
                    return Err(Errno::Loop);
                }
                push(&mut todo, target);
                at.truncate(if target.starts_with('/') { 0 } else { parent });
                here = self.node_at(&at);
            }
        }
        if must_be_folder && here.is_some_and(|n| !n.is_folder()) {
            return Err(Errno::NotFolder);
        }
        Ok((at, here))
    }

    fn place(&self, path: String) -> Place {
        let (mount, key) = self.find(&path);
        Place { key: key.into_owned(), mount, path }
    }

    /// The mount that a path lies in, and the key there.
    fn find<'p>(&self, path: &'p str) -> (Option<usize>, Cow<'p, str>) {
        let mounted = self.mounts.iter().enumerate().filter(|(_, m)| within(path, &m.path));
        match mounted.max_by_key(|(_, m)| m.path.len()) {
            Some((i, mount)) => {
                let rest = path[mount.path.len()..].trim_start_matches('/');
                let key = match (&*mount.sub_path, rest) {
                    ("", rest) => rest.into(),
                    (sub_path, "") => sub_path.to_string().into(),
                    (sub_path, rest) => format!("{sub_path}/{rest}").into(),
                };
                (Some(i), key)
            }
            None => (None, path.trim_start_matches('/').into()),
        }
    }

    /// What is at a path without links.
    fn node_at(&self, path: &str) -> Option<&Node> {
        let (mount, key) = self.find(path);
        self.get(mount, &key)
    }

    fn node(&self, place: &Place) -> Option<&Node> {
        self.get(place.mount, &place.key)
    }

    fn get(&self, mount: Option<usize>, key: &str) -> Option<&Node> {
        let found = match mount {
            Some(i) => self.volumes.get(&self.mounts[i].volume)?.get(key),
            None => self.upper.get(key).or_else(|| self.lower.and_then(|lower| lower.get(key))),
        };
        found.filter(|node| node.kind != Kind::Gone)
    }

    /// The node that `path` leads to.
    pub fn stat(&self, cwd: &str, path: &str, links: Links) -> Result<&Node, Errno> {
        self.walk(cwd, path, links)?.1.ok_or(Errno::Absent)
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
        Some(String::from_utf8_lossy(&content.bytes()).into_owned())
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

    /// The key of a regular file in the layer of the container's own that `who` may write and that no link leads to.
    pub fn own_file(&self, cwd: &str, path: &str, who: &Creds) -> Option<String> {
        let whole =
            if path.starts_with('/') { path.to_string() } else { format!("{}/{path}", cwd.trim_end_matches('/')) };
        let place = self.resolve(cwd, path, Links::Follow).ok().filter(|place| place.path == whole)?;
        let node = self.upper.get(&place.key).filter(|node| matches!(node.kind, Kind::File(_)))?;
        (place.mount.is_none() && !self.read_only && allowed(node, who, WRITE)).then_some(place.key)
    }

    /// Whether nothing at or below a folder, nor what leads to it, lies in a volume.
    pub fn is_own(&self, folder: &str) -> bool {
        self.is_apart(folder)
            && self.resolve("/", folder, Links::Follow).map_or(true, |place| self.is_apart(&place.path))
    }

    /// The same of a folder to which no link leads.
    fn is_apart(&self, folder: &str) -> bool {
        !self.mounts.iter().any(|m| within(folder, &m.path) || within(&m.path, folder))
    }

    /// The tree of the image, if a folder of it is as it was there: no link leads to it.
    pub fn as_in_image(&self, folder: &str) -> Option<&Tree> {
        self.lower.filter(|_| self.upper.is_bare() && self.is_apart(folder))
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

    /// How many bytes there is room for; only volumes in memory have an end.
    fn room(&self, place: &Place) -> u64 {
        let limited = place.mount.and_then(|i| Some((self.mounts[i].memory?, &self.mounts[i].volume)));
        let Some((limit, volume)) = limited else { return u64::MAX };
        limit.saturating_sub(self.volumes.get(volume).map_or(0, Tree::bytes))
    }

    /// Writes at `offset` (`None`: at the end) of an open file; gives the offset after it.
    ///
    /// # Errors
    /// `NoSpace` if there was not room for all; what there was room for is written.
    pub fn write(&mut self, path: &str, offset: Option<u64>, data: &[u8], now: Time) -> Result<u64, Errno> {
        let place = self.place(path.to_string());
        let room = self.room(&place);
        let node = self.change(&place)?;
        node.changed = now;
        let Kind::File(content) = &mut node.kind else { return Err(Errno::Invalid) };
        let at = offset.unwrap_or_else(|| content.len());
        let fits = content.len().saturating_add(room).saturating_sub(at).min(data.len() as u64);
        content.put(at, &data[..fits as usize]);
        if fits < data.len() as u64 { Err(Errno::NoSpace) } else { Ok(at + fits) }
    }

    /// Lengthens a file by bytes that are only counted (what `dd if=/dev/zero` writes); gives for how many there was room.
    pub fn grow(&mut self, path: &str, by: u64, now: Time) -> Result<u64, Errno> {
        let place = self.place(path.to_string());
        let by = by.min(self.room(&place));
        let node = self.change(&place)?;
        node.changed = now;
        let Kind::File(content) = &mut node.kind else { return Err(Errno::Invalid) };
        content.counted += by;
        Ok(by)
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
