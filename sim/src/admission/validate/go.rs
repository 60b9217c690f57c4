//! A Pod's spec and some others as Go's encoder shows the server's own struct: field by field, those that are unset too.
//!
//! Kubernetes 1.36: pkg/apis/core/types.go. Errors of updates show it. Types that are not in the table keep their JSON's order.

use crate::manifest::write::json;
use crate::value::Value;

/// Types and their fields in Go's order. A field is followed by what it is if it is unset: nothing for null, `=` an empty text,
/// `?` false, `0` zero; `:Type` is a struct or null, `!Type` a struct that is always there, `[Type` a list of structs.
const TYPES: [(&str, &str); 33] = [
    (
        "PodSpec",
        "Volumes[Volume InitContainers[Container Containers[Container EphemeralContainers[Container RestartPolicy= \
        TerminationGracePeriodSeconds ActiveDeadlineSeconds DNSPolicy= NodeSelector ServiceAccountName= \
        AutomountServiceAccountToken NodeName= SecurityContext!PodSecurityContext ImagePullSecrets[Name Hostname= Subdomain= \
        SetHostnameAsFQDN Affinity:Affinity SchedulerName= Tolerations[Toleration HostAliases[Alias PriorityClassName= Priority \
        PreemptionPolicy DNSConfig:DNSConfig ReadinessGates[Gate RuntimeClassName Overhead EnableServiceLinks \
        TopologySpreadConstraints[Spread OS:Name SchedulingGates[Name ResourceClaims[PodClaim Resources:Resources HostnameOverride SchedulingGroup",
    ),
    (
        "PodSecurityContext",
        "HostNetwork? HostPID? HostIPC? ShareProcessNamespace HostUsers SELinuxOptions:SELinux WindowsOptions RunAsUser RunAsGroup \
        RunAsNonRoot SupplementalGroups SupplementalGroupsPolicy FSGroup FSGroupChangePolicy Sysctls[Pair SeccompProfile:Profile \
        AppArmorProfile:Profile SELinuxChangePolicy",
    ),
    (
        "Container",
        "Name= Image= Command Args WorkingDir= Ports[Port EnvFrom[EnvFrom Env[EnvVar Resources!Resources ResizePolicy[Resize RestartPolicy \
        RestartPolicyRules VolumeMounts[Mount VolumeDevices[Device LivenessProbe:Probe ReadinessProbe:Probe StartupProbe:Probe \
        Lifecycle:Lifecycle TerminationMessagePath= TerminationMessagePolicy= ImagePullPolicy= \
        SecurityContext:SecurityContext Stdin? StdinOnce? TTY?",
    ),
    (
        "SecurityContext",
        "Capabilities:Capabilities Privileged SELinuxOptions:SELinux WindowsOptions RunAsUser RunAsGroup RunAsNonRoot \
        ReadOnlyRootFilesystem AllowPrivilegeEscalation ProcMount SeccompProfile:Profile AppArmorProfile:Profile",
    ),
    ("Capabilities", "Add Drop"),
    ("Profile", "Type= LocalhostProfile"),
    ("Resources", "Limits Requests Claims[Claim"),
    ("Claim", "Name= Request="),
    ("PodClaim", "Name= ResourceClaimName ResourceClaimTemplateName"),
    ("SELinux", "User= Role= Type= Level="),
    ("Pair", "Name= Value="),
    ("EnvFrom", "Prefix= ConfigMapRef:Reference SecretRef:Reference"),
    ("Reference", "Name= Optional"),
    ("Resize", "ResourceName= RestartPolicy="),
    ("Device", "Name= DevicePath="),
    ("Alias", "IP= Hostnames"),
    ("Gate", "ConditionType="),
    ("Port", "Name= HostPort0 ContainerPort0 Protocol= HostIP="),
    ("EnvVar", "Name= Value= ValueFrom:EnvVarSource"),
    (
        "EnvVarSource",
        "FieldRef:FieldRef ResourceFieldRef:ResourceRef ConfigMapKeyRef:Key SecretKeyRef:Key FileKeyRef:FileKey",
    ),
    ("ResourceRef", "ContainerName= Resource= Divisor"),
    ("FileKey", "VolumeName= Path= Key= Optional"),
    ("Key", "Name= Key= Optional"),
    ("Mount", "Name= ReadOnly? RecursiveReadOnly MountPath= SubPath= MountPropagation SubPathExpr="),
    (
        "Probe",
        "Exec:Exec HTTPGet:HTTPGet TCPSocket:TCPSocket GRPC:GRPC InitialDelaySeconds0 TimeoutSeconds0 PeriodSeconds0 \
        SuccessThreshold0 FailureThreshold0 TerminationGracePeriodSeconds",
    ),
    ("Exec", "Command"),
    ("HTTPGet", "Path= Port Host= Scheme= HTTPHeaders[Pair"),
    ("TCPSocket", "Port Host="),
    ("Lifecycle", "PostStart:Hook PreStop:Hook StopSignal"),
    ("Toleration", "Key= Operator= Value= Effect= TolerationSeconds"),
    ("Name", "Name="),
    (
        "Volume",
        "Name= HostPath:HostPath EmptyDir:EmptyDir GCEPersistentDisk AWSElasticBlockStore GitRepo:GitRepo \
        Secret:SecretSource NFS:NFS ISCSI:ISCSI Glusterfs PersistentVolumeClaim:ClaimSource RBD Quobyte FlexVolume Cinder \
        CephFS Flocker DownwardAPI:DownwardSource FC AzureFile ConfigMap:MapSource VsphereVolume AzureDisk \
        PhotonPersistentDisk Projected:Projected PortworxVolume ScaleIO StorageOS CSI:CSI Ephemeral Image:Image",
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
/// What volumes are, and hooks.
const OTHERS: [(&str, &str); 16] = [
    ("Hook", "Exec:Exec HTTPGet:HTTPGet TCPSocket:TCPSocket Sleep:Sleep"),
    ("Sleep", "Seconds0"),
    ("GRPC", "Port0 Service"),
    ("HostPath", "Path= Type"),
    ("EmptyDir", "Medium= SizeLimit"),
    ("GitRepo", "Repository= Revision= Directory="),
    ("SecretSource", "SecretName= Items[Item DefaultMode Optional"),
    ("MapSource", "Name= Items[Item DefaultMode Optional"),
    ("DownwardSource", "Items[File DefaultMode"),
    ("NFS", "Server= Path= ReadOnly?"),
    (
        "ISCSI",
        "TargetPortal= IQN= Lun0 ISCSIInterface= FSType= ReadOnly? Portals DiscoveryCHAPAuth? SessionCHAPAuth? \
        SecretRef:Name InitiatorName",
    ),
    ("ClaimSource", "ClaimName= ReadOnly?"),
    ("CSI", "Driver= ReadOnly FSType VolumeAttributes NodePublishSecretRef:Name"),
    ("Image", "Reference= PullPolicy="),
    ("DNSConfig", "Nameservers Searches Options[DNSOption"),
    ("DNSOption", "Name= Value"),
];
const CLAIMS: [(&str, &str); 9] = [
    (
        "ClaimSpec",
        "AccessModes Selector:LabelSelector Resources!ClaimResources VolumeName= StorageClassName VolumeMode \
        DataSource:DataSource DataSourceRef:DataSourceRef VolumeAttributesClassName",
    ),
    ("ClaimResources", "Limits Requests"),
    ("DataSource", "APIGroup Kind= Name="),
    ("DataSourceRef", "APIGroup Kind= Name= Namespace"),
    (
        "VolumeSource",
        "GCEPersistentDisk AWSElasticBlockStore HostPath:HostPath Glusterfs NFS:NFS RBD Quobyte ISCSI:ISCSI \
        FlexVolume:Flex Cinder CephFS FC Flocker AzureFile VsphereVolume AzureDisk PhotonPersistentDisk PortworxVolume \
        ScaleIO Local:Local StorageOS CSI:VolumeCSI",
    ),
    ("Flex", "Driver= FSType= SecretRef:Secret ReadOnly? Options"),
    ("Local", "Path= FSType"),
    (
        "VolumeCSI",
        "Driver= VolumeHandle= ReadOnly? FSType= VolumeAttributes ControllerPublishSecretRef:Secret \
        NodeStageSecretRef:Secret NodePublishSecretRef:Secret ControllerExpandSecretRef:Secret NodeExpandSecretRef:Secret",
    ),
    ("Secret", "Name= Namespace="),
];
const FILES: [(&str, &str); 2] =
    [("File", "Path= FieldRef:FieldRef ResourceFieldRef Mode"), ("FieldRef", "APIVersion= FieldPath=")];
const AFFINITY: [(&str, &str); 13] = [
    ("VolumeNodeAffinity", "Required:NodeSelector"),
    ("NodeSelector", "NodeSelectorTerms[Term"),
    ("Term", "MatchExpressions[Requirement MatchFields[Requirement"),
    ("Requirement", "Key= Operator= Values"),
    ("Affinity", "NodeAffinity:NodeAffinity PodAffinity:PodAffinity PodAntiAffinity:PodAffinity"),
    (
        "NodeAffinity",
        "RequiredDuringSchedulingIgnoredDuringExecution:NodeSelector \
        PreferredDuringSchedulingIgnoredDuringExecution[WeightedTerm",
    ),
    ("WeightedTerm", "Weight0 Preference!Term"),
    (
        "PodAffinity",
        "RequiredDuringSchedulingIgnoredDuringExecution[PodTerm \
        PreferredDuringSchedulingIgnoredDuringExecution[WeightedPodTerm",
    ),
    ("WeightedPodTerm", "Weight0 PodAffinityTerm!PodTerm"),
    (
        "PodTerm",
        "LabelSelector:LabelSelector Namespaces TopologyKey= NamespaceSelector:LabelSelector MatchLabelKeys \
        MismatchLabelKeys",
    ),
    (
        "Spread",
        "MaxSkew0 TopologyKey= WhenUnsatisfiable= LabelSelector:LabelSelector MinDomains NodeAffinityPolicy \
        NodeTaintsPolicy MatchLabelKeys",
    ),
    // Of the API's own types, which have the names that JSON has, and leave out what is empty.
    ("LabelSelector", "matchLabels matchExpressions[Expression"),
    ("Expression", "key= operator= values"),
];

/// What a claim asks of devices.
const DEVICES: [(&str, &str); 12] = [
    ("DeviceClaim", "Devices!Devices"),
    ("Devices", "Requests[DeviceRequest Constraints[Constraint Config[DeviceConfig"),
    ("DeviceRequest", "Name= Exactly:Exactly FirstAvailable[Alternative"),
    (
        "Exactly",
        "DeviceClassName= Selectors[Selector AllocationMode= Count0 AdminAccess Tolerations[Toleration \
        Capacity:CapacityRequests",
    ),
    (
        "Alternative",
        "Name= DeviceClassName= Selectors[Selector AllocationMode= Count0 Tolerations[Toleration Capacity:CapacityRequests",
    ),
    ("Selector", "CEL:CEL"),
    ("CEL", "Expression="),
    ("CapacityRequests", "Requests"),
    ("Constraint", "Requests MatchAttribute DistinctAttribute"),
    ("DeviceConfig", "Requests Opaque:Opaque"),
    ("Opaque", "Driver= Parameters"),
    ("DeviceTemplate", "Spec!DeviceClaim"),
];

/// The spec of a claim of devices, or of a template of such claims, in one line.
pub fn devices(spec: &Value, template: bool) -> String {
    let mut out = String::new();
    write(&mut out, if template { "DeviceTemplate" } else { "DeviceClaim" }, spec, None);
    out
}

/// A toleration in one line.
pub fn toleration(toleration: &Value) -> String {
    let mut out = String::new();
    write(&mut out, "Toleration", toleration, None);
    out
}

/// A template of Pods in one line: of its metadata what is set, with the names that JSON has.
pub fn template(template: &Value) -> String {
    let mut out = String::from("{");
    for field in ["name", "generateName", "namespace", "labels", "annotations"] {
        let value = template.at(&["metadata", field]);
        if !value.is_null() && value.as_map().is_none_or(|map| !map.is_empty()) {
            out += &format!("\"{field}\":{},", json(value, 0));
        }
    }
    out += &format!("\"Spec\":{}}}", pod_spec(template.get("spec"), false));
    out
}

/// A selector in one line.
pub fn selector(selector: &Value) -> String {
    let mut out = String::new();
    field(&mut out, ":LabelSelector", selector, None);
    out
}

/// A claim's spec, a field a line.
pub fn claim_spec(spec: &Value) -> String {
    let mut out = String::new();
    write(&mut out, "ClaimSpec", spec, Some(0));
    out
}

/// What a PersistentVolume is, a field a line. Sources that stand for nothing here are not told in the server's order.
pub fn volume_source(spec: &Value) -> String {
    let mut out = String::new();
    write(&mut out, "VolumeSource", spec, Some(0));
    out
}

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
    TYPES
        .iter()
        .chain(&OTHERS)
        .chain(&CLAIMS)
        .chain(&SOURCES)
        .chain(&FILES)
        .chain(&AFFINITY)
        .chain(&DEVICES)
        .find(|(n, _)| *n == name)
        .map(|(_, fields)| *fields)
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
    let mut first = true;
    for field in fields_of(name).unwrap_or("").split_whitespace() {
        let end = field.find(['=', '?', '0', ':', '!', '[']).unwrap_or(field.len());
        let (go, kind) = field.split_at(end);
        let entries = value.as_map().into_iter().flat_map(|m| m.iter());
        let found = entries.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(go)).map(|(_, v)| v.clone());
        // A type with JSON's names leaves out what is unset.
        if go.starts_with(|c: char| c.is_ascii_lowercase()) && !kind.starts_with('=') && found.is_none() {
            continue;
        }
        if !std::mem::replace(&mut first, false) {
            out.push(',');
        }
        line(out, deeper);
        *out += &format!("\"{go}\":{}", if depth.is_some() { " " } else { "" });
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
