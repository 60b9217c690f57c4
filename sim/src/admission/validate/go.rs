//! A Pod's spec and some others as Go's encoder shows the server's own struct: field by field, those that are unset too.
//!
//! Kubernetes 1.36: pkg/apis/core/types.go. Errors of updates show it. Types that are not in the table keep their JSON's order.

use crate::manifest::write::json;
use crate::value::Value;

/// Types and their fields in Go's order. A field is followed by what it is if it is unset: nothing for null, `=` an empty text,
/// `?` false, `0` zero; `:Type` is a struct or null, `!Type` a struct that is always there, `[Type` a list of structs.
const TYPES: [(&str, &str); 21] = [
    (
        "PodSpec",
        "Volumes[Volume InitContainers[Container Containers[Container EphemeralContainers[Container RestartPolicy= \
        TerminationGracePeriodSeconds ActiveDeadlineSeconds DNSPolicy= NodeSelector ServiceAccountName= \
        AutomountServiceAccountToken NodeName= SecurityContext!PodSecurityContext ImagePullSecrets[Name Hostname= Subdomain= \
        SetHostnameAsFQDN Affinity SchedulerName= Tolerations[Toleration HostAliases PriorityClassName= Priority \
        PreemptionPolicy DNSConfig ReadinessGates RuntimeClassName Overhead EnableServiceLinks TopologySpreadConstraints OS:Name \
        SchedulingGates[Name ResourceClaims Resources:Resources HostnameOverride SchedulingGroup",
    ),
    (
        "PodSecurityContext",
        "HostNetwork? HostPID? HostIPC? ShareProcessNamespace HostUsers SELinuxOptions WindowsOptions RunAsUser RunAsGroup \
        RunAsNonRoot SupplementalGroups SupplementalGroupsPolicy FSGroup FSGroupChangePolicy Sysctls SeccompProfile:Profile \
        AppArmorProfile:Profile SELinuxChangePolicy",
    ),
    (
        "Container",
        "Name= Image= Command Args WorkingDir= Ports[Port EnvFrom Env[EnvVar Resources!Resources ResizePolicy RestartPolicy \
        RestartPolicyRules VolumeMounts[Mount VolumeDevices LivenessProbe:Probe ReadinessProbe:Probe StartupProbe:Probe \
        Lifecycle:Lifecycle TerminationMessagePath= TerminationMessagePolicy= ImagePullPolicy= \
        SecurityContext:SecurityContext Stdin? StdinOnce? TTY?",
    ),
    (
        "SecurityContext",
        "Capabilities:Capabilities Privileged SELinuxOptions WindowsOptions RunAsUser RunAsGroup RunAsNonRoot \
        ReadOnlyRootFilesystem AllowPrivilegeEscalation ProcMount SeccompProfile:Profile AppArmorProfile:Profile",
    ),
    ("Capabilities", "Add Drop"),
    ("Profile", "Type= LocalhostProfile"),
    ("Resources", "Limits Requests Claims"),
    ("Port", "Name= HostPort0 ContainerPort0 Protocol= HostIP="),
    ("EnvVar", "Name= Value= ValueFrom:EnvVarSource"),
    ("EnvVarSource", "FieldRef:FieldRef ResourceFieldRef ConfigMapKeyRef:Key SecretKeyRef:Key FileKeyRef"),
    ("Key", "Name= Key= Optional"),
    ("Mount", "Name= ReadOnly? RecursiveReadOnly MountPath= SubPath= MountPropagation SubPathExpr="),
    (
        "Probe",
        "Exec:Exec HTTPGet:HTTPGet TCPSocket:TCPSocket GRPC InitialDelaySeconds0 TimeoutSeconds0 PeriodSeconds0 \
        SuccessThreshold0 FailureThreshold0 TerminationGracePeriodSeconds",
    ),
    ("Exec", "Command"),
    ("HTTPGet", "Path= Port Host= Scheme= HTTPHeaders"),
    ("TCPSocket", "Port Host="),
    ("Lifecycle", "PostStart PreStop StopSignal"),
    ("Toleration", "Key= Operator= Value= Effect= TolerationSeconds"),
    ("Name", "Name="),
    (
        "Volume",
        "Name= HostPath EmptyDir GCEPersistentDisk AWSElasticBlockStore GitRepo Secret NFS ISCSI Glusterfs \
        PersistentVolumeClaim RBD Quobyte FlexVolume Cinder CephFS Flocker DownwardAPI FC AzureFile ConfigMap VsphereVolume \
        AzureDisk PhotonPersistentDisk Projected:Projected PortworxVolume ScaleIO StorageOS CSI Ephemeral Image",
    ),
    ("Projected", "Sources[Source DefaultMode"),
];
/// Types of a projected volume's parts.
const SOURCES: [(&str, &str); 5] = [
    (
        "Source",
        "Secret:KeyedSource DownwardAPI:Downward ConfigMap:KeyedSource ServiceAccountToken:Token ClusterTrustBundle \
        PodCertificate",
    ),
    ("KeyedSource", "Name= Items[Item Optional"),
    ("Item", "Key= Path= Mode"),
    ("Downward", "Items[File"),
    ("Token", "Audience= ExpirationSeconds0 Path="),
];
const FILES: [(&str, &str); 2] =
    [("File", "Path= FieldRef:FieldRef ResourceFieldRef Mode"), ("FieldRef", "APIVersion= FieldPath=")];
