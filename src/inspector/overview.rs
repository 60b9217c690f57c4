//! What the inspector shows while nothing is selected: how many of what, and where to look first.

use super::portrait::Chosen;
use crate::how::{self, How};
use crate::icons::Sign;
use kubarium_sim::api::Kind;
use kubarium_sim::api::object::Object;
use kubarium_sim::cluster::Cluster;
use kubarium_sim::table::Table;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Rows of the tally, in the order of the key.
pub const SIGNS: [(Sign, &str); 6] = [
    (Sign::Ready, "state-ready"),
    (Sign::Waiting, "state-waiting"),
    (Sign::NotReady, "state-not-ready"),
    (Sign::Broken, "state-broken"),
    (Sign::Terminating, "state-terminating"),
    (Sign::Finished, "state-finished"),
];

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overview {
    pub pods: usize,
    pub nodes: usize,
    /// How many Pods are so, by the order of [`SIGNS`].
    pub tally: [usize; 6],
    /// What is not as it should be, the worst first.
    pub first: Vec<Trouble>,
    /// Command lines: what may befall the cluster's own parts.
    pub faults: Vec<String>,
}

/// Things of one maker that are not as they should be, all in the same way.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    /// The first of them by name.
    pub chosen: Chosen,
    pub how: How,
    pub count: usize,
    /// Who made them; empty where nobody did.
    pub of: Rc<str>,
}

/// Pods of one maker and namespace in one state, and each other thing by itself: by weight, kind, namespace, name and state.
type Group = (Reverse<u8>, Kind, Rc<str>, Rc<str>, String);

/// The most that is worth looking at first.
const MOST: usize = 6;

/// What is counted.
const KINDS: [Kind; 4] = [Kind::Node, Kind::Pod, Kind::Deployment, Kind::PersistentVolumeClaim];

/// What an overview is made of, kept from one to the next: of many objects only those are looked at that have changed.
#[derive(Default)]
pub struct Tally {
    namespace: Option<Rc<str>>,
    /// As they are counted, once nothing is left.
    seen: [Table<Object>; KINDS.len()],
    /// What is not counted yet: as an object was, and as it is.
    left: Vec<(Option<Rc<Object>>, Option<Rc<Object>>)>,
    pods: usize,
    rows: [usize; SIGNS.len()],
    /// What is not as it should be, the worst first: the names of each group.
    troubles: BTreeMap<Group, BTreeSet<Rc<str>>>,
}

impl Tally {
    /// Counts so many changes at most; whether all are counted.
    pub fn go_on(&mut self, cluster: &Cluster, namespace: Option<&str>, most: usize) -> bool {
        if self.namespace.as_deref() != namespace {
            *self = Tally { namespace: namespace.map(Rc::from), ..Tally::default() };
        }
        if self.left.is_empty() {
            self.begin(cluster);
        }
        for (old, new) in self.left.split_off(self.left.len().saturating_sub(most)) {
            old.iter().for_each(|old| self.count(old, false));
            new.iter().for_each(|new| self.count(new, true));
        }
        self.left.is_empty()
    }

    fn begin(&mut self, cluster: &Cluster) {
        for (kind, seen) in KINDS.into_iter().zip(&mut self.seen) {
            let now = cluster.store.shelf(kind).map(|shelf| shelf.objects.clone()).unwrap_or_default();
            self.left.extend(now.changed(seen).into_iter().map(|(_, new, old)| (old.cloned(), new.cloned())));
            *seen = now;
        }
    }

    /// An object counts, or counts no more.
    fn count(&mut self, object: &Object, counts: bool) {
        let kind = object.kind;
        if kind.namespaced() && self.namespace.as_deref().is_some_and(|n| *n != *object.meta.namespace) {
            return;
        }
        let How { sign, word } = how::of(object);
        let change = |n: &mut usize| if counts { *n += 1 } else { *n -= 1 };
        if kind == Kind::Pod {
            change(&mut self.pods);
            change(&mut self.rows[row(sign)]);
        }
        let weight = match (sign, kind) {
            (Sign::Broken | Sign::Failed, _) => 3,
            (Sign::Unknown, _) => 2,
            (Sign::Waiting | Sign::NotReady | Sign::Init, _) => 1,
            _ => return,
        };
        let maker = if kind == Kind::Pod { maker(object) } else { object.meta.name.clone() };
        let group = (Reverse(weight), kind, object.meta.namespace.clone(), maker, word);
        if counts {
            self.troubles.entry(group).or_default().insert(object.meta.name.clone());
        } else if let Some(names) = self.troubles.get_mut(&group) {
            names.remove(&object.meta.name);
            if names.is_empty() {
                self.troubles.remove(&group);
            }
        }
    }

