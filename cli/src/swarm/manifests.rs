//! Random manifests, of the kinds and with the fields that people paste. Names are few, so that they meet.

use super::chance::Chance;

/// The names of all workloads, Services, claims: also what their Pods are labelled with.
pub const NAMES: [&str; 4] = ["web", "db", "job", "log"];

/// A manifest of one to three objects.
pub fn manifest(chance: &mut Chance) -> String {
    let documents: Vec<String> = (0..chance.between(1, 3)).map(|_| document(chance)).collect();
    documents.join("---\n")
}

fn document(chance: &mut Chance) -> String {
    let name = chance.pick(&NAMES);
    match chance.below(24) {
        0..=5 => deployment(chance, name),
        6 | 7 => replicas(chance, name),
        8..=10 => stateful_set(chance, name),
        11 => daemon_set(chance, name),
        12..=14 => job(chance, name),
        15 => cron_job(chance, name),
        16 | 17 => service(chance, name),
        18 => pod(chance, name),
        19 => budget(chance, name),
        20 => claim(chance, name),
        21 => volume(chance),
        22 => boundary(chance),
        _ => configuration(chance),
    }
}

fn meta(chance: &mut Chance, name: &str) -> String {
    let namespace = chance.maybe(8, ", namespace: shop");
    format!("metadata: {{name: {name}{namespace}}}")
}

/// A template for Pods that run on, below `spec:` of a workload.
fn template(chance: &mut Chance, name: &str) -> String {
    let (spec, extra) = (spec(chance, ""), chance.maybe(5, ", tier: front"));
    format!("  template:\n    metadata: {{labels: {{app: {name}{extra}}}}}\n    spec: {spec}\n")
}

fn spec(chance: &mut Chance, more: &str) -> String {
    let mut containers = vec![container(chance)];
    if chance.one_in(5) {
        containers.push("{name: side, image: \"busybox:1.36\", command: [sh, -c, \"sleep 3600\"]}".into());
    }
    let mut fields = vec![format!("containers: [{}]", containers.join(", "))];
    match chance.below(10) {
        0 => fields.push("initContainers: [{name: first, image: \"busybox:1.36\", command: [sh, -c, \"sleep 2\"]}]".into()),
        1 => fields.push("initContainers: [{name: first, image: \"busybox:1.36\", restartPolicy: Always, command: [sh, -c, \"sleep 3600\"]}]".into()),
        _ => {}
    }
    if !chance.one_in(3) {
        fields.push(format!("terminationGracePeriodSeconds: {}", [0, 1, 5, 40][chance.below(4) as usize]));
    }
    match chance.below(12) {
        0 => fields.push("nodeSelector: {topology.kubernetes.io/zone: zone-1}".into()),
        1 => fields.push("tolerations: [{key: dedicated, operator: Exists}]".into()),
        2 => fields.push("tolerations: [{operator: Exists, effect: NoExecute, tolerationSeconds: 20}]".into()),
        3 => fields.push("affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchLabels: {app: web}}, topologyKey: kubernetes.io/hostname}]}}".into()),
        4 => fields.push("topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}}]".into()),
        5 => fields.push("priorityClassName: high".into()),
        6 => fields.push("volumes: [{name: v, configMap: {name: conf}}]".into()),
        7 => fields.push(format!("volumes: [{{name: v, persistentVolumeClaim: {{claimName: {}}}}}]", chance.pick(&NAMES))),
        _ => {}
    }
    if !more.is_empty() {
        fields.push(more.into());
    }
    format!("{{{}}}", fields.join(", "))
}

