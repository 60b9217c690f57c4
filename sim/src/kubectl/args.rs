//! The flags of every verb as one table, and how a command line is read by it.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd, github.com/spf13/pflag

use super::{help, time};
use std::num::IntErrorKind;

/// What a command line says.
#[derive(Clone, Debug, Default)]
pub struct Args {
    /// The verb: `get`, `rollout status`, `create secret generic`.
    pub verb: String,
    /// The words that are no flags.
    pub words: Vec<String>,
    /// What stands behind `--`.
    pub after: Option<Vec<String>>,
    flags: Vec<(String, String)>,
}

/// The flags of each verb, a verb a line, divided by a tab; of none, those that every verb takes; `+NAME` takes in a group.
/// A flag may have a short form (`/x`) and be followed by what it takes: a text (`=`), a whole number (`#`), a length of
/// time (`@`), a text if it does not stand alone (`?`). `-` before it: it is out of use, and not listed.
const TABLE: &str = include_str!("flags.txt");

/// What is said of flags that are out of use.
const OUT_OF_USE: [(&str, &str); 4] = [
    ("record", "--record will be removed in the future"),
    (
        "cpu-percent",
        "Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU).",
    ),
    (
        "enable-managedby-label",
        "The flag `enable-managedby-label` has been deprecated. Use the `managedByLabel` option in the `buildMetadata` field instead.",
    ),
    ("reorder", "use the new 'sortOptions' field in kustomization.yaml instead."),
];

/// The verbs, each with its flags.
fn verbs() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.lines().filter_map(|line| line.split_once('\t'))
}

impl Args {
    /// Reads the words after `kubectl`.
    ///
    /// # Errors
    /// kubectl's own words about a verb or flag that it does not have.
    pub fn read(argv: &[String]) -> Result<Args, String> {
        let mut args = Args { verb: verb(argv), ..Args::default() };
        if let ("", Some(word)) = (args.verb.as_str(), plain_words(argv).first()) {
            return Err(help::unknown(word));
        }
        let table = flags_of(&args.verb);
        let mut left = args.verb.split_whitespace().count();
        let mut rest = argv.iter();
        while let Some(word) = rest.next() {
            if word == "--" {
                args.after = Some(rest.cloned().collect());
                break;
            }
            let verb = args.verb.clone();
            let path = if verb.is_empty() { "kubectl".to_string() } else { format!("kubectl {verb}") };
            let usage = |text: String| format!("{text}\nSee '{path} --help' for usage.");
            if let Some(long) = word.strip_prefix("--") {
                let (name, value) = long.split_once('=').map_or((long, None), |(n, v)| (n, Some(v.to_string())));
                let flag =
                    table.iter().find(|f| f.name == name).ok_or_else(|| usage(format!("unknown flag: --{name}")))?;
                let value = match value {
                    Some(value) => value,
                    None if flag.valued() => {
                        rest.next().cloned().ok_or_else(|| usage(format!("flag needs an argument: --{name}")))?
                    }
                    None => "true".into(),
                };
                args.flags.push((name.into(), flag.checked(value).map_err(usage)?));
            } else if word.len() > 1 && word.starts_with('-') {
                args.short(&table, &word[1..], &mut rest).map_err(usage)?;
            } else if left > 0 {
                left -= 1;
            } else {
                args.words.push(word.clone());
            }
        }
        Ok(args)
    }

    /// A group of short flags: `-it`, `-n web`, `-nweb`, `-o=wide`.
    fn short(&mut self, table: &[Flag], group: &str, rest: &mut std::slice::Iter<String>) -> Result<(), String> {
        for (i, letter) in group.char_indices() {
            let unknown = || format!("unknown shorthand flag: '{letter}' in -{group}");
            let flag = table.iter().find(|f| f.short == Some(letter)).ok_or_else(unknown)?;
            let tail = &group[i + letter.len_utf8()..];
            if flag.valued() {
                let value = match tail {
                    "" => {
                        rest.next().cloned().ok_or_else(|| format!("flag needs an argument: '{letter}' in -{group}"))?
                    }
                    _ => tail.strip_prefix('=').unwrap_or(tail).to_string(),
                };
                self.flags.push((flag.name.into(), flag.checked(value)?));
                return Ok(());
            }
            if let Some(value) = tail.strip_prefix('=') {
                self.flags.push((flag.name.into(), flag.checked(value.into())?));
                return Ok(());
            }
            self.flags.push((flag.name.into(), "true".into()));
        }
        Ok(())
    }

