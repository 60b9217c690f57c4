//! POSIX.1-2024, Shell Command Language, 2.6.4: `$(( ))`, with C's operators on 64-bit numbers.

use super::interp::Interp;
use super::process::Context;

/// Brackets and unary signs may be nested so deep; a variable may name another so often.
const DEPTH: usize = 200;

/// Binary operators by how tightly they bind; longer ones first.
const OPERATORS: [(&str, u8); 19] = [
    ("||", 1),
    ("&&", 2),
    ("<<", 8),
    (">>", 8),
    ("==", 6),
    ("!=", 6),
    ("<=", 7),
    (">=", 7),
    ("**", 11),
    ("|", 3),
    ("^", 4),
    ("&", 5),
    ("<", 7),
    (">", 7),
    ("+", 9),
    ("-", 9),
    ("*", 10),
    ("/", 10),
    ("%", 10),
];
const ASSIGNS: [&str; 11] = ["<<=", ">>=", "+=", "-=", "*=", "/=", "%=", "&=", "^=", "|=", "="];

impl Interp {
    /// The value of an expression whose parameters were expanded already.
    pub(super) fn arithmetic(&mut self, cx: &mut Context, text: &str) -> Result<i64, String> {
        if text.trim().is_empty() {
            return Ok(0);
        }
        let dash = self.is_dash(cx);
        Reader { shell: self, text, at: 0, depth: 0, live: true, assigns: true, dash }.whole()
    }
}

struct Reader<'a> {
    shell: &'a mut Interp,
    text: &'a str,
    at: usize,
    depth: usize,
    /// Not in the branch of `&&`, `||`, `?:` that is not taken: there nothing is assigned and no division fails.
    live: bool,
    /// Nothing was read yet of which a variable that comes now would only be the right side: it may be assigned to.
    assigns: bool,
    /// dash has fewer operators, and variables must be numbers.
    dash: bool,
}

