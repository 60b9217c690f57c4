//! Wall time to virtual time: the only one who knows both. It never holds the page up for longer than a frame allows.

use crate::browser;
use crate::chronicle::Chronicle;
use crate::journal;
use kubarium_lesson::play::{GLANCE, Move, Play};
use kubarium_sim::clock::Time;
use kubarium_sim::cluster::{Actor, Cluster};
use kubarium_sim::command::Command;
use kubarium_sim::history::{Entry, History};
use kubarium_sim::schema::descriptions;
use kubarium_sim::setup::Setup;

/// What somebody who plays may take of a frame, in milliseconds.
const BUDGET_MS: f64 = 3.0;
/// Steps between two looks at the clock.
const STRIDE: u32 = 1;
/// After a pause of the whole page (a hidden tab) time goes on where it was, it does not leap.
const LONGEST_FRAME_MS: f64 = 100.0;
/// While time stands still a command still gets its answer: the most time that may pass for it.
const ANSWER_MS: u64 = 2_000;

/// Speeds in thousandths of real time.
pub const SPEEDS: [u32; 11] = [100, 250, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 1_000_000];
pub const REAL_TIME: usize = 3;

pub struct Player {
    history: History,
    chronicle: Chronicle,
    /// Something in the journal may print the API's descriptions.
    explains: bool,
    pub playing: bool,
    speed: usize,
    /// Where the reader wants to be; time goes there as fast as the budget allows, then stands or plays on.
    target: Option<Time>,
    /// While time stands still: until when a command may still be answered.
    answer_until: Option<Time>,
    /// Virtual milliseconds that were earned but not yet lived.
    earned: f64,
    last_frame: Option<f64>,
}

/// Who looks at the cluster while time passes.
pub type Looks<'a> = &'a mut dyn FnMut(&History);

/// What a frame has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Played {
    /// Time has moved, or something in it.
    pub moved: bool,
    /// Time was set, not lived: nothing travels.
    pub leapt: bool,
}

impl Player {
    pub fn new() -> Player {
        Player::of(History::new(Setup::default().cluster()))
    }

    /// The journal that this tab has kept, up to where it was left; a new cluster if it has kept none.
    pub fn kept() -> Player {
        match journal::kept() {
            Some((entries, end, moment)) => Player::resume(&Setup::default(), entries, end, moment),
            None => Player::new(),
        }
    }

    /// Goes on where this tab has been left, playing or not as it is.
    pub fn take_up(&mut self) {
        *self = Player { playing: self.playing, ..Player::kept() };
    }

    /// Lives a journal again, up to a moment.
    pub fn resume(setup: &Setup, journal: Vec<Entry>, end: Time, moment: Time) -> Player {
        let explains = journal.iter().any(|entry| explains(&entry.command));
        let mut player = Player { explains, ..Player::of(History::replay(setup.cluster(), journal, end)) };
        player.target = Some(moment);
        player
    }

    fn of(history: History) -> Player {
        Player {
            history,
            chronicle: Chronicle::default(),
            explains: false,
            playing: true,
            speed: REAL_TIME,
            target: None,
            answer_until: None,
            earned: 0.0,
            last_frame: None,
        }
    }

    pub fn cluster(&self) -> &Cluster {
        self.history.cluster()
    }

    pub fn history(&self) -> &History {
        &self.history
    }

    pub fn chronicle(&self) -> &Chronicle {
        &self.chronicle
    }

    /// The instant on view, or the one that is being gone to.
    pub fn now(&self) -> Time {
        self.target.unwrap_or(self.history.now())
    }

    /// Whether that instant is not reached yet.
    pub fn seeking(&self) -> bool {
        self.target.is_some()
    }

    pub fn speed(&self) -> usize {
        self.speed
    }

    pub fn set_speed(&mut self, speed: usize) {
        self.speed = speed.min(SPEEDS.len() - 1);
        self.earned = 0.0;
    }

    /// Whether time must stand still, as the descriptions that something prints have not come: a journal is to print the same
    /// whenever it is lived.
    pub fn waits(&self) -> bool {
        self.explains && !descriptions::are_settled()
    }

    pub fn seek(&mut self, time: Time) {
        self.target = Some(time);
        self.earned = 0.0;
        self.answer_until = None;
    }

    /// The next instant at which anybody acts, and the last one before now at which something did.
    pub fn step(&mut self, forward: bool) {
        let now = self.now();
        self.playing = false;
        let next = if forward {
            let user = self.history.journal().iter().map(|e| e.time).find(|t| *t > now);
            let agenda = self.cluster().agenda.iter().map(|(t, _)| t).find(|t| *t > now);
            user.into_iter().chain(agenda).min().unwrap_or(Time(now.0 + 1000))
        } else {
            let turn = self.chronicle.turns_between(Time(0), Time(now.0.saturating_sub(1))).last().map(|t| t.time);
            turn.unwrap_or(Time(0))
        };
        self.seek(next);
    }

    /// The user acts. In the past this begins another future.
    pub fn command(&mut self, command: Command) {
        self.explains |= explains(&command);
        // What is being gone to is where the user believes to be.
        if let Some(target) = self.target.take() {
            self.history.seek(target);
        }
        self.history.command(command);
        let at = self.history.journal().last().map_or(self.history.now(), |e| e.time);
        self.chronicle.forget_after(Time(at.0 - 1));
        if !self.playing {
            self.answer_until = Some(Time(at.0 + ANSWER_MS));
        }
    }

