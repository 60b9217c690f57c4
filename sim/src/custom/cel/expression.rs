//! Expressions of policies, webhooks and device selectors, as far as they can be judged when they are written.
//!
//! Kubernetes 1.36: apiserver/pkg/admission/plugin/cel/compile.go, dynamic-resource-allocation/cel/compile.go. Not judged: what
//! asks the authorizer. What they cost at most is asked of device selectors only.

use super::parse::{Expr, Kind, parse, parse_of_device};
use super::sizes::Part;
use super::types::{self, Ty};
use super::{Fault, cost};
use crate::manifest;
use crate::value::Value;
use std::rc::Rc;

/// What an expression must come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Any,
    Bool,
    Text,
    TextOrNull,
    /// A truth, or what may be one: of a device.
    MaybeBool,
}

/// The names that an expression knows, and whether it is about a device.
#[derive(Clone, Debug)]
pub struct Names {
    known: Vec<(Rc<str>, Ty)>,
    of_device: bool,
}

/// So much may an expression about a device cost (CELSelectorExpressionMaxCost).
const MOST: u64 = 1_000_000;

/// What is known of a request for admission, and of a namespace.
const REQUEST: &str = "
type: object
properties:
  kind: &kind {type: object, properties: {group: {type: string}, version: {type: string}, kind: {type: string}}}
  resource: &resource {type: object, properties: {group: {type: string}, version: {type: string}, resource: {type: string}}}
  subResource: {type: string}
  requestKind: *kind
  requestResource: *resource
  requestSubResource: {type: string}
  name: {type: string}
  namespace: {type: string}
  operation: {type: string}
  userInfo:
    type: object
    properties:
      username: {type: string}
      uid: {type: string}
      groups: {type: array, items: {type: string}}
      extra: {type: object, additionalProperties: {type: array, items: {type: string}}}
  dryRun: {type: boolean}
  options: {x-kubernetes-int-or-string: true}
";
const NAMESPACE: &str = "
type: object
properties:
  metadata:
    type: object
    properties:
      name: {type: string}
      generateName: {type: string}
      namespace: {type: string}
      labels: {type: object, additionalProperties: {type: string}}
      annotations: {type: object, additionalProperties: {type: string}}
      UID: {type: string}
      creationTimestamp: {type: string, format: date-time}
      deletionGracePeriodSeconds: {type: integer}
      deletionTimestamp: {type: string, format: date-time}
      generation: {type: integer}
      resourceVersion: {type: string}
      finalizers: {type: array, items: {type: string}}
  spec: {type: object, properties: {finalizers: {type: array, items: {type: string}}}}
  status: {type: object, properties: {phase: {type: string}}}
";
/// What is known of a device.
const DEVICE: &str = "
type: object
properties:
  driver: {type: string}
  allowMultipleAllocations: {type: boolean}
  attributes: {type: object, additionalProperties: {type: object, additionalProperties: {x-kubernetes-int-or-string: true}}}
  capacity: {type: object, additionalProperties: {type: object, additionalProperties: {type: quantity}}}
";

fn typed(schema: &str, name: &str) -> Ty {
    let schema = manifest::read(schema).documents.first().map(|d| d.value.clone()).unwrap_or_default();
    Ty::of(&schema, false, name).unwrap_or(Ty::Any)
}

impl Names {
    /// Of an admission policy, or of a webhook's conditions.
    pub fn of_request(params: bool, authorizer: bool) -> Names {
        let mut names = vec![
            (Rc::from("object"), Ty::Any),
            ("oldObject".into(), Ty::Any),
            ("request".into(), typed(REQUEST, "kubernetes.AdmissionRequest")),
            ("namespaceObject".into(), typed(NAMESPACE, "kubernetes.Namespace")),
        ];
        if params {
            names.push(("params".into(), Ty::Any));
        }
        if authorizer {
            names.push(("authorizer".into(), Ty::Any));
            names.push(("authorizer.requestResource".into(), Ty::Any));
        }
        Names { known: names, of_device: false }
    }
    /// Of a selector of devices.
    pub fn of_device() -> Names {
        Names { known: vec![("device".into(), typed(DEVICE, "kubernetes.DRADevice"))], of_device: true }
    }
    /// Makes the policy's variables known, each by what its expression comes to.
    pub fn with_variables(mut self, variables: &Value) -> Names {
        let mut schema = Value::map([("type", Value::from("object"))]);
        schema.set("properties", Value::empty_map());
        self.known.push(("variables".into(), Ty::Any));
        for variable in variables.items() {
            let text = |field: &str| variable.get(field).as_str().unwrap_or("");
            let ty = self.read(text("expression")).map_or(Ty::Any, |(_, ty, _)| ty);
            schema.at_mut(&["properties"]).set(text("name"), schema_of(&ty));
            self.known.pop();
            let known = Ty::of(&schema, false, "kubernetes.variables").unwrap_or(Ty::Any);
            self.known.push(("variables".into(), known));
        }
        if variables.items().is_empty() {
            self.known.pop();
        }
        self
    }

    /// An expression, its type, and what it costs at most.
    fn read(&self, source: &str) -> Result<(Expr, Ty, u64), String> {
        let told = |faults: Vec<Fault>| faults.iter().map(|f| f.told(source)).collect::<Vec<_>>().join("\n");
        let read = if self.of_device { parse_of_device(source) } else { parse(source) };
        let expr = read.map_err(|fault| told(vec![fault]))?;
        if asks_authorizer(&expr) {
            return Ok((expr, Ty::Any, 0));
        }
        let (typed, mut faults) = types::check(&expr, self.known.clone());
        faults.sort_by_key(|fault| fault.at);
        if !faults.is_empty() {
            return Err(told(faults));
        }
        let cost = if self.of_device { cost::most(&typed, &Part::device(), Some("device")) } else { 0 };
        let ty = typed.ty.clone();
        Ok((expr, ty, cost))
    }