impl Reader<'_> {
    fn whole(&mut self) -> Result<i64, String> {
        let value = self.comma()?;
        self.blanks();
        if self.at < self.text.len() { Err(self.broken("EOF")) } else { Ok(value) }
    }

    /// What is wrong where `expected` should stand.
    fn broken(&self, expected: &str) -> String {
        if self.dash {
            format!("arithmetic expression: expecting {expected}: \"{}\"", self.text)
        } else if self.shell.options.bash {
            let rest = &self.text[self.at.min(self.text.len())..];
            format!("{}: syntax error in expression (error token is \"{rest}\")", self.text)
        } else {
            "arithmetic syntax error".into()
        }
    }

    fn blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn eat(&mut self, sign: &str) -> bool {
        self.blanks();
        let found = self.text[self.at..].starts_with(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    fn comma(&mut self) -> Result<i64, String> {
        let mut value = self.choice()?;
        while !self.dash && self.eat(",") {
            value = self.choice()?;
        }
        Ok(value)
    }

    fn choice(&mut self) -> Result<i64, String> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err("expression recursion level exceeded".into());
        }
        self.assigns = true;
        let condition = self.binary(1)?;
        let mut value = condition;
        if self.eat("?") {
            let live = self.live;
            self.live = live && condition != 0;
            let yes = self.comma()?;
            if !self.eat(":") {
                return Err(self.broken("':'"));
            }
            self.live = live && condition == 0;
            let no = self.choice()?;
            self.live = live;
            value = if condition != 0 { yes } else { no };
        }
        self.depth -= 1;
        Ok(value)
    }

    fn binary(&mut self, least: u8) -> Result<i64, String> {
        let mut left = self.unary()?;
        self.depth += 1;
        if self.depth > DEPTH {
            return Err("expression recursion level exceeded".into());
        }
        loop {
            self.blanks();
            let rest = &self.text[self.at..];
            let found = OPERATORS.iter().find(|(op, _)| rest.starts_with(op) && !(self.dash && *op == "**"));
            let Some((op, level)) = found.filter(|(_, level)| *level >= least) else {
                self.depth -= 1;
                return Ok(left);
            };
            self.at += op.len();
            self.assigns = false;
            let live = self.live;
            self.live = live && !(*op == "&&" && left == 0 || *op == "||" && left != 0);
            let right = self.binary(if *op == "**" { *level } else { level + 1 })?;
            let value = self.apply(op, left, right);
            self.live = live;
            left = value?;
        }
    }

    fn apply(&self, op: &str, a: i64, b: i64) -> Result<i64, String> {
        Ok(match op {
            "||" => i64::from(a != 0 || b != 0),
            "&&" => i64::from(a != 0 && b != 0),
            "|" => a | b,
            "^" => a ^ b,
            "&" => a & b,
            "==" => i64::from(a == b),
            "!=" => i64::from(a != b),
            "<" => i64::from(a < b),
            ">" => i64::from(a > b),
            "<=" => i64::from(a <= b),
            ">=" => i64::from(a >= b),
            "<<" => a.wrapping_shl(b as u32),
            ">>" => a.wrapping_shr(b as u32),
            "+" => a.wrapping_add(b),
            "-" => a.wrapping_sub(b),
            "*" => a.wrapping_mul(b),
            "**" => (0..b.clamp(0, 64)).fold(1_i64, |x, _| x.wrapping_mul(a)),
            _ if b == 0 && self.live => {
                return Err(match self.shell.options.bash {
                    true => "division by 0".into(),
                    false if self.dash => format!("arithmetic expression: division by zero: \"{}\"", self.text),
                    false => "divide by zero".into(),
                });
            }
            _ if b == 0 => 0,
            "/" => a.wrapping_div(b),
            _ => a.wrapping_rem(b),
        })
    }

    fn unary(&mut self) -> Result<i64, String> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err("expression recursion level exceeded".into());
        }
        self.blanks();
        let rest = &self.text[self.at..];
        let assigns = std::mem::take(&mut self.assigns);
        let value = if !self.dash && (rest.starts_with("++") || rest.starts_with("--")) {
            let by = if rest.starts_with('+') { 1 } else { -1 };
            self.at += 2;
            self.blanks();
            let name = self.name();
            let value = self.variable(&name)?.wrapping_add(by);
            self.store(&name, value)?;
            value
        } else if self.eat("!") {
            i64::from(self.unary()? == 0)
        } else if self.eat("~") {
            !self.unary()?
        } else if self.eat("-") {
            self.unary()?.wrapping_neg()
        } else if self.eat("+") {
            self.unary()?
        } else if self.eat("(") {
            let value = self.comma()?;
            if !self.eat(")") {
                return Err(self.broken("')'"));
            }
            value
        } else {
            self.assigns = assigns;
            self.primary()?
        };
        self.depth -= 1;
        Ok(value)
    }

    fn name(&mut self) -> String {
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        self.at += end;
        rest[..end].to_string()
    }

    fn primary(&mut self) -> Result<i64, String> {
        self.blanks();
        let word = self.name();
        if word.is_empty() {
            return Err(self.broken("primary"));
        }
        let assigns = std::mem::take(&mut self.assigns);
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            return number(&word).ok_or_else(|| self.broken("EOF"));
        }
        self.blanks();
        let rest = &self.text[self.at..];
        let found = ASSIGNS.iter().find(|op| assigns && rest.starts_with(**op) && !rest.starts_with("=="));
        if let Some(op) = found {
            self.at += op.len();
            let right = self.choice()?;
            let op = &op[..op.len() - 1];
            let left = if op.is_empty() { 0 } else { self.variable(&word)? };
            let value = if op.is_empty() { right } else { self.apply(op, left, right)? };
            self.store(&word, value)?;
            return Ok(value);
        }
        let value = self.variable(&word)?;
        if !self.dash && (rest.starts_with("++") || rest.starts_with("--")) {
            self.at += 2;
            self.store(&word, value.wrapping_add(if rest.starts_with('+') { 1 } else { -1 }))?;
        }
        Ok(value)
    }

    /// A variable's value is a number; but for dash it may be any expression.
    fn variable(&mut self, name: &str) -> Result<i64, String> {
        let text = self.shell.get(name).unwrap_or_default();
        let text = text.trim();
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        if text.is_empty() || !self.live {
            return Ok(0);
        }
        match number(digits) {
            Some(value) => Ok(value.wrapping_mul(sign)),
            None if self.dash => Err(format!("Illegal number: {text}")),
            None if self.depth + 10 > DEPTH => Err("expression recursion level exceeded".into()),
            None => {
                let depth = self.depth + 10;
                Reader { shell: self.shell, text, at: 0, depth, live: true, assigns: true, dash: false }.whole()
            }
        }
    }

    fn store(&mut self, name: &str, value: i64) -> Result<(), String> {
        if name.is_empty() {
            return Err(self.broken("primary"));
        }
        if self.live { self.shell.set(name, &value.to_string()) } else { Ok(()) }
    }
}

/// Decimal, `0x` hexadecimal or `0` octal.
fn number(text: &str) -> Option<i64> {
    let (digits, radix) = if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        (hex, 16)
    } else if text.len() > 1 && text.starts_with('0') {
        (&text[1..], 8)
    } else {
        (text, 10)
    };
    i64::from_str_radix(digits, radix).ok()
}
