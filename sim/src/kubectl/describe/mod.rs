//! `kubectl describe`.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/describe/describe.go

mod anything;
mod network;
mod node;
mod other;
mod page;
mod pod;
pub mod policy;
mod storage;
mod volumes;
mod workloads;

use super::resources;
use super::{Answer, Context, Fault, OK};
use crate::api::Kind;
use crate::api::object::Object;
use crate::value::Value;
pub use page::{Page, columns};
use std::rc::Rc;

pub fn run(context: &mut Context) -> Answer {
    if context.args.words.is_empty() && !context.args.has_files() {
        return Err(Fault::text(
            "You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete list of supported resources.",
        ));
    }
    let mut found = resources::find(context)?;
    let by_prefix = found.objects.is_empty() && found.named && found.kinds.len() == 1;
    if by_prefix {
        find_by_prefix(context, &mut found)?;
    }
    // Several objects are told without their events, unless those are asked for.
    let alone = found.objects.len() == 1 && found.faults.is_empty() && !by_prefix;
    let with_events = context.args.get("show-events").map_or(alone, |text| text != "false");
    for (i, object) in found.objects.iter().enumerate() {
        if i > 0 && !by_prefix {
            context.print("\n\n".into());
        }
        let text = describe(context, object, with_events);
        context.print(if by_prefix { text + "\n" } else { text });
    }
    if found.objects.is_empty() && found.faults.is_empty() {
        let wide = context.args.is("all-namespaces");
        let namespace = context.namespace();
        context.err(&if wide {
            "No resources found".to_string()
        } else {
            format!("No resources found in {namespace} namespace.")
        });
    }
    Fault::all(found.faults)?;
    OK
}

/// A name that no object has may be the beginning of several.
fn find_by_prefix(context: &Context, found: &mut resources::Found) -> Result<(), Fault> {
    let targets = resources::targets(&context.cluster.store, &context.args.words)?;
    let [(kind, Some(prefix))] = targets.as_slice() else { return Ok(()) };
    let objects = resources::list(context, *kind)?;
    found.objects = objects.into_iter().filter(|o| o.meta.name.starts_with(prefix.as_str())).collect();
    if !found.objects.is_empty() {
        found.faults.clear();
    }
    Ok(())
}

fn describe(context: &Context, object: &Rc<Object>, with_events: bool) -> String {
    let mut page = Page::new(context.cluster, object);
    page.with_events = with_events;
    match object.kind {
        Kind::Pod => pod::pod(&mut page),
        Kind::Deployment => workloads::deployment(&mut page),
        Kind::ReplicaSet | Kind::ReplicationController => workloads::replica_set(&mut page),
        Kind::StatefulSet => workloads::stateful_set(&mut page),
        Kind::DaemonSet => workloads::daemon_set(&mut page),
        Kind::Job => workloads::job(&mut page),
        Kind::CronJob => workloads::cron_job(&mut page),
        Kind::Service => network::service(&mut page),
        Kind::EndpointSlice => network::endpoint_slice(&mut page),
        Kind::Endpoints => network::endpoints(&mut page),
        Kind::Ingress => network::ingress(&mut page),
        Kind::IngressClass => network::ingress_class(&mut page),
        Kind::NetworkPolicy => network::policy(&mut page),
        Kind::PersistentVolume => storage::volume(&mut page),
        Kind::PersistentVolumeClaim => storage::claim(&mut page),
        Kind::StorageClass => storage::class(&mut page),
        Kind::Node => node::node(&mut page),
        Kind::Namespace => other::namespace(&mut page),
        Kind::ConfigMap => other::config_map(&mut page),
        Kind::Secret => other::secret(&mut page),
        Kind::ServiceAccount => other::service_account(&mut page),
        Kind::ResourceQuota => other::quota(&mut page),
        Kind::LimitRange => other::limit_range(&mut page),
        Kind::HorizontalPodAutoscaler => other::autoscaler(&mut page),
        Kind::PodDisruptionBudget => other::budget(&mut page),
        Kind::Role | Kind::ClusterRole => other::role(&mut page),
        Kind::RoleBinding | Kind::ClusterRoleBinding => other::role_binding(&mut page),
        Kind::PriorityClass => other::priority_class(&mut page),
        _ => anything::anything(&mut page),
    }
    page.finish()
}

/// A template of Pods, as `rollout history --revision` prints it.
pub fn template(template: &Value) -> String {
    let mut page = Page::bare();
    workloads::template(&mut page, template);
    page.raw()
}
