//! Asked from outside: what the scheduler's rules say of a Pod on every node, and what would let it in. It decides nothing.
//!
//! Kubernetes 1.36: pkg/scheduler/schedule_one.go, whose rules and scores are asked here one by one.

use super::filter::{Candidate, Verdict};
use super::message;
use super::node_info::{HOSTNAME, NodeInfo};
use super::score;
use crate::api::node::{Node, Taint};
use crate::api::object::Object;
use crate::api::pod::Pod;
use crate::cluster::Cluster;
use std::cmp::Reverse;
use std::rc::Rc;

/// Goes with a cordon.
const CORDONED: &str = "node.kubernetes.io/unschedulable";

/// What is said of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub node: Rc<str>,
    /// The rules that shut the Pod out, each with its reasons, in the scheduler's order. The scheduler itself stops at the first.
    pub shut_out: Vec<(&'static str, Vec<Rc<str>>)>,
    /// Its points by each of [`score::RULES`], 0 to 100, before their weights; none if it is shut out.
    pub points: Option<[i64; score::RULES.len()]>,
}

impl Answer {
    /// The weighted sum of its points; none if the Pod is shut out.
    pub fn total(&self) -> Option<i64> {
        let weighed =
            |points: &[i64; score::RULES.len()]| points.iter().zip(score::RULES).map(|(p, (_, w))| p * w).sum();
        self.points.as_ref().map(weighed)
    }
}

/// A change that opens a node, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    Uncordon,
    Untaint(Taint),
    Label(Rc<str>, Rc<str>),
    /// The Pod asks for no more than is left of a resource: thousandths of its unit, what it asks for and what is left.
    AskLess {
        resource: Rc<str>,
        asked: i64,
        left: i64,
    },
    /// Another node, like this one, comes into the cluster.
    Join,
}

/// The answers of all nodes, by name, as if the Pod were to be placed now: where it is already, it counts as away.
///
/// # Errors
/// The reason that shuts it out of every node at once.
pub fn answers(cluster: &Cluster, pod: &Rc<Object>) -> Result<Vec<Answer>, String> {
    let free = unplaced(pod);
    let asking = Asking::new(cluster, pod, &free)?;
    let mut fitting = Vec::new();
    let mut answers: Vec<Answer> = asking
        .nodes()
        .map(|info| {
            let shut_out = asking.candidate.verdicts(&info).into_iter().map(reasons).collect::<Vec<_>>();
            let node = info.node.meta.name.clone();
            if shut_out.is_empty() {
                fitting.push(Rc::new(info));
            }
            Answer { node, shut_out, points: None }
        })
        .collect();
    let scores = score::by_rule(&asking.candidate, &cluster.scheduler.nodes, &fitting);
    let open = answers.iter_mut().filter(|answer| answer.shut_out.is_empty());
    for (place, answer) in open.enumerate() {
        answer.points = Some(scores.each_ref().map(|points| points[place]));
    }
    answers.sort_by(|a, b| (Reverse(a.total()), &a.node).cmp(&(Reverse(b.total()), &b.node)));
    Ok(answers)
}

/// For each node that a few changes would open, those changes; the fewest first, then by name, and at last a node that
/// would have to join. Nodes that nothing here opens are left out, and so are all if what shuts the Pod out is no node.
pub fn remedies(cluster: &Cluster, pod: &Rc<Object>) -> Vec<(Rc<str>, Vec<Remedy>)> {
    let free = unplaced(pod);
    let Ok(mut asking) = Asking::new(cluster, pod, &free) else { return Vec::new() };
    let mut found: Vec<(Rc<str>, Vec<Remedy>)> = Vec::new();
    let nodes: Vec<NodeInfo> = asking.nodes().collect();
    for info in &nodes {
        if let Some(remedies) = asking.open(info).filter(|remedies| !remedies.is_empty()) {
            found.push((info.node.meta.name.clone(), remedies));
        }
    }
    found.sort_by(|a, b| (a.1.len(), &a.0).cmp(&(b.1.len(), &b.0)));
    if let Some(model) = nodes.iter().find(|info| asking.fits_another(info)) {
        found.push((model.node.meta.name.clone(), vec![Remedy::Join]));
    }
    found
}

/// The Pod before it had a node.
fn unplaced(pod: &Rc<Object>) -> Object {
    let mut free = (**pod).clone();
    Rc::make_mut(&mut free.expect_mut::<Pod>().spec).node_name = "".into();
    free
}

fn reasons(verdict: Verdict) -> (&'static str, Vec<Rc<str>>) {
    let rule = match &verdict {
        Verdict::Full(rule, _) | Verdict::Never(rule, _) => *rule,
        Verdict::Fits => "",
    };
    (rule, message::reasons(verdict))
}

/// A Pod that asks all nodes.
struct Asking<'a> {
    cluster: &'a Cluster,
    candidate: Candidate<'a>,
    /// Where it is, if it is anywhere.
    at: Rc<str>,
}

