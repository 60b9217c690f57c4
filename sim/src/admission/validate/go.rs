//! Kubernetes 1.36: pkg/apis/core/types.go, as Go's encoder writes it into errors that show a whole Pod template.
//!
//! Of volumes, probes and security contexts only what is set is shown as the user wrote it.

use crate::value::Value;
use std::fmt::Write;

/// The fields of the server's own structs in their order. After a name: `s` a text, `b` a truth value, otherwise a struct or
/// list that is null if unset; `:X` has the fields of X, `=X` is always there, `^X` as well, from the fields around it.
const STRUCTS: [(&str, &str); 11] = [
    (
        "PodSpec",
        "Volumes InitContainers:Container Containers:Container EphemeralContainers RestartPolicy,s \
         TerminationGracePeriodSeconds ActiveDeadlineSeconds DNSPolicy,s NodeSelector ServiceAccountName,s \
         AutomountServiceAccountToken NodeName,s SecurityContext^PodSecurityContext ImagePullSecrets Hostname,s Subdomain,s \
         SetHostnameAsFQDN Affinity SchedulerName,s Tolerations:Toleration HostAliases PriorityClassName,s Priority \
         PreemptionPolicy DNSConfig ReadinessGates RuntimeClassName Overhead EnableServiceLinks TopologySpreadConstraints OS \
         SchedulingGates ResourceClaims Resources HostnameOverride SchedulingGroup",
    ),
    (
        "PodSecurityContext",
        "HostNetwork,b HostPID,b HostIPC,b ShareProcessNamespace HostUsers SELinuxOptions WindowsOptions RunAsUser \
         RunAsGroup RunAsNonRoot SupplementalGroups SupplementalGroupsPolicy FSGroup FSGroupChangePolicy Sysctls \
         SeccompProfile AppArmorProfile SELinuxChangePolicy",
    ),
    (
        "Container",
        "Name,s Image,s Command Args WorkingDir,s Ports:ContainerPort EnvFrom Env:EnvVar Resources=ResourceRequirements \
         ResizePolicy RestartPolicy RestartPolicyRules VolumeMounts:VolumeMount VolumeDevices LivenessProbe ReadinessProbe \
         StartupProbe Lifecycle TerminationMessagePath,s TerminationMessagePolicy,s ImagePullPolicy,s SecurityContext \
         Stdin,b StdinOnce,b TTY,b",
    ),
    ("ContainerPort", "Name,s HostPort,i ContainerPort,i Protocol,s HostIP,s"),
    ("EnvVar", "Name,s Value,s ValueFrom:EnvVarSource"),
    (
        "EnvVarSource",
        "FieldRef:ObjectFieldSelector ResourceFieldRef ConfigMapKeyRef:KeySelector SecretKeyRef:KeySelector FileKeyRef",
    ),
    ("ObjectFieldSelector", "APIVersion,s FieldPath,s"),
    ("KeySelector", "Name,s Key,s Optional"),
    ("ResourceRequirements", "Limits Requests Claims"),
    ("VolumeMount", "Name,s ReadOnly,b RecursiveReadOnly MountPath,s SubPath,s MountPropagation SubPathExpr,s"),
    ("Toleration", "Key,s Operator,s Value,s Effect,s TolerationSeconds"),
];

/// A Pod's specification as the server shows it.
pub fn pod_spec(spec: &Value) -> String {
    let mut out = String::new();
    write_struct("PodSpec", spec, spec, &mut out);
    out
}

fn write_struct(name: &str, value: &Value, around: &Value, out: &mut String) {
    let (_, fields) = STRUCTS.iter().find(|(known, _)| *known == name).expect("a struct of the table");
    out.push('{');
    for (i, field) in fields.split_whitespace().enumerate() {
        let at = field.find([',', ':', '=', '^']).unwrap_or(field.len());
        let (go, how) = field.split_at(at);
        let key = json_name(go);
        // What the API has beside a security context, the server has within.
        let found =
            if value.get(&key).is_null() && name == "PodSecurityContext" { around.get(&key) } else { value.get(&key) };
        let _ = write!(out, "{}\"{go}\":", if i > 0 { "," } else { "" });
        match (how.split_at(how.len().min(1)), found) {
            ((",", "s"), Value::Null) => out.push_str("\"\""),
            ((",", "b"), Value::Null) => out.push_str("false"),
            ((",", "i"), Value::Null) => out.push('0'),
            (("=" | "^", of), found) => write_struct(of, found, value, out),
            ((":", of), Value::List(items)) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    write_struct(of, item, item, out);
                }
                out.push(']');
            }
            ((":", of), found) if !found.is_null() => write_struct(of, found, found, out),
            (_, found) => out.push_str(&super::kit::shown(found)),
        }
    }
    out.push('}');
}

/// `DNSPolicy` is `dnsPolicy`, `TTY` is `tty`.
fn json_name(go: &str) -> String {
    let upper = go.chars().take_while(char::is_ascii_uppercase).count();
    let lowered = if upper == go.len() || upper == 1 { upper } else { upper - 1 };
    go[..lowered].to_ascii_lowercase() + &go[lowered..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_api() {
        for (go, name) in [
            ("DNSPolicy", "dnsPolicy"),
            ("TTY", "tty"),
            ("OS", "os"),
            ("SELinuxOptions", "seLinuxOptions"),
            ("HostPID", "hostPID"),
            ("SetHostnameAsFQDN", "setHostnameAsFQDN"),
            ("Name", "name"),
        ] {
            assert_eq!(json_name(go), name);
        }
    }
}
