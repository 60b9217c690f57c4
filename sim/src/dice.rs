//! Keyed randomness: a throw depends on the seed and on what it is for, never on how many were thrown before,
//! so an edit in the past changes only what it causes.

use std::hash::Hasher;
use std::rc::Rc;

/// The alphabet of generated names (Kubernetes 1.36: staging/src/k8s.io/apimachinery/pkg/util/rand).
pub const NAME_LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

const HEXADECIMAL: &[u8; 16] = b"0123456789abcdef";

/// The cluster's source of chance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Dice(pub u64);

impl Dice {
    /// A number that depends on the seed, on whom it is for and on what it is for.
    pub fn throw(self, whom: &str, purpose: &str) -> u64 {
        let mut h = mix(self.0 ^ 0x9e37_79b9_7f4a_7c15);
        for part in [whom, purpose] {
            for chunk in part.as_bytes().chunks(8) {
                let mut word = [0; 8];
                word[..chunk.len()].copy_from_slice(chunk);
                h = mix(h ^ u64::from_le_bytes(word));
            }
            h = mix(h ^ part.len() as u64);
        }
        h
    }
    /// Evenly one of `0..n`; 0 if `n` is 0.
    pub fn below(self, n: u64, whom: &str, purpose: &str) -> u64 {
        ((u128::from(self.throw(whom, purpose)) * u128::from(n)) >> 64) as u64
    }
    /// Random letters of generated names, as in `web-7887466664-67l8r`.
    pub fn letters(self, count: usize, whom: &str, purpose: &str) -> String {
        let mut n = self.throw(whom, purpose);
        (0..count)
            .map(|_| {
                n = mix(n.wrapping_add(0x9e37_79b9_7f4a_7c15));
                NAME_LETTERS[(n % NAME_LETTERS.len() as u64) as usize] as char
            })
            .collect()
    }
    /// A version 4 UUID.
    pub fn uuid(self, whom: &str, purpose: &str) -> Rc<str> {
        let a = self.throw(whom, purpose);
        let b = mix(a ^ 0xd1b5_4a32_d192_ed03);
        let (a, b) = (a & !0xf000 | 0x4000, b & !(0xc0 << 56) | 0x80 << 56);
        let mut text = [b'-'; 36];
        // The places of the hyphens.
        let places = (0..36).filter(|place| ![8, 13, 18, 23].contains(place));
        for (digit, place) in places.enumerate() {
            let half = if digit < 16 { a } else { b };
            text[place] = HEXADECIMAL[(half >> (60 - digit % 16 * 4) & 0xf) as usize];
        }
        std::str::from_utf8(&text).expect("hexadecimal digits").into()
    }
    /// `digits` hexadecimal digits: container ids, digests.
    pub fn hex(self, digits: usize, whom: &str, purpose: &str) -> String {
        let mut n = self.throw(whom, purpose);
        let mut out = String::with_capacity(digits + 16);
        while out.len() < digits {
            n = mix(n.wrapping_add(0x9e37_79b9_7f4a_7c15));
            out.extend((0..16).map(|digit| char::from(HEXADECIMAL[(n >> (60 - digit * 4) & 0xf) as usize])));
        }
        out.truncate(digits);
        out
    }
}

/// The finalizer of splitmix64.
pub fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A hasher with the same answers on every machine: sizes are hashed as 64 bits.
#[derive(Default)]
pub struct Fingerprint(u64);

impl Hasher for Fingerprint {
    fn finish(&self) -> u64 {
        mix(self.0)
    }
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }
    fn write_u8(&mut self, n: u8) {
        self.write_u64(n.into());
    }
    fn write_u32(&mut self, n: u32) {
        self.write_u64(n.into());
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = mix(self.0 ^ n).wrapping_add(0x9e37_79b9_7f4a_7c15);
    }
    fn write_i64(&mut self, n: i64) {
        self.write_u64(n as u64);
    }
    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }
    fn write_isize(&mut self, n: isize) {
        self.write_u64(n as i64 as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throws_depend_on_whom_and_purpose_alone() {
        let dice = Dice(7);
        assert_eq!(dice.throw("a", "x"), dice.throw("a", "x"));
        assert_ne!(dice.throw("a", "x"), dice.throw("ax", ""));
        assert_ne!(dice.throw("a", "x"), Dice(8).throw("a", "x"));
        assert_eq!(dice.letters(5, "a", "x").len(), 5);
        let uuid = dice.uuid("a", "x");
        assert_eq!((uuid.len(), &uuid[14..15]), (36, "4"));
        assert!(matches!(&uuid[19..20], "8" | "9" | "a" | "b"));
        assert!(dice.below(3, "a", "x") < 3);
    }
}
