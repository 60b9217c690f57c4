//! What a lesson says, as elements of the page. Every text becomes a text: nothing that a lesson holds can become markup.

use kubarium_lesson::is_steps;
use kubarium_lesson::markdown::{Block, Span};
use kubarium_lesson::{is_file, step::Step};
use std::rc::Rc;
use yew::prelude::*;

/// What can be done with a text: a line that is run, a file that is opened.
#[derive(Clone, PartialEq)]
pub struct Deeds {
    pub on_line: Callback<String>,
    pub on_file: Callback<Rc<str>>,
    /// What the button of a line is called, before the line.
    pub run: &'static str,
}

pub fn blocks(blocks: &[Block], deeds: &Deeds) -> Html {
    html! { <>{for blocks.iter().map(|b| block(b, deeds))}</> }
}

fn block(block: &Block, deeds: &Deeds) -> Html {
    let all = |items: &Vec<Vec<Span>>| html! { <>{for items.iter().map(|i| html! { <li>{spans(i, deeds)}</li> })}</> };
    match block {
        Block::Heading(_, text) => html! { <h4>{spans(text, deeds)}</h4> },
        Block::Paragraph(text) => html! { <p>{spans(text, deeds)}</p> },
        Block::List(true, items) => html! { <ol>{all(items)}</ol> },
        Block::List(false, items) | Block::Tasks(items) => html! { <ul>{all(items)}</ul> },
        Block::Quote(text) | Block::Tip(text) => html! { <blockquote>{spans(text, deeds)}</blockquote> },
        Block::Code(info, text) if is_steps(info) => {
            html! { <div class="lines">{for text.lines().map(|l| line(l, deeds))}</div> }
        }
        Block::Code(_, text) => html! { <pre class="m" tabindex="0">{text}</pre> },
    }
}

/// A line of steps; what can be typed is a button that types it.
fn line(line: &str, deeds: &Deeds) -> Html {
    match Step::read(line) {
        Ok(Some(Step::Type(command))) => {
            let (label, typed) = (format!("{} {command}", deeds.run), command.to_string());
            let run = deeds.on_line.reform(move |_: MouseEvent| typed.clone());
            html! { <button type="button" class="m" title={deeds.run} aria-label={label} onclick={run}><i>{"$"}</i><span>{command.to_string()}</span></button> }
        }
        Ok(Some(_)) => html! { <p class="m">{line}</p> },
        _ => html! {},
    }
}

pub fn spans(all: &[Span], deeds: &Deeds) -> Html {
    html! { <>{for all.iter().map(|s| span(s, deeds))}</> }
}

fn span(span: &Span, deeds: &Deeds) -> Html {
    match span {
        Span::Text(text) => html! { {text} },
        Span::Code(text) => html! { <code class="m">{text}</code> },
        Span::Strong(inner) => html! { <strong>{spans(inner, deeds)}</strong> },
        Span::Emphasis(inner) => html! { <em>{spans(inner, deeds)}</em> },
        Span::Link(inner, to) if is_file(to) => {
            let name: Rc<str> = to.as_str().into();
            let open = deeds.on_file.reform(move |_: MouseEvent| name.clone());
            html! { <button type="button" class="link m" onclick={open}>{spans(inner, deeds)}</button> }
        }
        // Elsewhere only to pages of the web: no other scheme does harm, but none is of use either.
        Span::Link(inner, to) if to.starts_with("https://") => {
            html! { <a class="link" href={to.clone()} target="_blank" rel="noopener noreferrer">{spans(inner, deeds)}</a> }
        }
        Span::Link(inner, _) => spans(inner, deeds),
    }
}
