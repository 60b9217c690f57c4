//! Virtual time, and the agenda: who asked to be woken, and when.

use crate::dice::Fingerprint;
use crate::sorted::Sorted;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Add, AddAssign, Sub};

/// An instant: milliseconds since the cluster's beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub u64);

/// A length of time in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub u64);

impl Span {
    pub const ZERO: Span = Span(0);
    pub const fn millis(n: u64) -> Span {
        Span(n)
    }
    pub const fn secs(n: u64) -> Span {
        Span(n.saturating_mul(1000))
    }
    pub const fn minutes(n: u64) -> Span {
        Span::secs(n.saturating_mul(60))
    }
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }
}

impl Time {
    /// This instant's whole second: what API timestamps keep.
    pub const fn second(self) -> Time {
        Time(self.0 / 1000 * 1000)
    }
    /// How long ago `earlier` was; zero if it lies ahead.
    pub const fn since(self, earlier: Time) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Span> for Time {
    type Output = Time;
    fn add(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}
impl AddAssign<Span> for Time {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}
impl Sub<Span> for Time {
    type Output = Time;
    fn sub(self, span: Span) -> Time {
        Time(self.0.saturating_sub(span.0))
    }
}
impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

/// A calendar date and time of day, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    pub year: i64,
    pub month: u32,
    pub day: u32,
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
    /// 0 is Sunday.
    pub weekday: u32,
}

impl Date {
    /// From seconds since 1970 (proleptic Gregorian calendar).
    pub fn from_unix(seconds: i64) -> Date {
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400) as u32);
        // Days are counted from 1 March of year 0, so that the leap day is the last of its year.
        let z = days + 719_468;
        let (era, day_of_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 } as u32;
        Date {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day: (day_of_year - (153 * shifted + 2) / 5 + 1) as u32,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60,
            weekday: (days + 4).rem_euclid(7) as u32,
        }
    }

    /// Seconds since 1970.
    pub fn to_unix(self) -> i64 {
        let (y, m) = if self.month <= 2 { (self.year - 1, self.month + 9) } else { (self.year, self.month - 3) };
        let (era, yoe) = (y.div_euclid(400), y.rem_euclid(400));
        let doy = (153 * i64::from(m) + 2) / 5 + i64::from(self.day) - 1;
        let days = era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468;
        days * 86_400 + i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second)
    }

    /// Reads `2026-11-23T20:05:34Z` and `2026-11-24T05:05:34.5+09:00`; fractions of a second are dropped. `None` for anything else.
    pub fn parse_rfc3339(text: &str) -> Option<Date> {
        let b = text.as_bytes();
        let number = |from: usize, to: usize| text.get(from..to)?.parse::<u32>().ok();
        let shaped = b.len() >= 20 && b[4] == b'-' && b[7] == b'-' && b[10] == b'T' && b[13] == b':' && b[16] == b':';
        if !shaped {
            return None;
        }
        let (fraction, zone) = text.get(19..)?.split_at(text[19..].find(['Z', '+', '-'])?);
        let is_fraction = fraction.strip_prefix('.').is_some_and(|f| f.bytes().all(|b| b.is_ascii_digit()));
        let ahead = if zone == "Z" { 0 } else { offset(zone)? };
        if !fraction.is_empty() && !is_fraction {
            return None;
        }
        let date = Date {
            year: i64::from(number(0, 4)?),
            month: number(5, 7)?,
            day: number(8, 10)?,
            hour: number(11, 13)?,
            minute: number(14, 16)?,
            second: number(17, 19)?,
            weekday: 0,
        };
        let valid = (1..=12).contains(&date.month) && (1..=31).contains(&date.day);
        (valid && date.hour < 24 && date.minute < 60 && date.second < 61)
            .then(|| Date::from_unix(date.to_unix() - ahead))
    }
}

/// `+01:00`, `-08:30`, `01:00` in seconds.
pub fn offset(zone: &str) -> Option<i64> {
    let (sign, rest) = zone.strip_prefix('-').map_or((1, zone.trim_start_matches('+')), |rest| (-1, rest));
    let (hours, minutes) = rest.split_once(':')?;
    let within = |text: &str, most: i64| text.parse().ok().filter(|n| (0..=most).contains(n));
    Some(sign * (within(hours, 23)? * 3600 + within(minutes, 59)? * 60))
}

