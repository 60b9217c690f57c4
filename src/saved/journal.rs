//! What the user did, as text: a list for each entry, `[TIME, "what", ...]` (docs/link-format.md).

use kubarium_sim::clock::Time;
use kubarium_sim::command::{Command, Fault};
use kubarium_sim::history::Entry;
use kubarium_sim::manifest;
use kubarium_sim::value::Value;

pub fn write(journal: &[Entry]) -> String {
    manifest::write::json(&Value::list(journal.iter().map(write_entry).collect()), 0)
}

/// None if it is not what [`write`] writes.
pub fn read(text: &str) -> Option<Vec<Entry>> {
    let value = manifest::json::parse(text).ok()?;
    value.as_list()?.iter().map(read_entry).collect()
}

pub fn write_entry(entry: &Entry) -> Value {
    let text = |s: &str| Value::from(s);
    let mut words = vec![Value::Int(entry.time.0 as i64)];
    words.extend(match &entry.command {
        Command::Run { line } => vec![text("run"), text(line)],
        Command::Input { session, text: t } => vec![text("input"), Value::Int(i64::from(*session)), text(t)],
        Command::Interrupt { session } => vec![text("interrupt"), Value::Int(i64::from(*session))],
        Command::Write { name, text: t } => vec![text("write"), text(name), text(t)],
        Command::Remove { name } => vec![text("remove"), text(name)],
        Command::Fault { what, node } => vec![text("fault"), text(what.name()), text(node)],
    });
    Value::list(words)
}

pub fn read_entry(value: &Value) -> Option<Entry> {
    let words = value.as_list()?;
    let word = |i: usize| words.get(i).and_then(|w| w.as_str());
    let number = |i: usize| u32::try_from(words.get(i)?.as_int()?).ok();
    let time = Time(u64::try_from(words.first()?.as_int()?).ok()?);
    let command = match word(1)? {
        "run" => Command::Run { line: word(2)?.into() },
        "input" => Command::Input { session: number(2)?, text: word(3)?.into() },
        "interrupt" => Command::Interrupt { session: number(2)? },
        "write" => Command::Write { name: word(2)?.into(), text: word(3)?.into() },
        "remove" => Command::Remove { name: word(2)?.into() },
        "fault" => Command::Fault { what: Fault::named(word(2)?)?, node: word(3)?.into() },
        _ => return None,
    };
    Some(Entry { time, command })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_comes_back_as_it_was() {
        let commands = [
            Command::Write { name: "a.yaml".into(), text: "a: \"x\"\n\t<b> 한글\n".into() },
            Command::Run { line: "kubectl apply -f a.yaml".into() },
            Command::Input { session: 3, text: "echo \"a\"\n\u{4}".into() },
            Command::Interrupt { session: 3 },
            Command::Remove { name: "a.yaml".into() },
            Command::Fault { what: Fault::PowerOff, node: "node-2".into() },
        ];
        let journal: Vec<Entry> =
            commands.into_iter().zip(1..).map(|(command, t)| Entry { time: Time(t), command }).collect();
        assert_eq!(read(&write(&journal)), Some(journal));
        assert_eq!(read("[[1,\"dance\"]]"), None);
        assert_eq!(read("[[-1,\"run\",\"x\"]]"), None);
    }
}
