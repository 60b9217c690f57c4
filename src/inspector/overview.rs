//! What the inspector shows while nothing is selected: how many of what, and where to look first.

use super::portrait::Chosen;
use crate::how::{self, How};
use crate::icons::Sign;
use kubarium_sim::api::Kind;
use kubarium_sim::cluster::Cluster;

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
    pub first: Vec<(Chosen, How)>,
    /// Command lines: what may befall the cluster's own parts.
    pub faults: Vec<String>,
}

/// The most that is worth looking at first.
const MOST: usize = 6;

impl Overview {
    pub fn of(cluster: &Cluster, namespace: Option<&str>) -> Overview {
        let mut overview = Overview {
            nodes: cluster.store.count(Kind::Node),
            faults: super::acts::plane_acts(cluster),
            ..Overview::default()
        };
        let mut worst: Vec<(u8, Chosen, How)> = Vec::new();
        for kind in [Kind::Node, Kind::Pod, Kind::Deployment, Kind::PersistentVolumeClaim] {
            for object in cluster.store.list(kind) {
                if kind.namespaced() && namespace.is_some_and(|n| *n != *object.meta.namespace) {
                    continue;
                }
                let how = how::of(object);
                if kind == Kind::Pod {
                    overview.pods += 1;
                    overview.tally[row(how.sign)] += 1;
                }
                let weight = match (how.sign, kind) {
                    (Sign::Broken | Sign::Failed, _) => 3,
                    (Sign::Unknown, _) => 2,
                    (Sign::Waiting | Sign::NotReady | Sign::Init, _) => 1,
                    _ => continue,
                };
                let chosen = Chosen { kind, key: object.key() };
                // The worst first, and of those equally bad the first by name: so many as are shown.
                let place = worst.partition_point(|(w, c, _)| *w > weight || *w == weight && *c < chosen);
                if place < MOST {
                    worst.insert(place, (weight, chosen, how));
                    worst.truncate(MOST);
                }
            }
        }
        overview.first = worst.into_iter().map(|(_, chosen, how)| (chosen, how)).collect();
        overview
    }
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
