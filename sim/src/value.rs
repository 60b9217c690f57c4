//! JSON as a value: what manifests are read into, what objects are printed from, what patches work on.
//!
//! Maps are sorted by key, as everything that Kubernetes' own clients print is. Subtrees are shared: a clone
//! costs a pointer, a change (`make_mut`) copies only the path to it. No floats: a number that is not an
//! integer keeps its text.

use std::cell::RefCell;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// One JSON value.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    /// A number that is no `i64`, as Go's JSON encoder prints it (`1.5`, `1e+30`).
    Number(Rc<str>),
    Str(Rc<str>),
    List(Rc<Vec<Value>>),
    Map(Rc<Map>),
}

/// A JSON object; entries are sorted by key and keys are unique.
#[derive(Clone, Debug, Default, Eq, PartialOrd, Ord)]
pub struct Map(Vec<(Rc<str>, Value)>);

impl Hash for Map {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

// Keys are mostly one allocation: there is nothing to read.
impl PartialEq for Map {
    fn eq(&self, other: &Map) -> bool {
        let same = |((key, value), (other, like)): (&(Rc<str>, Value), &(Rc<str>, Value))| {
            (Rc::ptr_eq(key, other) || key == other) && value == like
        };
        self.0.len() == other.0.len() && self.0.iter().zip(&other.0).all(same)
    }
}

impl Value {
    pub fn str(text: impl Into<Rc<str>>) -> Value {
        Value::Str(text.into())
    }
    pub fn list(items: Vec<Value>) -> Value {
        Value::List(Rc::new(items))
    }
    pub fn map(entries: impl IntoIterator<Item = (impl Name, Value)>) -> Value {
        let entries = entries.into_iter();
        let mut map = Map(Vec::with_capacity(entries.size_hint().0));
        for (key, value) in entries {
            map.insert(key, value);
        }
        Value::Map(Rc::new(map))
    }
    pub fn empty_map() -> Value {
        Value::Map(Rc::default())
    }
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }
    pub fn as_str(&self) -> Option<&str> {
        if let Value::Str(s) = self { Some(s) } else { None }
    }
    pub fn as_int(&self) -> Option<i64> {
        if let Value::Int(n) = self { Some(*n) } else { None }
    }
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(b) = self { Some(*b) } else { None }
    }
    pub fn as_list(&self) -> Option<&[Value]> {
        if let Value::List(l) = self { Some(l) } else { None }
    }
    pub fn as_map(&self) -> Option<&Map> {
        if let Value::Map(m) = self { Some(m) } else { None }
    }
    /// The items of a list; none for anything else.
    pub fn items(&self) -> &[Value] {
        self.as_list().unwrap_or(&[])
    }
    /// The value under `key`; `Null` if this is no map or has no such key.
    pub fn get(&self, key: &str) -> &Value {
        self.as_map().and_then(|m| m.get(key)).unwrap_or(const { &Value::Null })
    }
    /// The value at a path of keys; `Null` if it leads nowhere.
    pub fn at(&self, path: &[&str]) -> &Value {
        path.iter().fold(self, |v, key| v.get(key))
    }
    /// This value as a map to change; anything else becomes an empty map first.
    pub fn map_mut(&mut self) -> &mut Map {
        if !matches!(self, Value::Map(_)) {
            *self = Value::empty_map();
        }
        match self {
            Value::Map(m) => Rc::make_mut(m),
            _ => unreachable!("made a map above"),
        }
    }
    /// This value as a list to change; anything else becomes an empty list first.
    pub fn list_mut(&mut self) -> &mut Vec<Value> {
        if !matches!(self, Value::List(_)) {
            *self = Value::list(Vec::new());
        }
        match self {
            Value::List(l) => Rc::make_mut(l),
            _ => unreachable!("made a list above"),
        }
    }
    /// The place at `path`, made of maps where it is missing.
    pub fn at_mut(&mut self, path: &[&str]) -> &mut Value {
        path.iter().fold(self, |v, key| v.map_mut().entry(key))
    }
    pub fn set(&mut self, key: &str, value: Value) {
        *self.map_mut().entry(key) = value;
    }
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        if self.get(key).is_null() && self.as_map().is_none_or(|m| m.get(key).is_none()) {
            return None;
        }
        self.map_mut().remove(key)
    }
    /// Sets `key` only if it is absent or null: what defaulting does.
    pub fn set_default(&mut self, key: &str, value: impl FnOnce() -> Value) {
        if self.get(key).is_null() {
            self.set(key, value());
        }
    }
    /// Makes what is equal in the two one allocation, as far as nobody else has it; the rest takes no more room than it needs.
    pub fn share(&mut self, like: &Value) {
        match (&mut *self, like) {
            (Value::List(own), Value::List(other)) if Rc::ptr_eq(own, other) => {}
            (Value::Map(own), Value::Map(other)) if Rc::ptr_eq(own, other) => {}
            (own, like) if own == like => *own = like.clone(),
            (Value::List(own), Value::List(other)) => {
                if let Some(own) = Rc::get_mut(own) {
                    own.shrink_to_fit();
                    own.iter_mut().zip(other.iter()).for_each(|(own, like)| own.share(like));
                }
            }
            (Value::Map(own), Value::Map(other)) => {
                if let Some(own) = Rc::get_mut(own) {
                    own.0.shrink_to_fit();
                    own.iter_mut().for_each(|(key, own)| own.share(other.get(key).unwrap_or(&Value::Null)));
                }
            }
            _ => {}
        }
    }
    /// How error texts call this type (`string`, `number`, `bool`, `array`, `object`, `null`).
    pub fn json_type(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Int(_) | Value::Number(_) => "number",
            Value::Str(_) => "string",
            Value::List(_) => "array",
            Value::Map(_) => "object",
        }
    }
}

