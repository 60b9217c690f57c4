//! Amounts of resources: `100m`, `1.5Gi`, `1e3`.
//!
//! Kubernetes 1.36: staging/src/k8s.io/apimachinery/pkg/api/resource/quantity.go. Amounts are kept in thousandths
//! (of a core, of a byte); finer ones are rounded up to a thousandth, where the API keeps billionths.

use crate::api::field::Field;
use crate::value::Value;
use std::fmt;

/// An amount in thousandths, and the notation in which it is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Quantity {
    pub milli: i128,
    pub notation: Notation,
}

/// The family of suffixes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Notation {
    /// `m`, none, `k`, `M`, `G` ...
    #[default]
    Decimal,
    /// `Ki`, `Mi`, `Gi` ...
    Binary,
    /// `e3`, `E6`.
    Exponent,
}

const BINARY: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const DECIMAL: [&str; 8] = ["m", "", "k", "M", "G", "T", "P", "E"];
/// The largest amount: the API caps at 2^63 - 1 units.
const LARGEST: i128 = i64::MAX as i128 * 1000;

impl Quantity {
    pub const ZERO: Quantity = Quantity { milli: 0, notation: Notation::Decimal };

    pub fn millis(milli: i64) -> Quantity {
        Quantity { milli: i128::from(milli), notation: Notation::Decimal }
    }
    pub fn bytes(bytes: i64) -> Quantity {
        Quantity { milli: i128::from(bytes) * 1000, notation: Notation::Binary }
    }
    /// Whole units, rounded up: bytes of memory, number of Pods.
    pub fn units(self) -> i64 {
        (self.milli.div_euclid(1000) + i128::from(self.milli.rem_euclid(1000) != 0))
            .clamp(i64::MIN.into(), i64::MAX.into()) as i64
    }
    /// Thousandths: millicores of CPU.
    pub fn milli_units(self) -> i64 {
        self.milli.clamp(i64::MIN.into(), i64::MAX.into()) as i64
    }
    pub fn is_zero(self) -> bool {
        self.milli == 0
    }
    /// The sum, in this one's notation (in the other's if this is zero).
    pub fn plus(self, other: Quantity) -> Quantity {
        let notation = if self.milli == 0 { other.notation } else { self.notation };
        Quantity { milli: self.milli.saturating_add(other.milli), notation }
    }
    pub fn minus(self, other: Quantity) -> Quantity {
        let notation = if self.milli == 0 { other.notation } else { self.notation };
        Quantity { milli: self.milli.saturating_sub(other.milli), notation }
    }
    /// Reads an amount; `None` if it is none.
    pub fn parse(text: &str) -> Option<Quantity> {
        let (sign, rest) = match text.as_bytes().first()? {
            b'-' => (-1, &text[1..]),
            b'+' => (1, &text[1..]),
            _ => (1, text),
        };
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, suffix) = rest.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return None;
        }
        let (base, power, notation) = scale(suffix)?;
        let digits: String = [whole, fraction].concat();
        let digits = digits.trim_start_matches('0');
        if digits.len() > 36 {
            return Some(Quantity { milli: LARGEST * sign, notation });
        }
        let mantissa: i128 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
        // mantissa × base^power × 1000 / 10^fraction, rounded up (away from zero).
        let up = if base == 2 { 2i128.checked_pow(power as u32)? } else { 10i128.checked_pow(power.max(0) as u32)? };
        let scaled = mantissa.checked_mul(up).and_then(|n| n.checked_mul(1000)).unwrap_or(i128::MAX);
        let down = fraction.len() as u32 + if base == 10 { (-power).max(0) as u32 } else { 0 };
        let divisor = 10i128.checked_pow(down).unwrap_or(i128::MAX);
        let milli = scaled / divisor + i128::from(scaled % divisor != 0);
        Some(Quantity { milli: milli.min(LARGEST) * sign, notation })
    }
}

/// Base, power and notation of a suffix.
fn scale(suffix: &str) -> Option<(i32, i32, Notation)> {
    if let Some(i) = BINARY.iter().position(|s| *s == suffix).filter(|i| *i > 0) {
        return Some((2, i as i32 * 10, Notation::Binary));
    }
    let decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    if let Some(i) = decimal.iter().position(|s| *s == suffix) {
        return Some((10, (i as i32 - 3) * 3, Notation::Decimal));
    }
    let power: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
    (-18..=18).contains(&power).then_some((10, power, Notation::Exponent))
}

impl fmt::Display for Quantity {
    /// The canonical form: the largest suffix that leaves a whole number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut n = self.milli;
        if n == 0 {
            return f.write_str("0");
        }
        match self.notation {
            // Less than 1Ki is written as a decimal number: a thousand is `1k`.
            Notation::Binary if n % 1000 == 0 && n.abs() >= 1_024_000 => {
                n /= 1000;
                let mut i = 0;
                while i + 1 < BINARY.len() && n % 1024 == 0 {
                    n /= 1024;
                    i += 1;
                }
                write!(f, "{n}{}", BINARY[i])
            }
            notation => {
                let mut i = 0;
                while i + 1 < DECIMAL.len() && n % 1000 == 0 {
                    n /= 1000;
                    i += 1;
                }
                match (notation, i) {
                    (Notation::Exponent, 1) => write!(f, "{n}"),
                    (Notation::Exponent, i) => write!(f, "{n}e{}", i as i64 * 3 - 3),
                    _ => write!(f, "{n}{}", DECIMAL[i]),
                }
            }
        }
    }
}

impl Field for Quantity {
    fn read(value: &Value) -> Self {
        match value {
            Value::Str(text) | Value::Number(text) => Quantity::parse(text).unwrap_or_default(),
            Value::Int(n) => Quantity { milli: i128::from(*n) * 1000, notation: Notation::Decimal },
            _ => Quantity::ZERO,
        }
    }
    fn write(&self) -> Value {
        // Few amounts are written, each of them often.
        Value::from(&*self.to_string())
    }
    fn is_empty(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_canonical() {
        let check = |input: &str, expect: &str| {
            assert_eq!(Quantity::parse(input).map(|q| q.to_string()), Some(expect.to_string()), "{input}");
        };
        check("100m", "100m");
        check("0.1", "100m");
        check("1000m", "1");
        check("1500m", "1500m");
        check("1024Mi", "1Gi");
        check("1.5Gi", "1536Mi");
        check("0.5Ki", "512");
        check("1000k", "1M");
        check("1e3", "1e3");
        check("12e6", "12e6");
        check("0", "0");
        check("-1", "-1");
        check("64Mi", "64Mi");
        check("1025", "1025");
        check("1u", "1m");
        for bad in ["", "abc", "1x", "1.2.3", "Mi", "1 Gi", "1mi"] {
            assert_eq!(Quantity::parse(bad), None, "{bad}");
        }
    }
}
