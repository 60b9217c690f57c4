//! Draws the timeline on its canvas: changes by number, what the user did, warnings, revisions, and where now is.

use super::track::Track;
use crate::browser;
use crate::clock_text;
use kubarium_sim::clock::Time;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, CssStyleDeclaration, HtmlCanvasElement};

/// Room at both ends of the line, in CSS pixels.
pub const EDGE: f64 = 6.0;

/// One drawing of the line.
struct Drawing<'a> {
    ctx: CanvasRenderingContext2d,
    style: CssStyleDeclaration,
    track: &'a Track,
    now: Time,
    width: f64,
    low: bool,
}

pub fn draw(canvas: &HtmlCanvasElement, track: &Track, now: Time) {
    let rect = canvas.get_bounding_client_rect();
    // Where all of the page is large, it has fewer pixels of its own than it takes on the screen.
    let width = f64::from(canvas.client_width());
    if width < 1.0 {
        return;
    }
    let (height, ratio) =
        (f64::from(canvas.client_height()), browser::window().device_pixel_ratio() * rect.width() / width);
    let (w, h) = ((width * ratio).round() as u32, (height * ratio).round() as u32);
    if (canvas.width(), canvas.height()) != (w, h) {
        canvas.set_width(w);
        canvas.set_height(h);
    }
    let Some(ctx) = canvas.get_context("2d").ok().flatten().and_then(|c| c.dyn_into::<CanvasRenderingContext2d>().ok())
    else {
        return;
    };
    let Ok(Some(style)) = browser::window().get_computed_style(canvas) else { return };
    let _ = ctx.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
    ctx.clear_rect(0.0, 0.0, width, height);
    let d = Drawing { ctx, style, track, now, width, low: height < 60.0 };
    if d.low { d.phone() } else { d.whole() }
}

