//! Lists that many objects have and most leave empty: an empty one costs no allocation, a copy costs a pointer.

use crate::api::field::Field;
use crate::value::Value;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

/// A list that is shared until it is changed.
#[derive(Clone, Debug)]
pub struct Shared<T>(Option<Rc<Vec<T>>>);

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Shared(None)
    }
}

impl<T> Deref for Shared<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        self.0.as_ref().map_or(&[], |items| items)
    }
}

impl<T: Clone> DerefMut for Shared<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        match &mut self.0 {
            Some(items) => Rc::<Vec<T>>::make_mut(items).as_mut_slice(),
            None => &mut [],
        }
    }
}

impl<'a, T> IntoIterator for &'a Shared<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T: Clone> IntoIterator for &'a mut Shared<T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl<T: Clone> IntoIterator for Shared<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.map(Rc::unwrap_or_clone).unwrap_or_default().into_iter()
    }
}

impl<T: Clone> Extend<T> for Shared<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        self.make_mut().extend(items);
    }
}

impl<T> FromIterator<T> for Shared<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Vec::from_iter(items).into()
    }
}

impl<T> From<Vec<T>> for Shared<T> {
    fn from(items: Vec<T>) -> Self {
        Shared((!items.is_empty()).then(|| Rc::new(items)))
    }
}

impl<T: Clone> Shared<T> {
    /// The items, to change them.
    pub fn make_mut(&mut self) -> &mut Vec<T> {
        Rc::make_mut(self.0.get_or_insert_default())
    }
    pub fn push(&mut self, item: T) {
        self.make_mut().push(item);
    }
    pub fn insert(&mut self, place: usize, item: T) {
        self.make_mut().insert(place, item);
    }
    pub fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        if self.0.is_some() {
            self.make_mut().retain(keep);
        }
    }
}

impl<T> Shared<T> {
    /// Whether it is one with another: equal, and known to be without a look at the items.
    pub fn is(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(own), Some(other)) => Rc::ptr_eq(own, other),
            (own, other) => own.is_none() && other.is_none(),
        }
    }
}

impl<T: PartialEq> Shared<T> {
    /// Makes it the same list as another if they are equal. If not, items of its own are shared, each with that in its place,
    /// and take no more room than they need.
    pub fn share_with(&mut self, like: &Self, mut share: impl FnMut(&mut T, &T)) {
        if self == like {
            self.0 = like.0.clone();
        } else if let Some(own) = self.0.as_mut().and_then(Rc::get_mut) {
            own.shrink_to_fit();
            own.iter_mut().zip(like).for_each(|(own, like)| share(own, like));
        }
    }
}

impl<T: PartialEq> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        self.is(other) || **self == **other
    }
}
impl<T: Eq> Eq for Shared<T> {}

impl<T: Ord> PartialOrd for Shared<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<T: Ord> Ord for Shared<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl<T: Hash> Hash for Shared<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl<T: Field> Field for Shared<T> {
    fn read(value: &Value) -> Self {
        Vec::read(value).into()
    }
    fn write(&self) -> Value {
        Value::list(self.iter().map(T::write).collect())
    }
    fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(|items| items.is_empty())
    }
    fn share(&mut self, like: &Self) {
        self.share_with(like, T::share);
    }
}

/// A list that JSON writes as null when it is empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OrNull<T>(Shared<T>);

impl<T> Default for OrNull<T> {
    fn default() -> Self {
        OrNull(Shared::default())
    }
}

impl<T> Deref for OrNull<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> From<Vec<T>> for OrNull<T> {
    fn from(items: Vec<T>) -> Self {
        OrNull(items.into())
    }
}

impl<T: Field> Field for OrNull<T> {
    fn read(value: &Value) -> Self {
        OrNull(Field::read(value))
    }
    fn write(&self) -> Value {
        if self.0.is_empty() { Value::Null } else { self.0.write() }
    }
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    fn share(&mut self, like: &Self) {
        self.0.share(&like.0);
    }
}
