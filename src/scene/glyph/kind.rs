//! Marks of kinds, 16 px: each shows what the kind does, not its initials.

use crate::scene::pen::Pen;
use crate::scene::shape::Tone;

/// Draws the mark of an API kind around a centre. A kind without one gets a plain document.
pub fn kind(pen: &mut Pen, kind: &str, x: f32, y: f32, k: f32, tone: Tone) {
    let mark = MARKS.iter().find(|(name, ..)| *name == kind);
    let (lines, bold, solid) = mark.map_or((DOCUMENT, "", ""), |&(_, lines, bold, solid)| (lines, bold, solid));
    pen.within(x, y, k, |pen| {
        if !lines.is_empty() {
            pen.path(0.0, 0.0, lines).line(tone, 1.35);
        }
        if !bold.is_empty() {
            pen.path(0.0, 0.0, bold).line(tone, 1.8);
        }
        if !solid.is_empty() {
            pen.path(0.0, 0.0, solid).fill(tone);
        }
    });
}

/// By kind: what is drawn in a fine line, in a bold one, and filled.
const MARKS: &[(&str, &str, &str, &str)] = &[
    (
        "Pod",
        "M-2.6 -5 H2.6 a3.4 3.4 0 0 1 3.4 3.4 V1.6 a3.4 3.4 0 0 1 -3.4 3.4 H-2.6 a3.4 3.4 0 0 1 -3.4 -3.4 V-1.6 a3.4 3.4 0 0 1 3.4 -3.4 Z M-2 -2 h4 v4 h-4 Z",
        "",
        "",
    ),
    (
        "Deployment",
        "M-6.4 -2.6 A6.6 6.6 0 0 1 5 -4.6 M5.6 -7 L5.2 -4.3 L2.6 -4.8 M6.4 2.6 A6.6 6.6 0 0 1 -5 4.6 M-5.6 7 L-5.2 4.3 L-2.6 4.8 M-2.3 -2.3 h4.6 v4.6 h-4.6 Z",
        "",
        "",
    ),
    (
        "ReplicaSet",
        "M-5.9 -5.9 h5 v5 h-5 Z M.9 -5.9 h5 v5 h-5 Z M-5.9 .9 h5 v5 h-5 Z M.9 .9 h1.6 M4.2 .9 h1.7 v1.5 M5.9 4.3 v1.6 h-1.6 M2.6 5.9 h-1.7 v-1.6",
        "",
        "",
    ),
    ("ReplicationController", "M-5.9 -2.5 h5 v5 h-5 Z M1.1 -2.5 h5 v5 h-5 Z M-6.4 6 H6.4", "", ""),
    (
        "StatefulSet",
        "M-6.4 -.2 h3.6 v3.6 h-3.6 Z M-1.8 -.2 h3.6 v3.6 h-3.6 Z M2.8 -.2 h3.6 v3.6 h-3.6 Z M-5.4 -3.6 L-4.4 -4.8 V-2.2 M-1 -4.4 C1.2 -5.6 1.6 -3.6 -.8 -2.2 H1.2 M3.8 -4.7 H5.6 L4.5 -3.7 C6.2 -3.4 5.6 -1.8 3.8 -2.4",
        "",
        "",
    ),
    (
        "DaemonSet",
        "M-6.6 5.2 V-1 M6.6 5.2 V-1 M0 5.2 V-1 M-6.6 5.2 H6.6 M-6.6 -4.6 H6.6",
        "",
        "M-5 2 a1.7 1.7 0 1 0 3.4 0 a1.7 1.7 0 1 0 -3.4 0 Z M1.6 2 a1.7 1.7 0 1 0 3.4 0 a1.7 1.7 0 1 0 -3.4 0 Z",
    ),
    ("Job", "M-6.4 0 H3 M.4 -2.8 L3.2 0 L.4 2.8", "M6.2 -5 V5", ""),
    (
        "CronJob",
        "M-6.2 0 a6.2 6.2 0 1 0 12.4 0 a6.2 6.2 0 1 0 -12.4 0 Z M0 -3.6 V0 L2.6 1.8 M-6.8 -5.4 L-4.8 -7 M6.8 -5.4 L4.8 -7",
        "",
        "",
    ),
    ("Service", "M-7 -3.6 H7 M-4 -3.6 V5.4 M0 -3.6 V5.4 M4 -3.6 V5.4", "", ""),
    ("Ingress", "M-6.4 6 V-1 A6.4 6.4 0 0 1 6.4 -1 V6 M0 6 V-1.4 M-2.2 .6 L0 -1.6 L2.2 .6", "", ""),
    (
        "LoadBalancer",
        "M-7 0 H-3 M1.4 0 H6.6 M-.6 -1.8 L5 -5.2 M-.6 1.8 L5 5.2 M-3 0 a2.2 2.2 0 1 0 4.4 0 a2.2 2.2 0 1 0 -4.4 0 Z",
        "",
        "",
    ),
    (
        "NodePort",
        "M-3.4 -5.8 H3.4 a2.4 2.4 0 0 1 2.4 2.4 V3.4 a2.4 2.4 0 0 1 -2.4 2.4 H-3.4 a2.4 2.4 0 0 1 -2.4 -2.4 V-3.4 a2.4 2.4 0 0 1 2.4 -2.4 Z M-8 0 H1.4 M-1 -2.4 L1.4 0 L-1 2.4",
        "",
        "",
    ),
    ("ExternalName", "M-6.4 0 H4.6 M1.6 -3 L4.8 0 L1.6 3 M-6.4 -4.6 V4.6", "", ""),
    (
        "NetworkPolicy",
        "M0 -6.4 L5.8 -4.2 V0 C5.8 3.6 3.2 5.6 0 6.8 C-3.2 5.6 -5.8 3.6 -5.8 0 V-4.2 Z M-2.4 0 H2.4",
        "",
        "",
    ),
    ("ConfigMap", "M-4.6 -6.2 H1.8 L4.8 -3.2 V6.2 H-4.6 Z M-2 -1.4 H2.2 M-2 1.4 H2.2 M-2 4 H.6", "", ""),
    ("Secret", "M-6.4 0 a3.2 3.2 0 1 0 6.4 0 a3.2 3.2 0 1 0 -6.4 0 Z M0 0 H7 V3.2 M4.2 0 V2.4", "", ""),
    (
        "PersistentVolume",
        "M-5.6 -4 V4 C-5.6 6.8 5.6 6.8 5.6 4 V-4 A5.6 2.4 0 0 0 -5.6 -4 A5.6 2.4 0 0 0 5.6 -4",
        "",
        "",
    ),
    (
        "PersistentVolumeClaim",
        "M-5 -1.4 H5 V5.8 H-5 Z M-2.2 -1.4 V-6 M2.2 -1.4 V-6",
        "",
        "M-1.2 2.2 a1.2 1.2 0 1 0 2.4 0 a1.2 1.2 0 1 0 -2.4 0 Z",
    ),
    (
        "StorageClass",
        "M-6 4.8 H6 M-6 0 H6 M-6 -4.8 H6",
        "",
        "M-5.3 4.8 a1.7 1.7 0 1 0 3.4 0 a1.7 1.7 0 1 0 -3.4 0 Z M.7 0 a1.7 1.7 0 1 0 3.4 0 a1.7 1.7 0 1 0 -3.4 0 Z M-2.3 -4.8 a1.7 1.7 0 1 0 3.4 0 a1.7 1.7 0 1 0 -3.4 0 Z",
    ),
    (
        "Namespace",
        "M-6.4 -2.6 V-3 a2.6 2.6 0 0 1 2.6 -2.6 M-1.6 -5.6 H1.6 M3.8 -5.6 a2.6 2.6 0 0 1 2.6 2.6 M6.4 -1.2 V1.2 M6.4 3 a2.6 2.6 0 0 1 -2.6 2.6 M1.6 5.6 H-1.6 M-3.8 5.6 a2.6 2.6 0 0 1 -2.6 -2.6 M-6.4 1.2 V-1.2",
        "",
        "",
    ),
    (
        "ResourceQuota",
        "M-6 4 A6.6 6.6 0 1 1 6 4",
        "M0 2.4 L3.4 -2.2",
        "M-1.4 2.4 a1.4 1.4 0 1 0 2.8 0 a1.4 1.4 0 1 0 -2.8 0 Z",
    ),
    ("LimitRange", "M-6 -5 V5 M6 -5 V5 M-3.4 0 H3.4 M-1.6 -1.8 L-3.6 0 L-1.6 1.8 M1.6 -1.8 L3.6 0 L1.6 1.8", "", ""),
    (
        "HorizontalPodAutoscaler",
        "M-4 -2.4 L-6.6 0 L-4 2.4 M4 -2.4 L6.6 0 L4 2.4 M-2.4 -4 L0 -6.6 L2.4 -4 M-2.4 4 L0 6.6 L2.4 4",
        "",
        "M-1.8 -1.8 h3.6 v3.6 h-3.6 Z",
    ),
    ("PodDisruptionBudget", "M-2.5 -5.1 h5 v5 h-5 Z M-6.4 1.6 C-6.4 6.6 6.4 6.6 6.4 1.6", "", ""),
    ("PriorityClass", "", "M-5 5.4 V1.6 M0 5.4 V-1.6 M5 5.4 V-5.4", ""),
    ("Node", "M-6 -5.6 V3 A3 3 0 0 0 -3 6 H3 A3 3 0 0 0 6 3 V-5.6 M-6 -.4 C-4 -2 -2 1 0 -.4 C2 -1.8 4 1 6 -.4", "", ""),
];

const DOCUMENT: &str = "M-4.6 -6.2 H1.8 L4.8 -3.2 V6.2 H-4.6 Z";
