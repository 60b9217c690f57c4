//! Kubernetes 1.36: pkg/controller/podautoscaler/replica_calculator.go
//!
//! How many Pods a metric asks for. Pods that are not ready, or of which nothing is known, are counted so that they slow
//! down what is proposed and never turn it round.

use super::ratio::Ratio;
use crate::api::Kind;
use crate::api::object::Object;
use crate::api::pod::{Container, Pod};
use crate::api::selector::LabelSelector;
use crate::clock::{Span, Time};
use crate::cluster::Cluster;
use crate::metrics::{self, PodMetrics, Usage};
use crate::resources;
use std::collections::BTreeMap;
use std::rc::Rc;

/// So long after a Pod's start its CPU use counts only if it was ready all through the window.
const CPU_INITIALIZATION: Span = Span::minutes(5);
/// A Pod whose Ready last changed within this after its start has never been ready.
const INITIAL_READINESS: Span = Span::secs(30);

/// What is to be found out.
pub struct Question<'a> {
    pub cluster: &'a Cluster,
    pub namespace: &'a str,
    pub selector: &'a LabelSelector,
    /// `cpu` or another resource.
    pub resource: &'a str,
    /// Only this container counts; empty: all do.
    pub container: &'a str,
    /// What the target's specification says now.
    pub replicas: i64,
    /// In thousandths: how far from the target nothing is done, below and above.
    pub tolerance: (i64, i64),
}

/// What a metric proposes, and what it is now.
#[derive(Debug, PartialEq, Eq)]
pub struct Proposal {
    pub replicas: i64,
    /// Percent of what is requested, where that was asked for.
    pub utilization: Option<i64>,
    /// Thousandths of a unit, the mean of all Pods.
    pub average: i64,
}

/// By the name of the Pod: thousandths of a unit.
type Amounts = BTreeMap<Rc<str>, i64>;

/// The Pods by what is known of them.
#[derive(Default)]
struct Groups {
    ready: i64,
    unready: Vec<Rc<str>>,
    missing: Vec<Rc<str>>,
    ignored: Vec<Rc<str>>,
}

/// What a Pod uses, and when and for how long that was looked at.
struct Sample {
    amount: i64,
    at: Time,
    window: Span,
}