fn container(chance: &mut Chance) -> String {
    let shell = |script: &str| format!("image: \"busybox:1.36\", command: [sh, -c, \"{script}\"]");
    let what = match chance.below(12) {
        0..=2 => format!("image: \"nginx:1.27\", ports: [{{containerPort: 80}}], readinessProbe: {{httpGet: {{path: /, port: 80}}, periodSeconds: {}}}", chance.between(1, 10)),
        3 => "image: \"nginx:1.27\", ports: [{containerPort: 80, name: http}]".into(),
        4 => shell("sleep 3600"),
        5 => shell(&format!("sleep {}; exit {}", chance.between(0, 60), chance.between(0, 1))),
        6 => shell(&format!("while true; do touch /tmp/r; sleep {}; rm /tmp/r; sleep {}; done", chance.between(5, 60), chance.between(1, 30))) + ", readinessProbe: {exec: {command: [cat, /tmp/r]}, periodSeconds: 2, failureThreshold: 1}",
        7 => shell("touch /tmp/l; sleep 20; rm /tmp/l; sleep 600") + ", livenessProbe: {exec: {command: [cat, /tmp/l]}, periodSeconds: 5}",
        8 => "image: \"nginx:1.161\"".into(),
        9 => shell(CLIENT),
        10 => "image: \"nginx:1.27\", startupProbe: {httpGet: {path: /, port: 80}, failureThreshold: 10, periodSeconds: 3}, lifecycle: {preStop: {sleep: {seconds: 3}}}".into(),
        _ => "image: \"nginx:1.27\", envFrom: [{configMapRef: {name: conf}}]".into(),
    };
    let resources = match chance.below(6) {
        0 => ", resources: {requests: {cpu: 100m}}".to_string(),
        1 => format!(", resources: {{requests: {{cpu: {}m, memory: 64Mi}}}}", chance.between(1, 9) * 100),
        2 => ", resources: {limits: {cpu: 200m, memory: 128Mi}}".to_string(),
        _ => String::new(),
    };
    format!("{{name: c, {what}{resources}}}")
}

/// Asks a Service again and again; each request is said to begin and how it ended.
const CLIENT: &str = "while true; do echo try; if wget -q -T 2 -O /dev/null http://web; then echo ok; else echo failed; fi; sleep 3; done";

fn amount(chance: &mut Chance) -> &'static str {
    chance.pick(&["0", "1", "2", "25%", "50%", "100%"])
}

fn deployment(chance: &mut Chance, name: &str) -> String {
    let strategy = match chance.below(4) {
        0 => "  strategy: {type: Recreate}\n".to_string(),
        1 => String::new(),
        _ => {
            let (surge, missing) = (amount(chance), chance.pick(&["0", "1", "25%", "50%", "100%"]));
            format!("  strategy: {{rollingUpdate: {{maxSurge: {surge}, maxUnavailable: {missing}}}}}\n")
        }
    };
    let ready = chance.maybe(4, "  minReadySeconds: 5\n");
    let deadline = chance.maybe(4, "  progressDeadlineSeconds: 30\n");
    let limit = chance.maybe(5, "  revisionHistoryLimit: 1\n");
    format!(
        "apiVersion: apps/v1\nkind: Deployment\n{}\nspec:\n  replicas: {}\n  selector: {{matchLabels: {{app: {name}}}}}\n{strategy}{ready}{deadline}{limit}{}",
        meta(chance, name),
        chance.between(0, 6),
        template(chance, name),
    )
}

fn replicas(chance: &mut Chance, name: &str) -> String {
    let head = if chance.one_in(3) {
        format!(
            "apiVersion: v1\nkind: ReplicationController\n{}\nspec:\n  selector: {{app: {name}}}\n",
            meta(chance, name)
        )
    } else {
        format!(
            "apiVersion: apps/v1\nkind: ReplicaSet\n{}\nspec:\n  selector: {{matchLabels: {{app: {name}}}}}\n",
            meta(chance, name)
        )
    };
    format!("{head}  replicas: {}\n{}", chance.between(0, 5), template(chance, name))
}

fn stateful_set(chance: &mut Chance, name: &str) -> String {
    let policy = chance.maybe(3, "  podManagementPolicy: Parallel\n");
    let update = match chance.below(5) {
        0 => "  updateStrategy: {type: OnDelete}\n".to_string(),
        1 => format!("  updateStrategy: {{rollingUpdate: {{partition: {}}}}}\n", chance.between(0, 3)),
        2 => format!("  updateStrategy: {{rollingUpdate: {{maxUnavailable: {}}}}}\n", chance.between(1, 3)),
        _ => String::new(),
    };
    let start = chance.maybe(6, "  ordinals: {start: 2}\n");
    let ready = chance.maybe(6, "  minReadySeconds: 5\n");
    let claims = if chance.one_in(3) {
        let keep =
            chance.maybe(2, "  persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete, whenScaled: Delete}\n");
        format!(
            "{keep}  volumeClaimTemplates:\n  - metadata: {{name: data}}\n    spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}\n"
        )
    } else {
        String::new()
    };
    format!(
        "apiVersion: apps/v1\nkind: StatefulSet\n{}\nspec:\n  serviceName: {name}\n  replicas: {}\n  selector: {{matchLabels: {{app: {name}}}}}\n{policy}{update}{start}{ready}{claims}{}",
        meta(chance, name),
        chance.between(0, 5),
        template(chance, name),
    )
}

