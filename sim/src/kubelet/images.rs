//! Whether an image is there, and how a missing one is pulled.
//!
//! Kubernetes 1.36: pkg/kubelet/images/image_manager.go, pkg/util/parsers. Not simulated: what pull secrets open, image verification,
//! parallel pulls' limits, garbage collection of images.

use super::pod_worker::Turn;
use super::restart;
use crate::api::Kind;
use crate::api::pod::Container;
use crate::clock::Span;
use crate::machine::agent::{BackOff, Failure};
use crate::machine::images;
use crate::plane::Registry;

/// After this the runtime gives a registry up that does not answer.
const NO_ANSWER: Span = Span::secs(30);

/// What became of the wish for an image.
pub(super) enum Image {
    /// It is there.
    Present,
    /// It is being pulled.
    Pulling,
    Refused,
}

impl Turn<'_> {
    /// Each sync looks for the Secrets that images are pulled with; without them it goes on all the same.
    /// Kubernetes 1.36: pkg/kubelet/kubelet_pods.go (getPullSecretsForPod)
    pub(super) fn look_for_pull_secrets(&mut self) {
        let (store, namespace) = (&self.cluster.store, &self.pod.meta.namespace);
        let secrets = self.spec.image_pull_secrets.items().iter().filter_map(|s| s.get("name").as_str());
        let absent = secrets.filter(|name| !name.is_empty() && store.find(Kind::Secret, namespace, name).is_none());
        let absent: Vec<&str> = absent.collect();
        if !absent.is_empty() {
            let text = format!(
                "Unable to retrieve some image pull secrets ({}); attempting to pull the image may not succeed.",
                absent.join(", ")
            );
            self.warn_pod("FailedToRetrieveImagePullSecret", text);
        }
    }

    /// Looks for a container's image; begins to pull it where that is wanted.
    pub(super) fn find_image(&mut self, container: &Container) -> Image {
        let (name, wanted) = (&container.name, &container.image);
        let full = match images::full_name(wanted) {
            Ok(full) => full,
            Err(why) => {
                let text = format!(
                    "Failed to apply default image tag \"{wanted}\": couldn't parse image name \"{wanted}\": invalid reference format{why}"
                );
                self.warn(name, "InspectFailed", text.clone());
                return self.no_image(container, "InvalidImageName", &text, Failure::Plain);
            }
        };
        let present = self.machine.has_image(&full) || self.machine.preloaded && images::exists(&full);
        let pulls = match &*container.image_pull_policy {
            "Always" => true,
            "Never" => false,
            _ => !present,
        };
        if present && !pulls {
            let text =
                format!("Container image \"{wanted}\" already present on machine and can be accessed by the pod");
            self.say(name, "Pulled", text);
            return Image::Present;
        }
        if !pulls {
            let text = format!("Container image \"{wanted}\" is not present with pull policy of Never");
            self.warn(name, "ErrImageNeverPull", text.clone());
            return self.no_image(container, "ErrImageNeverPull", &text, Failure::Plain);
        }
        let now = self.now();
        if let Some(b) = self.worker.pulls.get(wanted).copied().filter(|b| now.since(b.updated) < b.wait) {
            let cause = self.last_pull_error(wanted);
            let text = format!("Back-off pulling image \"{wanted}\"");
            self.say(name, "BackOff", text.clone());
            let message = format!("{text}: {cause}");
            return self.no_image(container, "ImagePullBackOff", &message, Failure::BackOff(b.updated + b.wait));
        }
        self.say(name, "Pulling", format!("Pulling image \"{wanted}\""));
        self.worker.until = Some(now + self.pull_time(&full));
        Image::Pulling
    }

    fn pull_time(&self, full: &str) -> Span {
        let usual = images::pull_time(full, self.machine.preloaded, self.cluster.dice);
        match self.cluster.plane.registry {
            Registry::Well => usual,
            Registry::Slow => Span(usual.0 * 10),
            Registry::Gone => NO_ANSWER,
        }
    }

    /// Why an image could not be pulled.
    fn pull_error(&self, full: &str) -> String {
        match self.cluster.plane.registry {
            Registry::Gone => images::no_answer(full),
            _ => images::pull_error(full),
        }
    }

    /// The pull has come to its end.
    pub(super) fn pulled(&mut self, container: &Container, took: Span) -> Image {
        let (name, wanted) = (&container.name, &container.image);
        let full = images::full_name(wanted).expect("checked before the pull");
        if images::exists(&full) && self.cluster.plane.registry != Registry::Gone {
            self.machine.add_image(&full);
            self.worker.pulls.remove(wanted);
            let (time, size) = (go_duration(took), images::size(&full));
            let text = format!(
                "Successfully pulled image \"{wanted}\" in {time} ({time} including waiting). Image size: {size} bytes."
            );
            self.say(name, "Pulled", text);
            return Image::Present;
        }
        let cause = self.pull_error(&full);
        self.warn(name, "Failed", format!("Failed to pull image \"{wanted}\": {cause}"));
        let now = self.now();
        let old = self.worker.pulls.get(wanted).copied();
        let new: BackOff = restart::next(old, now, now);
        self.worker.pulls.insert(wanted.clone(), new);
        self.no_image(container, "ErrImagePull", &cause, Failure::Plain)
    }

    fn last_pull_error(&self, wanted: &str) -> String {
        let full = images::full_name(wanted).expect("it was pulled before");
        format!("ErrImagePull: {}", self.pull_error(&full))
    }

    fn no_image(&mut self, container: &Container, reason: &str, message: &str, failure: Failure) -> Image {
        // Of a volume's image the container says nothing more.
        if !container.name.is_empty() {
            self.warn(&container.name, "Failed", format!("Error: {reason}"));
        }
        self.trouble(&container.name, reason, message, failure);
        Image::Refused
    }
}

/// A time as Go prints it: `829ms`, `5.035s`, `1m20s`.
pub(super) fn go_duration(span: Span) -> String {
    let (millis, seconds) = (span.0 % 1000, span.0 / 1000);
    if seconds == 0 {
        return if millis == 0 { "0s".into() } else { format!("{millis}ms") };
    }
    let fraction = format!("{millis:03}");
    let fraction = fraction.trim_end_matches('0');
    let dot = if fraction.is_empty() { "" } else { "." };
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest}{dot}{fraction}s"),
        (0, m) => format!("{m}m{rest}{dot}{fraction}s"),
        (h, m) => format!("{h}h{m}m{rest}{dot}{fraction}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_go_prints_them() {
        let of = |ms| go_duration(Span(ms));
        assert_eq!(
            [of(829), of(5035), of(10_000), of(80_000), of(300_000)],
            ["829ms", "5.035s", "10s", "1m20s", "5m0s"]
        );
    }
}
