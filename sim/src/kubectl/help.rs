//! What kubectl says of its own commands: `--help`, `kubectl help`, and what it guesses behind a word that is none.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/cmd.go, pkg/util/templates; github.com/spf13/cobra. Names, one line
//! of each and the usage are kubectl's. Not done: what the pages say beyond that; they name where it stands.

use super::args::options;
use super::{Answer, Context, Fault, OK};

/// Groups, and under them a command a line: its words, what it does and its arguments, divided by tabs.
const TABLE: &str = include_str!("help.txt");
/// The commands below this are in no group of the first page.
const UNLISTED: &str = "Not listed:";
/// Words that people type for a command.
const MEANT: [(&str, &str); 6] =
    [("list", "get"), ("ls", "get"), ("rm", "delete"), ("remove", "delete"), ("inspect", "describe"), ("stats", "top")];
/// Commands that do something themselves though others stand below them.
const ACT: [&str; 3] = ["create", "apply", "cluster-info"];
/// The first lines of the one page that says more there.
const SECRETS: &str = "Create a secret with specified type.

 A docker-registry type secret is for accessing a container registry.

 A generic type secret indicate an Opaque secret type.

 A tls type secret holds TLS certificate and its associated key.";

/// A line of the table.
#[derive(Clone, Copy)]
struct Command {
    words: &'static str,
    about: &'static str,
    arguments: &'static str,
}

impl Command {
    fn read(line: &'static str) -> Option<Command> {
        let (words, rest) = line.split_once('\t')?;
        let (about, arguments) = rest.split_once('\t').unwrap_or((rest, ""));
        Some(Command { words, about, arguments })
    }
    fn is_below(&self, verb: &str) -> bool {
        self.words.rsplit_once(' ').map_or("", |(above, _)| above) == verb
    }
    fn name(&self) -> &'static str {
        self.words.rsplit(' ').next().unwrap_or(self.words)
    }
}

fn commands() -> impl Iterator<Item = Command> {
    TABLE.lines().filter_map(Command::read)
}

/// `--help`, `help`, and kubectl alone.
pub fn run(context: &mut Context, verb: &str) -> Answer {
    let topic = if verb == "help" { context.args.words.join(" ") } else { verb.to_string() };
    let text = if topic.is_empty() {
        first_page()
    } else if topic == "options" {
        options_page()
    } else if commands().any(|command| command.words == topic) {
        page(&topic)
    } else {
        context.err(&format!("Unknown help topic [`{topic}`]\n"));
        first_page()
    };
    context.print(text);
    OK
}

/// Whether a command only holds others.
pub fn only_holds(verb: &str) -> bool {
    !ACT.contains(&verb) && commands().any(|command| command.is_below(verb))
}

/// The words that may follow a command's; none for no command gives the first.
pub fn below(verb: &str) -> Vec<String> {
    commands().filter(|command| command.is_below(verb)).map(|command| command.name().to_string()).collect()
}

/// A command that only holds others, called by itself or with a word that it does not hold.
pub fn holder(context: &mut Context, verb: &str) -> Answer {
    if !context.args.words.is_empty() {
        let words = context.args.words.join(" ");
        return Err(Fault::usage(verb, format!("unknown command {words:?}")));
    }
    match verb {
        "rollout" => context.print(page(verb)),
        _ => context.err(&page(verb)),
    }
    Err(Fault::Code(1))
}

/// What kubectl says of a first word that is no command of its.
pub fn unknown(word: &str) -> String {
    let mut text = format!("unknown command {word:?} for \"kubectl\"");
    let near: Vec<&str> = commands().filter(|c| c.is_below("")).flat_map(|c| guesses(c.name(), word)).collect();
    if !near.is_empty() {
        text += "\n\nDid you mean this?\n";
        near.iter().for_each(|name| text += &format!("\t{name}\n"));
    }
    text
}

