//! How a noun's fields are read from JSON and written to it. One table of fields, made by [`noun!`], serves both.

use crate::api::quantity::Quantity;
use crate::api::shared::Shared;
use crate::clock::Date;
use crate::value::Value;
use std::rc::Rc;

/// A field's value. Reading never fails: what has the wrong type was refused before, and reads as the default.
pub trait Field: Default + Clone + PartialEq {
    fn read(value: &Value) -> Self;
    fn write(&self) -> Value;
    /// Whether `omitempty` leaves it out.
    fn is_empty(&self) -> bool;
    /// Makes what is equal in the two one allocation: it changes nothing but how much memory they take together.
    fn share(&mut self, _: &Self) {}
}

/// A struct of API fields: `field: Type = "jsonName";`, with `always` after the name where an empty value is
/// written too.
#[macro_export]
macro_rules! noun {
    ($($(#[$meta:meta])* pub struct $name:ident { $($(#[$doc:meta])* $field:ident: $ty:ty = $json:literal $($always:ident)?;)* })*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name { $($(#[$doc])* pub $field: $ty,)* }
        // Not derived: an empty text of `Rc`'s own making would be an allocation.
        impl Default for $name {
            fn default() -> Self {
                $crate::api::field::Field::read(&$crate::value::Value::Null)
            }
        }
        impl $crate::api::field::Field for $name {
            fn read(value: &$crate::value::Value) -> Self {
                $name { $($field: <$ty as $crate::api::field::Field>::read(value.get($json)),)* }
            }
            fn write(&self) -> $crate::value::Value {
                let mut out = $crate::value::Value::empty_map();
                $($crate::noun!(@write self, out, $field, $json, $($always)?);)*
                out
            }
            fn is_empty(&self) -> bool {
                true $(&& $crate::api::field::Field::is_empty(&self.$field))*
            }
            fn share(&mut self, like: &Self) {
                $($crate::api::field::Field::share(&mut self.$field, &like.$field);)*
            }
        }
    )*};
    (@write $self:ident, $out:ident, $field:ident, $json:literal, always) => {
        $out.set($json, $crate::api::field::Field::write(&$self.$field));
    };
    (@write $self:ident, $out:ident, $field:ident, $json:literal, ) => {
        if !$crate::api::field::Field::is_empty(&$self.$field) {
            $out.set($json, $crate::api::field::Field::write(&$self.$field));
        }
    };
}

impl Field for Value {
    fn read(value: &Value) -> Self {
        value.clone()
    }
    fn write(&self) -> Value {
        self.clone()
    }
    fn is_empty(&self) -> bool {
        self.is_null()
    }
    fn share(&mut self, like: &Value) {
        Value::share(self, like);
    }
}

impl Field for bool {
    fn read(value: &Value) -> Self {
        value.as_bool().unwrap_or(false)
    }
    fn write(&self) -> Value {
        Value::Bool(*self)
    }
    fn is_empty(&self) -> bool {
        !*self
    }
}

impl Field for i64 {
    fn read(value: &Value) -> Self {
        value.as_int().unwrap_or(0)
    }
    fn write(&self) -> Value {
        Value::Int(*self)
    }
    fn is_empty(&self) -> bool {
        *self == 0
    }
}

impl Field for Rc<str> {
    fn read(value: &Value) -> Self {
        match value {
            Value::Str(s) => s.clone(),
            _ => empty_text(),
        }
    }
    fn write(&self) -> Value {
        Value::Str(self.clone())
    }
    fn is_empty(&self) -> bool {
        str::is_empty(self)
    }
    fn share(&mut self, like: &Self) {
        if self == like {
            *self = like.clone();
        }
    }
}

/// Whether two texts are equal: mostly they are one allocation.
pub fn same_text(a: &Rc<str>, b: &Rc<str>) -> bool {
    Rc::ptr_eq(a, b) || a == b
}

/// The empty text, without an allocation of its own.
pub fn empty_text() -> Rc<str> {
    thread_local!(static EMPTY: Rc<str> = Rc::from(""));
    EMPTY.with(Rc::clone)
}

/// One of the API's own words, which are few (`Ready`, `True`, `Pod`): one allocation for all objects that have it.
pub fn word(text: &str) -> Rc<str> {
    crate::value::shared(text)
}

impl<T: Field> Field for Option<T> {
    fn read(value: &Value) -> Self {
        (!value.is_null()).then(|| T::read(value))
    }
    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::write)
    }
    fn is_empty(&self) -> bool {
        self.is_none()
    }
    fn share(&mut self, like: &Self) {
        if let (Some(own), Some(like)) = (self, like) {
            own.share(like);
        }
    }
}

