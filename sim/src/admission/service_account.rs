//! Gives each Pod a service account and the volume with its token.
//!
//! Kubernetes 1.36: plugin/pkg/admission/serviceaccount/admission.go

use crate::api::service_account::ServiceAccount;
use crate::api::{Kind, Metadata};
use crate::apiserver::Status;
use crate::cluster::Cluster;
use crate::value::Value;

/// Where containers find the token.
const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// Seconds that a token is valid, a little more than an hour so that clients notice its renewal.
const TOKEN_SECONDS: i64 = 3607;

pub fn mutate(cluster: &Cluster, meta: &Metadata, pod: &mut Value) -> Result<(), Status> {
    let spec = pod.at_mut(&["spec"]);
    if spec.get("serviceAccountName").as_str().unwrap_or("").is_empty() {
        spec.set("serviceAccountName", "default".into());
    }
    let name = spec.get("serviceAccountName").as_str().unwrap_or("").to_string();
    spec.set("serviceAccount", Value::str(name.clone()));
    let Some((_, account)) = cluster.store.typed::<ServiceAccount>(&meta.namespace, &name) else {
        let shown = super::name_so_far(meta);
        // The name goes into an address, so that not every one can be asked for.
        let wrong = super::validate::names::path_segment(&name);
        let what = match wrong.is_empty() {
            true => format!("serviceaccount \"{name}\" not found"),
            false => format!("invalid resource name \"{name}\": [{}]", wrong.join(" ")),
        };
        let why = format!("error looking up service account {}/{name}: {what}", meta.namespace);
        return Err(Status::forbidden(Kind::Pod, shown, why));
    };
    if spec.get("imagePullSecrets").items().is_empty() && !account.image_pull_secrets.items().is_empty() {
        spec.set("imagePullSecrets", account.image_pull_secrets.clone());
    }
    let wanted = spec.get("automountServiceAccountToken").as_bool().or(account.automount_token).unwrap_or(true);
    if wanted {
        mount_token(cluster, meta, spec);
    }
    Ok(())
}

fn mount_token(cluster: &Cluster, meta: &Metadata, spec: &mut Value) {
    let volume = format!("kube-api-access-{}", cluster.dice.letters(5, &meta.uid, "token volume"));
    let mut mounted = false;
    for list in ["initContainers", "containers"] {
        if spec.get(list).items().is_empty() {
            continue;
        }
        for container in spec.at_mut(&[list]).list_mut() {
            let mounts = container.get("volumeMounts").items();
            if mounts.iter().any(|m| m.get("mountPath").as_str() == Some(TOKEN_PATH)) {
                continue;
            }
            mounted = true;
            let mount = Value::map([
                ("name", Value::str(volume.clone())),
                ("readOnly", true.into()),
                ("mountPath", TOKEN_PATH.into()),
            ]);
            container.at_mut(&["volumeMounts"]).list_mut().push(mount);
        }
    }
    if mounted {
        spec.at_mut(&["volumes"]).list_mut().push(token_volume(volume));
    }
}

fn token_volume(name: String) -> Value {
    let item = |key: &str, path: &str| Value::map([("key", key.into()), ("path", path.into())]);
    let token = Value::map([("expirationSeconds", Value::Int(TOKEN_SECONDS)), ("path", "token".into())]);
    let root =
        Value::map([("name", "kube-root-ca.crt".into()), ("items", Value::list(vec![item("ca.crt", "ca.crt")]))]);
    let field = Value::map([("apiVersion", "v1".into()), ("fieldPath", "metadata.namespace".into())]);
    let namespace = Value::map([("path", "namespace".into()), ("fieldRef", field)]);
    let sources = vec![
        Value::map([("serviceAccountToken", token)]),
        Value::map([("configMap", root)]),
        Value::map([("downwardAPI", Value::map([("items", Value::list(vec![namespace]))]))]),
    ];
    let projected = Value::map([("sources", Value::list(sources)), ("defaultMode", Value::Int(0o644))]);
    Value::map([("name", Value::str(name)), ("projected", projected)])
}
