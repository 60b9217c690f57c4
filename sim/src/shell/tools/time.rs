//! sleep, date, uptime.

use super::super::process::*;
use super::{Options, State, say};
use crate::clock::{Date, Span, Time};
use std::fmt::Write;

const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `0.5`, `10`, `2m`, `1h`, `1d`, `inf`: in milliseconds.
pub fn duration(text: &str) -> Option<Span> {
    if matches!(text, "inf" | "infinity") {
        return Some(Span(u64::MAX / 4));
    }
    let (number, unit) = match text.strip_suffix(['s', 'm', 'h', 'd']) {
        Some(number) => (number, text.chars().last().unwrap_or('s')),
        None => (text, 's'),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = whole.chars().chain(part.chars()).all(|c| c.is_ascii_digit());
    if number.is_empty() || number == "." || !digits {
        return None;
    }
    let seconds: u64 = if whole.is_empty() { 0 } else { whole.parse().unwrap_or(u64::MAX / 1_000_000_000) };
    let part: String = format!("{part:0<3}").chars().take(3).collect();
    let millis = seconds.saturating_mul(1000).saturating_add(part.parse().unwrap_or(0));
    let unit = match unit {
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => 1,
    };
    Some(Span(millis.saturating_mul(unit).min(u64::MAX / 4)))
}

pub(in crate::shell) fn sleep(cx: &mut Context, args: &[String], state: &mut State) -> Flow {
    if args.is_empty() {
        cx.complain(if cx.is_gnu() {
            "sleep: missing operand"
        } else {
            "BusyBox v1.36.1 multi-call binary.\n\nUsage: sleep [N]..."
        });
        return Flow::Exit(1);
    }
    let mut total = Span::ZERO;
    for arg in args {
        match duration(arg) {
            Some(span) => total = total + span,
            None => {
                let text = if cx.is_gnu() {
                    format!("sleep: invalid time interval '{arg}'")
                } else {
                    format!("sleep: invalid number '{arg}'")
                };
                cx.complain(text);
                return Flow::Exit(1);
            }
        }
    }
    *state = State::Until(cx.now + total);
    Flow::Wait(Wait::Until(cx.now + total))
}

/// Writes an instant as `strftime` does, in UTC.
pub fn format(unix: i64, format: &str) -> String {
    let date = Date::from_unix(unix);
    let day_of_year = (unix.div_euclid(86_400)) - Date { month: 1, day: 1, ..date }.to_unix().div_euclid(86_400) + 1;
    let hour12 = if date.hour.is_multiple_of(12) { 12 } else { date.hour % 12 };
    let (day, month) = (DAYS[date.weekday as usize], MONTHS[(date.month - 1) as usize]);
    let mut out = String::with_capacity(2 * format.len());
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut letter = chars.next().unwrap_or('%');
        let unpadded = letter == '-';
        if unpadded {
            letter = chars.next().unwrap_or('%');
        }
        let from = out.len();
        // Writing to a text cannot fail.
        let _ = match letter {
            'Y' => write!(out, "{}", date.year),
            'y' => write!(out, "{:02}", date.year % 100),
            'C' => write!(out, "{:02}", date.year / 100),
            'm' => write!(out, "{:02}", date.month),
            'd' => write!(out, "{:02}", date.day),
            'e' => write!(out, "{:2}", date.day),
            'H' => write!(out, "{:02}", date.hour),
            'I' => write!(out, "{hour12:02}"),
            'M' => write!(out, "{:02}", date.minute),
            'S' => write!(out, "{:02}", date.second),
            'p' => out.write_str(if date.hour < 12 { "AM" } else { "PM" }),
            'j' => write!(out, "{day_of_year:03}"),
            'u' => write!(out, "{}", if date.weekday == 0 { 7 } else { date.weekday }),
            'w' => write!(out, "{}", date.weekday),
            'a' => out.write_str(&day[..3]),
            'A' => out.write_str(day),
            'b' | 'h' => out.write_str(&month[..3]),
            'B' => out.write_str(month),
            's' => write!(out, "{unix}"),
            'N' => out.write_str("000000000"),
            'F' => out.write_str(&self::format(unix, "%Y-%m-%d")),
            'T' | 'X' => out.write_str(&self::format(unix, "%H:%M:%S")),
            'R' => out.write_str(&self::format(unix, "%H:%M")),
            'D' | 'x' => out.write_str(&self::format(unix, "%m/%d/%y")),
            'c' => out.write_str(&self::format(unix, "%a %b %e %H:%M:%S %Y")),
            'r' => out.write_str(&self::format(unix, "%I:%M:%S %p")),
            'Z' => out.write_str("UTC"),
            'z' => out.write_str("+0000"),
            'n' => out.write_str("\n"),
            't' => out.write_str("\t"),
            '%' => out.write_str("%"),
            other => write!(out, "%{other}"),
        };
        if unpadded {
            let padding = out[from..].len() - out[from..].trim_start_matches(['0', ' ']).len();
            out.replace_range(from..from + padding, "");
        }
    }
    out
}

