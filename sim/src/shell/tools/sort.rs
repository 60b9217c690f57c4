//! sort.

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sort {
    pub numeric: bool,
    pub human: bool,
    pub reverse: bool,
    pub unique: bool,
    /// Only whether the lines are in order is told.
    pub check: bool,
    pub output: Option<String>,
    pub fold: bool,
    pub version: bool,
    /// First and last field, from 1, with their own flags.
    pub keys: Vec<(usize, Option<usize>, String)>,
    pub separator: Option<char>,
}

impl Sort {
    pub fn sorted<'t>(&self, mut lines: Vec<&'t str>) -> Vec<&'t str> {
        lines.sort_by(|a, b| {
            let order = self.compare(a, b);
            let order = if order.is_eq() && !self.unique { a.cmp(b) } else { order };
            if self.reverse { order.reverse() } else { order }
        });
        if self.unique {
            lines.dedup_by(|a, b| self.compare(a, b).is_eq());
        }
        lines
    }

    /// The first line that is not in its place.
    pub fn unsorted(&self, lines: &[&str]) -> Option<usize> {
        (1..lines.len()).find(|i| {
            let order = self.compare(lines[i - 1], lines[*i]);
            let order = if self.reverse { order.reverse() } else { order };
            order.is_gt() || self.unique && order.is_eq()
        })
    }

    fn compare(&self, a: &str, b: &str) -> std::cmp::Ordering {
        if self.keys.is_empty() {
            return self.compare_key(a, b, "");
        }
        let orders = self.keys.iter().map(|(first, last, flags)| {
            let order = self.compare_key(&self.fields(a, *first, *last), &self.fields(b, *first, *last), flags);
            if flags.contains('r') { order.reverse() } else { order }
        });
        orders.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
    }

    fn fields(&self, line: &str, first: usize, last: Option<usize>) -> String {
        let (parts, joint): (Vec<&str>, String) = match self.separator {
            Some(c) => (line.split(c).collect(), c.to_string()),
            None => (line.split_whitespace().collect(), " ".into()),
        };
        let end = last.unwrap_or(parts.len()).min(parts.len());
        parts.get(first.saturating_sub(1)..end).unwrap_or_default().join(&joint)
    }

    fn compare_key(&self, a: &str, b: &str, flags: &str) -> std::cmp::Ordering {
        if self.numeric || flags.contains('n') || self.human {
            return leading_number(a, self.human).cmp(&leading_number(b, self.human));
        }
        if self.version || flags.contains('V') {
            return version_key(a).cmp(&version_key(b));
        }
        if self.fold || flags.contains('f') { a.to_lowercase().cmp(&b.to_lowercase()) } else { a.cmp(b) }
    }
}

/// A number at a text's beginning, in millionths; with a unit if `human`.
fn leading_number(text: &str, human: bool) -> i128 {
    let text = text.trim_start();
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len()).min(18);
    let (whole, part) = digits[..end].split_once('.').unwrap_or((&digits[..end], ""));
    let part: String = format!("{part:0<6}").chars().take(6).collect();
    let value = whole.parse::<i128>().unwrap_or(0) * 1_000_000 + part.parse::<i128>().unwrap_or(0);
    let unit = match digits[end..].chars().next() {
        Some('K' | 'k') if human => 1 << 10,
        Some('M') if human => 1 << 20,
        Some('G') if human => 1 << 30,
        _ => 1,
    };
    sign * value * unit
}

fn version_key(text: &str) -> Vec<(String, u64)> {
    let mut key = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let words = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let digits = rest[words..].find(|c: char| !c.is_ascii_digit()).map_or(rest.len(), |n| words + n);
        key.push((rest[..words].to_string(), rest[words..digits].parse().unwrap_or(0)));
        rest = &rest[digits..];
    }
    key
}
