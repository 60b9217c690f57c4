//! THE VALUE: the whole cluster at an instant. Data and getters; what happens to it is elsewhere.

use crate::api::object::Key;
use crate::api::{Kind, Stamp};
use crate::clock::{Agenda, Span, Time};
use crate::controllers::memory::Memory;
use crate::dice::Dice;
use crate::machine::Machines;
use crate::network::affinity::Affinity;
use crate::network::rules::Rules;
use crate::network::traffic::Traffic;
use crate::outcome::Errand;
use crate::plane::Plane;
use crate::pool::Pool;
use crate::scheduler::queue::Queue;
use crate::store::{Change, Store};
use crate::terminal::{Folder, Session};
use crate::trace::Trace;
use crate::value::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A cluster.
#[derive(Clone, Debug, Default)]
pub struct Cluster {
    pub now: Time,
    /// What the wall clock showed at time 0: milliseconds since 1970.
    pub epoch: i64,
    pub dice: Dice,
    pub store: Store,
    /// What is physically so, by node.
    pub machines: Machines,
    /// Which parts of the control plane are stopped.
    pub plane: Plane,
    pub agenda: Agenda<Actor>,
    /// Whether a metrics-server tells of the use of CPU and memory.
    pub metrics_server: bool,
    /// How often in a row an actor's requests were refused, and until when it waits for that: its back-off.
    pub failures: Rc<BTreeMap<Actor, (u32, Time)>>,
    /// The controller manager's own memory.
    pub manager: Rc<Memory>,
    /// The scheduler's own memory.
    pub scheduler: Queue,
    /// The user's files.
    pub folder: Folder,
    /// The user's kubeconfig; `Null` as long as it is as it was at first.
    pub kubeconfig: Value,
    /// What the cluster autoscaler keeps in mind.
    pub pool: Rc<Pool>,
    /// The command lines that were started, by their number.
    pub sessions: Rc<BTreeMap<u32, Rc<Session>>>,
    /// Where the clients of Services with session affinity went last.
    pub affinity: Affinity,
    /// What follows from the slices of Services for who connects to them.
    pub rules: Rules,
    /// What was done lately and by whom, for the picture.
    pub trace: Trace,
    /// What was requested lately over the network, for the picture.
    pub traffic: Traffic,
    /// What the API server warned of since the present step began; the client of a request takes it.
    pub warnings: Vec<String>,
    /// What an actor wants and has not got yet; nobody else is woken before.
    pub(crate) errand: Option<Rc<Errand>>,
    /// Commits whose watchers have not been told yet.
    pub(crate) changes: Vec<Change>,
}

/// Who acts in a cluster. An actor that is woken looks at the cluster afresh: a wake carries no news.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// A controller of the controller manager, looking at one object.
    Controller(Controller, Key),
    /// Binds claims to volumes: a claim, or (without a namespace) a volume.
    VolumeBinder(Key),
    /// Lets claims and volumes go that nobody uses any more.
    VolumeProtection(Key),
    /// The ingress controller, looking at an Ingress.
    Ingress(Key),
    /// The implementation of Gateway API, looking at one of its objects.
    Gateway(Kind, Key),
    /// The garbage collector, looking at one object.
    Garbage(Kind, Key),
    /// The scheduler, taking the next Pod from its queue.
    Scheduler,
    /// A node's kubelet, looking at its node as a whole.
    Kubelet(Rc<str>),
    /// The worker that a node's kubelet has for a Pod: node, uid.
    PodWorker(Rc<str>, Rc<str>),
    /// The cluster autoscaler, looking at all nodes.
    ClusterAutoscaler,
    /// The API server, dropping old events.
    EventExpiry,
    /// A command line that a user has started, by its number.
    Session(u32),
}

/// The controllers of the controller manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Controller {
    Deployment,
    ReplicaSet,
    ReplicationController,
    StatefulSet,
    DaemonSet,
    Job,
    CronJob,
    HorizontalPodAutoscaler,
    TtlAfterFinished,
    Disruption,
    NodeLifecycle,
    TaintEviction,
    PodGc,
    EndpointSlice,
    Endpoints,
    EndpointSliceMirroring,
    Namespace,
    ServiceAccount,
    RootCertificate,
    ResourceQuota,
    ClusterRoleAggregation,
    CustomResourceDefinition,
    LoadBalancer,
    EphemeralVolume,
    ServiceAccountToken,
}

impl Cluster {
    /// The time of day, as the API stamps it.
    pub fn stamp(&self) -> Stamp {
        self.stamp_of(self.now)
    }
    pub fn stamp_of(&self, time: Time) -> Stamp {
        Stamp(self.epoch + time.0 as i64)
    }
    /// The instant of a stamp; time 0 for what is older than the cluster.
    pub fn time_of(&self, stamp: Stamp) -> Time {
        Time((stamp.0 - self.epoch).max(0) as u64)
    }
    /// Whether something that an actor wanted is not done yet, or not told of.
    pub(crate) fn is_busy(&self) -> bool {
        self.errand.is_some() || !self.changes.is_empty()
    }
    /// When the next step is to be made.
    pub fn next(&self) -> Option<Time> {
        if self.is_busy() { Some(self.now) } else { self.agenda.next() }
    }
    /// Whose the next step is: who is not done yet, or else who is due next; no one's where others are told of what was done.
    pub fn turn(&self) -> Option<&Actor> {
        match &self.errand {
            Some(errand) => Some(&errand.actor),
            None if self.is_busy() => None,
            None => self.agenda.first(),
        }
    }
    /// Asks for an actor to be woken after a while.
    pub fn wake(&mut self, actor: Actor, after: Span) {
        self.agenda.wake(actor, self.now + after);
    }
}