/// How `date` is to write the time.
pub struct Wanted(Form);

enum Form {
    Plain,
    Day,
    Mail,
    Own(String),
}

impl Wanted {
    /// `None` if another time than the present is asked for.
    pub(in crate::shell) fn read(args: &[String]) -> Option<Wanted> {
        let options = Options::read(args, "drs");
        let other = ['d', 'r', 's'].into_iter().any(|letter| options.has(letter));
        (!other).then(|| Wanted::of(&options))
    }
    fn of(options: &Options) -> Wanted {
        Wanted(match options.operands.first().and_then(|arg| arg.strip_prefix('+')) {
            Some(format) => Form::Own(format.to_string()),
            None if options.has('I') => Form::Day,
            None if options.has('R') => Form::Mail,
            None => Form::Plain,
        })
    }
    /// The line for so many seconds since 1970 and milliseconds.
    pub(in crate::shell) fn line(&self, unix: i64, millis: u64) -> String {
        match &self.0 {
            Form::Own(wanted) => format(unix, &wanted.replace("%N", &format!("{millis:03}000000"))),
            Form::Day => format(unix, "%Y-%m-%d"),
            Form::Mail => format(unix, "%a, %d %b %Y %H:%M:%S +0000"),
            Form::Plain => format(unix, "%a %b %e %H:%M:%S UTC %Y"),
        }
    }
}

pub fn date(cx: &mut Context, args: &[String]) -> i32 {
    let options = Options::read(args, "drs");
    let mut unix = cx.unix();
    if let Some(text) = options.value('d') {
        match when(text, unix) {
            Some(then) => unix = then,
            None => {
                cx.complain(format!("date: invalid date '{text}'"));
                return 1;
            }
        }
    }
    if let Some(path) = options.value('r').map(str::to_string) {
        let cwd = cx.cwd();
        let changed = cx.fs().stat(&cwd, &path, super::super::files::Links::Follow).map(|node| node.changed);
        match changed {
            Ok(changed) => unix = cx.unix_at(changed),
            Err(error) => {
                cx.complain(format!("date: {path}: {error}"));
                return 1;
            }
        }
    }
    // Another time than the present is told in whole seconds, with the present one's fraction.
    let millis = cx.host.unix_millis(cx.now) % 1000;
    let line = Wanted::of(&options).line(unix, millis);
    say(cx, line)
}

/// Reads `@1700000000`, `2026-11-23 19:54`, `2026-11-23T19:54:00Z`, `yesterday`, `-1 hour`.
fn when(text: &str, now: i64) -> Option<i64> {
    if let Some(unix) = text.strip_prefix('@') {
        return unix.parse().ok();
    }
    match text {
        "now" | "" => return Some(now),
        "yesterday" => return Some(now - 86_400),
        "tomorrow" => return Some(now + 86_400),
        _ => {}
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    if let [count, unit] | [count, unit, "ago"] = words.as_slice()
        && let Ok(count) = count.parse::<i64>()
    {
        let unit = match unit.trim_end_matches('s') {
            "second" | "sec" => 1,
            "minute" | "min" => 60,
            "hour" => 3600,
            "day" => 86_400,
            "week" => 604_800,
            _ => return None,
        };
        let sign = if words.len() == 3 { -1 } else { 1 };
        return now.checked_add(sign * count.checked_mul(unit)?);
    }
    let text = text.replace('T', " ");
    let text = text.trim_end_matches('Z').trim_end_matches("+0000").trim_end_matches("UTC").trim();
    let (day, clock) = text.split_once(' ').unwrap_or((text, "00:00:00"));
    let clock = clock.split('.').next().unwrap_or_default();
    let clock = if clock.matches(':').count() == 1 { format!("{clock}:00") } else { clock.to_string() };
    Date::parse_rfc3339(&format!("{day}T{clock}Z")).map(Date::to_unix)
}

pub fn uptime(cx: &mut Context) -> i32 {
    let up = cx.now.since(Time(0)).as_secs();
    let line = format!(
        " {} up {:2}:{:02},  0 users,  load average: 0.00, 0.00, 0.00",
        format(cx.unix(), "%H:%M:%S"),
        up / 3600,
        up / 60 % 60
    );
    say(cx, line)
}
