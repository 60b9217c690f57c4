//! What is wrong with the file on view, a line each; pressed, it leads there.

use super::check::{Problem, Weight};
use crate::text::Text;
use yew::prelude::*;

/// `on_goto` hears the line and the column, both counted from 1.
pub fn view(text: Text, problems: &[Problem], on_goto: Callback<(u32, u32)>) -> Html {
    if problems.is_empty() {
        return html! {};
    }
    let one = |p: &Problem| {
        let (line, column) = (p.line, p.column);
        let soft = (p.weight == Weight::Warning).then_some("soft");
        let place = text.fill("place", &[("line", &line.to_string()), ("column", &column.to_string())]);
        html! {
            <li><button type="button" class={classes!("problem", soft)} onclick={on_goto.reform(move |_: MouseEvent| (line, column))}>
                <span class="at">{place}</span><p class="m">{&p.message}</p>
            </button></li>
        }
    };
    html! { <ul class="problems" aria-label={text.get("problems")}>{for problems.iter().map(one)}</ul> }
}
