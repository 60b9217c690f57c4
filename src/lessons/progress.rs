//! How far a reader has come, kept by the browser: a line a lesson, `NAME DONE OF`.

use super::place::Place;
use crate::browser::{self, Shelf};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Parts that are done, and how many there are.
    lessons: BTreeMap<String, (usize, usize)>,
}

fn shelf(place: &Place) -> String {
    format!("lessons {}", place.folder)
}

impl Done {
    pub fn kept(place: &Place) -> Done {
        Done::read(&browser::kept(Shelf::Long, &shelf(place)).unwrap_or_default())
    }

    /// Notes that so many parts are done; one never falls back.
    pub fn note(&mut self, place: &Place, name: &str, done: usize, of: usize) {
        let known = self.lessons.entry(name.into()).or_default();
        let now = (known.0.max(done).min(of), of);
        if *known != now {
            *known = now;
            browser::keep(Shelf::Long, &shelf(place), &self.write());
        }
    }

    /// How many parts of a lesson are done, and of how many; none if it was never begun.
    pub fn of(&self, name: &str) -> Option<(usize, usize)> {
        self.lessons.get(name).copied()
    }

    fn read(text: &str) -> Done {
        let line = |line: &str| {
            let mut words = line.rsplitn(3, ' ');
            let of = words.next()?.parse().ok()?;
            let done = words.next()?.parse().ok()?;
            Some((words.next()?.to_string(), (done, of)))
        };
        Done { lessons: text.lines().filter_map(line).collect() }
    }

    fn write(&self) -> String {
        self.lessons.iter().map(|(name, (done, of))| format!("{name} {done} {of}\n")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back() {
        let mut done = Done::default();
        done.lessons.insert("first-pod".into(), (3, 6));
        done.lessons.insert("a folder/two".into(), (0, 2));
        assert_eq!(Done::read(&done.write()), done);
        assert_eq!(Done::read("nonsense\nx y z\n"), Done::default());
    }
}
