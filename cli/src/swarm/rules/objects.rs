//! Every object has one life: it does not change who it is, and does not come back.

use super::{Seen, says};
use kubarium_sim::api::job::Job;
use kubarium_sim::api::pod::Pod;
use kubarium_sim::store::Change;

/// A uid, a creation and a deletion stay as they are; versions and generations only grow.
pub fn one_life(_: &Seen, change: &Change) -> Option<String> {
    let (Some(old), Some(new)) = (&change.old, &change.new) else { return None };
    let (a, b) = (&old.meta, &new.meta);
    if a.uid != b.uid || a.creation != b.creation {
        return says(&change.key, "another object in its place");
    }
    if a.deletion.is_some() && b.deletion.is_none() || b.deletion > a.deletion && a.deletion.is_some() {
        return says(&change.key, "its deletion was put off");
    }
    (a.resource_version >= b.resource_version || a.generation > b.generation)
        .then(|| format!("{}: its version went back", change.key))
}

/// A Pod that has ended does not run again; a Job that has finished stays so.
pub fn an_end_is_final(_: &Seen, change: &Change) -> Option<String> {
    let (Some(old), Some(new)) = (&change.old, &change.new) else { return None };
    if let (Some(a), Some(b)) = (old.get::<Pod>(), new.get::<Pod>())
        && a.status.finished()
        && a.status.phase != b.status.phase
    {
        return says(&change.key, format!("was {} and is {}", a.status.phase, b.status.phase));
    }
    let ended = |job: &Job| job.status.finished().map(|c| c.kind.clone());
    let (a, b) = (old.get::<Job>()?, new.get::<Job>()?);
    (ended(a).is_some() && ended(a) != ended(b)).then(|| format!("Job {}: its end was taken back", change.key))
}

/// Restarts, and the Pods that a Job counts, are never forgotten.
pub fn counts_only_grow(_: &Seen, change: &Change) -> Option<String> {
    let (Some(old), Some(new)) = (&change.old, &change.new) else { return None };
    if let (Some(a), Some(b)) = (old.get::<Pod>(), new.get::<Pod>()) {
        for (a, b) in a.status.container_statuses.iter().zip(&b.status.container_statuses) {
            if a.name == b.name && a.restart_count > b.restart_count {
                return says(&change.key, format!("{} restarts became {}", a.restart_count, b.restart_count));
            }
        }
        return None;
    }
    let (a, b) = (old.get::<Job>()?, new.get::<Job>()?);
    let indexed = &*a.spec.completion_mode == "Indexed";
    let fewer = a.status.failed > b.status.failed || !indexed && a.status.succeeded > b.status.succeeded;
    fewer.then(|| format!("Job {}: it counts fewer ends than before", change.key))
}
