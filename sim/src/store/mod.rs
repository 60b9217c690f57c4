//! etcd: every object of the cluster, by kind, with the revision of its last change.
//!
//! Only the API server commits. Everyone reads.

mod name;

use crate::api::object::{Key, Noun, Object};
use crate::api::shared::Shared;
use crate::api::{Kind, Metadata, OwnerReference, custom};
use crate::sorted::Sorted;
use crate::table::{Slot, Table};
use name::Name;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// All objects.
#[derive(Clone, Debug, Default)]
pub struct Store {
    shelves: BTreeMap<Kind, Shelf>,
    revision: u64,
    /// Pods by the node they are bound to; those of no node under the empty name.
    pods_by_node: Index<Name, Slot>,
    /// Objects by the uid of each owner.
    by_owner: Index<Name, (Kind, Slot)>,
    /// Events by the uid of what they are about.
    by_subject: Index<Name, Slot>,
    /// Objects that a controller could adopt, by kind and namespace: those that no controller manages.
    loose: Index<(Kind, Rc<str>), Slot>,
    /// Nodes that are not Ready, by name.
    down: Rc<BTreeSet<Rc<str>>>,
    /// Kinds that CustomResourceDefinitions add, by the names of those.
    custom: Rc<BTreeMap<Rc<str>, Kind>>,
}

/// Kinds that controllers adopt.
fn adoptable(kind: Kind) -> bool {
    matches!(kind, Kind::Pod | Kind::ReplicaSet | Kind::ControllerRevision)
}

type Names = Sorted<Name, Slot>;
/// What is where, sorted: mostly few, and copied by itself when it changes after a checkpoint.
type Index<K, V> = Sorted<K, Rc<Vec<V>>>;

/// The objects of one kind.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    pub objects: Table<Object>,
    /// By namespace (empty for cluster-scoped kinds) and name.
    names: Rc<BTreeMap<Rc<str>, Names>>,
    /// Where the latest that came is: what comes next is often like it.
    latest: Slot,
}

// Names and indexes follow from the objects.
impl Hash for Store {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.shelves, self.revision).hash(state);
    }
}
impl Hash for Shelf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.objects.hash(state);
    }
}

impl Shelf {
    fn slot(&self, namespace: &str, name: &str) -> Option<Slot> {
        Name::find(self.names.get(namespace)?, name).copied()
    }
    fn named(&self, names: &Names) -> impl Iterator<Item = &Rc<Object>> {
        names.values().map(|slot| self.objects.get(*slot).expect("a name without an object"))
    }
    fn name(&mut self, key: &Key, slot: Slot) {
        let names = Rc::make_mut(&mut self.names).entry(key.namespace.clone()).or_default();
        names.insert(Name::from(&key.name), slot);
    }
    fn forget(&mut self, key: &Key) -> Option<Slot> {
        let slot = self.slot(&key.namespace, &key.name)?;
        let names = Rc::make_mut(&mut self.names);
        let own = names.get_mut(&key.namespace).expect("a name in no namespace");
        own.remove(&Name::from(&key.name));
        if own.is_empty() {
            names.remove(&key.namespace);
        }
        Some(slot)
    }
}

/// What a commit changed: `old` is `None` for a new object, `new` for one that has gone.
#[derive(Clone, Debug)]
pub struct Change {
    pub kind: Kind,
    pub key: Key,
    pub old: Option<Rc<Object>>,
    pub new: Option<Rc<Object>>,
}

impl Change {
    /// The object now, or as it last was.
    pub fn latest(&self) -> &Rc<Object> {
        self.new.as_ref().or(self.old.as_ref()).expect("a change of nothing")
    }
}

