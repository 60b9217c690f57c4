//! Events: what components say about objects.

use crate::api::endpoint_slice::Reference;
use crate::api::field::Stamp;
use crate::noun;
use crate::value::Value;
use std::rc::Rc;

noun! {
    pub struct Event {
        action: Rc<str> = "action";
        count: i64 = "count";
        /// Set by the scheduler only, whose events are of the newer kind.
        event_time: Value = "eventTime" always;
        first: Option<Stamp> = "firstTimestamp" always;
        about: Reference = "involvedObject" always;
        last: Option<Stamp> = "lastTimestamp" always;
        message: Rc<str> = "message";
        reason: Rc<str> = "reason";
        related: Option<Box<Reference>> = "related";
        reporting_component: Rc<str> = "reportingComponent" always;
        reporting_instance: Rc<str> = "reportingInstance" always;
        series: Value = "series";
        source: EventSource = "source" always;
        kind: Rc<str> = "type";
    }
    pub struct EventSource {
        component: Rc<str> = "component";
        host: Rc<str> = "host";
    }
}
