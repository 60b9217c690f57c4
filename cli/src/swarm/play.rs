//! A plan is played, and looked at after every step.

use super::plan::Plan;
use super::rules::{self, Seen};
use super::settled::{self, Complaints};
use kubarium_sim::clock::{Span, Time};
use kubarium_sim::cluster::Actor;
use kubarium_sim::command::Command;
use kubarium_sim::dice::mix;
use kubarium_sim::fingerprint;
use kubarium_sim::history::History;
use kubarium_sim::store::Change;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};

/// How long the cluster is left alone at the end.
const QUIET: Span = Span::minutes(16);
/// How often, and how far apart, a complaint must be heard to count.
const LOOKS: u64 = 40;
const BETWEEN: Span = Span(1_700);
/// More steps than this while nobody does anything are a loop that leads nowhere.
const MOST_QUIET_STEPS: u64 = 120_000;
/// So many steps tell who it is that does not rest.
const BUSIEST_OF: u32 = 2_000;
/// At how many moments the run is visited again.
const VISITS: u64 = 3;

/// What was found, and when.
#[derive(Clone, Debug)]
pub struct Violation {
    pub time: Time,
    pub what: String,
}

/// Plays a plan to its end, and then once more by leaps.
pub fn play(plan: &Plan) -> Result<(), Violation> {
    let now = Cell::new(Time(0));
    let played = panic::catch_unwind(AssertUnwindSafe(|| watch(plan, &now)));
    played.unwrap_or_else(|why| {
        let text = why.downcast_ref::<String>().map(String::as_str).or(why.downcast_ref::<&str>().copied());
        Err(Violation { time: now.get(), what: format!("panicked: {}", text.unwrap_or("without a word")) })
    })
}

/// What kubectl shows of the cluster at an instant of a run.
pub fn state(plan: &Plan, time: Time) -> String {
    let shown = panic::catch_unwind(AssertUnwindSafe(|| show(plan, time)));
    shown.unwrap_or_else(|_| "(nothing can be shown)".into())
}

const SHOWN: [&str; 3] = [
    "kubectl get nodes,all,pvc,pv,pdb -A -o wide",
    "kubectl get events -A --sort-by=.lastTimestamp | tail -n 30",
    "kubectl get pods -A -o yaml",
];

fn show(plan: &Plan, time: Time) -> String {
    let mut history = History::new(plan.setup.cluster());
    for act in &plan.acts {
        history.seek((history.now() + act.wait).min(time));
        history.command(act.command.clone());
    }
    history.seek(time);
    let mut text = String::new();
    for line in &SHOWN {
        history.command(Command::Run { line: (*line).into() });
        history.seek(history.now() + Span::secs(2));
        let session = history.cluster().sessions.values().next_back().map(|s| s.text());
        text += &format!("$ {line}\n{}\n", session.unwrap_or_default());
    }
    text
}

fn watch(plan: &Plan, now: &Cell<Time>) -> Result<(), Violation> {
    let mut run = Run { history: History::new(plan.setup.cluster()), steps: 0, now };
    for act in &plan.acts {
        run.until(run.history.now() + act.wait)?;
        run.history.command(act.command.clone());
    }
    let before = run.steps;
    run.until(run.history.now() + QUIET)?;
    if run.steps > before + MOST_QUIET_STEPS {
        let busiest = run.busiest();
        return run.violation(format!("comes to no rest: {busiest}"));
    }
    run.settled()?;
    run.again(plan)
}

struct Run<'a> {
    history: History,
    steps: u64,
    now: &'a Cell<Time>,
}

impl Run<'_> {
    fn violation<T>(&self, what: String) -> Result<T, Violation> {
        Err(Violation { time: self.history.now(), what })
    }

    /// Lets time pass step by step, under the rules.
    fn until(&mut self, time: Time) -> Result<(), Violation> {
        loop {
            let mut changes: Vec<Change> = Vec::new();
            let serial = self.history.cluster().trace.next();
            let done = self.history.run_watched(time, 1, &mut |_, change| changes.push(change.clone()));
            self.now.set(self.history.now());
            self.steps += 1;
            let cluster = self.history.cluster();
            let by = cluster.trace.since(serial).next().map_or("", |act| act.by);
            if let Some(what) = rules::broken(&Seen { cluster, by, changes: &changes }) {
                return self.violation(what);
            }
            if done {
                return Ok(());
            }
        }
    }

    /// Who acts most often now.
    fn busiest(&mut self) -> String {
        let mut looks: BTreeMap<Actor, u32> = BTreeMap::new();
        for _ in 0..BUSIEST_OF {
            let next = self.history.cluster().agenda.iter().next().map(|(time, actor)| (time, actor.clone()));
            let Some((time, actor)) = next else { break };
            *looks.entry(actor).or_default() += 1;
            self.history.run(time, 1);
        }
        looks
            .into_iter()
            .max_by_key(|(_, n)| *n)
            .map_or(String::new(), |(actor, n)| format!("{actor:?}, {n} of {BUSIEST_OF}"))
    }

    /// What is wrong now, and stays so.
    fn settled(&mut self) -> Result<(), Violation> {
        let mut stays: Complaints = settled::complaints(self.history.cluster());
        for _ in 0..LOOKS {
            if stays.is_empty() {
                return Ok(());
            }
            self.until(self.history.now() + BETWEEN)?;
            let found = settled::complaints(self.history.cluster());
            stays.retain(|complaint| found.contains(complaint));
        }
        match stays.into_iter().next() {
            Some(what) => self.violation(what),
            None => Ok(()),
        }
    }

    /// The journal alone leads to the same end, whichever way.
    fn again(&self, plan: &Plan) -> Result<(), Violation> {
        let end = self.history.now();
        let print = fingerprint::of(self.history.cluster());
        let mut again = History::replay(plan.setup.cluster(), self.history.journal().to_vec(), end);
        for n in 0..VISITS {
            again.seek(Time(mix(plan.setup.seed ^ n) % (end.0 + 1)));
        }
        again.seek(end);
        if fingerprint::of(again.cluster()) == print {
            return Ok(());
        }
        self.violation("lived twice, the run ends otherwise".into())
    }
}