impl Store {
    /// The revision of the last change.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    pub fn get(&self, kind: Kind, key: &Key) -> Option<&Rc<Object>> {
        self.find(kind, &key.namespace, &key.name)
    }

    /// By namespace (empty for cluster-scoped kinds) and name.
    pub fn find(&self, kind: Kind, namespace: &str, name: &str) -> Option<&Rc<Object>> {
        let shelf = self.shelves.get(&kind)?;
        shelf.objects.get(shelf.slot(namespace, name)?)
    }

    /// All kinds that are served: those of every cluster, then those that CustomResourceDefinitions add.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> {
        Kind::ALL.iter().copied().chain(self.custom_kinds())
    }

    pub fn custom_kinds(&self) -> impl Iterator<Item = Kind> {
        self.custom.values().copied()
    }

    /// The kind of a manifest's `apiVersion` and `kind`.
    pub fn find_kind(&self, api_version: &str, kind: &str) -> Option<Kind> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let custom = || self.custom_kinds().find(|k| k.is_served_as(group, version, kind));
        Kind::find(api_version, kind).or_else(custom)
    }

    /// The kind that kubectl means by a word.
    pub fn kind_named(&self, name: &str) -> Option<Kind> {
        Kind::named(name).or_else(|| self.custom_kinds().find(|k| k.is_called(name)))
    }

    /// The CustomResourceDefinition that adds a kind.
    pub fn definition(&self, kind: Kind) -> Option<&Rc<Object>> {
        self.find(Kind::CustomResourceDefinition, "", &kind.plural_dot_group()).filter(|_| kind.is_custom())
    }

    /// The typed body and the metadata of an object.
    pub fn typed<T: Noun>(&self, namespace: &str, name: &str) -> Option<(&Metadata, &T)> {
        let object = self.find(T::KIND, namespace, name)?;
        Some((&object.meta, object.expect::<T>()))
    }

    /// The table of one kind: what the picture compares at two instants.
    pub fn shelf(&self, kind: Kind) -> Option<&Shelf> {
        self.shelves.get(&kind)
    }

    pub fn at(&self, kind: Kind, slot: Slot) -> Option<&Rc<Object>> {
        self.shelves.get(&kind)?.objects.get(slot)
    }

    /// All objects of a kind, by namespace and name.
    pub fn list(&self, kind: Kind) -> impl Iterator<Item = &Rc<Object>> {
        let shelves = self.shelves.get(&kind).into_iter();
        shelves.flat_map(|shelf| shelf.names.values().flat_map(|names| shelf.named(names)))
    }

    /// The objects of a kind in one namespace, by name.
    pub fn list_in(&self, kind: Kind, namespace: &str) -> impl Iterator<Item = &Rc<Object>> {
        let found = self.shelves.get(&kind).and_then(|shelf| Some((shelf, shelf.names.get(namespace)?)));
        found.into_iter().flat_map(|(shelf, names)| shelf.named(names))
    }

    /// How many objects of a kind there are.
    pub fn count(&self, kind: Kind) -> usize {
        self.shelves.get(&kind).map_or(0, |shelf| shelf.objects.len())
    }

    /// The Pods bound to a node, in the order of their slots; those bound to none under the empty name.
    pub fn pods_on(&self, node: &str) -> impl Iterator<Item = &Rc<Object>> {
        let slots = Name::find(&self.pods_by_node, node).into_iter().flat_map(|slots| slots.iter());
        slots.filter_map(|slot| self.at(Kind::Pod, *slot))
    }

    /// The objects that name this uid as one of their owners.
    pub fn owned_by(&self, uid: &str) -> impl Iterator<Item = &Rc<Object>> {
        let owned = Name::find(&self.by_owner, uid).into_iter().flat_map(|set| set.iter());
        owned.filter_map(|(kind, slot)| self.at(*kind, *slot))
    }

    /// How many objects name this uid as one of their owners.
    pub fn count_owned_by(&self, uid: &str) -> usize {
        Name::find(&self.by_owner, uid).map_or(0, |owned| owned.len())
    }

    /// The Pods, ReplicaSets or ControllerRevisions of a namespace that no controller manages.
    pub fn loose(&self, kind: Kind, namespace: &Rc<str>) -> impl Iterator<Item = &Rc<Object>> {
        debug_assert!(adoptable(kind), "no index of {kind:?}");
        let slots = self.loose.get(&(kind, namespace.clone())).into_iter().flat_map(|slots| slots.iter());
        slots.filter_map(move |slot| self.at(kind, *slot))
    }

    /// The names of the Nodes that are not Ready.
    pub fn nodes_down(&self) -> impl Iterator<Item = &Rc<str>> {
        self.down.iter()
    }

    /// The events about the object with this uid, in the order of their slots.
    pub fn events_about(&self, uid: &str) -> impl Iterator<Item = &Rc<Object>> {
        let slots = Name::find(&self.by_subject, uid).into_iter().flat_map(|slots| slots.iter());
        slots.filter_map(|slot| self.at(Kind::Event, *slot))
    }

    /// Stores an object under a new revision, which becomes its resource version.
    pub(crate) fn put(&mut self, mut object: Object) -> Change {
        self.revision += 1;
        object.meta.resource_version.0 = self.revision;
        let (kind, key) = (object.kind, object.key());
        let shelf = self.shelves.entry(kind).or_default();
        let place = shelf.slot(&key.namespace, &key.name);
        if let Some(like) = shelf.objects.get(place.unwrap_or(shelf.latest)) {
            object.share(like);
        }
        let new = Rc::new(object);
        let (slot, old) = match place {
            Some(slot) => (slot, Some(shelf.objects.replace(slot, new.clone()))),
            None => {
                let slot = shelf.objects.insert(new.clone());
                shelf.name(&key, slot);
                shelf.latest = slot;
                (slot, None)
            }
        };
        self.reindex(slot, old.as_deref(), Some(&new));
        Change { kind, key, old, new: Some(new) }
    }

    /// Takes an object away; `None` if it is not there.
    pub(crate) fn take(&mut self, kind: Kind, key: &Key) -> Option<Change> {
        let shelf = self.shelves.get_mut(&kind)?;
        let slot = shelf.forget(key)?;
        let old = shelf.objects.remove(slot).expect("a name without an object");
        self.revision += 1;
        self.reindex(slot, Some(&old), None);
        Some(Change { kind, key: key.clone(), old: Some(old), new: None })
    }

    /// Takes note of the kind that a definition adds now. What there is of that kind is told of in its present version.
    #[cold]
    #[inline(never)]
    fn redefine(&mut self, name: &Rc<str>, definition: Option<&Object>) {
        let custom = Rc::make_mut(&mut self.custom);
        let Some(kind) = definition.and_then(|d| custom::kind(&d.whole())) else {
            custom.remove(name);
            return;
        };
        if custom.insert(name.clone(), kind).is_some_and(|before| std::ptr::eq(before.resource(), kind.resource())) {
            return;
        }
        let Some(mut shelf) = self.shelves.remove(&kind) else { return };
        for slot in shelf.names.values().flat_map(|names| names.values()) {
            let mut object = (**shelf.objects.get(*slot).expect("a name without an object")).clone();
            object.kind = kind;
            shelf.objects.replace(*slot, Rc::new(object));
        }
        self.shelves.insert(kind, shelf);
    }

    fn reindex<'a>(&mut self, slot: Slot, old: Option<&'a Object>, new: Option<&'a Object>) {
        let either = old.or(new).expect("something changed");
        let kind = either.kind;
        if kind == Kind::CustomResourceDefinition {
            self.redefine(&either.meta.name, new);
        }
        if kind == Kind::Pod {
            let node = |o: &'a Object| &o.expect::<crate::api::pod::Pod>().spec.node_name;
            let (a, b) = (old.map(node), new.map(node));
            if a != b {
                move_entry(&mut self.pods_by_node, a.map(Name::from), b.map(Name::from), slot);
            }
        }
        if kind == Kind::Node {
            let (name, down) =
                (&either.meta.name, new.is_some_and(|n| !n.expect::<crate::api::node::Node>().status.is("Ready")));
            if down != self.down.contains(name) {
                let all = Rc::make_mut(&mut self.down);
                if down {
                    all.insert(name.clone())
                } else {
                    all.remove(name)
                };
            }
        }
        if kind == Kind::Event {
            let subject = |o: &'a Object| &o.expect::<crate::api::event::Event>().about.uid;
            let (a, b) = (old.map(subject), new.map(subject));
            if a != b {
                move_entry(&mut self.by_subject, a.map(Name::from), b.map(Name::from), slot);
            }
        }
        let owners = |o: &'a Object| &o.meta.owners;
        let (a, b) = (old.map(owners), new.map(owners));
        if a != b {
            let uids =
                |owners: Option<&'a Shared<OwnerReference>>| owners.into_iter().flatten().map(|o| Name::from(&o.uid));
            move_entry(&mut self.by_owner, uids(a), uids(b), (kind, slot));
        }
        if adoptable(kind) {
            let loose = |o: &Object| o.meta.controller().is_none().then(|| (kind, o.meta.namespace.clone()));
            let (a, b) = (old.and_then(loose), new.and_then(loose));
            if a != b {
                move_entry(&mut self.loose, a, b, slot);
            }
        }
    }
}

/// Takes `entry` from the lists of `from` and puts it into those of `to`. By itself, as most indexes are not needed to open the page.
#[inline(never)]
fn move_entry<K: Ord + Clone, V: Ord + Clone>(
    index: &mut Index<K, V>,
    from: impl IntoIterator<Item = K>,
    to: impl IntoIterator<Item = K>,
    entry: V,
) {
    for key in from {
        if let Some(set) = index.get_mut(&key) {
            if let Ok(place) = set.binary_search(&entry) {
                Rc::make_mut(set).remove(place);
            }
            if set.is_empty() {
                index.remove(&key);
            }
        }
    }
    for key in to {
        let set = index.entry(key);
        if let Err(place) = set.binary_search(&entry) {
            Rc::make_mut(set).insert(place, entry.clone());
        }
    }
}
