//! `kubectl cluster-info dump`.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/clusterinfo/clusterinfo_dump.go. Other than really, fields within the
//! items of JSON are sorted by name; a real kubectl writes them as its program declares them.

use super::table::plain;
use super::{Answer, Context, Fault, OK, auth, logs, print, raw};
use crate::api::Kind;
use crate::api::object::Object;
use crate::manifest::write;
use crate::terminal::Stream;
use crate::value::Value;
use std::rc::Rc;

/// What is written of each namespace, and under which name.
const PARTS: [(Kind, &str); 7] = [
    (Kind::Event, "events"),
    (Kind::ReplicationController, "replication-controllers"),
    (Kind::Service, "services"),
    (Kind::DaemonSet, "daemonsets"),
    (Kind::Deployment, "deployments"),
    (Kind::ReplicaSet, "replicasets"),
    (Kind::Pod, "pods"),
];

/// Where all goes: to standard output, or below a folder.
struct Dump {
    folder: Option<String>,
    format: String,
    /// Whether something was printed: documents of YAML stand apart.
    begun: bool,
}

pub fn run(context: &mut Context) -> Answer {
    let folder = context.args.get("output-directory").filter(|folder| !matches!(*folder, "" | "-")).map(str::to_string);
    let format = context.args.get("output").unwrap_or("json").to_string();
    let mut dump = Dump { folder, format, begun: false };
    dump.list(context, Kind::Node, None, "nodes")?;
    for namespace in namespaces(context)? {
        for (kind, name) in PARTS {
            dump.list(context, kind, Some(&namespace), &format!("{namespace}/{name}"))?;
        }
        let pods: Vec<Rc<Object>> = context.cluster.store.list_in(Kind::Pod, &namespace).cloned().collect();
        for pod in pods {
            dump.logs(context, &pod)?;
        }
    }
    if let Some(folder) = &dump.folder {
        context.say(format!("Cluster info dumped to {folder}"));
    }
    OK
}

fn namespaces(context: &Context) -> Result<Vec<String>, Fault> {
    if context.args.is("all-namespaces") {
        auth::check(context, "list", Kind::Namespace, "", "")?;
        return Ok(context.cluster.store.list(Kind::Namespace).map(|own| own.meta.name.to_string()).collect());
    }
    let asked: Vec<String> = context.args.list("namespaces").into_iter().map(str::to_string).collect();
    Ok(if asked.is_empty() { vec!["kube-system".into(), context.namespace().to_string()] } else { asked })
}

impl Dump {
    fn list(&mut self, context: &mut Context, kind: Kind, namespace: Option<&str>, name: &str) -> Result<(), Fault> {
        if self.format == "name" {
            let group = kind.api_version().split('/').next_back().unwrap_or("v1").to_string();
            let what = format!("*{group}.{}List", kind.name());
            return Err(Fault::text(format!("list types are not supported by name printing: {what}")));
        }
        let mut list = raw::list(context, kind, namespace)?;
        let hides = !context.args.is("show-managed-fields");
        for item in list.at_mut(&["items"]).list_mut().iter_mut().filter(|_| hides) {
            item.at_mut(&["metadata"]).remove("managedFields");
        }
        let ending = match &*self.format {
            "json" => ".json",
            "yaml" => ".yaml",
            _ => ".txt",
        };
        let text = match &*self.format {
            "json" => as_json(&list),
            "yaml" if self.begun => format!("---\n{}", write::yaml(&list)),
            _ => print::plainly(context, &list)?,
        };
        self.begun = true;
        self.put(context, &format!("{name}{ending}"), text);
        Ok(())
    }

    fn logs(&mut self, context: &mut Context, pod: &Object) -> Result<(), Fault> {
        let spec = pod.raw().get("spec").clone();
        let mut text = String::new();
        for container in ["initContainers", "containers"].iter().flat_map(|list| spec.get(list).items()) {
            let name = plain(container.get("name"));
            let of = format!("logs for container {name} of pod {}/{}", pod.meta.namespace, pod.meta.name);
            let written = match logs::written(context, pod, &name) {
                Ok(written) => written,
                Err(Fault::Server(why, _)) => format!("Request log error: {why}\n"),
                Err(other) => return Err(other),
            };
            text += &format!("==== START {of} ====\n{written}==== END {of} ====\n");
        }
        self.put(context, &format!("{}/{}/logs.txt", pod.meta.namespace, pod.meta.name), text);
        Ok(())
    }

    fn put(&self, context: &mut Context, name: &str, text: String) {
        match &self.folder {
            None => context.out.push((Stream::Out, text)),
            Some(folder) => {
                let path = context.path(&format!("{}/{name}", folder.trim_end_matches('/')));
                context.cluster.folder.put(&path, &text);
            }
        }
    }
}

/// A list as the client's own type writes it: what it is comes first, and of nothing there is null.
fn as_json(list: &Value) -> String {
    let items = if list.get("items").items().is_empty() { &Value::Null } else { list.get("items") };
    let field = |name: &str, value: &Value| {
        let text = write::json(value, 4).trim_end().replace('\n', "\n    ");
        format!("    {:?}: {text}", name)
    };
    let fields = ["kind", "apiVersion", "metadata"].map(|name| field(name, list.get(name)));
    format!("{{\n{},\n{}\n}}\n", fields.join(",\n"), field("items", items))
}
