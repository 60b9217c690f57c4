//! od and hexdump: bytes as numbers.

use super::Options;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Dump {
    style: Style,
    /// The place at the beginning of each line: none, octal or hexadecimal, in so many digits.
    place: Option<(u32, usize)>,
    most: usize,
    /// Lines alike are shown once.
    all: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Style {
    /// `od -c`.
    Letters,
    /// Numbers of so many bytes, in this base: `x`, `o`, `d` or `u`.
    Numbers(usize, char),
    /// `hexdump -C`.
    Canonical,
    /// `hexdump` alone.
    Words,
}

pub(super) fn dump(program: &str, args: &[String], files: &mut Vec<String>) -> Dump {
    let options = Options::read(args, if program == "od" { "AtNjwS" } else { "nse" });
    *files = options.operands.clone();
    let count = |letter: char| options.value(letter).and_then(|n| n.parse::<usize>().ok());
    if program == "hexdump" {
        let style = if options.has('C') { Style::Canonical } else { Style::Words };
        let digits = if style == Style::Canonical { 8 } else { 7 };
        return Dump {
            style,
            place: Some((16, digits)),
            most: count('n').unwrap_or(usize::MAX),
            all: options.has('v'),
        };
    }
    let style = match options.value('t') {
        Some("c") => Style::Letters,
        Some(kind) => {
            let base = kind.chars().next().filter(|c| "xodu".contains(*c)).unwrap_or('o');
            Style::Numbers(
                kind[1.min(kind.len())..].parse().ok().filter(|n| matches!(n, 1 | 2 | 4 | 8)).unwrap_or(4),
                base,
            )
        }
        None if options.has('c') => Style::Letters,
        None if options.has('x') => Style::Numbers(2, 'x'),
        None if options.has('d') => Style::Numbers(2, 'u'),
        None if options.has('i') => Style::Numbers(4, 'd'),
        None if options.has('b') => Style::Numbers(1, 'o'),
        None => Style::Numbers(2, 'o'),
    };
    let place = match options.value('A') {
        Some("n") => None,
        Some("x") => Some((16, 6)),
        Some("d") => Some((10, 7)),
        _ => Some((8, 7)),
    };
    Dump { style, place, most: count('N').unwrap_or(usize::MAX), all: options.has('v') }
}

impl Dump {
    pub(super) fn text(&self, bytes: &[u8]) -> String {
        let bytes = &bytes[..bytes.len().min(self.most)];
        let mut out = String::new();
        let mut before: Option<&[u8]> = None;
        let mut starred = false;
        for (i, line) in bytes.chunks(16).enumerate() {
            if !self.all && line.len() == 16 && before == Some(line) {
                out.push_str(if starred { "" } else { "*\n" });
                starred = true;
                continue;
            }
            (before, starred) = (Some(line), false);
            out.push_str(&self.at(i * 16));
            out.push_str(&self.line(line));
            out.push('\n');
        }
        // hexdump says nothing of nothing.
        if self.place.is_some() && !(bytes.is_empty() && matches!(self.style, Style::Canonical | Style::Words)) {
            out.push_str(&self.at(bytes.len()));
            out.push('\n');
        }
        out
    }

    fn at(&self, place: usize) -> String {
        match self.place {
            Some((16, digits)) => format!("{place:0digits$x}"),
            Some((10, digits)) => format!("{place:0digits$}"),
            Some((_, digits)) => format!("{place:0digits$o}"),
            None => String::new(),
        }
    }

    fn line(&self, line: &[u8]) -> String {
        match self.style {
            Style::Letters => line.iter().map(|byte| format!("{:>4}", letter(*byte))).collect(),
            Style::Numbers(size, base) => line.chunks(size).map(|chunk| number(chunk, size, base)).collect(),
            Style::Words => {
                let words: String = line.chunks(2).map(|chunk| number(chunk, 2, 'x')).collect();
                format!("{words:<40}")
            }
            Style::Canonical => {
                let hex: Vec<String> =
                    line.chunks(8).map(|half| half.iter().map(|b| format!(" {b:02x}")).collect()).collect();
                let shown = |b: &u8| if (32..127).contains(b) { char::from(*b) } else { '.' };
                let text: String = line.iter().map(shown).collect();
                format!(" {:<50} |{text}|", hex.join(" "))
            }
        }
    }
}

fn letter(byte: u8) -> String {
    match byte {
        0 => "\\0".into(),
        7 => "\\a".into(),
        8 => "\\b".into(),
        9 => "\\t".into(),
        10 => "\\n".into(),
        11 => "\\v".into(),
        12 => "\\f".into(),
        13 => "\\r".into(),
        32..=126 => char::from(byte).to_string(),
        _ => format!("{byte:03o}"),
    }
}

/// The machine's lowest byte comes first.
fn number(chunk: &[u8], size: usize, base: char) -> String {
    let value = chunk.iter().rev().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    match base {
        'x' => format!(" {value:0width$x}", width = size * 2),
        'o' => format!(" {value:0width$o}", width = (size * 8).div_ceil(3)),
        'u' => format!(" {value:>width$}", width = [3, 5, 10, 20][size.ilog2() as usize]),
        _ => {
            let unused = 64 - size as u32 * 8;
            let signed = (value << unused) as i64 >> unused;
            format!(" {signed:>width$}", width = [4, 6, 11, 20][size.ilog2() as usize])
        }
    }
}
