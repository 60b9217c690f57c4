//! expr: POSIX.1-2024, `expr`, with the words `match`, `substr`, `index` and `length`.

use super::super::process::Context;
use super::super::regex::Regex;
use super::say;

/// Brackets may be nested so deep.
const DEPTH: usize = 50;

pub fn expr(cx: &mut Context, args: &[String]) -> i32 {
    let gnu = cx.is_gnu();
    if args.is_empty() {
        let more = if gnu { "missing operand\nTry 'expr --help' for more information." } else { "too few arguments" };
        cx.complain(format!("expr: {more}"));
        return 2;
    }
    let mut reader = Reader { args, at: 0, depth: 0 };
    let value = reader.level(0).and_then(|value| match args.get(reader.at) {
        Some(rest) => Err(Wrong::Unexpected(rest.clone())),
        None => Ok(value),
    });
    match value {
        Ok(value) => {
            say(cx, &value);
            i32::from(is_nothing(&value))
        }
        Err(wrong) => {
            let before = args.get(reader.at.min(args.len()).saturating_sub(1)).cloned().unwrap_or_default();
            cx.complain(match wrong {
                Wrong::Missing if gnu => format!("expr: syntax error: missing argument after '{before}'"),
                Wrong::Unexpected(word) if gnu => format!("expr: syntax error: unexpected argument '{word}'"),
                Wrong::Missing | Wrong::Unexpected(_) => "expr: syntax error".into(),
                Wrong::Number if gnu => "expr: non-integer argument".into(),
                Wrong::Number => "expr: non-numeric argument".into(),
                Wrong::Zero => "expr: division by zero".into(),
            });
            2
        }
    }
}

enum Wrong {
    Missing,
    Unexpected(String),
    Number,
    Zero,
}

/// The empty text and zero are false.
fn is_nothing(value: &str) -> bool {
    value.is_empty() || value.parse() == Ok(0)
}

const LEVELS: [&[&str]; 6] =
    [&["|"], &["&"], &["=", "==", "!=", "<", "<=", ">", ">="], &["+", "-"], &["*", "/", "%"], &[":"]];

struct Reader<'a> {
    args: &'a [String],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Result<String, Wrong> {
        self.at += 1;
        self.args.get(self.at - 1).cloned().ok_or(Wrong::Missing)
    }

    fn level(&mut self, level: usize) -> Result<String, Wrong> {
        let Some(operators) = LEVELS.get(level) else { return self.operand() };
        let mut left = self.level(level + 1)?;
        while let Some(operator) = self.args.get(self.at).filter(|arg| operators.contains(&arg.as_str())).cloned() {
            self.at += 1;
            let right = self.level(level + 1)?;
            left = apply(&operator, left, right)?;
        }
        Ok(left)
    }

    fn operand(&mut self) -> Result<String, Wrong> {
        let word = self.next()?;
        let more = self.args.len() > self.at;
        match word.as_str() {
            "(" => {
                self.depth += 1;
                if self.depth > DEPTH {
                    return Err(Wrong::Missing);
                }
                let value = self.level(0)?;
                self.depth -= 1;
                match self.next()?.as_str() {
                    ")" => Ok(value),
                    other => Err(Wrong::Unexpected(other.into())),
                }
            }
            "length" if more => Ok(self.operand()?.chars().count().to_string()),
            "match" if more => {
                let text = self.operand()?;
                let pattern = self.operand()?;
                Ok(matched(&text, &pattern))
            }
            "index" if more => {
                let (text, wanted) = (self.operand()?, self.operand()?);
                Ok(text.chars().position(|c| wanted.contains(c)).map_or(0, |at| at + 1).to_string())
            }
            "substr" if more => {
                let (text, from, count) = (self.operand()?, self.operand()?, self.operand()?);
                let numbers = from.parse::<usize>().ok().zip(count.parse::<usize>().ok());
                let Some((from, count)) = numbers.filter(|(from, _)| *from > 0) else { return Ok(String::new()) };
                Ok(text.chars().skip(from - 1).take(count).collect())
            }
            // GNU: what follows is a word, whatever it looks like.
            "+" if more => self.next(),
            _ => Ok(word),
        }
    }
}

/// `TEXT : PATTERN`: what the first group holds, or how many letters from the beginning fit.
fn matched(text: &str, pattern: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let found = Regex::new(&format!("^{}", pattern.trim_start_matches('^')), false, false)
        .ok()
        .and_then(|regex| regex.find(&chars, 0));
    let grouped = pattern.contains("\\(");
    match found {
        Some(captures) if grouped => captures
            .get(1)
            .copied()
            .flatten()
            .map(|(start, end)| chars[start..end].iter().collect())
            .unwrap_or_default(),
        Some(captures) => captures[0].map_or(0, |(_, end)| end).to_string(),
        None if grouped => String::new(),
        None => "0".into(),
    }
}

fn apply(operator: &str, left: String, right: String) -> Result<String, Wrong> {
    let numbers = left.parse::<i64>().ok().zip(right.parse::<i64>().ok());
    let order = numbers.map_or_else(|| left.cmp(&right), |(a, b)| a.cmp(&b));
    let truth = match operator {
        "|" => {
            return Ok(if !is_nothing(&left) {
                left
            } else if right.is_empty() {
                "0".into()
            } else {
                right
            });
        }
        "&" => return Ok(if is_nothing(&left) || is_nothing(&right) { "0".into() } else { left }),
        ":" => return Ok(matched(&left, &right)),
        "=" | "==" => order.is_eq(),
        "!=" => order.is_ne(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        ">=" => order.is_ge(),
        _ => {
            let (a, b) = numbers.ok_or(Wrong::Number)?;
            let value = match operator {
                "+" => a.checked_add(b),
                "-" => a.checked_sub(b),
                "*" => a.checked_mul(b),
                _ if b == 0 => return Err(Wrong::Zero),
                "/" => a.checked_div(b),
                _ => a.checked_rem(b),
            };
            return value.map(|value| value.to_string()).ok_or(Wrong::Number);
        }
    };
    Ok(i64::from(truth).to_string())
}
