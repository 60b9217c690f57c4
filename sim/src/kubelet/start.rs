//! Starting a container: image, configuration, creation, start, postStart hook.
//!
//! Kubernetes 1.36: pkg/kubelet/kuberuntime/kuberuntime_container.go (startContainer)

use super::images::Image;
use super::pod_worker::Turn;
use super::{clockwork, env, restart_all, security};
use crate::api::pod::Container as Spec;
use crate::machine::agent::{Failure, StartStage, Task};
use crate::machine::process::Process;
use crate::machine::{Container, ContainerState, images};
use std::rc::Rc;

impl Turn<'_> {
    /// Goes on with the start of a container. Answers whether anything came of it.
    pub(super) fn step_start(&mut self, name: &Rc<str>, stage: StartStage) -> bool {
        let now = self.now();
        let hook = matches!(stage, StartStage::PostStart(_));
        if !hook && self.worker.until.is_some_and(|at| at > now) {
            return false;
        }
        let spec = self.spec.clone();
        let mut all = spec.all_containers().chain(&spec.ephemeral_containers);
        let Some(container) = all.find(|c| c.name == *name) else {
            self.next_task();
            return true;
        };
        match stage {
            StartStage::Begin => {
                if self.in_back_off(container) {
                    self.next_task();
                    return true;
                }
                let answer = self.find_mounted_images(container);
                self.go_on_with_image(container, answer);
            }
            StartStage::PullingMounted => {
                self.worker.until = None;
                let answer = self.pulled_mounted_image(container);
                self.go_on_with_image(container, answer);
            }
            StartStage::Pulling => {
                let full = images::full_name(&container.image).expect("checked before the pull");
                let took = images::pull_time(&full, self.machine.preloaded, self.cluster.dice);
                self.worker.until = None;
                match self.pulled(container, took) {
                    Image::Present => self.configure(container),
                    _ => self.next_task(),
                }
            }
            StartStage::Creating => self.create(container),
            StartStage::Starting => self.launch(container),
            StartStage::PostStart(_) => return self.step_post_start(container),
        }
        true
    }

    /// Looks for the container's own image, if those that it mounts are there.
    fn go_on_with_image(&mut self, container: &Spec, mounted: Image) {
        match mounted {
            Image::Present => match self.find_image(container) {
                Image::Present => self.configure(container),
                Image::Pulling => self.go_to(&container.name, StartStage::Pulling),
                Image::Refused => self.next_task(),
            },
            Image::Pulling => self.go_to(&container.name, StartStage::PullingMounted),
            Image::Refused => self.next_task(),
        }
    }

    pub(super) fn go_to(&mut self, name: &Rc<str>, stage: StartStage) {
        *self.worker.tasks.front_mut().expect("a start is under way") = Task::Start(name.clone(), stage);
    }

    /// Checks what the container is to be made of.
    fn configure(&mut self, container: &Spec) {
        let checked = security::check(&self.pod, &self.spec, container).and_then(|()| env::check(self, container));
        match checked {
            Ok(()) => {
                self.worker.until = Some(self.now() + clockwork::CREATE);
                self.go_to(&container.name, StartStage::Creating);
            }
            Err(why) => {
                self.warn(&container.name, "Failed", format!("Error: {why}"));
                self.trouble(&container.name, "CreateContainerConfigError", &why, Failure::Plain);
                self.next_task();
            }
        }
    }

    fn create(&mut self, container: &Spec) {
        let uid = self.uid();
        let n = self.serial();
        let id = self.cluster.dice.hex(64, &uid, &format!("container {n}"));
        let full = images::full_name(&container.image).expect("its image is there");
        let now = self.now();
        let old = self.container_status(&container.name);
        let removed = old.is_some_and(restart_all::was_removed);
        let status = old.map_or(0, |s| s.restart_count);
        let sandbox = self.sandbox_mut().expect("it runs");
        let attempt = match sandbox.newest(&container.name) {
            Some(old) => old.attempt + 1,
            // The dead one may have been lost with the machine: the API remembers the count.
            None if status > 0 => status as u32 + u32::from(!removed),
            None => 0,
        };
        sandbox.add(Container {
            name: container.name.clone(),
            id: id.into(),
            attempt,
            image: full,
            wanted_image: container.image.clone(),
            created: now,
            state: ContainerState::Created,
            process: Process::default(),
        });
        self.say(&container.name, "Created", "Container created");
        self.worker.until = Some(now + clockwork::START);
        self.go_to(&container.name, StartStage::Starting);
    }

    fn launch(&mut self, container: &Spec) {
        let now = self.now();
        let launch = self.launch_of(container);
        let sandbox = self.sandbox_mut().expect("it runs");
        let result = sandbox.start(&container.name, launch, now);
        self.changed(now);
        if let Err(why) = result {
            self.warn(&container.name, "Failed", format!("Error: {why}"));
            self.trouble(&container.name, "RunContainerError", &why, Failure::Plain);
            return self.next_task();
        }
        self.worker.acted = true;
        self.say(&container.name, "Started", "Container started");
        if let Some(trouble) = self.worker.troubles.get_mut(&container.name) {
            trouble.reason = "".into();
        }
        match container.lifecycle.as_ref().is_some_and(|l| l.post_start.is_some()) {
            true => self.begin_post_start(container),
            false => self.next_task(),
        }
    }
}
