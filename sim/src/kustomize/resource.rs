//! An object on its way through kustomizations, and the names under which it has been known.
//!
//! kustomize: api/resource/resource.go, api/resmap/reswrangler.go, kyaml/resid

use crate::api::Kind;
use crate::value::Value;
use std::fmt;

/// What tells an object apart. The namespace may be empty, which stands for `default`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Id {
    pub group: String,
    pub version: String,
    pub kind: String,
    pub name: String,
    pub namespace: String,
}

/// A text, or what stands for it where it is empty.
pub fn or<'a>(text: &'a str, none: &'a str) -> &'a str {
    if text.is_empty() { none } else { text }
}

/// How kustomize calls the namespace of an object that has none.
const NOWHERE: &str = "_non_namespaceable_";

impl Id {
    pub fn of(value: &Value) -> Id {
        let text = |path: &[&str]| value.at(path).as_str().unwrap_or("").to_string();
        let api_version = text(&["apiVersion"]);
        let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
        Id {
            group: group.into(),
            version: version.into(),
            kind: text(&["kind"]),
            name: text(&["metadata", "name"]),
            namespace: text(&["metadata", "namespace"]),
        }
    }
    /// Of what kustomize knows; any other kind has a namespace.
    pub fn cluster_scoped(&self) -> bool {
        let api_version =
            if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) };
        Kind::find(&api_version, &self.kind).is_some_and(|kind| !kind.namespaced())
    }
    pub fn effective_namespace(&self) -> &str {
        match &*self.namespace {
            _ if self.cluster_scoped() => NOWHERE,
            NOWHERE => NOWHERE,
            "" => "default",
            named => named,
        }
    }
    pub fn same(&self, other: &Id) -> bool {
        self.same_type(other) && self.name == other.name && self.effective_namespace() == other.effective_namespace()
    }
    pub fn same_type(&self, other: &Id) -> bool {
        (&self.group, &self.version, &self.kind) == (&other.group, &other.version, &other.kind)
    }
    /// Whether it is of a type; an empty part stands for any.
    pub fn is_of(&self, group: &str, version: &str, kind: &str) -> bool {
        let fits = |wanted: &str, own: &str| wanted.is_empty() || wanted == own;
        fits(group, &self.group) && fits(version, &self.version) && fits(kind, &self.kind)
    }
    /// `Deployment.v1.apps`
    pub fn type_name(&self) -> String {
        format!("{}.{}.{}", or(&self.kind, "[noKind]"), or(&self.version, "[noVer]"), or(&self.group, "[noGrp]"))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}.{}", self.type_name(), or(&self.name, "[noName]"), or(&self.namespace, "[noNs]"))
    }
}

/// What a generator does with an object that is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Behavior {
    #[default]
    Create,
    Replace,
    Merge,
}

#[derive(Clone, Debug)]
pub struct Resource {
    pub value: Value,
    /// Under which names it went before, the first first.
    pub previous: Vec<Id>,
    pub prefixes: Vec<String>,
    pub suffixes: Vec<String>,
    /// Its name is to end in a hash of what it holds.
    pub hashed: bool,
    pub behavior: Behavior,
}

impl Resource {
    pub fn new(value: Value) -> Resource {
        let (previous, prefixes, suffixes) = (vec![], vec![], vec![]);
        Resource { value, previous, prefixes, suffixes, hashed: false, behavior: Behavior::Create }
    }
    pub fn id(&self) -> Id {
        Id::of(&self.value)
    }
    /// Under which it came in.
    pub fn original(&self) -> Id {
        self.previous.first().cloned().unwrap_or_else(|| self.id())
    }
    /// To be called before its name, namespace or kind changes.
    pub fn remember(&mut self) {
        let mut id = self.id();
        id.namespace = id.effective_namespace().to_string();
        self.previous.push(id);
    }
    pub fn rename(&mut self, name: &str) {
        self.value.at_mut(&["metadata"]).set("name", Value::from(name));
    }
    /// Whether it went or goes by an id.
    pub fn is(&self, id: &Id) -> bool {
        self.previous.iter().any(|one| one.same(id)) || self.id().same(id)
    }
    /// Meant for other tools only.
    pub fn is_local(&self) -> bool {
        let mark = self.value.at(&["metadata", "annotations", "config.kubernetes.io/local-config"]);
        !mark.is_null() && mark.as_str() != Some("false")
    }
}

/// Adds a resource.
///
/// # Errors
/// There is one of this id.
pub fn append(all: &mut Vec<Resource>, resource: Resource) -> Result<(), String> {
    let id = resource.id();
    if all.iter().any(|other| other.id().same(&id)) {
        return Err(format!("may not add resource with an already registered id: {id}"));
    }
    all.push(resource);
    Ok(())
}

/// Refuses what is no object.
pub fn check(value: &Value) -> Result<(), String> {
    let id = Id::of(value);
    let texts = |field: &str| {
        let map = value.at(&["metadata", field]).as_map();
        let entries = map.into_iter().flat_map(|m| m.iter()).map(|(k, v)| format!("{k}:{}", v.as_str().unwrap_or("")));
        entries.collect::<Vec<_>>().join(" ")
    };
    let api_version = value.get("apiVersion").as_str().unwrap_or("");
    let what = if id.kind.is_empty() {
        "kind"
    } else if id.name.is_empty() && !id.kind.ends_with("List") {
        "metadata.name"
    } else {
        return Ok(());
    };
    Err(format!(
        "missing {what} in object {{{{{api_version} {}}} {{{{{} {}}} map[{}] map[{}]}}}}",
        id.kind,
        id.name,
        id.namespace,
        texts("labels"),
        texts("annotations")
    ))
}
