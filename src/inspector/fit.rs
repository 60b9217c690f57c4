//! A Pod and the nodes: what would let it in, and what each rule of the scheduler says of each node.

use crate::text::Text;
use kubarium_sim::api::Quantity;
use kubarium_sim::api::object::Object;
use kubarium_sim::api::pod::Pod;
use kubarium_sim::cluster::Cluster;
use kubarium_sim::scheduler::explain::{self, Answer, Remedy};
use kubarium_sim::scheduler::score;
use std::rc::Rc;

/// With more nodes than this the rules are not asked anew for a look.
const MOST_NODES: usize = 200;
/// The most nodes in the table, and the most ways out.
const MOST_ROWS: usize = 12;
const MOST_WAYS: usize = 3;
/// More changes than this are no advice.
const MOST_CHANGES: usize = 2;

/// Something that would let a Pod in.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// What must be done by hand, in the reader's language; empty if the line does all.
    pub what: String,
    /// The command line that does it, if one does.
    pub line: Option<String>,
    pub node: Rc<str>,
}

/// The scheduler's table.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub rows: Vec<Row>,
    /// How many nodes more there are.
    pub more: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub node: Rc<str>,
    /// Whether the Pod is there.
    pub here: bool,
    /// The rules that shut it out, with their reasons; empty if it fits.
    pub shut_out: Vec<(&'static str, String)>,
    /// The weighted points of each rule, and their sum.
    pub points: Option<(Vec<(&'static str, i64)>, i64)>,
}

fn few_nodes(cluster: &Cluster) -> bool {
    cluster.scheduler.nodes.by_name.len() <= MOST_NODES
}

/// What would let a waiting Pod in, the nearest first.
pub fn ways(cluster: &Cluster, object: &Rc<Object>, text: Text) -> Vec<Way> {
    let pod = object.expect::<Pod>();
    let waits = pod.spec.node_name.is_empty()
        && pod.status.condition("PodScheduled").is_some_and(|c| &*c.reason == "Unschedulable");
    if !waits || object.meta.deleting() || !few_nodes(cluster) {
        return Vec::new();
    }
    let found = explain::remedies(cluster, object).into_iter().filter(|(_, remedies)| remedies.len() <= MOST_CHANGES);
    let (joins, mut ways): (Vec<_>, Vec<_>) = found.partition(|(_, remedies)| remedies.contains(&Remedy::Join));
    ways.truncate(MOST_WAYS - joins.len().min(1));
    ways.extend(joins);
    ways.into_iter().map(|(node, remedies)| way(text, node, &remedies)).collect()
}

fn way(text: Text, node: Rc<str>, remedies: &[Remedy]) -> Way {
    let lines: Vec<String> = remedies.iter().filter_map(|remedy| line(&node, remedy)).collect();
    let less: Vec<String> = remedies
        .iter()
        .filter_map(|remedy| match remedy {
            Remedy::AskLess { resource, asked, left } => {
                let [asked, left] = [asked, left].map(|amount| amount_of(resource, *amount));
                Some(text.fill("ask-less", &[("left", &left), ("asked", &asked), ("resource", resource)]))
            }
            _ => None,
        })
        .collect();
    // A line alone would not do where less must be asked for too.
    let (line, rest) = if less.is_empty() { (Some(lines.join(" && ")), vec![]) } else { (None, lines) };
    Way { what: less.into_iter().chain(rest).collect::<Vec<_>>().join("; "), line, node }
}

/// Thousandths of a resource's unit, as a manifest would say it.
fn amount_of(resource: &str, milli: i64) -> String {
    match resource {
        "cpu" => Quantity::millis(milli).to_string(),
        _ => format!("{}Mi", milli / 1000 / (1 << 20)),
    }
}

fn line(node: &str, remedy: &Remedy) -> Option<String> {
    Some(match remedy {
        Remedy::Uncordon => format!("kubectl uncordon {node}"),
        Remedy::Untaint(taint) => format!("kubectl taint nodes {node} {}:{}-", taint.key, taint.effect),
        Remedy::Label(key, value) => format!("kubectl label node {node} {key}={value} --overwrite"),
        Remedy::Join => format!("machine add --like {node}"),
        Remedy::AskLess { .. } => return None,
    })
}

/// What the rules say of each node; none for a Pod that no node need be found for any more, or in a large cluster.
pub fn table(cluster: &Cluster, object: &Rc<Object>) -> Option<Table> {
    let pod = object.expect::<Pod>();
    if object.meta.deleting() || pod.status.finished() || !few_nodes(cluster) {
        return None;
    }
    let answers = explain::answers(cluster, object).ok()?;
    let more = answers.len().saturating_sub(MOST_ROWS);
    let rows = answers.iter().take(MOST_ROWS).map(|answer| row(answer, &pod.spec.node_name)).collect();
    Some(Table { rows, more })
}

fn row(answer: &Answer, at: &str) -> Row {
    let reasons = |reasons: &[Rc<str>]| reasons.iter().map(|r| &**r).collect::<Vec<_>>().join(", ");
    let weighed = |points: &[i64; score::RULES.len()]| {
        points.iter().zip(score::RULES).map(|(points, (rule, weight))| (rule, points * weight)).collect()
    };
    Row {
        node: answer.node.clone(),
        here: *answer.node == *at,
        shut_out: answer.shut_out.iter().map(|(rule, said)| (*rule, reasons(said))).collect(),
        points: answer.points.as_ref().map(weighed).zip(answer.total()),
    }
}
