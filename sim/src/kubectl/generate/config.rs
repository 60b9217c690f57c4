//! `create configmap`, `create secret`.

use super::make;
use crate::api::Kind;
use crate::kubectl::{Context, Fault};
use crate::kustomize::hash;
use crate::manifest::base64;
use crate::manifest::write::json;
use crate::value::Value;

/// `--from-literal`, `--from-file`, `--from-env-file`: keys and contents.
fn data(context: &Context, name: &str, kind: &str) -> Result<Vec<(String, String)>, Fault> {
    let mut out: Vec<(String, String)> = vec![];
    let mut add = |key: &str, text: String| {
        if key.is_empty() || !key.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) {
            let (a, colon) = if kind == "Secret" { ("", "") } else { ("a ", ":") };
            return Err(Fault::text(format!(
                "\"{key}\" is not {a}valid key name for a {kind}{colon} a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
            )));
        }
        if out.iter().any(|(k, _)| k == key) {
            return Err(Fault::text(match kind {
                "Secret" => format!("cannot add key {key}, another key by that name already exists"),
                _ => format!(
                    "cannot add key \"{key}\", another key by that name already exists in Data for {kind} \"{name}\""
                ),
            }));
        }
        out.push((key.into(), text));
        Ok(())
    };
    let has = |flag: &str| context.args.all(flag).next().is_some();
    if has("from-env-file") && (has("from-file") || has("from-literal")) {
        return Err(Fault::text("from-env-file cannot be combined with from-file or from-literal"));
    }
    for source in context.args.all("from-file") {
        let (key, path) = source.split_once('=').unwrap_or(("", source));
        if let Some(text) = context.file(path) {
            let base = path.rsplit('/').next().unwrap_or(path);
            add(if key.is_empty() { base } else { key }, text.to_string())?;
            continue;
        }
        let names = context.cluster.folder.names_in(&context.path(path));
        if names.is_empty() {
            return Err(Fault::text(format!("error reading {path}: no such file or directory")));
        }
        for file in names {
            if let Some(text) = context.file(&format!("{}/{file}", path.trim_end_matches('/'))) {
                add(&file, text.to_string())?;
            }
        }
    }
    for literal in context.args.all("from-literal") {
        let Some((key, text)) = literal.split_once('=').filter(|(k, _)| !k.is_empty()) else {
            return Err(Fault::text(format!("invalid literal source {literal}, expected key=value")));
        };
        let text = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text);
        add(key, text.into())?;
    }
    for path in context.args.all("from-env-file") {
        let text = context
            .file(path)
            .ok_or_else(|| Fault::text(format!("error reading {path}: no such file or directory")))?;
        for line in text.lines().map(str::trim_start).filter(|l| !l.is_empty() && !l.starts_with('#')) {
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            add(key, value.into())?;
        }
    }
    Ok(out)
}

/// The name, with `--append-hash` ended by a hash of what the object holds.
fn hashed(context: &Context, kind: Kind, name: &str, value: &Value) -> String {
    if !context.args.is("append-hash") {
        return name.into();
    }
    let mut whole = value.clone();
    whole.set("kind", kind.name().into());
    whole.at_mut(&["metadata"]).set("name", Value::from(name));
    format!("{name}-{}", hash::of(&whole))
}

pub fn config_map(context: &mut Context, name: &str) -> Result<(), Fault> {
    let data = data(context, name, "ConfigMap")?;
    let mut value = Value::empty_map();
    if !data.is_empty() {
        value.set("data", Value::map(data.into_iter().map(|(k, v)| (k, Value::from(v)))));
    }
    let name = hashed(context, Kind::ConfigMap, name, &value);
    make(context, Kind::ConfigMap, &name, value, "created", "configmap")
}

fn secret(context: &mut Context, name: &str, kind: Option<&str>, data: Vec<(String, String)>) -> Result<(), Fault> {
    let mut value = Value::empty_map();
    if !data.is_empty() {
        let encoded = data.into_iter().map(|(k, v)| (k, Value::from(base64::encode(v.as_bytes()))));
        value.set("data", Value::map(encoded));
    }
    if let Some(kind) = kind {
        value.set("type", Value::from(kind));
    }
    let name = hashed(context, Kind::Secret, name, &value);
    make(context, Kind::Secret, &name, value, "created", "secret")
}

pub fn generic(context: &mut Context, name: &str) -> Result<(), Fault> {
    let data = data(context, name, "Secret")?;
    let kind = context.args.get("type").map(str::to_string);
    secret(context, name, kind.as_deref(), data)
}

pub fn tls(context: &mut Context, name: &str) -> Result<(), Fault> {
    let file = |flag: &str| {
        let path = context.args.get(flag).unwrap_or("");
        if path.is_empty() {
            return Err(Fault::text("key and cert must be specified"));
        }
        let missing = || Fault::text(format!("Cannot read file {path}, open {path}: no such file or directory"));
        context.file(path).map(|t| t.to_string()).ok_or_else(missing)
    };
    let (cert, key) = (file("cert")?, file("key")?);
    if !cert.contains("-----BEGIN") {
        return Err(Fault::text("tls: failed to find any PEM data in certificate input"));
    }
    if !key.contains("-----BEGIN") {
        return Err(Fault::text("tls: failed to find any PEM data in key input"));
    }
    secret(context, name, Some("kubernetes.io/tls"), vec![("tls.crt".into(), cert), ("tls.key".into(), key)])
}

pub fn registry(context: &mut Context, name: &str) -> Result<(), Fault> {
    let flag = |flag: &str| context.args.get(flag).unwrap_or("").to_string();
    let (server, user, password) = (
        context.args.get("docker-server").unwrap_or("https://index.docker.io/v1/").to_string(),
        flag("docker-username"),
        flag("docker-password"),
    );
    if user.is_empty() || password.is_empty() {
        return Err(Fault::text(
            "either --from-file or the combination of --docker-username, --docker-password and --docker-server is required",
        ));
    }
    let text = |t: &str| json(&Value::from(t), 0);
    let email = flag("docker-email");
    let email = if email.is_empty() { String::new() } else { format!(",\"email\":{}", text(&email)) };
    let auth = base64::encode(format!("{user}:{password}").as_bytes());
    // In the order in which kubectl writes the fields.
    let config = format!(
        "{{\"auths\":{{{}:{{\"username\":{},\"password\":{}{email},\"auth\":\"{auth}\"}}}}}}",
        text(&server),
        text(&user),
        text(&password)
    );
    secret(context, name, Some("kubernetes.io/dockerconfigjson"), vec![(".dockerconfigjson".into(), config)])
}
