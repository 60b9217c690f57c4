//! Folders and what they are built into.

use super::build;
use crate::manifest::write::yaml;
use crate::terminal::{Folder, absolute};

/// A folder of files, each begun by a line `== NAME`.
fn folder(files: &str) -> Folder {
    let mut folder = Folder::default();
    for file in files.split("== ").skip(1) {
        let (name, text) = file.split_once('\n').expect("a name and a text");
        folder.put(name, text);
    }
    folder
}

fn built(files: &str, at: &str) -> String {
    let built = build(&folder(files), &absolute("/home/user", at), at);
    let objects = match built.objects {
        Ok(objects) => objects.iter().map(yaml).collect::<Vec<_>>().join("---\n"),
        Err(why) => format!("error: {why}\n"),
    };
    built.warnings.into_iter().map(|text| text + "\n").collect::<String>() + &objects
}

#[track_caller]
fn check(files: &str, expect: &str) {
    pretty(&built(files, "."), expect);
}

#[track_caller]
fn pretty(got: &str, expect: &str) {
    assert!(got == expect, "got:\n{got}\nexpected:\n{expect}");
}

/// The names are those of the documentation's own examples.
#[test]
fn generated_names_end_in_the_hash_of_what_is_held() {
    let names = |generators: &str| {
        let text = built(
            &format!(
                "== kustomization.yaml\n{generators}== application.properties\nFOO=Bar\n== password.txt\nusername=admin\npassword=secret\n"
            ),
            ".",
        );
        let name = text.lines().find_map(|line| line.strip_prefix("  name: ").map(str::to_string));
        name.unwrap_or(text)
    };
    let config = "configMapGenerator:\n- name: example-configmap";
    assert_eq!(names(&format!("{config}-2\n  literals: [FOO=Bar]\n")), "example-configmap-2-g2hdhfc6tk");
    assert_eq!(names(&format!("{config}-1\n  files: [application.properties]\n")), "example-configmap-1-8mbdf7882g");
    let secret = "secretGenerator:\n- name: example-secret";
    assert_eq!(names(&format!("{secret}-1\n  files: [password.txt]\n")), "example-secret-1-t2kt65hgtb");
    let empty = crate::manifest::read("{kind: Secret, type: my-type}").documents.remove(0).value;
    assert_eq!(super::hash::of(&empty), "5gmgkf8578", "as kustomize's own tests have it");
    let options = "  literals: [a=b]\n  options: {disableNameSuffixHash: true}\n";
    assert_eq!(names(&format!("{config}\n{options}")), "example-configmap");
}

const WEB: &str = "\
== base/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: web
        image: nginx:1.25
        envFrom:
        - configMapRef:
            name: settings
== base/service.yaml
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
  - port: 80
== base/kustomization.yaml
resources: [deployment.yaml, service.yaml]
configMapGenerator:
- name: settings
  literals: [A=1]
";

#[test]
fn an_overlay_renames_patches_and_labels_its_base() {
    let overlay = "\
== prod/kustomization.yaml
namePrefix: prod-
namespace: shop
resources: [../base]
labels:
- pairs: {env: prod}
  includeSelectors: true
replicas:
- {name: web, count: 3}
images:
- {name: nginx, newTag: '1.26'}
configMapGenerator:
- name: settings
  behavior: merge
  literals: [B=2]
patches:
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      template:
        spec:
          containers:
          - {name: log, image: busybox}
- target: {kind: Service}
  patch: |-
    - {op: replace, path: /spec/ports/0/port, value: 8080}
";
    let expect = "\
apiVersion: v1
data:
  A: \"1\"
  B: \"2\"
kind: ConfigMap
metadata:
  labels:
    env: prod
  name: prod-settings-HASH
  namespace: shop
---
apiVersion: v1
kind: Service
metadata:
  labels:
    env: prod
  name: prod-web
  namespace: shop
spec:
  ports:
  - port: 8080
  selector:
    app: web
    env: prod
---
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    env: prod
  name: prod-web
  namespace: shop
spec:
  replicas: 3
  selector:
    matchLabels:
      app: web
      env: prod
  template:
    metadata:
      labels:
        app: web
        env: prod
    spec:
      containers:
      - image: busybox
        name: log
      - envFrom:
        - configMapRef:
            name: prod-settings-HASH
        image: nginx:1.26
        name: web
";
    let got = built(&format!("{WEB}{overlay}"), "prod");
    let name = got.split("name: prod-settings-").nth(1).expect("the hash").split('\n').next().expect("a line");
    assert_eq!(name.len(), 10, "{got}");
    pretty(&got.replace(name, "HASH"), expect);
}

#[test]
fn patches_delete_items_fields_and_objects() {
    let files = "\
== kustomization.yaml
resources: [all.yaml]
patches:
- path: patch.yaml
- target: {kind: ConfigMap, name: 'b|c', labelSelector: 'x!=1'}
  patch: |-
    $patch: delete
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: any}
== all.yaml
apiVersion: v1
kind: Pod
metadata: {name: p, finalizers: [a.b/c]}
spec:
  nodeName: n
  containers:
  - {name: a, image: i, args: [x, y], ports: [{containerPort: 80, protocol: TCP}]}
  - {name: b, image: i}
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: c, labels: {x: '1'}}}
== patch.yaml
apiVersion: v1
kind: Pod
metadata: {name: p, finalizers: [d.e/f]}
spec:
  nodeName: null
  containers:
  - {name: b, $patch: delete}
  - name: a
    args: [z]
    ports: [{containerPort: 81}, {containerPort: 80, name: http}]
