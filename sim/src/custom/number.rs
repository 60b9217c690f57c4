//! Numbers of JSON, compared exactly: they are kept as texts where they are no integers.

use crate::value::Value;
use std::cmp::Ordering;

/// `digits` × 10^`exponent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    digits: i128,
    exponent: i32,
}

/// Numbers with more digits are cut off, beyond what a double holds.
const MOST_DIGITS: usize = 30;

impl Decimal {
    /// The number of a value; `None` if it is none.
    pub fn of(value: &Value) -> Option<Decimal> {
        match value {
            Value::Int(n) => Some(Decimal { digits: i128::from(*n), exponent: 0 }),
            Value::Number(text) => Decimal::parse(text),
            _ => None,
        }
    }

    fn parse(text: &str) -> Option<Decimal> {
        let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let (negative, whole) = whole.strip_prefix('-').map_or((false, whole), |rest| (true, rest));
        let kept: String = whole.chars().chain(fraction.chars()).take(MOST_DIGITS).collect();
        let cut = (whole.len() + fraction.len()).saturating_sub(MOST_DIGITS);
        let digits: i128 = kept.parse().ok()?;
        let exponent = exponent.trim_start_matches('+').parse::<i32>().ok()?;
        let exponent = exponent.checked_sub(fraction.len() as i32)?.checked_add(cut as i32)?;
        Some(Decimal { digits: if negative { -digits } else { digits }, exponent })
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
    }
}
