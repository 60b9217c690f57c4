//! printf: POSIX.1-2024, `printf`; numbers as decimal digits, since there are no floats here.

use super::super::host::Flavor;
use super::super::process::Context;
use super::print::unescape;

/// A field is at most so wide, a number has at most so many places.
const WIDTH: usize = 4096;
const PLACES: usize = 60;

/// `by` stands before its complaints: the shell's name, or its own.
pub fn printf(cx: &mut Context, args: &[String], by: &str) -> i32 {
    let flavor = cx.host.flavor();
    let tool = by == "printf: ";
    let args = if args.first().is_some_and(|arg| arg == "--") { &args[1..] } else { args };
    let Some((format, args)) = args.split_first() else {
        cx.complain(match flavor {
            Flavor::Busybox => format!("{by}usage: printf FORMAT [ARGUMENT...]"),
            _ if tool => format!("{by}missing operand\nTry 'printf --help' for more information."),
            Flavor::Bash => format!("{by}printf: usage: printf [-v var] format [arguments]"),
            Flavor::Debian => format!("{by}printf: usage: printf format [arg ...]"),
        });
        return if tool { 1 } else { 2 };
    };
    let (mut out, mut used, mut status) = (String::new(), 0, 0);
    loop {
        let before = used;
        let done = format_once(format, args, &mut used);
        out.push_str(&done.text);
        for bad in done.bad.iter().filter(|bad| flavor == Flavor::Busybox || !bad.is_empty()) {
            cx.complain(match flavor {
                Flavor::Busybox => format!("{by}invalid number '{bad}'"),
                _ if tool => format!("{by}'{bad}': expected a numeric value"),
                Flavor::Bash => format!("{by}printf: {bad}: invalid number"),
                Flavor::Debian => format!("{by}printf: {bad}: expected numeric value"),
            });
            status = 1;
        }
        if let Some(wrong) = &done.wrong {
            cx.complain(match flavor {
                Flavor::Busybox => format!("{by}{wrong}: invalid format"),
                _ if tool => format!("{by}{}: invalid conversion specification", directive(wrong)),
                _ => format!("{by}printf: {}: invalid directive", directive(wrong)),
            });
            status = if flavor == Flavor::Debian && !tool { 2 } else { 1 };
        }
        if done.stopped || done.wrong.is_some() || used >= args.len() || used == before {
            break;
        }
    }
    cx.out(&out);
    status
}

/// A conversion at the beginning of a format, up to its letter.
fn directive(format: &str) -> &str {
    let rest = format.trim_start_matches(|c: char| "%-+ 0#.*123456789".contains(c));
    let letter = rest.chars().next().map_or(0, char::len_utf8);
    &format[..format.len() - rest.len() + letter]
}

/// What came of a format.
#[derive(Default)]
pub struct Formatted {
    pub text: String,
    /// `\c` ended it.
    pub stopped: bool,
    /// Arguments that are no numbers.
    pub bad: Vec<String>,
    /// The rest of the format, from a conversion that there is not.
    pub wrong: Option<String>,
}

/// A conversion: `%-5.2f`.
#[derive(Default)]
struct Spec {
    left: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

impl Spec {
    fn new(text: &str) -> Spec {
        let flags = &text[..text.find(|c: char| !"-+ #0".contains(c)).unwrap_or(text.len())];
        let (width, precision) = text[flags.len()..]
            .split_once('.')
            .map_or((&text[flags.len()..], None), |(w, p)| (w, Some(p.parse().unwrap_or(0))));
        Spec {
            // A negative width that came as an argument has its sign behind the flags.
            left: flags.contains('-') || width.starts_with('-'),
            plus: flags.contains('+'),
            space: flags.contains(' '),
            alternate: flags.contains('#'),
            zero: flags.contains('0'),
            width: width.trim_start_matches('-').parse::<usize>().unwrap_or(0).min(WIDTH),
            precision,
        }
    }

    /// A number's digits with their sign, as wide as wanted.
    fn number(&self, negative: bool, before: &str, digits: &str) -> String {
        let sign = match negative {
            true => "-",
            false if self.plus => "+",
            false if self.space => " ",
            false => "",
        };
        let missing = self.width.saturating_sub(sign.len() + before.len() + digits.len());
        match (self.left, self.zero) {
            (false, true) => format!("{sign}{before}{}{digits}", "0".repeat(missing)),
            _ => self.field(&format!("{sign}{before}{digits}")),
        }
    }

