//! The order in which kubectl prints what it has sorted: equal things stand as Go's sort leaves them.
//!
//! Go 1.26: sort.Sort (pattern-defeating quicksort by Orson Peters). It keeps the order of equals among up to twelve;
//! of more it moves them, always in the same way.

/// So many are sorted by insertion, which keeps the order of equals.
const FEW: usize = 12;
/// From so many on, the pivot is chosen among nine, and a nearly sorted part is mended.
const MANY: usize = 50;

/// Sorts as Go does; `less` says whether one stands before another.
pub fn sort<T>(list: &mut [T], less: impl Fn(&T, &T) -> bool) {
    let limit = bits(list.len());
    let end = list.len();
    Sorter { list, less: &less }.range(0, end, limit);
}

/// How many binary digits a number has.
fn bits(n: usize) -> u32 {
    usize::BITS - n.leading_zeros()
}

/// What the pivot's choice tells of the order.
#[derive(PartialEq)]
enum Hint {
    Unknown,
    Increasing,
    Decreasing,
}

struct Sorter<'a, T, F> {
    list: &'a mut [T],
    less: &'a F,
}

impl<T, F: Fn(&T, &T) -> bool> Sorter<'_, T, F> {
    fn less(&self, i: usize, j: usize) -> bool {
        (self.less)(&self.list[i], &self.list[j])
    }

    fn range(&mut self, mut a: usize, mut b: usize, mut limit: u32) {
        let (mut balanced, mut partitioned) = (true, true);
        loop {
            let length = b - a;
            if length <= FEW {
                return self.insert(a, b);
            }
            if limit == 0 {
                return self.heap(a, b);
            }
            if !balanced {
                self.break_patterns(a, b);
                limit -= 1;
            }
            let (mut pivot, mut hint) = self.choose_pivot(a, b);
            if hint == Hint::Decreasing {
                self.list[a..b].reverse();
                pivot = (b - 1) - (pivot - a);
                hint = Hint::Increasing;
            }
            if balanced && partitioned && hint == Hint::Increasing && self.mend(a, b) {
                return;
            }
            if a > 0 && !self.less(a - 1, pivot) {
                a = self.partition_equal(a, b, pivot);
                continue;
            }
            let (middle, already) = self.partition(a, b, pivot);
            partitioned = already;
            let (left, right) = (middle - a, b - middle);
            balanced = left.min(right) >= length / 8;
            if left < right {
                self.range(a, middle, limit);
                a = middle + 1;
            } else {
                self.range(middle + 1, b, limit);
                b = middle;
            }
        }
    }

    fn insert(&mut self, a: usize, b: usize) {
        for i in a + 1..b {
            let mut j = i;
            while j > a && self.less(j, j - 1) {
                self.list.swap(j, j - 1);
                j -= 1;
            }
        }
    }

    fn heap(&mut self, a: usize, b: usize) {
        let length = b - a;
        for root in (0..length.div_ceil(2)).rev() {
            self.sift(a, root, length);
        }
        for end in (0..length).rev() {
            self.list.swap(a, a + end);
            self.sift(a, 0, end);
        }
    }

    fn sift(&mut self, first: usize, mut root: usize, end: usize) {
        loop {
            let mut child = 2 * root + 1;
            if child >= end {
                return;
            }
            if child + 1 < end && self.less(first + child, first + child + 1) {
                child += 1;
            }
            if !self.less(first + root, first + child) {
                return;
            }
            self.list.swap(first + root, first + child);
            root = child;
        }
    }

    /// Those before the pivot to the left of it, the others to the right. Answers where it stands then, and whether it all
    /// stood so before.
    fn partition(&mut self, a: usize, b: usize, pivot: usize) -> (usize, bool) {
        self.list.swap(a, pivot);
        let (mut i, mut j) = (a + 1, b - 1);
        let mut already = true;
        loop {
            while i <= j && self.less(i, a) {
                i += 1;
            }
            while i <= j && !self.less(j, a) {
                j -= 1;
            }
            if i > j {
                self.list.swap(j, a);
                return (j, already);
            }
            already = false;
            self.list.swap(i, j);
            i += 1;
            j -= 1;
        }
    }

    /// Those that equal the pivot to the left. Answers where the others begin.
    fn partition_equal(&mut self, a: usize, b: usize, pivot: usize) -> usize {
        self.list.swap(a, pivot);
        let (mut i, mut j) = (a + 1, b - 1);
        loop {
            while i <= j && !self.less(a, i) {
                i += 1;
            }
            while i <= j && self.less(a, j) {
                j -= 1;
            }
            if i > j {
                return i;
            }
            self.list.swap(i, j);
            i += 1;
            j -= 1;
        }
    }

    /// Sorts what needs only a few moves. Answers whether it is sorted now.
    fn mend(&mut self, a: usize, b: usize) -> bool {
        let mut i = a + 1;
        for _ in 0..5 {
            while i < b && !self.less(i, i - 1) {
                i += 1;
            }
            if i == b {
                return true;
            }
            if b - a < MANY {
                return false;
            }
            self.list.swap(i, i - 1);
            if i - a >= 2 {
                let mut j = i - 1;
                while j >= 1 && self.less(j, j - 1) {
                    self.list.swap(j, j - 1);
                    j -= 1;
                }
            }
            if b - i >= 2 {
                let mut j = i + 1;
                while j < b && self.less(j, j - 1) {
                    self.list.swap(j, j - 1);
                    j += 1;
                }
            }
        }
        false
    }

    /// Swaps three in the middle for others that only the length chooses.
    fn break_patterns(&mut self, a: usize, b: usize) {
        let length = b - a;
        let mut state = length as u64;
        let mask = (1_u64 << bits(length)) - 1;
        let at = a + (length / 4) * 2 - 1;
        for i in 0..3 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let other = (state & mask) as usize;
            let other = if other >= length { other - length } else { other };
            self.list.swap(at + i, a + other);
        }
    }

    fn choose_pivot(&self, a: usize, b: usize) -> (usize, Hint) {
        let quarter = (b - a) / 4;
        let (mut i, mut j, mut k) = (a + quarter, a + quarter * 2, a + quarter * 3);
        let mut swaps = 0;
        if b - a >= MANY {
            i = self.median(i - 1, i, i + 1, &mut swaps);
            j = self.median(j - 1, j, j + 1, &mut swaps);
            k = self.median(k - 1, k, k + 1, &mut swaps);
        }
        j = self.median(i, j, k, &mut swaps);
        let hint = match swaps {
            0 => Hint::Increasing,
            12 => Hint::Decreasing,
            _ => Hint::Unknown,
        };
        (j, hint)
    }

    fn median(&self, a: usize, b: usize, c: usize, swaps: &mut u32) -> usize {
        let mut in_order = |x: usize, y: usize| {
            let swapped = self.less(y, x);
            *swaps += u32::from(swapped);
            if swapped { (y, x) } else { (x, y) }
        };
        let (a, b) = in_order(a, b);
        let (b, _) = in_order(b, c);
        in_order(a, b).1
    }
}

