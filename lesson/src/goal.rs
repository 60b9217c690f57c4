//! What a lesson wants to be so, as a sentence that can be checked: `3 Pods app=web are Ready behind web`.
//!
//! ```text
//! [3 | no | at least 3 | at most 3] KIND[/NAME] [key=value ...] [in NAMESPACE] CONDITION ...
//! CONDITION: is WORD         a condition of that type is True, or kubectl's column STATUS says so
//!            not WORD        the opposite
//!            on NODE         a Pod is placed there
//!            behind SERVICE  a Pod is one of its ready endpoints
//!            event REASON    such an event tells of it
//!            .PATH OP VALUE  what jsonpath finds there: = != >= <=
//! terminal shows TEXT        something that was typed has printed it
//! [at least 3] requests to SERVICE answered | failed
//! ```
//! Of the terminal and of requests only what came since the part began counts; all else is asked of the present state.

use kubarium_sim::api::Kind;
use kubarium_sim::api::event::Event;
use kubarium_sim::api::object::Object;
use kubarium_sim::api::pod::Pod;
use kubarium_sim::clock::Time;
use kubarium_sim::cluster::Cluster;
use kubarium_sim::kubectl;
use kubarium_sim::kubectl::jsonpath::Template;
use kubarium_sim::kubectl::table;
use kubarium_sim::network::route::Hop;
use std::cmp::Ordering;

mod endpoints;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    Objects(Count, Things),
    /// Something printed this.
    Shows(String),
    /// So many requests to a Service had this end.
    Requests {
        least: usize,
        service: String,
        well: bool,
    },
}

/// How many there are to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    Exactly(usize),
    AtLeast(usize),
    AtMost(usize),
}

/// Objects of a kind, and how they are to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Things {
    kind: Kind,
    name: Option<String>,
    labels: Vec<(String, String)>,
    namespace: Option<String>,
    conditions: Vec<Condition>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    Is(String),
    Not(String),
    On(String),
    Behind(String),
    Event(String),
    Field { path: String, order: Order, value: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Same,
    Other,
    NotLess,
    NotMore,
}

const ORDERS: [(&str, Order); 4] =
    [("=", Order::Same), ("!=", Order::Other), (">=", Order::NotLess), ("<=", Order::NotMore)];

