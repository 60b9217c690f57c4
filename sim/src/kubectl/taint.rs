//! `kubectl taint`.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/taint

use super::{Answer, Context, Fault, OK, get, patch, resources};
use crate::api::Kind;
use crate::value::Value;

const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/// `key=value:Effect`; an empty effect removes all of the key.
struct Taint {
    key: String,
    value: String,
    effect: String,
}

pub fn run(context: &mut Context) -> Answer {
    let words = context.args.words.clone();
    let is_spec = |w: &String| w.contains('=') || w.contains(':') || w.ends_with('-');
    let cut = words.iter().skip(1).position(is_spec).map_or(words.len(), |i| i + 1);
    let (targets, specs) = words.split_at(cut);
    if targets.is_empty() {
        return Err(Fault::text("one or more resources must be specified as <resource> <name>"));
    }
    if let Some(word) = specs.iter().find(|word| !is_spec(word)) {
        return Err(Fault::text(format!("all resources must be specified before taint changes: {word}")));
    }
    if specs.is_empty() {
        return Err(Fault::text("at least one taint update is required"));
    }
    let (mut add, mut remove) = (vec![], vec![]);
    for spec in specs {
        let removes = spec.ends_with('-');
        let taint = parse(spec.trim_end_matches('-'), removes).map_err(|why| Fault::usage("taint", why))?;
        if removes { remove.push(taint) } else { add.push(taint) }
    }
    if resources::kind(&context.cluster.store, targets[0].split('/').next().unwrap_or(""))? != Kind::Node {
        return Err(Fault::text(format!("invalid resource type {}, only node types are supported", targets[0])));
    }
    no_conflict(&add, &remove)?;
    if targets.len() == 1
        && !targets[0].contains('/')
        && !context.args.is("all")
        && context.args.get("selector").is_none()
    {
        return Err(Fault::text("at least one resource name must be specified since 'all' parameter is not set"));
    }
    let found = resources::find_among(context, targets)?;
    let mut faults = found.faults;
    for node in found.objects {
        faults.extend(one(context, &node, &add, &remove).err());
    }
    Fault::all(faults)?;
    OK
}

/// Nothing may be both set and removed.
fn no_conflict(add: &[Taint], remove: &[Taint]) -> Result<(), Fault> {
    let mut both = vec![];
    for taint in add {
        let same = |other: &&Taint| other.key == taint.key && (other.effect.is_empty() || other.effect == taint.effect);
        both.extend(remove.iter().filter(same).map(|other| format!("{}={}", other.key, other.effect)));
    }
    if both.is_empty() {
        return Ok(());
    }
    let both = both.join(", ");
    Err(Fault::text(format!("can not both modify and remove the following taint(s) in the same command: {both}")))
}

fn parse(spec: &str, removes: bool) -> Result<Taint, String> {
    let (pair, effect) = spec.split_once(':').unwrap_or((spec, ""));
    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
    if effect.is_empty() && !removes {
        return Err(format!("invalid taint spec: {spec}"));
    }
    if !effect.is_empty() && !EFFECTS.contains(&effect) {
        return Err(format!("invalid taint effect: {effect}, unsupported taint effect"));
    }
    Ok(Taint { key: key.into(), value: value.into(), effect: effect.into() })
}

fn one(
    context: &mut Context,
    node: &std::rc::Rc<crate::api::object::Object>,
    add: &[Taint],
    remove: &[Taint],
) -> Result<(), Fault> {
    let mut value = node.write();
    let mut taints = value.at(&["spec", "taints"]).items().to_vec();
    let of = |t: &Value, key: &str| t.get(key).as_str().unwrap_or("").to_string();
    for taint in remove {
        let before = taints.len();
        taints.retain(|t| of(t, "key") != taint.key || !taint.effect.is_empty() && of(t, "effect") != taint.effect);
        if taints.len() == before {
            let effect = if taint.effect.is_empty() { String::new() } else { format!(":{}", taint.effect) };
            return Err(Fault::text(format!("taint \"{}{effect}\" not found", taint.key)));
        }
    }
    let mut exists = vec![];
    for taint in add {
        let same = |t: &Value| of(t, "key") == taint.key && of(t, "effect") == taint.effect;
        if taints.iter().any(same) {
            exists.push(taint.key.clone());
            taints.retain(|t| !same(t));
        }
        let mut new = Value::map([("effect", Value::from(taint.effect.as_str())), ("key", taint.key.as_str().into())]);
        if !taint.value.is_empty() {
            new.set("value", taint.value.as_str().into());
        }
        taints.insert(0, new);
    }
    let overwrite = context.args.is("overwrite");
    if !exists.is_empty() && !overwrite {
        return Err(Fault::text(format!(
            "node {} already has {} taint(s) with same effect(s) and --overwrite is false",
            node.meta.name,
            exists.join(", ")
        )));
    }
    if taints.is_empty() {
        value.at_mut(&["spec"]).remove("taints");
    } else {
        value.at_mut(&["spec"]).set("taints", Value::list(taints));
    }
    let said = match () {
        () if add.is_empty() => "untainted",
        () if !remove.is_empty() || overwrite => "modified",
        () => "tainted",
    };
    let new = if context.dry_run() == "client" { node.clone() } else { patch::write(context, node, value)? };
    context.done(&get::shown(&new), Kind::Node, said)
}