    fn field(&self, text: &str) -> String {
        let missing = " ".repeat(self.width.saturating_sub(text.chars().count()));
        if self.left { format!("{text}{missing}") } else { format!("{missing}{text}") }
    }
}

/// Goes once through a format.
pub fn format_once(format: &str, args: &[String], used: &mut usize) -> Formatted {
    let mut done = Formatted::default();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        let (text, stopped) = unescape(&rest[..at], false);
        done.text.push_str(&text);
        if stopped {
            return Formatted { stopped, ..done };
        }
        let whole = &rest[at..];
        rest = &whole[1..];
        if let Some(after) = rest.strip_prefix('%') {
            done.text.push('%');
            rest = after;
            continue;
        }
        let end = rest.find(|c: char| !"-+ 0#.*123456789".contains(c)).unwrap_or(rest.len());
        let mut spec = rest[..end].to_string();
        while spec.contains('*') {
            let width = args.get(*used).cloned().unwrap_or_default();
            *used += 1;
            spec = spec.replacen('*', &width, 1);
        }
        let after = rest[end..].trim_start_matches(['l', 'h', 'j', 'z', 't', 'L']);
        let Some(conversion) = after.chars().next().filter(|c| "sbcdiuxXofFeEgG".contains(*c)) else {
            // busybox has taken the size's letter out already.
            return Formatted { wrong: Some(format!("{}{after}", &whole[..1 + end])), ..done };
        };
        rest = &after[conversion.len_utf8()..];
        let spec = Spec::new(&spec);
        let argument = args.get(*used).cloned();
        *used += 1;
        match conversion {
            's' | 'b' => {
                let text = argument.unwrap_or_default();
                let (text, stopped) = if conversion == 'b' { unescape(&text, true) } else { (text, false) };
                let shown: String = text.chars().take(spec.precision.unwrap_or(usize::MAX)).collect();
                done.text.push_str(&spec.field(&shown));
                if stopped {
                    return Formatted { stopped, ..done };
                }
            }
            'c' => {
                let letter = argument.and_then(|text| text.chars().next()).unwrap_or('\0');
                done.text.push_str(&spec.field(&letter.to_string()));
            }
            'd' | 'i' | 'u' | 'x' | 'X' | 'o' => {
                let text = argument.unwrap_or_default();
                let value = integer(&text);
                if value.is_none() {
                    done.bad.push(text);
                }
                done.text.push_str(&whole_number(&spec, conversion, value.unwrap_or(0)));
            }
            _ => {
                let text = argument.unwrap_or_default();
                let value = Digits::read(&text);
                if value.is_none() && !text.is_empty() {
                    done.bad.push(text);
                }
                done.text.push_str(&real(&spec, conversion, value.unwrap_or_default()));
            }
        }
    }
    let (text, stopped) = unescape(rest, false);
    done.text.push_str(&text);
    Formatted { stopped, ..done }
}

/// The number of the letter after a quote, if there is one.
fn of_letter(text: &str) -> Option<i64> {
    let letter = text.strip_prefix(['"', '\''])?;
    Some(i64::from(letter.chars().next().map_or(0, u32::from)))
}

/// As C reads it: decimal, hexadecimal or octal, or the letter after a quote.
fn integer(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Some(letter) = of_letter(text) {
        return Some(letter);
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let value = if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        i64::from_str_radix(hex, 16).ok()?
    } else if digits.len() > 1 && digits.starts_with('0') {
        i64::from_str_radix(digits, 8).ok()?
    } else {
        digits.parse::<i64>().ok()?
    };
    Some(value.wrapping_mul(sign))
}

fn whole_number(spec: &Spec, conversion: char, value: i64) -> String {
    let digits = match conversion {
        'x' => format!("{value:x}"),
        'X' => format!("{value:X}"),
        'o' => format!("{value:o}"),
        'u' => (value as u64).to_string(),
        _ => value.unsigned_abs().to_string(),
    };
    let digits = match spec.precision {
        Some(places) => format!("{}{digits}", "0".repeat(places.min(WIDTH).saturating_sub(digits.len()))),
        None => digits,
    };
    let before = match conversion {
        'x' if spec.alternate && value != 0 => "0x",
        'X' if spec.alternate && value != 0 => "0X",
        'o' if spec.alternate => "0",
        _ => "",
    };
    let signed = matches!(conversion, 'd' | 'i');
    let plain = Spec {
        plus: spec.plus && signed,
        space: spec.space && signed,
        zero: spec.zero && spec.precision.is_none(),
        ..*spec
    };
    plain.number(signed && value < 0, before, &digits)
}