    /// Hands files over, by name and text; gives the line that applies them.
    pub fn hand_over(&mut self, files: impl Iterator<Item = (String, String)>) -> String {
        let mut line = String::from("kubectl apply");
        for (name, text) in files {
            line.push_str(" -f ");
            line.push_str(&name);
            self.command(Command::Write { name: name.into(), text: text.into() });
        }
        line
    }

    /// The user takes the last thing back; `false` if nothing was done up to now.
    pub fn take_back(&mut self) -> bool {
        if let Some(target) = self.target.take() {
            self.history.seek(target);
        }
        if !self.history.take_back() {
            return false;
        }
        let end = self.history.end();
        self.chronicle.forget_after(end);
        self.seek(end);
        true
    }

    /// Lives what somebody plays, as fast as a frame allows; none while he has not come to his end.
    pub fn rush(&mut self, play: &mut Play) -> Option<Move> {
        let start = browser::wall_ms();
        while browser::wall_ms() - start < BUDGET_MS {
            let span = match play.next(self.history.cluster()) {
                Move::Order(command) => {
                    self.explains |= explains(&command);
                    self.history.command(command);
                    if self.waits() {
                        return None;
                    }
                    continue;
                }
                Move::Pass(span) => span,
                end => return Some(end),
            };
            let (until, chronicle) = (self.history.now() + span, &mut self.chronicle);
            while !self.history.run_watched(until, STRIDE, &mut |time, change| chronicle.note(time, change)) {}
            self.chronicle.reached(until);
        }
        None
    }

    /// Back to the future that was left; `false` if there is none.
    pub fn other_future(&mut self) -> bool {
        if !self.history.swap() {
            return false;
        }
        let now = self.history.now();
        self.chronicle.forget_after(Time(now.0.saturating_sub(1)));
        let end = self.history.end();
        self.seek(end);
        true
    }

    /// Lives what this frame may, for so many milliseconds of its time at most. Whoever `looks` sees on the way, however fast it goes, every state that lasts for [`GLANCE`].
    pub fn frame(&mut self, wall_ms: f64, budget_ms: f64, looks: Option<Looks>) -> Played {
        let passed = self.last_frame.map_or(0.0, |last| (wall_ms - last).clamp(0.0, LONGEST_FRAME_MS));
        self.last_frame = Some(wall_ms);
        if let Some(target) = self.target {
            let before = self.history.now();
            self.history.jump(target);
            if self.live(target, budget_ms, None) {
                self.target = None;
            }
            return Played { moved: true, leapt: before != self.history.now() };
        }
        if self.playing {
            self.earned += passed * f64::from(SPEEDS[self.speed]) / 1000.0;
            let whole = self.earned.floor();
            if whole < 1.0 {
                return Played::default();
            }
            let from = self.history.now();
            let reached = self.live(Time(from.0 + whole as u64), budget_ms, looks);
            let lived = (self.history.now().0 - from.0) as f64;
            // What the budget did not allow is not owed: time then runs slower than asked for.
            self.earned = if reached { self.earned - lived } else { 0.0 };
            return Played { moved: true, leapt: false };
        }
        self.answer(budget_ms, looks)
    }

    /// Time stands still, but a command that was just given is carried out and answered.
    fn answer(&mut self, budget_ms: f64, looks: Option<Looks>) -> Played {
        let Some(limit) = self.answer_until else { return Played::default() };
        let due = self.history.journal().last().map_or(Time(0), |e| e.time);
        let begun = self.history.now() >= due;
        let waiting = !begun || self.cluster().agenda.iter().any(|(_, actor)| matches!(actor, Actor::Session(_)));
        if !waiting || self.history.now() >= limit {
            self.answer_until = None;
            return Played { moved: true, leapt: false };
        }
        let next = self.cluster().agenda.next().map_or(limit, |t| t.min(limit));
        self.live(if begun { next.max(Time(self.history.now().0 + 1)) } else { due }, budget_ms, looks);
        Played { moved: true, leapt: false }
    }

    /// Lives up to an instant, as far as the budget allows; whether it was reached.
    fn live(&mut self, until: Time, budget_ms: f64, mut looks: Option<Looks>) -> bool {
        let start = browser::wall_ms();
        let chronicle = &mut self.chronicle;
        let mut seen = None;
        let reached = loop {
            let now = self.history.now();
            let stop = if looks.is_some() { until.min(now + GLANCE) } else { until };
            let there = self.history.run_watched(stop, STRIDE, &mut |time, change| chronicle.note(time, change));
            if let Some(look) = looks.as_mut().filter(|_| there) {
                let sight = Some(sight(self.history.cluster()));
                if seen != sight {
                    (seen, _) = (sight, look(&self.history));
                }
            }
            if there && stop >= until {
                break true;
            }
            if browser::wall_ms() - start >= budget_ms {
                break false;
            }
        };
        let now = self.history.now();
        self.chronicle.reached(if reached { now } else { Time(now.0.saturating_sub(1)) });
        reached
    }
}

/// Whether a command may have to do with `kubectl explain`, as a line or as a script that is written.
fn explains(command: &Command) -> bool {
    match command {
        Command::Run { line } => line.contains("explain"),
        Command::Write { text, .. } => text.contains("explain"),
        _ => false,
    }
}

/// Tells apart two states of one run between which there is something new to see: objects, requests, what was printed.
fn sight(cluster: &Cluster) -> (u64, u64, usize) {
    let printed = cluster.sessions.values().map(|session| session.output.len()).sum();
    (cluster.store.revision(), cluster.traffic.next(), printed)
}
