//! What the timeline shows, as plain values: made from the run so far, drawn by [`super::draw`].

use crate::player::Player;
use kubarium_sim::clock::Time;
use kubarium_sim::command::Command;

/// Into how many columns the density of changes is divided.
pub const COLUMNS: usize = 240;
/// Lengths that the line may have, in seconds.
const SPANS_S: [u64; 14] =
    [60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400, 172_800, 604_800, 2_592_000];

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Track {
    /// The latest instant that was reached.
    pub end: Time,
    /// What the whole line stands for.
    pub span_ms: u64,
    pub density: Vec<u32>,
    /// What the user did.
    pub flags: Vec<Flag>,
    pub warnings: Vec<Time>,
    pub rollouts: Vec<Bar>,
    /// Another future was left and can be had back.
    pub other: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Flag {
    pub time: Time,
    pub label: String,
}

/// A revision of a Deployment, from when to when it was the newest.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    pub from: Time,
    pub to: Time,
    pub name: String,
    pub revision: u64,
    pub hue: usize,
}

impl Track {
    pub fn of(player: &Player, chosen: Option<&str>) -> Track {
        let (history, chronicle) = (player.history(), player.chronicle());
        let end = history.end().max(history.now());
        let span_ms = span(end.0);
        let flags = history.journal().iter().filter_map(flag).collect();
        let mut warnings: Vec<Time> = chronicle.warnings().iter().map(|w| w.time).collect();
        warnings.dedup_by_key(|t| t.0 * COLUMNS as u64 / span_ms);
        Track {
            end,
            span_ms,
            density: chronicle.density(span_ms, COLUMNS),
            flags,
            warnings,
            rollouts: bars(player, chosen, end),
            other: history.other().is_some(),
        }
    }

    /// Everything that one may want to jump to, in order.
    pub fn marks(&self) -> Vec<Time> {
        let bars = self.rollouts.iter().map(|b| b.from);
        let mut marks: Vec<Time> =
            self.flags.iter().map(|f| f.time).chain(self.warnings.iter().copied()).chain(bars).collect();
        marks.sort();
        marks.dedup();
        marks
    }

    /// The mark after `now`, or the one before it.
    pub fn mark_from(&self, now: Time, forward: bool) -> Option<Time> {
        let marks = self.marks();
        if forward { marks.into_iter().find(|m| *m > now) } else { marks.into_iter().rfind(|m| *m < now) }
    }
}

fn span(end_ms: u64) -> u64 {
    let enough = |s: &&u64| **s * 1000 >= end_ms + end_ms / 8;
    SPANS_S.iter().find(enough).copied().unwrap_or(end_ms / 1000 * 2) * 1000
}

/// What the user did, in few words: `apply web.yaml` of `kubectl apply -f web.yaml`.
fn flag(entry: &kubarium_sim::history::Entry) -> Option<Flag> {
    let Command::Run { line } = &entry.command else { return None };
    let words = line.split_whitespace().filter(|w| *w != "kubectl" && *w != "-f" && !w.starts_with("--"));
    let short = words.collect::<Vec<_>>().join(" ");
    let looks = [
        "get",
        "describe",
        "logs",
        "explain",
        "api-resources",
        "top",
        "version",
        "cluster-info",
        "rollout status",
        "rollout history",
    ];
    // Looking changes nothing, so it is no mark.
    if looks.iter().any(|l| short.starts_with(l)) {
        return None;
    }
    Some(Flag { time: entry.time, label: short })
}

/// The revisions of one Deployment: the chosen one, or the one that rolled out first.
fn bars(player: &Player, chosen: Option<&str>, end: Time) -> Vec<Bar> {
    let all = player.chronicle().rollouts();
    let named = chosen.and_then(|name| all.iter().find(|r| &*r.deployment.name == name));
    let Some(one) = named.or(all.first()).map(|r| r.deployment.clone()) else { return vec![] };
    let of_one: Vec<_> = all.iter().filter(|r| r.deployment == one).collect();
    of_one
        .iter()
        .enumerate()
        .map(|(i, r)| Bar {
            from: r.time,
            to: of_one.get(i + 1).map_or(end, |next| next.time),
            name: one.name.to_string(),
            revision: r.revision,
            hue: r.hue,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_longer_than_what_was_lived() {
        assert_eq!(span(0), 60_000);
        assert_eq!(span(55_000), 120_000);
        assert_eq!(span(252_000), 300_000);
        assert!(span(90 * 86_400_000) > 90 * 86_400_000);
    }

    #[test]
    fn marks_are_found_both_ways() {
        let at = |t| Flag { time: Time(t), label: String::new() };
        let track = Track { flags: vec![at(10), at(30)], warnings: vec![Time(20)], ..Track::default() };
        assert_eq!(track.mark_from(Time(10), true), Some(Time(20)));
        assert_eq!(track.mark_from(Time(10), false), None);
        assert_eq!(track.mark_from(Time(25), false), Some(Time(20)));
    }
}
