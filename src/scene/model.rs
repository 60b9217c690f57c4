//! What there is to draw, as plain values: the hinge between a cluster and its picture.
//!
//! [`super::read`] fills it from a cluster, tests fill it by hand. Shares are of 1; times are milliseconds of shown time.

use super::hit::Key;
use super::shape::{Id, Tone};
use std::rc::Rc;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    pub now_ms: u64,
    pub plane: Plane,
    pub nodes: Vec<Node>,
    /// All Pods that the picture may show, by creation; shared with the reader, which keeps those that stay as they are.
    pub pods: Vec<Rc<Pod>>,
    /// By creation.
    pub services: Vec<Service>,
    /// By creation.
    pub volumes: Vec<Volume>,
    pub clients: Vec<Client>,
    /// Who made whom, for the ownership lens: by creation.
    pub workloads: Vec<Workload>,
    /// One request followed hop by hop, for the network lens.
    pub route: Vec<Hop>,
    /// What was done since the last look, the oldest first.
    pub deeds: Vec<Deed>,
}

/// Somebody did something to an object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Deed {
    pub by: By,
    /// `create`, `update`, `status`, `patch`, `delete`, `bind`.
    pub what: &'static str,
    pub target: Id,
    pub is_pod: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    User,
    /// By the name of its chip.
    Controller(&'static str),
    Scheduler,
    Kubelet,
    Other,
}