fn daemon_set(chance: &mut Chance, name: &str) -> String {
    let update = match chance.below(4) {
        0 => "  updateStrategy: {type: OnDelete}\n",
        1 => "  updateStrategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}\n",
        2 => "  updateStrategy: {rollingUpdate: {maxUnavailable: 50%}}\n",
        _ => "",
    };
    format!(
        "apiVersion: apps/v1\nkind: DaemonSet\n{}\nspec:\n  selector: {{matchLabels: {{app: {name}}}}}\n{update}{}",
        meta(chance, name),
        template(chance, name),
    )
}

/// `spec` of a Job, indented by `indent`.
fn job_spec(chance: &mut Chance, indent: &str) -> String {
    let script = match chance.below(6) {
        0 => "exit 1".to_string(),
        1 => "exit $((RANDOM % 2))".to_string(),
        2 => format!("sleep {}; exit $((RANDOM % 3))", chance.between(0, 20)),
        3 => format!("sleep {}; exit ${{JOB_COMPLETION_INDEX:-0}}", chance.between(0, 9)),
        _ => format!("sleep {}", chance.between(0, 40)),
    };
    let restart = chance.pick(&["Never", "Never", "OnFailure"]);
    let indexed = chance.one_in(3);
    let completions = if indexed || !chance.one_in(4) { chance.between(1, 6) } else { 0 };
    let mut fields = vec![format!("parallelism: {}", chance.between(0, 4))];
    if completions > 0 {
        fields.push(format!("completions: {completions}"));
    }
    if indexed {
        fields.push("completionMode: Indexed".into());
        match chance.below(4) {
            0 if restart == "Never" => fields.push("backoffLimitPerIndex: 1\nmaxFailedIndexes: 2".into()),
            1 => fields.push("successPolicy: {rules: [{succeededCount: 1}]}".into()),
            _ => {}
        }
    }
    fields.extend(
        [
            "backoffLimit: 2",
            "activeDeadlineSeconds: 40",
            "ttlSecondsAfterFinished: 30",
            "suspend: true",
            "podReplacementPolicy: Failed",
        ]
        .iter()
        .filter(|_| chance.one_in(5))
        .map(|f| f.to_string()),
    );
    if restart == "Never" && chance.one_in(5) {
        fields.push(format!(
            "podFailurePolicy: {{rules: [{{action: {}, onExitCodes: {{operator: In, values: [1]}}}}]}}",
            chance.pick(&["FailJob", "Ignore", "Count"])
        ));
    }
    let grace = chance.maybe(2, ", terminationGracePeriodSeconds: 2");
    fields.push(format!("template: {{spec: {{restartPolicy: {restart}{grace}, containers: [{{name: c, image: \"busybox:1.36\", command: [sh, -c, \"{script}\"]}}]}}}}"));
    let lines: Vec<String> = fields.iter().flat_map(|f| f.split('\n')).map(|f| format!("{indent}{f}\n")).collect();
    lines.concat()
}

fn job(chance: &mut Chance, name: &str) -> String {
    format!("apiVersion: batch/v1\nkind: Job\n{}\nspec:\n{}", meta(chance, name), job_spec(chance, "  "))
}

fn cron_job(chance: &mut Chance, name: &str) -> String {
    let policy = chance.pick(&["Allow", "Forbid", "Replace"]);
    let limits = chance.maybe(3, "  successfulJobsHistoryLimit: 1\n  failedJobsHistoryLimit: 0\n");
    format!(
        "apiVersion: batch/v1\nkind: CronJob\n{}\nspec:\n  schedule: \"*/{} * * * *\"\n  concurrencyPolicy: {policy}\n{limits}  jobTemplate:\n    spec:\n{}",
        meta(chance, name),
        chance.between(1, 3),
        job_spec(chance, "      "),
    )
}

