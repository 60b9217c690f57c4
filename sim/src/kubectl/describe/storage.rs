//! Volumes, claims, storage classes.

use super::page::Page;
use super::volumes;
use crate::api::Kind;
use crate::kubectl::table::cluster::access_modes;
use crate::kubectl::table::plain;
use crate::value::Value;

fn finalizers(page: &mut Page) {
    let list: Vec<String> = page.at("metadata.finalizers").items().iter().map(plain).collect();
    page.field("Finalizers", format!("[{}]", list.join(" ")));
}

/// The phase, or since when it is being deleted.
fn phase(page: &mut Page) {
    let deletion = page.at("metadata.deletionTimestamp");
    if deletion.is_null() {
        return page.same("Status", "status.phase");
    }
    let lasts = page.age(&deletion);
    page.field("Status", format!("Terminating (lasts {lasts})"));
}

pub fn claim(page: &mut Page) {
    page.names();
    page.same("StorageClass", "spec.storageClassName");
    phase(page);
    page.same("Volume", "spec.volumeName");
    page.labels();
    page.annotations();
    finalizers(page);
    let bound = !page.str("spec.volumeName").is_empty();
    let capacity = page.str("status.capacity.storage");
    let capacity = if bound && capacity.is_empty() { "0".to_string() } else { capacity };
    page.field("Capacity", if bound { capacity } else { String::new() });
    let modes = access_modes(&page.at("status.accessModes"));
    page.field("Access Modes", if bound { modes } else { String::new() });
    if !page.str("spec.volumeMode").is_empty() {
        page.same("VolumeMode", "spec.volumeMode");
    }
    let source = page.at("spec.dataSource");
    if !source.is_null() {
        page.put(0, "DataSource:");
        for (name, key) in [("APIGroup", "apiGroup"), ("Kind", "kind"), ("Name", "name")] {
            if !source.get(key).is_null() {
                page.put(1, format!("{name}:\t{}", plain(source.get(key))));
            }
        }
    }
    let object = page.object();
    let pods = page.cluster().store.list_in(Kind::Pod, &object.meta.namespace);
    let uses = |pod: &&std::rc::Rc<crate::api::object::Object>| {
        let volumes = pod.raw().at(&["spec", "volumes"]);
        volumes
            .items()
            .iter()
            .any(|v| v.at(&["persistentVolumeClaim", "claimName"]).as_str() == Some(&object.meta.name))
    };
    let names: Vec<String> = pods.filter(uses).map(|p| p.meta.name.to_string()).collect();
    if names.is_empty() {
        page.field("Used By", "<none>");
    }
    for (i, name) in names.iter().enumerate() {
        page.put(0, format!("{}\t{name}", if i == 0 { "Used By:" } else { "" }));
    }
    let conditions = page.at("status.conditions");
    if !conditions.items().is_empty() {
        page.put(0, "Conditions:\n  Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage\n  ----\t------\t-----------------\t------------------\t------\t-------");
        for c in conditions.items() {
            let date = |key: &str| super::page::date(c.get(key));
            let text = |key: &str| plain(c.get(key));
            page.put(
                1,
                format!(
                    "{} \t{} \t{}\t{}\t{}\t{}",
                    text("type"),
                    text("status"),
                    date("lastProbeTime"),
                    date("lastTransitionTime"),
                    text("reason"),
                    text("message")
                ),
            );
        }
    }
    page.events();
}

pub fn volume(page: &mut Page) {
    page.same("Name", "metadata.name");
    page.labels();
    page.annotations();
    finalizers(page);
    page.same("StorageClass", "spec.storageClassName");
    phase(page);
    let claim = page.at("spec.claimRef");
    let claim = if claim.is_null() {
        String::new()
    } else {
        format!("{}/{}", plain(claim.get("namespace")), plain(claim.get("name")))
    };
    page.field("Claim", claim);
    page.same("Reclaim Policy", "spec.persistentVolumeReclaimPolicy");
    let modes = access_modes(&page.at("spec.accessModes"));
    page.field("Access Modes", modes);
    if !page.str("spec.volumeMode").is_empty() {
        page.same("VolumeMode", "spec.volumeMode");
    }
    page.same("Capacity", "spec.capacity.storage");
    let affinity = page.at("spec.nodeAffinity.required.nodeSelectorTerms");
    if affinity.items().is_empty() {
        page.field("Node Affinity", "<none>");
    } else {
        page.put(0, "Node Affinity:\t");
        page.put(1, "Required Terms:\t");
        for (i, term) in affinity.items().iter().enumerate() {
            terms(page, 2, i, term.get("matchExpressions"), |e| plain(e.get("operator")).to_lowercase());
        }
    }
    page.same("Message", "status.message");
    page.put(0, "Source:");
    let spec = page.at("spec");
    for line in volumes::lines(&spec) {
        page.put(2, line);
    }
    page.events();
}

pub fn class(page: &mut Page) {
    page.same("Name", "metadata.name");
    let annotations = page.at("metadata.annotations");
    let default = annotations.get("storageclass.kubernetes.io/is-default-class").as_str() == Some("true");
    page.field("IsDefaultClass", if default { "Yes" } else { "No" });
    let told: Vec<String> =
        annotations.as_map().into_iter().flat_map(|m| m.iter()).map(|(k, v)| format!("{k}={}", plain(v))).collect();
    page.field("Annotations", if told.is_empty() { "<none>".into() } else { told.join(",") });
    page.same("Provisioner", "provisioner");
    let parameters = crate::kubectl::table::labels(&page.at("parameters"));
    page.field("Parameters", parameters);
    let expands = page.at("allowVolumeExpansion").as_bool();
    page.field("AllowVolumeExpansion", expands.map_or("<unset>", |e| if e { "True" } else { "False" }));
    let options: Vec<String> = page.at("mountOptions").items().iter().map(plain).collect();
    if options.is_empty() {
        page.field("MountOptions", "<none>");
    } else {
        page.put(0, format!("MountOptions:\n  {}", options.join("\n  ")));
    }
    page.same("ReclaimPolicy", "reclaimPolicy");
    page.same("VolumeBindingMode", "volumeBindingMode");
    let topologies = page.at("allowedTopologies");
    if !topologies.items().is_empty() {
        page.put(0, "AllowedTopologies:\t");
    }
    for (i, term) in topologies.items().iter().enumerate() {
        terms(page, 1, i, term.get("matchLabelExpressions"), |_| "in".into());
    }
    page.events();
}

/// A term about labels, an expression a line.
fn terms(page: &mut Page, level: usize, i: usize, expressions: &Value, operator: impl Fn(&Value) -> String) {
    if expressions.items().is_empty() {
        page.put(level, format!("Term {i}:\t<none>"));
    }
    for (n, e) in expressions.items().iter().enumerate() {
        let values: Vec<String> = e.get("values").items().iter().map(plain).collect();
        let values = if values.is_empty() { String::new() } else { format!(" [{}]", values.join(", ")) };
        let name = if n == 0 { format!("Term {i}:") } else { String::new() };
        page.put(level, format!("{name}\t{} {}{values}", plain(e.get("key")), operator(e)));
    }
}