impl fmt::Display for Date {
    /// RFC 3339, as API timestamps are written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Date { year, month, day, hour, minute, second, .. } = self;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// Who asked to be woken, and when. A wake means "look again", never "do this"; of two wakes for one actor the
/// earlier wins. Actors due at one instant are woken in the order in which they asked.
#[derive(Clone, Debug)]
pub struct Agenda<A: Ord> {
    /// By the instant, and by how many had asked before.
    due: Sorted<(Time, u64), A>,
    /// By a number made of the actor, then the actor: mostly two are told apart without a look at their names.
    when: Sorted<(u64, A), (Time, u64)>,
    asked: u64,
}

// `when` says the same as `due`.
impl<A: Ord + Hash> Hash for Agenda<A> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.due, self.asked).hash(state);
    }
}

impl<A: Ord> Default for Agenda<A> {
    fn default() -> Self {
        Agenda { due: Sorted::default(), when: Sorted::default(), asked: 0 }
    }
}

impl<A: Ord + Clone + Hash> Agenda<A> {
    pub fn wake(&mut self, actor: A, at: Time) {
        let key = (number(&actor), actor);
        let known = self.when.get(&key).copied();
        if known.is_some_and(|(then, _)| then <= at) {
            return;
        }
        if let Some(known) = known {
            self.due.remove(&known);
        }
        self.asked += 1;
        self.due.insert((at, self.asked), key.1.clone());
        self.when.insert(key, (at, self.asked));
    }
    /// When the next actor is due.
    pub fn next(&self) -> Option<Time> {
        self.due.first().map(|((at, _), _)| *at)
    }
    /// Who is due next.
    pub fn first(&self) -> Option<&A> {
        self.due.first().map(|(.., actor)| actor)
    }
    pub fn pop(&mut self) -> Option<(Time, A)> {
        let ((at, _), actor) = self.due.pop_first()?;
        let key = (number(&actor), actor);
        self.when.remove(&key);
        Some((at, key.1))
    }
    pub fn len(&self) -> usize {
        self.due.len()
    }
    pub fn is_empty(&self) -> bool {
        self.due.is_empty()
    }
    /// Everyone who asked, the earliest first.
    pub fn iter(&self) -> impl Iterator<Item = (Time, &A)> {
        self.due.iter().map(|((at, _), actor)| (*at, actor))
    }
}

fn number(actor: &impl Hash) -> u64 {
    let mut hasher = Fingerprint::default();
    actor.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_there_and_back() {
        for unix in [0, 951_782_400, 1_795_464_334, 4_102_444_799, -1] {
            assert_eq!(Date::from_unix(unix).to_unix(), unix);
        }
        assert_eq!(Date::from_unix(1_795_464_334).to_string(), "2026-11-23T20:05:34Z");
        assert_eq!(Date::parse_rfc3339("2026-11-23T20:05:34Z").map(Date::to_unix), Some(1_795_464_334));
        assert_eq!(Date::from_unix(1_795_464_334).weekday, 1);
        assert_eq!(Date::parse_rfc3339("2026-11-24T05:35:34.25+09:30").map(Date::to_unix), Some(1_795_464_334));
        assert_eq!(Date::parse_rfc3339("2026-11-23T12:05:34-08:00").map(Date::to_unix), Some(1_795_464_334));
        for wrong in ["2026-13-23T20:05:34Z", "2026-11-23T20:05:34", "2026-11-23T20:05:34xZ", "2026-11-23T20:05:34+9"] {
            assert_eq!(Date::parse_rfc3339(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_earlier_of_two_wakes_wins() {
        let mut agenda = Agenda::default();
        agenda.wake("a", Time(5));
        agenda.wake("a", Time(9));
        agenda.wake("b", Time(5));
        agenda.wake("a", Time(3));
        assert_eq!(agenda.pop(), Some((Time(3), "a")));
        assert_eq!(agenda.pop(), Some((Time(5), "b")));
        assert_eq!(agenda.pop(), None);
    }
}
