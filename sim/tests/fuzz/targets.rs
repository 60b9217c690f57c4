//! Everything that reads what users type, and what must be true of it.

use super::{Target, fuzz};
use kubarium_sim::api::field::Texts;
use kubarium_sim::api::{Kind, Quantity};
use kubarium_sim::apiserver::selection::{Fields, Labels};
use kubarium_sim::apiserver::{Patch, patch, strategic};
use kubarium_sim::clock::Span;
use kubarium_sim::command::Command;
use kubarium_sim::custom::cel;
use kubarium_sim::history::History;
use kubarium_sim::kubectl::complete::complete;
use kubarium_sim::kubectl::{jsonpath, template};
use kubarium_sim::kustomize;
use kubarium_sim::manifest::{self, write};
use kubarium_sim::schema::{Strictness, body};
use kubarium_sim::setup::Setup;
use kubarium_sim::shell::{parse, pattern, regex};
use kubarium_sim::terminal::Folder;
use kubarium_sim::value::Value;

macro_rules! targets {
    ($($(#[$about:meta])* $name:ident: $words:expr, $read:expr;)*) => {
        $($(#[$about])*
        #[test]
        fn $name() {
            static TARGET: Target = Target { name: stringify!($name), words: $words, read: $read };
            fuzz(&TARGET);
        })*
    };
}

targets! {
    /// What is read is written so that it reads the same, and every complaint has a place in the text.
    manifest: &[
        "apiVersion: v1\n", "kind: ", "metadata:\n  ", "spec:\n  ", "- ", ": ", "\n---\n", "{", "}", "[", "]", "&a ", "*a", "<<: ",
        "|\n ", ">-\n ", "? ", "! ", "!!str ", "%YAML 1.1\n", "# ", "'", "\"", "\\u0041", "\t", "null", "yes", "0x1F", "1_000", "Pod",
    ], manifests;
    /// A merge patch put on twice changes nothing more, and no patch takes the server down.
    patch: &[
        "\n---\n", "$patch: delete", "$patch: replace", "$retainKeys", "$setElementOrder/containers", "$deleteFromPrimitiveList/finalizers",
        "{\"op\": \"add\", \"path\": \"/spec/-\", \"value\": {}}", "{\"op\": \"move\", \"from\": \"/spec\", \"path\": \"/spec/a\"}", "/-", "~0", "~1", "null",
        "name: ", "containers:\n", "finalizers: [a]", "[", "]", "{", "}", ": ", "- ",
    ], patches;
    /// What is printed of an amount reads as the same amount.
    quantity: &["1", "0", ".", "m", "k", "Ki", "Mi", "Ei", "E", "e", "e-", "e18", "-", "+", "n", "u", " ", "999999999999999999"], quantities;
    /// A selector behind another picks only what both do.
    selector: &["=", "==", "!=", ",", "!", " in (", " notin (", ")", "(", "a", "app.kubernetes.io/name", ">", "<", "\\", " "], selectors;
    /// Paths of JSONPath on an object, as `-o jsonpath`, `--sort-by` and columns take them.
    jsonpath: &[
        "{", "}", ".", "..", "*", "[*]", "[0]", "[-1:]", "[::2]", "[?(@.name==\"a\")]", "['a','b']", "{range .items[*]}", "{end}", "{\"\\n\"}", "$", "@",
        "spec", "items", "name", "&&", "\\.", "==", "!=", ">", "\"",
    ], paths;
    /// Go templates on an object.
    template: &[
        "{{", "}}", "{{if .}}", "{{else}}", "{{end}}", "{{range .items}}", "{{with .spec}}", "{{- ", " -}}", "$x := ", "printf \"%v\" ", "index ", "len ", "|",
        ".spec", "\"", "`", "(", ")", "eq ", "and ", "or ", "not ", "base64decode",
    ], templates;
    /// Scripts for the shell's parser.
    shell: &[
        "if ", "; then ", "else ", "; fi", "while ", "; do ", "; done", "case x in ", ";; ", " esac", "for i in ", "$(", ")", "`", "${", "}", "$((", "))", "<<E\n", "\nE\n",
        "{ ", "; }", "(", "&&", "||", "|", "&", ">", "2>&1", "'", "\"", "\\", "f() ", "#", "\n", "[[ ", " ]]", "!", "function ", "$@", "echo ", "${x:-", "${x%%",
    ], scripts;
    /// Regular expressions and patterns, each against a text.
    regex: &["(", ")", "[", "]", "[^", "[:alpha:]", "*", "+", "?", "{1,9}", "{", "}", "|", "^", "$", "\\", "\\1", ".", "a", "\n"], expressions;
    /// Rules in CEL, read by a schema and put to an object.
    cel: &[
        "self", "oldSelf", ".low", ".name", ".tags", ".limits", "[0]", "['a']", " == ", " != ", " < ", " + ", " - ", " * ", " / ", " % ", " && ", " || ", " ? ", " : ", " in ", "!", "-",
        "(", ")", "[", "]", "{", "}", ",", "'", "\"", "r'", "b'", "\\x41", "1", "9223372036854775807", "1u", "1.5", "1e300", "true", "null", "has(self.low)", ".all(x, ", ".exists(k, v, ",
        ".map(x, x)", ".filter(x, ", ".size()", ".matches('a+')", ".split(',')", ".replace('a', 'b')", ".substring(1)", ".format([1])", "duration('1h')", "timestamp('2026-11-29T00:00:00Z')",
        "quantity('1Gi')", "url('http://a/b')", "ip('::1')", "cidr('10.0.0.0/8')", "optional.of(1)", ".orValue(2)", ".?a", "lists.range(9)", ".flatten()", "cel.bind(x, ", "string(", "int(", "type(",
    ], rules;
    /// A kustomization beside files that stay as they are. What it is built into can be read, and is built the same again.
    kustomize: &[
        "resources: [all.yaml]\n", "- ", ": ", "\n", "name", "path", "patch: |-\n", "target: ", "kind: Deployment", "namePrefix: ", "namespace: ", "labels:\n", "pairs: {a: b}",
        "images:\n", "newTag", "replicas:\n", "count: 9", "configMapGenerator:\n", "literals: [a=b]", "behavior: replace", "$patch: replace", "op: add", "/spec/", "base", "..",
        "[", "]", "{", "}", "(", "*", "|", "null", "options: ", "fieldPaths: [a.b]", "/", ".",
    ], kustomizations;
    /// Command lines in a terminal beside a small cluster.
    kubectl: &[
        "kubectl ", "get ", "describe ", "create ", "apply ", "patch ", "delete ", "set ", "rollout ", "run ", "expose ", "explain ", "pods ", "deploy/web ", "svc ", "cm ",
        "nodes ", "-o ", "yaml ", "wide ", "jsonpath={.items} ", "-n ", "-A ", "-l ", "app=web ", "-f ", "- ", "--all ", "--dry-run=client ", "--image=nginx ", "-- ", "-p ",
        "'{\"spec\":{}}' ", "--sort-by=", ".metadata.name ", "--field-selector=", "--for=", "| ", "&& ", "--type=json ", "= ", "/", ",", "--help ", "-w ", "logs ", "exec ",
    ], lines;
}

/// The first words of an error, without what depends on the text.
fn kind_of(error: &str) -> String {
    error.chars().filter(|c| !c.is_ascii_digit()).take(24).collect()
}

/// What is written as YAML is read as the same.
fn reads_the_same(value: &Value) {
    let text = write::yaml(value);
    // kubectl ends the last line of what it reads, unless it has ended: a text that ends in U+2028 gets longer by that.
    if text.ends_with('\n') {
        assert_eq!(manifest::read(&text).documents.first().map(|d| &d.value), Some(value), "{text:?}");
    }
}

fn manifests(text: &str) -> String {
    let reading = manifest::read(text);
    let within = |offset: u32| offset as usize <= text.len() + 1;
    for problem in &reading.problems {
        assert!(within(problem.span.start.offset) && within(problem.span.end.offset), "{problem:?} is in the text");
    }
    for document in &reading.documents {
        reads_the_same(&document.value);
        let again = manifest::read(&write::json(&document.value, 0));
        let json = again.documents.first().map(|d| &d.value);
        assert!(json == Some(&document.value) || document.value.as_map().is_none(), "the same as JSON: {json:?}");
    }
    let objects = manifest::objects::objects(&reading, "a.yaml", &[]);
    let mut outcome = reading.problems.first().map_or(String::new(), |problem| kind_of(&problem.text));
    for object in &objects {
        outcome += &match object {
            Ok(object) => body(object.kind, &object.value, Strictness::Strict)
                .map_or_else(|status| kind_of(&status.message), |_| "fits".into()),
            Err(refusal) => kind_of(&refusal.text),
        };
    }
    outcome
}

fn patches(text: &str) -> String {
    let mut documents = manifest::read(text).documents.into_iter().map(|document| document.value);
    let (object, change, last) = (
        documents.next().unwrap_or_default(),
        documents.next().unwrap_or_default(),
        documents.next().unwrap_or_default(),
    );
    let kind = object.get("kind").as_str().and_then(Kind::named).unwrap_or(Kind::Deployment);
    let merged = patch::merge(&object, &change);
    assert_eq!(patch::merge(&merged, &change), merged, "a merge patch put on twice");
    let mut outcome = String::new();
    for patch in [Patch::Json(change.clone()), Patch::Strategic(change.clone())] {
        outcome += &match patch::apply(kind, &object, &patch) {
            Ok(after) => after.json_type().into(),
            Err(status) => kind_of(&status.message),
        };
    }
    let three = strategic::three_way(kind, &last, &change, &object);
    let after = strategic::merge(kind, &object, &three);
    outcome + &after.map_or_else(|status| kind_of(&status.message), |after| (after == object).to_string())
}

fn quantities(text: &str) -> String {
    let Some(amount) = Quantity::parse(text) else { return "none".into() };
    let printed = amount.to_string();
    let again = Quantity::parse(&printed);
    assert_eq!(again.map(|a| a.milli), Some(amount.milli), "{text} is printed as {printed}");
    assert_eq!(again.map(|a| a.to_string()), Some(printed.clone()), "{printed} is canonical");
    assert!(amount.minus(amount).is_zero() && amount.plus(Quantity::ZERO).milli == amount.milli, "{printed}");
    printed.chars().filter(|c| !c.is_ascii_digit()).collect()
}

fn selectors(text: &str) -> String {
    let labels = Texts::from_iter([("app", "web"), ("tier", "3")]);
    let by_label = Labels::parse(text).map(|selector| {
        let picks = selector.matches(&labels);
        let behind = |first: &str| Labels::parse(&format!("{first},{text}")).map(|both| both.matches(&labels));
        assert_eq!(behind("app=web"), Ok(picks), "{text} behind what fits");
        assert_eq!(behind("app!=web"), Ok(false), "{text} behind what does not");
        picks
    });
    let by_field = Fields::parse(text).map(|selector| selector.unsupported(Kind::Pod).is_some());
    let told = |answer: Result<bool, String>| answer.map_or_else(|why| kind_of(&why), |yes| yes.to_string());
    told(by_label) + &told(by_field)
}

/// A list such as `kubectl get pods -o json` has.
fn sample() -> Value {
    const LIST: &str = "{apiVersion: v1, kind: List, items: [
        {kind: Pod, metadata: {name: a, labels: {app: web}}, spec: {containers: [{name: a, image: i, ports: [{containerPort: 80}]}]}},
        {kind: Pod, metadata: {name: b, annotations: {'x.y/z': '1'}}, status: {phase: Running, ready: true, count: 3}}]}";
    manifest::read(LIST).documents.remove(0).value
}

fn paths(text: &str) -> String {
    let object = sample();
    let filled = jsonpath::Template::parse(text).and_then(|template| {
        let _ = template.values(&object);
        template.fill(&object)
    });
    let relaxed = jsonpath::Template::relaxed(text).and_then(|template| template.values(&object));
    let told = filled.map_or_else(|why| kind_of(&why), |text| (text.len() % 7).to_string());
    told + &relaxed.map_or_else(|why| kind_of(&why), |values| values.len().min(9).to_string())
}

fn templates(text: &str) -> String {
    template::fill(text, &sample()).map_or_else(|why| kind_of(&why), |text| (text.len() % 7).to_string())
}

fn scripts(text: &str) -> String {
    let (list, wrong) = parse::parse(text);
    let commands: String = format!("{list:?}").chars().filter(char::is_ascii_uppercase).take(12).collect();
    commands + &wrong.map_or_else(String::new, |(error, _)| kind_of(&error.0))
}

fn rules(text: &str) -> String {
    const SCHEMA: &str = "{type: object, properties: {low: {type: integer}, name: {type: string}, half: {type: number},
        tags: {type: array, items: {type: string}}, limits: {type: object, additionalProperties: {type: string}},
        size: {x-kubernetes-int-or-string: true}}}";
    let mut schema = manifest::read(SCHEMA).documents.remove(0).value;
    let object = manifest::read("{low: 3, name: a-b, half: 0.5, tags: [a, b], limits: {a: b}, size: 1}")
        .documents
        .remove(0)
        .value;
    let rule = Value::map([("rule", text.into()), ("messageExpression", text.into())]);
    schema.set("x-kubernetes-validations", Value::list(vec![rule.clone()]));
    let compiled = cel::compile(&schema, true, &rule);
    let told = cel::check(&schema, &object, Some(&object));
    let wrong =
        told.wrong.first().map_or(String::new(), |cause| kind_of(cause.message.rsplit(": ").next().unwrap_or("")));
    let compiled = compiled.wrong.map_or(String::new(), |why| kind_of(why.splitn(4, ": ").last().unwrap_or("")));
    compiled + &wrong
}