";
    let expect = "\
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
---
apiVersion: v1
kind: ConfigMap
metadata:
  labels:
    x: \"1\"
  name: c
---
apiVersion: v1
kind: Pod
metadata:
  finalizers:
  - d.e/f
  - a.b/c
  name: p
spec:
  containers:
  - args:
    - z
    image: i
    name: a
    ports:
    - containerPort: 81
    - containerPort: 80
      name: http
      protocol: TCP
";
    check(files, expect);
}

#[test]
fn references_follow_across_kinds_and_namespaces() {
    let files = "\
== kustomization.yaml
nameSuffix: -x
resources: [all.yaml]
== all.yaml
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot, namespace: other}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reads}
subjects: [{kind: ServiceAccount, name: robot, namespace: other}]
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
";
    let got = built(files, ".");
    assert!(got.contains("  kind: Role\n  name: reader-x\n"), "{got}");
    assert!(got.contains("- kind: ServiceAccount\n  name: robot-x\n  namespace: other\n"), "{got}");
}

#[test]
fn a_component_changes_what_is_there_and_replacements_copy() {
    let files = "\
== app/kustomization.yaml
resources: [a.yaml]
components: [../extra]
replacements:
- source: {kind: ConfigMap, name: a, fieldPath: data.host}
  targets:
  - select: {kind: Pod}
    fieldPaths: ['spec.containers.[name=c].env.[name=URL].value']
    options: {delimiter: /, index: 2}
== app/a.yaml
{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {host: db}}
---
{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, env: [{name: URL, value: 'http://x/y'}]}]}}
== extra/kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
commonAnnotations: {note: here}
";
    let got = built(files, "app");
    assert_eq!(got.matches("note: here").count(), 2, "{got}");
    assert!(got.contains("value: http://db/y"), "{got}");
}

#[test]
fn what_is_wrong_is_said_in_kustomizes_words() {
    let error = |files: &str, expect: &str| pretty(&built(files, "."), &format!("error: {expect}\n"));
    error(
        "",
        "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '/home/user'",
    );
    error("== kustomization.yaml\n", "kustomization.yaml is empty");
    error("== kustomization.yaml\nresource: [a]\n", "invalid Kustomization: json: unknown field \"resource\"");
    error(
        "== kustomization.yaml\nconfigMapGenerator: [{name: a, type: Opaque}]\n",
        "invalid Kustomization: json: unknown field \"type\"",
    );
    error(
        "== kustomization.yaml\nresources: a.yaml\n",
        "invalid Kustomization: json: cannot unmarshal string into Go struct field Kustomization.resources of type []string",
    );
    let missing = "evalsymlink failure on '/home/user/a.yaml' : lstat /home/user/a.yaml: no such file or directory";
    error(
        "== kustomization.yaml\nresources: [a.yaml]\n",
        &format!(
            "accumulating resources: accumulation err='accumulating resources from 'a.yaml': {missing}': must build at directory: not a valid directory: {missing}"
        ),
    );
    error(
        "== kustomization.yaml\nresources: [.]\n",
        "accumulating resources: accumulation err='accumulating resources from '.': '/home/user' must resolve to a file': cycle detected: candidate root '/home/user' contains visited root '/home/user'",
    );
    let pod =
        "== kustomization.yaml\nresources: [a.yaml]\nREST== a.yaml\n{apiVersion: v1, kind: Pod, metadata: {name: a}}\n";
    error(
        &pod.replace("REST", "replicas: [{name: web, count: 2}]\n"),
        "resource with name web does not match a config with the following GVK [Deployment.[noVer].[noGrp] ReplicationController.[noVer].[noGrp] ReplicaSet.[noVer].[noGrp] StatefulSet.[noVer].[noGrp]]",
    );
    error(
        &pod.replace("REST", "patches: [{patch: '[{op: remove, path: /a}]'}]\n"),
        "must specify a target for JSON patch [patch: \"[{op: remove, path: /a}]\"]",
    );
    error(
        &pod.replace("REST", "patches: [{patch: '{apiVersion: v1, kind: Pod, metadata: {name: b}}'}]\n"),
        "no resource matches strategic merge patch \"Pod.v1.[noGrp]/b.[noNs]\": no matches for Id Pod.v1.[noGrp]/b.[noNs]; failed to find unique target for patch Pod.v1.[noGrp]/b.[noNs]",
    );
    let old = built(
        &pod.replace("REST", "patchesStrategicMerge: ['{apiVersion: v1, kind: Pod, metadata: {name: b}}']\n"),
        ".",
    );
    assert!(old.contains("\nerror: no matches for Id Pod.v1.[noGrp]/b.[noNs]; failed to find"), "{old}");
    error(&pod.replace("REST", "helmCharts: []\n"), "the field helmCharts of kustomization.yaml is not simulated");
    let old = built(&pod.replace("REST", "commonLabels: {a: b}\n"), ".");
    assert!(
        old.starts_with(
            "# Warning: 'commonLabels' is deprecated. Please use 'labels' instead. Run 'kustomize edit fix'"
        ),
        "{old}"
    );
}
