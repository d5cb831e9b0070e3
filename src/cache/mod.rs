//! What a run found out, kept for the next one in the user's cache folder.
//!
//! An entry answers one question: what comes of a command in a project. It holds all that the run has read, by digest, and
//! what it made of it: findings, and the digest of each tree's list of files. It holds only as long as everything
//! that was read is the same, byte for byte; times of files mean nothing. Trees are not kept: one that stands where it
//! belongs is known by its digests, and any other is made again. So with a cache and without, a run gives the same.
//!
//! Nothing in it is trusted: [`store`] takes no entry of another user, and one that is damaged is as if it were not there.

mod findings;
mod noted;
mod part;
mod run;
mod store;
mod within;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::tree::manifest::push_hex;

pub use findings::Texts;
pub use part::{Part, Parts};
pub use run::{Asked, Carried, Known, Run, check};
pub use store::{Size, Store};
pub use within::{Entries, Within};

/// Changes whenever an entry's form does. Another build has other entries anyway.
const FORM: u32 = 3;

/// Names the entry that answers a question, for this build of platc only.
pub fn key(question: &impl Serialize) -> String {
    let text = serde_json::to_vec(&(FORM, env!("PLATC_BUILD_ID"), question)).unwrap_or_default();
    hex(&Sha256::digest(text))
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    push_hex(&mut text, bytes);
    text
}