    /// The value of a flag; the last one counts.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.flags.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
    /// Every value of a flag that may stand more than once.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.flags.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }
    /// Every value of a flag that takes a list, cut at commas.
    pub fn list(&self, name: &str) -> Vec<&str> {
        self.all(name).flat_map(|v| v.split(',')).filter(|v| !v.is_empty()).collect()
    }
    /// The whole line as `--record` notes it: the words, then the flags.
    pub fn line(&self) -> String {
        let words = self.words.iter().chain(self.after.iter().flatten()).map(|word| format!(" {word}"));
        let flags = self.flags.iter().map(|(name, value)| format!(" --{name}={value}"));
        format!("kubectl {}{}", self.verb, words.chain(flags).collect::<String>())
    }
    /// What kubectl says first of flags that are out of use.
    pub fn deprecations(&self) -> Vec<String> {
        let said = self.flags.iter().filter_map(|(name, _)| OUT_OF_USE.iter().find(|(old, _)| old == name));
        said.map(|(name, why)| format!("Flag --{name} has been deprecated, {why}")).collect()
    }
    /// Whether files name the objects: `-f` or `-k`.
    pub fn has_files(&self) -> bool {
        self.get("filename").is_some() || self.get("kustomize").is_some()
    }
    /// Whether a flag is on.
    pub fn is(&self, name: &str) -> bool {
        self.get(name).is_some_and(|v| v != "false")
    }
    /// The value of a flag that every verb takes, unless this one means something else by it.
    pub fn general(&self, name: &str) -> Option<&str> {
        let value = self.get(name)?;
        let mut own = of(&self.verb).split(' ');
        let is_own = own.any(|flag| flag.trim_end_matches(['=', '?']) == name);
        if is_own { None } else { Some(value) }
    }
    /// Whether a flag was turned off by `=false`.
    pub fn off(&self, name: &str) -> bool {
        self.get(name) == Some("false")
    }
}

struct Flag {
    name: &'static str,
    short: Option<char>,
    takes: Takes,
    /// Out of use.
    old: bool,
}

/// What a flag takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// Nothing: it is on or off.
    Nothing,
    /// A text, or nothing.
    Maybe,
    Text,
    Number,
    Time,
}

impl Flag {
    /// Whether the next word is its value.
    fn valued(&self) -> bool {
        !matches!(self.takes, Takes::Nothing | Takes::Maybe)
    }

    /// The value as its type has it.
    ///
    /// # Errors
    /// It is none of that type.
    fn checked(&self, value: String) -> Result<String, String> {
        let why = if self.takes == Takes::Nothing {
            match value.as_str() {
                "1" | "t" | "T" | "TRUE" | "true" | "True" => return Ok("true".into()),
                "0" | "f" | "F" | "FALSE" | "false" | "False" => return Ok("false".into()),
                _ => format!("strconv.ParseBool: parsing {value:?}: invalid syntax"),
            }
        } else if self.takes == Takes::Number {
            match value.parse::<i64>().map_err(|why| *why.kind()) {
                Ok(_) => return Ok(value),
                Err(IntErrorKind::PosOverflow | IntErrorKind::NegOverflow) => {
                    format!("strconv.ParseInt: parsing {value:?}: value out of range")
                }
                Err(_) => format!("strconv.ParseInt: parsing {value:?}: invalid syntax"),
            }
        } else if self.takes == Takes::Time && time::parse(&value).is_none() {
            match value.chars().all(|c| c.is_ascii_digit()) && !value.is_empty() {
                true => format!("time: missing unit in duration {value:?}"),
                false => format!("time: invalid duration {value:?}"),
            }
        } else {
            return Ok(value);
        };
        let short = self.short.map_or(String::new(), |short| format!("-{short}, "));
        Err(format!("invalid argument {value:?} for \"{short}--{}\" flag: {why}", self.name))
    }
}

