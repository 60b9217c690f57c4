//! Where nodes are: a label of nodes makes a place of each of its values. Places are numbers, so that those who ask of many
//! nodes and Pods compare no texts.
//!
//! Not of Kubernetes: its scheduler counts by pairs of texts (topologyPair, topologyToMatchedTermCount).

use super::kin::Seat;
use super::node_info::NodeInfo;
use crate::api::Texts;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The number of one of a label's values, among those of this label.
pub type Place = u32;

/// Of no value that a node had when its places were asked for.
const UNKNOWN: Place = Place::MAX;

/// The values of one label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Values {
    /// They keep their numbers, even those that no node has any more.
    numbers: BTreeMap<Rc<str>, Place>,
    /// By seat.
    at: Vec<Option<Place>>,
}

/// The places of all labels of nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Map(Rc<BTreeMap<Rc<str>, Rc<Values>>>);

impl Map {
    /// A node has other labels than before; one that goes has none.
    pub fn put(&mut self, seat: Seat, old: &Texts, new: &Texts) {
        let lost = old.iter().filter(|(key, _)| new.get(key).is_none()).map(|(key, _)| (key, None));
        let got = new.iter().filter(|(key, value)| old.get(key) != Some(value)).map(|(key, value)| (key, Some(value)));
        for (key, value) in lost.chain(got) {
            let values = Rc::make_mut(Rc::make_mut(&mut self.0).entry(key.clone()).or_default());
            let next = values.numbers.len() as Place;
            let place = value.map(|value| *values.numbers.entry(value.clone()).or_insert(next));
            let least = seat as usize + 1;
            if values.at.len() < least {
                values.at.resize(least, None);
            }
            values.at[seat as usize] = place;
        }
    }

    /// The places that a label makes.
    pub fn of(&self, key: &Rc<str>) -> Places {
        Places { key: key.clone(), values: self.0.get(key).cloned().unwrap_or_default() }
    }
}

/// The places that a label makes.
#[derive(Clone, Debug)]
pub struct Places {
    pub key: Rc<str>,
    values: Rc<Values>,
}

impl Places {
    /// So many have numbers.
    pub fn count(&self) -> usize {
        self.values.numbers.len()
    }
    /// Where the node of this seat is, if it has the label.
    pub fn at(&self, seat: Seat) -> Option<Place> {
        *self.values.at.get(seat as usize)?
    }
    /// Where a node is; it may be one that is only thought of, and where no other is.
    pub fn find(&self, info: &NodeInfo) -> Option<Place> {
        if info.seat != Seat::MAX {
            return self.at(info.seat);
        }
        let value = info.node.meta.labels.get(&self.key)?;
        Some(self.values.numbers.get(value).copied().unwrap_or(UNKNOWN))
    }
}

/// A number for each place of a label, 0 at first.
#[derive(Clone, Debug)]
pub struct Tally {
    pub places: Places,
    sums: Vec<i64>,
}

impl Tally {
    pub fn new(places: Places) -> Tally {
        Tally { sums: vec![0; places.count()], places }
    }
    /// Adds to the place where the node of this seat is.
    pub fn add(&mut self, seat: Seat, amount: i64) {
        if let Some(place) = self.places.at(seat) {
            self.sums[place as usize] += amount;
        }
    }
    /// What was added where a node is.
    pub fn of(&self, info: &NodeInfo) -> i64 {
        self.places.find(info).map_or(0, |place| self.sums.get(place as usize).copied().unwrap_or(0))
    }
    /// Whether nothing but 0 was added anywhere.
    pub fn is_empty(&self) -> bool {
        self.sums.iter().all(|sum| *sum == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Kind, Metadata, Object};
    use crate::value::Value;

    fn zone(name: &str) -> Texts {
        [("zone", name)].into_iter().collect()
    }

    #[test]
    fn places_are_told_apart_and_nodes_move_between_them() {
        let (mut map, none) = (Map::default(), Texts::default());
        for (seat, name) in [(0, "a"), (1, "b"), (2, "a")] {
            map.put(seat, &none, &zone(name));
        }
        let places = map.of(&"zone".into());
        assert_eq!((places.at(0), places.at(0) == places.at(1), places.at(3)), (places.at(2), false, None));
        map.put(2, &zone("a"), &zone("b"));
        map.put(0, &zone("a"), &none);
        let mut tally = Tally::new(map.of(&"zone".into()));
        for seat in 0..3 {
            tally.add(seat, 1);
        }
        let thought_of = |name: &str| {
            let meta = Metadata { labels: zone(name), ..Metadata::default() };
            NodeInfo::new(Rc::new(Object::make(Kind::Node, meta, Value::empty_map())))
        };
        assert_eq!(["a", "b", "c"].map(|name| tally.of(&thought_of(name))), [0, 2, 0]);
        assert!(
            tally.places.find(&thought_of("c")).is_some() && map.of(&"rack".into()).find(&thought_of("a")).is_none()
        );
    }
}