impl Map {
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.place(key).map(|i| &self.0[i].1)
    }
    /// Objects have few keys, and most that are asked for are not there: a key of another length need not be read for that.
    fn place(&self, key: &str) -> Option<usize> {
        const FEW: usize = 16;
        if self.0.len() <= FEW {
            return self.0.iter().position(|(k, _)| k.len() == key.len() && **k == *key);
        }
        self.0.binary_search_by(|(k, _)| (**k).cmp(key)).ok()
    }
    pub fn contains(&self, key: &str) -> bool {
        self.get(key).is_some()
    }
    pub fn insert(&mut self, key: impl Name, value: Value) -> Option<Value> {
        let key = key.name();
        match self.0.binary_search_by(|(k, _)| k.cmp(&key)) {
            Ok(i) => Some(std::mem::replace(&mut self.0[i].1, value)),
            Err(i) => {
                self.0.insert(i, (key, value));
                None
            }
        }
    }
    /// The place of `key`, made `Null` where it is missing.
    pub fn entry(&mut self, key: &str) -> &mut Value {
        let i = match self.0.binary_search_by(|(k, _)| (**k).cmp(key)) {
            Ok(i) => i,
            Err(i) => {
                self.0.insert(i, (shared(key), Value::Null));
                i
            }
        };
        &mut self.0[i].1
    }
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.place(key).map(|i| &mut self.0[i].1)
    }
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.place(key).map(|i| self.0.remove(i).1)
    }
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &mut Value) -> bool) {
        self.0.retain_mut(|(k, v)| keep(k, v));
    }
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Rc<str>, &Value)> {
        self.0.iter().map(|(k, v)| (k, v))
    }
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Rc<str>, &mut Value)> {
        self.0.iter_mut().map(|(k, v)| (&*k, v))
    }
    pub fn keys(&self) -> impl Iterator<Item = &Rc<str>> {
        self.0.iter().map(|(k, _)| k)
    }
    pub fn len(&self) -> usize {
        self.0.len()
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What a field can be called by: its name is one text in all objects that have the field.
pub trait Name {
    fn name(self) -> Rc<str>;
}

impl Name for &str {
    fn name(self) -> Rc<str> {
        shared(self)
    }
}
impl Name for String {
    fn name(self) -> Rc<str> {
        shared(&self)
    }
}
impl Name for Rc<str> {
    fn name(self) -> Rc<str> {
        self
    }
}

/// So many of the texts that were met last are at hand.
const TEXTS: usize = 1024;

/// A text that is shared by all who have it: a field of the API, of which each object has dozens, or what is the same for all
/// replicas.
pub(crate) fn shared(text: &str) -> Rc<str> {
    thread_local!(static LATEST: RefCell<Vec<Rc<str>>> = RefCell::new(vec![Rc::from(""); TEXTS]));
    let place = text.bytes().fold(text.len(), |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())) % TEXTS;
    LATEST.with_borrow_mut(|latest| {
        if *latest[place] != *text {
            latest[place] = text.into();
        }
        latest[place].clone()
    })
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Str(shared(text))
    }
}
impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Str(text.into())
    }
}
impl From<i64> for Value {
    fn from(n: i64) -> Value {
        Value::Int(n)
    }
}
impl From<bool> for Value {
    fn from(b: bool) -> Value {
        Value::Bool(b)
    }
}
