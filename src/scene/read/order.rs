//! The objects of a kind that are shown, by creation, kept from one look to the next: to go to each of ten thousand takes longer
//! than a frame.

use super::Source;
use kubarium_sim::api::object::Object;
use kubarium_sim::api::{Kind, Stamp};
use kubarium_sim::table::{Slot, Table};
use std::rc::Rc;

#[derive(Default)]
pub struct Order {
    namespace: Option<Box<str>>,
    /// As it was followed last.
    table: Table<Object>,
    sorted: Vec<Place>,
}

/// Of those of one instant the first in the store comes first.
type Place = (Option<Stamp>, Slot);

impl Order {
    /// Where they lie now, and what they lie in.
    pub fn follow(&mut self, source: &Source, kind: Kind) -> (Vec<Slot>, Table<Object>) {
        let table = source.cluster.store.shelf(kind).map(|shelf| shelf.objects.clone()).unwrap_or_default();
        if self.namespace.as_deref() != source.ask.namespace {
            *self = Order { namespace: source.ask.namespace.map(Into::into), ..Order::default() };
        }
        let place = |slot, object: Option<&Rc<Object>>| -> Option<Place> {
            object.filter(|object| source.shows(object)).map(|object| (object.meta.creation, slot))
        };
        let (mut gone, mut come) = (Vec::new(), Vec::new());
        for (slot, now, before) in table.changed(&self.table) {
            let (now, before) = (place(slot, now), place(slot, before));
            if now != before {
                gone.extend(before);
                come.extend(now);
            }
        }
        self.put(gone, come);
        self.table = table;
        (self.sorted.iter().map(|(_, slot)| *slot).collect(), self.table.clone())
    }

    fn put(&mut self, mut gone: Vec<Place>, come: Vec<Place>) {
        if !gone.is_empty() {
            gone.sort_unstable();
            self.sorted.retain(|place| gone.binary_search(place).is_err());
        }
        if !come.is_empty() {
            self.sorted.extend(come);
            // What was sorted lies in front, so that this is quick.
            self.sorted.sort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Ask, Index, by_creation};
    use super::*;
    use kubarium_sim::clock::Span;
    use kubarium_sim::command::Command;
    use kubarium_sim::history::History;
    use kubarium_sim::setup::Setup;

    #[test]
    fn what_is_followed_is_what_would_be_sorted() {
        let mut history = History::new(Setup::default().cluster());
        let mut order = Order::default();
        let lines = [
            "kubectl create deployment web --image=nginx --replicas=5",
            "kubectl create namespace team",
            "kubectl create deployment other -n team --image=nginx --replicas=3",
            "kubectl delete pods --all",
            "kubectl scale deployment web --replicas=2",
            "kubectl delete namespace team",
        ];
        let mut most = 0;
        for (n, line) in lines.into_iter().enumerate() {
            history.command(Command::Run { line: line.into() });
            for _ in 0..20 {
                history.seek(history.now() + Span::millis(900));
                let namespace = [None, Some("team")][usize::from(n == 4)];
                let ask = Ask { namespace, ..Ask::default() };
                let source = Source { cluster: history.cluster(), ask, index: Index::default() };
                let (slots, table) = order.follow(&source, Kind::Pod);
                let followed: Vec<&Rc<Object>> = slots.iter().filter_map(|slot| table.get(*slot)).collect();
                assert_eq!(followed, by_creation(&source, Kind::Pod), "{line}");
                most = most.max(followed.len());
            }
        }
        assert!(most >= 8, "{most}");
    }
}