/// Other names of verbs.
const ALIASES: &[(&str, &str)] = &[
    ("create cm", "create configmap"),
    ("create ns", "create namespace"),
    ("create sa", "create serviceaccount"),
    ("create deploy", "create deployment"),
    ("create pdb", "create poddisruptionbudget"),
    ("create ing", "create ingress"),
    ("create svc", "create service"),
    ("create cj", "create cronjob"),
    ("create pc", "create priorityclass"),
    ("create resourcequota", "create quota"),
    ("top pods", "top pod"),
    ("top po", "top pod"),
    ("top nodes", "top node"),
    ("top no", "top node"),
    ("set sa", "set serviceaccount"),
    ("create service nodeports", "create service nodeport"),
];

/// The verb that the first words name, with its parts.
pub fn verb(argv: &[String]) -> String {
    let words = plain_words(argv);
    let mut verb = String::new();
    for word in words.iter().take(3) {
        let longer = if verb.is_empty() { word.to_string() } else { format!("{verb} {word}") };
        let longer = ALIASES.iter().find(|(a, _)| *a == longer).map_or(longer, |(_, v)| v.to_string());
        let begins = verbs().any(|(v, _)| *v == longer || v.strip_prefix(&longer).is_some_and(|r| r.starts_with(' ')));
        if !begins {
            break;
        }
        verb = longer;
    }
    verb
}

/// The words that are neither flags nor values of global flags.
fn plain_words(argv: &[String]) -> Vec<&str> {
    let (mut out, mut skip) = (vec![], false);
    for word in argv {
        if word == "--" {
            break;
        }
        if std::mem::take(&mut skip) {
            continue;
        }
        if word.starts_with('-') {
            let globals = parse(of(""));
            let name = word.trim_start_matches('-');
            skip = globals.iter().any(|f| {
                f.valued()
                    && (f.name == name && word.starts_with("--")
                        || word.len() == 2 && f.short.is_some_and(|s| word.ends_with(s)))
            });
            continue;
        }
        out.push(word.as_str());
    }
    out
}

/// A verb's line of the table.
fn of(verb: &str) -> &'static str {
    verbs().find(|(v, _)| *v == verb).map_or("", |(_, flags)| flags)
}

/// The flags of a verb, the global ones last.
fn flags_of(verb: &str) -> Vec<Flag> {
    let mut flags = parse(of(verb));
    flags.extend(parse(of("")));
    flags
}

/// The name of a flag that stands alone and takes the next word as its value.
pub fn valued(verb: &str, word: &str) -> Option<&'static str> {
    let long = word.strip_prefix("--");
    let short =
        word.strip_prefix('-').filter(|letters| !letters.starts_with('-')).and_then(|letters| letters.chars().last());
    let fits = |flag: &Flag| flag.valued() && (long == Some(flag.name) || short.is_some() && flag.short == short);
    flags_of(verb).into_iter().find(fits).map(|flag| flag.name)
}

/// The flags of a verb as its page lists them; the global ones for no verb.
pub fn options(verb: &str) -> Vec<String> {
    let mut flags = parse(of(verb));
    flags.retain(|flag| !flag.old);
    flags.sort_by_key(|flag| flag.name);
    let line = |flag: &Flag| match flag.short {
        Some(short) => format!("    -{short}, --{}", flag.name),
        None => format!("        --{}", flag.name),
    };
    flags.iter().map(line).collect()
}

fn parse(text: &'static str) -> Vec<Flag> {
    let mut out = vec![];
    for word in text.split_whitespace() {
        if word.starts_with('+') {
            out.extend(parse(of(word)));
            continue;
        }
        let takes = match word.chars().last() {
            Some('=') => Takes::Text,
            Some('#') => Takes::Number,
            Some('@') => Takes::Time,
            Some('?') => Takes::Maybe,
            _ => Takes::Nothing,
        };
        let name = word.trim_start_matches('-').trim_end_matches(['=', '#', '@', '?']);
        let (name, short) = name.split_once('/').map_or((name, None), |(n, s)| (n, s.chars().next()));
        out.push(Flag { name, short, takes, old: word.starts_with('-') });
    }
    out
}
