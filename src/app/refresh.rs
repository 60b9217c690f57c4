//! What the panels are told of the cluster: made anew when it has changed, kept where it has not.

use super::App;
use crate::browser;
use crate::inspector::portrait::{Chosen, Portrait, Sitting};
use crate::terminal::{Asking, Foreground, Line, RequestRow};
use crate::timeline::track::Track;
use kubarium::scene::hit::Key;
use kubarium_sim::clock::Time;
use kubarium_sim::cluster::Cluster;
use kubarium_sim::network::route::Hop;
use kubarium_sim::network::traffic::{Journey, Sender};
use kubarium_sim::terminal::Stream;
use std::rc::Rc;

/// The most things of the picture that are told one by one; more are told as numbers.
const MOST_SYMBOLS: usize = 150;

/// Between two things said aloud.
const SAY_MS: f64 = 2_000.0;

/// An order that was given by the page, until its answer is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Awaited {
    pub line: Rc<str>,
    pub since: Time,
    /// It came from Apply: what is refused belongs to lines of the editor.
    pub applies: bool,
}

/// The number of the command line that has not ended, if one has not.
pub fn open_session(cluster: &Cluster) -> Option<u32> {
    cluster.sessions.iter().rev().find(|(_, s)| s.ended.is_none()).map(|(n, _)| *n)
}

/// What has the terminal; of several that ask the latest.
fn foreground(cluster: &Cluster) -> Foreground {
    let Some((number, session)) = cluster.sessions.iter().rev().find(|(_, session)| session.asks()) else {
        return if open_session(cluster).is_some() { Foreground::Busy } else { Foreground::Shell };
    };
    let text = session.text();
    let prompt = text.rsplit('\n').next().unwrap_or_default().into();
    Foreground::Asks(Asking { session: *number, prompt, can_detach: session.can_detach() })
}

/// In so many bits the panels are told.
pub const TURNS: usize = 4;
/// So many changes of objects are counted in a bit.
const COUNTED: usize = 160;

impl App {
    /// Tells the panels; whether anything has changed for them.
    pub(super) fn refresh(&mut self) -> bool {
        self.told.turn = 0;
        (0..TURNS).any(|_| self.tell_panels(usize::MAX))
    }

    /// Chooses something; the panels that tell of it are told at once, the others in the next frames.
    pub(super) fn pick_and_tell(&mut self, chosen: Option<Chosen>) -> bool {
        self.pick(chosen);
        self.tell_beside(false);
        self.dirty = true;
        true
    }

    /// Tells the panels a bit, one a frame; with the last, whether anything has changed for them.
    pub(super) fn refresh_a_bit(&mut self) -> bool {
        self.tell_panels(COUNTED)
    }

    /// Tells them the next bit, for which so many changes of objects may be counted: if there are more, it goes on the next time.
    fn tell_panels(&mut self, most: usize) -> bool {
        let turn = self.told.turn;
        let cluster = self.player.cluster();
        let namespace = self.namespace.as_deref();
        if turn == 0 && !self.told.counting {
            self.told.of = (cluster.store.revision(), cluster.now);
        }
        let (revision, now) = self.told.of;
        let leapt = now < self.told.now;
        let changed = revision != self.told.revision || leapt;
        self.told.counting = turn == 0
            && (changed || self.told.namespaces.is_empty())
            && !self.told.tally.go_on(cluster, namespace, most);
        if self.told.counting {
            return false;
        }
        self.told.turn = (turn + 1) % TURNS;
        match turn {
            0 if changed || self.told.namespaces.is_empty() => {
                self.told.overview = Rc::new(self.told.tally.overview(cluster));
                self.told.namespaces = Rc::new(self.kinds_present().map(|n| n.meta.name.clone()).collect());
            }
            0 => {}
            1 => self.tell_below(changed, leapt),
            2 => self.tell_beside(changed),
            _ => {
                let moved = now != self.told.now;
                (self.told.revision, self.told.now) = (revision, now);
                self.hear_answers();
                self.say(leapt);
                return changed || moved || std::mem::take(&mut self.told.resighted);
            }
        }
        false
    }

    /// What the terminal and its neighbours show.
    fn tell_below(&mut self, changed: bool, leapt: bool) {
        let cluster = self.player.cluster();
        if changed {
            self.told.events = self.told.log.read(cluster, self.namespace.as_deref());
        }
        self.told.foreground = foreground(cluster);
        let lines = lines(cluster, self.told.foreground.asking());
        if *self.told.lines != lines {
            self.told.lines = Rc::new(lines);
        }
        let seen = cluster.traffic.next();
        if seen != self.told.requests_seen || leapt {
            self.told.requests = Rc::new(requests(cluster));
            self.told.requests_seen = seen;
        }
    }

    /// What the inspector, the timeline and those who hear the picture are told.
    fn tell_beside(&mut self, changed: bool) {
        let cluster = self.player.cluster();
        self.told.portrait = self.chosen.as_ref().map(|chosen| {
            let sitting = Sitting {
                cluster,
                chronicle: self.player.chronicle(),
                journal: self.player.history().journal(),
                text: self.text,
            };
            Rc::new(Portrait::of(&sitting, chosen, self.tab))
        });
        let about = self.chosen.as_ref().map(|c| &*c.key.name);
        self.told.track = Rc::new(Track::of(&self.player, about));
        let sights = self.sights();
        // Where time stands the picture may see only now what changed before.
        if changed || sights != self.told.sights && !self.player.playing {
            self.told.symbols = self.symbols();
            (self.told.sights, self.told.resighted) = (sights, true);
        }
    }

