//! A Pod's logs as they come. Whoever has scrolled up keeps his place; at the end the newest lines are followed.

use super::stream::Stream;
use crate::browser;
use crate::clock_text;
use crate::text::Text;
use kubarium_sim::machine::logs::Line;
use kubarium_sim::shell;
use std::rc::Rc;
use web_sys::{HtmlElement, HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// So many lines are on view: the newest, or those from the place where one reads.
const MOST_LINES: usize = 600;
/// So near to the end is at the end, in CSS pixels.
const NEAR: i32 = 24;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub text: Text,
    pub streams: Rc<Vec<Stream>>,
}

pub enum Msg {
    Choose(String),
    Previous(bool),
    Scrolled,
    /// What was written is laid out now.
    Written,
    Newest,
}

pub struct Logs {
    /// None: the one that is meant if none is named.
    container: Option<Rc<str>>,
    previous: bool,
    /// The number of the first line on view, while one reads higher up.
    from: Option<u64>,
    /// How many lines there were when it last scrolled down.
    shown: u64,
    out: NodeRef,
}

impl Component for Logs {
    type Message = Msg;
    type Properties = Props;

    fn create(_: &Context<Self>) -> Self {
        Logs { container: None, previous: false, from: None, shown: 0, out: NodeRef::default() }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Choose(name) => {
                self.container = Some(name.into());
                (self.from, self.shown) = (None, 0);
            }
            Msg::Previous(previous) => {
                self.previous = previous;
                (self.from, self.shown) = (None, 0);
            }
            Msg::Newest => (self.from, self.shown) = (None, 0),
            Msg::Written => {
                // Whoever has scrolled up meanwhile stays there.
                if let (None, Some(out)) = (self.from, self.out.cast::<HtmlElement>()) {
                    out.set_scroll_top(out.scroll_height());
                }
                return false;
            }
            Msg::Scrolled => {
                let Some(out) = self.out.cast::<HtmlElement>() else { return false };
                let below = out.scroll_height() - out.scroll_top() - out.client_height();
                let reads = below > NEAR;
                if reads == self.from.is_some() {
                    return false;
                }
                let first = self.stream(ctx.props()).map(|stream| self.window(stream).0);
                self.from = first.filter(|_| reads);
            }
        }
        true
    }

    fn rendered(&mut self, ctx: &Context<Self>, _: bool) {
        let end = self.stream(ctx.props()).map_or(0, end);
        if self.from.is_none() && end != self.shown {
            self.shown = end;
            // In the next frame: in this one the browser would have to lay out the page only for that.
            let link = ctx.link().clone();
            browser::next_frame(move || link.send_message(Msg::Written));
        }
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let (p, link) = (ctx.props(), ctx.link());
        let Some(stream) = self.stream(p) else { return html! { <p class="lead">{p.text.get("log-none")}</p> } };
        html! {
            <>
                {self.choice(ctx, stream)}
                {match &stream.said {
                    Err(why) => html! { <blockquote class="m">{why}</blockquote> },
                    Ok(logs) if logs.is_empty() => html! { <p class="lead">{p.text.get("log-empty")}</p> },
                    Ok(_) => {
                        let (first, lines) = self.window(stream);
                        html! {
                            <div class="written m" role="log" aria-live="off" aria-label={p.text.fill("log-of", &[("container", &stream.container)])} tabindex="0"
                                ref={self.out.clone()} onscroll={link.callback(|_| Msg::Scrolled)}>
                                {for (first..).zip(lines).map(|(n, one)| line(n, one))}
                            </div>
                        }
                    }
                }}
                if self.from.is_some() {
                    <button type="button" class="btn newest" onclick={link.callback(|_| Msg::Newest)}>{p.text.get("log-newest")}</button>
                }
            </>
        }
    }
}

/// The number after the last line.
fn end(stream: &Stream) -> u64 {
    stream.said.as_ref().map_or(0, |logs| logs.dropped + logs.len() as u64)
}

fn line(number: u64, line: &Line) -> Html {
    let err = (line.stream == shell::Stream::Err).then_some("err");
    html! { <p key={number} class={classes!(err)}><i>{clock_text::minutes(line.at)}</i>{" "}{line.text.trim_end_matches('\n')}</p> }
}

impl Logs {
    fn stream<'a>(&self, p: &'a Props) -> Option<&'a Stream> {
        let first = p.streams.iter().find(|stream| stream.first).or(p.streams.first())?;
        let container = self.container.as_ref().unwrap_or(&first.container);
        let of = |previous| p.streams.iter().find(|s| s.container == *container && s.previous == previous);
        of(self.previous).or_else(|| of(false)).or(Some(first))
    }

    /// The number of the first line on view, and the lines from there.
    fn window<'a>(&self, stream: &'a Stream) -> (u64, Vec<&'a Line>) {
        let Ok(logs) = &stream.said else { return (0, vec![]) };
        let newest = logs.len().saturating_sub(MOST_LINES);
        // Lines that one reads may have been rotated away meanwhile.
        let start = self.from.map_or(newest, |from| from.saturating_sub(logs.dropped) as usize).min(newest);
        // Whoever reads meets the lines that follow, up to a bound.
        let most = if self.from.is_some() { 4 * MOST_LINES } else { MOST_LINES };
        (logs.dropped + start as u64, logs.lines().skip(start).take(most).collect())
    }

    /// Which container's log, and whether that of its last life.
    fn choice(&self, ctx: &Context<Self>, stream: &Stream) -> Html {
        let (p, link) = (ctx.props(), ctx.link());
        let present = || p.streams.iter().filter(|stream| !stream.previous);
        let before = p.streams.iter().any(|s| s.previous && s.container == stream.container);
        if present().count() < 2 && !before {
            return html! {};
        }
        let chosen = link.callback(|e: Event| Msg::Choose(e.target_unchecked_into::<HtmlSelectElement>().value()));
        let previous = link.callback(|e: Event| Msg::Previous(e.target_unchecked_into::<HtmlInputElement>().checked()));
        html! {
            <div class="pickers">
                if present().count() > 1 {
                    <select aria-label={p.text.get("container")} onchange={chosen}>
                        {for present().map(|one| html! {
                            <option value={one.container.to_string()} selected={one.container == stream.container}>
                                {match &one.role { Some(role) => format!("{}, {role}", one.container), None => one.container.to_string() }}
                            </option>
                        })}
                    </select>
                }
                if before {
                    <label><input type="checkbox" checked={stream.previous} onchange={previous}/>{p.text.get("log-previous")}</label>
                }
            </div>
        }
    }
}