impl Question<'_> {
    /// Proposes a number of Pods for a target in percent of what they request.
    ///
    /// # Errors
    /// Why nothing can be proposed, in the controller's words.
    pub fn by_utilization(&self, target: i64) -> Result<Proposal, String> {
        let pods = self.pods();
        let (groups, amounts) = self.amounts(&pods)?;
        let requests = self.requests(&pods)?;
        let usage = |amounts: &Amounts| {
            let known = amounts.iter().filter_map(|(pod, amount)| Some((amount, requests.get(pod)?)));
            let (used, requested, count) =
                known.fold((0, 0, 0), |sum, (used, requested)| (sum.0 + used, sum.1 + requested, sum.2 + 1));
            match requested {
                0 => Err("no metrics returned matched known pods".to_string()),
                _ => Ok((used * 100 / requested, used / count)),
            }
        };
        let (utilization, average) = usage(&amounts)?;
        let replicas = self.decide(
            groups,
            amounts,
            |amounts| Ok(Ratio { part: usage(amounts)?.0, whole: target }),
            |pod| requests.get(pod).copied().unwrap_or(0) * target.max(100) / 100,
        )?;
        Ok(Proposal { replicas, utilization: Some(utilization), average })
    }

    /// Proposes a number of Pods for a target in thousandths of a unit each.
    ///
    /// # Errors
    /// Why nothing can be proposed, in the controller's words.
    pub fn by_average(&self, target: i64) -> Result<Proposal, String> {
        let pods = self.pods();
        let (groups, amounts) = self.amounts(&pods)?;
        let mean = |amounts: &Amounts| amounts.values().sum::<i64>() / amounts.len().max(1) as i64;
        let average = mean(&amounts);
        let ratio = |amounts: &Amounts| Ok(Ratio { part: mean(amounts), whole: target });
        let replicas = self.decide(groups, amounts, ratio, |_| target)?;
        Ok(Proposal { replicas, utilization: None, average })
    }

    fn pods(&self) -> Vec<&Rc<Object>> {
        let pods = self.cluster.store.list_in(Kind::Pod, self.namespace);
        pods.filter(|pod| self.selector.matches(&pod.meta.labels)).collect()
    }

    /// The samples of Pods that count.
    fn amounts(&self, pods: &[&Rc<Object>]) -> Result<(Groups, Amounts), String> {
        let samples =
            self.samples(pods).map_err(|why| format!("unable to get metrics for resource {}: {why}", self.resource))?;
        if pods.is_empty() {
            return Err("no pods returned by selector while calculating replica count".into());
        }
        let groups = self.group(pods, &samples);
        let counts = |pod: &Rc<str>| !groups.ignored.contains(pod) && !groups.unready.contains(pod);
        let amounts: Amounts =
            samples.iter().filter(|(pod, _)| counts(pod)).map(|(pod, sample)| (pod.clone(), sample.amount)).collect();
        if amounts.is_empty() {
            return Err("did not receive metrics for targeted pods (pods might be unready)".into());
        }
        Ok((groups, amounts))
    }

    fn samples(&self, pods: &[&Rc<Object>]) -> Result<BTreeMap<Rc<str>, Sample>, String> {
        if !self.cluster.metrics_server {
            let text = "unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)";
            return Err(text.into());
        }
        let known: Vec<_> = pods.iter().filter_map(|pod| metrics::pod(self.cluster, pod)).collect();
        if known.is_empty() {
            return Err("no metrics returned from resource metrics API".into());
        }
        Ok(known.into_iter().filter_map(|pod| self.sample(pod)).collect())
    }

    /// What counts of a Pod's use; `None` if the container, or the resource, is not among it.
    fn sample(&self, pod: PodMetrics) -> Option<(Rc<str>, Sample)> {
        let counted = |name: &str| self.container.is_empty() || name == self.container;
        let counted: Vec<Usage> =
            pod.containers.iter().filter(|(name, _)| counted(name)).map(|(_, usage)| *usage).collect();
        let amount = match self.resource {
            _ if counted.is_empty() => return None,
            "cpu" => counted.into_iter().map(Usage::milli).sum(),
            "memory" => counted.into_iter().map(|usage| usage.bytes as i64 * 1000).sum(),
            _ => return None,
        };
        Some((pod.key.name, Sample { amount, at: pod.at, window: pod.window }))
    }

    fn group(&self, pods: &[&Rc<Object>], samples: &BTreeMap<Rc<str>, Sample>) -> Groups {
        let mut groups = Groups::default();
        for object in pods {
            let (name, pod) = (object.meta.name.clone(), object.expect::<Pod>());
            match (&*pod.status.phase, samples.get(&name)) {
                _ if object.meta.deleting() => groups.ignored.push(name),
                ("Failed", _) => groups.ignored.push(name),
                ("Pending", _) => groups.unready.push(name),
                (_, None) => groups.missing.push(name),
                (_, Some(sample)) if self.resource == "cpu" && self.is_unready(pod, sample) => {
                    groups.unready.push(name);
                }
                _ => groups.ready += 1,
            }
        }
        groups
    }

    /// Whether a Pod's CPU use tells more of its start than of its work.
    fn is_unready(&self, pod: &Pod, sample: &Sample) -> bool {
        let (Some(ready), Some(start)) = (pod.status.condition("Ready"), pod.status.start_time) else { return true };
        let time = |stamp: crate::api::Stamp| self.cluster.time_of(stamp.second());
        let changed = ready.last_transition.map_or(Time(0), time);
        if time(start) + CPU_INITIALIZATION > self.cluster.now {
            // Both are whole seconds of the wall clock in the API; the window is not.
            let at = time(self.cluster.stamp_of(sample.at));
            &*ready.status == "False" || at < changed + sample.window
        } else {
            &*ready.status == "False" && time(start) + INITIAL_READINESS > changed
        }
    }

    /// What each Pod requests.
    fn requests(&self, pods: &[&Rc<Object>]) -> Result<Amounts, String> {
        let request = |object: &&Rc<Object>| Ok((object.meta.name.clone(), self.request(object)?));
        pods.iter().map(request).collect()
    }

    /// What a Pod requests: as a whole if it says so and no container is asked for, else what its containers do.
    fn request(&self, object: &Object) -> Result<i64, String> {
        let (resource, name, spec) = (self.resource, &object.meta.name, &object.expect::<Pod>().spec);
        let whole = spec.resources.as_ref().is_some_and(|whole| !whole.requests.is_empty());
        if whole && self.container.is_empty() {
            let request = resources::requests(spec).get(resource).map(|request| request.milli_units());
            return request.ok_or_else(|| format!("missing pod-level request for {resource} in Pod {name}"));
        }
        let containers = spec.containers.iter().chain(spec.init_containers.iter().filter(|c| c.is_sidecar()));
        let of = |container: &Container| {
            let request = container.resources.requests.get(resource).map(|request| request.milli_units());
            request
                .ok_or_else(|| format!("missing request for {resource} in container {} of Pod {name}", container.name))
        };
        match self.container {
            "" => containers.map(of).sum(),
            wanted => match containers.into_iter().find(|container| &*container.name == wanted) {
                Some(container) => of(container),
                None => Err(format!("container {wanted} not found in Pod {name}")),
            },
        }
    }

    /// From the ratio of use to target to a number of Pods. Pods without metrics are taken to use nothing where more Pods
    /// are proposed, and `full` where fewer are; Pods that are not ready, nothing.
    fn decide(
        &self,
        groups: Groups,
        mut amounts: Amounts,
        ratio: impl Fn(&Amounts) -> Result<Ratio, String>,
        full: impl Fn(&Rc<str>) -> i64,
    ) -> Result<i64, String> {
        let first = ratio(&amounts)?;
        let (below, above) = self.tolerance;
        let slowed = !groups.unready.is_empty() && first.above_one();
        if !slowed && groups.missing.is_empty() {
            let near = first.is_about_one(below, above);
            return Ok(if near { self.replicas } else { first.times_up(groups.ready) });
        }
        // Where the others use just what is wanted, nothing is made up.
        for pod in groups.missing.iter().filter(|_| first.below_one() || first.above_one()) {
            amounts.insert(pod.clone(), if first.below_one() { full(pod) } else { 0 });
        }
        for pod in groups.unready.iter().filter(|_| slowed) {
            amounts.insert(pod.clone(), 0);
        }
        let second = ratio(&amounts)?;
        let turned = (first.below_one() && second.above_one()) || (first.above_one() && second.below_one());
        if second.is_about_one(below, above) || turned {
            return Ok(self.replicas);
        }
        let replicas = second.times_up(amounts.len() as i64);
        let against =
            (second.below_one() && replicas > self.replicas) || (second.above_one() && replicas < self.replicas);
        Ok(if against { self.replicas } else { replicas })
    }
}
