//! Label selectors, as objects hold them (`matchLabels`, `matchExpressions`).
//!
//! Kubernetes 1.36: staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/helpers.go. An empty selector matches all.

use crate::api::field::Texts;
use crate::noun;
use std::fmt;
use std::rc::Rc;

noun! {
    /// A label selector.
    pub struct LabelSelector {
        match_expressions: Vec<Requirement> = "matchExpressions";
        match_labels: Texts = "matchLabels";
    }
    /// One condition on a label.
    pub struct Requirement {
        key: Rc<str> = "key" always;
        /// `In`, `NotIn`, `Exists`, `DoesNotExist`; for nodes also `Gt`, `Lt`.
        operator: Rc<str> = "operator" always;
        values: Vec<Rc<str>> = "values";
    }
}

impl LabelSelector {
    pub fn is_empty(&self) -> bool {
        self.match_labels.is_empty() && self.match_expressions.is_empty()
    }
    pub fn matches(&self, labels: &Texts) -> bool {
        self.match_labels.within(labels) && self.match_expressions.iter().all(|r| r.matches(labels))
    }
}

impl Requirement {
    pub fn matches(&self, labels: &Texts) -> bool {
        let value = labels.get(&self.key);
        let listed = || value.is_some_and(|v| self.values.contains(v));
        let number = |text: Option<&Rc<str>>| text.and_then(|t| t.parse::<i64>().ok());
        match &*self.operator {
            "In" => listed(),
            "NotIn" => !listed(),
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            "Gt" => matches!((number(value), number(self.values.first())), (Some(a), Some(b)) if a > b),
            "Lt" => matches!((number(value), number(self.values.first())), (Some(a), Some(b)) if a < b),
            _ => false,
        }
    }
}

impl fmt::Display for LabelSelector {
    /// As kubectl prints it: `app=web,tier in (a,b)`; `<none>` if it is empty.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("<none>");
        }
        let labels = self.match_labels.iter().map(|(k, v)| (k.clone(), format!("{k}={v}")));
        let expressions = self.match_expressions.iter().map(|r| {
            let mut values: Vec<&str> = r.values.iter().map(|v| &**v).collect();
            values.sort_unstable();
            let text = match &*r.operator {
                "In" => format!("{} in ({})", r.key, values.join(",")),
                "NotIn" => format!("{} notin ({})", r.key, values.join(",")),
                "DoesNotExist" => format!("!{}", r.key),
                _ => r.key.to_string(),
            };
            (r.key.clone(), text)
        });
        let mut parts: Vec<_> = labels.chain(expressions).collect();
        parts.sort_by(|a, b| a.0.cmp(&b.0));
        f.write_str(&parts.into_iter().map(|(_, t)| t).collect::<Vec<_>>().join(","))
    }
}
