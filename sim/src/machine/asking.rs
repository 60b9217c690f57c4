//! Loops that ask over the network. Once one of their turns was made for real, the next ones are known: they ask the same, and
//! as long as the same answers come after the same time, nothing of it need be run. Each request goes out at its time and is
//! carried like any other; only who asks is not gone through again. He is put where he is when somebody looks, or when he
//! hears something else.

use super::process::{Body, Process, Running, World};
use crate::clock::{Span, Time};
use crate::shell::{Counts, NetAnswer, NetRequest, Processes, Stream, Ticket, Tree, Volumes};
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// A turn of more requests than this is not learnt.
const LOOKS: usize = 16;

/// What is known of a loop's turns. Nothing depends on it but speed: who compares containers has them made up for before.
#[derive(Clone, Debug, Default)]
pub(super) enum Asking {
    #[default]
    Unknown,
    /// A turn is being made, and looked at.
    Learning(Box<Learning>),
    Known(Box<Known>),
}

impl PartialEq for Asking {
    fn eq(&self, _: &Asking) -> bool {
        true
    }
}
impl Eq for Asking {}
impl Hash for Asking {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// What a look at a container's processes came to, in a turn or on its own.
#[derive(Clone, Debug)]
pub(super) struct Look {
    /// CPU time in microseconds.
    pub micros: u64,
    pub said: Vec<(Stream, Vec<u8>)>,
    /// What was asked, and the answer to it.
    pub asked: Vec<(Ticket, Rc<NetRequest>)>,
    pub heard: Option<NetAnswer>,
    /// When it goes on by itself.
    pub next: Option<Time>,
}

#[derive(Clone, Debug)]
pub(super) struct Learning {
    /// How everything was when the turn began.
    table: Processes,
    upper: Tree,
    volumes: Volumes,
    looks: Vec<(Time, Look)>,
    /// When the answer to the latest request comes.
    due: Option<Time>,
}

/// A turn that was made.
#[derive(Debug)]
struct Turn {
    /// Each with its time; all but the last one ask one thing, and the next one comes with the answer.
    looks: Vec<(Time, Look)>,
    counts: Counts,
    /// What others may change: it was the same in all turns.
    volumes: Volumes,
}

/// Where a container is with turns that are known. Its processes stand where the first of these began.
#[derive(Clone, Debug)]
pub(super) struct Known {
    turn: Rc<Turn>,
    /// Turns that are done, and looks of the present one.
    turns: u64,
    looks: usize,
    /// When the next look is due: the sleep is over, or the answer comes.
    due: Option<Time>,
}

impl Known {
    /// By how much the present turn is later than the one that was learnt.
    fn later(&self) -> Span {
        Span(self.turn.counts.span().0 * (self.turns + 1))
    }
    /// When a look of the present turn is due.
    fn time(&self, look: usize) -> Time {
        self.turn.looks[look].0 + self.later()
    }
    fn ticket(&self, ticket: Ticket) -> Ticket {
        ticket + self.turn.counts.ids() * (self.turns + 1) as Ticket
    }
}

impl Asking {
    /// Somebody touches the processes.
    pub(super) fn forget(&mut self) {
        debug_assert!(!matches!(self, Asking::Known(_)), "who touches a container has it made up for first");
        *self = Asking::Unknown;
    }

    /// Notes what comes back while a turn is learnt.
    pub(super) fn hear(&mut self, ticket: Ticket, answer: &NetAnswer, at: Time) {
        let Asking::Learning(learning) = self else { return };
        let last = learning.looks.last_mut().map(|(_, look)| look);
        match last.filter(|look| look.heard.is_none() && look.asked.iter().any(|(asked, _)| *asked == ticket)) {
            Some(look) => (look.heard, learning.due) = (Some(answer.clone()), Some(at)),
            None => *self = Asking::Unknown,
        }
    }
}

impl Learning {
    /// Takes a further look of the turn; `None`: it is none whose like can be told.
    fn with(mut self: Box<Self>, look: Look, world: &World, now: Time) -> Option<Box<Learning>> {
        let expected = self.due.take() == Some(now) && self.looks.len() < LOOKS && self.volumes == *world.volumes;
        self.looks.push((now, look));
        expected.then_some(self)
    }
}

impl Running {
    /// A loop has fallen asleep: what is known of its next turn, which begins at `begins`.
    fn learnt(&mut self, turn: Option<Box<Learning>>, world: &World, begins: Time) -> Asking {
        let whole = turn.and_then(|turn| {
            let same = self.inside.upper == turn.upper;
            Some((self.table.turned(&turn.table).filter(|_| same)?, turn))
        });
        match whole {
            Some((counts, learning)) => {
                let turn = Rc::new(Turn { looks: learning.looks, counts, volumes: learning.volumes });
                Asking::Known(Box::new(Known { turn, turns: 0, looks: 0, due: Some(begins) }))
            }
            None => Asking::Learning(Box::new(Learning {
                table: self.table.clone(),
                upper: self.inside.upper.clone(),
                volumes: world.volumes.clone(),
                looks: Vec::new(),
                due: Some(begins),
            })),
        }
    }
}

impl Process {
    /// Whether its processes are not where they would be by now: it is a loop that asks.
    pub(super) fn asks(&self) -> bool {
        matches!(&self.body, Body::Processes(running) if matches!(running.asking, Asking::Known(_)))
    }