/// A command as often as it may be meant by a word.
fn guesses(name: &'static str, word: &str) -> impl Iterator<Item = &'static str> {
    let lower = word.to_lowercase();
    let like = distance(&lower, name) <= 2 || name.starts_with(&lower);
    let meant = MEANT.iter().any(|(other, command)| *command == name && *other == lower);
    [like, meant].into_iter().filter(|yes| *yes).map(move |_| name)
}

/// How many letters must be set, taken away or changed to make one word of another.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.bytes().enumerate() {
            let least = row[j].min(row[j + 1]).min(corner) + 1;
            let cost = if x == y { corner } else { least };
            corner = std::mem::replace(&mut row[j + 1], cost);
        }
    }
    row[b.len()]
}

fn first_page() -> String {
    let mut text = String::from(
        "kubectl controls the Kubernetes cluster manager.\n\n Find more information at: https://kubernetes.io/docs/reference/kubectl/\n",
    );
    let width = commands().filter(|c| c.is_below("")).map(|c| c.words.len()).max().unwrap_or(0);
    for group in TABLE.split('\n').filter(|line| line.ends_with(':') && *line != UNLISTED) {
        if group.starts_with("Other") {
            text += "\nSubcommands provided by plugins:\n";
        }
        text += &format!("\n{group}\n");
        let lines = TABLE.lines().skip_while(|line| *line != group).skip(1).take_while(|line| line.contains('\t'));
        let mut own: Vec<Command> = lines.filter_map(Command::read).filter(|c| c.is_below("")).collect();
        if group.starts_with("Other") {
            own.sort_by_key(|command| command.words);
        }
        own.iter().for_each(|c| text += &format!("  {:width$}   {}\n", c.words, c.about));
    }
    text + "\nUsage:\n  kubectl [flags] [options]\n\nUse \"kubectl <command> --help\" for more information about a given command.\nUse \"kubectl options\" for a list of global command-line options (applies to all commands).\n"
}

fn options_page() -> String {
    format!("The following options can be passed to any command:\n\n{}", options("").join("\n") + "\n")
}

fn page(verb: &str) -> String {
    let Some(command) = commands().find(|command| command.words == verb) else { return first_page() };
    let mut text = if verb == "create secret" { SECRETS.into() } else { format!("{}.", command.about) } + "\n\n";
    let mut below: Vec<Command> = commands().filter(|c| c.is_below(verb)).collect();
    below.sort_by_key(|command| command.words);
    if !below.is_empty() {
        let width = below.iter().map(|c| c.name().len()).max().unwrap_or(0).max(11);
        text += "Available Commands:\n";
        below.iter().for_each(|c| text += &format!("  {:width$}   {}\n", c.name(), c.about));
        text += "\n";
    }
    let options = options(verb);
    if !options.is_empty() && !only_holds(verb) {
        text += &format!("Options:\n{}\n\n", options.join("\n"));
    }
    let arguments = if command.arguments.is_empty() { "" } else { " " };
    text += &format!("Usage:\n  kubectl {verb}{arguments}{} [options]\n\n", command.arguments);
    if !only_holds(verb) {
        let page = verb.replace(' ', "_");
        text += &format!(
            "What each option means: https://kubernetes.io/docs/reference/kubectl/generated/kubectl_{page}/\n"
        );
    }
    if !below.is_empty() {
        text += &format!("Use \"kubectl {verb} <command> --help\" for more information about a given command.\n");
    }
    text + "Use \"kubectl options\" for a list of global command-line options (applies to all commands).\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_are_those_of_kubectl() {
        let said = |word: &str| unknown(word).lines().skip(3).map(|line| line.trim().to_string()).collect::<Vec<_>>();
        assert_eq!(said("gett"), ["set", "get"]);
        assert_eq!(said("rolout"), ["rollout"]);
        assert_eq!(said("rm"), ["run", "delete", "cp"]);
        assert_eq!(said("Desc"), ["describe"]);
        assert_eq!(said("frobnicate"), [""; 0]);
    }

    #[test]
    fn every_command_of_the_table_can_be_read() {
        for command in commands() {
            let argv: Vec<String> = command.words.split(' ').map(str::to_string).collect();
            let args = super::super::args::Args::read(&argv).unwrap_or_else(|why| panic!("{}: {why}", command.words));
            assert_eq!(args.verb, command.words);
        }
    }
}
