//! github.com/robfig/cron/v3 (spec.go, parser.go), as Kubernetes 1.36 uses it; the texts were checked before.
//!
//! When a schedule is due. All in whole minutes, but for `@every`.
//!
//! Kubernetes 1.36: pkg/controller/cronjob/utils.go; the syntax is that of robfig/cron v3.

use crate::clock::Date;
use crate::zone::Zone;

/// A schedule in its time zone. A time that the clock leaves out when it is put forward does not come that day; one that it
/// shows twice comes twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    when: When,
    zone: Zone,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum When {
    /// The minutes, hours, days, months and weekdays that match, as bits; whether the days and the weekdays are all.
    Fields { minutes: u64, hours: u64, days: u64, months: u64, weekdays: u64, any_day: bool },
    /// Seconds from one time to the next.
    Every(i64),
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

impl Schedule {
    /// `None` if the text is no schedule.
    pub fn parse(text: &str, zone: Zone) -> Option<Schedule> {
        let text = text.trim();
        let fields = match text {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            other => other,
        };
        if let Some(duration) = fields.strip_prefix("@every ") {
            return Some(Schedule { when: When::Every(seconds(duration.trim())?.max(1)), zone });
        }
        let parts: Vec<&str> = fields.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = parts[..] else { return None };
        let star = |field: &str| field.split(',').any(|p| p.starts_with(['*', '?']));
        let when = When::Fields {
            minutes: bits(minutes, 0, 59, &[])?,
            hours: bits(hours, 0, 23, &[])?,
            days: bits(days, 1, 31, &[])?,
            months: bits(months, 1, 12, &MONTHS)?,
            weekdays: bits(weekdays, 0, 6, &DAYS)?,
            any_day: star(days) || star(weekdays),
        };
        Some(Schedule { when, zone })
    }

    /// The first time after an instant, in seconds since 1970; `None` if there is none within five years.
    pub fn next(&self, after: i64) -> Option<i64> {
        let When::Fields { minutes, hours, months, .. } = self.when else {
            let When::Every(every) = self.when else { unreachable!("the other kind") };
            return Some(after + every);
        };
        let has = |set: u64, n: u32| set >> n & 1 == 1;
        let mut time = after.div_euclid(60) * 60 + 60;
        let end = time + 5 * 366 * 86_400;
        while time < end {
            let ahead = self.zone.ahead(time);
            let local = time + ahead;
            let date = Date::from_unix(local);
            let day = has(months, date.month) && self.day_matches(&date);
            // Where the clock changes on the way, hour after hour is looked at.
            if !day && self.zone.ahead(time + 90_000) == ahead {
                time += 86_400 - local.rem_euclid(86_400);
            } else if !day || !has(hours, date.hour) {
                time += 3600 - local.rem_euclid(3600);
            } else if !has(minutes, date.minute) {
                time += 60;
            } else {
                return Some(time);
            }
        }
        None
    }

    /// If both the day and the weekday are named, one of them is enough.
    fn day_matches(&self, date: &Date) -> bool {
        let When::Fields { days, weekdays, any_day, .. } = self.when else { return true };
        let (day, weekday) = (days >> date.day & 1 == 1, weekdays >> date.weekday & 1 == 1);
        if any_day { day && weekday } else { day || weekday }
    }

    /// The last time that is after `earliest` and not after `now`, and whether it is one of more than a hundred.
    pub fn latest(&self, earliest: i64, now: i64) -> Option<(i64, bool)> {
        // The shortest look back that finds one is enough: from there on, times are tried one by one.
        let windows = [3600, 86_400, 32 * 86_400, i64::MAX];
        let from = |back: i64| earliest.max(now.saturating_sub(back));
        let mut found = None;
        for back in windows {
            let mut time = from(back);
            while let Some(next) = self.next(time).filter(|t| *t <= now) {
                (found, time) = (Some(next), next);
            }
            if found.is_some() || from(back) == earliest {
                break;
            }
        }
        let latest = found?;
        let mut first = earliest;
        let many = (0..101).all(|_| match self.next(first) {
            Some(next) if next <= now => {
                first = next;
                true
            }
            _ => false,
        });
        Some((latest, many))
    }
}

/// A field: lists of `*`, `n`, `a-b`, each with `/step`.
fn bits(field: &str, min: u32, max: u32, names: &[&str]) -> Option<u64> {
    let number = |text: &str| {
        let lower = text.to_ascii_lowercase();
        let named = names.iter().position(|n| *n == lower).map(|i| i as u32 + min);
        named.or_else(|| text.parse().ok()).filter(|n| (min..=max).contains(n))
    };
    let mut set = 0;
    for part in field.split(',') {
        let (range, step) = part.split_once('/').map_or((part, None), |(r, s)| (r, Some(s)));
        let step: u32 = step.map_or(Some(1), |s| s.parse().ok()).filter(|s| *s > 0)?;
        let (first, last) = match range.split_once('-') {
            _ if range == "*" || range == "?" => (min, max),
            Some((a, b)) => (number(a)?, number(b)?),
            // `n/step` means from n on.
            None if part.contains('/') => (number(range)?, max),
            None => (number(range)?, number(range)?),
        };
        (first..=last).step_by(step as usize).for_each(|n| set |= 1 << n);
    }
    Some(set)
}

/// A Go duration in whole seconds: `1h30m`, `90s`.
fn seconds(text: &str) -> Option<i64> {
    let (mut total, mut number) = (0_i64, String::new());
    for c in text.chars() {
        match c {
            '0'..='9' => number.push(c),
            'h' | 'm' | 's' => {
                let unit = if c == 'h' {
                    3600
                } else if c == 'm' {
                    60
                } else {
                    1
                };
                total += number.parse::<i64>().ok()?.checked_mul(unit)?;
                number.clear();
            }
            _ => return None,
        }
    }
    number.is_empty().then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, after: &str, expect: &str) {
        let unix = |t: &str| Date::parse_rfc3339(t).unwrap().to_unix();
        let next = Schedule::parse(text, Zone::UTC).unwrap().next(unix(after)).unwrap();
        assert_eq!(Date::from_unix(next).to_string(), expect, "{text}");
    }

    #[test]
    fn schedules_are_due() {
        check("* * * * *", "2026-11-23T19:46:58Z", "2026-11-23T19:47:00Z");
        check("*/5 * * * *", "2026-11-23T19:45:00Z", "2026-11-23T19:50:00Z");
        check("0 0 * * *", "2026-11-23T19:45:00Z", "2026-11-24T00:00:00Z");
        check("@hourly", "2026-11-23T19:45:00Z", "2026-11-23T20:00:00Z");
        check("30 4 1,15 * 5", "2026-11-23T19:45:00Z", "2026-11-27T04:30:00Z");
        check("0 9 * * MON-FRI", "2026-11-27T10:00:00Z", "2026-11-30T09:00:00Z");
        check("0 0 29 2 *", "2026-11-23T19:45:00Z", "2028-02-29T00:00:00Z");
        check("10/20 * * * *", "2026-11-23T19:31:00Z", "2026-11-23T19:50:00Z");
    }

    #[test]
    fn zones_shift_the_day() {
        let check = |zone: &str, text: &str, after: &str, expect: &[&str]| {
            let schedule = Schedule::parse(text, Zone::find(zone).expect("a zone")).expect("a schedule");
            let mut time = Date::parse_rfc3339(after).expect("a time").to_unix();
            for expect in expect {
                time = schedule.next(time).expect("a next time");
                assert_eq!(Date::from_unix(time).to_string(), *expect, "{zone} {text}");
            }
        };
        check("Asia/Tokyo", "0 0 * * *", "2026-11-23T19:45:00Z", &["2026-11-24T15:00:00Z"]);
        let berlin = ["2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z"];
        check("Europe/Berlin", "30 2 * * *", "2026-03-27T12:00:00Z", &berlin);
        let twice = ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z"];
        check("Europe/Berlin", "30 2 * * *", "2026-10-24T12:00:00Z", &twice);
        check(
            "America/New_York",
            "0 0 1 * *",
            "2026-10-15T00:00:00Z",
            &["2026-11-01T04:00:00Z", "2026-12-01T05:00:00Z"],
        );
    }

    #[test]
    fn the_latest_missed_time_is_found() {
        let unix = |t: &str| Date::parse_rfc3339(t).unwrap().to_unix();
        let minutely = Schedule::parse("* * * * *", Zone::UTC).unwrap();
        let (from, now) = (unix("2026-11-23T19:45:30Z"), unix("2026-11-23T19:48:10Z"));
        assert_eq!(minutely.latest(from, now), Some((unix("2026-11-23T19:48:00Z"), false)));
        assert_eq!(minutely.latest(from, unix("2026-11-24T19:48:10Z")).map(|l| l.1), Some(true));
        assert_eq!(minutely.latest(from, from + 10), None);
    }
}
