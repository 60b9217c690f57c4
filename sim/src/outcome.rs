//! What an actor wants after it has looked: requests, events, and to look again.

use crate::apiserver::Request;
use crate::apiserver::events::Note;
use crate::clock::Time;
use crate::plane::Fault;
use std::rc::Rc;

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
