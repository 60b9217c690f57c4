//! How the page looks: regions, in the order in which one tabs through them.

use super::pointing::Touch;
use super::present;
use super::split::Edge;
use super::{App, Guest, Msg, Over, Panel, Toast, Tone};
use crate::browser;
use crate::builder::Builder;
use crate::clock_text;
use crate::editor::Editor;
use crate::find::Find;
use crate::header::Header;
use crate::icons::{Mark, Sign, kind, mark, sign};
use crate::inspector::Inspector;
use crate::inspector::portrait::Chosen;
use crate::keys;
use crate::ledger::Ledger;
use crate::lessons::Course;
use crate::lessons::panel::{Panel as LessonPanel, pages};
use crate::samples::{self, Gallery};
use crate::terminal::Terminal;
use crate::timeline::Timeline;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, KeyboardEvent, PointerEvent};
use yew::prelude::*;

impl Panel {
    fn name(self) -> &'static str {
        match self {
            Panel::Picture => "picture",
            Panel::Yaml => "yaml",
            Panel::Terminal => "terminal",
            Panel::List => "list",
            Panel::Lesson => "lesson",
        }
    }
}

impl App {
    pub(super) fn page(&self, ctx: &Context<Self>) -> Html {
        let t = self.text;
        let on = ctx.link().callback(|msg: Msg| msg);
        let class =
            classes!("app", (!self.terminal_open).then_some("term-shut"), self.chosen.is_some().then_some("picked"));
        // While something lies over the page, the page is out of reach.
        let inert = self.over.is_some();
        html! {
            <div class={class} ref={self.app.clone()} data-panel={self.panel.name()} data-front={self.course.as_ref().is_some_and(|c| c.front).then_some("lesson")}>
                <header class="top" inert={inert}>
                    <Header text={t} lens={self.lens} namespace={self.namespace.clone()} namespaces={self.told.namespaces.clone()}
                        about={self.about()} guest={self.brought.is_some()} on={on.clone()}/>
                </header>
                <section class="left" inert={inert} aria-label={t.get("editor")}>
                    if let Some(course) = &self.course { {self.lessons_view(ctx, course)} }
                    <Editor text={t} ready={self.arrived} complaints={self.complaints.clone()} cleared={self.cleared} applies={self.applies} brought={self.brought.clone()} offered={self.offered.clone()}
                        on_apply={on.reform(Msg::Apply)} on_samples={on.reform(|()| Msg::Over(Some(Over::Samples)))} on_saved={on.reform(|text| Msg::Guest(Guest::File(text)))}/>
                </section>
                <main class="pic" inert={inert} aria-label={t.get("picture")}>{self.picture(ctx)}</main>
                if self.big { {present::hints(t, ctx.link().callback(|_| Msg::Big(false)))} }
                <aside class="right" inert={inert} aria-label={t.get("inspector")} data-sheet={self.sheet.name()}>
                    <Inspector text={t} portrait={self.told.portrait.clone()} overview={self.told.overview.clone()} tab={self.tab} sheet={self.sheet}
                        on_tab={on.reform(Msg::Tab)} on_pick={on.reform(Msg::Pick)} on_run={on.reform(Msg::Deed)} on_enter={on.reform(Msg::Enter)} on_sheet={on.reform(Msg::Sheet)}/>
                </aside>
                <section class="term" inert={inert} aria-label={t.get("terminal")}>
                    <Terminal text={t} open={self.terminal_open} lines={self.told.lines.clone()} foreground={self.told.foreground.clone()} events={self.told.events.clone()} requests={self.told.requests.clone()}
                        on_line={on.reform(Msg::Run)} on_complete={on.reform(|(line, answer)| Msg::Complete(line, answer))} on_interrupt={on.reform(|()| Msg::Interrupt)} on_input={on.reform(Msg::TypeIn)} on_open={on.reform(Msg::TerminalOpen)}
                        on_pick={on.reform(|(kind, namespace, name): (Rc<str>, Rc<str>, Rc<str>)| Msg::Pick(Chosen::named(&kind, &namespace, &name)))}/>
                </section>
                <footer class="time" inert={inert} aria-label={t.get("time")}>
                    <Timeline text={t} track={self.told.track.clone()} now={self.player.now()} playing={self.player.playing} speed={self.player.speed()}
                        paint={self.paint} on_act={on.reform(Msg::Time)}/>
                </footer>
                {self.tab_bar(ctx)}
                <section class="edges" inert={inert} aria-label={t.get("edges")}>
                    {for Edge::ALL.iter().filter(|e| **e != Edge::Terminal || self.terminal_open).map(|e| self.edge(ctx, *e))}
                </section>
                <div class="toasts" role="alert">{for self.toasts.iter().map(|toast| self.toast_view(ctx, toast))}</div>
                <div class="told" role="status" aria-live="polite">{&self.told.said}</div>
                {self.over_view(ctx)}
            </div>
        }
    }

