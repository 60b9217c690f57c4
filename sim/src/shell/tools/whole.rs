//! tail, wc, sort, uniq, tac, base64, checksums: what needs all of its input before it writes.

use super::Options;
use super::dump::{self, Dump};
use super::shape::{self, Shape};
use super::sort::Sort;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Whole {
    TailLines {
        from_start: bool,
        count: usize,
    },
    TailBytes {
        from_start: bool,
        count: usize,
    },
    Count {
        lines: bool,
        words: bool,
        bytes: bool,
        total: [u64; 3],
    },
    Sort(Sort),
    Unique {
        counts: bool,
        repeated: bool,
        single: bool,
    },
    Tac,
    Base64 {
        decode: bool,
        wrap: usize,
    },
    Sum,
    Compare,
    Dump(Dump),
    /// What each file before held.
    Shape(Shape, Vec<String>),
}

pub(super) fn whole(program: &str, args: &[String], files: &mut Vec<String>) -> Option<Whole> {
    match program {
        "od" | "hexdump" => return Some(Whole::Dump(dump::dump(program, args, files))),
        "nl" | "fold" | "paste" => {
            return shape::shape(program, args, files).map(|shape| Whole::Shape(shape, Vec::new()));
        }
        _ => {}
    }
    let options = Options::read(args, if program == "sort" { "kto" } else { "w" });
    *files = options.operands.clone();
    Some(match program {
        "wc" => {
            let any = options.has('l') || options.has('w') || options.has('c') || options.has('m');
            Whole::Count {
                lines: options.has('l') || !any,
                words: options.has('w') || !any,
                bytes: options.has('c') || options.has('m') || !any,
                total: [0; 3],
            }
        }
        "sort" => Whole::Sort(Sort {
            numeric: options.has('n') || options.has('g'),
            human: options.has('h'),
            reverse: options.has('r'),
            unique: options.has('u'),
            check: options.has('c') || options.has('C'),
            output: options.value('o').map(str::to_string),
            fold: options.has('f'),
            version: options.has('V'),
            separator: options.value('t').and_then(|t| t.chars().next()),
            keys: options
                .values('k')
                .map(|key| {
                    let number =
                        |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok();
                    let flags: String = key.chars().filter(|c| c.is_ascii_alphabetic()).collect();
                    let (first, last) = key.split_once(',').map_or((key, None), |(f, l)| (f, Some(l)));
                    (number(first).unwrap_or(1), last.and_then(number), flags)
                })
                .collect(),
        }),
        "uniq" => Whole::Unique { counts: options.has('c'), repeated: options.has('d'), single: options.has('u') },
        "tac" => Whole::Tac,
        "base64" => Whole::Base64 {
            decode: options.has('d'),
            wrap: options.value('w').and_then(|n| n.parse().ok()).unwrap_or(76),
        },
        "md5sum" | "sha256sum" => Whole::Sum,
        "cmp" => Whole::Compare,
        _ => return None,
    })
}

impl Whole {
    /// The end of what was read, as `tail` shows it.
    pub(super) fn tail(&self, bytes: &[u8]) -> Vec<u8> {
        let from = match self {
            Whole::TailLines { from_start: true, count } => {
                bytes.split_inclusive(|b| *b == b'\n').take(count.saturating_sub(1)).map(<[u8]>::len).sum()
            }
            Whole::TailLines { count, .. } => {
                let lines = bytes.split_inclusive(|b| *b == b'\n').count();
                bytes.split_inclusive(|b| *b == b'\n').take(lines.saturating_sub(*count)).map(<[u8]>::len).sum()
            }
            Whole::TailBytes { from_start: true, count } => count.saturating_sub(1),
            Whole::TailBytes { count, .. } => bytes.len().saturating_sub(*count),
            _ => 0,
        };
        bytes[from.min(bytes.len())..].to_vec()
    }
}

pub(super) fn whole_text(what: &Whole, text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let join = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    match what {
        Whole::Tac => join(&lines.into_iter().rev().collect::<Vec<_>>()),
        Whole::Unique { counts, repeated, single } => {
            let mut out = String::new();
            let mut rest = lines.as_slice();
            while let Some(first) = rest.first() {
                let n = rest.iter().take_while(|line| *line == first).count();
                rest = &rest[n..];
                if (*repeated && n == 1) || (*single && n > 1) {
                    continue;
                }
                out.push_str(&if *counts { format!("{n:7} {first}\n") } else { format!("{first}\n") });
            }
            out
        }
        _ => String::new(),
    }
}

/// `alone`: there is only one file.
pub(super) fn count_line(counts: [u64; 3], shown: [bool; 3], name: Option<&str>, gnu: bool, alone: bool) -> String {
    let numbers: Vec<u64> = counts.iter().zip(shown).filter(|(_, shown)| *shown).map(|(n, _)| *n).collect();
    let mut line = match numbers.as_slice() {
        [one] if alone => one.to_string(),
        // GNU makes the columns as wide as the largest number, or 7 for what it cannot know beforehand.
        many if gnu && name.is_some() => {
            let width = counts[2].to_string().len();
            many.iter().map(|n| format!("{n:>width$}")).collect::<Vec<_>>().join(" ")
        }
        many if gnu => many.iter().map(|n| format!("{n:>7}")).collect::<Vec<_>>().join(" "),
        many => many.iter().map(|n| format!("{n:>9}")).collect::<Vec<_>>().join(" "),
    };
    if let Some(name) = name {
        line.push_str(&format!(" {name}"));
    }
    line + "\n"
}
