//! What a node's kubelet remembers of its Pods. It lives and dies with the machine.
//!
//! Kubernetes 1.36: pkg/kubelet/pod_workers.go, reason_cache.go, prober/worker.go (their data)

use crate::api::Texts;
use crate::api::object::{Key, Object};
use crate::api::pod::PodSpec;
use crate::clock::{Span, Time};
use crate::machine::results::Results;
use crate::shell::Volumes as Trees;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// A kubelet's memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Agent {
    /// By the uid of the Pod.
    pub workers: BTreeMap<Rc<str>, Rc<Worker>>,
    pub pressures: Pressures,
    /// Whether its node was closed to new Pods when it last reported.
    pub cordoned: bool,
    /// Pods whose workers are to look at once.
    pub called: Vec<Rc<str>>,
    /// Pods that are being started, by their uid: since when and until when.
    pub starts: BTreeMap<Rc<str>, (Time, Time)>,
}

/// What the node is short of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pressures {
    /// Until when that is reported at least.
    pub memory: Option<Time>,
    pub disk: Option<Time>,
}

/// The worker of one Pod. It does one sync after the other; a sync may take long, and meanwhile wishes for a further
/// one gather.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Worker {
    pub key: Key,
    /// The Pod as the kubelet knows it while it cannot reach the API server.
    pub local: Option<Rc<Object>>,
    pub life: Life,
    /// What the sync still has to do, the present task first. Empty: no sync is under way.
    pub tasks: VecDeque<Task>,
    /// When the present task goes on by itself.
    pub until: Option<Time>,
    /// Whether this sync did anything in the runtime: a look at it then follows at once.
    pub acted: bool,
    /// The first thing that failed in this sync.
    pub failed: Option<Failure>,
    /// Someone wants a further sync.
    pub wanted: bool,
    /// When the work queue gives the Pod again.
    pub queued: Option<Time>,
    /// When the next look at the runtime will show something new.
    pub relist: Option<Time>,
    /// Another look at the runtime after that will, too.
    pub relist_again: bool,
    /// No sync before this instant: what the runtime says must be newer than the last sync.
    pub fresh: Time,
    /// Containers that are being stopped.
    pub kills: Vec<Kill>,
    /// Of containers that did not start: why (the reason cache), and back-offs.
    pub troubles: BTreeMap<Rc<str>, Trouble>,
    /// Of images that could not be pulled.
    pub pulls: BTreeMap<Rc<str>, BackOff>,
    pub probers: Vec<Prober>,
    pub volumes: Volumes,
    /// Whether probes and the sandbox follow: volumes were mounted once.
    pub mounted: bool,
    /// Seconds of grace that a deletion or eviction leaves.
    pub grace: i64,
    /// Why the Pod was ended by its kubelet (`DeadlineExceeded`, `Evicted` ...), with the message.
    pub ended_by: Option<(Rc<str>, Rc<str>)>,
    /// The Pod's specification whose requests and limits the node has granted, and the one that its containers have.
    pub granted: Option<Rc<PodSpec>>,
    pub actual: Option<Rc<PodSpec>>,
    /// The generation of a granted size that is not reached yet.
    pub resizing: Option<i64>,
    /// A size that could not be granted.
    pub pending: Option<Pending>,
    /// Whether it was evicted because the node runs short.
    pub disrupted: bool,
    /// When the Pod was first seen.
    pub since: Time,
    /// What is numbered: containers made, throws of dice.
    pub count: u32,
    /// The container states when the present sync began: back-off looks at these.
    pub at_sync: Vec<(Rc<str>, u32, bool)>,
    /// Of the Pod's metadata, what the worker has seen: generation, labels, annotations.
    pub seen: (i64, Texts, Texts),
}

/// Why a Pod was not resized.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pending {
    /// `Deferred` until there is room, or `Infeasible`.
    pub reason: &'static str,
    pub message: Rc<str>,
}

/// How far the worker is with its Pod.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Life {
    /// Not yet admitted.
    #[default]
    New,
    Running,
    /// Its containers are being stopped.
    Terminating,
    /// Its containers have ended; what it used is given back.
    Terminated,
    /// Nothing is left to do.
    Done,
}

/// A task of a sync.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Task {
    /// Wait until all volumes are mounted.
    Mount,
    Sandbox,
    /// Wait until all [`Worker::kills`] are done.
    Kills,
    /// Start this container, from its image's pulling to its postStart hook.
    Start(Rc<str>, StartStage),
    /// Remove all containers, which are to begin anew.
    Remove,
    /// Take the sandbox down.
    StopSandbox,
    /// Say how the Pod is, as one that is being ended.
    Report,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum StartStage {
    #[default]
    Begin,
    /// An image is pulled that it mounts as a volume.
    PullingMounted,
    Pulling,
    Creating,
    Starting,
    PostStart(Option<u32>),
}

/// What went wrong in a sync.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// It is tried again after the worker's usual wait.
    Plain,
    /// It is tried again when this is over.
    BackOff(Time),
}

/// A container that is being stopped.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Kill {
    pub container: Rc<str>,
    pub stage: KillStage,
    /// When SIGKILL follows.
    pub deadline: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KillStage {
    /// Waits until all others than sidecars have ended.
    Waiting,
    /// The preStop hook runs: an exec's number, or a sleep until.
    PreStop(Option<u32>, Option<Time>),
    /// SIGTERM was sent.
    Term,
    /// SIGKILL was sent.
    Killed,
}

/// Why a container does not start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Trouble {
    /// What its status shows while it waits; empty if it started.
    pub reason: Rc<str>,
    pub message: Rc<str>,
    pub back_off: Option<BackOff>,
}

/// A wait that doubles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BackOff {
    pub wait: Span,
    pub updated: Time,
}

/// One probe of one container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Prober {
    pub container: Rc<str>,
    pub kind: ProbeKind,
    /// The attempt of the container whose result this is.
    pub attempt: Option<u32>,
    pub next: Time,
    pub period: Span,
    /// Unset until the probe has decided for the first time.
    pub result: Option<bool>,
    pub last: Option<bool>,
    pub run: i64,
    pub on_hold: bool,
    /// What is under way, and when it is given up.
    pub asked: Option<(Asked, Time)>,
    pub stopped: bool,
    /// For whoever looks on; nothing depends on it.
    pub results: Results,
}

/// What a probe waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    /// A program's end, by its number.
    Program(u32),
    /// A port that took the request has not answered.
    Port,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProbeKind {
    Startup,
    Liveness,
    Readiness,
}

/// How far the mounting of a Pod's volumes is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Volumes {
    /// When mounting began.
    pub began: Time,
    /// Of volumes that could not be mounted: when it is tried again, and the wait before that.
    pub waits: BTreeMap<Rc<str>, (Time, Span)>,
    pub mounted: Vec<Rc<str>>,
    /// The files of volumes that are mounted before there is a sandbox.
    pub trees: Trees,
}