fn service(chance: &mut Chance, name: &str) -> String {
    let more = match chance.below(6) {
        0 | 1 => "  clusterIP: None\n",
        2 => "  type: NodePort\n",
        3 => "  type: LoadBalancer\n",
        4 => "  publishNotReadyAddresses: true\n",
        _ => "",
    };
    let port = chance.pick(&["80", "80", "http"]);
    format!(
        "apiVersion: v1\nkind: Service\n{}\nspec:\n  selector: {{app: {}}}\n  ports: [{{port: 80, targetPort: {port}}}]\n{more}",
        meta(chance, name),
        chance.pick(&[name, name, name, "web"]),
    )
}

fn pod(chance: &mut Chance, name: &str) -> String {
    let restart = format!("restartPolicy: {}", chance.pick(&["Always", "OnFailure", "Never"]));
    let label = chance.pick(&[name, name, "alone"]);
    let namespace = chance.maybe(8, ", namespace: shop");
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}{namespace}, labels: {{app: {label}}}}}\nspec: {}\n",
        spec(chance, &restart)
    )
}

fn budget(chance: &mut Chance, name: &str) -> String {
    let limit = match chance.below(4) {
        0 => "minAvailable: 1".to_string(),
        1 => "minAvailable: 50%".to_string(),
        2 => "maxUnavailable: 0".to_string(),
        _ => "maxUnavailable: 1".to_string(),
    };
    let policy = chance.maybe(3, ", unhealthyPodEvictionPolicy: AlwaysAllow");
    format!(
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\n{}\nspec: {{{limit}{policy}, selector: {{matchLabels: {{app: {name}}}}}}}\n",
        meta(chance, name)
    )
}

fn claim(chance: &mut Chance, name: &str) -> String {
    let class = chance.pick(&["", ", storageClassName: \"\"", ", storageClassName: late", ", storageClassName: slow"]);
    let (mode, size) = (chance.pick(&["ReadWriteOnce", "ReadWriteMany", "ReadWriteOncePod"]), chance.between(1, 4));
    format!(
        "apiVersion: v1\nkind: PersistentVolumeClaim\n{}\nspec: {{accessModes: [{mode}], resources: {{requests: {{storage: {size}Gi}}}}{class}}}\n",
        meta(chance, name)
    )
}

fn volume(chance: &mut Chance) -> String {
    if chance.one_in(3) {
        return "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: late}\nprovisioner: kubernetes.io/host-path\nvolumeBindingMode: WaitForFirstConsumer\n".into();
    }
    let class = chance.maybe(2, ", storageClassName: slow");
    let policy = chance.pick(&["Retain", "Delete"]);
    format!(
        "apiVersion: v1\nkind: PersistentVolume\nmetadata: {{name: pv-{}}}\nspec: {{capacity: {{storage: {}Gi}}, accessModes: [ReadWriteOnce, ReadWriteMany], persistentVolumeReclaimPolicy: {policy}, hostPath: {{path: /data}}{class}}}\n",
        chance.between(1, 3),
        chance.between(1, 4),
    )
}

fn boundary(chance: &mut Chance) -> String {
    let namespace = chance.maybe(2, ", namespace: shop");
    match chance.below(3) {
        0 => format!(
            "apiVersion: v1\nkind: ResourceQuota\nmetadata: {{name: limit{namespace}}}\nspec: {{hard: {{pods: {}, services: 2, count/jobs.batch: 2}}}}\n",
            chance.between(2, 9)
        ),
        1 => format!(
            "apiVersion: v1\nkind: LimitRange\nmetadata: {{name: limit{namespace}}}\nspec: {{limits: [{{type: Container, defaultRequest: {{cpu: 50m}}, max: {{cpu: 800m}}, default: {{cpu: 400m}}}}]}}\n"
        ),
        _ => "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: 1000\n".into(),
    }
}

fn configuration(chance: &mut Chance) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\n{}\ndata: {{key: \"{}\"}}\n", meta(chance, "conf"), chance.below(9))
}
