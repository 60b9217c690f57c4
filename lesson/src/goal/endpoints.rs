//! Whether a Pod stands behind a Service.

use kubarium_sim::api::Kind;
use kubarium_sim::api::endpoint_slice::EndpointSlice;
use kubarium_sim::api::object::Key;
use kubarium_sim::cluster::Cluster;

const SERVICE: &str = "kubernetes.io/service-name";

/// Whether the Pod is a ready endpoint of the Service in its namespace.
pub fn are_ready(cluster: &Cluster, service: &str, pod: &Key) -> bool {
    let slices = cluster.store.list_in(Kind::EndpointSlice, &pod.namespace);
    let of_service = slices.filter(|slice| slice.meta.labels.get(SERVICE).is_some_and(|name| &**name == service));
    let mut endpoints =
        of_service.filter_map(|slice| slice.get::<EndpointSlice>()).flat_map(|slice| slice.endpoints.iter());
    endpoints
        .any(|e| e.conditions.ready == Some(true) && e.target.as_ref().is_some_and(|target| target.name == pod.name))
}