impl Check {
    /// # Errors
    /// Which word makes no sense.
    pub fn read(text: &str) -> Result<Check, String> {
        if let Some(shown) = text.strip_prefix("terminal shows ") {
            return Ok(Check::Shows(shown.trim().into()));
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let (count, rest) = count(&words)?;
        if let [noun, "to", service, end] = rest
            && matches!(*noun, "request" | "requests")
        {
            let well = match *end {
                "answered" => true,
                "failed" => false,
                other => return Err(format!("requests are answered or failed, not {other}")),
            };
            let least = match count {
                None => 1,
                Some(Count::AtLeast(n)) => n,
                Some(_) => return Err("requests are counted as `at least 3`".into()),
            };
            return Ok(Check::Requests { least, service: (*service).into(), well });
        }
        let things = Things::read(rest)?;
        Ok(Check::Objects(count.unwrap_or(Count::AtLeast(1)), things))
    }

    /// Whether it is so now, in a part that began at `since`.
    pub fn met(&self, cluster: &Cluster, since: Time) -> bool {
        match self {
            Check::Objects(count, things) => count.fits(things.count(cluster)),
            Check::Shows(text) => {
                let sessions = cluster.sessions.values().filter(|session| session.started >= since);
                sessions.map(|session| session.text()).any(|printed| printed.contains(text.as_str()))
            }
            Check::Requests { least, service, well } => {
                let through = |hop: &Hop| matches!(hop, Hop::Service { key, .. } if &*key.name == service.as_str());
                let journeys = cluster.traffic.since(0).filter(|j| j.time >= since && j.answer.is_ok() == *well);
                journeys.filter(|j| j.walk.hops.iter().any(through)).count() >= *least
            }
        }
    }
}

/// The count that a sentence begins with, and the words behind it.
fn count<'a>(words: &'a [&'a str]) -> Result<(Option<Count>, &'a [&'a str]), String> {
    let number = |word: &str| word.parse::<usize>().map_err(|_| format!("no number: {word}"));
    Ok(match words {
        ["no", rest @ ..] => (Some(Count::Exactly(0)), rest),
        ["at", "least", n, rest @ ..] => (Some(Count::AtLeast(number(n)?)), rest),
        ["at", "most", n, rest @ ..] => (Some(Count::AtMost(number(n)?)), rest),
        ["a", rest @ ..] => (None, rest),
        [n, rest @ ..] if n.starts_with(|c: char| c.is_ascii_digit()) => (Some(Count::Exactly(number(n)?)), rest),
        all => (None, all),
    })
}

impl Count {
    fn fits(self, n: usize) -> bool {
        match self {
            Count::Exactly(m) => n == m,
            Count::AtLeast(m) => n >= m,
            Count::AtMost(m) => n <= m,
        }
    }
}

impl Things {
    fn read(words: &[&str]) -> Result<Things, String> {
        let (noun, mut rest) = words.split_first().ok_or("nothing is asked for")?;
        let (kind, name) = noun.split_once('/').map_or((*noun, None), |(kind, name)| (kind, Some(name.to_string())));
        let kind = Kind::named(kind).ok_or_else(|| format!("no such kind: {kind}"))?;
        let mut things = Things { kind, name, labels: vec![], namespace: None, conditions: vec![] };
        while let Some((word, after)) = rest.split_first() {
            rest = after;
            let mut next = || {
                let (word, after) = rest.split_first().ok_or_else(|| format!("{word} what?"))?;
                rest = after;
                Ok::<String, String>((*word).into())
            };
            match *word {
                "and" => {}
                "in" => things.namespace = Some(next()?),
                "is" | "are" => things.conditions.push(Condition::Is(next()?)),
                "not" => things.conditions.push(Condition::Not(next()?)),
                "on" => things.conditions.push(Condition::On(next()?)),
                "behind" => things.conditions.push(Condition::Behind(next()?)),
                "event" => things.conditions.push(Condition::Event(next()?)),
                path if path.starts_with('.') => {
                    let (order, value) = (next()?, next()?);
                    let found = ORDERS.iter().find(|(sign, _)| *sign == order);
                    let order = found.ok_or_else(|| format!("no comparison: {order}"))?.1;
                    Template::relaxed(path)?;
                    things.conditions.push(Condition::Field { path: path.into(), order, value });
                }
                label => match label.split_once('=') {
                    Some((key, value)) => things.labels.push((key.into(), value.into())),
                    None => return Err(format!("no such condition: {label}")),
                },
            }
        }
        Ok(things)
    }

    fn count(&self, cluster: &Cluster) -> usize {
        let current = kubectl::namespace(cluster);
        let namespace = match &self.namespace {
            _ if !self.kind.namespaced() => "",
            Some(namespace) => namespace,
            None => &current,
        };
        let fits = |object: &&std::rc::Rc<Object>| {
            let named = self.name.as_ref().is_none_or(|name| *name == *object.meta.name);
            let labels = &object.meta.labels;
            let labelled =
                self.labels.iter().all(|(key, value)| labels.get(key.as_str()).is_some_and(|v| **v == **value));
            named && labelled && self.conditions.iter().all(|condition| condition.holds(cluster, object))
        };
        cluster.store.list_in(self.kind, namespace).filter(fits).count()
    }
}

impl Condition {
    fn holds(&self, cluster: &Cluster, object: &Object) -> bool {
        match self {
            Condition::Is(word) => is(cluster, object, word),
            Condition::Not(word) => !is(cluster, object, word),
            Condition::On(node) => object.get::<Pod>().is_some_and(|pod| *pod.spec.node_name == **node),
            Condition::Behind(service) => endpoints::are_ready(cluster, service, &object.key()),
            Condition::Event(reason) => {
                let events = cluster.store.events_about(&object.meta.uid);
                events.filter_map(|event| event.get::<Event>()).any(|event| *event.reason == **reason)
            }
            Condition::Field { path, order, value } => {
                let values = Template::relaxed(path).and_then(|template| template.fill(&object.write()));
                values.is_ok_and(|found| order.holds(&found, value))
            }
        }
    }
}

/// Whether a condition of this type is True, or `kubectl get` shows the word as the object's status.
fn is(cluster: &Cluster, object: &Object, word: &str) -> bool {
    let status = object.status();
    let conditions = status.get("conditions").items().iter();
    let of_type = |c: &&kubarium_sim::value::Value| c.get("type").as_str() == Some(word);
    if conditions.clone().find(of_type).is_some_and(|c| c.get("status").as_str() == Some("True")) {
        return true;
    }
    let column = table::columns(&cluster.store, object.kind).iter().position(|(name, _)| name == "STATUS");
    column.is_some_and(|column| {
        let cells = table::row(cluster, object);
        cells.get(column).is_some_and(|shown| shown.split(',').any(|part| part == word))
    })
}

impl Order {
    /// As numbers if both are; else as texts.
    fn holds(self, found: &str, value: &str) -> bool {
        let order = match (found.parse::<i64>(), value.parse::<i64>()) {
            (Ok(found), Ok(value)) => Some(found.cmp(&value)),
            _ if found.is_empty() => None,
            _ => Some(found.cmp(value)),
        };
        match self {
            Order::Same => order == Some(Ordering::Equal),
            Order::Other => order != Some(Ordering::Equal),
            Order::NotLess => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
            Order::NotMore => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        }
    }
}

#[cfg(test)]
mod tests;
