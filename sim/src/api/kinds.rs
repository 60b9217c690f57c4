//! Every kind that the API server knows, with its group, version, names and scope: `kubectl api-resources` as a table.
//!
//! A kind that is served in several versions stands here with its preferred one; [`Kind::find`] knows the others. Kinds
//! that CustomResourceDefinitions add are made by [`super::custom`]; which of them a cluster serves, its store knows.

use super::custom::Custom;

/// What `kubectl api-resources` says of a kind.
#[derive(Debug)]
pub struct Resource {
    pub kind: &'static str,
    /// Empty for the core group.
    pub group: &'static str,
    pub version: &'static str,
    pub plural: &'static str,
    pub short: &'static [&'static str],
    pub namespaced: bool,
    /// As `kubectl api-resources -o wide` prints them.
    pub verbs: &'static str,
    pub categories: &'static [&'static str],
}

macro_rules! kinds {
    ($($name:ident: $group:literal, $version:literal, $plural:literal, [$($short:literal),*], $namespaced:literal, $verbs:literal, [$($category:literal),*];)*) => {
        /// A kind of object.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($name,)*
            /// One that a CustomResourceDefinition adds.
            Custom(&'static Custom),
        }
        static RESOURCES: &[Resource] = &[$(Resource {
            kind: stringify!($name), group: $group, version: $version, plural: $plural,
            short: &[$($short),*], namespaced: $namespaced, verbs: $verbs, categories: &[$($category),*],
        }),*];
        /// Where each kind stands in the table.
        enum Place { $($name),* }
        impl Kind {
            /// All kinds that every cluster has, in the order of `kubectl api-resources`.
            pub const ALL: &[Kind] = &[$(Kind::$name),*];
            pub fn resource(self) -> &'static Resource {
                let place = match self {
                    $(Kind::$name => Place::$name,)*
                    Kind::Custom(custom) => return &custom.resource,
                };
                &RESOURCES[place as usize]
            }
        }
    };
}

