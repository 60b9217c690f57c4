//! Numbers as the server reckons estimates with them: doubles, without the machine's own.

/// A double that is not negative: `digits` × 2^`power`, with 53 digits at most.
#[derive(Clone, Copy, Debug)]
pub struct Double {
    digits: u64,
    power: i32,
}

/// What going through one character costs: 0.1.
pub const TENTH: Double = Double { digits: 0x19_9999_9999_999A, power: -56 };
pub const FIFTH: Double = Double { power: -55, ..TENTH };
pub const QUARTER: Double = Double { digits: 1, power: -2 };
pub const TWO: Double = Double { digits: 1, power: 1 };
/// 2.1
pub const TWO_AND_TENTH: Double = Double { digits: 0x10_CCCC_CCCC_CCCD, power: -51 };

const DIGITS: u32 = 53;

impl Double {
    /// The nearest to `number` × 2^`power`, or to a little more than that; of two as near the even one.
    fn nearest(number: u128, power: i32, more: bool) -> Double {
        let over = (128 - number.leading_zeros()).saturating_sub(DIGITS);
        if over == 0 {
            return Double { digits: number as u64, power };
        }
        let (digits, rest, half) = (number >> over, number & ((1 << over) - 1), 1 << (over - 1));
        let up = rest > half || (rest == half && (more || digits % 2 == 1));
        Double { digits: digits as u64 + u64::from(up), power: power + over as i32 }
    }
    pub fn ratio(number: u64, by: u64) -> Double {
        let number = u128::from(number) << 64;
        let by = u128::from(by.max(1));
        Double::nearest(number / by, -64, number % by != 0)
    }
    /// So many times this, rounded up; what is too large is the largest number.
    pub fn of(self, count: u64) -> u64 {
        let count = Double::nearest(count.into(), 0, false);
        let product = u128::from(count.digits) * u128::from(self.digits);
        Double::nearest(product, count.power + self.power, false).up()
    }
    fn up(self) -> u64 {
        let digits = u128::from(self.digits);
        let whole = match self.power {
            0..=64 => digits << self.power,
            -127..0 => (digits + (1 << -self.power) - 1) >> -self.power,
            _ if digits == 0 || self.power < 0 => digits.min(1),
            _ => u128::MAX,
        };
        u64::try_from(whole).unwrap_or(u64::MAX)
    }
    /// With so many places behind the point, nine at most; for numbers below 2^32.
    pub fn fixed(self, places: u32) -> String {
        let scale = 10u128.pow(places);
        let scaled = u128::from(self.digits) * scale;
        let rounded = match self.power {
            0.. => scaled << self.power.min(32),
            power => {
                let down = power.unsigned_abs().min(127);
                let (whole, rest, half) = (scaled >> down, scaled & ((1 << down) - 1), 1 << (down - 1));
                whole + u128::from(rest > half || (rest == half && whole % 2 == 1))
            }
        };
        format!("{}.{:0>width$}", rounded / scale, rounded % scale, width = places as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_those_of_doubles() {
        // 70 × 0.1 is 7.000000000000001.
        for (count, expect) in [(0, 0), (1, 1), (10, 1), (30, 3), (60, 6), (70, 7), (3_145_726, 314_573), (3, 1)] {
            let own = TENTH.of(count);
            assert_eq!(own, (count as f64 * 0.1).ceil() as u64, "{count}");
            assert!(own == expect || own == expect + 1, "{count}: {own}");
        }
        assert_eq!((TENTH.of(u64::MAX), TWO.of(u64::MAX)), (1_844_674_407_370_955_264, u64::MAX));
        assert_eq!((FIFTH.of(15), QUARTER.of(5), TWO_AND_TENTH.of(10)), (3, 2, 21));
    }

    #[test]
    fn ratios_are_written_as_go_writes_them() {
        assert_eq!(Double::ratio(10_000_005, 10_000_000).fixed(6), format!("{:.6}", 10_000_005.0 / 1e7));
        assert_eq!(Double::ratio(31_457_280, 10_000_000).fixed(1), "3.1");
        assert_eq!(Double::ratio(1_500_000, 1_000_000).fixed(6), "1.500000");
    }
}
