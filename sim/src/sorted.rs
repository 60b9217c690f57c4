//! A paged copy-on-write map in the order of its keys: a clone copies nothing, and a change after it copies one page and the
//! list of pages. What checkpoints share with the cluster lies in such maps where it is large: a plain map would be copied
//! whole at the first change.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};
use std::ops::Index;
use std::rc::Rc;

/// The most entries of a page. A page is copied and shifted as a whole.
const PAGE: usize = 32;
/// A page with fewer joins its neighbour if there is room.
const FEW: usize = PAGE / 4;

/// Entries sorted by key; no page is empty.
type Page<K, V> = Rc<Vec<(K, V)>>;

#[derive(Debug)]
pub struct Sorted<K, V> {
    pages: Rc<Vec<Page<K, V>>>,
    len: usize,
}

/// Where a key is, or would be: its page and its place there.
type Place = (usize, usize);

impl<K, V> Sorted<K, V> {
    pub fn len(&self) -> usize {
        self.len
    }
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    /// All entries in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.pages.iter().flat_map(|page| page.iter().map(|(key, value)| (key, value)))
    }
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }
    pub fn first(&self) -> Option<(&K, &V)> {
        self.iter().next()
    }
}

impl<K: Ord + Clone, V: Clone> Sorted<K, V> {
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let (page, at) = self.place(key).ok()?;
        Some(&self.pages[page][at].1)
    }

    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.get(key).is_some()
    }

    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let place = self.place(key).ok()?;
        Some(self.value_mut(place))
    }

    /// The value of a key, a new one if it has none.
    pub fn entry(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        let place = self.place(&key).unwrap_or_else(|place| self.put(place, key, V::default()));
        self.value_mut(place)
    }

    /// Answers the value that the key had before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.place(&key) {
            Ok(place) => Some(std::mem::replace(self.value_mut(place), value)),
            Err(place) => {
                self.put(place, key, value);
                None
            }
        }
    }

    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let place = self.place(key).ok()?;
        Some(self.take(place).1)
    }

    pub fn pop_first(&mut self) -> Option<(K, V)> {
        (self.len > 0).then(|| self.take((0, 0)))
    }

    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<Place, Place>
    where
        K: Borrow<Q>,
    {
        let page = self.pages.partition_point(|page| page[0].0.borrow() <= key).saturating_sub(1);
        let Some(entries) = self.pages.get(page) else { return Err((0, 0)) };
        let found = entries.binary_search_by(|(known, _)| known.borrow().cmp(key));
        found.map(|at| (page, at)).map_err(|at| (page, at))
    }

    fn value_mut(&mut self, (page, at): Place) -> &mut V {
        &mut Rc::make_mut(&mut Rc::make_mut(&mut self.pages)[page])[at].1
    }

    /// Puts a new entry where its key belongs; answers where that is then.
    fn put(&mut self, (mut page, mut at): Place, key: K, value: V) -> Place {
        self.len += 1;
        let pages = Rc::make_mut(&mut self.pages);
        if pages.is_empty() {
            pages.push(Rc::new(Vec::with_capacity(PAGE)));
        }
        if pages[page].len() == PAGE {
            // What always comes last, as later instants do, leaves full pages behind it.
            let middle = if page + 1 == pages.len() && at == PAGE { PAGE } else { PAGE / 2 };
            let mut rest = Vec::with_capacity(PAGE);
            rest.extend(Rc::make_mut(&mut pages[page]).drain(middle..));
            pages.insert(page + 1, Rc::new(rest));
            if at >= middle {
                (page, at) = (page + 1, at - middle);
            }
        }
        Rc::make_mut(&mut pages[page]).insert(at, (key, value));
        (page, at)
    }

    fn take(&mut self, (page, at): Place) -> (K, V) {
        self.len -= 1;
        let pages = Rc::make_mut(&mut self.pages);
        let entry = Rc::make_mut(&mut pages[page]).remove(at);
        if pages[page].is_empty() {
            pages.remove(page);
        } else if pages[page].len() < FEW && pages.get(page + 1).is_some_and(|next| next.len() <= PAGE / 2) {
            let next = pages.remove(page + 1);
            Rc::make_mut(&mut pages[page]).extend(Rc::unwrap_or_clone(next));
        }
        entry
    }
}

impl<K: Ord + Clone + Borrow<Q>, V: Clone, Q: Ord + ?Sized> Index<&Q> for Sorted<K, V> {
    type Output = V;
    fn index(&self, key: &Q) -> &V {
        self.get(key).expect("a key that is there")
    }
}

impl<K, V> Clone for Sorted<K, V> {
    fn clone(&self) -> Self {
        Sorted { pages: self.pages.clone(), len: self.len }
    }
}

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        Sorted { pages: Rc::default(), len: 0 }
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for Sorted<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other.iter())
    }
}
impl<K: Eq, V: Eq> Eq for Sorted<K, V> {}

// Where pages end says nothing.
impl<K: Hash, V: Hash> Hash for Sorted<K, V> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.len.hash(state);
        self.iter().for_each(|entry| entry.hash(state));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn play(map: &mut Sorted<u16, u16>, model: &mut BTreeMap<u16, u16>, steps: &[(u8, u16)]) {
        for &(what, n) in steps {
            let n = n % 500;
            match what % 8 {
                0 => assert_eq!(map.remove(&n), model.remove(&n)),
                1 => assert_eq!(map.pop_first(), model.pop_first()),
                2 => {
                    *map.entry(n) += 1;
                    *model.entry(n).or_default() += 1;
                }
                3 => assert_eq!(
                    map.get_mut(&n).map(|v| std::mem::replace(v, n)),
                    model.get_mut(&n).map(|v| std::mem::replace(v, n))
                ),
                // At the end, as instants come.
                4 => {
                    let last = model.keys().next_back().map_or(0, |last| last + 1);
                    assert_eq!(map.insert(last, n), model.insert(last, n));
                }
                _ => assert_eq!(map.insert(n, n), model.insert(n, n)),
            }
        }
    }

    proptest! {
        /// It is what a plain map is, and a clone stays as it was.
        #[test]
        fn it_is_a_sorted_map(first in proptest::collection::vec(any::<(u8, u16)>(), 0..800), then in proptest::collection::vec(any::<(u8, u16)>(), 0..400)) {
            let (mut map, mut model) = (Sorted::default(), BTreeMap::new());
            play(&mut map, &mut model, &first);
            let (before, known) = (map.clone(), model.clone());
            play(&mut map, &mut model, &then);
            prop_assert!(before.iter().eq(known.iter()) && map.iter().eq(model.iter()));
            prop_assert_eq!((map.len(), before.len(), map.first()), (model.len(), known.len(), model.first_key_value()));
            prop_assert!((0..500).all(|n| map.get(&n) == model.get(&n)));
            prop_assert!(map.pages.iter().all(|page| (1..=PAGE).contains(&page.len())));
        }
    }
}
