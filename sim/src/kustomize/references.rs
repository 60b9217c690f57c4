//! Names that have changed are changed where others refer to them.
//!
//! kustomize: api/internal/konfig/builtinpluginconsts/namereference.go, api/filters/nameref, api/resmap/reswrangler.go

use super::fields::{Spec, specs};
use super::resource::{Id, Resource};
use crate::value::Value;

/// Who refers to objects of a kind, and where. Lines `@ KIND GROUP VERSION` begin the referrers to that kind.
const REFERRERS: &str = "\
@ Deployment - -
HorizontalPodAutoscaler - - spec/scaleTargetRef/name
@ ReplicationController - -
HorizontalPodAutoscaler - - spec/scaleTargetRef/name
@ ReplicaSet - -
HorizontalPodAutoscaler - - spec/scaleTargetRef/name
@ StatefulSet - -
HorizontalPodAutoscaler - - spec/scaleTargetRef/name
@ ConfigMap - v1
Node - - spec/configSource/configMap
Role - - rules/resourceNames
ClusterRole - - rules/resourceNames
Ingress - - metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap
@ Secret - v1
Ingress - - spec/tls/secretName
Ingress - - metadata/annotations/ingress.kubernetes.io\\/auth-secret
Ingress - - metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret
Ingress - - metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret
ServiceAccount - - imagePullSecrets/name
StorageClass - - parameters/secretName
StorageClass - - parameters/adminSecretName
StorageClass - - parameters/userSecretName
StorageClass - - parameters/secretRef
Role - - rules/resourceNames
ClusterRole - - rules/resourceNames
PersistentVolume - - spec/azureFile/secretName
@ Service - v1
StatefulSet apps - spec/serviceName
Ingress - - spec/rules/http/paths/backend/serviceName
Ingress - - spec/backend/serviceName
Ingress - - spec/rules/http/paths/backend/service/name
Ingress - - spec/defaultBackend/service/name
APIService apiregistration.k8s.io - spec/service/name
ValidatingWebhookConfiguration admissionregistration.k8s.io - webhooks/clientConfig/service
MutatingWebhookConfiguration admissionregistration.k8s.io - webhooks/clientConfig/service
@ Role rbac.authorization.k8s.io -
RoleBinding rbac.authorization.k8s.io - roleRef/name
@ ClusterRole rbac.authorization.k8s.io -
RoleBinding rbac.authorization.k8s.io - roleRef/name
ClusterRoleBinding rbac.authorization.k8s.io - roleRef/name
@ ServiceAccount - v1
RoleBinding rbac.authorization.k8s.io - subjects
ClusterRoleBinding rbac.authorization.k8s.io - subjects
@ PersistentVolume - v1
PersistentVolumeClaim - - spec/volumeName
ClusterRole - - rules/resourceNames
@ StorageClass storage.k8s.io v1
PersistentVolume - - spec/storageClassName
PersistentVolumeClaim - - spec/storageClassName
StatefulSet - - spec/volumeClaimTemplates/spec/storageClassName
@ ValidatingAdmissionPolicy admissionregistration.k8s.io -
ValidatingAdmissionPolicyBinding admissionregistration.k8s.io - spec/policyName";

/// Where the specification of Pods stands.
const PODS: [(&str, &str); 9] = [
    ("Pod", "spec"),
    ("PodTemplate", "template/spec"),
    ("Deployment", "spec/template/spec"),
    ("ReplicaSet", "spec/template/spec"),
    ("ReplicationController", "spec/template/spec"),
    ("DaemonSet", "spec/template/spec"),
    ("StatefulSet", "spec/template/spec"),
    ("Job", "spec/template/spec"),
    ("CronJob", "spec/jobTemplate/spec/template/spec"),
];

