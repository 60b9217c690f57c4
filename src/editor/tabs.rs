//! The files of the editor as tabs.

use super::check::Weight;
use super::files::File;
use super::{Editor, Msg};
use crate::icons::{Mark, Sign, mark, sign};
use web_sys::{HtmlInputElement, KeyboardEvent};
use yew::prelude::*;

impl Editor {
    pub(super) fn tabs(&self, ctx: &Context<Self>) -> Html {
        let text = ctx.props().text;
        let link = ctx.link();
        let current = self.files.current;
        let close = text.fill("close-file", &[("file", &self.files.now().name)]);
        html! {
            <div class="files">
                <div class="tabset" role="tablist" aria-label={text.get("files")}>
                    {for self.files.list.iter().enumerate().map(|(i, f)| self.tab(ctx, i, f))}
                </div>
                if self.files.list.len() > 1 {
                    <button type="button" aria-label={close.clone()} title={close} onclick={link.callback(move |_| Msg::Close(current))}>{mark(Mark::Shut, 10)}</button>
                }
                <button type="button" aria-label={text.get("new-file")} title={text.get("new-file")} onclick={link.callback(|_| Msg::New)}>{"+"}</button>
                <span class="grow"></span>
                <button type="button" class="more" onclick={ctx.props().on_samples.reform(|_: MouseEvent| ())}>{text.get("samples")}</button>
            </div>
        }
    }

    fn tab(&self, ctx: &Context<Self>, index: usize, file: &File) -> Html {
        let text = ctx.props().text;
        let link = ctx.link();
        if self.renaming == Some(index) {
            let done = link.batch_callback(|e: KeyboardEvent| match e.key().as_str() {
                "Enter" => Some(Msg::Named(e.target_unchecked_into::<HtmlInputElement>().value())),
                "Escape" => Some(Msg::Rename(None)),
                _ => None,
            });
            let left = link.callback(|e: FocusEvent| Msg::Named(e.target_unchecked_into::<HtmlInputElement>().value()));
            return html! {
                <input key={index} value={file.name.clone()} aria-label={text.get("file-name")} onkeydown={done} onblur={left} autofocus=true/>
            };
        }
        let chosen = index == self.files.current;
        let bad = chosen && self.problems.iter().any(|p| p.weight == Weight::Error);
        let pick = link.callback(move |_| Msg::Show(index));
        let rename = link.callback(move |_| Msg::Rename(Some(index)));
        let keys = link.batch_callback(move |e: KeyboardEvent| (e.key() == "F2").then_some(Msg::Rename(Some(index))));
        html! {
            <button key={index} type="button" role="tab" aria-selected={chosen.to_string()} onclick={pick} ondblclick={rename} onkeydown={keys} title={text.get("file-hint")}>
                {&file.name}
                if bad { {sign(Sign::Broken, 11)} } else if file.applied.is_some() && file.unsent() { <span aria-label={text.get("edited")} role="img">{"•"}</span> }
            </button>
        }
    }
}