fn expressions(text: &str) -> String {
    let (expression, subject) = text.split_once('\n').unwrap_or((text, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaab"));
    // Command lines are short; a pattern may still be made to look for very long.
    let (expression, subject) = (cut(expression, 200), cut(subject, 200));
    let told = |extended: bool| match regex::Regex::new(expression, extended, false) {
        Ok(regex) => regex.is_match(subject).to_string(),
        Err(why) => kind_of(why),
    };
    format!("{}{}{}", told(true), told(false), pattern::matches(expression, subject))
}

/// The beginning of a text, at most so many bytes of it.
fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..end]
}

const FILES: [(&str, &str); 4] = [
    (
        "all.yaml",
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, labels: {app: web}}, spec: {replicas: 1, template: {spec: {
            containers: [{name: web, image: 'nginx:1', env: [{name: A, value: 'b:c'}], envFrom: [{configMapRef: {name: settings}}]}],
            volumes: [{name: v, secret: {secretName: s}}]}}}}\n---\n
        {apiVersion: v1, kind: Service, metadata: {name: web}, spec: {type: NodePort, ports: [{port: 80}], selector: {app: web}}}\n---\n
        {apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: b}}",
    ),
    ("patch.yaml", "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {spec: {containers: [{name: x}]}}}}"),
    ("base/kustomization.yaml", "configMapGenerator: [{name: settings, literals: [B=2]}]"),
    ("env.txt", "X=1\n# none\nY\n"),
];

