//! Text broken into lines at its spaces.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/util/term/term_writer.go, github.com/mitchellh/go-wordwrap

/// Breaks every line that is longer than `limit` characters, unless by a single word. Spaces are kept but where a line
/// is broken.
pub fn words(text: &str, limit: usize) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| broken(line, limit)).collect();
    lines.join("\n")
}

fn broken(line: &str, limit: usize) -> String {
    let mut out = String::new();
    let (mut column, mut rest) = (0, line);
    while !rest.is_empty() {
        let spaces = rest.find(|c| !is_space(c)).unwrap_or(rest.len());
        let (gap, after) = rest.split_at(spaces);
        let (word, after) = after.split_at(after.find(is_space).unwrap_or(after.len()));
        rest = after;
        let (gap_length, length) = (gap.chars().count(), word.chars().count());
        if word.is_empty() {
            // Spaces at the end of the line.
            out += if column + gap_length <= limit { gap } else { "" };
        } else if column + gap_length + length > limit && fits_alone(column, gap_length, limit) {
            out.push('\n');
            out += word;
            column = length;
        } else {
            out += gap;
            out += word;
            column += gap_length + length;
        }
    }
    out
}

/// Whether a line is broken before a word that has no room in it: it is found to have none only while it is still shorter
/// than a line.
fn fits_alone(column: usize, gap: usize, limit: usize) -> bool {
    limit.saturating_sub(column + gap) + 1 < limit
}

fn is_space(c: char) -> bool {
    c.is_whitespace() && c != '\u{a0}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_spaces() {
        assert_eq!(words("one two  three\nfour", 9), "one two\nthree\nfour");
        assert_eq!(words("a  b ", 9), "a  b ");
        assert_eq!(words("one averylongword x", 9), "one\naverylongword\nx");
        assert_eq!(words("averylongword x", 9), "averylongword\nx");
        assert_eq!(words("a averylongword", 9), "a\naverylongword");
        assert_eq!(words("", 9), "");
    }
}
