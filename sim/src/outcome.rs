//! What an actor wants after it has looked: requests, events, and to look again.

use crate::apiserver::events::Note;
use crate::apiserver::{Request, Status};
use crate::clock::Time;
use crate::cluster::Actor;
use crate::plane::{Fault, Machinery};
use std::rc::Rc;
use std::vec::IntoIter;

/// What an actor wants done, in this order. If a request is refused, what follows it is left undone, and the actor
/// is asked what it makes of the refusal.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub deeds: Vec<Deed>,
    /// Is asked for at the end, also if something before was refused.
    pub last: Option<Request>,
    /// When to look again, whatever happens till then.
    pub look_again: Option<Time>,
}

#[derive(Clone, Debug)]
pub enum Deed {
    Request(Request),
    /// Asks for all of these; if any is refused, what follows is left undone.
    Batch(Vec<Making>),
    Event(Note),
    /// What the user of a terminal does to a node or a part of the cluster.
    Befall(Fault, Rc<str>),
    /// The machines that he brings and takes away.
    Machinery(Machinery),
}

/// A request of a batch, and what is said when it is done: the object's name completes the message.
#[derive(Clone, Debug)]
pub struct Making {
    pub request: Request,
    pub note: Option<Note>,
}

impl Outcome {
    pub fn nothing() -> Outcome {
        Outcome::default()
    }
    pub fn request(&mut self, request: Request) {
        self.deeds.push(Deed::Request(request));
    }
    pub fn batch(&mut self, batch: Vec<Making>) {
        self.deeds.push(Deed::Batch(batch));
    }
    pub fn event(&mut self, note: Note) {
        self.deeds.push(Deed::Event(note));
    }
    /// Asks to look again at `time`; the earliest wish counts.
    pub fn again_at(&mut self, time: Time) {
        self.look_again = Some(self.look_again.map_or(time, |t| t.min(time)));
    }
}

impl From<Request> for Outcome {
    fn from(request: Request) -> Outcome {
        Outcome { deeds: vec![Deed::Request(request)], ..Outcome::default() }
    }
}

/// What is left to be done of what an actor wants.
#[derive(Clone, Debug)]
pub struct Errand {
    pub actor: Actor,
    /// The requests that are made whatever becomes of each other.
    pub batch: IntoIter<Making>,
    /// Those of them that were refused. Of all actors only controllers make anything of a refusal.
    pub refusals: Vec<(Option<Request>, Status)>,
    pub deeds: IntoIter<Deed>,
    pub last: Option<Request>,
    /// Nothing was refused so far.
    pub well: bool,
}

impl Errand {
    pub fn new(actor: Actor, outcome: Outcome) -> Errand {
        let Outcome { deeds, last, .. } = outcome;
        Errand { actor, batch: Vec::new().into_iter(), refusals: vec![], deeds: deeds.into_iter(), last, well: true }
    }
}
