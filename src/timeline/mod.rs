//! The timeline: play, step, speed, and the line on which any moment can be gone to.

mod draw;
pub mod track;

use crate::browser;
use crate::clock_text;
use crate::icons::{Mark, mark};
use crate::player::SPEEDS;
use crate::text::Text;
use kubarium_sim::clock::Time;
use std::rc::Rc;
use track::Track;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlCanvasElement, HtmlSelectElement, KeyboardEvent, PointerEvent};
use yew::prelude::*;

/// What the reader wants of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Act {
    Toggle,
    Step(bool),
    Speed(usize),
    Seek(Time),
    /// To the next mark, or the one before.
    Mark(bool),
    Other,
}

#[derive(Properties, PartialEq)]
pub struct Props {
    pub text: Text,
    pub track: Rc<Track>,
    pub now: Time,
    pub playing: bool,
    pub speed: usize,
    /// Changes whenever the drawing is no longer right although nothing else changed: theme, size.
    pub paint: u32,
    pub on_act: Callback<Act>,
}

pub struct Timeline {
    canvas: NodeRef,
    scrubbing: bool,
}

impl Component for Timeline {
    type Message = bool;
    type Properties = Props;

    fn create(_: &Context<Self>) -> Self {
        Timeline { canvas: NodeRef::default(), scrubbing: false }
    }

    fn update(&mut self, _: &Context<Self>, scrubbing: bool) -> bool {
        self.scrubbing = scrubbing;
        false
    }

    fn rendered(&mut self, ctx: &Context<Self>, _: bool) {
        let Some(canvas) = self.canvas.cast::<HtmlCanvasElement>() else { return };
        let (track, now) = (ctx.props().track.clone(), ctx.props().now);
        // In the next frame: in this one the browser would have to lay out the page only to say how large the line is.
        browser::next_frame(move || draw::draw(&canvas, &track, now));
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        html! { <>{self.controls(ctx)}{self.line(ctx)}{self.end(ctx)}</> }
    }
}

impl Timeline {
    fn controls(&self, ctx: &Context<Self>) -> Html {
        let p = ctx.props();
        let t = p.text;
        let act = |a: Act| p.on_act.reform(move |_: MouseEvent| a);
        let speed = p.on_act.reform(|e: Event| {
            Act::Speed(e.target_unchecked_into::<HtmlSelectElement>().selected_index().max(0) as usize)
        });
        let play = if p.playing { t.get("pause") } else { t.get("play") };
        html! {
            <div class="ctl">
                <div class="row">
                    <button type="button" class="tb" aria-label={t.get("step-back")} title={hint(t.get("step-back"), ",")} onclick={act(Act::Step(false))}>{mark(Mark::Back, 18)}</button>
                    <button type="button" class="tb go" aria-label={play} title={hint(play, t.get("space-key"))} onclick={act(Act::Toggle)}>{mark(if p.playing { Mark::Pause } else { Mark::Play }, 18)}</button>
                    <button type="button" class="tb" aria-label={t.get("step-on")} title={hint(t.get("step-on"), ".")} onclick={act(Act::Step(true))}>{mark(Mark::On, 18)}</button>
                    <span class="spd" title={hint(t.get("speed"), "< >")}>
                        <select aria-label={t.get("speed")} onchange={speed}>
                            {for SPEEDS.iter().enumerate().map(|(i, s)| html! { <option selected={i == p.speed}>{speed_name(*s)}</option> })}
                        </select>
                    </span>
                </div>
                <div class="clock m"><b>{clock_text::minutes(p.now)}</b><i>{format!(".{:03}", p.now.0 % 1000)}</i>
                    <span>{" "}{t.fill("of-time", &[("end", &clock_text::minutes(p.track.end))])}</span></div>
            </div>
        }
    }

