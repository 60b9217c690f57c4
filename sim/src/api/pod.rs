//! Pods and their templates: what is wanted.

use crate::api::field::{Amounts, IntOrText, Texts};
use crate::api::metadata::Metadata;
use crate::api::pod_status::PodStatus;
use crate::api::selector::{LabelSelector, Requirement};
use crate::api::shared::Shared;
use crate::noun;
use crate::value::Value;
use std::rc::Rc;

/// A Pod: what is wanted of it, where it is bound to, how it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pod {
    pub spec: Rc<PodSpec>,
    pub status: PodStatus,
}

noun! {
    /// `spec.template` of a workload.
    pub struct PodTemplate {
        metadata: Metadata = "metadata";
        spec: PodSpec = "spec";
    }
    /// What is simulated of a Pod's `spec`.
    pub struct PodSpec {
        active_deadline: Option<i64> = "activeDeadlineSeconds";
        affinity: Option<Rc<Affinity>> = "affinity";
        automount_token: Option<bool> = "automountServiceAccountToken";
        containers: Shared<Container> = "containers";
        dns_config: Value = "dnsConfig";
        dns_policy: Rc<str> = "dnsPolicy";
        enable_service_links: Option<bool> = "enableServiceLinks";
        ephemeral_containers: Shared<Container> = "ephemeralContainers";
        host_aliases: Value = "hostAliases";
        host_ipc: bool = "hostIPC";
        host_network: bool = "hostNetwork";
        hostname: Option<Rc<str>> = "hostname";
        hostname_override: Option<Rc<str>> = "hostnameOverride";
        image_pull_secrets: Value = "imagePullSecrets";
        init_containers: Shared<Container> = "initContainers";
        /// Empty until the Pod is bound.
        node_name: Rc<str> = "nodeName";
        node_selector: Texts = "nodeSelector";
        overhead: Amounts = "overhead";
        preemption_policy: Option<Rc<str>> = "preemptionPolicy";
        priority: Option<i64> = "priority";
        priority_class: Rc<str> = "priorityClassName";
        readiness_gates: Shared<ReadinessGate> = "readinessGates";
        resources: Option<Rc<Resources>> = "resources";
        restart_policy: Rc<str> = "restartPolicy";
        runtime_class: Option<Rc<str>> = "runtimeClassName";
        scheduler_name: Rc<str> = "schedulerName";
        scheduling_gates: Shared<SchedulingGate> = "schedulingGates";
        security_context: Value = "securityContext";
        service_account: Rc<str> = "serviceAccountName";
        set_hostname_as_fqdn: bool = "setHostnameAsFQDN";
        share_process_namespace: bool = "shareProcessNamespace";
        subdomain: Rc<str> = "subdomain";
        /// Seconds from SIGTERM to SIGKILL.
        termination_grace: Option<i64> = "terminationGracePeriodSeconds";
        tolerations: Shared<Toleration> = "tolerations";
        spread_constraints: Shared<SpreadConstraint> = "topologySpreadConstraints";
        volumes: Shared<Volume> = "volumes";
    }
    pub struct ReadinessGate {
        condition: Rc<str> = "conditionType" always;
    }
    pub struct SchedulingGate {
        name: Rc<str> = "name" always;
    }
    /// A container; ephemeral ones too.
    pub struct Container {
        args: Shared<Rc<str>> = "args";
        command: Shared<Rc<str>> = "command";
        env: Shared<EnvVar> = "env";
        env_from: Shared<EnvFrom> = "envFrom";
        image: Rc<str> = "image";
        image_pull_policy: Rc<str> = "imagePullPolicy";
        lifecycle: Option<Rc<Lifecycle>> = "lifecycle";
        liveness: Option<Rc<Probe>> = "livenessProbe";
        name: Rc<str> = "name";
        ports: Shared<ContainerPort> = "ports";
        readiness: Option<Rc<Probe>> = "readinessProbe";
        resize_policy: Value = "resizePolicy";
        resources: Resources = "resources";
        /// Of init containers: `Always` makes a sidecar. Since 1.35 of every container.
        restart_policy: Option<Rc<str>> = "restartPolicy";
        restart_rules: Value = "restartPolicyRules";
        security_context: Value = "securityContext";
        startup: Option<Rc<Probe>> = "startupProbe";
        stdin: bool = "stdin";
        stdin_once: bool = "stdinOnce";
        termination_message_path: Rc<str> = "terminationMessagePath";
        termination_message_policy: Rc<str> = "terminationMessagePolicy";
        tty: bool = "tty";
        volume_devices: Value = "volumeDevices";
        volume_mounts: Shared<VolumeMount> = "volumeMounts";
        working_dir: Rc<str> = "workingDir";
    }
    pub struct ContainerPort {
        port: i64 = "containerPort" always;
        host_ip: Rc<str> = "hostIP";
        host_port: i64 = "hostPort";
        name: Rc<str> = "name";
        protocol: Rc<str> = "protocol";
    }
    pub struct EnvVar {
        name: Rc<str> = "name" always;
        value: Rc<str> = "value";
        value_from: Option<Rc<EnvSource>> = "valueFrom";
    }
    pub struct EnvSource {
        config_map: Option<KeyOf> = "configMapKeyRef";
        field: Option<FieldRef> = "fieldRef";
        file: Option<FileKey> = "fileKeyRef";
        resource: Option<ResourceFieldRef> = "resourceFieldRef";
        secret: Option<KeyOf> = "secretKeyRef";
    }
    /// A key of a file of `NAME=value` in a volume.
    pub struct FileKey {
        key: Rc<str> = "key" always;
        optional: Option<bool> = "optional";
        path: Rc<str> = "path" always;
        volume: Rc<str> = "volumeName" always;
    }
    /// A key of a ConfigMap or Secret.
    pub struct KeyOf {
        key: Rc<str> = "key" always;
        name: Rc<str> = "name";
        optional: Option<bool> = "optional";
    }
    pub struct FieldRef {
        path: Rc<str> = "fieldPath" always;
    }
    pub struct ResourceFieldRef {
        container: Rc<str> = "containerName";
        divisor: Option<crate::api::quantity::Quantity> = "divisor";
        resource: Rc<str> = "resource" always;
    }
    pub struct EnvFrom {
        config_map: Option<NameOf> = "configMapRef";
        prefix: Rc<str> = "prefix";
        secret: Option<NameOf> = "secretRef";
    }
    /// A ConfigMap or Secret by name.
    pub struct NameOf {
        name: Rc<str> = "name";
        optional: Option<bool> = "optional";
    }
    pub struct Resources {
        limits: Amounts = "limits";
        requests: Amounts = "requests";
    }
    pub struct VolumeMount {
        path: Rc<str> = "mountPath" always;
        name: Rc<str> = "name" always;
        read_only: bool = "readOnly";
        sub_path: Rc<str> = "subPath";
        sub_path_expr: Rc<str> = "subPathExpr";
    }
    pub struct Lifecycle {
        post_start: Option<Action> = "postStart";
        pre_stop: Option<Action> = "preStop";
        stop_signal: Option<Rc<str>> = "stopSignal";
    }
    /// What a probe or a hook does.
    pub struct Action {
        exec: Option<Exec> = "exec";
        grpc: Option<Grpc> = "grpc";
        http_get: Option<HttpGet> = "httpGet";
        sleep: Option<Sleep> = "sleep";
        tcp_socket: Option<TcpSocket> = "tcpSocket";
    }
    pub struct Exec {
        command: Shared<Rc<str>> = "command";
    }
    pub struct Grpc {
        port: i64 = "port" always;
        service: Option<Rc<str>> = "service";
    }
    pub struct HttpGet {
        host: Rc<str> = "host";
        headers: Value = "httpHeaders";
        path: Rc<str> = "path";
        port: IntOrText = "port" always;
        scheme: Rc<str> = "scheme";
    }
    pub struct Sleep {
        seconds: i64 = "seconds" always;
    }
    pub struct TcpSocket {
        host: Rc<str> = "host";
        port: IntOrText = "port" always;
    }
    pub struct Probe {
        exec: Option<Exec> = "exec";
        failure_threshold: i64 = "failureThreshold";
        grpc: Option<Grpc> = "grpc";
        http_get: Option<HttpGet> = "httpGet";
        /// Seconds.
        initial_delay: i64 = "initialDelaySeconds";
        /// Seconds.
        period: i64 = "periodSeconds";
        success_threshold: i64 = "successThreshold";
        tcp_socket: Option<TcpSocket> = "tcpSocket";
        termination_grace: Option<i64> = "terminationGracePeriodSeconds";
        /// Seconds.
        timeout: i64 = "timeoutSeconds";
    }
    pub struct Toleration {
        effect: Rc<str> = "effect";
        key: Rc<str> = "key";
        operator: Rc<str> = "operator";
        /// Seconds; unset tolerates for ever.
        seconds: Option<i64> = "tolerationSeconds";
        value: Rc<str> = "value";
    }
    pub struct Affinity {
        node: Option<NodeAffinity> = "nodeAffinity";
        pod: Option<PodAffinity> = "podAffinity";
        anti: Option<PodAffinity> = "podAntiAffinity";
    }
    pub struct NodeAffinity {
        preferred: Shared<PreferredTerm> = "preferredDuringSchedulingIgnoredDuringExecution";
        required: Option<NodeSelector> = "requiredDuringSchedulingIgnoredDuringExecution";
    }
    pub struct PreferredTerm {
        preference: NodeTerm = "preference" always;
        weight: i64 = "weight" always;
    }
    pub struct NodeSelector {
        terms: Shared<NodeTerm> = "nodeSelectorTerms" always;
    }
    pub struct NodeTerm {
        expressions: Shared<Requirement> = "matchExpressions";
        fields: Shared<Requirement> = "matchFields";
    }
    pub struct PodAffinity {
        preferred: Shared<WeightedPodTerm> = "preferredDuringSchedulingIgnoredDuringExecution";
        required: Shared<PodTerm> = "requiredDuringSchedulingIgnoredDuringExecution";
    }
    pub struct WeightedPodTerm {
        term: PodTerm = "podAffinityTerm" always;
        weight: i64 = "weight" always;
    }
    pub struct PodTerm {
        selector: Option<LabelSelector> = "labelSelector";
        match_label_keys: Shared<Rc<str>> = "matchLabelKeys";
        mismatch_label_keys: Shared<Rc<str>> = "mismatchLabelKeys";
        namespace_selector: Option<LabelSelector> = "namespaceSelector";
        namespaces: Shared<Rc<str>> = "namespaces";
        topology_key: Rc<str> = "topologyKey" always;
    }
    pub struct SpreadConstraint {
        selector: Option<LabelSelector> = "labelSelector";
        match_label_keys: Shared<Rc<str>> = "matchLabelKeys";
        max_skew: i64 = "maxSkew" always;
        min_domains: Option<i64> = "minDomains";
        node_affinity_policy: Option<Rc<str>> = "nodeAffinityPolicy";
        node_taints_policy: Option<Rc<str>> = "nodeTaintsPolicy";
        topology_key: Rc<str> = "topologyKey" always;
        when_unsatisfiable: Rc<str> = "whenUnsatisfiable" always;
    }
    /// A volume: exactly one source is set. Sources that are not simulated are found in `raw` only.
    pub struct Volume {
        config_map: Option<Projected> = "configMap";
        downward: Option<Downward> = "downwardAPI";
        empty_dir: Option<EmptyDir> = "emptyDir";
        ephemeral: Value = "ephemeral";
        host_path: Option<HostPath> = "hostPath";
        image: Option<ImageSource> = "image";
        name: Rc<str> = "name" always;
        claim: Option<ClaimSource> = "persistentVolumeClaim";
        projected: Option<Projection> = "projected";
        secret: Option<SecretSource> = "secret";
    }
    /// What an image holds.
    pub struct ImageSource {
        pull_policy: Rc<str> = "pullPolicy";
        reference: Rc<str> = "reference";
    }
    /// A ConfigMap's (or, in a projection, a Secret's) keys as files.
    pub struct Projected {
        default_mode: Option<i64> = "defaultMode";
        items: Shared<KeyToPath> = "items";
        name: Rc<str> = "name";
        optional: Option<bool> = "optional";
    }
    pub struct SecretSource {
        default_mode: Option<i64> = "defaultMode";
        items: Shared<KeyToPath> = "items";
        optional: Option<bool> = "optional";
        name: Rc<str> = "secretName";
    }
    pub struct KeyToPath {
        key: Rc<str> = "key" always;
        mode: Option<i64> = "mode";
        path: Rc<str> = "path" always;
    }
    pub struct Downward {
        default_mode: Option<i64> = "defaultMode";
        items: Shared<DownwardFile> = "items";
    }
    pub struct DownwardFile {
        field: Option<FieldRef> = "fieldRef";
        mode: Option<i64> = "mode";
        path: Rc<str> = "path" always;
        resource: Option<ResourceFieldRef> = "resourceFieldRef";
    }
    pub struct EmptyDir {
        medium: Rc<str> = "medium";
        size_limit: Option<crate::api::quantity::Quantity> = "sizeLimit";
    }
    pub struct HostPath {
        path: Rc<str> = "path" always;
        kind: Rc<str> = "type";
    }
    pub struct ClaimSource {
        name: Rc<str> = "claimName" always;
        read_only: bool = "readOnly";
    }
    pub struct Projection {
        default_mode: Option<i64> = "defaultMode";
        sources: Shared<ProjectionSource> = "sources";
    }
    pub struct ProjectionSource {
        config_map: Option<Projected> = "configMap";
        downward: Option<Downward> = "downwardAPI";
        secret: Option<Projected> = "secret";
        token: Option<TokenSource> = "serviceAccountToken";
    }
    pub struct TokenSource {
        audience: Rc<str> = "audience";
        expiration: Option<i64> = "expirationSeconds";
        path: Rc<str> = "path" always;
    }
}

impl Container {
    /// Whether this init container runs beside the ordinary ones.
    pub fn is_sidecar(&self) -> bool {
        self.restart_policy.as_deref() == Some("Always")
    }
}

impl PodSpec {
    /// Init containers, then ordinary ones.
    pub fn all_containers(&self) -> impl Iterator<Item = &Container> {
        self.init_containers.iter().chain(&self.containers)
    }
    /// Whether its kubelet lets nothing come before it (Kubernetes 1.36: pkg/kubelet/types/pod_update.go, IsCriticalPod).
    pub fn is_critical(&self) -> bool {
        self.priority.unwrap_or(0) >= 2_000_000_000
    }
}

impl Toleration {
    pub fn tolerates(&self, taint: &crate::api::node::Taint) -> bool {
        let key = self.key.is_empty() && &*self.operator == "Exists" || self.key == taint.key;
        let effect = self.effect.is_empty() || self.effect == taint.effect;
        key && effect && (&*self.operator == "Exists" || self.value == taint.value)
    }
}
