//! `kubectl diff`: what an apply would change.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/diff. The headers name the objects; there are no files to name.

use super::apply::{self, LAST_APPLIED};
use super::files::{self, Info};
use super::{Answer, Context, Fault, Step, get};
use crate::apiserver::{self, Part, Patch, Request, Verb, strategic};
use crate::manifest::{self, write};
use crate::value::Value;

/// Lines of agreement around a change.
const AROUND: usize = 3;

pub fn run(context: &mut Context) -> Answer {
    let failed = |fault: Fault| {
        let text = fault.print();
        (text, Fault::Code(2))
    };
    let infos = match files::infos(context) {
        Ok(infos) => infos,
        Err(fault) => {
            let (text, code) = failed(fault);
            context.err(&text);
            return Err(code);
        }
    };
    let mut differ = false;
    for info in infos {
        match info.and_then(|info| one(context, &info)) {
            Ok(different) => differ |= different,
            Err(fault) => {
                let (text, code) = failed(fault);
                context.err(&text);
                return Err(code);
            }
        }
    }
    Ok(Step::Done(i32::from(differ)))
}

fn one(context: &mut Context, info: &Info) -> Result<bool, Fault> {
    let wanted = apply::recorded(&info.value);
    let current = context.cluster.store.get(info.kind, &info.key).cloned();
    let verb = match &current {
        None => Verb::Create(wanted),
        Some(object) => {
            let last = object.meta.annotations.get(LAST_APPLIED);
            let last = last
                .and_then(|text| manifest::read(text).documents.first().map(|d| d.value.clone()))
                .unwrap_or_default();
            Verb::Patch(Patch::Strategic(strategic::three_way(info.kind, &last, &wanted, &object.write())), Part::Main)
        }
    };
    let request = Request { dry_run: true, ..Request::new("kubectl", info.kind, info.key.clone(), verb) };
    let merged = apiserver::handle(context.cluster, request)?;
    let shown = |value: Value| {
        let mut value = value;
        value.at_mut(&["metadata", "annotations"]).remove(LAST_APPLIED);
        if value.at(&["metadata", "annotations"]).as_map().is_some_and(|m| m.is_empty()) {
            value.at_mut(&["metadata"]).remove("annotations");
        }
        write::yaml(&value)
    };
    let (old, new) = (current.map_or(String::new(), |o| shown(get::shown(&o))), shown(get::shown(&merged)));
    if old == new {
        return Ok(false);
    }
    let name = format!(
        "{}.{}.{}.{}",
        info.kind.api_version().replace('/', "."),
        info.kind.name(),
        info.key.namespace,
        info.key.name
    );
    context.say(format!("diff -u -N LIVE/{name} MERGED/{name}"));
    let stamp = context.cluster.stamp().date().to_string().replace('T', " ").replace('Z', ".000000000 +0000");
    context.say(format!("--- LIVE/{name}\t{stamp}\n+++ MERGED/{name}\t{stamp}"));
    context.print(unified(&old, &new));
    Ok(true)
}

/// A unified difference of two texts, without its headers.
pub fn unified(old: &str, new: &str) -> String {
    let (a, b): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let lines = script(&a, &b);
    let mut out = String::new();
    let changed: Vec<usize> = (0..lines.len()).filter(|i| lines[*i].0 != ' ').collect();
    let mut at = 0;
    while at < changed.len() {
        let mut last = at;
        while last + 1 < changed.len() && changed[last + 1] - changed[last] <= 2 * AROUND + 1 {
            last += 1;
        }
        let (from, to) = (changed[at].saturating_sub(AROUND), (changed[last] + AROUND + 1).min(lines.len()));
        let count = |range: &[(char, &str)], not: char| range.iter().filter(|(c, _)| *c != not).count();
        let (before_a, before_b) = (count(&lines[..from], '+'), count(&lines[..from], '-'));
        let (in_a, in_b) = (count(&lines[from..to], '+'), count(&lines[from..to], '-'));
        let place = |before: usize, n: usize| match n {
            0 => format!("{before},0"),
            1 => format!("{}", before + 1),
            _ => format!("{},{n}", before + 1),
        };
        out += &format!("@@ -{} +{} @@\n", place(before_a, in_a), place(before_b, in_b));
        for (sign, line) in &lines[from..to] {
            out.push(*sign);
            out += line;
            out.push('\n');
        }
        at = last + 1;
    }
    out
}

/// Lines that stay, go and come, by the longest common subsequence.
fn script<'a>(a: &[&'a str], b: &[&'a str]) -> Vec<(char, &'a str)> {
    let same_head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let same_tail = a[same_head..].iter().rev().zip(b[same_head..].iter().rev()).take_while(|(x, y)| x == y).count();
    let (x, y) = (&a[same_head..a.len() - same_tail], &b[same_head..b.len() - same_tail]);
    let mut longest = vec![vec![0usize; y.len() + 1]; x.len() + 1];
    for i in (0..x.len()).rev() {
        for j in (0..y.len()).rev() {
            longest[i][j] =
                if x[i] == y[j] { longest[i + 1][j + 1] + 1 } else { longest[i + 1][j].max(longest[i][j + 1]) };
        }
    }
    let mut out: Vec<(char, &str)> = a[..same_head].iter().map(|l| (' ', *l)).collect();
    let (mut i, mut j) = (0, 0);
    while i < x.len() || j < y.len() {
        if i < x.len() && j < y.len() && x[i] == y[j] {
            out.push((' ', x[i]));
            (i, j) = (i + 1, j + 1);
        } else if i < x.len() && (j == y.len() || longest[i + 1][j] >= longest[i][j + 1]) {
            out.push(('-', x[i]));
            i += 1;
        } else {
            out.push(('+', y[j]));
            j += 1;
        }
    }
    out.extend(a[a.len() - same_tail..].iter().map(|l| (' ', *l)));
    out
}
