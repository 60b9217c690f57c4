//! What of a model the layout asks again and again, however one looks at it: made once, as a large cluster is laid out with each
//! move of the camera.

use super::arrange;
use super::model::Model;
use super::shape::Tone;

#[derive(Clone, Debug, Default)]
pub struct Crowd {
    /// The Pods of every node, by creation.
    pub pods: Vec<Vec<usize>>,
    /// The gravest tone of a node's Pods that wants to be looked at: those that are broken before those that wait.
    pub worst: Vec<Option<Tone>>,
    /// The nodes by zone, then by name.
    pub order: Vec<usize>,
}

impl Crowd {
    pub fn of(model: &Model) -> Crowd {
        let count = model.nodes.len();
        let mut crowd = Crowd { pods: vec![Vec::new(); count], worst: vec![None; count], order: arrange::order(model) };
        for (i, pod) in model.pods.iter().enumerate() {
            let Some(node) = pod.node.filter(|&node| node < count) else { continue };
            crowd.pods[node].push(i);
            let worst = &mut crowd.worst[node];
            match pod.state.tone() {
                Tone::Broken => *worst = Some(Tone::Broken),
                Tone::Waiting if worst.is_none() => *worst = Some(Tone::Waiting),
                _ => {}
            }
        }
        crowd
    }
}
