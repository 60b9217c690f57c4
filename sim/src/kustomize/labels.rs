//! `commonLabels`, `labels`, `commonAnnotations`: what all objects are given, and where.
//!
//! kustomize: api/internal/konfig/builtinpluginconsts/{commonlabels,metadatalabels,commonannotations}.go

use super::fields::{Spec, specs, walk};
use super::file::{Kustomization, pairs};
use super::resource::Resource;
use crate::value::Value;

const OWN: &str = "- - - metadata/labels +";

const TEMPLATES: &str = "\
ReplicationController - v1 spec/template/metadata/labels +
Deployment - - spec/template/metadata/labels +
ReplicaSet - - spec/template/metadata/labels +
DaemonSet - - spec/template/metadata/labels +
StatefulSet apps - spec/template/metadata/labels +
Job batch - spec/template/metadata/labels +
CronJob batch - spec/jobTemplate/metadata/labels +
CronJob batch - spec/jobTemplate/spec/template/metadata/labels +";

const CLAIMS: &str = "StatefulSet apps - spec/volumeClaimTemplates[]/metadata/labels +";

const SELECTORS: &str = "\
Service - v1 spec/selector +
ReplicationController - v1 spec/selector +
Deployment - - spec/selector/matchLabels +
Deployment apps - spec/template/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels
Deployment apps - spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels
Deployment apps - spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels
Deployment apps - spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels
Deployment apps - spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels
ReplicaSet - - spec/selector/matchLabels +
DaemonSet - - spec/selector/matchLabels +
StatefulSet apps - spec/selector/matchLabels +
StatefulSet apps - spec/template/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels
StatefulSet apps - spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels
StatefulSet apps - spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels
StatefulSet apps - spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels
StatefulSet apps - spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels
Job batch - spec/selector/matchLabels
CronJob batch - spec/jobTemplate/spec/selector/matchLabels
PodDisruptionBudget policy - spec/selector/matchLabels
NetworkPolicy networking.k8s.io - spec/podSelector/matchLabels
NetworkPolicy networking.k8s.io - spec/ingress/from/podSelector/matchLabels
NetworkPolicy networking.k8s.io - spec/egress/to/podSelector/matchLabels";

const ANNOTATIONS: &str = "\
- - - metadata/annotations +
ReplicationController - v1 spec/template/metadata/annotations +
Deployment - - spec/template/metadata/annotations +
ReplicaSet - - spec/template/metadata/annotations +
DaemonSet - - spec/template/metadata/annotations +
StatefulSet - - spec/template/metadata/annotations +
Job batch - spec/template/metadata/annotations +
CronJob batch - spec/jobTemplate/metadata/annotations +
CronJob batch - spec/jobTemplate/spec/template/metadata/annotations +";

pub fn labels(file: &Kustomization, all: &mut [Resource]) -> Result<(), String> {
    for label in file.get("labels").items() {
        let is = |field: &str| label.get(field).as_bool() == Some(true);
        let everywhere = is("includeSelectors");
        let mut places: Vec<Spec> = specs(OWN).collect();
        for (also, lines) in [
            (everywhere, SELECTORS),
            (everywhere || is("includeTemplates"), TEMPLATES),
            (everywhere || is("includeVolumeClaimTemplates"), CLAIMS),
        ] {
            places.extend(specs(lines).filter(|_| also));
        }
        set(all, &places, label.get("pairs"))?;
        for field in label.get("fields").items() {
            set_field(all, field, label.get("pairs"))?;
        }
    }
    let places: Vec<Spec> = [SELECTORS, OWN, TEMPLATES, CLAIMS].into_iter().flat_map(specs).collect();
    set(all, &places, file.get("commonLabels"))
}

pub fn annotations(file: &Kustomization, all: &mut [Resource]) -> Result<(), String> {
    let places: Vec<Spec> = specs(ANNOTATIONS).collect();
    set(all, &places, file.get("commonAnnotations"))
}

fn set(all: &mut [Resource], places: &[Spec], given: &Value) -> Result<(), String> {
    for resource in all {
        for (key, text) in pairs(given) {
            for place in places {
                place.change(&mut resource.value, &Value::empty_map(), &mut |map| entry(map, key, text))?;
            }
        }
    }
    Ok(())
}

fn entry(map: &mut Value, key: &str, text: &str) -> Result<(), String> {
    if !map.is_null() && map.as_map().is_none() {
        return Err(format!("wrong node kind: expected MappingNode but got {}", map.json_type()));
    }
    map.set(key, Value::from(text));
    Ok(())
}

/// A place of the user's own.
fn set_field(all: &mut [Resource], field: &Value, given: &Value) -> Result<(), String> {
    let text = |name: &str| field.get(name).as_str().unwrap_or("");
    let path: Vec<String> = text("path").split('/').map(str::to_string).collect();
    let leaf = Value::empty_map();
    let create = (field.get("create").as_bool() == Some(true)).then_some(&leaf);
    for resource in all {
        if !resource.id().is_of(text("group"), text("version"), text("kind")) {
            continue;
        }
        for (key, text) in pairs(given) {
            walk(&mut resource.value, &path, create, &mut |map| entry(map, key, text))?;
        }
    }
    Ok(())
}
