use super::*;

fn values(text: &str) -> Vec<String> {
    read(text).documents.iter().map(|d| write::json(&d.value, 0)).collect()
}

fn check(text: &str, json: &str) {
    let reading = read(text);
    assert_eq!(reading.error(), None, "{text}");
    assert_eq!(values(text).join("\n"), json, "{text}");
}

fn check_error(text: &str, expect: &str) {
    let error = read(text).error().cloned().unwrap_or_else(|| panic!("{text} was read"));
    assert_eq!(error.text.strip_prefix("error converting YAML to JSON: ").unwrap_or(&error.text), expect, "{text}");
}

#[test]
fn reads_collections() {
    check(
        "a: 1\nb:\n- x\n- w: 2\n  z: [1, two, {k: v}]\nc: {}\n",
        r#"{"a":1,"b":["x",{"w":2,"z":[1,"two",{"k":"v"}]}],"c":{}}"#,
    );
    check("- - a\n  - b\n-\n- c:\n", r#"[["a","b"],null,{"c":null}]"#);
    check("? a\n: b\n? c\n", r#"{"a":"b","c":null}"#);
    check("[a: 1, b]", r#"[{"a":1},"b"]"#);
    check("1: a\ntrue: b\n", r#"{"1":"a","true":"b"}"#);
    check("key: !!str 12\nother: !custom x\n", r#"{"key":"12","other":"x"}"#);
}

#[test]
fn reads_scalars_over_lines() {
    check("a: one\n  two\n\n  three\n", r#"{"a":"one two\nthree"}"#);
    check("a: |\n  x\n    y\n\n  z\n\n", r#"{"a":"x\n  y\n\nz\n"}"#);
    check("a: |-\n  x\nb: |+\n  y\n\n", r#"{"a":"x","b":"y\n\n"}"#);
    check("a: >\n  x\n  y\n\n  z\n   more\n  end\n", r#"{"a":"x y\nz\n more\nend\n"}"#);
    check("a: |2\n    x\n", r#"{"a":"  x\n"}"#);
    check("a: 'it''s\n  two'\n", r#"{"a":"it's two"}"#);
    check("a: \"t\\tu\\u0041 \\\n  end\"\n", r#"{"a":"t\tuA end"}"#);
    check("a: |\n  last", r#"{"a":"last\n"}"#);
    check("a: http://x:80/#b # comment\n", r#"{"a":"http://x:80/#b"}"#);
}

#[test]
fn reads_anchors_and_merges() {
    check("a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3\n", r#"{"a":{"p":1,"q":2},"b":{"p":1,"q":3}}"#);
    check("a: &x 1\nb: *x\n", r#"{"a":1,"b":1}"#);
    check_error("a: *x\n", "yaml: unknown anchor 'x' referenced");
    check_error("a: &x [*x]\n", "yaml: anchor 'x' value contains itself");
    check_error("<<: 3\n", "yaml: map merge requires map or sequence of maps as the value");
}

#[test]
fn splits_documents_as_kubectl_does() {
    assert_eq!(values("---\na: 1\n---\n# only a comment\n---\nb: 2\n--- # c\n"), [r#"{"a":1}"#, r#"{"b":2}"#]);
    assert_eq!(values("{\"a\":1}\n{\"b\":2}"), [r#"{"a":1}"#, r#"{"b":2}"#]);
    assert!(values("").is_empty());
    check_error("a: 1\n--- x\n", "invalid Yaml document separator: x");
    check_error("{% if %}", "json: offset 2: invalid character '%' looking for beginning of object key string");
    check_error("{\"a\": [", "unexpected EOF");
}

#[test]
fn says_what_is_wrong_as_kubectl_does() {
    check_error("a: b\nc: d: e\n", "yaml: line 2: mapping values are not allowed in this context");
    check_error("a:\n  b: 1\n c: 2\n", "yaml: line 2: did not find expected key");
    check_error("a: 1\nb\nc: 2\n", "yaml: line 3: could not find expected ':'");
    check_error("a: \"x\nb: 1\n", "yaml: line 3: found unexpected end of stream");
    check_error("\ta: 1\n", "yaml: found character that cannot start any token");
    check_error("a:\n\tb: 1\n", "yaml: line 2: found character that cannot start any token");
    check_error("a: b\n\tc\n", "yaml: line 2: found a tab character that violates indentation");
    check_error("a:\nb: {x: 1\nc: 2\n", "yaml: line 2: did not find expected ',' or '}'");
    check_error("a: [1, 2\nb: 1\n", "yaml: line 1: did not find expected ',' or ']'");
    check_error(
        "a: {{ .Values.x }}\n",
        "yaml: invalid map key: map[interface {}]interface {}{\".Values.x\":interface {}(nil)}",
    );
    check_error("a: @x\n", "yaml: found character that cannot start any token");
    check_error("a: &\n", "yaml: did not find expected alphabetic or numeric character");
    check_error("a: \"\\q\"\n", "yaml: found unknown escape character");
    check_error("a: \u{1}\n", "yaml: control characters are not allowed");
}

#[test]
fn warns_of_keys_that_are_there_twice() {
    let reading = read("a: 1\nb:\n  x: 1\n  x: 2\n");
    assert_eq!(values("a: 1\na: 2\n"), [r#"{"a":2}"#]);
    let [problem] = &reading.problems[..] else { panic!("{:?}", reading.problems) };
    assert_eq!((problem.severity, problem.span.start.line, problem.span.start.column), (Severity::Warning, 3, 2));
}

#[test]
fn finds_paths_in_the_text() {
    let text = "# c\n---\nspec:\n  containers:\n  - name: a\n    image: nginx\n  labels:\n    app.io/name: x\n";
    let reading = read(text);
    let at = |path: &str| {
        let span = reading.documents[0].find(path);
        (span.start.line + 1, span.start.column + 1, &text[span.start.offset as usize..span.end.offset as usize])
    };
    assert_eq!(at("spec.containers[0].image"), (6, 5, "image"));
    assert_eq!(at("spec.labels.app.io/name"), (8, 5, "app.io/name"));
    assert_eq!(at("spec.labels[app.io/name]"), (8, 5, "app.io/name"));
    assert_eq!(at("spec.containers[0].ports[1]").0, 5);
    assert_eq!(at("metadata.name").0, 3);
}

#[test]
fn refuses_what_is_too_much_and_quickly() {
    check_error(&"[".repeat(400_000), "yaml: exceeded max depth of 200");
    check_error(&"- ".repeat(400_000), "yaml: exceeded max depth of 200");
    check_error(&"a".repeat(MAX_BYTES + 1), "Request entity too large: limit is 3145728");
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for i in 1..30 {
        let items = vec![format!("*a{}", i - 1); 9].join(", ");
        bomb.push_str(&format!("a{i}: &a{i} [{items}]\n"));
    }
    check_error(&bomb, "yaml: document contains excessive aliasing");
    check_error(&"- x\n".repeat(600_000), "yaml: more than 500000 values");
    let many: String = (0..100_000).rev().map(|i| format!("k{i}: v\n")).collect();
    assert!(read(&many).error().is_none());
}

#[test]
fn writes_as_kubectl_prints() {
    let cases = [
        (r#"{"b":[{"n":1,"m":{}},["x"],[]],"a":null}"#, "a: null\nb:\n- m: {}\n  \"n\": 1\n- - x\n- []\n"),
        (
            r#"{"a":"12","b":"yes","c":"","d":"x: y","e":"2026-11-23T19:46:19Z","f":"- x","g":"it's","h":"'q'"}"#,
            "a: \"12\"\nb: \"yes\"\nc: \"\"\nd: 'x: y'\ne: \"2026-11-23T19:46:19Z\"\nf: '- x'\ng: it's\nh: '''q'''\n",
        ),
        (
            r#"{"a":"x\ny\n","b":"x\ny","c":"x\n\n","d":" x\n","e":"x \ny","f":"a\tb\n"}"#,
            "a: |\n  x\n  y\nb: |-\n  x\n  y\nc: |+\n  x\n\nd: |2\n   x\ne: \"x \\ny\"\nf: \"a\\tb\\n\"\n",
        ),
        (r#"{"k10":1,"k9":2,"k-x":3,"kX":4}"#, "k-x: 3\nk9: 2\nk10: 1\nkX: 4\n"),
        (r#"["a: b"]"#, "- 'a: b'\n"),
        ("\"x\"", "x\n"),
        ("{}", "{}\n"),
        (r#"{"t":"1:30","v":"1.2.3","n":"1e3","o":"0o7"}"#, "\"n\": \"1e3\"\no: \"0o7\"\nt: \"1:30\"\nv: 1.2.3\n"),
    ];
    for (json, expect) in cases {
        assert_eq!(write::yaml(&json::parse(json).unwrap()), expect);
    }
    let long = format!("m: '0/3: {} end'\n", "word ".repeat(20).trim_end());
    let printed = write::yaml(&read(&long).documents[0].value);
    assert_eq!(printed.lines().count(), 2);
    assert!(printed.lines().nth(1).unwrap().starts_with("  w"));
    assert_eq!(
        write::json(&json::parse(r#"{"a":[1],"b":"<&>"}"#).unwrap(), 4),
        "{\n    \"a\": [\n        1\n    ],\n    \"b\": \"\\u003c\\u0026\\u003e\"\n}"
    );
}

#[test]
fn a_text_is_read_document_by_document() {
    let text = "a: 1\n---\n# nothing\n---\nb: 2\n---\nc: [";
    let (mut next, mut read) = (Some(Place::default()), Vec::new());
    while let Some(place) = next {
        let (reading, after) = read_from(text, place);
        let said = reading.documents.iter().map(|d| (d.start.line, write::json(&d.value, 0)));
        read.push((said.collect::<Vec<_>>(), reading.error().map(|e| e.span.start.line)));
        next = after;
    }
    let document = |line, json: &str| (vec![(line, json.to_string())], None);
    let (first, third) = (document(0, r#"{"a":1}"#), document(4, r#"{"b":2}"#));
    assert_eq!(read[..3], [first, (vec![], None), third]);
    assert!(read[3].1.is_some_and(|line| line >= 6), "{:?}", read[3]);
    assert_eq!(read.len(), 4);
}
