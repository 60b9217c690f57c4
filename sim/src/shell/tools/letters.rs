//! cut and tr: what picks and changes letters.

use super::Options;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cut {
    what: char,
    ranges: Vec<(usize, usize)>,
    delimiter: char,
    only_delimited: bool,
    joined_by: String,
}

pub fn cut(args: &[String], files: &mut Vec<String>) -> Result<Cut, (String, i32)> {
    let options = Options::read(args, "dfcbO");
    *files = options.operands.clone();
    let what = ['f', 'c', 'b'].into_iter().find(|c| options.value(*c).is_some());
    let Some(what) = what else { return Err(("expected a list of bytes, characters, or fields".into(), 1)) };
    let mut ranges = Vec::new();
    for part in options.value(what).unwrap_or_default().split(',') {
        let (low, high) = part.split_once('-').map_or((part, part), |(l, h)| (l, h));
        let low = if low.is_empty() { Some(1) } else { low.parse().ok() };
        let high = if high.is_empty() { Some(usize::MAX) } else { high.parse().ok() };
        match (low, high) {
            (Some(low), Some(high)) if low >= 1 && high >= low => ranges.push((low, high)),
            _ => return Err((format!("invalid range '{part}'"), 1)),
        }
    }
    let delimiter = options.value('d').and_then(|d| d.chars().next()).unwrap_or('\t');
    Ok(Cut { what, ranges, delimiter, only_delimited: options.has('s'), joined_by: delimiter.to_string() })
}

impl Cut {
    pub fn line(&self, line: &str, out: &mut String) {
        let wanted = |i: usize| self.ranges.iter().any(|(low, high)| (*low..=*high).contains(&(i + 1)));
        if self.what != 'f' {
            out.extend(line.chars().enumerate().filter(|(i, _)| wanted(*i)).map(|(_, c)| c));
        } else if line.contains(self.delimiter) {
            let kept = line.split(self.delimiter).enumerate().filter(|(i, _)| wanted(*i)).map(|(_, part)| part);
            out.push_str(&kept.collect::<Vec<_>>().join(&self.joined_by));
        } else if self.only_delimited {
            return;
        } else {
            out.push_str(line);
        }
        out.push('\n');
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Translate {
    from: Vec<char>,
    to: Vec<char>,
    complement: bool,
    delete: bool,
    squeeze: bool,
    last: Option<char>,
}

pub fn translate(args: &[String]) -> Result<Translate, (String, i32)> {
    let options = Options::read(args, "");
    let set = |i: usize| options.operands.get(i).map(|text| letters(text)).unwrap_or_default();
    if options.operands.is_empty() {
        return Err(("missing operand".into(), 1));
    }
    Ok(Translate {
        from: set(0),
        to: set(1),
        complement: options.has('c') || options.has('C'),
        delete: options.has('d'),
        squeeze: options.has('s'),
        last: None,
    })
}

/// The letters that a set of `tr` names: ranges, classes, escapes.
fn letters(text: &str) -> Vec<char> {
    let (text, _) = super::print::unescape(text, false);
    let chars: Vec<char> = text.chars().collect();
    let mut out = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        if chars[i] == '['
            && chars.get(i + 1) == Some(&':')
            && let Some(end) = (i + 2..chars.len()).find(|j| chars[*j] == ':' && chars.get(j + 1) == Some(&']'))
        {
            let name: String = chars[i + 2..end].iter().collect();
            out.extend((0..128_u8).map(char::from).filter(|c| super::super::pattern::in_class(&name, *c)));
            i = end + 2;
            continue;
        }
        if chars.get(i + 1) == Some(&'-') && i + 2 < chars.len() {
            out.extend((chars[i]..=chars[i + 2]).take(70_000));
            i += 3;
        } else {
            out.push(chars[i]);
            i += 1;
        }
    }
    out
}

impl Translate {
    pub fn apply(&mut self, text: &str) -> String {
        let mut out = String::new();
        for c in text.chars() {
            let at = self.from.iter().position(|f| *f == c);
            let hit = at.is_some() != self.complement;
            if self.delete && hit {
                continue;
            }
            let to = match at {
                _ if !hit || self.delete || self.to.is_empty() => c,
                Some(at) => *self.to.get(at).or(self.to.last()).unwrap_or(&c),
                None => *self.to.last().unwrap_or(&c),
            };
            let squeezes = self.squeeze && (hit || self.to.contains(&to)) && self.last == Some(to);
            self.last = Some(to);
            if !squeezes {
                out.push(to);
            }
        }
        out
    }
}
