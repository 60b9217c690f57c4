//! The journal as it is kept for as long as the tab: what was done survives a reload, and a fault of ours.

use crate::desk;
use kubarium::saved::journal;
use kubarium_sim::clock::Time;
use kubarium_sim::history::{Entry, History};

pub fn keep(history: &History) {
    desk::keep("journal", &journal::write(history.journal()));
    keep_moment(history);
}

/// Where one is, and how far it had come.
pub fn keep_moment(history: &History) {
    desk::keep("moment", &format!("{} {}", history.now().0, history.end().0));
}

pub fn forget() {
    desk::forget("journal");
    desk::forget("moment");
}

pub fn is_kept() -> bool {
    desk::kept("journal").is_some()
}

/// The journal that was kept, how far it had come, and where one was.
pub fn kept() -> Option<(Vec<Entry>, Time, Time)> {
    let entries = journal::read(&desk::kept("journal")?)?;
    let moment = desk::kept("moment")?;
    let (now, end) = moment.split_once(' ')?;
    Some((entries, Time(end.parse().ok()?), Time(now.parse().ok()?)))
}