kinds! {
    Binding: "", "v1", "bindings", [], true, "create", [];
    ComponentStatus: "", "v1", "componentstatuses", ["cs"], false, "get,list", [];
    ConfigMap: "", "v1", "configmaps", ["cm"], true, "create,delete,deletecollection,get,list,patch,update,watch", [];
    Endpoints: "", "v1", "endpoints", ["ep"], true, "create,delete,deletecollection,get,list,patch,update,watch", [];
    Event: "", "v1", "events", ["ev"], true, "create,delete,deletecollection,get,list,patch,update,watch", [];
    LimitRange: "", "v1", "limitranges", ["limits"], true, "create,delete,deletecollection,get,list,patch,update,watch", [];
    Namespace: "", "v1", "namespaces", ["ns"], false, "create,delete,get,list,patch,update,watch", [];
    Node: "", "v1", "nodes", ["no"], false, "create,delete,deletecollection,get,list,patch,update,watch", [];
    PersistentVolumeClaim: "", "v1", "persistentvolumeclaims", ["pvc"], true, "create,delete,deletecollection,get,list,patch,update,watch", [];
    PersistentVolume: "", "v1", "persistentvolumes", ["pv"], false, "create,delete,deletecollection,get,list,patch,update,watch", [];
    Pod: "", "v1", "pods", ["po"], true, "create,delete,deletecollection,get,list,patch,update,watch", ["all"];
    PodTemplate: "", "v1", "podtemplates", [], true, "create,delete,deletecollection,get,list,patch,update,watch", [];
    ReplicationController: "", "v1", "replicationcontrollers", ["rc"], true, "create,delete,deletecollection,get,list,patch,update,watch", ["all"];
    ResourceQuota: "", "v1", "resourcequotas", ["quota"], true, "create,delete,deletecollection,get,list,patch,update,watch", [];
    Secret: "", "v1", "secrets", [], true, "create,delete,deletecollection,get,list,patch,update,watch", [];
    ServiceAccount: "", "v1", "serviceaccounts", ["sa"], true, "create,delete,deletecollection,get,list,patch,update,watch", [];
    Service: "", "v1", "services", ["svc"], true, "create,delete,deletecollection,get,list,patch,update,watch", ["all"];
    MutatingAdmissionPolicy: "admissionregistration.k8s.io", "v1", "mutatingadmissionpolicies", [], false, "create,delete,deletecollection,get,list,patch,update,watch", ["api-extensions"];
    MutatingAdmissionPolicyBinding: "admissionregistration.k8s.io", "v1", "mutatingadmissionpolicybindings", [], false, "create,delete,deletecollection,get,list,patch,update,watch", ["api-extensions"];
    MutatingWebhookConfiguration: "admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations", [], false, "create,delete,deletecollection,get,list,patch,update,watch", ["api-extensions"];
    ValidatingAdmissionPolicy: "admissionregistration.k8s.io", "v1", "validatingadmissionpolicies", [], false, "create,delete,deletecollection,get,list,patch,update,watch", ["api-extensions"];
    ValidatingAdmissionPolicyBinding: "admissionregistration.k8s.io", "v1", "validatingadmissionpolicybindings", [], false, "create,delete,deletecollection,get,list,patch,update,watch", ["api-extensions"];
    ValidatingWebhookConfiguration: "admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", [], false, "create,delete,deletecollection,get,list,patch,update,watch", ["api-extensions"];
    CustomResourceDefinition: "apiextensions.k8s.io", "v1", "customresourcedefinitions", ["crd", "crds"], false, "create,delete,deletecollection,get,list,patch,update,watch", ["api-extensions"];
    APIService: "apiregistration.k8s.io", "v1", "apiservices", [], false, "create,delete,deletecollection,get,list,patch,update,watch", ["api-extensions"];
    ControllerRevision: "apps", "v1", "controllerrevisions", [], true, "create,delete,deletecollection,get,list,patch,update,watch", [];
    DaemonSet: "apps", "v1", "daemonsets", ["ds"], true, "create,delete,deletecollection,get,list,patch,update,watch", ["all"];
    Deployment: "apps", "v1", "deployments", ["deploy"], true, "create,delete,deletecollection,get,list,patch,update,watch", ["all"];
    ReplicaSet: "apps", "v1", "replicasets", ["rs"], true, "create,delete,deletecollection,get,list,patch,update,watch", ["all"];
    StatefulSet: "apps", "v1", "statefulsets", ["sts"], true, "create,delete,deletecollection,get,list,patch,update,watch", ["all"];
    SelfSubjectReview: "authentication.k8s.io", "v1", "selfsubjectreviews", [], false, "create", [];
    TokenReview: "authentication.k8s.io", "v1", "tokenreviews", [], false, "create", [];
    LocalSubjectAccessReview: "authorization.k8s.io", "v1", "localsubjectaccessreviews", [], true, "create", [];
    SelfSubjectAccessReview: "authorization.k8s.io", "v1", "selfsubjectaccessreviews", [], false, "create", [];
    SelfSubjectRulesReview: "authorization.k8s.io", "v1", "selfsubjectrulesreviews", [], false, "create", [];
    SubjectAccessReview: "authorization.k8s.io", "v1", "subjectaccessreviews", [], false, "create", [];
    HorizontalPodAutoscaler: "autoscaling", "v2", "horizontalpodautoscalers", ["hpa"], true, "create,delete,deletecollection,get,list,patch,update,watch", ["all"];
    CronJob: "batch", "v1", "cronjobs", ["cj"], true, "create,delete,deletecollection,get,list,patch,update,watch", ["all"];
    Job: "batch", "v1", "jobs", [], true, "create,delete,deletecollection,get,list,patch,update,watch", ["all"];
    CertificateSigningRequest: "certificates.k8s.io", "v1", "certificatesigningrequests", ["csr"], false, "create,delete,deletecollection,get,list,patch,update,watch", [];
    Lease: "coordination.k8s.io", "v1", "leases", [], true, "create,delete,deletecollection,get,list,patch,update,watch", [];
    EndpointSlice: "discovery.k8s.io", "v1", "endpointslices", [], true, "create,delete,deletecollection,get,list,patch,update,watch", [];
    FlowSchema: "flowcontrol.apiserver.k8s.io", "v1", "flowschemas", [], false, "create,delete,deletecollection,get,list,patch,update,watch", [];
    PriorityLevelConfiguration: "flowcontrol.apiserver.k8s.io", "v1", "prioritylevelconfigurations", [], false, "create,delete,deletecollection,get,list,patch,update,watch", [];
    IngressClass: "networking.k8s.io", "v1", "ingressclasses", [], false, "create,delete,deletecollection,get,list,patch,update,watch", [];
    Ingress: "networking.k8s.io", "v1", "ingresses", ["ing"], true, "create,delete,deletecollection,get,list,patch,update,watch", [];
    IPAddress: "networking.k8s.io", "v1", "ipaddresses", ["ip"], false, "create,delete,deletecollection,get,list,patch,update,watch", [];
    NetworkPolicy: "networking.k8s.io", "v1", "networkpolicies", ["netpol"], true, "create,delete,deletecollection,get,list,patch,update,watch", [];
    ServiceCIDR: "networking.k8s.io", "v1", "servicecidrs", [], false, "create,delete,deletecollection,get,list,patch,update,watch", [];
    RuntimeClass: "node.k8s.io", "v1", "runtimeclasses", [], false, "create,delete,deletecollection,get,list,patch,update,watch", [];
    PodDisruptionBudget: "policy", "v1", "poddisruptionbudgets", ["pdb"], true, "create,delete,deletecollection,get,list,patch,update,watch", [];
    ClusterRoleBinding: "rbac.authorization.k8s.io", "v1", "clusterrolebindings", [], false, "create,delete,deletecollection,get,list,patch,update,watch", [];
    ClusterRole: "rbac.authorization.k8s.io", "v1", "clusterroles", [], false, "create,delete,deletecollection,get,list,patch,update,watch", [];
    RoleBinding: "rbac.authorization.k8s.io", "v1", "rolebindings", [], true, "create,delete,deletecollection,get,list,patch,update,watch", [];
    Role: "rbac.authorization.k8s.io", "v1", "roles", [], true, "create,delete,deletecollection,get,list,patch,update,watch", [];
    DeviceClass: "resource.k8s.io", "v1", "deviceclasses", [], false, "create,delete,deletecollection,get,list,patch,update,watch", [];
    ResourceClaim: "resource.k8s.io", "v1", "resourceclaims", [], true, "create,delete,deletecollection,get,list,patch,update,watch", [];
    ResourceClaimTemplate: "resource.k8s.io", "v1", "resourceclaimtemplates", [], true, "create,delete,deletecollection,get,list,patch,update,watch", [];
    ResourceSlice: "resource.k8s.io", "v1", "resourceslices", [], false, "create,delete,deletecollection,get,list,patch,update,watch", [];
    PriorityClass: "scheduling.k8s.io", "v1", "priorityclasses", ["pc"], false, "create,delete,deletecollection,get,list,patch,update,watch", [];
    CSIDriver: "storage.k8s.io", "v1", "csidrivers", [], false, "create,delete,deletecollection,get,list,patch,update,watch", [];
    CSINode: "storage.k8s.io", "v1", "csinodes", [], false, "create,delete,deletecollection,get,list,patch,update,watch", [];
    CSIStorageCapacity: "storage.k8s.io", "v1", "csistoragecapacities", [], true, "create,delete,deletecollection,get,list,patch,update,watch", [];
    StorageClass: "storage.k8s.io", "v1", "storageclasses", ["sc"], false, "create,delete,deletecollection,get,list,patch,update,watch", [];
    VolumeAttachment: "storage.k8s.io", "v1", "volumeattachments", [], false, "create,delete,deletecollection,get,list,patch,update,watch", [];
    VolumeAttributesClass: "storage.k8s.io", "v1", "volumeattributesclasses", ["vac"], false, "create,delete,deletecollection,get,list,patch,update,watch", [];
}

