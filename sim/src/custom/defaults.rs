//! Kubernetes 1.36: apiextensions-apiserver/pkg/apiserver/schema/defaulting/algorithm.go

use super::of_field;
use crate::value::Value;

/// Sets what was left out and has a default, from the outside in.
pub fn apply(value: &mut Value, schema: &Value) {
    match value {
        Value::Map(_) => {
            for (key, property) in schema.get("properties").as_map().into_iter().flat_map(|m| m.iter()) {
                let default = property.get("default");
                let nullable = property.get("nullable").as_bool() == Some(true);
                let present = value.as_map().and_then(|m| m.get(key));
                if !default.is_null() && present.is_none_or(|v| v.is_null() && !nullable) {
                    value.set(key, default.clone());
                }
            }
            for (key, value) in value.map_mut().iter_mut() {
                if let Some(inner) = of_field(schema, key) {
                    apply(value, inner);
                }
            }
        }
        Value::List(_) if !schema.get("items").is_null() => {
            value.list_mut().iter_mut().for_each(|item| apply(item, schema.get("items")));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{read, write};

    #[test]
    fn defaults_are_set_from_the_outside_in() {
        let parse = |text: &str| read(text).documents[0].value.clone();
        let schema = parse(
            "properties:
  spec:
    default: {}
    properties:
      replicas: {default: 1}
      maybe: {default: x, nullable: true}
      list: {items: {properties: {port: {default: 80}}}}",
        );
        let check = |object: &str, expect: &str| {
            let mut value = parse(object);
            apply(&mut value, &schema);
            assert_eq!(write::json(&value, 0), expect);
        };
        check("{}", r#"{"spec":{"maybe":"x","replicas":1}}"#);
        check("spec: {replicas: null, maybe: null}", r#"{"spec":{"maybe":null,"replicas":1}}"#);
        check("spec: {replicas: 2, list: [{}]}", r#"{"spec":{"list":[{"port":80}],"maybe":"x","replicas":2}}"#);
    }
}
