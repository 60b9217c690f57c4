//! An object's YAML, live: what has changed since it was last drawn lights up.

use super::portrait::Chosen;
use crate::browser;
use crate::text::Text;
use std::collections::HashSet;
use std::rc::Rc;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub text: Text,
    pub chosen: Chosen,
    pub yaml: Rc<str>,
}

/// What was drawn last, and which of its lines had changed then.
#[derive(Default)]
struct Drawn {
    chosen: Option<Chosen>,
    yaml: Rc<str>,
    changed: Vec<bool>,
    /// How often it has changed: lines that change again light up again.
    turn: usize,
}

/// YAML in ink weights: keys strong, the rest lighter.
#[component]
pub fn Yaml(p: &Props) -> Html {
    let drawn = use_mut_ref(Drawn::default);
    let mut drawn = drawn.borrow_mut();
    if drawn.chosen.as_ref() != Some(&p.chosen) {
        *drawn = Drawn { chosen: Some(p.chosen.clone()), yaml: p.yaml.clone(), ..Drawn::default() };
    } else if drawn.yaml != p.yaml {
        drawn.changed = changed(&drawn.yaml, &p.yaml);
        drawn.yaml = p.yaml.clone();
        drawn.turn += 1;
    }
    let copy = {
        let yaml = p.yaml.clone();
        Callback::from(move |_: MouseEvent| {
            let copied = browser::copy_to_clipboard(yaml.to_string());
            wasm_bindgen_futures::spawn_local(async move { _ = copied.await });
        })
    };
    let line = |(place, line): (usize, &str)| {
        let new = drawn.changed.get(place).copied().unwrap_or(false);
        let key = format!("{place}.{}", if new { drawn.turn } else { 0 });
        let (name, rest) = split_key(line);
        html! { <span {key} class={new.then_some("new")}><b>{name.to_string()}</b>{rest.to_string()}{"\n"}</span> }
    };
    html! {
        <>
            <div class="bar"><button type="button" class="btn" onclick={copy}>{p.text.get("copy")}</button></div>
            <pre class="yaml m">{for p.yaml.lines().enumerate().map(line)}</pre>
        </>
    }
}

/// Of each line whether it was not there before at its place: under the same keys.
fn changed(old: &str, new: &str) -> Vec<bool> {
    let before: HashSet<(String, &str)> = placed(old).collect();
    placed(new).map(|line| !before.contains(&line)).collect()
}

/// Each line with the keys that it stands under.
fn placed(yaml: &str) -> impl Iterator<Item = (String, &str)> {
    let mut above: Vec<(usize, &str)> = Vec::new();
    yaml.lines().map(move |line| {
        let depth = line.len() - line.trim_start_matches([' ', '-']).len();
        while above.last().is_some_and(|(d, _)| *d >= depth) {
            above.pop();
        }
        let path = above.iter().map(|(_, key)| *key).collect::<Vec<_>>().join("/");
        above.push((depth, split_key(line).0));
        (path, line)
    })
}

/// `  name` and `: web` of `  name: web`; nothing and the line for what has no key.
fn split_key(line: &str) -> (&str, &str) {
    let start = line.len() - line.trim_start_matches([' ', '-']).len();
    let key = line[start..].find(':').map(|c| start + c);
    let is_key = |end: &usize| {
        let name = &line[start..*end];
        !name.is_empty()
            && !name.contains([' ', '"', '\''])
            && line[end + 1..].starts_with([' ']) | line[end + 1..].is_empty()
    };
    match key.filter(is_key) {
        Some(end) => line.split_at(end),
        None => ("", line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_from_values() {
        assert_eq!(split_key("  - name: web"), ("  - name", ": web"));
        assert_eq!(split_key("spec:"), ("spec", ":"));
        assert_eq!(split_key("  a text: with a colon"), ("", "  a text: with a colon"));
        assert_eq!(split_key("- http://web"), ("", "- http://web"));
        assert_eq!(split_key("한글: 값"), ("한글", ": 값"));
    }

    #[test]
    fn what_has_changed_or_come_lights_up_and_nothing_else() {
        let old = "spec:\n  replicas: 3\nstatus:\n  replicas: 3\n  conditions:\n  - type: A\n    status: \"True\"";
        let new = "spec:\n  replicas: 3\nstatus:\n  replicas: 4\n  ready: 1\n  conditions:\n  - type: A\n    status: \"True\"";
        let lit: Vec<&str> = new.lines().zip(changed(old, new)).filter(|(_, new)| *new).map(|(line, _)| line).collect();
        assert_eq!(lit, ["  replicas: 4", "  ready: 1"]);
        assert!(changed(new, new).iter().all(|new| !new));
    }
}
