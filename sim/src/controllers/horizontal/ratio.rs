//! Kubernetes 1.36: pkg/controller/podautoscaler/replica_calculator.go (its use of float64)
//!
//! A quotient of whole numbers that is multiplied and rounded as the real controller's 64-bit floating-point numbers are,
//! with all their errors, in whole numbers alone.

/// `part` of `whole`; neither is negative, `whole` is not 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    pub part: i64,
    pub whole: i64,
}

/// A binary number: mantissa of at most 53 bits, exponent.
type Binary = (u128, i32);

/// The nearest number with 53 bits, ties to even. `more`: the true number is a little greater.
fn rounded(mantissa: u128, exponent: i32, more: bool) -> Binary {
    let bits = 128 - mantissa.leading_zeros();
    let Some(dropped) = bits.checked_sub(53).filter(|n| *n > 0) else { return (mantissa, exponent) };
    let (kept, half) = (mantissa >> dropped, 1u128 << (dropped - 1));
    let rest = mantissa & ((half << 1) - 1);
    let up = rest > half || (rest == half && (more || kept & 1 == 1));
    (kept + u128::from(up), exponent + dropped as i32)
}

impl Ratio {
    pub fn above_one(self) -> bool {
        self.part > self.whole
    }
    pub fn below_one(self) -> bool {
        self.part < self.whole
    }
    /// Whether it is 1 within thousandths below and above.
    pub fn is_about_one(self, below: i64, above: i64) -> bool {
        let (part, whole) = (i128::from(self.part) * 1000, i128::from(self.whole));
        part >= whole * i128::from(1000 - below) && part <= whole * i128::from(1000 + above)
    }
    /// The product, rounded up.
    pub fn times_up(self, count: i64) -> i64 {
        let (mantissa, exponent) = self.times(count);
        match u32::try_from(-exponent) {
            Ok(shift) if shift > 127 => i64::from(mantissa > 0),
            Ok(shift) => ((mantissa + ((1u128 << shift) - 1)) >> shift) as i64,
            Err(_) => i64::MAX,
        }
    }
    /// The product without its fraction.
    pub fn times_down(self, count: i64) -> i64 {
        let (mantissa, exponent) = self.times(count);
        match u32::try_from(-exponent) {
            Ok(shift) if shift > 127 => 0,
            Ok(shift) => (mantissa >> shift) as i64,
            Err(_) => i64::MAX,
        }
    }
    fn times(self, count: i64) -> Binary {
        let (part, whole) = (self.part.max(0) as u128, self.whole.max(1) as u128);
        if part == 0 || count <= 0 {
            return (0, 0);
        }
        // So many bits more that the quotient has at least 55.
        let shift = (55 + part.leading_zeros()).saturating_sub(whole.leading_zeros()) + 1;
        let (quotient, rest) = ((part << shift) / whole, (part << shift) % whole);
        let (mantissa, exponent) = rounded(quotient, -(shift as i32), rest != 0);
        rounded(mantissa * count as u128, exponent, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_have_the_errors_of_floating_point() {
        let check = |part: i64, whole: i64, count: i64, up: i64, down: i64| {
            let ratio = Ratio { part, whole };
            assert_eq!((ratio.times_up(count), ratio.times_down(count)), (up, down), "{part}/{whole} x {count}");
        };
        check(185, 50, 1, 4, 3);
        check(55, 50, 10, 11, 11);
        // 0.07 x 100 is 7.000000000000001, and 0.29 x 100 is 28.999999999999996.
        check(7, 100, 100, 8, 7);
        check(29, 100, 100, 29, 28);
        check(1, 3, 3, 1, 1);
        check(0, 50, 4, 0, 0);
        check(6, 50, 4, 1, 0);
        check(1 << 44, 1, 3, 3 << 44, 3 << 44);
    }

    #[test]
    fn tolerances_are_inclusive() {
        let about = |part, whole| Ratio { part, whole }.is_about_one(100, 100);
        assert_eq!([45, 44, 55, 56].map(|part| about(part, 50)), [true, false, true, false]);
    }
}