impl<T: Field> Field for Vec<T> {
    fn read(value: &Value) -> Self {
        value.items().iter().map(T::read).collect()
    }
    fn write(&self) -> Value {
        Value::list(self.iter().map(T::write).collect())
    }
    fn is_empty(&self) -> bool {
        Vec::is_empty(self)
    }
    fn share(&mut self, like: &Self) {
        self.iter_mut().zip(like).for_each(|(own, like)| own.share(like));
    }
}

impl<T: Field> Field for Rc<T> {
    fn read(value: &Value) -> Self {
        Rc::new(T::read(value))
    }
    fn write(&self) -> Value {
        T::write(self)
    }
    fn is_empty(&self) -> bool {
        T::is_empty(self)
    }
    fn share(&mut self, like: &Self) {
        if Rc::ptr_eq(self, like) {
        } else if self == like {
            *self = like.clone();
        } else if let Some(own) = Rc::get_mut(self) {
            own.share(like);
        }
    }
}

impl<T: Field> Field for Box<T> {
    fn read(value: &Value) -> Self {
        Box::new(T::read(value))
    }
    fn write(&self) -> Value {
        T::write(self)
    }
    fn is_empty(&self) -> bool {
        T::is_empty(self)
    }
    fn share(&mut self, like: &Self) {
        T::share(self, like);
    }
}

/// A map from text to text (labels, annotations, selectors), sorted by key, shared when cloned.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Texts(Shared<(Rc<str>, Rc<str>)>);

/// Asks something of many Pods' labels or the like, one after another. Neighbours mostly share theirs: those are asked once.
pub fn asked_once<'a>(ask: impl Fn(&Texts) -> bool) -> impl FnMut(&'a Texts) -> bool {
    let mut last: Option<(&'a Texts, bool)> = None;
    move |texts| {
        let known = last.filter(|(asked, _)| asked.0.is(&texts.0));
        let answer = known.map_or_else(|| ask(texts), |(_, answer)| answer);
        last = Some((texts, answer));
        answer
    }
}

impl Texts {
    pub fn get(&self, key: &str) -> Option<&Rc<str>> {
        // Maps of labels are small: telling keys apart by their lengths first is quicker than a search by order.
        self.0.iter().find(|(k, _)| k.len() == key.len() && &**k == key).map(|(_, value)| value)
    }
    pub fn insert(&mut self, key: impl Into<Rc<str>>, value: impl Into<Rc<str>>) {
        let key = key.into();
        match self.find(&key) {
            Ok(i) => self.0.make_mut()[i].1 = value.into(),
            Err(i) => self.0.make_mut().insert(i, (key, value.into())),
        }
    }
    pub fn remove(&mut self, key: &str) -> Option<Rc<str>> {
        let i = self.find(key).ok()?;
        Some(self.0.make_mut().remove(i).1)
    }
    pub fn iter(&self) -> impl Iterator<Item = (&Rc<str>, &Rc<str>)> {
        self.0.iter().map(|(k, v)| (k, v))
    }
    pub fn len(&self) -> usize {
        self.0.len()
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Whether every entry of `self` stands in `other`: how a plain selector matches labels.
    pub fn within(&self, other: &Texts) -> bool {
        self.iter().all(|(k, v)| other.get(k) == Some(v))
    }
    fn find(&self, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(k, _)| (**k).cmp(key))
    }
}

impl<K: Into<Rc<str>>, V: Into<Rc<str>>> FromIterator<(K, V)> for Texts {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut texts = Texts::default();
        for (k, v) in entries {
            texts.insert(k, v);
        }
        texts
    }
}

impl Field for Texts {
    fn read(value: &Value) -> Self {
        let Some(map) = value.as_map() else { return Texts::default() };
        let entries: Vec<_> = map.iter().map(|(k, v)| (k.clone(), Rc::<str>::read(v))).collect();
        Texts(entries.into())
    }
    fn write(&self) -> Value {
        Value::map(self.iter().map(|(k, v)| (k.clone(), Value::Str(v.clone()))))
    }
    fn is_empty(&self) -> bool {
        Texts::is_empty(self)
    }
    fn share(&mut self, like: &Self) {
        self.0.share_with(&like.0, |own, like| {
            own.0.share(&like.0);
            own.1.share(&like.1);
        });
    }
}

