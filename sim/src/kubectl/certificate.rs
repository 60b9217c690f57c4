//! `kubectl certificate approve` and `deny`. Nobody signs: what is approved stays without a certificate.
//!
//! Kubernetes 1.36: staging/src/k8s.io/kubectl/pkg/cmd/certificates

use super::{Answer, Context, Fault, OK, files, get};
use crate::api::object::Key;
use crate::api::{Field, Kind};
use crate::apiserver::{Part, Verb};
use crate::value::Value;

pub fn run(context: &mut Context, what: &str) -> Answer {
    let kind = Kind::CertificateSigningRequest;
    if context.args.words.is_empty() && !context.args.has_files() {
        return Err(Fault::text("one or more CSRs must be specified as <name> or -f <filename>"));
    }
    let mut found: Vec<Result<String, Fault>> = vec![];
    for info in if context.args.has_files() { files::infos(context)? } else { vec![] } {
        found.push(info.and_then(|info| match info.kind == kind {
            true => Ok(info.key.name.to_string()),
            false => Err(Fault::text(format!(
                "can only handle CertificateSigningRequest.certificates.k8s.io objects, got {}",
                [info.kind.name(), info.kind.group()].join(".").trim_end_matches('.')
            ))),
        }));
    }
    found.extend(context.args.words.clone().into_iter().map(Ok));
    let mut faults = vec![];
    for name in found {
        faults.extend(name.and_then(|name| decide(context, what, &name)).err());
    }
    Fault::all(faults)?;
    OK
}

/// Notes the decision in the request, unless it is there.
fn decide(context: &mut Context, what: &str, name: &str) -> Result<(), Fault> {
    let kind = Kind::CertificateSigningRequest;
    let mut object = get::shown(&*context.find(kind, name)?);
    let (own, other, reason, done) = match what {
        "approve" => ("Approved", "Denied", "KubectlApprove", "approved"),
        _ => ("Denied", "Approved", "KubectlDeny", "denied"),
    };
    let conditions = object.at(&["status", "conditions"]).items();
    let has = |wanted: &str| conditions.iter().any(|c| c.get("type").as_str() == Some(wanted));
    if has(other) {
        return Err(Fault::text(format!("certificate signing request {name:?} is already {other}")));
    }
    if !has(own) {
        let now = context.cluster.stamp().write();
        let condition = Value::map([
            ("lastTransitionTime", now.clone()),
            ("lastUpdateTime", now),
            ("message", Value::from(format!("This CSR was {done} by kubectl certificate {what}."))),
            ("reason", reason.into()),
            ("status", "True".into()),
            ("type", own.into()),
        ]);
        object.at_mut(&["status", "conditions"]).list_mut().push(condition);
        let key = Key::new("", name.to_string());
        object = get::shown(&*context.request(kind, key, Verb::Replace(object, Part::Other("approval")))?);
    }
    context.done(&object, kind, done)
}
