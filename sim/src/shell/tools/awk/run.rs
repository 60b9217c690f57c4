//! awk's meaning.

use super::super::super::regex::Regex;
use super::super::printf;
use super::lex::number;
use super::split::{split, split_by};
use super::{Awk, Expr, Flow, Number, ONE, Pattern, Statement, Value};

impl Awk {
    pub(super) fn run_rules(&mut self, wanted: impl Fn(&Pattern) -> bool, out: &mut String) {
        let rules = self.rules.clone();
        for (i, (pattern, action)) in rules.iter().enumerate() {
            if !wanted(pattern) {
                continue;
            }
            let hit = match pattern {
                Pattern::When(expr) => self.truth(expr),
                Pattern::Range(from, to) => {
                    let begins = self.active[i] || self.truth(from);
                    self.active[i] = begins && !self.truth(to);
                    begins
                }
                _ => true,
            };
            if !hit {
                continue;
            }
            let flow = match action {
                Some(statement) => self.run(statement, out),
                None => self.run(&Statement::Print(Vec::new()), out),
            };
            if matches!(flow, Flow::Next | Flow::Exit) {
                return;
            }
        }
    }

    fn run(&mut self, statement: &Statement, out: &mut String) -> Flow {
        if self.steps == 0 {
            return Flow::Next;
        }
        self.steps -= 1;
        match statement {
            Statement::Expr(expr) => {
                self.value(expr);
            }
            Statement::Print(list) => {
                let (between, end) = (self.text_of("OFS"), self.text_of("ORS"));
                let words: Vec<String> = list.iter().map(|expr| self.value(expr).text()).collect();
                out.push_str(&if list.is_empty() { self.line.clone() } else { words.join(&between) });
                out.push_str(&end);
            }
            Statement::Printf(list) => {
                let text = self.format(list);
                out.push_str(&text);
            }
            Statement::If(condition, then, otherwise) => {
                if self.truth(condition) {
                    return self.run(then, out);
                } else if let Some(otherwise) = otherwise {
                    return self.run(otherwise, out);
                }
            }
            Statement::While(..) | Statement::DoWhile(..) | Statement::For(..) | Statement::ForIn(..) => {
                return self.repeat(statement, out);
            }
            Statement::Block(list) => {
                for statement in list {
                    match self.run(statement, out) {
                        Flow::Go => {}
                        flow => return flow,
                    }
                }
            }
            Statement::Delete(array, index) => match index {
                Some(index) => {
                    let key = self.key(index);
                    self.arrays.entry(array.clone()).or_default().remove(&key);
                }
                None => drop(self.arrays.remove(array)),
            },
            Statement::Next => return Flow::Next,
            Statement::Break => return Flow::Break,
            Statement::Continue => return Flow::Continue,
            Statement::Exit(code) => {
                let code = code.as_ref().map_or(0, |code| (self.value(code).number() / ONE) as i32);
                self.exit = Some(code & 0xff);
                return Flow::Exit;
            }
        }
        Flow::Go
    }

    fn repeat(&mut self, statement: &Statement, out: &mut String) -> Flow {
        match statement {
            Statement::While(condition, body) => {
                while self.steps > 0 && self.truth(condition) {
                    match self.run(body, out) {
                        Flow::Break => break,
                        Flow::Go | Flow::Continue => {}
                        flow => return flow,
                    }
                }
            }
            Statement::DoWhile(body, condition) => loop {
                match self.run(body, out) {
                    Flow::Break => break,
                    Flow::Go | Flow::Continue => {}
                    flow => return flow,
                }
                if self.steps == 0 || !self.truth(condition) {
                    break;
                }
            },
            Statement::For(first, condition, next, body) => {
                if let Some(first) = first {
                    self.run(first, out);
                }
                while self.steps > 0 && condition.as_ref().is_none_or(|condition| self.truth(condition)) {
                    match self.run(body, out) {
                        Flow::Break => break,
                        Flow::Go | Flow::Continue => {}
                        flow => return flow,
                    }
                    if let Some(next) = next {
                        self.run(next, out);
                    }
                }
            }
            Statement::ForIn(key, array, body) => {
                let keys: Vec<String> = self.arrays.get(array).map(|a| a.keys().cloned().collect()).unwrap_or_default();
                for k in keys {
                    self.vars.insert(key.clone(), Value::Input(k));
                    match self.run(body, out) {
                        Flow::Break => break,
                        Flow::Go | Flow::Continue => {}
                        flow => return flow,
                    }
                }
            }
            _ => {}
        }
        Flow::Go
    }