impl<'a> Asking<'a> {
    fn new(cluster: &'a Cluster, pod: &Rc<Object>, free: &'a Object) -> Result<Asking<'a>, String> {
        let nodes = &cluster.scheduler.nodes;
        let candidate = Candidate::new(free, &cluster.store, nodes).map_err(|(_, reason)| reason)?;
        let candidate = candidate.without(std::slice::from_ref(pod), nodes);
        Ok(Asking { cluster, candidate, at: pod.expect::<Pod>().spec.node_name.clone() })
    }

    /// The nodes without the Pod itself.
    fn nodes(&self) -> impl Iterator<Item = NodeInfo> + use<'_, 'a> {
        self.cluster.scheduler.nodes.by_name.values().map(|info| {
            let mut info = (**info).clone();
            if info.node.meta.name == self.at {
                info.count(self.candidate.spec, -1);
            }
            info
        })
    }

    /// What opens a node: nothing if it is open, none if nothing here does.
    fn open(&mut self, info: &NodeInfo) -> Option<Vec<Remedy>> {
        let mut remedies = Vec::new();
        for verdict in self.candidate.verdicts(info) {
            let (rule, _) = reasons(verdict);
            remedies.extend(match rule {
                "NodeUnschedulable" => vec![Remedy::Uncordon],
                "TaintToleration" => self.untaint(info)?,
                "NodeAffinity" => self.label(info),
                "NodeResourcesFit" => self.ask_less(info)?,
                _ => return None,
            });
        }
        self.would_fit(info, &remedies).then_some(remedies)
    }

    /// The taints that keep it out; none if the cluster itself put one there, as long as what it stands for lasts.
    fn untaint(&self, info: &NodeInfo) -> Option<Vec<Remedy>> {
        let kept_out = |taint: &&Taint| {
            matches!(&*taint.effect, "NoSchedule" | "NoExecute")
                && !self.candidate.spec.tolerations.iter().any(|t| t.tolerates(taint))
        };
        let taints: Vec<&Taint> = info.node.expect::<Node>().spec.taints.iter().filter(kept_out).collect();
        let own = |taint: &&Taint| taint.key.starts_with("node.kubernetes.io/") && &*taint.key != CORDONED;
        let others = taints.iter().filter(|taint| &*taint.key != CORDONED);
        (!taints.iter().any(own)).then(|| others.map(|taint| Remedy::Untaint((*taint).clone())).collect())
    }

    /// The labels of the Pod's nodeSelector that the node lacks.
    fn label(&self, info: &NodeInfo) -> Vec<Remedy> {
        let labels = &info.node.meta.labels;
        let lacks = self.candidate.spec.node_selector.iter().filter(|(key, value)| labels.get(key) != Some(value));
        lacks.map(|(key, value)| Remedy::Label(key.clone(), value.clone())).collect()
    }

    /// Less of what is scarce; none where nothing at all is left, or the places for Pods are taken.
    fn ask_less(&self, info: &NodeInfo) -> Option<Vec<Remedy>> {
        let (asked, used, room) = (&self.candidate.requests, &info.requested, &info.room);
        if info.pods + 1 > room.pods {
            return None;
        }
        let plain = [
            ("cpu", asked.cpu_milli, room.cpu_milli - used.cpu_milli, 1),
            ("memory", asked.memory_bytes, room.memory_bytes - used.memory_bytes, 1000),
            ("ephemeral-storage", asked.disk_bytes, room.disk_bytes - used.disk_bytes, 1000),
        ];
        let scarce = plain.into_iter().filter(|(_, asked, left, _)| *asked > 0 && asked > left);
        let less = scarce.map(|(name, asked, left, milli)| {
            let (asked, left) = (asked.saturating_mul(milli), left.saturating_mul(milli));
            (left > 0).then(|| Remedy::AskLess { resource: name.into(), asked, left })
        });
        less.collect()
    }

    /// Whether it fits once all this is done.
    fn would_fit(&mut self, info: &NodeInfo, remedies: &[Remedy]) -> bool {
        let mut node = (*info.node).clone();
        let before = self.candidate.requests.clone();
        for remedy in remedies {
            match remedy {
                Remedy::Uncordon => {
                    let spec = Rc::make_mut(&mut node.expect_mut::<Node>().spec);
                    spec.unschedulable = false;
                    spec.taints.retain(|taint| &*taint.key != CORDONED);
                }
                Remedy::Untaint(taint) => {
                    Rc::make_mut(&mut node.expect_mut::<Node>().spec).taints.retain(|t| t != taint);
                }
                Remedy::Label(key, value) => node.meta.labels.insert(&**key, value.clone()),
                Remedy::AskLess { resource, left, .. } => match &**resource {
                    "cpu" => self.candidate.requests.cpu_milli = *left,
                    "memory" => self.candidate.requests.memory_bytes = left / 1000,
                    _ => self.candidate.requests.disk_bytes = left / 1000,
                },
                Remedy::Join => {}
            }
        }
        let opened =
            NodeInfo { requested: info.requested.clone(), ports: info.ports.clone(), ..NodeInfo::new(Rc::new(node)) };
        let opened = NodeInfo { pods: info.pods, repelling: info.repelling, choosy: info.choosy, ..opened };
        let fits = self.candidate.check(&opened) == Verdict::Fits;
        self.candidate.requests = before;
        fits
    }

    /// Whether it fits a machine like this that is new: empty, and without what users have put on this one.
    fn fits_another(&self, info: &NodeInfo) -> bool {
        let mut node = (*info.node).clone();
        let spec = Rc::make_mut(&mut node.expect_mut::<Node>().spec);
        (spec.unschedulable, spec.taints) = (false, Vec::new());
        // No other has its name.
        node.meta.labels.insert(HOSTNAME, "");
        self.candidate.check(&NodeInfo::new(Rc::new(node))) == Verdict::Fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Kind;
    use crate::api::object::Key;
    use crate::clock::Time;
    use crate::command::Command;
    use crate::history::History;
    use crate::setup::Setup;

    /// A cluster in which these lines were typed, five seconds later.
    fn after(lines: &[&str]) -> History {
        let mut history = History::new(Setup::default().cluster());
        for line in lines {
            history.command(Command::Run { line: (*line).into() });
            history.seek(Time(history.now().0 + 5_000));
        }
        history
    }

    fn pod(history: &History) -> Rc<Object> {
        history.cluster().store.get(Kind::Pod, &Key::new("default", "p")).expect("it was made").clone()
    }

    fn run(spec: &str) -> String {
        let spec = format!("{{\"apiVersion\":\"v1\",\"spec\":{spec}}}");
        format!("kubectl run p --image=nginx --overrides='{spec}'")
    }

    #[test]
    fn a_placed_pod_would_go_where_it_is_and_counts_as_away() {
        let history = after(&["kubectl run p --image=nginx"]);
        let pod = pod(&history);
        let answers = answers(history.cluster(), &pod).expect("no claim is missing");
        assert_eq!(answers.len(), 3);
        assert!(answers.iter().all(|answer| answer.shut_out.is_empty()));
        let best = answers[0].total();
        let at = &pod.expect::<Pod>().spec.node_name;
        assert_eq!(answers.iter().find(|answer| answer.node == *at).and_then(Answer::total), best);
        assert!(remedies(history.cluster(), &pod).iter().all(|(_, remedies)| *remedies == [Remedy::Join]));
    }

    #[test]
    fn all_rules_are_told_and_all_that_opens_a_node() {
        let history = after(&[
            "kubectl cordon node-1",
            "kubectl taint nodes node-2 a=b:NoSchedule",
            "kubectl label node node-2 disk=ssd",
            &run(r#"{"nodeSelector":{"disk":"ssd"},"containers":[{"name":"p","image":"nginx"}]}"#),
        ]);
        let (cluster, pod) = (history.cluster(), pod(&history));
        let answers = answers(cluster, &pod).expect("no claim is missing");
        let rules = |name: &str| {
            let answer = answers.iter().find(|answer| &*answer.node == name).expect("a node");
            answer.shut_out.iter().map(|(rule, _)| *rule).collect::<Vec<_>>()
        };
        assert_eq!(rules("node-1"), ["NodeUnschedulable", "TaintToleration", "NodeAffinity"]);
        assert_eq!(rules("node-2"), ["TaintToleration"]);
        assert_eq!(rules("node-3"), ["NodeAffinity"]);
        let found = remedies(cluster, &pod);
        let taint = Taint { effect: "NoSchedule".into(), key: "a".into(), value: "b".into(), ..Taint::default() };
        let ssd = Remedy::Label("disk".into(), "ssd".into());
        let told: Vec<(&str, &[Remedy])> = found.iter().map(|(node, remedies)| (&**node, &**remedies)).collect();
        assert_eq!(
            told,
            [
                ("node-2", &[Remedy::Untaint(taint)][..]),
                ("node-3", std::slice::from_ref(&ssd)),
                ("node-1", &[Remedy::Uncordon, ssd.clone()]),
                ("node-2", &[Remedy::Join]),
            ]
        );
    }

    #[test]
    fn less_is_asked_for_only_where_something_is_left() {
        let asks = r#"{"containers":[{"name":"p","image":"nginx","resources":{"requests":{"cpu":"64"}}}]}"#;
        let history = after(&[&run(asks)]);
        let (cluster, pod) = (history.cluster(), pod(&history));
        for (node, remedies) in remedies(cluster, &pod) {
            let [Remedy::AskLess { resource, asked, left }] = &remedies[..] else { panic!("{node}: {remedies:?}") };
            assert_eq!((&**resource, *asked), ("cpu", 64_000));
            assert!((1..64_000).contains(left), "{node}: {left}");
        }
    }

    #[test]
    fn what_the_rules_of_nodes_do_not_decide_has_no_remedy() {
        let claim = r#"{"containers":[{"name":"p","image":"nginx"}],"volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"none"}}]}"#;
        let history = after(&[&run(claim)]);
        let pod = pod(&history);
        assert_eq!(answers(history.cluster(), &pod), Err("persistentvolumeclaim \"none\" not found".into()));
        assert_eq!(remedies(history.cluster(), &pod), []);
    }
}
