//! What differs between two texts, as `diff -u` shows it.

/// Lines of agreement around a change.
const AROUND: usize = 3;

/// A unified difference of two texts, without its headers.
pub fn unified(old: &str, new: &str) -> String {
    let (a, b): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let lines = script(&a, &b);
    let mut out = String::new();
    let changed: Vec<usize> = (0..lines.len()).filter(|i| lines[*i].0 != ' ').collect();
    let mut at = 0;
    while at < changed.len() {
        let mut last = at;
        while last + 1 < changed.len() && changed[last + 1] - changed[last] <= 2 * AROUND + 1 {
            last += 1;
        }
        let (from, to) = (changed[at].saturating_sub(AROUND), (changed[last] + AROUND + 1).min(lines.len()));
        let count = |range: &[(char, &str)], not: char| range.iter().filter(|(c, _)| *c != not).count();
        let (before_a, before_b) = (count(&lines[..from], '+'), count(&lines[..from], '-'));
        let (in_a, in_b) = (count(&lines[from..to], '+'), count(&lines[from..to], '-'));
        let place = |before: usize, n: usize| match n {
            0 => format!("{before},0"),
            1 => format!("{}", before + 1),
            _ => format!("{},{n}", before + 1),
        };
        out += &format!("@@ -{} +{} @@\n", place(before_a, in_a), place(before_b, in_b));
        for (sign, line) in &lines[from..to] {
            out.push(*sign);
            out += line;
            out.push('\n');
        }
        at = last + 1;
    }
    out
}

/// Lines that stay, go and come, by the longest common subsequence.
fn script<'a>(a: &[&'a str], b: &[&'a str]) -> Vec<(char, &'a str)> {
    let same_head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let same_tail = a[same_head..].iter().rev().zip(b[same_head..].iter().rev()).take_while(|(x, y)| x == y).count();
    let (x, y) = (&a[same_head..a.len() - same_tail], &b[same_head..b.len() - same_tail]);
    let mut longest = vec![vec![0usize; y.len() + 1]; x.len() + 1];
    for i in (0..x.len()).rev() {
        for j in (0..y.len()).rev() {
            longest[i][j] =
                if x[i] == y[j] { longest[i + 1][j + 1] + 1 } else { longest[i + 1][j].max(longest[i][j + 1]) };
        }
    }
    let mut out: Vec<(char, &str)> = a[..same_head].iter().map(|l| (' ', *l)).collect();
    let (mut i, mut j) = (0, 0);
    while i < x.len() || j < y.len() {
        if i < x.len() && j < y.len() && x[i] == y[j] {
            out.push((' ', x[i]));
            (i, j) = (i + 1, j + 1);
        } else if i < x.len() && (j == y.len() || longest[i + 1][j] >= longest[i][j + 1]) {
            out.push(('-', x[i]));
            i += 1;
        } else {
            out.push(('+', y[j]));
            j += 1;
        }
    }
    out.extend(a[a.len() - same_tail..].iter().map(|l| (' ', *l)));
    out
}