    /// Makes what can be made of a look that was just had, beside what was known before.
    pub(super) fn learn(&mut self, known: Asking, look: Look, world: &mut World, now: Time) {
        let (Body::Processes(running), Some(next)) = (&mut self.body, self.next) else { return };
        let asks = look.asked.len();
        let turn = if let Asking::Learning(turn) = known { turn.with(look, world, now) } else { None };
        running.asking = match (asks, turn) {
            (0, turn) if running.inside.servers.is_empty() => {
                if !running.with(world, |table, inside| table.asks_round(inside, now)) {
                    return;
                }
                running.learnt(turn, world, next)
            }
            (1, Some(turn)) => Asking::Learning(turn),
            _ => Asking::Unknown,
        };
    }

    /// Makes the look that is due at `now`, if it is known, and nothing has changed around it.
    pub(super) fn ask_on(&mut self, world: &mut World, now: Time) {
        let due = self.next_wake().is_some_and(|at| at <= now);
        let Body::Processes(running) = &mut self.body else { return };
        let Asking::Known(known) = &mut running.asking else { return };
        if !due {
            return;
        }
        if known.due != Some(now) || known.turn.volumes != *world.volumes {
            return self.make_up(world);
        }
        let turn = known.turn.clone();
        let (_, look) = &turn.looks[known.looks];
        world.sent.extend(look.asked.iter().map(|(ticket, request)| (known.ticket(*ticket), request.clone())));
        let later = known.later();
        self.next = look.next.map(|at| at + later);
        (known.looks, known.due) = (known.looks + 1, None);
        if known.looks == turn.looks.len() {
            for (at, look) in &turn.looks {
                self.meter.charge(look.micros, *at + later);
                look.said.iter().for_each(|(stream, bytes)| self.logs.write(*stream, bytes, *at + later));
            }
            (known.turns, known.looks, known.due) = (known.turns + 1, 0, self.next);
        }
    }

    /// Takes an answer that was to be expected. `false`: it is to be delivered to its processes.
    pub(super) fn hears(&mut self, ticket: Ticket, answer: &NetAnswer, at: Time) -> bool {
        let Body::Processes(running) = &mut self.body else { return false };
        let Asking::Known(known) = &mut running.asking else { return false };
        let Some(last) = known.looks.checked_sub(1) else { return false };
        let look = &known.turn.looks[last].1;
        let asked = look.asked.first().is_some_and(|(asked, _)| known.ticket(*asked) == ticket);
        let same = known.due.is_none() && asked && look.heard.as_ref() == Some(answer) && known.time(last + 1) == at;
        if same {
            known.due = Some(at);
            self.next = Some(self.next.map_or(at, |next| next.min(at)));
        }
        same
    }

    /// Puts its processes where they are by now.
    pub(super) fn make_up(&mut self, world: &mut World) {
        let Body::Processes(running) = &mut self.body else { return };
        if !matches!(running.asking, Asking::Known(_)) {
            return;
        }
        let Asking::Known(known) = std::mem::take(&mut running.asking) else { return };
        running.table.turn_on(&known.turn.counts, known.turns);
        let (next, sent) = (self.next, world.sent.len());
        // As they were at these looks: they may have been changed since.
        let volumes = std::mem::replace(world.volumes, known.turn.volumes.clone());
        for look in 0..known.looks {
            self.advance(world, known.time(look));
            // They were sent at their time.
            world.sent.truncate(sent);
            let (_, Look { asked, heard, .. }) = &known.turn.looks[look];
            let came = look + 1 < known.looks || known.due.is_some();
            if let (true, Some((ticket, _)), Some(answer)) = (came, asked.first(), heard) {
                self.deliver(known.ticket(*ticket), answer.clone(), known.time(look + 1), world);
            }
        }
        *world.volumes = volumes;
        debug_assert_eq!(self.next, next, "what was learnt is what it does");
    }
}
