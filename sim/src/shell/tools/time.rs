//! sleep, date, uptime.

use super::super::process::*;
use super::{Options, State, say};
use crate::clock::{Date, Span, Time};

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
    let mut out = String::new();
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
        let text = match letter {
            'Y' => date.year.to_string(),
            'y' => format!("{:02}", date.year % 100),
            'C' => format!("{:02}", date.year / 100),
            'm' => format!("{:02}", date.month),
            'd' => format!("{:02}", date.day),
            'e' => format!("{:2}", date.day),
            'H' => format!("{:02}", date.hour),
            'I' => format!("{hour12:02}"),
            'M' => format!("{:02}", date.minute),
            'S' => format!("{:02}", date.second),
            'p' => if date.hour < 12 { "AM" } else { "PM" }.into(),
            'j' => format!("{day_of_year:03}"),
            'u' => if date.weekday == 0 { 7 } else { date.weekday }.to_string(),
            'w' => date.weekday.to_string(),
            'a' => day[..3].into(),
            'A' => day.into(),
            'b' | 'h' => month[..3].into(),
            'B' => month.into(),
            's' => unix.to_string(),
            'N' => "000000000".into(),
            'F' => self::format(unix, "%Y-%m-%d"),
            'T' => self::format(unix, "%H:%M:%S"),
            'R' => self::format(unix, "%H:%M"),
            'D' => self::format(unix, "%m/%d/%y"),
            'c' => self::format(unix, "%a %b %e %H:%M:%S %Y"),
            'x' => self::format(unix, "%m/%d/%y"),
            'X' => self::format(unix, "%H:%M:%S"),
            'r' => self::format(unix, "%I:%M:%S %p"),
            'Z' => "UTC".into(),
            'z' => "+0000".into(),
            'n' => "\n".into(),
            't' => "\t".into(),
            '%' => "%".into(),
            other => format!("%{other}"),
        };
        out.push_str(if unpadded { text.trim_start_matches(['0', ' ']) } else { &text });
    }
    out
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
    let line = match options.operands.first().and_then(|arg| arg.strip_prefix('+')) {
        Some(wanted) => {
            let millis = cx.host.unix_millis(cx.now) % 1000;
            format(unix, &wanted.replace("%N", &format!("{millis:03}000000")))
        }
        None if options.has('I') => format(unix, "%Y-%m-%d"),
        None if options.has('R') => format(unix, "%a, %d %b %Y %H:%M:%S +0000"),
        None => format(unix, "%a %b %e %H:%M:%S UTC %Y"),
    };
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
