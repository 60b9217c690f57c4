//! POSIX.1-2024, Base Definitions, 9: basic and extended regular expressions, matched by simulating all ways at once
//! (Thompson, Pike), so that no pattern takes more than (length of pattern) × (length of text) steps.
//!
//! Not done: back-references within a pattern; of several alternatives the first that fits wins, not the longest.

use super::pattern::bracket;

/// A pattern compiles to at most so many steps.
const STEPS: usize = 4000;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Step {
    Char(char),
    Any,
    /// A bracket expression, as written.
    Bracket(Vec<char>),
    Class(&'static str, bool),
    Start,
    End,
    WordEdge(Edge),
    /// Try the first way, then the second.
    Split(usize, usize),
    Jump(usize),
    Save(usize),
    Match,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Edge {
    Begin,
    End,
    Either,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Regex {
    steps: Vec<Step>,
    groups: usize,
    ignore_case: bool,
}

/// Where the match and its groups lie, as char positions.
pub type Captures = Vec<Option<(usize, usize)>>;

#[derive(Debug)]
enum Tree {
    Empty,
    Leaf(Step),
    Seq(Vec<Tree>),
    Either(Vec<Tree>),
    Group(usize, Box<Tree>),
    Repeat(Box<Tree>, usize, Option<usize>),
}

impl Regex {
    /// Compiles a pattern; `extended` as `grep -E` reads it.
    pub fn new(pattern: &str, extended: bool, ignore_case: bool) -> Result<Regex, &'static str> {
        let mut reader = Reader { text: pattern.chars().collect(), at: 0, extended, groups: 0, depth: 0 };
        let tree = reader.either()?;
        if reader.at < reader.text.len() {
            return Err("Unmatched ) or \\)");
        }
        let mut regex = Regex { steps: Vec::new(), groups: reader.groups + 1, ignore_case };
        regex.emit(&Tree::Group(0, Box::new(tree)))?;
        regex.steps.push(Step::Match);
        Ok(regex)
    }

    /// A pattern that matches `text` itself.
    pub fn literal(text: &str, ignore_case: bool) -> Regex {
        let mut steps = vec![Step::Save(0)];
        steps.extend(text.chars().map(Step::Char));
        steps.extend([Step::Save(1), Step::Match]);
        Regex { steps, groups: 1, ignore_case }
    }

    fn emit(&mut self, tree: &Tree) -> Result<(), &'static str> {
        if self.steps.len() > STEPS {
            return Err("Regular expression too big");
        }
        match tree {
            Tree::Empty => {}
            Tree::Leaf(step) => self.steps.push(step.clone()),
            Tree::Seq(parts) => {
                for part in parts {
                    self.emit(part)?;
                }
            }
            Tree::Group(n, inner) => {
                self.steps.push(Step::Save(2 * n));
                self.emit(inner)?;
                self.steps.push(Step::Save(2 * n + 1));
            }
            Tree::Either(ways) => {
                let mut ends = Vec::new();
                for (i, way) in ways.iter().enumerate() {
                    let split = self.steps.len();
                    if i + 1 < ways.len() {
                        self.steps.push(Step::Split(split + 1, 0));
                    }
                    self.emit(way)?;
                    if i + 1 < ways.len() {
                        ends.push(self.steps.len());
                        self.steps.push(Step::Jump(0));
                        self.steps[split] = Step::Split(split + 1, self.steps.len());
                    }
                }
                for end in ends {
                    self.steps[end] = Step::Jump(self.steps.len());
                }
            }
            Tree::Repeat(inner, low, high) => {
                for _ in 0..*low {
                    self.emit(inner)?;
                }
                match high {
                    None => {
                        let split = self.steps.len();
                        self.steps.push(Step::Split(split + 1, 0));
                        self.emit(inner)?;
                        self.steps.push(Step::Jump(split));
                        self.steps[split] = Step::Split(split + 1, self.steps.len());
                    }
                    Some(high) => {
                        let mut splits = Vec::new();
                        for _ in *low..*high {
                            splits.push(self.steps.len());
                            self.steps.push(Step::Split(self.steps.len() + 1, 0));
                            self.emit(inner)?;
                        }
                        for split in splits {
                            self.steps[split] = Step::Split(split + 1, self.steps.len());
                        }
                    }
                }
            }
        }
        Ok(())
    }

    pub fn is_match(&self, text: &str) -> bool {
        let chars: Vec<char> = text.chars().collect();
        self.find(&chars, 0).is_some()
    }

    /// The first match at or after `from`.
    pub fn find(&self, text: &[char], from: usize) -> Option<Captures> {
        let mut found: Option<Vec<Option<usize>>> = None;
        let mut ways: Vec<(usize, Vec<Option<usize>>)> = Vec::new();
        let mut seen = vec![usize::MAX; self.steps.len()];
        for at in from..=text.len() {
            let mut now = Vec::new();
            let ways_here = std::mem::take(&mut ways);
            for (step, saved) in ways_here {
                self.follow(step, saved, at, text, &mut now, &mut seen);
            }
            if found.is_none() {
                self.follow(0, vec![None; 2 * self.groups], at, text, &mut now, &mut seen);
            }
            for (step, saved) in now {
                match &self.steps[step] {
                    Step::Match => {
                        found = Some(saved);
                        break;
                    }
                    step_kind if at < text.len() && self.accepts(step_kind, text[at]) => ways.push((step + 1, saved)),
                    _ => {}
                }
            }
            if found.is_some() && ways.is_empty() {
                break;
            }
        }
        found.map(|saved| saved.chunks(2).map(|pair| Some((pair[0]?, pair[1]?))).collect())
    }

    /// All steps that can be reached from `step` without taking a sign, in order of preference.
    fn follow(
        &self,
        step: usize,
        saved: Vec<Option<usize>>,
        at: usize,
        text: &[char],
        now: &mut Vec<(usize, Vec<Option<usize>>)>,
        seen: &mut [usize],
    ) {
        let mut todo = vec![(step, saved)];
        while let Some((step, mut saved)) = todo.pop() {
            if seen[step] == at {
                continue;
            }
            seen[step] = at;
            match &self.steps[step] {
                Step::Jump(to) => todo.push((*to, saved)),
                Step::Split(first, second) => {
                    todo.push((*second, saved.clone()));
                    todo.push((*first, saved));
                }
                Step::Save(slot) => {
                    saved[*slot] = Some(at);
                    todo.push((step + 1, saved));
                }
                Step::Start if at == 0 => todo.push((step + 1, saved)),
                Step::End if at == text.len() => todo.push((step + 1, saved)),
                Step::WordEdge(edge) => {
                    let before = at > 0 && is_word(text[at - 1]);
                    let after = at < text.len() && is_word(text[at]);
                    let fits = match edge {
                        Edge::Begin => !before && after,
                        Edge::End => before && !after,
                        Edge::Either => before != after,
                    };
                    if fits {
                        todo.push((step + 1, saved));
                    }
                }
                Step::Start | Step::End => {}
                _ => now.push((step, saved)),
            }
        }
    }

    fn accepts(&self, step: &Step, c: char) -> bool {
        let fits = |c: char| match step {
            Step::Char(wanted) => *wanted == c || (self.ignore_case && wanted.to_lowercase().eq(c.to_lowercase())),
            Step::Any => true,
            Step::Bracket(written) => bracket(written, 0, c).is_some_and(|(hit, _)| hit),
            Step::Class(name, wanted) => (if *name == "word" { is_word(c) } else { c.is_whitespace() }) == *wanted,
            _ => false,
        };
        let other = |c: char| if c.is_lowercase() { c.to_uppercase().next() } else { c.to_lowercase().next() };
        fits(c) || (self.ignore_case && other(c).is_some_and(fits))
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

struct Reader {
    text: Vec<char>,
    at: usize,
    extended: bool,
    groups: usize,
    depth: usize,
}

impl Reader {
    /// Whether the operator `c` stands here: bare in extended expressions, after a backslash in basic ones.
    fn operator(&mut self, c: char) -> bool {
        let here = if self.extended {
            self.text.get(self.at) == Some(&c)
        } else {
            self.text.get(self.at) == Some(&'\\') && self.text.get(self.at + 1) == Some(&c)
        };
        if here {
            self.at += if self.extended { 1 } else { 2 };
        }
        here
    }

    fn at_close(&self) -> bool {
        let i = self.at;
        if self.extended {
            self.depth > 0 && self.text.get(i) == Some(&')')
        } else {
            self.text.get(i) == Some(&'\\') && self.text.get(i + 1) == Some(&')')
        }
    }

    fn either(&mut self) -> Result<Tree, &'static str> {
        let mut ways = vec![self.sequence()?];
        while self.operator('|') {
            ways.push(self.sequence()?);
        }
        Ok(if ways.len() == 1 { ways.remove(0) } else { Tree::Either(ways) })
    }

    fn at_bar(&self) -> bool {
        let i = self.at;
        if self.extended {
            self.text.get(i) == Some(&'|')
        } else {
            self.text.get(i) == Some(&'\\') && self.text.get(i + 1) == Some(&'|')
        }
    }

    fn sequence(&mut self) -> Result<Tree, &'static str> {
        let mut parts = Vec::new();
        while self.at < self.text.len() && !self.at_close() && !self.at_bar() {
            let atom = self.atom(parts.is_empty())?;
            let repeated = self.repeats(atom)?;
            parts.push(repeated);
        }
        Ok(if parts.is_empty() { Tree::Empty } else { Tree::Seq(parts) })
    }

    fn repeats(&mut self, mut atom: Tree) -> Result<Tree, &'static str> {
        for _ in 0..4 {
            if self.text.get(self.at) == Some(&'*') {
                self.at += 1;
                atom = Tree::Repeat(Box::new(atom), 0, None);
            } else if self.operator('+') {
                atom = Tree::Repeat(Box::new(atom), 1, None);
            } else if self.operator('?') {
                atom = Tree::Repeat(Box::new(atom), 0, Some(1));
            } else if self.operator('{') {
                let low = self.number().unwrap_or(0);
                let high = if self.text.get(self.at) == Some(&',') {
                    self.at += 1;
                    self.number()
                } else {
                    Some(low)
                };
                if !self.operator('}') {
                    return Err("Unmatched { or \\{");
                }
                if low > 255 || high.is_some_and(|high| high > 255 || high < low) {
                    return Err("Invalid content of \\{\\}");
                }
                atom = Tree::Repeat(Box::new(atom), low, high);
            } else {
                return Ok(atom);
            }
        }
        Err("Invalid preceding regular expression")
    }

    fn number(&mut self) -> Option<usize> {
        let start = self.at;
        while self.text.get(self.at).is_some_and(char::is_ascii_digit) {
            self.at += 1;
        }
        self.text[start..self.at].iter().collect::<String>().parse().ok()
    }

    fn atom(&mut self, first: bool) -> Result<Tree, &'static str> {
        if self.operator('(') {
            self.depth += 1;
            if self.depth > 50 {
                return Err("Regular expression too big");
            }
            self.groups += 1;
            let n = self.groups;
            let inner = self.either()?;
            if !self.operator(')') {
                return Err("Unmatched ( or \\(");
            }
            self.depth -= 1;
            return Ok(Tree::Group(n, Box::new(inner)));
        }
        let c = self.text[self.at];
        self.at += 1;
        Ok(Tree::Leaf(match c {
            '.' => Step::Any,
            '^' if self.extended || first => Step::Start,
            '$' if self.extended || self.at == self.text.len() || self.at_close() || self.at_bar() => Step::End,
            '[' => {
                let (_, after) = bracket(&self.text, self.at - 1, 'x').ok_or("Unmatched [, [^, [:, [., or [=")?;
                let written = self.text[self.at - 1..after].to_vec();
                self.at = after;
                Step::Bracket(written)
            }
            '\\' => {
                let Some(&next) = self.text.get(self.at) else { return Err("Trailing backslash") };
                self.at += 1;
                match next {
                    'w' => Step::Class("word", true),
                    'W' => Step::Class("word", false),
                    's' => Step::Class("space", true),
                    'S' => Step::Class("space", false),
                    'b' => Step::WordEdge(Edge::Either),
                    '<' => Step::WordEdge(Edge::Begin),
                    '>' => Step::WordEdge(Edge::End),
                    'n' => Step::Char('\n'),
                    't' => Step::Char('\t'),
                    '1'..='9' => return Err("Invalid back reference"),
                    other => Step::Char(other),
                }
            }
            other => Step::Char(other),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, extended: bool, text: &str, expected: Option<&str>) {
        let regex = Regex::new(pattern, extended, false).unwrap();
        let chars: Vec<char> = text.chars().collect();
        let found = regex.find(&chars, 0).map(|c| chars[c[0].unwrap().0..c[0].unwrap().1].iter().collect::<String>());
        assert_eq!(found.as_deref(), expected, "{pattern} on {text}");
    }

    #[test]
    fn expressions() {
        check("a*", false, "baac", Some(""));
        check("aa*", false, "baac", Some("aa"));
        check("a+", true, "baac", Some("aa"));
        check("a+", false, "baac", None);
        check("^(RED|BLUE)", true, "BLUE_PORT", Some("BLUE"));
        check("bright|colour", true, "my colour", Some("colour"));
        check("[0-9a-f]\\{8\\}", false, "xx0123456789", Some("01234567"));
        check("[0-9]{2,3}$", true, "12345", Some("345"));
        check("\"aud\":\\[[^]]*\\]", false, "{\"aud\":[\"vault\"],", Some("\"aud\":[\"vault\"]"));
        check("(a*)*", true, "b", Some(""));
        check("\\bweb\\b", true, "a web b", Some("web"));
        check("x.z$", false, "xyz", Some("xyz"));
        check("*a", false, "*a", Some("*a"));
    }

    #[test]
    fn broken_expressions() {
        for pattern in ["(", "[a", "a{2", "\\"] {
            assert!(Regex::new(pattern, true, false).is_err(), "{pattern}");
        }
    }
}