    /// Whether an expression that can be right would cost too much.
    pub fn is_too_costly(&self, source: &str) -> bool {
        self.read(source).is_ok_and(|(_, _, cost)| cost > MOST)
    }

    /// Why an expression is refused, in the server's words.
    pub fn refusal(&self, source: &str, wanted: Wanted) -> Option<String> {
        let (expr, ty, _) = match self.read(source) {
            Ok(read) => read,
            Err(told) => return Some(format!("compilation failed: {told}")),
        };
        // What is not judged may be anything.
        if asks_authorizer(&expr) {
            return None;
        }
        let shown = ty.to_string();
        let fits = match wanted {
            Wanted::Any => true,
            Wanted::Bool => shown == "bool",
            Wanted::Text => shown == "string",
            Wanted::TextOrNull => shown == "string" || matches!(ty, Ty::Null),
            Wanted::MaybeBool => shown == "bool" || matches!(ty, Ty::Any),
        };
        let shown = if matches!(ty, Ty::Null) { "null_type".to_string() } else { shown };
        match wanted {
            _ if fits => None,
            Wanted::Text => Some(format!("must evaluate to string but got {shown}")),
            Wanted::TextOrNull => Some(format!("must evaluate to one of [string null_type] but got {shown}")),
            Wanted::MaybeBool => Some(format!("must evaluate to bool or the unknown type, not {shown}")),
            _ => Some(format!("must evaluate to bool but got {shown}")),
        }
    }
}

fn asks_authorizer(expr: &Expr) -> bool {
    matches!(&expr.kind, Kind::Name(name) if **name == *"authorizer")
        || expr.children().into_iter().any(asks_authorizer)
}

/// A schema of what has a type, as far as one says that.
fn schema_of(ty: &Ty) -> Value {
    let simple = |name: &str| Value::map([("type", Value::from(name))]);
    match ty {
        Ty::Named("bool") => simple("boolean"),
        Ty::Named("int") => simple("integer"),
        Ty::Named("double") => simple("number"),
        Ty::Named("string") => simple("string"),
        Ty::List(of) => Value::map([("type", Value::from("array")), ("items", schema_of(of))]),
        _ => Value::map([("x-kubernetes-int-or-string", Value::Bool(true))]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_judged_as_they_are_written() {
        let names = Names::of_request(false, true);
        let check = |source: &str, wanted: Wanted, expect: &str| {
            assert_eq!(names.refusal(source, wanted).unwrap_or_default(), expect, "{source}");
        };
        check("object.spec.replicas <= 5 && request.operation == 'CREATE'", Wanted::Bool, "");
        check("object.spec.replicas", Wanted::Bool, "must evaluate to bool but got dyn");
        check("authorizer.group('').resource('pods').check('get').allowed()", Wanted::Bool, "");
        check("'x' + request.name", Wanted::Text, "");
        check("'x' + object.metadata.name", Wanted::Text, "");
        let syntax = |place: &str, why: &str| format!("compilation failed: ERROR: <input>:1:{place}: {why}");
        let starts = |source: &str, expect: String| {
            let told = names.refusal(source, Wanted::Bool).unwrap_or_default();
            assert!(told.starts_with(&expect), "{source}: {told}");
        };
        starts("a b", syntax("3", "Syntax error: extraneous input 'b' expecting <EOF>"));
        starts("(true", syntax("6", "Syntax error: missing ')' at '<EOF>'"));
        starts("&& true", syntax("1", "Syntax error: extraneous input '&&' expecting {"));
        starts("object..spec", syntax("8", "Syntax error: no viable alternative at input '..'"));
        starts("true || 1", syntax("9", "expected type 'bool' but found 'int'"));
        starts("has(foo)", syntax("5", "invalid argument to has() macro"));
        starts("if", syntax("1", "reserved identifier: if"));
        starts("math.greatest(1, 2) == 2", syntax("1", "undeclared reference to 'math' (in container '')"));
        check("1", Wanted::TextOrNull, "must evaluate to one of [string null_type] but got int");
        check(
            "params.x == 1",
            Wanted::Bool,
            "compilation failed: ERROR: <input>:1:1: undeclared reference to 'params' (in container '')\n | params.x == 1\n | ^",
        );
        let device = Names::of_device();
        let bound = "cel.bind(own, device.attributes['a.io'], own.size == 3 && own.kind == 'x')";
        assert_eq!((device.refusal(bound, Wanted::MaybeBool), device.is_too_costly(bound)), (None, false));
        let all = |inside: &str| format!("device.attributes.all(a, device.attributes.all(b, {inside}))");
        assert!(!device.is_too_costly(&all("a == b")) && device.is_too_costly(&all(&all("a == b"))));
        let read = |text: &str| manifest::read(text).documents[0].value.clone();
        let names = Names::of_request(false, true).with_variables(&read("[{name: sum, expression: '1 + 1'}]"));
        assert_eq!(names.refusal("variables.sum == 2", Wanted::Bool), None);
        let told = names.refusal("variables.many == 2", Wanted::Bool).unwrap_or_default();
        assert!(told.contains("undefined field 'many'"), "{told}");
    }
}
