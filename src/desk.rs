//! Whose cluster is on view: one's own, or that of a guest, whom a link or a file brought. What is kept of the one is never
//! kept in the place of the other.

use crate::browser::{self, Shelf};
use kubarium_sim::dice::Dice;
use std::cell::Cell;

thread_local! {
    /// The guest's number; none for one's own.
    static GUEST: Cell<Option<u64>> = const { Cell::new(None) };
}

/// A guest comes, known by what brought it: the same one finds its things again.
pub fn welcome(brought_by: &str) {
    GUEST.set(Some(Dice(0).throw(brought_by, "guest")));
}

/// The guest leaves.
pub fn alone() {
    GUEST.set(None);
}

/// Under which name something is kept now.
fn named(name: &str) -> String {
    match GUEST.get() {
        Some(guest) => format!("guest-{guest:x}-{name}"),
        None => name.into(),
    }
}

/// Keeps something for as long as the tab.
pub fn keep(name: &str, value: &str) {
    browser::keep(Shelf::Tab, &named(name), value);
}

pub fn kept(name: &str) -> Option<String> {
    browser::kept(Shelf::Tab, &named(name))
}

pub fn forget(name: &str) {
    browser::forget(Shelf::Tab, &named(name));
}

/// One's own files outlive the tab, a guest's do not.
pub fn keep_files(guest: bool, files: &str) {
    match guest {
        true => keep("files", files),
        false => browser::keep(Shelf::Long, "files", files),
    }
}

pub fn kept_files(guest: bool) -> Option<String> {
    match guest {
        true => kept("files"),
        false => browser::kept(Shelf::Long, "files"),
    }
}