    /// How often the picture has seen something else.
    pub(super) fn sights(&self) -> u64 {
        self.picture.as_ref().map_or(0, |picture| picture.sights())
    }

    /// The things of the picture in sentences, for those who hear it.
    fn symbols(&self) -> Rc<Vec<(Key, String)>> {
        let Some(picture) = &self.picture else { return Rc::default() };
        let objects = picture.hits().iter().filter(|h| h.key.is_object()).take(MOST_SYMBOLS);
        Rc::new(objects.map(|h| (h.key.clone(), picture.sentence(&h.key))).collect())
    }

    /// Looks whether the page's own orders have been answered, and tells what was refused.
    fn hear_answers(&mut self) {
        let awaited = std::mem::take(&mut self.awaited);
        for order in awaited {
            let cluster = self.player.cluster();
            let session = cluster.sessions.values().rev().find(|s| s.line == order.line && s.started >= order.since);
            let Some(session) = session else {
                // Not begun yet; if time was set back before it, it never will be.
                if self.player.history().journal().iter().any(|e| e.time >= order.since) {
                    self.awaited.push(order);
                }
                continue;
            };
            let Some((_, code)) = session.ended else {
                self.awaited.push(order);
                continue;
            };
            if code == 0 {
                continue;
            }
            let said: String = session.output.iter().filter(|c| c.stream == Stream::Err).map(|c| &*c.text).collect();
            if order.applies {
                self.complaints = Rc::new(complaints(&said));
            }
            // On a wide screen it stands in the terminal, and at its line.
            if !self.terminal_open || browser::media("(max-width: 959px)") {
                self.toast(true, said.trim_end().to_string());
            }
        }
    }

    /// One sentence for those who hear the page: what happened last, and how much.
    fn say(&mut self, leapt: bool) {
        let wall = browser::wall_ms();
        let now = self.player.cluster().now;
        if leapt {
            self.told.said_until = now;
        }
        if wall - self.told.said_at < SAY_MS {
            return;
        }
        let turns = self.player.chronicle().turns_between(self.told.said_until, now);
        let Some(last) = turns.last() else { return };
        let gone = self.text.get("deleted");
        let word = last.how.as_ref().map_or(gone, |h| &h.word);
        let what = format!("{} {}: {word}", last.kind.name(), last.key.name);
        self.told.said = match turns.len() {
            1 => what,
            n => self.text.fill("and-more", &[("what", &what), ("n", &(n - 1).to_string())]),
        };
        self.told.said_until = now;
        self.told.said_at = wall;
    }
}

/// Everything in the terminal: what was typed and what came of it, as far as it is remembered.
fn lines(cluster: &Cluster, asking: Option<&Asking>) -> Vec<Line> {
    let mut lines = Vec::new();
    for (number, session) in cluster.sessions.iter() {
        lines.push(Line { text: session.line.clone(), typed: true });
        let text = session.text();
        // The prompt of a program that asks stands before what is typed.
        let prompt = asking.filter(|asking| asking.session == *number).map_or(0, |asking| asking.prompt.len());
        lines.extend(text[..text.len() - prompt].lines().map(|l| Line { text: l.into(), typed: false }));
    }
    lines
}

/// The latest requests, the oldest first.
fn requests(cluster: &Cluster) -> Vec<RequestRow> {
    let row = |j: &Rc<Journey>| {
        let mut way = String::new();
        let mut service = None;
        for hop in &j.walk.hops {
            way.push_str(&match hop {
                Hop::NodePort { node, port } => format!("→ {node}:{port} "),
                Hop::Service { key, port, .. } => {
                    service = Some((key.namespace.clone(), key.name.clone()));
                    format!("→ Service {}:{port} ", key.name)
                }
                Hop::Ingress { key, rule } => format!("→ Ingress {} {rule} ", key.name),
                Hop::Gateway { key, route, rule } => {
                    let route =
                        route.as_ref().map_or(String::new(), |route| format!("→ HTTPRoute {} {rule} ", route.name));
                    format!("→ Gateway {} {route}", key.name)
                }
                Hop::Policy(gate) => {
                    format!("{} {} ", if gate.allowed { "⊕" } else { "⊘" }, gate.policies.join(", "))
                }
                Hop::Pod { key, node } => format!("→ {} ({node}) ", key.name),
            });
        }
        way.push('→');
        let from = match &j.from {
            Sender::Pod(key) => key.name.to_string(),
            Sender::Outside(name) => name.to_string(),
        };
        RequestRow {
            time: j.time,
            from,
            what: j.what().into(),
            way,
            answer: j.answer.to_string().into(),
            ok: j.answer.is_ok(),
            service,
        }
    };
    cluster.traffic.since(0).map(row).collect()
}

/// The complaints of `kubectl apply`, one each; a list of them under one heading stays together with it.
fn complaints(said: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for line in said.lines().filter(|l| !l.is_empty()) {
        match all.last_mut() {
            Some(last) if line.starts_with("* ") => {
                // Each has its own place, so each is a complaint of its own.
                let heading = last.lines().next().unwrap_or_default().to_string();
                if last.lines().count() == 1 {
                    *last = format!("{heading}\n{line}");
                } else {
                    all.push(format!("{heading}\n{line}"));
                }
            }
            _ => all.push(line.to_string()),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_are_told_apart() {
        let said = "Error from server (NotFound): a\nThe Deployment \"web\" is invalid: \n* spec.a: Required value\n* spec.b: Required value\n";
        let all = complaints(said);
        assert_eq!(all.len(), 3);
        assert_eq!(all[2], "The Deployment \"web\" is invalid: \n* spec.b: Required value");
    }
}