/// What Pods refer to: the kind, its group and version, the kinds that kustomize does not look into, and where.
const IN_PODS: [(&str, &str, &str, &[&str], &[&str]); 5] = [
    (
        "ConfigMap",
        "",
        "v1",
        &["ReplicationController"],
        &[
            "volumes/configMap/name",
            "containers/env/valueFrom/configMapKeyRef/name",
            "initContainers/env/valueFrom/configMapKeyRef/name",
            "containers/envFrom/configMapRef/name",
            "initContainers/envFrom/configMapRef/name",
            "volumes/projected/sources/configMap/name",
        ],
    ),
    (
        "Secret",
        "",
        "v1",
        &["ReplicationController"],
        &[
            "volumes/secret/secretName",
            "containers/env/valueFrom/secretKeyRef/name",
            "initContainers/env/valueFrom/secretKeyRef/name",
            "containers/envFrom/secretRef/name",
            "initContainers/envFrom/secretRef/name",
            "imagePullSecrets/name",
            "volumes/projected/sources/secret/name",
        ],
    ),
    ("ServiceAccount", "", "v1", &["ReplicaSet", "PodTemplate"], &["serviceAccountName"]),
    ("PersistentVolumeClaim", "", "v1", &["ReplicaSet", "PodTemplate"], &["volumes/persistentVolumeClaim/claimName"]),
    ("PriorityClass", "scheduling.k8s.io", "v1", &["ReplicaSet", "PodTemplate"], &["priorityClassName"]),
];

/// A type of objects: group, version, kind.
type Of = (&'static str, &'static str, &'static str);

/// What a name may refer to.
struct Candidate {
    now: Id,
    previous: Vec<Id>,
    prefixes: Vec<String>,
    suffixes: Vec<String>,
}

impl Candidate {
    fn of(resource: &Resource) -> Candidate {
        Candidate {
            now: resource.id(),
            previous: resource.previous.clone(),
            prefixes: resource.prefixes.clone(),
            suffixes: resource.suffixes.clone(),
        }
    }
}

/// Changes all references.
pub fn rewrite(all: &mut [Resource]) -> Result<(), String> {
    let candidates: Vec<Candidate> = all.iter().map(Candidate::of).collect();
    let referrers: Vec<(Of, Spec)> = specs(REFERRERS).scan(("", "", ""), by_target).flatten().collect();
    for resource in all {
        let referrer = Candidate::of(resource);
        let roles = role_namespaces(&resource.value);
        let near: Vec<&Candidate> = candidates.iter().filter(|c| could_refer(&referrer.now, &c.now, &roles)).collect();
        let own = resource.original();
        for (of, spec) in &referrers {
            if own.is_of(spec.group, spec.version, spec.kind) {
                let role = spec.path.ends_with("roleRef/name").then(|| resource.value.get("roleRef").clone());
                let search = Search { of: *of, referrer: &referrer, near: &near, role };
                change(resource, spec.path, &search)?;
            }
        }
        pods(resource, &own.kind, &referrer, &near)?;
    }
    Ok(())
}

/// A line of `REFERRERS` with what it refers to; none for the lines that begin a kind.
fn by_target(of: &mut Of, spec: Spec) -> Option<Option<(Of, Spec)>> {
    if spec.kind == "@" {
        *of = (spec.version, spec.path, spec.group);
        return Some(None);
    }
    Some(Some((*of, spec)))
}

fn change(resource: &mut Resource, path: &'static str, search: &Search) -> Result<(), String> {
    let spec = Spec { group: "", version: "", kind: "", path, create: false };
    let id = resource.id();
    spec.change(&mut resource.value, &Value::Null, &mut |place| search.set(place))
        .map_err(|why| format!("updating name reference in '{path}' field of '{id}': {why}"))
}

/// What the Pods of an object refer to.
fn pods(resource: &mut Resource, kind: &str, referrer: &Candidate, near: &[&Candidate]) -> Result<(), String> {
    let Some((_, base)) = PODS.iter().find(|(holder, _)| *holder == kind) else { return Ok(()) };
    for (target, group, version, except, paths) in IN_PODS {
        if except.contains(&kind) {
            continue;
        }
        let search = Search { of: (group, version, target), referrer, near, role: None };
        for path in paths {
            let parts: Vec<String> = base.split('/').chain(path.split('/')).map(str::to_string).collect();
            super::fields::walk(&mut resource.value, &parts, None, &mut |place| search.set(place)).map_err(|why| {
                format!("updating name reference in '{base}/{path}' field of '{}': {why}", referrer.now)
            })?;
        }
    }
    Ok(())
}

/// The namespaces of the service accounts that a RoleBinding names.
fn role_namespaces(value: &Value) -> Vec<String> {
    if value.get("kind").as_str() != Some("RoleBinding") {
        return vec![];
    }
    let accounts = value.get("subjects").items().iter().filter(|s| s.get("kind").as_str() == Some("ServiceAccount"));
    accounts.filter_map(|s| s.get("namespace").as_str().map(str::to_string)).collect()
}

fn could_refer(referrer: &Id, target: &Id, roles: &[String]) -> bool {
    referrer.cluster_scoped()
        || target.cluster_scoped()
        || referrer.effective_namespace() == target.effective_namespace()
        || roles.contains(&target.namespace)
}

/// The search for what one name refers to.
struct Search<'a> {
    of: Of,
    referrer: &'a Candidate,
    near: &'a [&'a Candidate],
    /// The `roleRef` that the name is a part of.
    role: Option<Value>,
}

