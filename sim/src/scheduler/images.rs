//! Which nodes have which images, as they report it.
//!
//! Kubernetes 1.36: pkg/scheduler/backend/cache/cache.go (addNodeImageStates)

use super::kin::Seat;
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// An image that some nodes have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// As the first of them reported it.
    pub bytes: i64,
    pub nodes: BTreeSet<Seat>,
}

/// The images by each of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Images(Rc<BTreeMap<Rc<str>, Rc<Image>>>);

impl Images {
    pub fn get(&self, name: &str) -> Option<&Image> {
        self.0.get(name).map(|image| &**image)
    }

    /// A node reports other images than before; one that goes has none.
    pub fn put(&mut self, seat: Seat, old: &Value, new: &Value) {
        if old != new {
            self.change(seat, old, new);
        }
    }
    /// Not needed to open the page.
    #[inline(never)]
    fn change(&mut self, seat: Seat, old: &Value, new: &Value) {
        let images = Rc::make_mut(&mut self.0);
        for (name, _) in names(old) {
            if let Some(image) = images.get_mut(name) {
                Rc::make_mut(image).nodes.remove(&seat);
                if image.nodes.is_empty() {
                    images.remove(name);
                }
            }
        }
        for (name, bytes) in names(new) {
            let image = images.entry(name.into()).or_insert_with(|| Rc::new(Image { bytes, ..Image::default() }));
            Rc::make_mut(image).nodes.insert(seat);
        }
    }
}

/// The names in a node's `status.images`, each with the image's bytes.
fn names(images: &Value) -> impl Iterator<Item = (&str, i64)> {
    images.items().iter().flat_map(|image| {
        let bytes = image.get("sizeBytes").as_int().unwrap_or(0);
        image.get("names").items().iter().filter_map(move |name| Some((name.as_str()?, bytes)))
    })
}
