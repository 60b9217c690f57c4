//! The scheduler's nodes in the order of their names: for each Pod it goes through many of them, from any place on.
//!
//! Kubernetes 1.36: pkg/scheduler/backend/cache/snapshot.go (nodeInfoList)

use super::node_info::NodeInfo;
use std::rc::Rc;

/// A list sorted by name, shared until it is changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ByName(Rc<Vec<(Rc<str>, Rc<NodeInfo>)>>);

impl ByName {
    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| (**known).cmp(name))
    }
    pub fn len(&self) -> usize {
        self.0.len()
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    pub fn contains_key(&self, name: &str) -> bool {
        self.place(name).is_ok()
    }
    pub fn get(&self, name: &str) -> Option<&Rc<NodeInfo>> {
        self.place(name).ok().map(|i| &self.0[i].1)
    }
    pub fn iter(&self) -> impl Iterator<Item = (&Rc<str>, &Rc<NodeInfo>)> {
        self.0.iter().map(|(name, info)| (name, info))
    }
    pub fn values(&self) -> impl Iterator<Item = &Rc<NodeInfo>> {
        self.0.iter().map(|(_, info)| info)
    }
    /// All of them, beginning with the one at this place.
    pub fn from(&self, place: usize) -> impl Iterator<Item = &Rc<NodeInfo>> {
        let (before, behind) = self.0.split_at(place.min(self.0.len()));
        behind.iter().chain(before).map(|(_, info)| info)
    }
    pub fn get_mut(&mut self, name: &str) -> Option<&mut NodeInfo> {
        let i = self.place(name).ok()?;
        Some(Rc::make_mut(&mut Rc::make_mut(&mut self.0)[i].1))
    }
    /// Adds a node, which must not be there.
    pub fn insert(&mut self, name: Rc<str>, info: NodeInfo) {
        let i = self.place(&name).expect_err("a node that is there already");
        Rc::make_mut(&mut self.0).insert(i, (name, Rc::new(info)));
    }
    pub fn remove(&mut self, name: &str) -> Option<Rc<NodeInfo>> {
        let i = self.place(name).ok()?;
        Some(Rc::make_mut(&mut self.0).remove(i).1)
    }
}