// ------------------------------------------------------------------------------------------------ control plane

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plane {
    pub api_lit: bool,
    /// The last thing written, in few words: "web patched".
    pub api_note: String,
    pub revision: u64,
    /// Those that acted within the last 400 ms first.
    pub controllers: Vec<Controller>,
    pub scheduler_lit: bool,
    /// When the scheduler looks again, and why.
    pub scheduler_note: String,
    /// Pods that wait for a node, in the order of the queue.
    pub queue: Vec<Queued>,
    /// What the user ordered last, while it is on its way: "set image".
    pub order: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Controller {
    pub name: &'static str,
    pub lit: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Queued {
    pub id: Id,
    pub key: Key,
    pub place: QueuePlace,
    /// For how long it has been there.
    pub waited_ms: u64,
    /// When its back-off ends.
    pub until_ms: Option<u64>,
    /// The scheduler's own words.
    pub reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum QueuePlace {
    Active,
    BackOff,
    Unschedulable,
    /// Held by a scheduling gate.
    Gated,
}

// ------------------------------------------------------------------------------------------------ nodes

#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub id: Id,
    pub key: Key,
    pub zone: Option<Rc<str>>,
    /// Requested of what can be requested.
    pub cpu: f32,
    pub memory: f32,
    /// Used of the kubelet's disk, where known.
    pub disk: Option<f32>,
    pub glass: Glass,
    /// `Ready`, `NotReady`, `DiskPressure` ...: the state as a word of the API.
    pub word: &'static str,
    pub cordoned: bool,
    /// Its network is cut, whatever the API believes.
    pub cut: bool,
    /// Taints that keep Pods out, as `kubectl` writes them, without those that say what the glass says.
    pub taints: Vec<String>,
    pub pressure: Option<Pressure>,
    /// What it answers the selected Pod that waits.
    pub verdict: Option<Verdict>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glass {
    Ready,
    NotReady,
    Unknown,
    /// Physically without power, whatever the API believes.
    Off,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressure {
    Disk,
    Memory,
    Pid,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The plugin's own reason, or what it would mean to come in.
    pub text: String,
    pub fits: bool,
    /// The shares of cpu and memory that the Pod asks for, drawn on top of what is taken.
    pub ghost: Option<(f32, f32)>,
}

// ------------------------------------------------------------------------------------------------ Pods

#[derive(Clone, Debug, PartialEq)]
pub struct Pod {
    pub id: Id,
    pub key: Key,
    /// Index of its node.
    pub node: Option<usize>,
    /// The name up to what only this Pod has: `web` of `web-7d4b9c6f58-x7k2p`.
    pub stem: Rc<str>,
    pub suffix: Rc<str>,
    pub state: State,
    /// As `kubectl get pods` says it: "Running", "Init:0/1", "CrashLoopBackOff".
    pub status: String,
    /// Containers that are ready, and all that count.
    pub ready: (usize, usize),
    /// The nth revision of its workload by first appearance, from 0; none for Pods that have no revisions.
    pub hue: Option<u16>,
    /// The revision's number as the workload counts it.
    pub revision: Option<u64>,
    pub containers: Vec<Container>,
    pub volumes: Vec<VolumeMark>,
    /// What runs out (a back-off, a grace period): the share that is left.
    pub dial: Option<f32>,
    /// A few words at the foot: "again in 23s".
    pub note: Option<Note>,
    pub restarts: u32,
    /// Belongs to a DaemonSet.
    pub daemon: bool,
    /// Paths of the node's disk that it mounts.
    pub host_paths: Vec<Rc<str>>,
    pub created_ms: u64,
    /// The thing that made it.
    pub owner: Option<Id>,
    /// Its first container's processes stand still, whatever the API believes.
    pub hung: bool,
}

/// No share of it is other than a number. So one that is shared is equal to itself without a look into it.
impl Eq for Pod {}

#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    pub text: String,
    pub tone: Tone,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Container {
    pub name: Rc<str>,
    /// The image without its registry.
    pub label: String,
    pub inside: Inside,
    pub sidecar: bool,
    pub startup: Option<Lamp>,
    pub liveness: Option<Lamp>,
    pub readiness: Option<Lamp>,
    /// Last results of its readiness probe, oldest first.
    pub history: Vec<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inside {
    Running,
    /// Runs, but is not ready.
    Unready,
    /// Its processes stand still, whatever the API believes.
    Hung,
    Waiting,
    Crashed,
    Done,
    Stopping,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lamp {
    Passed,
    Failed,
    Idle,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VolumeMark {
    EmptyDir,
    HostPath,
    ConfigMap,
    Secret,
    Downward,
    Projected,
    Claim,
}

/// How a Pod is: colour, sign and ring together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    Pending,
    Init,
    Starting,
    NotReady,
    Ready,
    Crash,
    Image,
    Failed,
    Terminating,
    Finished,
    Unknown,
}

impl State {
    pub fn tone(self) -> Tone {
        match self {
            State::Pending | State::Init | State::Starting | State::NotReady => Tone::Waiting,
            State::Ready => Tone::Ready,
            State::Crash | State::Image | State::Failed => Tone::Broken,
            State::Terminating => Tone::Terminating,
            State::Finished => Tone::Finished,
            State::Unknown => Tone::Unknown,
        }
    }

    /// The soft surface of its colour.
    pub fn fill(self) -> Tone {
        match self.tone() {
            Tone::Waiting => Tone::WaitingFill,
            Tone::Ready => Tone::ReadyFill,
            Tone::Broken => Tone::BrokenFill,
            Tone::Terminating => Tone::TerminatingFill,
            Tone::Finished => Tone::FinishedFill,
            _ => Tone::UnknownFill,
        }
    }

    /// Its colour for text.
    pub fn text(self) -> Tone {
        match self.tone() {
            Tone::Waiting => Tone::WaitingText,
            Tone::Ready => Tone::ReadyText,
            Tone::Broken => Tone::BrokenText,
            Tone::Terminating => Tone::TerminatingText,
            Tone::Finished => Tone::FinishedText,
            _ => Tone::UnknownText,
        }
    }

    /// Who keeps its detail longest when a tank is short of room: 0 is the first to lose it.
    pub fn weight(self) -> u8 {
        match self.tone() {
            Tone::Broken => 4,
            Tone::Waiting => 3,
            Tone::Terminating | Tone::Unknown => 2,
            Tone::Finished => 1,
            _ => 0,
        }
    }
}

// ------------------------------------------------------------------------------------------------ Services, storage

#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    pub id: Id,
    pub key: Key,
    /// `10.96.41.7:80`, or `None` when headless.
    pub address: String,
    pub note: String,
    pub entry: Option<Entry>,
    pub headless: bool,
    pub external: bool,
    pub ready: usize,
    pub total: usize,
    pub endpoints: Vec<Endpoint>,
    /// Requests in a second of shown time.
    pub rate: u32,
    /// Of the selected one: how traffic is sent to it.
    pub asked: Option<Asked>,
}

/// Traffic that the reader sends to a Service, by a Deployment of clients.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Where they ask: `http://web:8080`.
    pub url: String,
    /// How many of them are wanted, once there is the Deployment; each asks ten times a second.
    pub clients: Option<u32>,
}

impl Service {
    /// Ready where all answer, not ready where some do, broken where nobody does.
    pub fn state(&self) -> State {
        match (self.ready, self.total) {
            (0, _) => State::NotReady,
            (ready, total) if ready == total => State::Ready,
            _ => State::Ready,
        }
    }
}

/// What feeds a Service from outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub kind: &'static str,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Endpoint {
    /// Index of the Pod.
    pub pod: usize,
    /// Requests may go there.
    pub open: bool,
    /// A NetworkPolicy stands in the way.
    pub shielded: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Volume {
    pub id: Id,
    pub key: Key,
    /// The volume's name; none while a claim waits for one.
    pub name: Option<Rc<str>>,
    pub claim: Option<Rc<str>>,
    pub size: String,
    /// `RWO`, `RWX` ...
    pub modes: String,
    pub class: String,
    pub phase: VolumePhase,
    /// Indexes of the Pods that mount it.
    pub pods: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VolumePhase {
    Bound,
    Available,
    Released,
    Failed,
    /// A claim that has no volume yet.
    Pending,
}

/// Who sends requests from outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Client {
    pub id: Id,
    /// Index of the Service it calls.
    pub service: usize,
    /// "42 / s", "refused"
    pub label: String,
    pub many: bool,
    pub answered: bool,
}

// ------------------------------------------------------------------------------------------------ other lenses

#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    pub id: Id,
    pub key: Key,
    /// "3 of 4 ready"
    pub note: String,
    /// How many Pods are wanted, where that can be changed by hand.
    pub replicas: Option<u32>,
    pub hue: Option<u16>,
    pub revision: Option<u64>,
    pub owner: Option<Id>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Hop {
    /// `client`, `DNS`, `Service`, `NetworkPolicy`, `Pod` ...
    pub kind: &'static str,
    pub title: String,
    pub decision: String,
    pub result: String,
    pub passed: bool,
}