fn kustomizations(text: &str) -> String {
    let mut folder = Folder::default();
    for (name, content) in FILES.into_iter().chain([("kustomization.yaml", text)]) {
        folder.put(name, content);
    }
    let build = || kustomize::build(&folder, "/home/user", ".");
    let built = build();
    assert_eq!(built.objects, build().objects, "the same again");
    match built.objects {
        Err(why) => kind_of(why.rsplit(": ").next().unwrap_or(&why)),
        Ok(objects) => {
            for object in &objects {
                reads_the_same(object);
            }
            objects.iter().map(|o| o.at(&["metadata", "name"]).as_str().unwrap_or("").len().to_string()).collect()
        }
    }
}

fn lines(text: &str) -> String {
    let mut history = History::new(Setup::default().cluster());
    let completion = complete(history.cluster(), text);
    let begun = &text[completion.from..];
    assert!(completion.words.iter().all(|word| word.starts_with(begun)), "{begun:?} goes on in {:?}", completion.words);
    let web = "kubectl create deployment web --image=nginx --replicas=2; kubectl expose deployment web --port=80";
    for line in [web, cut(text, 2000)] {
        history.command(Command::Run { line: line.into() });
        history.seek(history.now() + Span::secs(3));
    }
    let sessions = history.cluster().sessions.values();
    sessions.last().map_or(String::new(), |session| kind_of(&session.text()))
}