/// A number as digits: 0.DIGITS times ten to the `point`.
#[derive(Clone, Default)]
struct Digits {
    negative: bool,
    digits: Vec<u8>,
    point: i64,
}

impl Digits {
    fn read(text: &str) -> Option<Digits> {
        let text = text.trim();
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        if of_letter(rest).is_some() || rest.starts_with("0x") {
            return Digits::read(&integer(text)?.to_string());
        }
        let (number, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        let all = [whole, part].concat();
        if all.is_empty() || all.len() > 400 || !all.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let exponent: i64 = exponent.parse::<i64>().ok()?.clamp(-400, 400);
        let leading = all.len() - all.trim_start_matches('0').len();
        let digits: Vec<u8> = all.bytes().skip(leading).map(|b| b - b'0').collect();
        let point = if digits.is_empty() { 0 } else { whole.len() as i64 - leading as i64 + exponent };
        Some(Digits { negative, digits, point })
    }

    /// Rounded (half to even, as the nearest float of a short decimal mostly is) to so many digits in all.
    fn rounded(mut self, count: i64) -> Digits {
        let keep = usize::try_from(count).unwrap_or(0);
        if self.digits.len() <= keep {
            return self;
        }
        let rest = self.digits.split_off(keep);
        let odd = self.digits.last().is_some_and(|d| d % 2 == 1);
        let up = count >= 0 && (rest[0] > 5 || rest[0] == 5 && (rest[1..].iter().any(|d| *d > 0) || odd));
        if up {
            let mut at = self.digits.len();
            loop {
                if at == 0 {
                    self.digits.insert(0, 1);
                    self.point += 1;
                    break;
                }
                at -= 1;
                self.digits[at] += 1;
                if self.digits[at] < 10 {
                    break;
                }
                self.digits[at] = 0;
            }
        }
        self
    }

    fn digit(&self, at: i64) -> char {
        let digit = usize::try_from(at).ok().and_then(|at| self.digits.get(at)).copied().unwrap_or(0);
        char::from(b'0' + digit)
    }

    fn fixed(&self, places: usize) -> String {
        let whole: String = (0..self.point.max(0)).map(|i| self.digit(i)).collect();
        let part: String = (0..places as i64).map(|i| self.digit(self.point + i)).collect();
        let whole = if whole.is_empty() { "0" } else { &whole };
        if places == 0 { whole.into() } else { format!("{whole}.{part}") }
    }

    fn exponential(&self, places: usize, letter: char) -> String {
        let part: String = (1..=places as i64).map(|i| self.digit(i)).collect();
        let point = if places == 0 { "" } else { "." };
        let exponent = if self.digits.is_empty() { 0 } else { self.point - 1 };
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}{point}{part}{letter}{sign}{:02}", self.digit(0), exponent.abs())
    }
}

fn real(spec: &Spec, conversion: char, value: Digits) -> String {
    let places = spec.precision.unwrap_or(6).min(PLACES);
    let negative = value.negative;
    let letter = if conversion.is_ascii_uppercase() { 'E' } else { 'e' };
    let text = match conversion {
        'f' | 'F' => {
            let count = value.point + places as i64;
            value.rounded(count).fixed(places)
        }
        'e' | 'E' => value.rounded(places as i64 + 1).exponential(places, letter),
        _ => {
            let places = places.max(1) as i64;
            let value = value.rounded(places);
            let exponent = if value.digits.is_empty() { 0 } else { value.point - 1 };
            let text = if exponent < -4 || exponent >= places {
                value.exponential(places as usize - 1, letter)
            } else {
                value.fixed((places - 1 - exponent).max(0) as usize)
            };
            let (number, tail) = text.find(letter).map_or((text.as_str(), ""), |at| text.split_at(at));
            let short = if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number };
            format!("{short}{tail}")
        }
    };
    spec.number(negative, "", &text)
}

/// A decimal number written with so many digits after the point; `None` if it is no number.
pub fn decimal(text: &str, places: usize) -> Option<String> {
    let value = Digits::read(text)?;
    let sign = if value.negative { "-" } else { "" };
    let count = value.point + places as i64;
    Some(format!("{sign}{}", value.rounded(count).fixed(places)))
}