/// A timestamp of the API: milliseconds since 1970, written in whole seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(pub i64);

impl Stamp {
    pub fn date(self) -> Date {
        Date::from_unix(self.0.div_euclid(1000))
    }
    /// As a reader of the API sees it.
    pub fn second(self) -> Stamp {
        Stamp(self.0.div_euclid(1000) * 1000)
    }
    /// Milliseconds from `earlier` to this; negative if `earlier` is later.
    pub fn since(self, earlier: Stamp) -> i64 {
        self.0 - earlier.0
    }
    /// With millisecond digits, as events of the newer kind are stamped.
    pub fn micro(self) -> String {
        let text = self.date().to_string();
        format!("{}.{:03}000Z", text.trim_end_matches('Z'), self.0.rem_euclid(1000))
    }
}

impl Field for Stamp {
    fn read(value: &Value) -> Self {
        let text = value.as_str().unwrap_or("");
        let fraction = text.get(19..).and_then(|f| f.strip_prefix('.')).unwrap_or("");
        let fraction: String = fraction.chars().take_while(char::is_ascii_digit).collect();
        let millis = format!("{fraction:0<3}").get(..3).and_then(|f| f.parse::<i64>().ok()).unwrap_or(0);
        Date::parse_rfc3339(text).map_or(Stamp(0), |d| Stamp(d.to_unix() * 1000 + millis))
    }
    fn write(&self) -> Value {
        Value::str(self.date().to_string())
    }
    fn is_empty(&self) -> bool {
        false
    }
}

/// A number or a text (`maxSurge: 25%`, `targetPort: http`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum IntOrText {
    Int(i64),
    Text(Rc<str>),
}

impl Default for IntOrText {
    fn default() -> Self {
        IntOrText::Int(0)
    }
}

impl IntOrText {
    /// The number itself, or the percentage of `total`, rounded up or down. A text that is no percentage is 0.
    pub fn of(&self, total: i64, round_up: bool) -> i64 {
        match self {
            IntOrText::Int(n) => *n,
            IntOrText::Text(text) => {
                let percent = text.strip_suffix('%').and_then(|p| p.parse::<i64>().ok()).unwrap_or(0);
                let hundredths = percent.saturating_mul(total);
                if round_up { (hundredths + 99).div_euclid(100) } else { hundredths.div_euclid(100) }
            }
        }
    }
}

impl std::fmt::Display for IntOrText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            IntOrText::Int(n) => write!(f, "{n}"),
            IntOrText::Text(t) => f.write_str(t),
        }
    }
}

impl Field for IntOrText {
    fn read(value: &Value) -> Self {
        match value {
            Value::Str(s) => IntOrText::Text(s.clone()),
            _ => IntOrText::Int(value.as_int().unwrap_or(0)),
        }
    }
    fn write(&self) -> Value {
        match self {
            IntOrText::Int(n) => Value::Int(*n),
            IntOrText::Text(t) => Value::Str(t.clone()),
        }
    }
    fn is_empty(&self) -> bool {
        false
    }
}

/// Amounts by resource name (`cpu`, `memory`, `example.com/dongle`), sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Amounts(pub Shared<(Rc<str>, Quantity)>);

impl Amounts {
    pub fn get(&self, name: &str) -> Option<&Quantity> {
        self.0.iter().find(|(k, _)| &**k == name).map(|(_, q)| q)
    }
    pub fn iter(&self) -> impl Iterator<Item = (&Rc<str>, &Quantity)> {
        self.0.iter().map(|(k, q)| (k, q))
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Field for Amounts {
    fn read(value: &Value) -> Self {
        let entries = value.as_map().into_iter().flat_map(|m| m.iter());
        Amounts(entries.map(|(k, v)| (k.clone(), Quantity::read(v))).collect())
    }
    fn write(&self) -> Value {
        Value::map(self.iter().map(|(k, q)| (k.clone(), q.write())))
    }
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    fn share(&mut self, like: &Self) {
        self.0.share_with(&like.0, |own, like| own.0.share(&like.0));
    }
}
