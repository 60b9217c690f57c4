//! EndpointSlices: which addresses stand behind a Service.

use crate::api::shared::OrNull;
use crate::noun;
use crate::value::Value;
use std::rc::Rc;

noun! {
    pub struct EndpointSlice {
        address_type: Rc<str> = "addressType" always;
        endpoints: OrNull<Rc<Endpoint>> = "endpoints" always;
        ports: OrNull<EndpointPort> = "ports" always;
    }
    pub struct Endpoint {
        addresses: Vec<Rc<str>> = "addresses" always;
        conditions: EndpointConditions = "conditions" always;
        deprecated_topology: Value = "deprecatedTopology";
        hints: Option<EndpointHints> = "hints";
        hostname: Option<Rc<str>> = "hostname";
        node_name: Option<Rc<str>> = "nodeName";
        target: Option<Reference> = "targetRef";
        zone: Option<Rc<str>> = "zone";
    }
    pub struct EndpointConditions {
        ready: Option<bool> = "ready";
        serving: Option<bool> = "serving";
        terminating: Option<bool> = "terminating";
    }
    /// For whom an endpoint is.
    pub struct EndpointHints {
        for_nodes: Vec<Hint> = "forNodes";
        for_zones: Vec<Hint> = "forZones";
    }
    /// A node or a zone.
    pub struct Hint {
        name: Rc<str> = "name" always;
    }
    pub struct EndpointPort {
        app_protocol: Option<Rc<str>> = "appProtocol";
        name: Option<Rc<str>> = "name" always;
        port: Option<i64> = "port";
        protocol: Option<Rc<str>> = "protocol";
    }
    /// A reference to another object.
    pub struct Reference {
        api_version: Rc<str> = "apiVersion";
        field_path: Rc<str> = "fieldPath";
        kind: Rc<str> = "kind";
        name: Rc<str> = "name";
        namespace: Rc<str> = "namespace";
        resource_version: Rc<str> = "resourceVersion";
        uid: Rc<str> = "uid";
    }
}
