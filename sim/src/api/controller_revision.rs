//! ControllerRevisions: the templates that a StatefulSet or DaemonSet had.

use crate::noun;
use crate::value::Value;

noun! {
    pub struct ControllerRevision {
        /// `{"spec": {"template": ...}}`, a patch that replaces the template.
        data: Value = "data";
        /// Counts up; the highest is the newest.
        revision: i64 = "revision" always;
    }
}