    pub(super) fn set_line(&mut self, line: String) {
        let separator = self.text_of("FS");
        self.fields = split(&line, &separator);
        self.line = line;
        self.vars.insert("NF".into(), Value::Number(self.fields.len() as Number * ONE));
    }

    pub(super) fn number_of(&self, name: &str) -> Number {
        self.vars.get(name).map_or(0, Value::number)
    }

    fn text_of(&self, name: &str) -> String {
        self.vars.get(name).map(Value::text).unwrap_or_default()
    }

    fn truth(&mut self, expr: &Expr) -> bool {
        match self.value(expr) {
            Value::Number(n) => n != 0,
            Value::Text(text) => !text.is_empty(),
            Value::Input(text) if looks_numeric(&text) => number(&text) != 0,
            Value::Input(text) => !text.is_empty(),
        }
    }

    fn key(&mut self, index: &[Expr]) -> String {
        let separator = self.text_of("SUBSEP");
        let parts: Vec<String> = index.iter().map(|expr| self.value(expr).text()).collect();
        parts.join(&separator)
    }

    fn value(&mut self, expr: &Expr) -> Value {
        if self.steps == 0 {
            return Value::Number(0);
        }
        self.steps -= 1;
        match expr {
            Expr::Number(n) => Value::Number(*n),
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Regex(regex) => truth(regex.is_match(&self.line)),
            Expr::Var(name) => self.vars.get(name).cloned().unwrap_or(Value::Input(String::new())),
            Expr::Element(array, index) => {
                let key = self.key(index);
                let array = self.arrays.entry(array.clone()).or_default();
                array.entry(key).or_insert_with(|| Value::Input(String::new())).clone()
            }
            Expr::Field(index) => {
                let n = self.value(index).number() / ONE;
                Value::Input(match n {
                    0 => self.line.clone(),
                    n => usize::try_from(n - 1).ok().and_then(|i| self.fields.get(i)).cloned().unwrap_or_default(),
                })
            }
            Expr::Assign(target, op, value) => {
                let mut value = self.value(value);
                if *op != "=" {
                    let old = self.value(target).number();
                    value = Value::Number(arithmetic(&op[..1], old, value.number()));
                }
                self.store(target, value.clone());
                value
            }
            Expr::Step(target, before, by) => {
                let old = self.value(target).number();
                self.store(target, Value::Number(old + by));
                Value::Number(if *before { old + by } else { old })
            }
            Expr::Unary('!', inner) => truth(!self.truth(inner)),
            Expr::Unary(sign, inner) => {
                let n = self.value(inner).number();
                Value::Number(if *sign == '-' { -n } else { n })
            }
            Expr::Binary(op, left, right) => self.binary(op, left, right),
            Expr::Choice(condition, yes, no) => {
                if self.truth(condition) {
                    self.value(yes)
                } else {
                    self.value(no)
                }
            }
            Expr::In(index, array) => {
                let key = self.key(index);
                truth(self.arrays.get(array).is_some_and(|array| array.contains_key(&key)))
            }
            Expr::Call(name, args) => self.call(name, args),
        }
    }

    fn binary(&mut self, op: &str, left: &Expr, right: &Expr) -> Value {
        match op {
            "()" => self.value(left),
            "||" => truth(self.truth(left) || self.truth(right)),
            "&&" => truth(self.truth(left) && self.truth(right)),
            "~" | "!~" => {
                let text = self.value(left).text();
                let hit = self.regex(right).is_some_and(|regex| regex.is_match(&text));
                truth(hit == (op == "~"))
            }
            "" => {
                let (left, right) = (self.value(left).text(), self.value(right).text());
                Value::Text(left + &right)
            }
            "<" | "<=" | "==" | "!=" | ">" | ">=" => {
                let (left, right) = (self.value(left), self.value(right));
                let order = if left.is_numeric() && right.is_numeric() {
                    left.number().cmp(&right.number())
                } else {
                    left.text().cmp(&right.text())
                };
                truth(match op {
                    "<" => order.is_lt(),
                    "<=" => order.is_le(),
                    "==" => order.is_eq(),
                    "!=" => order.is_ne(),
                    ">" => order.is_gt(),
                    _ => order.is_ge(),
                })
            }
            op => {
                let (left, right) = (self.value(left).number(), self.value(right).number());
                Value::Number(arithmetic(op, left, right))
            }
        }
    }