    fn line(&self, ctx: &Context<Self>) -> Html {
        let p = ctx.props();
        let down = {
            let (act, link, span, end) = (p.on_act.clone(), ctx.link().clone(), p.track.span_ms, p.track.end);
            Callback::from(move |e: PointerEvent| {
                let Some(line) = e.current_target().and_then(|t| t.dyn_into::<Element>().ok()) else { return };
                let _ = line.set_pointer_capture(e.pointer_id());
                link.send_message(true);
                act.emit(Act::Seek(time_at(&line, f64::from(e.client_x()), span, end)));
            })
        };
        let moved = {
            let (act, span, end) = (p.on_act.clone(), p.track.span_ms, p.track.end);
            Callback::from(move |e: PointerEvent| {
                let Some(line) = e.current_target().and_then(|t| t.dyn_into::<Element>().ok()) else { return };
                if line.has_pointer_capture(e.pointer_id()) {
                    act.emit(Act::Seek(time_at(&line, f64::from(e.client_x()), span, end)));
                }
            })
        };
        let keys = {
            let (act, now, end) = (p.on_act.clone(), p.now, p.track.end);
            Callback::from(move |e: KeyboardEvent| {
                if let Some(a) = key(&e, now, end) {
                    e.prevent_default();
                    e.stop_propagation();
                    act.emit(a);
                }
            })
        };
        html! {
            <div class="line" id="timeline" role="slider" tabindex="0" aria-label={p.text.get("timeline")} aria-valuemin="0"
                aria-valuemax={(p.track.end.0 / 1000).to_string()} aria-valuenow={(p.now.0 / 1000).to_string()}
                aria-valuetext={p.text.fill("time-of", &[("now", &clock_text::minutes(p.now)), ("end", &clock_text::minutes(p.track.end))])}
                onpointerdown={down} onpointermove={moved} onpointerup={ctx.link().callback(|_: PointerEvent| false)} onkeydown={keys}>
                <canvas ref={self.canvas.clone()} aria-hidden="true"></canvas>
            </div>
        }
    }

    fn end(&self, ctx: &Context<Self>) -> Html {
        let p = ctx.props();
        let other = p.on_act.reform(|_: MouseEvent| Act::Other);
        html! {
            <div class="end">
                if p.track.other {
                    <button type="button" class="btn" onclick={other}>{p.text.get("other-future")}</button>
                    <span>{p.text.get("other-future-kept")}</span>
                } else if p.now.0 + 500 < p.track.end.0 {
                    <span>{p.text.get("in-the-past")}</span>
                }
            </div>
        }
    }
}

fn hint(what: &str, key: &str) -> String {
    format!("{what}  ({key})")
}

pub fn speed_name(thousandths: u32) -> String {
    match thousandths {
        0..1_000 => format!("1/{}×", 1_000 / thousandths.max(1)),
        _ => format!("{}×", thousandths / 1_000),
    }
}

fn time_at(line: &Element, client_x: f64, span_ms: u64, end: Time) -> Time {
    let rect = line.get_bounding_client_rect();
    // As large as the line is shown.
    let edge = draw::EDGE * rect.width() / f64::from(line.client_width().max(1));
    let share = (client_x - rect.left() - edge) / (rect.width() - 2.0 * edge).max(1.0);
    Time((share.clamp(0.0, 1.0) * span_ms as f64) as u64).min(end)
}

/// Keys on the line.
fn key(event: &KeyboardEvent, now: Time, end: Time) -> Option<Act> {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return None;
    }
    let by = if event.shift_key() { end.0 / 10 } else { 5_000 };
    let to = |ms: u64| Some(Act::Seek(Time(ms).min(end)));
    match event.key().as_str() {
        "ArrowLeft" | "ArrowDown" => to(now.0.saturating_sub(by)),
        "ArrowRight" | "ArrowUp" => to(now.0 + by),
        "PageDown" => to(now.0.saturating_sub(end.0 / 10)),
        "PageUp" => to(now.0 + end.0 / 10),
        "Home" => to(0),
        "End" => to(end.0),
        "m" => Some(Act::Mark(true)),
        "M" => Some(Act::Mark(false)),
        digit => {
            let tenth: u64 = digit.parse().ok().filter(|_| digit.len() == 1)?;
            to(end.0 / 10 * tenth)
        }
    }
}