impl Search<'_> {
    /// Changes a name, a list of such, or a map with a name and perhaps a namespace.
    fn set(&self, place: &mut Value) -> Result<(), String> {
        match place {
            Value::Str(name) => {
                if let Some(found) = self.find(name, self.near, false)? {
                    *place = Value::from(found.now.name.as_str());
                }
            }
            Value::List(_) => return place.list_mut().iter_mut().try_for_each(|item| self.set(item)),
            Value::Map(_) => return self.set_map(place),
            _ => {}
        }
        Ok(())
    }

    fn set_map(&self, place: &mut Value) -> Result<(), String> {
        let Some(name) = place.get("name").as_str().map(str::to_string) else {
            return Err("path config error; no 'name' field in node".into());
        };
        let near: Vec<&Candidate> = match place.get("namespace").as_str() {
            None => self.near.to_vec(),
            Some(namespace) => {
                let first = |c: &Candidate| c.previous.first().unwrap_or(&c.now).effective_namespace() == namespace;
                let before: Vec<&Candidate> = self.near.iter().copied().filter(|c| first(c)).collect();
                let now = self.near.iter().copied().filter(|c| c.now.effective_namespace() == namespace);
                if before.is_empty() { now.collect() } else { before }
            }
        };
        let Some(found) = self.find(&name, &near, true)? else { return Ok(()) };
        place.set("name", Value::from(found.now.name.as_str()));
        if !found.now.namespace.is_empty() {
            place.set("namespace", Value::from(found.now.namespace.as_str()));
        }
        Ok(())
    }

    fn find<'c>(&self, name: &str, near: &[&'c Candidate], namespaces: bool) -> Result<Option<&'c Candidate>, String> {
        let (group, version, kind) = self.of;
        let role = self.role.as_ref().map(|role| {
            let text = |field: &str| role.get(field).as_str().unwrap_or("").to_string();
            (text("apiGroup"), text("kind"))
        });
        let referrer = &self.referrer.now;
        let fits = |c: &&Candidate| {
            c.previous.iter().any(|id| id.name == name)
                && c.previous.iter().any(|id| id.is_of(group, version, kind))
                && role.as_ref().is_none_or(|(group, kind)| c.previous.iter().any(|id| id.is_of(group, "", kind)))
                && (referrer.cluster_scoped()
                    || c.now.cluster_scoped()
                    || c.now.kind == "ServiceAccount"
                    || c.now.effective_namespace() == referrer.effective_namespace())
        };
        let mut found: Vec<&Candidate> = near.iter().copied().filter(fits).collect();
        if found.len() != 1 {
            found.retain(|c| alike(c, self.referrer));
        }
        let Some(first) = found.first().copied() else { return Ok(None) };
        let differs =
            |c: &&Candidate| c.now.name != first.now.name || namespaces && c.now.namespace != first.now.namespace;
        if found.iter().any(differs) {
            let ids: Vec<String> = found.iter().map(|c| c.now.to_string()).collect();
            return Err(format!("found multiple possible referrals: {}", ids.join(", ")));
        }
        Ok(Some(first))
    }
}

/// Whether two went through kustomizations that named them alike: the shorter list of prefixes ends the longer.
fn alike(a: &Candidate, b: &Candidate) -> bool {
    let ends = |a: &[String], b: &[String]| a.iter().rev().zip(b.iter().rev()).all(|(a, b)| a == b);
    ends(&a.prefixes, &b.prefixes) && ends(&a.suffixes, &b.suffixes)
}