    /// A function of its own: the first picture does without it.
    #[inline(never)]
    fn lessons_view(&self, ctx: &Context<Self>, course: &Course) -> Html {
        let (on, on_line) = (ctx.link().callback(Msg::Lesson), ctx.link().callback(Msg::Run));
        let props = course.props(self.text, self.player.history().journal(), on.clone(), on_line);
        html! { <>{pages(self.text, course, &on)}<LessonPanel ..props/></> }
    }

    /// What there is, for the header.
    fn about(&self) -> String {
        let o = &self.told.overview;
        let t = self.text;
        let counts = format!("{}, {}", t.count("nodes", "nodes-one", o.nodes), t.count("pods", "pods-one", o.pods));
        match self.mine.and_then(|mine| self.clusters.find(mine.id)) {
            Some(mine) => format!("{} · {counts}", mine.name),
            None => counts,
        }
    }

    fn tab_bar(&self, ctx: &Context<Self>) -> Html {
        let tab = |panel: Panel, icon: Html, name: &'static str| {
            let chosen = self.panel == panel;
            html! { <button type="button" aria-current={chosen.to_string()} onclick={ctx.link().callback(move |_| Msg::Panel(panel))}>{icon}<span>{self.text.get(name)}</span></button> }
        };
        html! {
            <nav class="tabbar" aria-label={self.text.get("panels")}>
                {tab(Panel::Picture, kind("Node", 20), "picture")}
                {tab(Panel::Yaml, mark(Mark::File, 20), "yaml")}
                {tab(Panel::Terminal, mark(Mark::Terminal, 20), "terminal")}
                {tab(Panel::List, mark(Mark::List, 20), "list")}
                {tab(Panel::Lesson, mark(Mark::Book, 20), "lessons")}
            </nav>
        }
    }

    fn edge(&self, ctx: &Context<Self>, edge: Edge) -> Html {
        let (class, orientation, name) = match edge {
            Edge::Left => ("split v l", "vertical", "edge-left"),
            Edge::Right => ("split v r", "vertical", "edge-right"),
            Edge::Terminal => ("split h", "horizontal", "edge-terminal"),
        };
        let down = Callback::from(|e: PointerEvent| {
            if let Some(bar) = e.current_target().and_then(|t| t.dyn_into::<Element>().ok()) {
                let _ = bar.set_pointer_capture(e.pointer_id());
            }
            e.prevent_default();
        });
        let moved = ctx.link().batch_callback(move |e: PointerEvent| {
            let bar: Element = e.current_target()?.dyn_into().ok()?;
            if !bar.has_pointer_capture(e.pointer_id()) {
                return None;
            }
            let window = browser::window();
            let width = window.inner_width().ok()?.as_f64()?;
            let height = window.inner_height().ok()?.as_f64()?;
            let to = match edge {
                Edge::Left => f64::from(e.client_x()),
                Edge::Right => width - f64::from(e.client_x()),
                Edge::Terminal => height - 84.0 - f64::from(e.client_y()),
            };
            Some(Msg::Edge(edge, to))
        });
        let size = self.sizes[edge as usize];
        let keys = ctx.link().batch_callback(move |e: KeyboardEvent| {
            let by = match (edge, e.key().as_str()) {
                (Edge::Left, "ArrowLeft") | (Edge::Right, "ArrowRight") | (Edge::Terminal, "ArrowDown") => -16.0,
                (Edge::Left, "ArrowRight") | (Edge::Right, "ArrowLeft") | (Edge::Terminal, "ArrowUp") => 16.0,
                _ => return None,
            };
            e.prevent_default();
            Some(Msg::Edge(edge, size + by))
        });
        html! {
            <div key={name} class={class} role="separator" tabindex="0" aria-orientation={orientation} aria-valuenow={size.to_string()} aria-label={self.text.get(name)}
                onpointerdown={down} onpointermove={moved} onkeydown={keys}></div>
        }
    }

    fn toast_view(&self, ctx: &Context<Self>, toast: &Toast) -> Html {
        let number = toast.number;
        html! {
            <div class={classes!("toast", (toast.tone != Tone::Bad).then_some("ok"))} key={number}>
                {match toast.tone {
                    Tone::Good => sign(Sign::Ready, 16),
                    Tone::Bad => sign(Sign::Broken, 16),
                    Tone::Deed => mark(Mark::Terminal, 16),
                }}
                <div><p class={(toast.tone != Tone::Good).then_some("m")}>{&toast.message}</p></div>
                if toast.tone == Tone::Deed {
                    <button type="button" class="btn quiet" onclick={ctx.link().callback(|_| Msg::Undo)}>{self.text.get("undo")}</button>
                }
                <button type="button" class="btn quiet sq" aria-label={self.text.get("shut")} onclick={ctx.link().callback(move |_| Msg::Shut(number))}>{mark(Mark::Shut, 12)}</button>
            </div>
        }
    }

    fn over_view(&self, ctx: &Context<Self>) -> Html {
        let Some(over) = self.over else { return html! {} };
        let shut = ctx.link().callback(|_: MouseEvent| Msg::Over(None));
        let stay = Callback::from(|e: MouseEvent| e.stop_propagation());
        html! {
            <div class="veil" onclick={shut}>
                <div class="holder" onclick={stay}>
                    {match over {
                        Over::Find => html! { <Find text={self.text} objects={self.told.objects.clone()} samples={self.samples.index.clone()} on={ctx.link().callback(|m: Msg| m)}/> },
                        Over::Keys => self.keys_view(ctx),
                        Over::Samples => self.gallery(ctx),
                        Over::Ledger => html! { <Ledger text={self.text} on={ctx.link().callback(|m: Msg| m)}/> },
                        Over::Figure => self.builder(ctx),
                        Over::Clusters => self.mine_view(ctx),
                    }}
                </div>
            </div>
        }
    }

    #[inline(never)]
    fn gallery(&self, ctx: &Context<Self>) -> Html {
        let on_open = ctx.link().callback(|path| Msg::Sample(samples::Act::Open(path)));
        html! { <Gallery text={self.text} index={self.samples.index.clone()} {on_open} on_shut={ctx.link().callback(|()| Msg::Over(None))}/> }
    }

    #[inline(never)]
    fn builder(&self, ctx: &Context<Self>) -> Html {
        let on = ctx.link().callback(Msg::Guest);
        let label = self.picture.as_ref().map(|picture| picture.summary()).unwrap_or_default();
        html! {
            <Builder text={self.text} saved={self.snapshot.clone()} selected={self.chosen.clone()} label={Rc::<str>::from(label)}
                on_copy={on.reform(Guest::Lines)} on_still={on.reform(|()| Guest::Still)} on_shut={ctx.link().callback(|()| Msg::Over(None))}/>
        }
    }

    fn keys_view(&self, ctx: &Context<Self>) -> Html {
        let t = self.text;
        let single =
            ctx.link().callback(|e: Event| Msg::SingleKeys(e.target_unchecked_into::<HtmlInputElement>().checked()));
        html! {
            <div class="card" role="dialog" aria-modal="true" aria-label={t.get("keys")}>
                <div class="keys">
                    <h2>{t.get("keys")}<button type="button" class="btn quiet sq" autofocus=true aria-label={t.get("shut")} onclick={ctx.link().callback(|_| Msg::Over(None))}>{mark(Mark::Shut, 12)}</button></h2>
                    <dl>{for keys::MAP.iter().map(|(keys, does)| html! { <><dt>{for keys.iter().map(|k| html! { <kbd>{*k}</kbd> })}</dt><dd>{t.get(does)}</dd></> })}</dl>
                    <label><input type="checkbox" checked={self.single_keys} onchange={single}/>{t.get("single-keys")}</label>
                </div>
            </div>
        }
    }

    fn picture(&self, ctx: &Context<Self>) -> Html {
        let label =
            self.text.fill("picture-of", &[("what", &self.about()), ("time", &clock_text::minutes(self.player.now()))]);
        let on = ctx.link().callback(Msg::Touch);
        html! {
            <>
                <canvas id="picture" ref={self.canvas.clone()} tabindex="0" role="graphics-document" aria-label={label}
                    onpointerdown={on.reform(Touch::Down)} onpointermove={on.reform(Touch::Move)} onpointerup={on.reform(Touch::Up)}
                    onpointercancel={on.reform(Touch::Up)} onpointerleave={on.reform(|_: PointerEvent| Touch::Leave)}
                    onkeydown={on.reform(Touch::Key)} ondblclick={on.reform(|_: MouseEvent| Touch::Double)}>
                    {for self.told.symbols.iter().enumerate().map(|(i, (_, sentence))| html! {
                        <span id={format!("symbol-{i}")} role="graphics-symbol" aria-label={sentence.clone()}></span>
                    })}
                </canvas>
                {self.tip()}
                if let Some(intro) = &self.intro { {self.intro_view(intro, &ctx.link().callback(Msg::Intro))} }
            </>
        }
    }

    /// What the mouse rests on, in a sentence.
    fn tip(&self) -> Html {
        let told = self.hand.hovered.as_ref().zip(self.picture.as_ref()).filter(|(key, p)| !p.is_magnified(key));
        let sentence = told.map(|(key, p)| p.sentence(key)).unwrap_or_default();
        if sentence.is_empty() {
            html! {}
        } else {
            html! { <div class="tip" aria-hidden="true">{sentence}</div> }
        }
    }
}
