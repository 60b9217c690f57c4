//! nl, paste, fold and the texts of several files beside each other: how lines stand.

use super::Options;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Shape {
    /// Whether empty lines are counted as well.
    Number {
        all: bool,
    },
    Fold {
        width: usize,
        spaces: bool,
    },
    /// The delimiters in turn; each file as a line of its own.
    Paste {
        between: Vec<String>,
        serial: bool,
    },
}

pub(super) fn shape(program: &str, args: &[String], files: &mut Vec<String>) -> Option<Shape> {
    // `-sd,`: the value may follow other letters.
    let options = Options::read(
        args,
        match program {
            "nl" => "bwsvifhln",
            "fold" => "w",
            _ => "d",
        },
    );
    *files = options.operands.clone();
    Some(match program {
        "nl" => Shape::Number { all: options.value('b') == Some("a") },
        "fold" => Shape::Fold {
            width: options.value('w').and_then(|n| n.parse().ok()).filter(|n| *n > 0).unwrap_or(80),
            spaces: options.has('s'),
        },
        "paste" => {
            let (given, _) = super::print::unescape(options.value('d').unwrap_or("\t"), false);
            let between = match given.is_empty() {
                true => vec![String::new()],
                false => given.chars().map(|c| if c == '\0' { String::new() } else { c.to_string() }).collect(),
            };
            Shape::Paste { between, serial: options.has('s') }
        }
        _ => return None,
    })
}

impl Shape {
    /// What is written for the texts of the files; a file that is named again goes on where it stopped.
    pub(super) fn text(&self, texts: &[String], files: &[String]) -> String {
        match self {
            Shape::Number { all } => numbered(&texts.concat(), *all),
            Shape::Fold { width, spaces } => {
                texts.concat().split_inclusive('\n').map(|line| folded(line, *width, *spaces)).collect()
            }
            Shape::Paste { between, serial: true } => {
                let line = |text: &String| joined(&text.lines().collect::<Vec<_>>(), between) + "\n";
                texts.iter().map(line).collect()
            }
            Shape::Paste { between, serial: false } => {
                let mut lines: Vec<_> = texts.iter().map(|text| text.lines()).collect();
                // Every `-` takes from the first one's.
                let source =
                    |i: usize| if files[i] == "-" { files.iter().position(|f| f == "-").unwrap_or(i) } else { i };
                let mut out = String::new();
                loop {
                    let row: Vec<Option<&str>> = (0..lines.len()).map(|i| lines[source(i)].next()).collect();
                    if row.iter().all(Option::is_none) {
                        return out;
                    }
                    let row: Vec<&str> = row.into_iter().map(Option::unwrap_or_default).collect();
                    out.push_str(&joined(&row, between));
                    out.push('\n');
                }
            }
        }
    }
}

fn joined(parts: &[&str], between: &[String]) -> String {
    let mut out = String::new();
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            out.push_str(&between[(i - 1) % between.len()]);
        }
        out.push_str(part);
    }
    out
}

fn numbered(text: &str, all: bool) -> String {
    let mut n = 0;
    let mut line = |line: &str| {
        if line.is_empty() && !all {
            return "       \n".into();
        }
        n += 1;
        format!("{n:6}\t{line}\n")
    };
    text.lines().map(&mut line).collect()
}

/// `spaces`: broken after the last blank that fits.
fn folded(line: &str, width: usize, spaces: bool) -> String {
    let (body, end) = line.strip_suffix('\n').map_or((line, ""), |body| (body, "\n"));
    let mut rest: Vec<char> = body.chars().collect();
    let mut out = String::new();
    while rest.len() > width {
        let blank = rest[..width].iter().rposition(|c| *c == ' ').filter(|_| spaces);
        let tail = rest.split_off(blank.map_or(width, |at| at + 1));
        out.extend(rest.iter());
        out.push('\n');
        rest = tail;
    }
    out.extend(rest);
    out + end
}
