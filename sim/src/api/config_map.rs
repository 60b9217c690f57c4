//! ConfigMaps and Secrets.

use crate::api::field::Texts;
use crate::noun;
use std::rc::Rc;

noun! {
    pub struct ConfigMap {
        /// Base64.
        binary_data: Texts = "binaryData";
        data: Texts = "data";
        immutable: Option<bool> = "immutable";
    }
    pub struct Secret {
        /// Base64.
        data: Texts = "data";
        immutable: Option<bool> = "immutable";
        kind: Rc<str> = "type";
    }
}
