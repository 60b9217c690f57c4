//! A look into a container from outside: its files, its processes, what it was given. Nothing is changed by it.

use super::node::Machine;
use super::process::{Body, Process, SMALL_PROGRAM_BYTES};
use super::sandbox::DISK;
use super::{files, sandbox};
use crate::clock::Time;
use crate::shell::{Creds, Errno, Fs, Links, Mount, Node, Pid, Seen, Signal, Tree, Volumes};
use std::rc::Rc;

/// A container's files as they are at an instant. They are shared with the container, not copied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The image's layer; none if the container does not run, and then only its volumes are to be seen.
    lower: Option<Tree>,
    upper: Tree,
    mounts: Vec<Mount>,
    volumes: Volumes,
}

impl View {
    /// A folder of a disk by itself, seen at `/`.
    pub fn of_disk(disk: &Tree, path: &str) -> View {
        let mount = Mount {
            path: "".into(),
            volume: DISK.into(),
            sub_path: path.trim_matches('/').into(),
            read_only: true,
            memory: None,
        };
        View { volumes: [(DISK.into(), disk.clone())].into(), mounts: vec![mount], ..View::default() }
    }

    /// Whether there is more than volumes.
    pub fn has_root(&self) -> bool {
        self.lower.is_some()
    }

    pub fn mounts(&self) -> &[Mount] {
        &self.mounts
    }

    /// The names in a folder, sorted, with what they stand for.
    ///
    /// # Errors
    /// As `ls` would say it.
    pub fn list(&self, path: &str) -> Result<Vec<(String, Node)>, Errno> {
        self.with(|fs| fs.list("/", path, &Creds::default()))
    }

    /// What a file says; none if there is no such file.
    pub fn text(&self, path: &str) -> Option<String> {
        self.with(|fs| fs.read_text(path))
    }

    /// What is at a path, links being followed.
    ///
    /// # Errors
    /// As `cat` would say it.
    pub fn node(&self, path: &str) -> Result<Node, Errno> {
        self.with(|fs| fs.stat("/", path, Links::Follow).cloned())
    }

    fn with<T>(&self, look: impl FnOnce(&Fs) -> T) -> T {
        let (mut upper, mut volumes) = (self.upper.clone(), self.volumes.clone());
        look(&Fs {
            lower: self.lower.as_ref(),
            upper: &mut upper,
            mounts: &self.mounts,
            volumes: &mut volumes,
            read_only: true,
        })
    }
}

impl Machine {
    /// The files that the newest container of a name has at `now`; none if it was not made yet.
    pub fn view(&self, uid: &str, container: &str, now: Time) -> Option<View> {
        let sandbox = self.sandbox(uid)?.at(now);
        let container = sandbox.newest(container)?;
        let mut volumes = sandbox.volumes.clone();
        if sandbox.on_disk {
            volumes.insert(DISK.into(), self.disk.clone());
        }
        Some(container.process.view(volumes, &sandbox.hostname, container.created))
    }
}

impl sandbox::Container {
    /// The environment that it was given when it was started.
    pub fn environment(&self) -> &[(Rc<str>, Rc<str>)] {
        &self.process.launch.env
    }
}

impl Process {
    fn view(&self, volumes: Volumes, hostname: &str, made: Time) -> View {
        let launch = &self.launch;
        let (lower, upper) = match &self.body {
            Body::Nothing => (None, Tree::new()),
            Body::Server(_) => (Some(files::root(launch.entry())), files::layer(launch, hostname, made)),
            Body::Processes(running) => (Some(running.inside.lower.clone()), running.inside.upper.clone()),
        };
        View { lower, upper, mounts: launch.mounts.clone(), volumes }
    }

    /// Its processes in the order of their numbers; together they hold what the container does.
    pub fn processes(&self, now: Time) -> Vec<Seen> {
        let mut seen = match &self.body {
            Body::Nothing => vec![],
            Body::Server(serving) => vec![Seen {
                pid: self.pid,
                parent: 0,
                command: serving.argv.join(" "),
                state: 'S',
                bytes: serving.memory(now),
                since: serving.started,
            }],
            Body::Processes(running) => {
                let mut list = running.table.seen();
                for process in &mut list {
                    let serving = running.inside.servers.get(&process.pid);
                    process.bytes += serving.map_or(0, |serving| serving.memory(now));
                }
                if let Some(main) = list.iter_mut().find(|process| process.pid == running.main) {
                    main.bytes += SMALL_PROGRAM_BYTES;
                }
                list
            }
        };
        if self.is_frozen() {
            seen.iter_mut().for_each(|process| process.state = 'T');
        }
        seen
    }

    /// Whether its first process does anything at all when it gets this signal.
    pub fn heeds(&self, signal: Signal) -> bool {
        let (servers, table): (_, Option<(&_, Pid)>) = match &self.body {
            Body::Nothing => return false,
            Body::Server(serving) => (Some(&**serving), None),
            Body::Processes(running) => {
                let main = running.main;
                (running.inside.servers.get(&main), Some((&running.table, main)))
            }
        };
        match (servers, table) {
            (Some(serving), _) => serving.clone().signal(signal, Time(0)),
            (None, Some((table, main))) => table.heeds(main, signal),
            (None, None) => false,
        }
    }
}
