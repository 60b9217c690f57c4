//! The files that a container sees, or that lie in a volume: a tree of what is mounted; a file that is pressed is read.

use super::bytes;
use super::place::{MOST_NAMES, Page, Place, Root, read};
use crate::browser;
use crate::inspector::portrait::Chosen;
use crate::text::Text;
use kubarium_sim::shell::{Kind, Node};
use std::collections::BTreeSet;
use std::rc::Rc;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub text: Text,
    pub places: Rc<Vec<Place>>,
    pub on_pick: Callback<Option<Chosen>>,
}

pub enum Msg {
    Choose(String),
    Fold(String),
    Read(Spot),
    Back,
}

/// A name in the tree. The same file may be seen from several roots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    path: String,
    /// Of its button.
    id: String,
}

impl Spot {
    fn new(root: &Root, path: &str) -> Spot {
        Spot { path: path.into(), id: format!("file:{}:{path}", root.path) }
    }
}

#[derive(Default)]
pub struct Files {
    place: Option<Rc<str>>,
    /// Folders that are not as they are at first: all are shut, but for one that is alone.
    turned: BTreeSet<String>,
    reading: Option<Spot>,
    /// What is to have the focus next, by its id.
    next: Option<String>,
}

/// The button that leaves a file.
const BACK: &str = "file-back";

impl Component for Files {
    type Message = Msg;
    type Properties = Props;

    fn create(_: &Context<Self>) -> Self {
        Files::default()
    }

    fn update(&mut self, _: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Choose(name) => *self = Files { place: Some(name.into()), ..Files::default() },
            Msg::Fold(id) => {
                if !self.turned.remove(&id) {
                    self.turned.insert(id);
                }
            }
            Msg::Read(spot) => (self.reading, self.next) = (Some(spot), Some(BACK.into())),
            Msg::Back => self.next = self.reading.take().map(|spot| spot.id),
        }
        true
    }

    fn rendered(&mut self, _: &Context<Self>, _: bool) {
        if let Some(next) = self.next.take() {
            browser::focus(&next);
        }
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let p = ctx.props();
        let chosen = self.place.as_ref().and_then(|name| p.places.iter().find(|place| place.name == *name));
        let Some(place) = chosen.or(p.places.first()) else {
            return html! { <p class="lead">{p.text.get("files-none")}</p> };
        };
        if let Some(spot) = &self.reading {
            return page(ctx, place, &spot.path);
        }
        let chosen =
            ctx.link().callback(|e: Event| Msg::Choose(e.target_unchecked_into::<HtmlSelectElement>().value()));
        html! {
            <>
                if p.places.len() > 1 {
                    <div class="pickers"><select aria-label={p.text.get("files-of")} onchange={chosen}>
                        {for p.places.iter().map(|one| html! {
                            <option value={one.name.to_string()} selected={one.name == place.name}>
                                {match &one.role { Some(role) => format!("{}, {role}", one.name), None => one.name.to_string() }}
                            </option>
                        })}
                    </select></div>
                }
                if place.roots.is_empty() { <p class="lead">{p.text.get("files-none")}</p> }
                <ul class="tree">{for place.roots.iter().map(|root| self.root(ctx, place, root))}</ul>
            </>
        }
    }
}

fn page(ctx: &Context<Files>, place: &Place, path: &str) -> Html {
    let text = ctx.props().text;
    let bar = html! {
        <div class="reading">
            <button type="button" id={BACK} class="btn" onclick={ctx.link().callback(|_| Msg::Back)}>{text.get("files-back")}</button>
            <b class="m">{path.to_string()}</b>
        </div>
    };
    let rest = match read(&place.view, path) {
        Page::Text(written, more) => html! {
            <>
                if written.is_empty() { <p class="lead">{text.get("file-empty")}</p> } else { <pre class="yaml m">{written}</pre> }
                if more > 0 { <p class="lead">{text.fill("file-more", &[("size", &bytes(more))])}</p> }
            </>
        },
        Page::Bytes(size) => html! { <p class="lead">{text.fill("file-bytes", &[("size", &bytes(size))])}</p> },
        Page::Opaque => html! { <p class="lead">{text.get("file-opaque")}</p> },
        Page::Refused(why) => html! { <blockquote class="m">{why}</blockquote> },
    };
    html! { <>{bar}{rest}</> }
}

