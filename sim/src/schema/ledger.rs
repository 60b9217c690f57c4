//! The ledger: which kinds and fields of the API the simulation acts upon. All others are checked and kept, and nothing comes of them.
//!
//! The table is `simulated.txt`, a line a type: its name alone if all of its fields are simulated, with `-field` for each that is
//! not, or with those that are. A field counts as simulated if somebody acts upon it, by changing something or by refusing it for
//! what it says together with other things, or, in a status, if somebody writes it. `sim/tests/ledger.rs` holds the table against the
//! sources and against what clusters do.

use super::Type;
use crate::api::Kind;

const TABLE: &str = include_str!("simulated.txt");

impl Type {
    /// The words of its line, if it has one.
    fn acted_upon(self) -> Option<std::str::Split<'static, char>> {
        let name = self.full_name();
        let line = TABLE
            .lines()
            .find(|line| line.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))?;
        let mut words = line.split(' ');
        words.next();
        Some(words)
    }
    /// Whether anything of it is simulated.
    pub fn is_simulated(self) -> bool {
        self.acted_upon().is_some()
    }
    /// Whether a field of it is simulated.
    pub fn simulates(self, field: &str) -> bool {
        let Some(words) = self.acted_upon() else { return false };
        let (mut only, mut named) = (false, false);
        for word in words {
            match word.strip_prefix('-') {
                Some(inert) if inert == field => return false,
                Some(_) => {}
                None => (only, named) = (true, named || word == field),
            }
        }
        !only || named
    }
}

/// Whether anybody acts upon the objects of a kind. Those of kinds that CustomResourceDefinitions add are only kept.
pub fn is_simulated(kind: Kind) -> bool {
    Type::of_kind(kind).is_some_and(Type::is_simulated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_names_a_type_and_its_fields() {
        for line in TABLE.lines() {
            let mut words = line.split(' ');
            let name = words.next().unwrap_or("");
            let of = Type::named(name).unwrap_or_else(|| panic!("there is no type {name}"));
            for word in words {
                assert!(of.field(word.trim_start_matches('-')).is_some(), "{name} has no field {word}");
            }
        }
    }

    #[test]
    fn all_all_but_and_only() {
        let simulates = |of: &str, field: &str| Type::named(of).unwrap().simulates(field);
        assert!(simulates("core/v1.Probe", "periodSeconds"));
        assert!(simulates("core/v1.PodSpec", "containers") && !simulates("core/v1.PodSpec", "hostUsers"));
        assert!(simulates("core/v1.LocalVolumeSource", "path") && !simulates("core/v1.LocalVolumeSource", "fsType"));
        assert!(!simulates("core/v1.PodOS", "name"));
        assert!(is_simulated(Kind::Pod) && !is_simulated(Kind::CSIStorageCapacity));
    }
}
