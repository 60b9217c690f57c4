//! Endless loops that ask over the network and sleep: `while sleep 1; do wget -qO- http://web || echo failed; done`. What such
//! a loop does follows from the answers that it gets, and from nothing else: a turn with the same answers is the same turn.

use super::ast::*;
use super::host::*;
use super::interp::{Frame, Interp};
use super::process::*;
use super::rounds::{Asleep, Counts, finds_own, plain_word};
use crate::clock::Time;

/// Programs of which that is true: they look neither at the clock nor at dice nor into files of others.
const PROGRAMS: [&str; 5] = ["sleep", "wget", "curl", "nc", "nslookup"];
/// The same of what the shell itself does.
const BUILTINS: [&str; 4] = [":", "true", "false", "echo"];

impl Processes {
    /// Whether nothing runs here but a shell in such a loop, asleep.
    pub fn asks_round(&mut self, host: &mut dyn Host, now: Time) -> bool {
        self.asks(host, now).is_some()
    }

    fn asks(&mut self, host: &mut dyn Host, now: Time) -> Option<()> {
        let Asleep { interp, sleep: pid, until, .. } = self.asleep()?;
        if until <= now || !interp.functions.is_empty() || !self.answers.is_empty() {
            return None;
        }
        let used = names(interp)?;
        let programs: Vec<&str> = PROGRAMS.into_iter().filter(|name| used.iter().any(|used| used == name)).collect();
        let mut cx = Context { table: self, host, pid, now };
        // Names and servers are looked up in files, and so are devices.
        let own = ["/etc", "/dev"].into_iter().all(|folder| cx.fs().is_own(folder));
        (own && finds_own(&mut cx, &programs)).then_some(())
    }

    /// What a turn counted up that led from `before` to where it began, both asleep.
    pub fn turned(&self, before: &Processes) -> Option<Counts> {
        let (sleep, until) = self.sleep()?;
        let counts = Counts {
            pids: self.last_pid - before.last_pid,
            ids: self.last_id - before.last_id,
            steps: self.steps - before.steps,
            span: until.since(before.sleep()?.1),
        };
        let mut same = before.clone();
        same.left = self.left;
        same.count_up(sleep - counts.pids, &counts, 1)?;
        (same == *self).then_some(counts)
    }

    /// Puts a table that is asleep where it is after so many turns.
    pub fn turn_on(&mut self, counts: &Counts, turns: u64) {
        let sleep = self.sleep().and_then(|(sleep, _)| self.count_up(sleep, counts, turns));
        debug_assert!(sleep.is_some(), "it was asleep when its turn was learnt");
    }

    /// The process that sleeps, and until when.
    fn sleep(&self) -> Option<(Pid, Time)> {
        let (pid, sleeper) = self.list.last_key_value()?;
        if let Wait::Until(until) = sleeper.wait { Some((*pid, until)) } else { None }
    }
}

/// The names of all that a shell runs for ever, if nothing in it is to be expanded, and it is nothing else than what is named
/// above.
fn names(interp: &Interp) -> Option<Vec<String>> {
    let outermost = interp.stack.iter().find_map(|frame| match frame {
        Frame::Loop { command, .. } => Some(command),
        _ => None,
    })?;
    let Command::Compound(Compound::Loop { condition, body, .. }, redirects) = &**outermost else { return None };
    if !redirects.is_empty() || !matches!(interp.stack.last(), Some(Frame::Children { .. })) {
        return None;
    }
    let mut used = Vec::new();
    let items = condition.items.iter().chain(&body.items);
    for item in items {
        for command in item.links.iter().flat_map(|(_, pipeline)| &pipeline.commands) {
            let Command::Simple(simple) = &**command else { return None };
            let words = simple.words.iter().map(plain_word).collect::<Option<Vec<_>>>()?;
            let told = simple.redirects.iter().all(|redirect| {
                let writes =
                    !matches!(redirect.kind, RedirectKind::Read | RedirectKind::ReadWrite | RedirectKind::Here);
                writes && plain_word(&redirect.target).is_some()
            });
            let name = words
                .into_iter()
                .next()
                .filter(|name| PROGRAMS.contains(&name.as_str()) || BUILTINS.contains(&name.as_str()))?;
            if item.background || !told || !simple.assigns.is_empty() {
                return None;
            }
            used.push(name);
        }
    }
    Some(used)
}