impl Files {
    fn is_open(&self, spot: &Spot, alone: bool) -> bool {
        self.turned.contains(&spot.id) != alone
    }

    fn root(&self, ctx: &Context<Self>, place: &Place, root: &Root) -> Html {
        let text = ctx.props().text;
        let spot = Spot::new(root, &root.path);
        let open = self.is_open(&spot, place.roots.len() == 1);
        // A single file may be mounted, too.
        let folder = !place.view.node(&root.path).is_ok_and(|node| !node.is_folder());
        let what = match root.to.clone() {
            Some(to) => {
                let pick = ctx.props().on_pick.reform(move |_: MouseEvent| Some(to.clone()));
                html! { <button type="button" class="link m" onclick={pick}>{&root.what}</button> }
            }
            None if root.what.is_empty() => html! { <span>{text.get("files-own")}</span> },
            None => html! { <span class="m">{&root.what}</span> },
        };
        html! {
            <li key={root.path.clone()}>
                {button(ctx, spot, &root.path, folder.then_some(open), html! {})}
                <p class="what">{what}if root.read_only { <em>{text.get("files-read-only")}</em> }</p>
                if open && folder { {self.names(ctx, place, root, &root.path)} }
            </li>
        }
    }

    fn names(&self, ctx: &Context<Self>, place: &Place, root: &Root, path: &str) -> Html {
        let text = ctx.props().text;
        let names = match place.view.list(path) {
            Ok(names) => names,
            Err(why) => return html! { <p class="what">{why.to_string()}</p> },
        };
        if names.is_empty() {
            return html! { <p class="what">{text.get("files-nothing")}</p> };
        }
        let more = names.len().saturating_sub(MOST_NAMES);
        html! {
            <>
                <ul>{for names.iter().take(MOST_NAMES).map(|(name, node)| self.entry(ctx, (place, root), path, name, node))}</ul>
                if more > 0 { <p class="what">{text.fill("files-more", &[("n", &more.to_string())])}</p> }
            </>
        }
    }

    fn entry(
        &self,
        ctx: &Context<Self>,
        (place, root): (&Place, &Root),
        folder: &str,
        name: &str,
        node: &Node,
    ) -> Html {
        let path = format!("{}/{name}", folder.trim_end_matches('/'));
        let behind = match &node.kind {
            Kind::Link(_) => place.view.node(&path).ok(),
            _ => None,
        };
        let is_folder = behind.as_ref().unwrap_or(node).is_folder();
        let spot = Spot::new(root, &path);
        let open = self.is_open(&spot, false);
        let side = match &node.kind {
            Kind::Link(target) => html! { <em title={target.to_string()}>{format!("→ {target}")}</em> },
            Kind::File(content) => html! { <em>{bytes(content.len())}</em> },
            _ => html! {},
        };
        html! {
            <li key={name.to_string()}>
                {button(ctx, spot, name, is_folder.then_some(open), side)}
                if open && is_folder { {self.names(ctx, place, root, &path)} }
            </li>
        }
    }
}

/// A folder opens and shuts, a file is read.
fn button(ctx: &Context<Files>, spot: Spot, name: &str, open: Option<bool>, side: Html) -> Html {
    let id = spot.id.clone();
    let press = ctx.link().callback(move |_: MouseEvent| match open {
        Some(_) => Msg::Fold(spot.id.clone()),
        None => Msg::Read(spot.clone()),
    });
    let turn = open.map(|open| if open { "M-3-1.5L0 1.5 3-1.5" } else { "M-1.5-3L1.5 0-1.5 3" });
    html! {
        <button type="button" {id} class="m" aria-expanded={open.map(|open| open.to_string())} onclick={press}>
            <svg width="10" height="10" viewBox="-5 -5 10 10" aria-hidden="true">
                if let Some(d) = turn { <path {d} fill="none" stroke="currentColor" stroke-width="1.4"/> } else { <circle r="1.2" fill="currentColor"/> }
            </svg>
            <span>{name.to_string()}</span>{side}
        </button>
    }
}