#[cfg(test)]
mod tests {
    use super::sort;

    /// Pairs of a key and the place before, as a small generator makes them.
    fn pairs(count: usize, factor: i64, keys: i64) -> Vec<(i64, i64)> {
        let next = |x: &mut i64| {
            *x = (*x * factor + 12345) % 65536;
            *x
        };
        let mut x = 1;
        (0..count).map(|i| (next(&mut x) % keys, i as i64)).collect()
    }

    #[test]
    fn equals_stand_as_go_leaves_them() {
        // The last number sums up what sort.Sort of Go 1.26 made of the same pairs.
        for (count, factor, keys, sum) in [
            (13, 7, 3, 590463),
            (20, 1, 1, 54022),
            (40, 13, 5, 310351),
            (100, 37, 7, 324397),
            (300, 1103, 11, 888517),
            (300, 1103, 2, 196067),
            (64, 5, 64, 59255),
            (1000, 7919, 3, 216934),
        ] {
            let mut list = pairs(count, factor, keys);
            sort(&mut list, |a, b| a.0 < b.0);
            let told = list.iter().enumerate().fold(0, |h, (i, pair)| (h * 31 + pair.1 * (i as i64 + 1)) % 1000003);
            assert_eq!(told, sum, "{count} pairs");
        }
    }

    #[test]
    fn few_keep_their_order() {
        let mut list: Vec<(i64, i64)> = (0..12).map(|i| (i % 2, i)).collect();
        sort(&mut list, |a, b| a.0 < b.0);
        assert!(list.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
