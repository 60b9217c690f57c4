//! One's own clusters by name: kept by the browser, or, where it refuses, for as long as the tab is open.

pub mod list;

use crate::browser::{self, Shelf};
use kubarium::saved::{Opened, Saved, link};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What the address says of one: `mine/3`.
const MARK: &str = "mine/";
const LIST: &str = "clusters";
/// A name is as long as a line of the list.
const LONGEST_NAME: usize = 60;

/// What can happen to them.
pub enum Act {
    /// What is on view is kept under a name.
    Keep(String),
    Open(u32),
    Rename(u32, String),
    Duplicate(u32),
    Delete(u32),
    /// The one that was deleted last is there again.
    Restore,
}

/// One of them, as the list knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: u32,
    /// When it was last kept, in milliseconds since 1970.
    pub kept_at: u64,
    pub name: Rc<str>,
}

/// All of them, the latest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clusters {
    pub entries: Vec<Entry>,
    /// The browser refuses: those that are here end with the tab.
    pub passing: bool,
    /// What the browser does not take.
    memory: BTreeMap<String, String>,
    pub deleted: Option<(Entry, String)>,
}

/// The number of the cluster that a fragment (without its `#`) names.
pub fn named(fragment: &str) -> Option<u32> {
    fragment.strip_prefix(MARK)?.parse().ok()
}

pub fn fragment(id: u32) -> String {
    format!("{MARK}{id}")
}

fn place(id: u32) -> String {
    format!("cluster-{id}")
}

impl Clusters {
    /// Another tab may have changed them: they are read whenever they are looked at.
    pub fn read(&mut self) {
        if let Some(kept) = browser::kept(Shelf::Long, LIST) {
            self.entries = read_list(&kept);
        }
    }

    pub fn find(&self, id: u32) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    /// Keeps a cluster under a name; its number.
    pub fn add(&mut self, name: &str, text: String, kept_at: u64) -> u32 {
        self.read();
        let id = self.entries.iter().map(|entry| entry.id).max().unwrap_or(0) + 1;
        self.put(&place(id), text);
        self.entries.insert(0, Entry { id, kept_at, name: self.free(name) });
        self.write();
        id
    }

    /// Keeps what has become of one.
    pub fn update(&mut self, id: u32, text: String, kept_at: u64) {
        self.read();
        let Some(at) = self.entries.iter().position(|entry| entry.id == id) else { return };
        self.put(&place(id), text);
        let entry = self.entries.remove(at);
        self.entries.insert(0, Entry { kept_at, ..entry });
        self.write();
    }

    pub fn rename(&mut self, id: u32, name: &str) {
        self.read();
        let Some(at) = self.entries.iter().position(|entry| entry.id == id) else { return };
        if tidy(name).is_empty() {
            return;
        }
        let before = self.entries.remove(at);
        let entry = Entry { name: self.free(name), ..before };
        self.entries.insert(at, entry);
        self.write();
    }

    pub fn duplicate(&mut self, id: u32, kept_at: u64) {
        let Some((name, text)) = self.find(id).map(|entry| entry.name.clone()).zip(self.text(id)) else { return };
        self.add(&name, text, kept_at);
    }

    pub fn delete(&mut self, id: u32) {
        self.read();
        let Some(at) = self.entries.iter().position(|entry| entry.id == id) else { return };
        let text = self.text(id).unwrap_or_default();
        self.deleted = Some((self.entries.remove(at), text));
        browser::forget(Shelf::Long, &place(id));
        self.memory.remove(&place(id));
        self.write();
    }

    pub fn restore(&mut self) {
        let Some((entry, text)) = self.deleted.take() else { return };
        self.read();
        self.put(&place(entry.id), text);
        self.entries.push(entry);
        self.entries.sort_by_key(|entry| std::cmp::Reverse(entry.kept_at));
        self.write();
    }

    /// One of them, as far as it can be read.
    pub fn open(&self, id: u32) -> Option<Opened> {
        let text = self.text(id)?;
        Some(if link::is_link(&text) { link::read(&text) } else { Saved::read(&text) })
    }

    fn text(&self, id: u32) -> Option<String> {
        let place = place(id);
        self.memory.get(&place).cloned().or_else(|| browser::kept(Shelf::Long, &place))
    }

    fn put(&mut self, place: &str, text: String) {
        if browser::try_keep(Shelf::Long, place, &text) {
            self.memory.remove(place);
        } else {
            self.passing = true;
            self.memory.insert(place.into(), text);
        }
    }

    fn write(&mut self) {
        self.passing |= !browser::try_keep(Shelf::Long, LIST, &write_list(&self.entries));
    }

    /// The name itself, or with a number where it is taken.
    fn free(&self, name: &str) -> Rc<str> {
        let name = tidy(name);
        let taken = |name: &str| self.entries.iter().any(|entry| *entry.name == *name);
        if !taken(&name) {
            return name.into();
        }
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end().to_string();
        let stem = if stem.is_empty() { name } else { stem };
        (2..).map(|n| format!("{stem} {n}")).find(|name| !taken(name)).expect("there is always another number").into()
    }
}

/// As it is kept: small if it may be.
pub fn text(saved: &Saved) -> String {
    link::write(saved).unwrap_or_else(|| saved.write())
}

/// One line, not too long.
fn tidy(name: &str) -> String {
    let line: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.trim().chars().take(LONGEST_NAME).collect::<String>().trim_end().into()
}

fn write_list(entries: &[Entry]) -> String {
    entries.iter().map(|e| format!("{} {} {}\n", e.id, e.kept_at, e.name)).collect()
}

fn read_list(text: &str) -> Vec<Entry> {
    let line = |line: &str| {
        let mut words = line.splitn(3, ' ');
        let id = words.next()?.parse().ok()?;
        let kept_at = words.next()?.parse().ok()?;
        Some(Entry { id, kept_at, name: words.next()?.into() })
    };
    text.lines().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: u32, name: &str) -> Entry {
        Entry { id, kept_at: 1_700_000_000_000 + u64::from(id), name: name.into() }
    }

    #[test]
    fn a_list_comes_back_as_it_was() {
        let entries = vec![entry(2, "a shop  with spaces"), entry(1, "수업 1"), entry(7, "12 3 x")];
        assert_eq!(read_list(&write_list(&entries)), entries);
        assert_eq!(read_list("nonsense\n1 x y\n-1 2 z\n"), vec![]);
    }

    #[test]
    fn names_are_lines_of_their_own() {
        let clusters =
            Clusters { entries: vec![entry(1, "shop"), entry(2, "shop 2"), entry(3, "2")], ..Clusters::default() };
        let check = |name: &str, expect: &str| assert_eq!(&*clusters.free(name), expect);
        check("shop", "shop 3");
        check("shop 2", "shop 3");
        check(" a\nb\t ", "a b");
        check("2", "2 2");
        assert_eq!(tidy(&"가".repeat(200)).chars().count(), LONGEST_NAME);
        assert_eq!((named("mine/12"), named("mine/x"), named("1.eJw")), (Some(12), None, None));
    }
}
