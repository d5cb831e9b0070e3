//! The platform that platc ships, rendered by the real binary: each test asserts one fact of the platform's
//! description on the trees, and is named after the fact's id.

#![allow(clippy::disallowed_methods, reason = "tests read real files")]
#![allow(clippy::unwrap_used, reason = "a fact that is not where it should be fails its test")]
#![allow(clippy::doc_markdown, reason = "CloudFormation is a name")]
#![allow(clippy::case_sensitive_file_extension_comparisons, reason = "platc writes lower-case names")]

mod capacity;
mod cluster;
mod components;
mod conformance;
mod core;
mod facts;
mod flags;
mod flux;
mod foundation;
mod gitops;
mod golden;
mod network;
mod networking;
mod networking_flags;
mod nodes;
mod observability;
mod operations;
mod pipelines;
mod policies;
mod security;
mod security_addons;
mod security_flags;
mod settings;
mod storage;
mod tree;
mod workloads;

use tree::{Tree, trees};

/// A fact that differs between environments: what it is in dev, staging and prod.
fn per_environment<T: PartialEq + std::fmt::Debug>(expected: [T; 3], found: impl Fn(&Tree) -> T) {
    for (tree, expected) in trees().iter().zip(expected) {
        assert_eq!(found(tree), expected, "in {}", tree.environment);
    }
}

/// A fact that holds everywhere.
fn everywhere(check: impl Fn(&Tree)) {
    for tree in trees() {
        check(tree);
    }
}
