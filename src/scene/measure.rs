//! How wide a text is, and how a label is shortened until it fits.

/// Measures text. The browser asks its fonts; the host uses [`Table`].
pub trait Measure {
    /// The width in pixels at `size`.
    fn width(&self, text: &str, size: f32, weight: u16, mono: bool) -> f32;
}

/// Widths of the design's fonts, a little on the safe side.
pub struct Table;

const MONO: f32 = 0.602;

impl Measure for Table {
    fn width(&self, text: &str, size: f32, _weight: u16, mono: bool) -> f32 {
        text.chars()
            .map(|c| {
                if is_wide(c) {
                    1.0
                } else if mono {
                    MONO
                } else {
                    advance(c)
                }
            })
            .sum::<f32>()
            * size
    }
}

/// Hangul and the ideographs are one em wide in every face.
fn is_wide(c: char) -> bool {
    ('\u{1100}'..='\u{11ff}').contains(&c) || c >= '\u{2e80}'
}

fn advance(c: char) -> f32 {
    match c {
        'a' | 'b' | 'd' | 'e' | 'g' | 'h' | 'k' | 'n' | 'o' | 'p' | 'q' | 'u' => 0.60,
        'c' | 's' | 'v' | 'x' | 'y' | 'z' => 0.55,
        'i' | 'j' | 'l' | 'I' => 0.25,
        'f' | 'r' | 't' | '/' => 0.37,
        ' ' | '.' | ',' | ':' | ';' | '|' => 0.28,
        'm' => 0.88,
        'w' => 0.78,
        'M' => 0.9,
        'W' => 1.0,
        '-' => 0.45,
        c if c.is_uppercase() => 0.68,
        _ => 0.63,
    }
}

/// So many letters of a label that is cut are on view at least.
const LEAST_KEPT: usize = 4;

/// A way to set a label.
#[derive(Clone, Copy, Debug)]
pub struct Face {
    pub size: f32,
    pub weight: u16,
    pub mono: bool,
}

impl Face {
    pub const fn ui(size: f32, weight: u16) -> Face {
        Face { size, weight, mono: false }
    }

    pub const fn mono(size: f32, weight: u16) -> Face {
        Face { size, weight, mono: true }
    }

    pub fn width(self, measure: &dyn Measure, text: &str) -> f32 {
        measure.width(text, self.size, self.weight, self.mono)
    }

    /// The text if it fits into `room`, else cut in the middle with at least four letters on view, else nothing.
    pub fn fit(self, measure: &dyn Measure, text: &str, room: f32) -> Option<String> {
        if self.width(measure, text) <= room {
            return Some(text.to_string());
        }
        let letters: Vec<char> = text.chars().collect();
        let cut = |kept: usize| -> String {
            let (head, tail) = (kept.div_ceil(2), kept / 2);
            letters[..head].iter().chain(['…'].iter()).chain(&letters[letters.len() - tail..]).collect()
        };
        // As many letters as there is room for: each more makes it wider, so that half of what is left is ruled out each time.
        let (mut fits, mut too_many) = (LEAST_KEPT - 1, letters.len());
        while too_many - fits > 1 {
            let kept = fits.midpoint(too_many);
            match self.width(measure, &cut(kept)) <= room {
                true => fits = kept,
                false => too_many = kept,
            }
        }
        (fits >= LEAST_KEPT).then(|| cut(fits))
    }

    /// In one line if there is room for it, else in two.
    pub fn lines(self, measure: &dyn Measure, text: &'static str, room: f32) -> Vec<&'static str> {
        let spaces = text.match_indices(' ').map(|(at, _)| at);
        match spaces.min_by_key(|at| at.abs_diff(text.len() / 2)) {
            Some(at) if self.width(measure, text) > room => vec![&text[..at], &text[at + 1..]],
            _ => vec![text],
        }
    }

    /// An image reference: whole, else without its tag, else cut.
    pub fn fit_image(self, measure: &dyn Measure, image: &str, room: f32) -> Option<String> {
        if self.width(measure, image) <= room {
            return Some(image.to_string());
        }
        let untagged = image.split(['@', ':']).next().unwrap_or(image);
        self.fit(measure, untagged, room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_takes_two_lines_where_one_is_too_narrow() {
        let check = |room, expect: &[&str]| {
            assert_eq!(Face::ui(13.0, 500).lines(&Table, "Nothing runs here yet", room), expect, "{room}");
        };
        check(400.0, &["Nothing runs here yet"]);
        check(60.0, &["Nothing runs", "here yet"]);
    }

    #[test]
    fn a_label_is_cut_in_the_middle_and_then_left_out() {
        let face = Face::mono(10.0, 400);
        let check = |room: f32, expect: Option<&str>| {
            assert_eq!(face.fit(&Table, "frontend-7d4b9c6f58", room).as_deref(), expect);
        };
        check(200.0, Some("frontend-7d4b9c6f58"));
        check(61.0, Some("front…6f58"));
        check(31.0, Some("fr…58"));
        check(30.0, None);
        assert_eq!(face.fit_image(&Table, "nginx:1.27", 40.0).as_deref(), Some("nginx"));
    }

    #[test]
    fn a_syllable_is_one_em() {
        assert_eq!(Face::ui(10.0, 400).width(&Table, "노드"), 20.0);
    }
}