    fn regex(&mut self, expr: &Expr) -> Option<Regex> {
        match expr {
            Expr::Regex(regex) => Some(regex.clone()),
            expr => Regex::new(&self.value(expr).text(), true, false).ok(),
        }
    }

    fn store(&mut self, target: &Expr, value: Value) {
        match target {
            Expr::Var(name) => {
                if name == "NF" {
                    let count = (value.number() / ONE).clamp(0, 10_000) as usize;
                    self.fields.resize(count, String::new());
                    self.line = self.fields.join(&self.text_of("OFS"));
                }
                self.vars.insert(name.clone(), value);
            }
            Expr::Element(array, index) => {
                let key = self.key(index);
                self.arrays.entry(array.clone()).or_default().insert(key, value);
            }
            Expr::Field(index) => {
                let n = (self.value(index).number() / ONE).clamp(0, 10_000) as usize;
                if n == 0 {
                    return self.set_line(value.text());
                }
                if self.fields.len() < n {
                    self.fields.resize(n, String::new());
                }
                self.fields[n - 1] = value.text();
                self.line = self.fields.join(&self.text_of("OFS"));
                self.vars.insert("NF".into(), Value::Number(self.fields.len() as Number * ONE));
            }
            _ => {}
        }
    }

    fn format(&mut self, list: &[Expr]) -> String {
        let mut words: Vec<String> = list.iter().map(|expr| self.value(expr).text()).collect();
        if words.is_empty() {
            return String::new();
        }
        let format = words.remove(0);
        // What is no number counts as 0 for %d, and a fraction is cut off.
        let mut specs = format.split('%').skip(1).filter(|part| !part.is_empty());
        for word in &mut words {
            let letter = specs.next().and_then(|part| part.chars().find(char::is_ascii_alphabetic));
            match letter {
                Some('d' | 'i' | 'x' | 'o' | 'u') => *word = (number(word) / ONE).to_string(),
                Some('f' | 'g' | 'e') => *word = show(number(word)),
                _ => {}
            }
        }
        printf::format_once(&format.replace('\\', "\\\\"), &words, &mut 0).text
    }

    fn call(&mut self, name: &str, args: &[Expr]) -> Value {
        let text = |awk: &mut Awk, i: usize| args.get(i).map(|expr| awk.value(expr).text()).unwrap_or_default();
        match name {
            "length" => match args.first() {
                Some(Expr::Var(array)) if self.arrays.contains_key(array) => {
                    Value::Number(self.arrays[array].len() as Number * ONE)
                }
                Some(_) => Value::Number(text(self, 0).chars().count() as Number * ONE),
                None => Value::Number(self.line.chars().count() as Number * ONE),
            },
            "substr" => {
                let chars: Vec<char> = text(self, 0).chars().collect();
                let start = args.get(1).map_or(1, |expr| self.value(expr).number() / ONE);
                let length = args.get(2).map_or(Number::MAX / 2, |expr| self.value(expr).number() / ONE);
                let end = start.saturating_add(length).clamp(1, chars.len() as Number + 1);
                let start = start.clamp(1, chars.len() as Number + 1);
                Value::Text(chars[start as usize - 1..end.max(start) as usize - 1].iter().collect())
            }
            "index" => {
                let (hay, needle) = (text(self, 0), text(self, 1));
                Value::Number(hay.find(&needle).map_or(0, |at| hay[..at].chars().count() as Number + 1) * ONE)
            }
            "toupper" => Value::Text(text(self, 0).to_uppercase()),
            "tolower" => Value::Text(text(self, 0).to_lowercase()),
            "sprintf" => Value::Text(self.format(args)),
            "int" => Value::Number(args.first().map_or(0, |expr| self.value(expr).number()) / ONE * ONE),
            "split" => {
                let source = text(self, 0);
                let parts = match args.get(2) {
                    Some(Expr::Regex(regex)) => split_by(&source, regex),
                    Some(expr) => split(&source, &self.value(expr).text()),
                    None => split(&source, &self.text_of("FS")),
                };
                let count = parts.len();
                if let Some(Expr::Var(array)) = args.get(1) {
                    let filled =
                        parts.into_iter().enumerate().map(|(i, part)| ((i + 1).to_string(), Value::Input(part)));
                    self.arrays.insert(array.clone(), filled.collect());
                }
                Value::Number(count as Number * ONE)
            }
            "match" => {
                let chars: Vec<char> = text(self, 0).chars().collect();
                let found = args.get(1).and_then(|expr| self.regex(expr)).and_then(|regex| regex.find(&chars, 0)?[0]);
                let (start, length) = found.map_or((0, -1), |(from, to)| (from as Number + 1, (to - from) as Number));
                self.vars.insert("RSTART".into(), Value::Number(start * ONE));
                self.vars.insert("RLENGTH".into(), Value::Number(length * ONE));
                Value::Number(start * ONE)
            }
            "sub" | "gsub" => self.substitute(name == "gsub", args),
            _ => Value::Text(String::new()),
        }
    }