const AFFINITY: [(&str, &str); 4] = [
    ("VolumeNodeAffinity", "Required:NodeSelector"),
    ("NodeSelector", "NodeSelectorTerms[Term"),
    ("Term", "MatchExpressions[Requirement MatchFields[Requirement"),
    ("Requirement", "Key= Operator= Values"),
];

/// The nodes that a PersistentVolume can be reached from, in one line.
pub fn volume_affinity(affinity: &Value) -> String {
    let mut out = String::new();
    field(&mut out, ":VolumeNodeAffinity", affinity, None);
    out
}

/// The spec in one line, or a field a line.
pub fn pod_spec(spec: &Value, lines: bool) -> String {
    let mut spec = spec.clone();
    // What a Pod shares with its node is kept with its security context.
    for field in ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers"] {
        if let Some(value) = spec.remove(field) {
            spec.at_mut(&["securityContext"]).set(field, value);
        }
    }
    let mut out = String::new();
    write(&mut out, "PodSpec", &spec, lines.then_some(0));
    out
}

fn fields_of(name: &str) -> Option<&'static str> {
    TYPES.iter().chain(&SOURCES).chain(&FILES).chain(&AFFINITY).find(|(n, _)| *n == name).map(|(_, fields)| *fields)
}

fn line(out: &mut String, depth: Option<usize>) {
    if let Some(depth) = depth {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', depth));
    }
}

fn write(out: &mut String, name: &str, value: &Value, depth: Option<usize>) {
    let deeper = depth.map(|d| d + 1);
    out.push('{');
    for (i, field) in fields_of(name).unwrap_or("").split_whitespace().enumerate() {
        let end = field.find(['=', '?', '0', ':', '!', '[']).unwrap_or(field.len());
        let (go, kind) = field.split_at(end);
        if i > 0 {
            out.push(',');
        }
        line(out, deeper);
        *out += &format!("\"{go}\":{}", if depth.is_some() { " " } else { "" });
        let entries = value.as_map().into_iter().flat_map(|m| m.iter());
        let found = entries.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(go)).map(|(_, v)| v.clone());
        self::field(out, kind, &found.unwrap_or_default(), deeper);
    }
    line(out, depth);
    out.push('}');
}

fn field(out: &mut String, kind: &str, value: &Value, depth: Option<usize>) {
    let (mark, of) = kind.split_at(kind.len().min(1));
    match (mark, value) {
        ("=", Value::Null) => out.push_str("\"\""),
        ("?", Value::Null) => out.push_str("false"),
        ("0", Value::Null) => out.push('0'),
        ("!", value) => write(out, of, value, depth),
        (_, Value::Null) => out.push_str("null"),
        (":", value) => write(out, of, value, depth),
        ("[", value) => {
            let deeper = depth.map(|d| d + 1);
            out.push('[');
            for (i, item) in value.items().iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                line(out, deeper);
                write(out, of, item, deeper);
            }
            line(out, depth);
            out.push(']');
        }
        (_, value) => {
            let text = json(value, usize::from(depth.is_some()));
            let indent = format!("\n{}", " ".repeat(depth.unwrap_or(0)));
            *out += &text.replace('\n', &indent);
        }
    }
}
