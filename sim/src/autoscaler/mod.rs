//! The cluster autoscaler: machines for Pods that find no room, and fewer when they are idle.
//!
//! Not of Kubernetes: a model of kubernetes/autoscaler, cluster-autoscaler 1.36, with its times and its events. It has one
//! group of nodes that are like the cluster's first one, from none to ten; a machine joins 45 s after it was ordered. The
//! cluster's other nodes are never taken away. Not done: several groups and expanders, the status ConfigMap, priorities below
//! which Pods do not count.

mod grow;
mod shrink;

use crate::clock::Span;
use crate::cluster::Cluster;
use crate::outcome::Outcome;

const BY: &str = "cluster-autoscaler";
/// From one look to the next (`--scan-interval`).
const SCAN: Span = Span::secs(10);

/// Looks at Pods that wait, then at nodes that idle.
pub fn wake(cluster: &mut Cluster) -> Outcome {
    if !cluster.plane.autoscaler {
        return Outcome::nothing();
    }
    let next = cluster.now + SCAN;
    if !cluster.plane.api_server_stopped {
        // What has just joined is seen at the next look only.
        if !grow::join(cluster) && !grow::look(cluster) {
            shrink::look(cluster);
        }
    }
    let joins = cluster.pool.ordered.values().min().copied();
    Outcome { look_again: Some(joins.map_or(next, |at| at.min(next))), ..Outcome::nothing() }
}

#[cfg(test)]
mod tests {
    use crate::api::Kind;
    use crate::api::pod::Pod;
    use crate::apiserver::{self, Request};
    use crate::clock::Time;
    use crate::cluster::Cluster;
    use crate::plane::Fault;
    use crate::setup::Setup;
    use crate::{fault, manifest, run};

    /// Nodes, and Pods that run, at a second.
    fn check(cluster: &mut Cluster, second: u64, nodes: usize, running: usize) {
        while run::step(cluster, Time(second * 1000), &mut |_, _| {}) {}
        let pods = cluster.store.list(Kind::Pod).filter(|pod| &*pod.expect::<Pod>().status.phase == "Running").count();
        assert_eq!((cluster.store.list(Kind::Node).count(), pods), (nodes, running), "at {second} s");
    }

    fn deployment(cluster: &mut Cluster, replicas: u32) {
        let text = format!(
            r#"{{"metadata":{{"namespace":"default","name":"big"}},"spec":{{"replicas":{replicas},"selector":{{"matchLabels":{{"a":"b"}}}},"template":{{"metadata":{{"labels":{{"a":"b"}}}},"spec":{{"containers":[{{"name":"c","image":"nginx:1.25","resources":{{"requests":{{"cpu":"900m"}}}}}}]}}}}}}}}"#
        );
        let value = manifest::json::parse(&text).expect("JSON");
        apiserver::handle(cluster, Request::create("test", Kind::Deployment, value)).expect("created");
        run::tell(cluster, &mut |_, _| {});
    }

    #[test]
    fn machines_come_for_pods_without_room_and_go_when_idle() {
        let mut cluster = Setup { nodes: Setup::machines(1), ..Setup::default() }.cluster();
        deployment(&mut cluster, 7);
        check(&mut cluster, 10, 1, 2);
        fault::befall(&mut cluster, Fault::Start, &"cluster-autoscaler".into());
        // Two Pods a node: three more are needed, and no more than that.
        check(&mut cluster, 50, 1, 2);
        check(&mut cluster, 120, 4, 7);
        check(&mut cluster, 700, 4, 7);
        let key = crate::api::object::Key::new("default", "big");
        apiserver::handle(&mut cluster, Request::delete("test", Kind::Deployment, key, Default::default()))
            .expect("gone");
        run::tell(&mut cluster, &mut |_, _| {});
        check(&mut cluster, 1250, 4, 0);
        check(&mut cluster, 1400, 1, 0);
    }

    #[test]
    fn without_being_asked_it_does_nothing() {
        let mut cluster = Setup { nodes: Setup::machines(1), ..Setup::default() }.cluster();
        deployment(&mut cluster, 7);
        check(&mut cluster, 300, 1, 2);
    }
}