    fn substitute(&mut self, global: bool, args: &[Expr]) -> Value {
        let Some(regex) = args.first().and_then(|expr| self.regex(expr)) else { return Value::Number(0) };
        let with = args.get(1).map(|expr| self.value(expr).text()).unwrap_or_default();
        let whole = Expr::Field(Box::new(Expr::Number(0)));
        let target = args.get(2).unwrap_or(&whole);
        let chars: Vec<char> = self.value(target).text().chars().collect();
        let (mut out, mut from, mut count) = (String::new(), 0, 0);
        while from <= chars.len() {
            let Some((start, end)) = regex.find(&chars, from).and_then(|captures| captures[0]) else { break };
            out.extend(&chars[from..start]);
            let hit: String = chars[start..end].iter().collect();
            out.push_str(&with.replace("\\&", "\0").replace('&', &hit).replace('\0', "&"));
            count += 1;
            from = end;
            if end == start {
                out.extend(chars.get(end));
                from = end + 1;
            }
            if !global {
                break;
            }
        }
        out.extend(chars.get(from..).unwrap_or_default());
        if count > 0 {
            self.store(target, Value::Text(out));
        }
        Value::Number(count * ONE)
    }
}

impl Value {
    pub(super) fn text(&self) -> String {
        match self {
            Value::Number(n) => show(*n),
            Value::Text(text) | Value::Input(text) => text.clone(),
        }
    }
    pub(super) fn number(&self) -> Number {
        match self {
            Value::Number(n) => *n,
            Value::Text(text) | Value::Input(text) => number(text),
        }
    }
    fn is_numeric(&self) -> bool {
        match self {
            Value::Number(_) => true,
            Value::Text(_) => false,
            Value::Input(text) => text.is_empty() || looks_numeric(text),
        }
    }
}

fn truth(value: bool) -> Value {
    Value::Number(if value { ONE } else { 0 })
}

fn looks_numeric(text: &str) -> bool {
    let digits = text.trim().trim_start_matches(['-', '+']);
    digits.contains(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
        && digits.matches('.').count() < 2
}

/// A number as `print` shows it (`%.6g`).
fn show(n: Number) -> String {
    let (sign, n) = if n < 0 { ("-", -n) } else { ("", n) };
    let whole = n / ONE;
    if n % ONE == 0 {
        return format!("{sign}{whole}");
    }
    let places = 6_usize.saturating_sub(if whole == 0 { 0 } else { whole.to_string().len() });
    let text = printf::decimal(&format!("{whole}.{:06}", n % ONE), places).unwrap_or_default();
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{sign}{text}")
}

fn arithmetic(op: &str, a: Number, b: Number) -> Number {
    const MOST: Number = Number::MAX / ONE / 4;
    let (a, b) = (a.clamp(-MOST, MOST), b.clamp(-MOST, MOST));
    match op {
        "+" => a + b,
        "-" => a - b,
        "*" => a.checked_mul(b).map_or(MOST, |n| n / ONE),
        "/" if b == 0 => 0,
        "/" => a.checked_mul(ONE).map_or(MOST, |a| a / b),
        "%" if b == 0 => 0,
        "%" => a % b,
        "^" => (0..(b / ONE).clamp(0, 128)).fold(ONE, |power, _| arithmetic("*", power, a)),
        _ => 0,
    }
}
