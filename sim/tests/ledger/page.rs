//! `docs/fidelity.md`: every kind and field of the API, and whether it is simulated.

use kubarium_sim::api::Kind;
use kubarium_sim::schema::{Type, ledger};
use std::fmt::Write;
use std::fs;
use std::path::Path;

const HEAD: &str = "# What is simulated, and what is not

Written from `sim/src/schema/simulated.txt` by `UPDATE_EXPECT=1 cargo test -p kubarium-sim --test ledger`; the page shows the same (*Find or do*: *What
is simulated*). Every kind and field of Kubernetes 1.36 is one of three:

- *simulated*: somebody acts upon it as in a real cluster (a controller, the scheduler, a kubelet, admission, the network, a container), or, in a status,
  writes it;
- *inert*: accepted. It is read strictly, defaulted, validated, kept and given back as by the real API server, and nothing comes of it;
- *unknown*: everything else. The API server refuses it: `unknown field`, `no matches for kind`.

How it is known: a test looks for each simulated field in the sources of those who act; another puts inert fields into objects of a living cluster
one at a time, and sees that nothing else becomes of it.

";

#[test]
fn the_page_about_fidelity_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/fidelity.md");
    let page = page();
    if std::env::var("UPDATE_EXPECT").is_ok_and(|v| v == "1") {
        fs::write(&path, &page).expect("it can be written");
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(there == page, "docs/fidelity.md is stale: UPDATE_EXPECT=1 cargo test -p kubarium-sim --test ledger");
}

const GATEWAY: &str = "Gateway API is the exception, where an implementation of it is present (`fault start gateway-controller`): of GatewayClass, \
    Gateway, HTTPRoute and ReferenceGrant all is simulated but, of a route, `timeouts`, `retry`, `sessionPersistence` and the \
    filters RequestMirror, CORS, ExternalAuth and ExtensionRef; of a Gateway, `infrastructure`, `tls` (its own and its \
    listeners', but for whether the Secret is there), `allowedListeners`, protocols other than HTTP and HTTPS. Its other kinds \
    are inert.";

fn page() -> String {
    let (acted, inert): (Vec<Kind>, Vec<Kind>) = Kind::ALL.iter().partition(|kind| ledger::is_simulated(**kind));
    let mut out = HEAD.to_string();
    let names = |kinds: &[Kind]| kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
    let _ = write!(out, "## Kinds\n\n**Simulated** ({}): {}.\n\n", acted.len(), names(&acted));
    let _ = write!(out, "**Inert** ({}): {}.\n\n", inert.len(), names(&inert));
    out += "Objects of kinds that a CustomResourceDefinition adds are checked by its schema, kept, and inert.\n\n";
    let _ = write!(out, "{GATEWAY}\n\n");
    out += "## Fields\n\nEach type stands at the kind where it is first met. What is below an inert field is inert too.\n\n";
    out += "| kind | type | simulated | inert |\n|---|---|---|---|\n";
    let mut told: Vec<Type> = vec![];
    for kind in acted {
        let root = Type::of_kind(kind).expect("a kind of every cluster has a type");
        rows(kind.name(), root, &mut told, &mut out);
    }
    out
}

/// A type that has not been told of, and those of its simulated fields.
fn rows(kind: &str, of: Type, told: &mut Vec<Type>, out: &mut String) {
    if told.contains(&of) {
        return;
    }
    told.push(of);
    let names = |wanted: bool| {
        let fields = of.fields().filter(|field| of.simulates(field.name) == wanted).map(|field| field.name);
        fields.collect::<Vec<_>>().join(", ")
    };
    let _ = writeln!(out, "| {kind} | {} | {} | {} |", of.name(), names(true), names(false));
    for field in of.fields().filter(|field| of.simulates(field.name)) {
        if let Some(element) = field.element() {
            rows("", element, told, out);
        }
    }
}
