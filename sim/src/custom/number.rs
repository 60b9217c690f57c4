//! Numbers of JSON, compared exactly: they are kept as texts where they are no integers.

use crate::value::Value;
use std::cmp::Ordering;
use std::fmt;

/// `digits` × 10^`exponent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    digits: i128,
    exponent: i32,
}

/// Numbers with more digits are cut off, beyond what a double holds.
const MOST_DIGITS: usize = 30;
/// Far beyond what a double holds.
const LARGEST_EXPONENT: i32 = 10_000;

impl Decimal {
    /// The number of a value; `None` if it is none.
    pub fn of(value: &Value) -> Option<Decimal> {
        match value {
            Value::Int(n) => Some(Decimal { digits: i128::from(*n), exponent: 0 }),
            Value::Number(text) => Decimal::parse(text),
            _ => None,
        }
    }

    pub fn parse(text: &str) -> Option<Decimal> {
        let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let (negative, whole) = whole.strip_prefix('-').map_or((false, whole), |rest| (true, rest));
        let kept: String = whole.chars().chain(fraction.chars()).take(MOST_DIGITS).collect();
        let cut = (whole.len() + fraction.len()).saturating_sub(MOST_DIGITS);
        let digits: i128 = kept.parse().ok()?;
        let exponent = exponent.trim_start_matches('+').parse::<i32>().ok().filter(|e| e.abs() <= LARGEST_EXPONENT)?;
        let exponent = exponent.checked_sub(fraction.len() as i32)?.checked_add(cut as i32)?;
        Some(Decimal { digits: if negative { -digits } else { digits }, exponent })
    }

    pub fn whole(n: i128) -> Decimal {
        Decimal { digits: n, exponent: 0 }
    }
    /// Without what follows the point.
    pub fn truncated(self) -> Option<i128> {
        match self.exponent {
            0.. => self.digits.checked_mul(10i128.checked_pow(self.exponent as u32)?),
            _ => Some(10i128.checked_pow(self.exponent.unsigned_abs()).map_or(0, |power| self.digits / power)),
        }
    }
    /// With so many places behind the point.
    pub fn fixed(self, places: usize) -> String {
        let power = Decimal { digits: 1, exponent: places as i32 };
        let shifted = self.times(power).and_then(Decimal::truncated).unwrap_or(0);
        let text = format!("{:0>width$}", shifted.unsigned_abs(), width = places + 1);
        let (whole, fraction) = text.split_at(text.len() - places);
        let point = if places == 0 { "" } else { "." };
        format!("{}{whole}{point}{fraction}", if shifted < 0 { "-" } else { "" })
    }
    pub fn negated(self) -> Decimal {
        Decimal { digits: -self.digits, ..self }
    }
    /// `None` if the sum has too many digits.
    pub fn plus(self, other: Decimal) -> Option<Decimal> {
        let (a, b) = self.aligned(other)?;
        Some(Decimal { digits: a.checked_add(b)?, exponent: self.exponent.min(other.exponent) })
    }
    pub fn times(self, other: Decimal) -> Option<Decimal> {
        let exponent = self.exponent.checked_add(other.exponent).filter(|e| e.abs() <= LARGEST_EXPONENT)?;
        Some(Decimal { digits: self.digits.checked_mul(other.digits)?, exponent })
    }
    /// To fifteen digits behind the point; `None` for a division by zero.
    pub fn over(self, other: Decimal) -> Option<Decimal> {
        let (a, b) = self.aligned(other)?;
        Some(Decimal { digits: a.checked_mul(1_000_000_000_000_000)?.checked_div(b)?, exponent: -15 })
    }

    /// Both as integers of one scale; `None` if they are too far apart for that.
    fn aligned(self, other: Decimal) -> Option<(i128, i128)> {
        let low = self.exponent.min(other.exponent);
        let raise = |d: Decimal| 10i128.checked_pow((d.exponent - low) as u32).and_then(|f| d.digits.checked_mul(f));
        Some((raise(self)?, raise(other)?))
    }

    pub fn compare(self, other: Decimal) -> Ordering {
        if let Some((a, b)) = self.aligned(other) {
            return a.cmp(&b);
        }
        // So far apart that the sign, or else the larger exponent, tells.
        let size = |d: Decimal| if d.digits == 0 { i32::MIN } else { d.exponent };
        match (self.digits.signum(), other.digits.signum()) {
            (a, b) if a != b => a.cmp(&b),
            (-1, _) => size(other).cmp(&size(self)),
            _ => size(self).cmp(&size(other)),
        }
    }

    pub fn is_multiple_of(self, factor: Decimal) -> bool {
        self.aligned(factor).is_some_and(|(a, b)| b != 0 && a % b == 0)
    }

    pub fn is_whole(self) -> bool {
        self.is_multiple_of(Decimal { digits: 1, exponent: 0 })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut digits, mut exponent) = (self.digits, self.exponent);
        while exponent < 0 && digits % 10 == 0 {
            (digits, exponent) = (digits / 10, exponent + 1);
        }
        match exponent {
            0..20 => write!(f, "{digits}{}", "0".repeat(exponent as usize)),
            -30..0 => {
                let places = exponent.unsigned_abs() as usize;
                let text = format!("{:0>width$}", digits.unsigned_abs(), width = places + 1);
                let (whole, fraction) = text.split_at(text.len() - places);
                write!(f, "{}{whole}.{fraction}", if digits < 0 { "-" } else { "" })
            }
            _ => write!(f, "{digits}e{exponent:+03}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_exactly() {
        let number = |text: &str| Decimal::parse(text).unwrap();
        let check = |a: &str, expect: Ordering, b: &str| {
            assert_eq!(number(a).compare(number(b)), expect, "{a} {b}");
            assert_eq!(number(b).compare(number(a)), expect.reverse(), "{b} {a}");
        };
        check("1.5", Ordering::Equal, "15e-1");
        check("0.1", Ordering::Less, "0.11");
        check("-1e+300", Ordering::Less, "5");
        check("1e-300", Ordering::Less, "1e+30");
        check("9007199254740993", Ordering::Greater, "9007199254740992");
        assert!(number("1.5").is_multiple_of(number("0.5")) && !number("1.5").is_multiple_of(number("1")));
        assert!(number("3.0").is_whole() && !number("3.5").is_whole());
        let reckoned = |n: Option<Decimal>| n.unwrap().to_string();
        assert_eq!(reckoned(number("1.5").plus(number("-2"))), "-0.5");
        assert_eq!(reckoned(number("1.5").times(number("4e2"))), "600");
        assert_eq!(reckoned(number("1").over(number("8"))), "0.125");
        assert_eq!(number("1").over(number("0")), None);
        assert_eq!(number("-3.9").truncated(), Some(-3));
    }
}
