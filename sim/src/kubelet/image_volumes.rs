//! Kubernetes 1.36: pkg/kubelet/kuberuntime/kuberuntime_manager.go (getImageVolumes)
//!
//! Volumes that show what an image holds, to be read only. The real kubelet pulls all of a Pod's before its first container; here
//! each is pulled before the first container that mounts it. Not simulated: artifacts that are no images.

use super::images::Image;
use super::pod_worker::Turn;
use crate::api::pod::Container;
use crate::machine::images;
use std::rc::Rc;

impl Turn<'_> {
    /// Looks for the images that a container mounts, and begins to pull the first that is missing.
    pub(super) fn find_mounted_images(&mut self, container: &Container) -> Image {
        while let Some((volume, wish)) = self.unmounted_image(container) {
            match self.find_image(&wish) {
                Image::Present => self.mount_image(volume, &wish),
                other => return self.blame(container, other),
            }
        }
        Image::Present
    }

    /// The pull of an image that a container mounts has come to its end; goes on with the next.
    pub(super) fn pulled_mounted_image(&mut self, container: &Container) -> Image {
        let Some((volume, wish)) = self.unmounted_image(container) else { return Image::Present };
        let full = images::full_name(&wish.image).expect("checked before the pull");
        let took = images::pull_time(&full, self.machine.preloaded, self.cluster.dice);
        match self.pulled(&wish, took) {
            Image::Present => {
                self.mount_image(volume, &wish);
                self.find_mounted_images(container)
            }
            other => self.blame(container, other),
        }
    }

    /// The first volume that a container mounts and whose image is not there yet, and the wish for that image.
    fn unmounted_image(&self, container: &Container) -> Option<(Rc<str>, Container)> {
        let there = |name: &Rc<str>| self.sandbox().is_some_and(|sandbox| sandbox.volumes.contains_key(name));
        let mut volumes = container.volume_mounts.iter().filter(|mount| !there(&mount.name));
        volumes.find_map(|mount| {
            let volume = self.spec.volumes.iter().find(|volume| volume.name == mount.name)?;
            let source = volume.image.as_ref()?;
            let (image, image_pull_policy) = (source.reference.clone(), source.pull_policy.clone());
            Some((volume.name.clone(), Container { image, image_pull_policy, ..Default::default() }))
        })
    }

    fn mount_image(&mut self, volume: Rc<str>, wish: &Container) {
        let full = images::full_name(&wish.image).expect("it is there");
        if let Some(sandbox) = self.sandbox_mut() {
            sandbox.volumes.insert(volume, images::files(&full));
        }
    }

    /// What is wrong with an image that it mounts keeps a container from starting.
    fn blame(&mut self, container: &Container, answer: Image) -> Image {
        if let Some(trouble) = self.worker.troubles.remove("") {
            self.worker.troubles.insert(container.name.clone(), trouble);
        }
        answer
    }
}