    /// What has been counted.
    pub fn overview(&self, cluster: &Cluster) -> Overview {
        let found = |((_, kind, namespace, of, _), names): (&Group, &BTreeSet<Rc<str>>)| {
            let chosen = Chosen::new(*kind, namespace, names.first()?);
            let how = how::of(cluster.store.get(*kind, &chosen.key)?);
            Some(Trouble { chosen, how, count: names.len(), of: of.clone() })
        };
        Overview {
            pods: self.pods,
            nodes: cluster.store.count(Kind::Node),
            tally: self.rows,
            first: self.troubles.iter().take(MOST).filter_map(found).collect(),
            faults: super::acts::plane_acts(cluster),
        }
    }
}

/// What made a Pod, as its user knows it: the Deployment, not its ReplicaSet.
fn maker(object: &Object) -> Rc<str> {
    let Some(owner) = object.meta.controller() else { return Rc::from("") };
    let hash = object.meta.labels.get("pod-template-hash");
    let stem = hash.and_then(|hash| owner.name.strip_suffix(&**hash)?.strip_suffix('-'));
    stem.map_or_else(|| owner.name.clone(), Rc::from)
}

fn row(sign: Sign) -> usize {
    match sign {
        Sign::Ready => 0,
        Sign::Waiting | Sign::Init => 1,
        Sign::NotReady | Sign::Unknown => 2,
        Sign::Broken | Sign::Failed => 3,
        Sign::Terminating => 4,
        Sign::Finished => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubarium_sim::clock::Time;
    use kubarium_sim::command::Command;
    use kubarium_sim::history::History;
    use kubarium_sim::setup::Setup;

    /// Counted whole, as often as it is asked for.
    fn anew(cluster: &Cluster, namespace: Option<&str>) -> Overview {
        let mut tally = Tally::default();
        assert!(tally.go_on(cluster, namespace, usize::MAX));
        tally.overview(cluster)
    }

    #[test]
    fn what_has_changed_is_all_that_counts() {
        let mut history = History::new(Setup::default().cluster());
        let mut run = |line: &str, until: u64| {
            history.command(Command::Run { line: line.into() });
            history.seek(Time(until));
            history.cluster().clone()
        };
        let moments = [
            run("kubectl create deployment web --image=nginx:1.28 --replicas=12", 1_500),
            run("kubectl create deployment bad --image=nowhere/nothing:1 --replicas=3", 30_000),
            run("kubectl delete deployment web", 30_400),
            run("kubectl cordon node-1", 90_000),
        ];
        let mut tally = Tally::default();
        let mut troubled = 0;
        // Back as well as on, and with other namespaces in between.
        for (n, namespace) in [(0, None), (1, None), (3, None), (2, None), (2, Some("kube-system")), (0, None)] {
            let cluster = &moments[n];
            let mut turns = 1;
            while !tally.go_on(cluster, namespace, 5) {
                turns += 1;
            }
            assert!(turns < 12, "{turns} times five changes");
            let overview = tally.overview(cluster);
            assert_eq!(overview, anew(cluster, namespace), "at {:?} in {namespace:?}", cluster.now);
            assert_eq!(overview.tally.iter().sum::<usize>(), overview.pods);
            troubled += overview.first.len();
            let counted: usize = overview.first.iter().map(|trouble| trouble.count).sum();
            assert!(overview.first.iter().all(|trouble| trouble.count > 0) && counted <= overview.pods + 4);
        }
        assert!(troubled > 0 && tally.go_on(&moments[0], None, 0), "nothing is left to count");
    }
}
