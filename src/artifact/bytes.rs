//! [`Bytes`]: what a file holds, and its digest.

use std::ops::Deref;
use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};

/// Bytes that do not change any more. Several want to know their digest; it is worked out once.
#[derive(Clone, Debug, Default)]
pub struct Bytes {
    bytes: Vec<u8>,
    digest: OnceLock<[u8; 32]>,
}

impl Bytes {
    /// SHA-256 of them.
    pub fn digest(&self) -> &[u8; 32] {
        self.digest.get_or_init(|| Sha256::digest(&self.bytes).into())
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, digest: OnceLock::new() }
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Bytes {}
