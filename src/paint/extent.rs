//! What part of the screen a shape can reach: never less, seldom much more.

use crate::scene::shape::{Form, Rect, Shape};

/// In pixels of the screen; `path` is the extent of its path, if it is one.
pub fn of(shape: &Shape, path: Option<Rect>) -> Rect {
    let Shape { x, y, k, .. } = *shape;
    let own = match &shape.form {
        Form::Rect { w, h, .. } => Rect::new(0.0, 0.0, *w, *h),
        Form::Disc { r } => Rect::default().grown(*r),
        // The waves rise above the surface.
        Form::Water { w, h, .. } => Rect::new(0.0, -3.0, *w, h + 3.0),
        Form::Path(_) => path.unwrap_or_default(),
        Form::Text(text) => {
            let Some(at) = shape.text_box() else { return Rect::default() };
            // Letters that go below the line, and marks above them.
            return at.grown(1.0 + 0.4 * text.size * k);
        }
        Form::Dots(dots) => {
            let all = dots.iter().map(|dot| Rect::new(dot.x, dot.y, 0.0, 0.0).grown(1.3 * dot.r + 1.0));
            all.reduce(Rect::around).unwrap_or_default()
        }
    };
    let line = shape.line.map_or(0.0, |line| line.width / 2.0);
    // Edges are smoothed over the pixels beside them.
    Rect::new(x + own.x * k, y + own.y * k, own.w * k, own.h * k).grown(1.0 + line * k)
}

/// The extent of path data, from its points and those that pull its curves.
pub fn of_path(data: &str) -> Rect {
    let mut reach: Option<Rect> = None;
    let (mut at, mut start) = ((0.0, 0.0), (0.0, 0.0));
    for (command, numbers) in commands(data) {
        let relative = command.is_ascii_lowercase();
        let step = match command.to_ascii_uppercase() {
            'H' | 'V' => 1,
            'Q' | 'S' => 4,
            'C' => 6,
            'A' => 7,
            'Z' => {
                at = start;
                continue;
            }
            _ => 2,
        };
        for (n, values) in numbers.chunks_exact(step).enumerate() {
            let from = if relative { at } else { (0.0, 0.0) };
            let point = |i: usize| (from.0 + values[i], from.1 + values[i + 1]);
            let mut take = |(x, y): (f32, f32), by: f32| {
                let spot = Rect::new(x, y, 0.0, 0.0).grown(by);
                reach = Some(reach.map_or(spot, |all| all.around(spot)));
            };
            if !command.eq_ignore_ascii_case(&'M') {
                take(at, 0.0);
            }
            let end = match command.to_ascii_uppercase() {
                'H' => (from.0 + values[0], at.1),
                'V' => (at.0, from.1 + values[0]),
                'A' => {
                    let (end, bulge) = (point(5), bulge(at, point(5), values));
                    take(at, bulge);
                    take(end, bulge);
                    end
                }
                _ => {
                    (0..step).step_by(2).for_each(|i| take(point(i), 0.0));
                    point(step - 2)
                }
            };
            take(end, 0.0);
            at = end;
            if command.eq_ignore_ascii_case(&'M') && n == 0 {
                start = at;
            }
        }
    }
    reach.unwrap_or_default()
}

/// How far an arc gets from the line between its ends.
fn bulge(from: (f32, f32), to: (f32, f32), values: &[f32]) -> f32 {
    let (r, half) = (values[0].max(values[1]), (to.0 - from.0).hypot(to.1 - from.1) / 2.0);
    let large = values[3] != 0.0;
    let depth = (r * r - half * half).max(0.0).sqrt();
    // A radius too small for its ends is taken as half the way between them.
    if large { r + depth } else { r.max(half) - depth }
}

/// Letters, each with the numbers behind it.
fn commands(data: &str) -> Vec<(char, Vec<f32>)> {
    let mut all: Vec<(char, Vec<f32>)> = Vec::new();
    let mut number: Option<Number> = None;
    let end = |number: Option<Number>, all: &mut Vec<(char, Vec<f32>)>| {
        if let (Some(number), Some((_, numbers))) = (number, all.last_mut()) {
            numbers.push(number.value());
        }
    };
    for c in data.chars() {
        let goes_on = c.is_ascii_digit() || c == '.' && number.is_some_and(|number| number.place == 1.0);
        if !goes_on {
            end(number.take(), &mut all);
        }
        match c {
            '-' => number = Some(Number { negative: true, ..Number::NOTHING }),
            '.' => number.get_or_insert(Number::NOTHING).place = 0.1,
            c if c.is_ascii_digit() => number.get_or_insert(Number::NOTHING).take(c),
            c if c.is_ascii_alphabetic() => all.push((c, Vec::new())),
            _ => {}
        }
    }
    end(number, &mut all);
    all
}

/// A number as it is read. That of the standard library is exact to the last bit by tables that a visitor would have to download.
#[derive(Clone, Copy)]
struct Number {
    negative: bool,
    digits: f32,
    /// What the next digit behind the point is worth; 1 before the point.
    place: f32,
}

impl Number {
    const NOTHING: Number = Number { negative: false, digits: 0.0, place: 1.0 };

    fn take(&mut self, digit: char) {
        let digit = digit as u8 - b'0';
        if self.place == 1.0 {
            self.digits = self.digits * 10.0 + f32::from(digit);
        } else {
            self.digits += f32::from(digit) * self.place;
            self.place *= 0.1;
        }
    }

    fn value(self) -> f32 {
        if self.negative { -self.digits } else { self.digits }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reaches_as_far_as_its_points() {
        let check = |data: &str, expect: (f32, f32, f32, f32)| {
            let Rect { x, y, w, h } = of_path(data);
            let close = |a: f32, b: f32| (a - b).abs() < 0.01;
            let (left, top, right, bottom) = expect;
            let all = close(x, left) && close(y, top) && close(x + w, right) && close(y + h, bottom);
            assert!(all, "{data}: {x} {y} {} {}", x + w, y + h);
        };
        check("M-4 0 H4 M0 -4 V4", (-4.0, -4.0, 4.0, 4.0));
        check("M0 0 l2 2 l3.8 -4.4", (0.0, -2.4, 5.8, 2.0));
        check("M2.5 0 v2.4 M5 0 v2.4", (2.5, 0.0, 5.0, 2.4));
        check("M-.6 -1.9 L.6 -.3", (-0.6, -1.9, 0.6, -0.3));
        check("M1 1 H9 V9 Z l-3 0", (-2.0, 1.0, 9.0, 9.0));
        check("M0 0 C1 8 9 8 10 0", (0.0, 0.0, 10.0, 8.0));
        // Half a circle to the right, of which only the ends are named.
        check("M0 -6 A6 6 0 0 1 0 6", (-6.0, -12.0, 6.0, 12.0));
        check("", (0.0, 0.0, 0.0, 0.0));
    }

    #[test]
    fn a_large_arc_is_not_cut_off() {
        let Rect { x, w, .. } = of_path("M-3 0 a2.2 2.2 0 1 0 4.4 0 a2.2 2.2 0 1 0 -4.4 0 Z");
        assert!(x <= -3.0 && x + w >= 1.4, "{x} {w}");
        let Rect { y, h, .. } = of_path("M-2 0 A6 6 0 1 1 2 0");
        assert!(y <= -11.0 && y + h >= 0.0, "{y} {h}");
    }
}
