//! A paged copy-on-write table: a clone copies the list of pages, a change copies one page, and the difference
//! of two tables costs what differs.

use std::rc::Rc;

const PAGE: usize = 64;

/// Where an item is. A slot is free for another item once its own has gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u32);

type Page<T> = Rc<[Option<Rc<T>>; PAGE]>;

/// Items in slots.
#[derive(Debug, Hash)]
pub struct Table<T> {
    pages: Rc<Vec<Page<T>>>,
    len: u32,
    /// No slot below this one is free.
    free_from: u32,
}

impl<T> Clone for Table<T> {
    fn clone(&self) -> Self {
        Table { pages: self.pages.clone(), len: self.len, free_from: self.free_from }
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table { pages: Rc::default(), len: 0, free_from: 0 }
    }
}

impl<T> Table<T> {
    pub fn len(&self) -> usize {
        self.len as usize
    }
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    pub fn get(&self, slot: Slot) -> Option<&Rc<T>> {
        self.pages.get(slot.0 as usize / PAGE)?[slot.0 as usize % PAGE].as_ref()
    }
    /// Puts an item into the lowest free slot.
    pub fn insert(&mut self, item: Rc<T>) -> Slot {
        let mut n = self.free_from;
        while self.get(Slot(n)).is_some() {
            n += 1;
        }
        self.free_from = n + 1;
        self.len += 1;
        *self.place(Slot(n)) = Some(item);
        Slot(n)
    }
    /// Puts another item where one was; the slot must be taken.
    pub fn replace(&mut self, slot: Slot, item: Rc<T>) -> Rc<T> {
        self.place(slot).replace(item).expect("replaced a free slot")
    }
    pub fn remove(&mut self, slot: Slot) -> Option<Rc<T>> {
        self.get(slot)?;
        self.len -= 1;
        self.free_from = self.free_from.min(slot.0);
        self.place(slot).take()
    }
    pub fn iter(&self) -> impl Iterator<Item = (Slot, &Rc<T>)> {
        self.pages.iter().enumerate().flat_map(|(p, page)| {
            page.iter().enumerate().filter_map(move |(i, item)| Some((Slot((p * PAGE + i) as u32), item.as_ref()?)))
        })
    }
    /// Whether neither was changed since one was cloned from the other.
    pub fn is(&self, other: &Table<T>) -> bool {
        Rc::ptr_eq(&self.pages, &other.pages)
    }
    /// The slots in which the two differ, with what is there now and what is there in `other`. Items are the
    /// same if they are one allocation; untouched pages are not looked into.
    pub fn changed<'a>(&'a self, other: &'a Table<T>) -> Vec<Changed<'a, T>> {
        let mut out = Vec::new();
        if self.is(other) {
            return out;
        }
        for p in 0..self.pages.len().max(other.pages.len()) {
            let (a, b) = (self.pages.get(p), other.pages.get(p));
            if matches!((a, b), (Some(a), Some(b)) if Rc::ptr_eq(a, b)) {
                continue;
            }
            for i in 0..PAGE {
                let (x, y) = (a.and_then(|a| a[i].as_ref()), b.and_then(|b| b[i].as_ref()));
                let same = match (x, y) {
                    (Some(x), Some(y)) => Rc::ptr_eq(x, y),
                    (None, None) => true,
                    _ => false,
                };
                if !same {
                    out.push((Slot((p * PAGE + i) as u32), x, y));
                }
            }
        }
        out
    }
    fn place(&mut self, slot: Slot) -> &mut Option<Rc<T>> {
        let (p, i) = (slot.0 as usize / PAGE, slot.0 as usize % PAGE);
        let pages = Rc::make_mut(&mut self.pages);
        while pages.len() <= p {
            pages.push(Rc::new([const { None }; PAGE]));
        }
        &mut Rc::make_mut(&mut pages[p])[i]
    }
}

/// A slot that differs, what it holds in the one table and in the other.
pub type Changed<'a, T> = (Slot, Option<&'a Rc<T>>, Option<&'a Rc<T>>);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// Applies steps to a table and to a plain map side by side.
    fn play(table: &mut Table<u32>, model: &mut BTreeMap<Slot, u32>, steps: &[(u8, u8)]) {
        for &(what, n) in steps {
            let known = model.keys().nth(n as usize % model.len().max(1)).copied();
            match (what % 3, known) {
                (0, _) | (_, None) => {
                    let slot = table.insert(Rc::new(u32::from(n)));
                    assert_eq!(model.insert(slot, u32::from(n)), None);
                }
                (1, Some(slot)) => {
                    table.replace(slot, Rc::new(u32::from(n) + 1000));
                    model.insert(slot, u32::from(n) + 1000);
                }
                (_, Some(slot)) => {
                    assert_eq!(table.remove(slot).as_deref().copied(), model.remove(&slot));
                }
            }
        }
    }

    proptest! {
        /// The difference of two instants, in both directions, is what a naive comparison of the two finds.
        #[test]
        fn changed_is_the_naive_difference(first: Vec<(u8, u8)>, then: Vec<(u8, u8)>) {
            let (mut table, mut model) = (Table::default(), BTreeMap::new());
            play(&mut table, &mut model, &first);
            let (old_table, old_model) = (table.clone(), model.clone());
            play(&mut table, &mut model, &then);
            prop_assert_eq!(table.len(), model.len());
            let now: BTreeMap<_, _> = table.iter().map(|(s, v)| (s, **v)).collect();
            prop_assert_eq!(&now, &model);
            let mut patched = old_model.clone();
            for (slot, new, old) in table.changed(&old_table) {
                prop_assert_eq!(old.map(|v| **v), old_model.get(&slot).copied());
                match new {
                    Some(v) => patched.insert(slot, **v),
                    None => patched.remove(&slot),
                };
            }
            prop_assert_eq!(&patched, &model);
            let back: Vec<_> = old_table.changed(&table).iter().map(|(s, ..)| *s).collect();
            let there: Vec<_> = table.changed(&old_table).iter().map(|(s, ..)| *s).collect();
            prop_assert_eq!(back, there);
        }
    }
}
