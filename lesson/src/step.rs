//! What is done, a line each: the language of a scene's `steps.txt` and of a lesson's `console` blocks.

use kubarium_sim::clock::Span;
use kubarium_sim::command::{Command, Fault};
use kubarium_sim::kubectl::time;
use std::rc::Rc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// `$ LINE`: a command line is typed.
    Type(Rc<str>),
    /// `wait 20s`: since the last command ended.
    Wait(Span),
    /// `until 1m30s`: since the scene's start.
    Until(Span),
    /// `fault power-off node-2`: something befalls a node or a part of the control plane.
    Befall { what: Fault, place: Rc<str> },
}

impl Step {
    /// The step of a line; none for an empty line and a comment.
    ///
    /// # Errors
    /// What is wrong with the line.
    pub fn read(line: &str) -> Result<Option<Step>, String> {
        let line = line.trim_end();
        if line.is_empty() || line.starts_with('#') {
            return Ok(None);
        }
        let step = match line.split_once(' ') {
            Some(("$", command)) => Step::Type(command.into()),
            Some(("wait", span)) => Step::Wait(span_of(span)?),
            Some(("until", span)) => Step::Until(span_of(span)?),
            Some(("fault", fault)) => {
                let (what, place) = fault.split_once(' ').ok_or_else(|| format!("no such step: {line}"))?;
                let what = Fault::named(what).ok_or_else(|| format!("no such fault: {what}"))?;
                Step::Befall { what, place: place.into() }
            }
            _ => return Err(format!("no such step: {line}")),
        };
        Ok(Some(step))
    }

    /// What it orders of the cluster; none if it only lets time pass.
    pub fn command(&self) -> Option<Command> {
        match self {
            Step::Type(line) => Some(Command::Run { line: line.clone() }),
            Step::Befall { what, place } => Some(Command::Fault { what: *what, node: place.clone() }),
            Step::Wait(_) | Step::Until(_) => None,
        }
    }
}

/// `20s`, `1m30s`, `2.5s`.
fn span_of(text: &str) -> Result<Span, String> {
    let millis = time::parse(text.trim()).and_then(|millis| u64::try_from(millis).ok());
    millis.map(Span).ok_or_else(|| format!("no length of time: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_steps() {
        let check = |line: &str, expect: Result<Option<Step>, &str>| {
            assert_eq!(Step::read(line), expect.map_err(str::to_string), "{line}");
        };
        check("", Ok(None));
        check("# what this shows", Ok(None));
        check("$ kubectl get pods ", Ok(Some(Step::Type("kubectl get pods".into()))));
        check("wait 1m30s", Ok(Some(Step::Wait(Span(90_000)))));
        check("until 2.5s", Ok(Some(Step::Until(Span(2_500)))));
        check("fault cut node-2", Ok(Some(Step::Befall { what: Fault::Cut, place: "node-2".into() })));
        check("fault melt node-2", Err("no such fault: melt"));
        check("wait long", Err("no length of time: long"));
        check("kubectl get pods", Err("no such step: kubectl get pods"));
    }
}
