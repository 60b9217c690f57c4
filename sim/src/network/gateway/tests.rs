//! Filters and names, each on its own; the whole way is walked in tests/transcripts/network/gateway.txt.

use super::{covers, filters};
use crate::shell::HttpRequest;

fn yaml(text: &str) -> crate::value::Value {
    crate::manifest::read(text).documents[0].value.clone()
}

#[test]
fn a_star_stands_for_any_number_of_labels_but_none() {
    for (pattern, host, expect) in [
        ("", "a.example.com", true),
        ("a.example.com", "a.example.com", true),
        ("*.example.com", "a.example.com", true),
        ("*.example.com", "a.b.example.com", true),
        ("*.example.com", "example.com", false),
        ("*.com", "*.example.com", true),
    ] {
        assert_eq!(covers(pattern, host), expect, "{pattern} {host}");
    }
}

#[test]
fn paths_are_replaced_whole_or_by_their_prefix() {
    let check = |filter: &str, path: &str, prefix: &str, expect: &str| {
        assert_eq!(filters::with_path(path, &yaml(filter), prefix), expect, "{filter} of {path}");
    };
    check("{type: ReplacePrefixMatch, replacePrefixMatch: /bar}", "/foo/x?q=1", "/foo", "/bar/x?q=1");
    check("{type: ReplacePrefixMatch, replacePrefixMatch: /bar}", "/foo", "/foo/", "/bar");
    check("{type: ReplacePrefixMatch, replacePrefixMatch: /}", "/foo", "/foo", "/");
    check("{type: ReplacePrefixMatch, replacePrefixMatch: /bar}", "/x", "/", "/bar/x");
    check("{type: ReplaceFullPath, replaceFullPath: /all}", "/foo/x?q=1", "/foo", "/all?q=1");
    check("{}", "/foo", "/foo", "/foo");
}

#[test]
fn headers_are_set_added_and_removed() {
    let mut request = HttpRequest::default();
    let own = [("Host", "a"), ("X-One", "1"), ("x-one", "2"), ("X-Two", "2")];
    request.headers = own.map(|(name, value)| (name.to_string(), value.to_string())).to_vec();
    let filter = "{set: [{name: x-one, value: new}, {name: X-Four, value: '4'}], add: [{name: X-Two, value: again}], remove: [x-none]}";
    filters::modify(&mut request.headers, &yaml(filter));
    let shown: Vec<String> = request.headers.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(shown.join(" "), "Host=a X-One=new X-Two=2 X-Four=4 X-Two=again");
    filters::modify(&mut request.headers, &yaml("{remove: [x-two]}"));
    assert_eq!(request.headers.len(), 3);
}
