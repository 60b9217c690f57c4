//! `kustomization.yaml`: read strictly, as kustomize reads it.
//!
//! kustomize: api/types/kustomization.go

use super::load::Root;
use crate::manifest;
use crate::value::Value;

/// The names that the file may have.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// A kustomization, its fields named as they should be.
pub struct Kustomization(Value);

/// What a field holds.
enum Of {
    Text,
    Bool,
    Number,
    Texts,
    /// A map of texts.
    Pairs,
    Any,
    Struct(&'static Struct),
    Structs(&'static Struct),
}
use Of::{Any, Bool, Number, Pairs, Struct as One, Structs as Many, Text, Texts};

/// A Go struct: its name and its fields.
struct Struct(&'static str, &'static [(&'static str, Of)]);

static KUSTOMIZATION: Struct = Struct(
    "Kustomization",
    &[
        ("apiVersion", Text),
        ("kind", Text),
        ("metadata", Any),
        ("openapi", Pairs),
        ("namePrefix", Text),
        ("nameSuffix", Text),
        ("namespace", Text),
        ("commonLabels", Pairs),
        ("labels", Many(&LABEL)),
        ("commonAnnotations", Pairs),
        ("patchesStrategicMerge", Texts),
        ("patchesJson6902", Many(&PATCH)),
        ("patches", Many(&PATCH)),
        ("images", Many(&IMAGE)),
        ("imageTags", Many(&IMAGE)),
        ("replacements", Many(&REPLACEMENT)),
        ("replicas", Many(&REPLICA)),
        ("vars", Any),
        ("sortOptions", One(&SORT_OPTIONS)),
        ("resources", Texts),
        ("components", Texts),
        ("crds", Texts),
        ("bases", Texts),
        ("configMapGenerator", Many(&CONFIG_MAP)),
        ("secretGenerator", Many(&SECRET)),
        ("helmGlobals", Any),
        ("helmCharts", Any),
        ("helmChartInflationGenerator", Any),
        ("generatorOptions", One(&OPTIONS)),
        ("configurations", Texts),
        ("generators", Texts),
        ("transformers", Texts),
        ("validators", Texts),
        ("buildMetadata", Texts),
    ],
);
static LABEL: Struct = Struct(
    "Label",
    &[
        ("pairs", Pairs),
        ("includeSelectors", Bool),
        ("includeTemplates", Bool),
        ("includeVolumeClaimTemplates", Bool),
        ("fields", Many(&FIELD)),
    ],
);
static FIELD: Struct =
    Struct("FieldSpec", &[("group", Text), ("version", Text), ("kind", Text), ("path", Text), ("create", Bool)]);
static PATCH: Struct =
    Struct("Patch", &[("path", Text), ("patch", Text), ("target", One(&SELECTOR)), ("options", One(&PATCH_OPTIONS))]);
static PATCH_OPTIONS: Struct = Struct("PatchArgs", &[("allowNameChange", Bool), ("allowKindChange", Bool)]);
static SELECTOR: Struct = Struct(
    "Selector",
    &[
        ("group", Text),
        ("version", Text),
        ("kind", Text),
        ("name", Text),
        ("namespace", Text),
        ("annotationSelector", Text),
        ("labelSelector", Text),
    ],
);
static IMAGE: Struct =
    Struct("Image", &[("name", Text), ("newName", Text), ("tagSuffix", Text), ("newTag", Text), ("digest", Text)]);
static REPLICA: Struct = Struct("Replica", &[("name", Text), ("count", Number)]);
/// A ConfigMap has no type.
static CONFIG_MAP: Struct = Struct("ConfigMapArgs", GENERATOR.split_last().expect("it has fields").1);
static SECRET: Struct = Struct("SecretArgs", &GENERATOR);
static GENERATOR: [(&str, Of); 9] = [
    ("namespace", Text),
    ("name", Text),
    ("behavior", Text),
    ("literals", Texts),
    ("files", Texts),
    ("envs", Texts),
    ("env", Text),
    ("options", One(&OPTIONS)),
    ("type", Text),
];
static OPTIONS: Struct = Struct(
    "GeneratorOptions",
    &[("labels", Pairs), ("annotations", Pairs), ("disableNameSuffixHash", Bool), ("immutable", Bool)],
);
static SORT_OPTIONS: Struct = Struct("SortOptions", &[("order", Text), ("legacySortOptions", One(&LEGACY))]);
static LEGACY: Struct = Struct("LegacySortOptions", &[("orderFirst", Texts), ("orderLast", Texts)]);
static REPLACEMENT: Struct = Struct(
    "ReplacementField",
    &[("source", One(&SOURCE)), ("targets", Many(&TARGET)), ("sourceValue", Text), ("path", Text)],
);
static SOURCE: Struct = Struct(
    "SourceSelector",
    &[
        ("group", Text),
        ("version", Text),
        ("kind", Text),
        ("name", Text),
        ("namespace", Text),
        ("fieldPath", Text),
        ("options", One(&FIELD_OPTIONS)),
    ],
);
static TARGET: Struct = Struct(
    "TargetSelector",
    &[("select", One(&SELECTOR)), ("reject", Many(&SELECTOR)), ("fieldPaths", Texts), ("options", One(&FIELD_OPTIONS))],
);
static FIELD_OPTIONS: Struct =
    Struct("FieldOptions", &[("delimiter", Text), ("index", Number), ("encoding", Text), ("create", Bool)]);

/// What this does not do, by the fields that ask for it.
const REFUSED: [&str; 11] = [
    "vars",
    "openapi",
    "crds",
    "helmGlobals",
    "helmCharts",
    "helmChartInflationGenerator",
    "configurations",
    "generators",
    "transformers",
    "validators",
    "buildMetadata",
];

/// Fields that should be others, with kustomize's advice.
const OLD: [(&str, &str, &str); 6] = [
    ("bases", "resources", ""),
    ("commonLabels", "labels", ""),
    ("imageTags", "images", ""),
    ("patchesJson6902", "patches", ""),
    ("patchesStrategicMerge", "patches", ""),
    ("vars", "replacements", "[EXPERIMENTAL] "),
];

impl Kustomization {
    /// The one kustomization of a folder.
    pub fn read(root: &Root) -> Result<Kustomization, String> {
        let found: Vec<&str> = NAMES.into_iter().filter(|name| root.has(name)).collect();
        let name = match found.as_slice() {
            [one] => *one,
            [] => {
                let names = "'kustomization.yaml', 'kustomization.yml' or 'Kustomization'";
                return Err(format!("unable to find one of {names} in directory '{}'", root.path()));
            }
            _ => return Err(format!("Found multiple kustomization files under: {}\n", root.path())),
        };
        let told = |why: &str| format!("invalid Kustomization: {why}");
        let mut reading = manifest::read(&root.text(name)?);
        if let Some(problem) = reading.error() {
            return Err(told(problem.text.trim_start_matches("error converting YAML to JSON: ")));
        }
        let value = if reading.documents.is_empty() { Value::Null } else { reading.documents.remove(0).value };
        decode(&value, &One(&KUSTOMIZATION), "", "").map(Kustomization).map_err(|why| told(&why))
    }

    pub fn warnings(&self) -> impl Iterator<Item = String> {
        OLD.iter().filter(|(old, ..)| !self.get(old).is_null()).map(|(old, new, mark)| {
            format!(
                "# Warning: '{old}' is deprecated. Please use '{new}' instead. {mark}Run 'kustomize edit fix' to update your Kustomization automatically."
            )
        })
    }

    /// Refuses what says nothing, is of another kind, or asks for what is not done here.
    pub fn check(&self, root: &Root) -> Result<(), String> {
        let says = |name: &str| !matches!(name, "apiVersion" | "kind");
        if !self.0.as_map().is_some_and(|m| m.keys().any(|name| says(name))) {
            return Err("kustomization.yaml is empty".into());
        }
        let mut wrong = vec![];
        if !matches!(self.kind(), "Kustomization" | "Component") {
            wrong.push("kind should be Kustomization or Component".to_string());
        }
        let version = if self.is_component() { "v1alpha1" } else { "v1beta1" };
        let wanted = format!("kustomize.config.k8s.io/{version}");
        if self.get("apiVersion").as_str().is_some_and(|own| !own.is_empty() && own != wanted) {
            wrong.push(format!("apiVersion for {} should be {wanted}", self.kind()));
        }
        if !wrong.is_empty() {
            return Err(format!("Failed to read kustomization file under {}:\n{}", root.path(), wrong.join("\n")));
        }
        match REFUSED.iter().find(|name| !self.get(name).is_null()) {
            Some(name) => Err(format!("the field {name} of {} is not simulated", NAMES[0])),
            None => Ok(()),
        }
    }

    pub fn get(&self, field: &str) -> &Value {
        self.0.get(field)
    }
    pub fn kind(&self) -> &str {
        self.get("kind").as_str().filter(|kind| !kind.is_empty()).unwrap_or("Kustomization")
    }
    pub fn is_component(&self) -> bool {
        self.kind() == "Component"
    }
    /// A text; empty if there is none.
    pub fn text(&self, field: &str) -> &str {
        self.get(field).as_str().unwrap_or("")
    }
    pub fn texts(&self, field: &str) -> impl Iterator<Item = &str> {
        texts(self.get(field))
    }
}

/// The texts of a list.
pub fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.items().iter().filter_map(|item| item.as_str())
}

/// The entries of a map of texts.
pub fn pairs(map: &Value) -> impl Iterator<Item = (&str, &str)> {
    map.as_map().into_iter().flat_map(|m| m.iter()).map(|(key, value)| (&**key, value.as_str().unwrap_or("")))
}

/// A value as a Go struct takes it: names in any case, nothing unknown, each of its type.
fn decode(value: &Value, of: &Of, holder: &str, path: &str) -> Result<Value, String> {
    let wrong = |wanted: &str| {
        let kind = value.json_type();
        Err(format!("json: cannot unmarshal {kind} into Go struct field {holder}.{path} of type {wanted}"))
    };
    match (of, value) {
        (_, Value::Null) | (Any, _) | (Text, Value::Str(_)) | (Bool, Value::Bool(_)) | (Number, Value::Int(_)) => {
            Ok(value.clone())
        }
        (Texts, Value::List(items)) => {
            let items: Result<Vec<Value>, String> = items.iter().map(|i| decode(i, &Text, holder, path)).collect();
            Ok(Value::list(items?))
        }
        (Many(one), Value::List(items)) => {
            let items: Result<Vec<Value>, String> = items.iter().map(|i| decode(i, &One(one), holder, path)).collect();
            Ok(Value::list(items?))
        }
        (Pairs, Value::Map(map)) => {
            map.iter().try_for_each(|(_, v)| decode(v, &Text, holder, path).map(|_| ()))?;
            Ok(value.clone())
        }
        (One(Struct(name, fields)), Value::Map(map)) => {
            let mut out = Value::empty_map();
            for (key, value) in map.iter() {
                let field = fields.iter().find(|(field, _)| field.eq_ignore_ascii_case(key));
                let (field, of) = field.ok_or_else(|| format!("json: unknown field {:?}", &**key))?;
                let path = if path.is_empty() { field.to_string() } else { format!("{path}.{field}") };
                out.set(field, decode(value, of, name, &path)?);
            }
            Ok(out)
        }
        (Text, _) => wrong("string"),
        (Bool, _) => wrong("bool"),
        (Number, _) => wrong("int64"),
        (Texts, _) => wrong("[]string"),
        (Pairs, _) => wrong("map[string]string"),
        (Many(Struct(name, _)), _) => wrong(&format!("[]types.{name}")),
        (One(Struct(name, _)), _) if path.is_empty() => {
            Err(format!("json: cannot unmarshal {} into Go value of type types.{name}", value.json_type()))
        }
        (One(Struct(name, _)), _) => wrong(&format!("types.{name}")),
    }
}
