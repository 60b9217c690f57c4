//! Names and uids as the store's indexes keep them: ordered as texts are, and mostly told apart without a look at the text,
//! which lies elsewhere in memory.

use crate::sorted::Sorted;
use std::borrow::Borrow;
use std::cmp::Ordering;
use std::rc::Rc;

/// A text with its beginning at hand.
#[derive(Clone, Debug)]
pub struct Name {
    head: u64,
    text: Rc<str>,
}

impl Name {
    /// What a map has under a name.
    pub fn find<'m, V: Clone>(map: &'m Sorted<Name, V>, text: &str) -> Option<&'m V> {
        let said: &dyn Spelled = &Said { head: head(text), text };
        map.get(said)
    }
}

impl From<&Rc<str>> for Name {
    fn from(text: &Rc<str>) -> Name {
        Name { head: head(text), text: text.clone() }
    }
}

/// The first eight bytes as one number, the first being the weightiest: of two texts the lesser one has no greater number.
fn head(text: &str) -> u64 {
    let mut bytes = [0; 8];
    let count = text.len().min(8);
    bytes[..count].copy_from_slice(&text.as_bytes()[..count]);
    u64::from_be_bytes(bytes)
}

/// What a [`Name`] is looked up by.
struct Said<'a> {
    head: u64,
    text: &'a str,
}

/// A [`Name`], or what one is looked up by.
trait Spelled {
    fn spelled(&self) -> (u64, &str);
}

impl Spelled for Name {
    fn spelled(&self) -> (u64, &str) {
        (self.head, &self.text)
    }
}
impl Spelled for Said<'_> {
    fn spelled(&self) -> (u64, &str) {
        (self.head, self.text)
    }
}

impl<'a> Borrow<dyn Spelled + 'a> for Name {
    fn borrow(&self) -> &(dyn Spelled + 'a) {
        self
    }
}

impl Ord for dyn Spelled + '_ {
    fn cmp(&self, other: &Self) -> Ordering {
        self.spelled().cmp(&other.spelled())
    }
}
impl PartialOrd for dyn Spelled + '_ {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for dyn Spelled + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.spelled() == other.spelled()
    }
}
impl Eq for dyn Spelled + '_ {}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        self.spelled().cmp(&other.spelled())
    }
}
impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.spelled() == other.spelled()
    }
}
impl Eq for Name {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        /// Names stand in the order of their texts, and each is found.
        #[test]
        fn names_are_ordered_as_their_texts(texts in proptest::collection::vec("(web-)?[a-c\u{0}-]{0,12}", 0..40)) {
            let plain: BTreeMap<Rc<str>, usize> = texts.iter().enumerate().map(|(n, text)| (text.as_str().into(), n)).collect();
            let mut named = Sorted::default();
            plain.iter().for_each(|(text, n)| _ = named.insert(Name::from(text), *n));
            prop_assert!(named.iter().map(|(name, n)| (&name.text, n)).eq(plain.iter()));
            for text in &texts {
                prop_assert_eq!(Name::find(&named, text), plain.get(text.as_str()));
            }
        }
    }
}