impl Drawing<'_> {
    fn x(&self, time: Time) -> f64 {
        EDGE + time.0 as f64 / self.track.span_ms.max(1) as f64 * (self.width - 2.0 * EDGE)
    }

    fn token(&self, name: &str) -> String {
        self.style.get_property_value(name).map(|v| v.trim().to_string()).unwrap_or_default()
    }

    fn fill(&self, token: &str) {
        self.ctx.set_fill_style_str(&self.token(token));
    }

    fn round(&self, x: f64, y: f64, w: f64, h: f64, r: f64) {
        self.ctx.begin_path();
        let _ = self.ctx.round_rect_with_f64(x, y, w.max(0.0), h, r);
        self.ctx.fill();
    }

    fn font(&self, mono: bool, weight: u16) {
        let family = self.token(if mono { "--font-mono" } else { "--font-ui" });
        self.ctx.set_font(&format!("{weight} 9.5px {family}"));
    }

    fn whole(&self) {
        self.fill("--sunken");
        self.round(0.0, 20.0, self.width, 20.0, 5.0);
        self.density();
        for bar in &self.track.rollouts {
            self.rollout(bar, 43.0, 5.0);
        }
        self.rollout_names();
        for time in &self.track.warnings {
            self.diamond(self.x(*time), 30.0, 4.4);
        }
        self.flags();
        self.axis();
        let x = self.x(self.now);
        self.fill("--ink-1");
        self.ctx.fill_rect(x - 1.0, 15.0, 2.0, 39.0);
        self.round(x - 6.0, 17.0, 12.0, 26.0, 6.0);
        self.fill("--ink-inv");
        self.ctx.fill_rect(x - 2.1, 26.0, 1.0, 8.0);
        self.ctx.fill_rect(x + 1.1, 26.0, 1.0, 8.0);
    }

    fn phone(&self) {
        let (end, now) = (self.x(self.track.end), self.x(self.now));
        self.fill("--line-1");
        self.round(EDGE, 19.0, self.width - 2.0 * EDGE, 6.0, 3.0);
        self.fill("--line-2");
        self.round(EDGE, 19.0, end - EDGE, 6.0, 3.0);
        self.fill("--ink-1");
        self.round(EDGE, 19.0, now - EDGE, 6.0, 3.0);
        for bar in &self.track.rollouts {
            self.rollout(bar, 27.0, 4.0);
        }
        self.fill("--ink-1");
        for flag in &self.track.flags {
            self.pennant(self.x(flag.time), 9.0, 19.0, 6.0);
        }
        for time in &self.track.warnings {
            self.diamond(self.x(*time), 22.0, 3.6);
        }
        self.fill("--panel");
        self.round(now - 8.0, 10.0, 16.0, 24.0, 8.0);
        self.fill("--ink-1");
        self.round(now - 6.0, 12.0, 12.0, 20.0, 6.0);
    }

    /// Bars by the square root of the number, so that one change is seen beside a hundred.
    fn density(&self) {
        let most = self.track.density.iter().copied().max().unwrap_or(0);
        if most == 0 {
            return;
        }
        let columns = self.track.density.len() as f64;
        let step = (self.width - 2.0 * EDGE) / columns;
        let scale = 17.0 / f64::from(most).sqrt();
        self.fill("--ink-3");
        self.ctx.set_global_alpha(0.5);
        for (i, n) in self.track.density.iter().enumerate().filter(|(_, n)| **n > 0) {
            let h = (f64::from(*n).sqrt() * scale).max(1.5);
            self.round(EDGE + i as f64 * step + 0.5, 39.0 - h, (step - 1.4).max(1.0), h, 0.8);
        }
        self.ctx.set_global_alpha(1.0);
    }

    fn rollout(&self, bar: &super::track::Bar, y: f64, height: f64) {
        let (from, to) = (self.x(bar.from), self.x(bar.to));
        self.fill(&format!("--rev-{}", letter(bar.hue)));
        self.round(from, y, (to - from - 2.0).max(2.0), height, height / 2.0);
    }

    /// The names of revisions under their bars, as far as each has room.
    fn rollout_names(&self) {
        self.font(false, 500);
        let mut free = 0.0;
        for (i, bar) in self.track.rollouts.iter().enumerate() {
            let (from, to) = (self.x(bar.from) + 4.0, self.x(bar.to));
            let long = format!("{} {}", bar.name, bar.revision);
            let label = if i == 0 { long } else { bar.revision.to_string() };
            let width = self.measure(&label);
            if from < free || from + width > to.max(from + 30.0) || from + width > self.width {
                continue;
            }
            self.fill(&format!("--rev-{}-text", letter(bar.hue)));
            let _ = self.ctx.fill_text(&label, from, 58.0);
            free = from + width + 8.0;
        }
    }

    fn measure(&self, text: &str) -> f64 {
        self.ctx.measure_text(text).map_or(0.0, |m| m.width())
    }

    fn diamond(&self, x: f64, y: f64, r: f64) {
        self.fill("--broken");
        self.ctx.begin_path();
        self.ctx.move_to(x, y - r);
        for (dx, dy) in [(r, 0.0), (0.0, r), (-r, 0.0)] {
            self.ctx.line_to(x + dx, y + dy);
        }
        self.ctx.close_path();
        self.ctx.fill();
        self.ctx.set_stroke_style_str(&self.token("--on-state"));
        self.ctx.set_line_width(1.0);
        self.ctx.begin_path();
        let k = r * 0.34;
        self.ctx.move_to(x - k, y - k);
        self.ctx.line_to(x + k, y + k);
        self.ctx.move_to(x + k, y - k);
        self.ctx.line_to(x - k, y + k);
        self.ctx.stroke();
    }

    fn pennant(&self, x: f64, top: f64, foot: f64, size: f64) {
        self.ctx.fill_rect(x - 0.6, top, 1.2, foot - top);
        self.ctx.begin_path();
        self.ctx.move_to(x, top);
        for (dx, dy) in [(size + 1.0, 0.0), (size - 1.2, size * 0.4), (size + 1.0, size * 0.8), (0.0, size * 0.8)] {
            self.ctx.line_to(x + dx, top + dy);
        }
        self.ctx.close_path();
        self.ctx.fill();
    }

    /// Flags of what the user did; a label that has no room is left out, its flag then stands lower.
    fn flags(&self) {
        self.font(true, 400);
        let flags = &self.track.flags;
        let mut free = 0.0;
        for (i, flag) in flags.iter().enumerate() {
            let x = self.x(flag.time);
            let next = flags.get(i + 1).map_or(self.width, |n| self.x(n.time));
            let label = self.fit(&flag.label, (next - x - 18.0).max(0.0).min(self.width - x - 14.0));
            let clear = x >= free;
            self.fill("--ink-1");
            match label {
                Some(label) if clear => {
                    self.pennant(x, 5.0, 40.0, 7.5);
                    self.fill("--ink-2");
                    let _ = self.ctx.fill_text(&label, x + 12.0, 13.0);
                    free = x + 16.0 + self.measure(&label);
                }
                _ if clear => {
                    self.pennant(x, 5.0, 40.0, 7.5);
                    free = x + 4.0;
                }
                _ => self.pennant(x, 16.0, 40.0, 5.5),
            }
        }
    }

    fn fit(&self, label: &str, room: f64) -> Option<String> {
        if self.measure(label) <= room {
            return Some(label.to_string());
        }
        let letters = (room / 5.75) as usize;
        (letters > 6).then(|| label.chars().take(letters - 1).chain(['…']).collect())
    }

    fn axis(&self) {
        const STEPS_S: [u64; 16] =
            [5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400, 604_800];
        let span = self.track.span_ms / 1000;
        let most = (self.width / 90.0).max(2.0) as u64;
        let step = STEPS_S.iter().copied().find(|s| span / s <= most).unwrap_or(span.max(1));
        self.font(true, 400);
        self.fill("--ink-3");
        for s in (0..=span).step_by(step as usize) {
            let label = clock_text::minutes(Time(s * 1000));
            let (x, width) = (self.x(Time(s * 1000)), self.measure(&label));
            let _ = self.ctx.fill_text(&label, (x - width / 2.0).clamp(EDGE, self.width - width - 2.0), 71.0);
        }
        let x = self.x(self.track.end);
        if self.track.end.0 > self.now.0 + 500 {
            self.fill("--line-3");
            self.ctx.fill_rect(x - 0.6, 20.0, 1.2, 20.0);
        }
    }
}

fn letter(hue: usize) -> char {
    char::from(b'a' + (hue % 6) as u8)
}