/// Other versions in which a kind is served: kind, group, version.
const OTHER_VERSIONS: &[(Kind, &str, &str)] =
    &[(Kind::HorizontalPodAutoscaler, "autoscaling", "v1"), (Kind::Event, "events.k8s.io", "v1")];

impl Kind {
    pub fn is_custom(self) -> bool {
        matches!(self, Kind::Custom(_))
    }
    /// Versions in which a custom kind is served beside its preferred one.
    pub fn other_versions(self) -> &'static [&'static str] {
        if let Kind::Custom(custom) = self { custom.others } else { &[] }
    }
    /// The kind's name, as in `kind: Pod`.
    pub fn name(self) -> &'static str {
        self.resource().kind
    }
    pub fn plural(self) -> &'static str {
        self.resource().plural
    }
    pub fn group(self) -> &'static str {
        self.resource().group
    }
    pub fn namespaced(self) -> bool {
        self.resource().namespaced
    }
    /// As in `apiVersion: apps/v1`.
    pub fn api_version(self) -> String {
        let Resource { group, version, .. } = self.resource();
        if group.is_empty() { (*version).into() } else { format!("{group}/{version}") }
    }
    /// As kubectl names it in messages: `deployments.apps`, `pods`.
    pub fn plural_dot_group(self) -> String {
        let Resource { plural, group, .. } = self.resource();
        if group.is_empty() { (*plural).into() } else { format!("{plural}.{group}") }
    }
    /// As `-o name` begins: `deployment.apps`, `pod`.
    pub fn singular_dot_group(self) -> String {
        let Resource { kind, group, .. } = self.resource();
        let singular = kind.to_ascii_lowercase();
        if group.is_empty() { singular } else { format!("{singular}.{group}") }
    }
    /// The kind of a manifest's `apiVersion` and `kind`.
    pub fn find(api_version: &str, kind: &str) -> Option<Kind> {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let own = Kind::ALL.iter().copied().find(|k| k.is_served_as(group, version, kind));
        own.or_else(|| {
            let other = OTHER_VERSIONS.iter().find(|(k, g, v)| k.name() == kind && *g == group && *v == version);
            other.map(|(k, ..)| *k)
        })
    }
    /// Whether objects with these in their `apiVersion` and `kind` are of this kind.
    pub fn is_served_as(self, group: &str, version: &str, kind: &str) -> bool {
        let r = self.resource();
        r.kind == kind && r.group == group && (r.version == version || self.other_versions().contains(&version))
    }
    /// The kind that kubectl means by `pods`, `po`, `pod`, `deployments.apps`, `deploy.v1.apps`.
    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|k| k.is_called(name))
    }
    /// Whether kubectl may mean this kind by `name`.
    pub fn is_called(self, name: &str) -> bool {
        let (plain, rest) = name.split_once('.').map_or((name, None), |(a, b)| (a, Some(b)));
        let r = self.resource();
        let is_plain = |word: &str| word.eq_ignore_ascii_case(plain);
        let singular = matches!(self, Kind::Custom(custom) if is_plain(custom.singular));
        let called = singular || is_plain(r.plural) || is_plain(r.kind) || r.short.iter().any(|s| is_plain(s));
        let of_group = |rest: &str| {
            let own = [&r.version].into_iter().chain(self.other_versions()).map(|version| (r.group, *version));
            let other =
                OTHER_VERSIONS.iter().filter(|(kind, ..)| *kind == self).map(|(_, group, version)| (*group, *version));
            let (version, group) = rest.split_once('.').unwrap_or((rest, ""));
            own.chain(other).any(|(g, v)| {
                g.eq_ignore_ascii_case(rest)
                    || v.eq_ignore_ascii_case(version) && (group.is_empty() || g.eq_ignore_ascii_case(group))
            })
        };
        called && rest.is_none_or(of_group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_found_by_all_their_names() {
        for name in ["hpa.v1.autoscaling", "hpa.v2.autoscaling", "hpa.autoscaling", "horizontalpodautoscalers.v1"] {
            assert_eq!(Kind::named(name), Some(Kind::HorizontalPodAutoscaler), "{name}");
        }
        assert_eq!(Kind::named("hpa.v3.autoscaling"), None);
        assert_eq!(Kind::named("events.events.k8s.io"), Some(Kind::Event));
        for name in ["po", "pod", "pods", "Pod", "pods.v1"] {
            assert_eq!(Kind::named(name), Some(Kind::Pod), "{name}");
        }
        for name in ["deploy", "deployment", "deployments.apps", "deployments.v1.apps"] {
            assert_eq!(Kind::named(name), Some(Kind::Deployment), "{name}");
        }
        assert_eq!(Kind::named("frobs"), None);
        assert_eq!(Kind::find("apps/v1", "Deployment"), Some(Kind::Deployment));
        assert_eq!(Kind::find("extensions/v1beta1", "Deployment"), None);
        assert_eq!(Kind::find("autoscaling/v1", "HorizontalPodAutoscaler"), Some(Kind::HorizontalPodAutoscaler));
        assert_eq!(Kind::Deployment.plural_dot_group(), "deployments.apps");
    }
}
