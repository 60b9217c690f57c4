//! What is wrong with the file on view, a line each; pressed, it leads there. What is only worth knowing stands at its place.

use super::check::{Problem, Weight};
use crate::text::Text;
use yew::prelude::*;

/// `on_goto` hears the line and the column, both counted from 1.
pub fn view(text: Text, problems: &[Problem], on_goto: Callback<(u32, u32)>) -> Html {
    let told = || problems.iter().filter(|p| p.weight != Weight::Note);
    if told().next().is_none() {
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
    html! { <ul class="problems" aria-label={text.get("problems")}>{for told().map(one)}</ul> }
}
